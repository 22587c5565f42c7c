/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-limiter.h"

#include <math.h>
#include <string.h>

#define TAPS TUTTI_LIMITER_TAPS
#define PAST (TAPS - 1)
#define N    TUTTI_LIMITER_BLOCK

#define HOLD_SAMPLES 240
/* 1 − exp (−1 / (0.12 s · 48000 Hz)) */
#define RELEASE 0.000173596f
/* What lies between samples is reached over so many of them: a step would be heard. */
#define APPROACH 8

/* Points a quarter, a half and three quarters of the way from one sample to the next. A sinc under
 * a Kaiser window (β = 5), each phase normalised to 1 at 0 Hz; written by main, read by all. */
static float phases[3][TAPS];
static float phases_sum;

/* Unlike fmaxf() these compile to one instruction; there is no NaN behind clean(). */
static inline float
higher (float a, float b)
{
  return a > b ? a : b;
}

static inline float
lower (float a, float b)
{
  return a < b ? a : b;
}

static double
bessel_i0 (double x)
{
  double sum = 1, term = 1;

  for (guint k = 1; k < 30; k++) {
    term *= (x / 2 / k) * (x / 2 / k);
    sum += term;
  }
  return sum;
}

static void
make_phases (void)
{
  for (guint p = 0; p < 3; p++) {
    double sum = 0, absolute = 0;

    for (guint k = 0; k < TAPS; k++) {
      /* Tap k stands k samples before the newest; the point lies between 6 and 5 before it. */
      double x = (double) k - (TAPS / 2 - (p + 1) / 4.0);
      double w = 2 * x / TAPS;
      double value = sin (G_PI * x) / (G_PI * x) * bessel_i0 (5 * sqrt (fmax (0, 1 - w * w)));

      phases[p][k] = (float) value;
      sum += value;
    }
    for (guint k = 0; k < TAPS; k++) {
      phases[p][k] = (float) (phases[p][k] / sum);
      absolute += fabsf (phases[p][k]);
    }
    phases_sum = higher (phases_sum, (float) absolute);
  }
}

void
tutti_limiter_init (TuttiLimiter *self)
{
  static gsize once;

  if (g_once_init_enter (&once)) {
    make_phases ();
    g_once_init_leave (&once, 1);
  }
  memset (self, 0, sizeof *self);
  self->gain = self->least = self->between = 1;
}

/* A broken stream may hold NaN or infinity: that must not reach an ear nor stay in gain. Returns
 * the highest sample. */
static float
clean (float *samples, guint n_samples)
{
  float peak = 0;

  for (guint i = 0; i < n_samples; i++) {
    float value = fabsf (samples[i]);

    if (!(value <= 1e30f))
      samples[i] = value = 0;
    peak = value > peak ? value : peak;
  }
  return peak;
}

/* The highest point between the samples up to each of @samples and the one before it, six samples
 * ago. Raises @peaks to it. */
static void
look_between (const float *past, const float *samples, guint n_samples, float *peaks)
{
  float window[PAST + N];

  memcpy (window, past, PAST * sizeof (float));
  memcpy (window + PAST, samples, n_samples * sizeof (float));
  memset (window + PAST + n_samples, 0, (N - n_samples) * sizeof (float));
  for (guint p = 0; p < 3; p++) {
    float sums[N] = { 0 };

    for (guint k = 0; k < TAPS; k++) {
      const float *from = window + PAST - k;
      float factor = phases[p][k];

      for (guint i = 0; i < N; i++)
        sums[i] += factor * from[i];
    }
    for (guint i = 0; i < N; i++)
      peaks[i] = higher (peaks[i], fabsf (sums[i]));
  }
}

static void
remember (float *past, const float *samples, guint n_samples)
{
  if (n_samples < PAST)
    memmove (past, past + n_samples, (PAST - n_samples) * sizeof (float));
  for (guint i = n_samples < PAST ? 0 : n_samples - PAST; i < n_samples; i++)
    past[PAST - n_samples + i] = samples[i];
}

/* One sample further; @between: the highest point seen between samples. */
static inline float
next_gain (TuttiLimiter *self, float gain, float peak, float between)
{
  if (between * self->between > TUTTI_LIMITER_CEILING) {
    self->between = TUTTI_LIMITER_CEILING / between;
    self->hold = HOLD_SAMPLES;
  }
  if (gain > self->between)
    gain = higher (self->between, gain - (1 - self->between) / APPROACH);
  if (peak * gain > TUTTI_LIMITER_CEILING) {
    gain = TUTTI_LIMITER_CEILING / peak;
    self->hold = HOLD_SAMPLES;
  } else if (self->hold > 0) {
    self->hold--;
  } else if (gain < 1 || self->between < 1) {
    self->between += (1 - self->between) * RELEASE;
    gain += (1 - gain) * RELEASE;
    if (gain > 0.99999f)
      gain = self->between = 1;
    /* The step up itself may pass the ceiling. */
    if (peak * gain > TUTTI_LIMITER_CEILING)
      gain = TUTTI_LIMITER_CEILING / peak;
  }
  return gain;
}

static void
process_block (TuttiLimiter *self, float *left, float *right, guint n_samples)
{
  float between[N] = { 0 };
  float gain = self->gain;
  float highest = higher (clean (left, n_samples), clean (right, n_samples));

  for (guint i = 0; i < PAST; i++)
    highest = higher (highest, higher (fabsf (self->past[0][i]), fabsf (self->past[1][i])));
  /* So low that no point between can be too high. */
  if (highest * phases_sum > TUTTI_LIMITER_CEILING) {
    look_between (self->past[0], left, n_samples, between);
    look_between (self->past[1], right, n_samples, between);
  }
  remember (self->past[0], left, n_samples);
  remember (self->past[1], right, n_samples);

  for (guint i = 0; i < n_samples; i++) {
    gain = next_gain (self, gain, higher (fabsf (left[i]), fabsf (right[i])), between[i]);
    self->least = lower (self->least, gain);
    /* Rounding of gain · peak may exceed the ceiling by one unit in the last place. */
    left[i] = lower (higher (left[i] * gain, -TUTTI_LIMITER_CEILING), TUTTI_LIMITER_CEILING);
    right[i] = lower (higher (right[i] * gain, -TUTTI_LIMITER_CEILING), TUTTI_LIMITER_CEILING);
  }
  self->gain = gain;
}

void
tutti_limiter_process (TuttiLimiter *self, float *left, float *right, guint n_samples)
{
  for (guint at = 0; at < n_samples; at += N)
    process_block (self, left + at, right + at, MIN (N, n_samples - at));
}

float
tutti_limiter_take_reduction (TuttiLimiter *self)
{
  float least = lower (self->least, self->gain);

  self->least = self->gain;
  return least;
}
