/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Peaks between samples; those on samples are test-mixer's. */

#include <math.h>
#include <string.h>

#include "tutti-clock.h"
#include "tutti-groove.h"
#include "tutti-limiter.h"

#define N    9600
#define HALF 64 /* of the reference's taps */

/* Eight points for each sample, by a long windowed sinc. */
static double kernel[8][2 * HALF];

static void
make_kernel (void)
{
  for (guint p = 0; p < 8; p++)
    for (int k = -HALF + 1; k <= HALF; k++) {
      double x = p / 8.0 - k;
      double w = 0.5 + 0.5 * cos (G_PI * x / (HALF + 1));

      kernel[p][k + HALF - 1] = w * (fabs (x) < 1e-9 ? 1 : sin (G_PI * x) / (G_PI * x));
    }
}

static double
true_peak_db (const float *samples, guint from, guint to)
{
  double peak = 0;

  for (guint i = from; i < to; i++)
    for (guint p = 0; p < 8; p++) {
      double sum = 0;

      for (guint k = 0; k < 2 * HALF; k++)
        sum += samples[i + k + 1 - HALF] * kernel[p][k];
      peak = fmax (peak, fabs (sum));
    }
  return 20 * log10 (peak);
}

static float
sample_peak (const float *samples, guint from, guint to)
{
  float peak = 0;

  for (guint i = from; i < to; i++)
    peak = fmaxf (peak, fabsf (samples[i]));
  return peak;
}

static void
limit (float *left, float *right, guint n_samples)
{
  TuttiLimiter limiter;

  tutti_limiter_init (&limiter);
  for (guint at = 0; at < n_samples; at += 64)
    tutti_limiter_process (&limiter, left + at, right + at, MIN (64, n_samples - at));
}

/* A quarter of the sampling rate, met at its slopes: every sample stands 3 dB below the curve. */
static void
test_between_samples (void)
{
  static float left[N], right[N];

  for (guint i = 0; i < N; i++) {
    left[i] = 1.2f * (float) sin (G_PI / 2 * i + G_PI / 4);
    right[i] = 0.3f * left[i];
  }
  g_assert_cmpfloat (sample_peak (left, 0, N), <, TUTTI_LIMITER_CEILING);
  limit (left, right, N);
  g_test_message ("1.58 dBTP becomes %.2f dBTP after 1 ms", true_peak_db (left, 48 + HALF, 4800));
  g_assert_cmpfloat (true_peak_db (left, 48 + HALF, 4800), <, -0.95);
  g_assert_cmpfloat (true_peak_db (left, 48 + HALF, 4800), >, -1.2);
  /* Both sides by the same factor. */
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (right[i], 0.3f * left[i], 1e-6);
}

/* Sines of all frequencies up to 20 kHz, half as loud again as they may be. */
static void
test_sweep (void)
{
  static float left[N], right[N];
  double worst = -100;

  for (double hertz = 60; hertz < 20000; hertz *= 1.17) {
    double peak;

    for (guint i = 0; i < N; i++)
      left[i] = right[i] = (float) (1.35 * sin (2 * G_PI * hertz * i / 48000 + 0.3));
    limit (left, right, N);
    peak = true_peak_db (left, 1200, 2400);
    worst = fmax (worst, peak);
    g_assert_cmpfloat (peak, >, -3);
  }
  g_test_message ("worst of the sweep after 25 ms: %.2f dBTP", worst);
  g_assert_cmpfloat (worst, <, -0.7);
}

/* Music, turned up far too high. */
static void
test_music (void)
{
  gsize length = 0;
  g_autofree float *loop = tutti_groove_new (120, &length);
  g_autofree float *left = g_new (float, length);
  g_autofree float *right = g_new (float, length);
  gint64 took;

  for (gsize i = 0; i < length; i++)
    left[i] = right[i] = 4 * loop[i];
  took = tutti_clock_now_ns ();
  limit (left, right, (guint) length);
  took = tutti_clock_now_ns () - took;
  g_assert_cmpfloat (sample_peak (left, 0, (guint) length), <=, TUTTI_LIMITER_CEILING);
  g_test_message ("peak %.2f dBTP, %.2f µs for 64 samples",
                  true_peak_db (left, HALF, MIN ((guint) length - HALF, 24000)),
                  took / 1e3 / (length / 64.0));
  g_assert_cmpfloat (true_peak_db (left, HALF, MIN ((guint) length - HALF, 24000)), <, -0.3);
}

/* The block length makes no difference, and what is quiet enough is not touched at all. */
static void
test_blocks (void)
{
  static float a[N], b[N], c[N], d[N];
  TuttiLimiter one, other;
  guint at = 0, n = 1;

  tutti_limiter_init (&one);
  tutti_limiter_init (&other);
  for (guint i = 0; i < N; i++)
    a[i] = b[i] = c[i] = d[i] = 1.3f * sinf ((float) (i * i) * 1e-5f);
  tutti_limiter_process (&one, a, b, N);
  for (; at < N; at += n, n = n % 97 + 1) {
    n = MIN (n, N - at);
    tutti_limiter_process (&other, c + at, d + at, n);
  }
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat_with_epsilon (a[i], c[i], 1e-5);

  tutti_limiter_init (&one);
  for (guint i = 0; i < N; i++)
    a[i] = b[i] = c[i] = 0.35f * sinf ((float) (i * i) * 1e-5f);
  tutti_limiter_process (&one, a, b, N);
  g_assert_cmpmem (a, sizeof a, c, sizeof c);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  make_kernel ();
  g_test_add_func ("/limiter/between-samples", test_between_samples);
  g_test_add_func ("/limiter/sweep", test_sweep);
  g_test_add_func ("/limiter/music", test_music);
  g_test_add_func ("/limiter/blocks", test_blocks);
  return g_test_run ();
}
