/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-quantum.h"

#define SECONDS(s) ((gint64) (s) * G_USEC_PER_SEC)

void
tutti_quantum_init (TuttiQuantum *self, guint wanted, gint64 now)
{
  *self = (TuttiQuantum) {
    .wanted = wanted,
    .asked = wanted,
    .clean_us = SECONDS (TUTTI_QUANTUM_CLEAN_S),
  };
  tutti_quantum_settle (self, now);
}

void
tutti_quantum_settle (TuttiQuantum *self, gint64 now)
{
  self->settled_us = now + SECONDS (TUTTI_QUANTUM_SETTLE_S);
  self->n_recent = 0;
  self->last_us = now;
}

static void
note_loss (TuttiQuantum *self, gint64 now)
{
  if (self->n_recent == TUTTI_QUANTUM_XRUNS) {
    for (guint i = 1; i < self->n_recent; i++)
      self->recent[i - 1] = self->recent[i];
    self->n_recent--;
  }
  self->recent[self->n_recent++] = now;
  self->last_us = now;
}

static gboolean
is_too_much (const TuttiQuantum *self, gint64 now)
{
  return self->n_recent == TUTTI_QUANTUM_XRUNS &&
         now - self->recent[0] <= SECONDS (TUTTI_QUANTUM_WINDOW_S);
}

static void
raise_asked (TuttiQuantum *self, gint64 now)
{
  /* Going back was too early. */
  if (self->lowered_us != 0 && now - self->lowered_us < self->clean_us)
    self->clean_us = MIN (2 * self->clean_us, SECONDS (TUTTI_QUANTUM_CLEAN_MAX_S));
  self->lowered_us = 0;
  self->lost = self->n_recent;
  self->lost_us = now - self->recent[0];
  self->asked = MIN (2 * self->asked, TUTTI_QUANTUM_RAISED_MAX);
  tutti_quantum_settle (self, now);
}

gboolean
tutti_quantum_update (TuttiQuantum *self, guint lost, gint64 now)
{
  if (now < self->settled_us)
    return FALSE;

  for (guint i = 0; i < MIN (lost, TUTTI_QUANTUM_XRUNS); i++)
    note_loss (self, now);

  if (lost > 0 && self->asked < TUTTI_QUANTUM_RAISED_MAX && is_too_much (self, now)) {
    raise_asked (self, now);
    return TRUE;
  }
  if (self->asked > self->wanted && now - self->last_us >= self->clean_us) {
    self->asked = MAX (self->asked / 2, self->wanted);
    tutti_quantum_settle (self, now);
    self->lowered_us = now;
    return TRUE;
  }

  return FALSE;
}
