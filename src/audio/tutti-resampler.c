/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-resampler.h"

#include <math.h>
#include <string.h>

#include "tutti-vector.h"

/* Between phases coefficients are interpolated: the error of 128 phases is below −90 dB. */
#define N_PHASES 128
#define BACK     TUTTI_RESAMPLER_BACK
#define TAPS     TUTTI_RESAMPLER_TAPS
/* The band in which it is to be right, as a part of half the sample rate, and how much the rest
 * counts: without it the gain up there would have no bounds. */
#define BAND 0.65
#define REST 1e-5

static float filters[N_PHASES + 1][TAPS];

static double
sinc (double x)
{
  return fabs (x) < 1e-9 ? 1 : sin (G_PI * x) / (G_PI * x);
}

/* matrix = L · Lᵀ, in its lower half (Cholesky) */
static void
factorise (double matrix[TAPS][TAPS])
{
  for (int i = 0; i < TAPS; i++)
    for (int j = 0; j <= i; j++) {
      double sum = matrix[i][j];

      for (int k = 0; k < j; k++)
        sum -= matrix[i][k] * matrix[j][k];
      matrix[i][j] = i == j ? sqrt (sum) : sum / matrix[j][j];
    }
}

static void
solve (double factor[TAPS][TAPS], double *x)
{
  for (int i = 0; i < TAPS; i++) {
    for (int k = 0; k < i; k++)
      x[i] -= factor[i][k] * x[k];
    x[i] /= factor[i][i];
  }
  for (int i = TAPS - 1; i >= 0; i--) {
    for (int k = i + 1; k < TAPS; k++)
      x[i] -= factor[k][i] * x[k];
    x[i] /= factor[i][i];
  }
}

static void
fill_filters (void)
{
  double matrix[TAPS][TAPS], unit[TAPS];
  double unit_sum = 0;

  for (int i = 0; i < TAPS; i++) {
    unit[i] = 1;
    for (int j = 0; j < TAPS; j++)
      matrix[i][j] = BAND * sinc (BAND * (i - j)) + (i == j ? REST : 0);
  }
  factorise (matrix);
  solve (matrix, unit);
  for (int i = 0; i < TAPS; i++)
    unit_sum += unit[i];

  for (int phase = 0; phase <= N_PHASES; phase++) {
    double delay = BACK + (double) phase / N_PHASES;
    double taps[TAPS];
    double sum = 0;

    for (int i = 0; i < TAPS; i++)
      taps[i] = BAND * sinc (BAND * (i - delay)) + REST * sinc (i - delay);
    solve (matrix, taps);
    for (int i = 0; i < TAPS; i++)
      sum += taps[i];
    /* Unity at 0 Hz in every phase, or a wandering phase would modulate the level. */
    for (int i = 0; i < TAPS; i++)
      filters[phase][i] = (float) (taps[i] + unit[i] * (1 - sum) / unit_sum);
  }
}

void
tutti_resampler_init (void)
{
  static gsize done;

  if (g_once_init_enter (&done)) {
    fill_filters ();
    g_once_init_leave (&done, 1);
  }
}

static inline float
filter (const float *in, const float *taps)
{
  TuttiVector sum = { 0, 0, 0, 0 };

  for (int k = 0; k < TAPS; k += 4) {
    TuttiVector vt, vi;

    memcpy (&vt, taps + k, sizeof vt);
    memcpy (&vi, in + k, sizeof vi);
    sum += vt * vi;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static inline void
interpolate_taps (double frac, float *taps)
{
  double at = frac * N_PHASES;
  int phase = (int) at;
  float mix = (float) (at - phase);
  const float *a = filters[phase];
  const float *b = filters[phase + 1];

  for (int k = 0; k < TAPS; k++)
    taps[k] = a[k] + (b[k] - a[k]) * mix;
}

void
tutti_resampler_read (const float *in, double frac, double ratio, float *out, guint n_out)
{
  float taps[TAPS];

  if (frac == 0 && ratio == 1) {
    memcpy (out, in, n_out * sizeof *out);
    return;
  }
  if (ratio == 1)
    interpolate_taps (frac, taps);
  for (guint i = 0; i < n_out; i++) {
    double at = frac + i * ratio;
    int index = (int) at;

    if (ratio != 1)
      interpolate_taps (at - index, taps);
    out[i] = filter (in + index - BACK, taps);
  }
}
