/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-payload.h"

#include <string.h>

#define VERSION      1
#define MAX_DISTANCE 15

enum { KIND_RAW16, KIND_RAW24, KIND_TIGHT, KIND_OPUS };

static const guint frame_lengths[] = { 64, 128, 120, 240, 480, 960 };

static gboolean
is_short (guint frame_samples)
{
  return frame_samples == 64 || frame_samples == 128;
}

static gsize
raw_size (const TuttiPayload *self)
{
  return (gsize) self->frame_samples * self->channels * (self->bits / 8);
}

/* What header and sizes must be, whoever wrote them down. */
static gboolean
is_sound (const TuttiPayload *self)
{
  if ((self->wire == TUTTI_WIRE_OPUS) == is_short (self->frame_samples))
    return FALSE;
  if (self->channels < 1 || self->channels > TUTTI_MAX_CHANNELS)
    return FALSE;
  if (self->n_copies > TUTTI_PAYLOAD_MAX_COPIES ||
      (self->n_copies > 0 && (self->distance < 1 || self->distance > MAX_DISTANCE)))
    return FALSE;
  if (self->wire == TUTTI_WIRE_RAW)
    return (self->bits == 16 || self->bits == 24) && self->size == raw_size (self);
  return self->size > 0;
}

gboolean
tutti_payload_parse (TuttiPayload *self, const guint8 *data, gsize size)
{
  guint kind, frame;

  memset (self, 0, sizeof *self);
  if (data == NULL || size <= TUTTI_PAYLOAD_HEADER || data[0] >> 6 != VERSION)
    return FALSE;
  kind = (data[0] >> 3) & 7;
  frame = data[1] >> 4;
  if (kind > KIND_OPUS || frame >= G_N_ELEMENTS (frame_lengths))
    return FALSE;

  self->wire = kind == KIND_OPUS    ? TUTTI_WIRE_OPUS
               : kind == KIND_TIGHT ? TUTTI_WIRE_TIGHT
                                    : TUTTI_WIRE_RAW;
  self->bits = kind == KIND_RAW16 ? 16 : kind == KIND_RAW24 ? 24 : 0;
  self->channels = 1 + ((data[0] >> 2) & 1);
  self->n_copies = data[0] & 3;
  self->frame_samples = frame_lengths[frame];
  self->distance = data[1] & 15;
  self->size = (size - TUTTI_PAYLOAD_HEADER) / (1 + self->n_copies);
  if (!is_sound (self) || self->size * (1 + self->n_copies) != size - TUTTI_PAYLOAD_HEADER ||
      (self->n_copies == 0 && self->distance != 0))
    return FALSE;
  for (guint k = 0; k <= self->n_copies; k++)
    self->frames[k] = data + TUTTI_PAYLOAD_HEADER + k * self->size;
  return TRUE;
}

static gboolean
find_frame (guint frame_samples, guint *code)
{
  for (*code = 0; *code < G_N_ELEMENTS (frame_lengths); (*code)++)
    if (frame_lengths[*code] == frame_samples)
      return TRUE;
  return FALSE;
}

static guint
find_kind (const TuttiPayload *self)
{
  if (self->wire == TUTTI_WIRE_RAW)
    return self->bits == 24 ? KIND_RAW24 : KIND_RAW16;
  return self->wire == TUTTI_WIRE_TIGHT ? KIND_TIGHT : KIND_OPUS;
}

gsize
tutti_payload_write (const TuttiPayload *self, guint8 *data, gsize max_size)
{
  guint code;

  if (!find_frame (self->frame_samples, &code) || !is_sound (self))
    return 0;
  if (max_size < TUTTI_PAYLOAD_HEADER ||
      self->size > (max_size - TUTTI_PAYLOAD_HEADER) / (1 + self->n_copies))
    return 0;

  data[0] =
      (guint8) (VERSION << 6 | find_kind (self) << 3 | (self->channels - 1) << 2 | self->n_copies);
  data[1] = (guint8) (code << 4 | (self->n_copies > 0 ? self->distance : 0));
  for (guint k = 0; k <= self->n_copies; k++) {
    if (self->frames[k] == NULL)
      return 0;
    /* A frame may have been coded straight into its place. */
    memmove (data + TUTTI_PAYLOAD_HEADER + k * self->size, self->frames[k], self->size);
  }
  return TUTTI_PAYLOAD_HEADER + (1 + self->n_copies) * self->size;
}
