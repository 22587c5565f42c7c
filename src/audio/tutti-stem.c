/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stem.h"

#include <string.h>

#define FRAME (2 * sizeof (float))
#define PART  64 /* frames that are interleaved at a time */
/* Twice the longest quantum: a reader that is driven by another clock is a quantum off at most. */
#define MAX_BEHIND (2 * TUTTI_MAX_QUANTUM)
#define FRAMES     (4 * TUTTI_MAX_QUANTUM)

void
tutti_stem_set (TuttiStem *self, gboolean enabled)
{
  guint32 round = atomic_load_explicit (&self->round, memory_order_relaxed);

  if ((round & 1) == !!enabled)
    return;
  if (!self->made)
    tutti_ring_init (&self->ring, FRAMES * FRAME);
  self->made = TRUE;
  atomic_store_explicit (&self->round, round + 1, memory_order_release);
}

void
tutti_stem_clear (TuttiStem *self)
{
  if (self->made)
    tutti_ring_clear (&self->ring);
  self->made = FALSE;
}

void
tutti_stem_write (TuttiStem *self, const float *left, const float *right, guint n_samples)
{
  float part[2 * PART];

  if ((atomic_load_explicit (&self->round, memory_order_acquire) & 1) == 0)
    return;
  for (guint done = 0; done < n_samples;) {
    guint n = MIN (n_samples - done, PART);

    for (guint i = 0; i < n; i++) {
      part[2 * i] = left != NULL ? left[done + i] : 0;
      part[2 * i + 1] = left != NULL ? right[done + i] : 0;
    }
    tutti_ring_write (&self->ring, part, n * FRAME);
    done += n;
  }
}

static void
read_part (TuttiStem *self, float *const *planes, guint offset, guint n_samples)
{
  float part[2 * PART];

  if (!tutti_ring_read (&self->ring, part, n_samples * FRAME))
    memset (part, 0, n_samples * FRAME);
  for (guint i = 0; i < n_samples; i++) {
    planes[0][offset + i] = part[2 * i];
    planes[1][offset + i] = part[2 * i + 1];
  }
}

gboolean
tutti_stem_read (TuttiStem *self, float *const *planes, guint n_samples)
{
  guint32 round = atomic_load_explicit (&self->round, memory_order_acquire);
  gsize filled;

  if ((round & 1) == 0)
    return FALSE;
  filled = tutti_ring_read_space (&self->ring);
  if (round != self->seen)
    tutti_ring_read (&self->ring, NULL, filled);
  else if (filled > (n_samples + MAX_BEHIND) * FRAME)
    tutti_ring_read (&self->ring, NULL, filled - n_samples * FRAME);
  self->seen = round;

  filled = tutti_ring_read_space (&self->ring) / FRAME;
  for (guint done = 0; done < n_samples;) {
    guint here = (guint) MIN (filled, n_samples - done);
    guint n = MIN (here > 0 ? here : n_samples - done, PART);

    read_part (self, planes, done, n);
    filled -= MIN (filled, n);
    done += n;
  }
  return TRUE;
}
