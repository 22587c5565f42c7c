/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_LOSS_LEDGER_SIZE   512
#define TUTTI_LOSS_LEDGER_PAUSES 16

/**
 * TuttiLossLedger:
 *
 * Which samples were due and not there, so that a frame that comes after all counts as late, one
 * that never comes (within a second) as lost, and what was never sent (the sender paused) as
 * neither. Spans of samples and not frames: a pause is no whole number of frames, and after it all
 * frames begin elsewhere. Timestamps are extended ones, in samples.
 */
typedef struct {
  struct {
    gint64 from;
    gint64 to; /* = from: settled */
    guint frame;
  } spans[TUTTI_LOSS_LEDGER_SIZE];
  guint32 head;
  guint32 tail;
  gint64 end; /* no span reaches further */
  struct {
    gint64 from;
    gint64 to;
  } pauses[TUTTI_LOSS_LEDGER_PAUSES];
  guint n_pauses;  /* ever */
  guint64 n_steps; /* of searching: what a flood costs */
} TuttiLossLedger;

void tutti_loss_ledger_reset (TuttiLossLedger *self);
/* Samples from @from up to @to were due and not there, in frames of @frame (≥ 1). Returns frames
 * given up as lost. */
guint tutti_loss_ledger_missing (TuttiLossLedger *self, gint64 from, gint64 to, guint frame);
/* TRUE when something of the frame from @from up to @to had been missed (and no more is): it is
 * late. */
gboolean tutti_loss_ledger_arrived (TuttiLossLedger *self, gint64 from, gint64 to);
/* Whether the sample at @timestamp is missing. */
gboolean tutti_loss_ledger_is_missing (TuttiLossLedger *self, gint64 timestamp);
/* Nothing was sent from @from up to @to, where the frame begins that has just come. */
void tutti_loss_ledger_pause (TuttiLossLedger *self, gint64 from, gint64 to);
/* Frames that are now given up, as @newest came. */
guint tutti_loss_ledger_expire (TuttiLossLedger *self, gint64 newest);

G_END_DECLS
