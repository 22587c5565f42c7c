/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-mixer.h"

#include <math.h>

#define MAX_DB 12.0f
/* The second part of a fade-in lasts so many times the first. */
#define SECOND_PART 4

float
tutti_db_to_gain (float db)
{
  if (!(db > TUTTI_SILENCE_DB))
    return 0;
  return powf (10.0f, MIN (db, MAX_DB) / 20.0f);
}

float
tutti_gain_to_db (float gain)
{
  float db;

  if (!(gain > 0))
    return TUTTI_SILENCE_DB;
  db = 20.0f * log10f (gain);
  return MAX (db, TUTTI_SILENCE_DB);
}

void
tutti_ramp_jump (TuttiRamp *self, float value)
{
  self->value = self->target = value;
  self->step = 0;
  self->left = 0;
}

void
tutti_ramp_set (TuttiRamp *self, float target)
{
  if (target == self->target)
    return;
  self->target = target;
  self->step = (target - self->value) / TUTTI_RAMP_SAMPLES;
  self->left = TUTTI_RAMP_SAMPLES;
}

void
tutti_ramp_apply (TuttiRamp *self, float *samples, guint n_samples)
{
  guint i = 0;

  for (; i < n_samples && self->left > 0; i++)
    samples[i] *= tutti_ramp_next (self);
  if (self->value == 1.0f)
    return;
  for (; i < n_samples; i++)
    samples[i] *= self->value;
}

void
tutti_fader_init (TuttiFader *self, guint fade_samples)
{
  tutti_ramp_jump (&self->left, 1);
  tutti_ramp_jump (&self->right, 1);
  self->fade_samples = fade_samples;
  self->fade_done = 0;
}

void
tutti_fader_set (TuttiFader *self, float gain, float pan)
{
  float angle = (CLAMP (pan, -1.0f, 1.0f) + 1.0f) * (float) G_PI_4;
  float left = gain * (float) G_SQRT2 * cosf (angle);
  float right = gain * (float) G_SQRT2 * sinf (angle);

  /* Rounding must not keep a ramp running for ever, nor leave −150 dB of the other side. */
  tutti_ramp_set (&self->left, left < 1e-6f ? 0 : left);
  tutti_ramp_set (&self->right, right < 1e-6f ? 0 : right);
}

gboolean
tutti_fader_is_silent (const TuttiFader *self)
{
  return self->left.left == 0 && self->right.left == 0 && self->left.value == 0 &&
         self->right.value == 0;
}

static inline gboolean
is_fading (const TuttiFader *self)
{
  return self->fade_done < (1 + SECOND_PART) * self->fade_samples;
}

/* Squared: the ear hears an even rise. */
static inline float
fade_next (TuttiFader *self)
{
  float x;

  if (!is_fading (self))
    return 1;
  x = (float) ++self->fade_done / (float) self->fade_samples;
  return x < 1 ? 0.5f * x * x : 0.5f + 0.5f * (x - 1) / SECOND_PART;
}

void
tutti_fader_mix (TuttiFader *self,
                 const float *left,
                 const float *right,
                 float *mix_left,
                 float *mix_right,
                 guint n_samples)
{
  guint i = 0;
  float gain_left, gain_right;

  for (; i < n_samples && (self->left.left > 0 || self->right.left > 0 || is_fading (self)); i++) {
    float fade = fade_next (self);

    mix_left[i] += left[i] * tutti_ramp_next (&self->left) * fade;
    mix_right[i] += right[i] * tutti_ramp_next (&self->right) * fade;
  }
  gain_left = self->left.value;
  gain_right = self->right.value;
  for (; i < n_samples; i++) {
    mix_left[i] += left[i] * gain_left;
    mix_right[i] += right[i] * gain_right;
  }
}
