/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-frame-store.h"

#include <string.h>

#define MASK (TUTTI_FRAME_STORE_SLOTS - 1)

void
tutti_frame_store_init (TuttiFrameStore *self)
{
  self->n_steps = 0;
  self->frames = g_new (TuttiFrame, TUTTI_FRAME_STORE_SLOTS);
  memset (self->frames, 0, TUTTI_FRAME_STORE_SLOTS * sizeof *self->frames);
  tutti_frame_store_empty (self);
}

void
tutti_frame_store_clear (TuttiFrameStore *self)
{
  g_clear_pointer (&self->frames, g_free);
}

void
tutti_frame_store_empty (TuttiFrameStore *self)
{
  self->first = 0;
  self->n_used = 0;
  for (guint i = 0; i < TUTTI_FRAME_STORE_SLOTS; i++)
    self->spare[i] = (guint16) i;
}

static TuttiFrame *
nth (const TuttiFrameStore *self, guint n)
{
  return &self->frames[self->order[(self->first + n) & MASK]];
}

/* Where a frame goes: behind all that are not later. */
static guint
find_place (TuttiFrameStore *self, gint64 timestamp)
{
  guint low = 0, high = self->n_used;

  /* Nearly always the newest. */
  if (high == 0 || nth (self, high - 1)->timestamp <= timestamp)
    return high;
  while (low < high) {
    guint middle = (low + high) / 2;

    self->n_steps++;
    if (nth (self, middle)->timestamp > timestamp)
      high = middle;
    else
      low = middle + 1;
  }
  return low;
}

/* Moves whatever is less. */
static void
open_place (TuttiFrameStore *self, guint at, guint16 slot)
{
  if (at < self->n_used / 2) {
    self->first = (self->first - 1) & MASK;
    for (guint i = 0; i < at; i++, self->n_steps++)
      self->order[(self->first + i) & MASK] = self->order[(self->first + i + 1) & MASK];
  } else {
    for (guint i = self->n_used; i > at; i--, self->n_steps++)
      self->order[(self->first + i) & MASK] = self->order[(self->first + i - 1) & MASK];
  }
  self->order[(self->first + at) & MASK] = slot;
  self->n_used++;
}

TuttiFrameResult
tutti_frame_store_insert (TuttiFrameStore *self, const TuttiFrame *frame, const guint8 *payload)
{
  guint at = find_place (self, frame->timestamp);
  guint16 slot;

  for (guint i = at; i > 0 && nth (self, i - 1)->timestamp == frame->timestamp; i--) {
    TuttiFrame *other = nth (self, i - 1);

    if (other->kind != frame->kind)
      continue;
    if (!other->is_copy || frame->is_copy)
      return TUTTI_FRAME_DUPLICATE;
    other->is_copy = FALSE;
    return TUTTI_FRAME_ORIGINAL;
  }
  if (self->n_used == TUTTI_FRAME_STORE_SLOTS || frame->size > TUTTI_FRAME_STORE_PAYLOAD)
    return TUTTI_FRAME_REFUSED;

  slot = self->spare[TUTTI_FRAME_STORE_SLOTS - 1 - self->n_used];
  open_place (self, at, slot);

  memcpy (&self->frames[slot], frame, G_STRUCT_OFFSET (TuttiFrame, payload));
  memcpy (self->frames[slot].payload, payload, frame->size);
  return at == self->n_used - 1 ? TUTTI_FRAME_STORED : TUTTI_FRAME_REORDERED;
}

const TuttiFrame *
tutti_frame_store_nth (const TuttiFrameStore *self, guint n)
{
  return n < self->n_used ? nth (self, n) : NULL;
}

void
tutti_frame_store_remove (TuttiFrameStore *self, guint n)
{
  guint16 slot = self->order[(self->first + n) & MASK];

  /* Nearly always the oldest. */
  for (guint i = n; i > 0; i--)
    self->order[(self->first + i) & MASK] = self->order[(self->first + i - 1) & MASK];
  self->n_used--;
  self->first = (self->first + 1) & MASK;
  self->spare[TUTTI_FRAME_STORE_SLOTS - 1 - self->n_used] = slot;
}
