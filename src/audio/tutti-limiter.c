/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-limiter.h"

#include <math.h>

#define HOLD_SAMPLES 240
/* 1 − exp (−1 / (0.12 s · 48000 Hz)) */
#define RELEASE 0.000173596f

void
tutti_limiter_init (TuttiLimiter *self)
{
  self->gain = self->least = 1;
  self->hold = 0;
}

void
tutti_limiter_process (TuttiLimiter *self, float *left, float *right, guint n_samples)
{
  float gain = self->gain;

  for (guint i = 0; i < n_samples; i++) {
    float peak;

    /* A broken stream may hold NaN or infinity: that must not reach an ear nor stay in gain. */
    if (!isfinite (left[i]))
      left[i] = 0;
    if (!isfinite (right[i]))
      right[i] = 0;
    peak = fmaxf (fabsf (left[i]), fabsf (right[i]));
    if (peak * gain > TUTTI_LIMITER_CEILING) {
      gain = TUTTI_LIMITER_CEILING / peak;
      self->hold = HOLD_SAMPLES;
      self->least = fminf (self->least, gain);
    } else if (self->hold > 0) {
      self->hold--;
    } else if (gain < 1) {
      gain += (1 - gain) * RELEASE;
      if (gain > 0.99999f)
        gain = 1;
      /* The step up itself may pass the ceiling. */
      if (peak * gain > TUTTI_LIMITER_CEILING)
        gain = TUTTI_LIMITER_CEILING / peak;
    }
    /* Rounding of gain · peak may exceed the ceiling by one unit in the last place. */
    left[i] = fminf (fmaxf (left[i] * gain, -TUTTI_LIMITER_CEILING), TUTTI_LIMITER_CEILING);
    right[i] = fminf (fmaxf (right[i] * gain, -TUTTI_LIMITER_CEILING), TUTTI_LIMITER_CEILING);
  }
  self->gain = gain;
}

float
tutti_limiter_take_reduction (TuttiLimiter *self)
{
  float least = fminf (self->least, self->gain);

  self->least = self->gain;
  return least;
}
