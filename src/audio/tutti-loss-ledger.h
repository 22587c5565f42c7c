/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_LOSS_LEDGER_SIZE 512

/**
 * TuttiLossLedger:
 *
 * Which frames were concealed, so that one that comes after all counts as late, one that never
 * comes (within a second) as lost, and one that was never sent (the sender paused) as neither.
 */
typedef struct {
  struct {
    gint64 from;
    gint64 to;
    guint n_frames;
    gboolean settled;
  } entries[TUTTI_LOSS_LEDGER_SIZE];
  guint32 head;
  guint32 tail;
  gint64 pause_from;
  gint64 pause_to;
  guint64 n_steps; /* of searching: what a flood costs */
} TuttiLossLedger;

void tutti_loss_ledger_reset (TuttiLossLedger *self);
/* Samples from @from up to @to were due and not there: @n_frames (≥ 1) frames. Returns frames given
 * up as lost. */
guint tutti_loss_ledger_missing (TuttiLossLedger *self, gint64 from, gint64 to, guint n_frames);
/* TRUE when the frame at @timestamp had been missed (and is now settled): it is late. */
gboolean tutti_loss_ledger_arrived (TuttiLossLedger *self, gint64 timestamp);
/* The same without settling it. */
gboolean tutti_loss_ledger_is_missing (TuttiLossLedger *self, gint64 timestamp);
/* Nothing was sent from @from up to @to, where the frame begins that has just come; @due is the
 * sample that is played next. */
void tutti_loss_ledger_pause (TuttiLossLedger *self, gint64 from, gint64 to, gint64 due);
/* Frames that are now given up, as @newest came. */
guint tutti_loss_ledger_expire (TuttiLossLedger *self, gint64 newest);

G_END_DECLS
