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
  gint64 frame = self->spans[at].frame;

  return (guint) ((self->spans[at].to - self->spans[at].from + frame / 2) / frame);
}

static guint
add (TuttiLossLedger *self, gint64 from, gint64 to, guint frame)
{
  guint32 newest = (self->head - 1) & MASK;
  guint lost = 0;
  guint32 at;

  self->end = MAX (self->end, to);
  if (self->head != self->tail && self->spans[newest].to == from &&
      self->spans[newest].from < from && self->spans[newest].frame == frame) {
    self->spans[newest].to = to;
    return 0;
  }
  if (self->head - self->tail == TUTTI_LOSS_LEDGER_SIZE)
    lost = drop_oldest (self);
  at = self->head++ & MASK;
  self->spans[at].from = from;
  self->spans[at].to = to;
  self->spans[at].frame = frame;
  return lost;
}

/* Nothing from @from up to @to is missing. Returns how many samples of it were. */
static gint64
settle (TuttiLossLedger *self, gint64 from, gint64 to)
{
  gint64 settled = 0;

  if (from >= self->end)
    return 0;
  /* What is split off is added at the head, and cut already. */
  for (guint32 i = self->tail, head = self->head; i != head; i++) {
    guint32 at = i & MASK;
    gint64 first = MAX (from, self->spans[at].from);
    gint64 last = MIN (to, self->spans[at].to);
    gint64 rest = self->spans[at].to;

    self->n_steps++;
    if (first >= last)
      continue;
    settled += last - first;
    if (first == self->spans[at].from) {
      self->spans[at].from = last;
    } else {
      self->spans[at].to = first;
      /* Where there is no place for it, it is forgotten: that many holes are no pause. */
      if (last < rest && self->head - self->tail < TUTTI_LOSS_LEDGER_SIZE)
        add (self, last, rest, self->spans[at].frame);
    }
  }
  return settled;
}

guint
tutti_loss_ledger_missing (TuttiLossLedger *self, gint64 from, gint64 to, guint frame)
{
  guint lost = add (self, from, to, frame);

  for (guint i = 0; i < MIN (self->n_pauses, TUTTI_LOSS_LEDGER_PAUSES); i++)
    if (self->pauses[i].from < to && self->pauses[i].to > from)
      settle (self, self->pauses[i].from, self->pauses[i].to);
  return lost;
}

gboolean
tutti_loss_ledger_arrived (TuttiLossLedger *self, gint64 from, gint64 to)
{
  return settle (self, from, to) > 0;
}

gboolean
tutti_loss_ledger_is_missing (TuttiLossLedger *self, gint64 timestamp)
{
  if (timestamp >= self->end)
    return FALSE;
  for (guint32 i = self->head; i != self->tail; i--) {
    guint32 at = (i - 1) & MASK;

    self->n_steps++;
    if (timestamp >= self->spans[at].from && timestamp < self->spans[at].to)
      return TRUE;
  }
  return FALSE;
}

void
tutti_loss_ledger_pause (TuttiLossLedger *self, gint64 from, gint64 to)
{
  guint at = self->n_pauses++ % TUTTI_LOSS_LEDGER_PAUSES;

  self->pauses[at].from = from;
  self->pauses[at].to = to;
  settle (self, from, to);
}

guint
tutti_loss_ledger_expire (TuttiLossLedger *self, gint64 newest)
{
  guint lost = 0;

  while (self->tail != self->head && self->spans[self->tail & MASK].to < newest - TUTTI_SAMPLE_RATE)
    lost += drop_oldest (self);
  return lost;
}
