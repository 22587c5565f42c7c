/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-predictor.h"

#include <math.h>

#define FACTOR     8 /* 48 kHz to 6 kHz */
#define TAPS       8 /* of the low part's samples that make one at 48 kHz */
#define HALF       (FACTOR * TAPS / 2)
#define CUTOFF     2200.0 /* Hz; half way down the filter's flank */
#define LOW_PAST   160    /* at 6 kHz */
#define LOW_ORDER  64
#define HIGH_PAST  256
#define HIGH_ORDER 24
/* Orders, lengths and these were chosen by listening by machine: ci/bench concealment. */
#define LOW_DAMPING  0.999
#define HIGH_DAMPING 0.9998
#define NOISE        0.6
#define NOISE_DECAY  0.9993

G_STATIC_ASSERT (TUTTI_PREDICTOR_PAST == (LOW_PAST - 1) * FACTOR + 2 * HALF + FACTOR);
G_STATIC_ASSERT (LOW_ORDER >= TAPS && LOW_ORDER <= TUTTI_LINEAR_MAX_ORDER);
G_STATIC_ASSERT (HIGH_PAST <= TUTTI_LINEAR_MAX_LENGTH && LOW_PAST <= TUTTI_LINEAR_MAX_LENGTH);

static float lowpass[2 * HALF];
/* The same filter as it is needed on the way back: [phase][newest first] */
static float phases[FACTOR][TAPS];

/* A windowed sinc. lowpass[0] is 0: it is symmetric about HALF. */
void
tutti_predictor_prepare (void)
{
  static gsize once;
  double sum = 0;

  if (!g_once_init_enter (&once))
    return;
  for (int i = 0; i < 2 * HALF; i++) {
    double t = i - HALF, x = G_PI * 2 * CUTOFF / 48000 * t;

    lowpass[i] = (float) ((0.5 + 0.5 * cos (G_PI * t / HALF)) * (t == 0 ? 1 : sin (x) / x));
    sum += lowpass[i];
  }
  for (guint i = 0; i < 2 * HALF; i++) {
    lowpass[i] /= (float) sum;
    phases[i % FACTOR][i / FACTOR] = FACTOR * lowpass[i];
  }
  g_once_init_leave (&once, 1);
}

/* The low part at 6 kHz. Its newest sample lies HALF samples before the newest of @past. */
static void
decimate (const float *past, float *low)
{
  const float *from = past + TUTTI_PREDICTOR_PAST - 1 - 2 * HALF - (LOW_PAST - 1) * FACTOR;

  for (guint j = 0; j < LOW_PAST; j++, from += FACTOR) {
    float sums[4] = { 0 };

    for (guint i = 0; i < 2 * HALF; i += 4)
      for (guint lane = 0; lane < 4; lane++)
        sums[lane] += from[i + lane] * lowpass[i + lane];
    low[j] = sums[0] + sums[1] + sums[2] + sums[3];
  }
}

/* What is left of the last HIGH_PAST samples without the low part. The newest needs TAPS samples of
 * the low part that are foretold already. */
static void
subtract (const float *past, const float *low, float *high)
{
  for (guint back = 0; back < HIGH_PAST; back++) {
    guint blocks = (back + FACTOR - 1) / FACTOR;
    const float *v = low + LOW_PAST + TAPS - 1 - blocks;
    const float *weights = phases[blocks * FACTOR - back];
    float sum = 0;

    for (guint k = 0; k < TAPS; k++)
      sum += weights[k] * *(v - k);
    high[HIGH_PAST - 1 - back] = past[TUTTI_PREDICTOR_PAST - 1 - back] - sum;
  }
}

void
tutti_predictor_train (TuttiPredictor *self, const float *past)
{
  float low[LOW_PAST + TAPS], high[HIGH_PAST];
  double unforeseen;

  decimate (past, low);
  tutti_linear_train (&self->low, low, LOW_PAST, LOW_ORDER, LOW_DAMPING);
  for (guint i = 0; i < TAPS; i++)
    low[LOW_PAST + i] = (float) tutti_linear_next (&self->low, 0);
  subtract (past, low, high);
  unforeseen = tutti_linear_train (&self->high, high, HIGH_PAST, HIGH_ORDER, HIGH_DAMPING);
  /* Uniform noise of ± 1 has a mean square of a third. */
  self->noise = NOISE * sqrt (3 * unforeseen);
  self->phase = 1;
  self->random = 1;
}

float
tutti_predictor_next (TuttiPredictor *self)
{
  const double *v;
  double sum;

  if (self->phase == FACTOR) {
    tutti_linear_next (&self->low, 0);
    self->phase = 0;
  }
  self->random = self->random * 1664525u + 1013904223u;
  sum = tutti_linear_next (&self->high, self->noise * (gint32) self->random * (1 / 2147483648.0));
  self->noise *= NOISE_DECAY;
  v = tutti_linear_get_last (&self->low);
  for (guint k = 0; k < TAPS; k++)
    sum += phases[self->phase][k] * v[k];
  self->phase++;
  return (float) sum;
}
