/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-gate.h"

#define FADE    480 /* 10 ms */
#define STUMBLE 48  /* 1 ms */
#define DIE     240 /* 5 ms */

/* The device is there: towards which gain, and how quickly. */
static void
aim (TuttiGate *self, gboolean open)
{
  guint samples = open && self->gain == 0 && self->away > 0 && self->away <= FADE ? STUMBLE : FADE;

  if (!open)
    self->step = self->gain > 0 ? -1.0f / FADE : 0;
  else if (self->gain >= 1)
    self->step = 0;
  else if (self->step <= 0)
    self->step = 1.0f / (float) samples;
  self->away = 0;
}

static float
next_gain (TuttiGate *self)
{
  self->gain = CLAMP (self->gain + self->step, 0.0f, 1.0f);
  return self->gain;
}

static void
fade (TuttiGate *self, const float *from, float *to, guint n)
{
  for (guint i = 0; i < n; i++)
    to[i] = from[i] * next_gain (self);
}

/* The device is away. */
static void
lose (TuttiGate *self, guint n)
{
  self->away = MIN (self->away, G_MAXUINT / 2) + n;
  self->gain = self->step = 0;
}

static void
begin_to_die (TuttiGate *self, guint samples)
{
  self->left = samples;
  self->fall = self->tail / (float) samples;
}

static float
next_tail (TuttiGate *self)
{
  if (self->left == 0)
    return 0;
  self->tail = --self->left > 0 ? self->tail - self->fall : 0;
  return self->tail;
}

static const float *
die_away (TuttiGate *self, float *room, guint n)
{
  if (self->left == 0) {
    if (self->last == 0)
      return NULL;
    self->tail = self->last;
    begin_to_die (self, DIE);
  }
  for (guint i = 0; i < n; i++)
    room[i] = next_tail (self);
  self->last = room[n - 1];
  return room;
}

const float *
tutti_gate_take (TuttiGate *self, const float *in, gboolean open, float *room, guint n)
{
  if (in == NULL) {
    lose (self, n);
    return die_away (self, room, n);
  }

  /* Back already: the one passes into the other. */
  if (self->away > 0 && self->left > STUMBLE)
    begin_to_die (self, STUMBLE);
  aim (self, open);
  if (self->gain == 1 && self->step == 0) {
    self->last = in[n - 1];
    return in;
  }
  if (self->gain == 0 && self->step == 0 && self->left == 0) {
    self->last = 0;
    return NULL;
  }
  fade (self, in, room, n);
  for (guint i = 0; i < n && self->left > 0; i++)
    room[i] += next_tail (self);
  self->last = room[n - 1];
  return room;
}

void
tutti_gate_give (TuttiGate *self, const float *from, gboolean open, float *out, guint n)
{
  if (out == NULL) {
    lose (self, n);
    return;
  }

  aim (self, open);
  fade (self, from, out, n);
}

gboolean
tutti_gate_is_quiet (const TuttiGate *self)
{
  return self->gain == 0 && self->left == 0;
}
