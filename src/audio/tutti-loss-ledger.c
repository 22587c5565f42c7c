/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-loss-ledger.h"

#include <string.h>

#include "tutti-audio-types.h"

#define MASK (TUTTI_LOSS_LEDGER_SIZE - 1)

void
tutti_loss_ledger_reset (TuttiLossLedger *self)
{
  guint64 n_steps = self->n_steps;

  memset (self, 0, sizeof *self);
  self->n_steps = n_steps;
}

static guint
drop_oldest (TuttiLossLedger *self)
{
  guint32 at = self->tail++ & MASK;

  return self->entries[at].settled ? 0 : self->entries[at].n_frames;
}

/* Of what was missing only the frames from @timestamp on. */
static void
begin_at (TuttiLossLedger *self, guint32 at, gint64 timestamp)
{
  gint64 frame = (self->entries[at].to - self->entries[at].from) / self->entries[at].n_frames;

  self->entries[at].from = timestamp;
  self->entries[at].n_frames =
      (guint) MAX ((self->entries[at].to - timestamp + frame / 2) / MAX (frame, 1), 1);
}

guint
tutti_loss_ledger_missing (TuttiLossLedger *self, gint64 from, gint64 to, guint n_frames)
{
  gint64 frame = (to - from) / n_frames;
  guint lost = 0;
  guint32 at;

  if (from >= self->pause_from && from < self->pause_to) {
    if (to < self->pause_to + frame)
      return 0;
    from = self->pause_to;
    n_frames = (guint) ((to - from + frame / 2) / frame);
  }
  if (self->head - self->tail == TUTTI_LOSS_LEDGER_SIZE)
    lost = drop_oldest (self);
  at = self->head++ & MASK;
  self->entries[at].from = from;
  self->entries[at].to = to;
  self->entries[at].n_frames = n_frames;
  self->entries[at].settled = FALSE;
  return lost;
}

gboolean
tutti_loss_ledger_arrived (TuttiLossLedger *self, gint64 timestamp)
{
  for (guint32 i = self->head; i != self->tail; i--) {
    guint32 at = (i - 1) & MASK;

    self->n_steps++;
    if (timestamp < self->entries[at].from || timestamp >= self->entries[at].to)
      continue;
    if (self->entries[at].settled)
      return FALSE;
    if (self->entries[at].n_frames > 1)
      self->entries[at].n_frames--;
    else
      self->entries[at].settled = TRUE;
    return TRUE;
  }
  return FALSE;
}

gboolean
tutti_loss_ledger_is_missing (TuttiLossLedger *self, gint64 timestamp)
{
  for (guint32 i = self->head; i != self->tail; i--) {
    guint32 at = (i - 1) & MASK;

    self->n_steps++;
    if (timestamp >= self->entries[at].from && timestamp < self->entries[at].to)
      return !self->entries[at].settled;
  }
  return FALSE;
}

void
tutti_loss_ledger_pause (TuttiLossLedger *self, gint64 from, gint64 to, gint64 due)
{
  self->pause_from = from;
  self->pause_to = to;
  self->n_steps += self->head - self->tail;
  for (guint32 i = self->tail; i != self->head; i++) {
    guint32 at = i & MASK;

    if (self->entries[at].from < from || self->entries[at].from >= to)
      continue;
    /* A pause is no whole number of frames: the last one that was missed reaches into the frame
     * that has just come, which may itself be late. */
    if (self->entries[at].to <= to || to >= due)
      self->entries[at].settled = TRUE;
    else
      begin_at (self, at, to);
  }
}

guint
tutti_loss_ledger_expire (TuttiLossLedger *self, gint64 newest)
{
  guint lost = 0;

  while (self->tail != self->head &&
         self->entries[self->tail & MASK].to < newest - TUTTI_SAMPLE_RATE)
    lost += drop_oldest (self);
  return lost;
}
