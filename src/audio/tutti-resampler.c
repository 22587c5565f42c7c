/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-resampler.h"

#include <math.h>
#include <string.h>

/* Between phases coefficients are interpolated: the error of 128 phases is below −90 dB. */
#define N_PHASES 128
#define HALF     TUTTI_RESAMPLER_HALF
#define TAPS     TUTTI_RESAMPLER_TAPS

static float filters[N_PHASES + 1][TAPS];

static double
bessel_i0 (double x)
{
  double sum = 1, term = 1;

  for (int k = 1; k < 32; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

static void
fill_filter (float *filter, double phase)
{
  const double beta = 6.5;
  double taps[TAPS];
  double sum = 0;

  for (int k = 0; k < TAPS; k++) {
    double x = k - (HALF - 1) - phase;
    double edge = x / HALF;
    double sinc = fabs (x) < 1e-9 ? 1 : sin (G_PI * x) / (G_PI * x);

    taps[k] =
        fabs (edge) < 1 ? sinc * bessel_i0 (beta * sqrt (1 - edge * edge)) / bessel_i0 (beta) : 0;
    sum += taps[k];
  }
  /* Unity at 0 Hz in every phase, or a wandering phase would modulate the level. */
  for (int k = 0; k < TAPS; k++)
    filter[k] = (float) (taps[k] / sum);
}

void
tutti_resampler_init (void)
{
  static gsize done;

  if (g_once_init_enter (&done)) {
    for (int phase = 0; phase <= N_PHASES; phase++)
      fill_filter (filters[phase], (double) phase / N_PHASES);
    g_once_init_leave (&done, 1);
  }
}

typedef float Vector __attribute__ ((vector_size (16), aligned (4)));

static inline float
interpolate (const float *in, double frac)
{
  double at = frac * N_PHASES;
  int phase = (int) at;
  float mix = (float) (at - phase);
  const float *a = filters[phase];
  const float *b = filters[phase + 1];
  Vector sum = { 0, 0, 0, 0 };

  for (int k = 0; k < TAPS; k += 4) {
    Vector va, vb, vi;

    memcpy (&va, a + k, sizeof va);
    memcpy (&vb, b + k, sizeof vb);
    memcpy (&vi, in + k, sizeof vi);
    sum += (va + (vb - va) * mix) * vi;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

void
tutti_resampler_read (const float *in, double frac, double ratio, float *out, guint n_out)
{
  if (frac == 0 && ratio == 1) {
    memcpy (out, in, n_out * sizeof *out);
    return;
  }
  for (guint i = 0; i < n_out; i++) {
    double at = frac + i * ratio;
    int index = (int) at;

    out[i] = interpolate (in + index - (HALF - 1), at - index);
  }
}
