/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-frame-store.h"

#include <string.h>

#define MASK (TUTTI_FRAME_STORE_SLOTS - 1)

void
tutti_frame_store_init (TuttiFrameStore *self)
{
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

TuttiFrameResult
tutti_frame_store_insert (TuttiFrameStore *self,
                          gint64 timestamp,
                          guint duration,
                          const guint8 *payload,
                          gsize size)
{
  guint at = self->n_used;
  TuttiFrame *frame;
  guint16 slot;

  /* Nearly always the newest: searched from the end. */
  while (at > 0 && nth (self, at - 1)->timestamp > timestamp)
    at--;
  if (at > 0 && nth (self, at - 1)->timestamp == timestamp)
    return TUTTI_FRAME_DUPLICATE;
  if (self->n_used == TUTTI_FRAME_STORE_SLOTS || size > TUTTI_FRAME_STORE_PAYLOAD)
    return TUTTI_FRAME_REFUSED;

  slot = self->spare[TUTTI_FRAME_STORE_SLOTS - 1 - self->n_used];
  for (guint i = self->n_used; i > at; i--)
    self->order[(self->first + i) & MASK] = self->order[(self->first + i - 1) & MASK];
  self->order[(self->first + at) & MASK] = slot;
  self->n_used++;

  frame = &self->frames[slot];
  frame->timestamp = timestamp;
  frame->duration = (guint16) duration;
  frame->size = (guint16) size;
  memcpy (frame->payload, payload, size);
  return at == self->n_used - 1 ? TUTTI_FRAME_STORED : TUTTI_FRAME_REORDERED;
}

const TuttiFrame *
tutti_frame_store_head (const TuttiFrameStore *self)
{
  return self->n_used > 0 ? nth (self, 0) : NULL;
}

void
tutti_frame_store_pop (TuttiFrameStore *self)
{
  guint16 slot = self->order[self->first];

  self->n_used--;
  self->first = (self->first + 1) & MASK;
  self->spare[TUTTI_FRAME_STORE_SLOTS - 1 - self->n_used] = slot;
}
