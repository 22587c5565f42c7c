/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "artefacts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE    48000.0
#define N_BANDS 3
#define HOP     32   /* samples of one energy */
#define NEAR    5    /* hops: 3 ms, where the ear covers a click */
#define LOCAL   30   /* hops: 20 ms */
#define EXCESS  10.0 /* 10 dB */
#define AUDIBLE 1e-5 /* of the local level */
#define FLOOR   1e-8 /* -80 dBFS */

typedef struct {
  double b0, b1, b2, a1, a2;
} Biquad;

/* The audio EQ cookbook's low-pass and high-pass. */
static Biquad
make_pass (double frequency, double q, gboolean high)
{
  double w = 2 * G_PI * frequency / RATE;
  double alpha = sin (w) / (2 * q), c = cos (w), a0 = 1 + alpha;
  double b = (high ? 1 + c : 1 - c) / 2;

  return (Biquad) { b / a0, (high ? -2 : 2) * b / a0, b / a0, -2 * c / a0, (1 - alpha) / a0 };
}

static void
filter (const Biquad *f, double *x, gsize n)
{
  double x1 = 0, x2 = 0, y1 = 0, y2 = 0;

  for (gsize i = 0; i < n; i++) {
    double y = f->b0 * x[i] + f->b1 * x1 + f->b2 * x2 - f->a1 * y1 - f->a2 * y2;

    x2 = x1;
    x1 = x[i];
    y2 = y1;
    y1 = x[i] = y;
  }
}

/* Mean squares of HOP samples; Butterworth flanks of eighth order keep a loud bass out. */
static double *
band_energies (const float *sound, gsize n, double low, double high)
{
  static const double qs[] = { 0.50980, 0.60134, 0.89998, 2.56292 };
  g_autofree double *x = g_new (double, n);
  double *energies = g_new0 (double, n / HOP + 1);

  for (gsize i = 0; i < n; i++)
    x[i] = sound[i];
  for (guint k = 0; k < G_N_ELEMENTS (qs); k++) {
    Biquad pass = make_pass (low, qs[k], TRUE);

    if (low > 0)
      filter (&pass, x, n);
    pass = make_pass (high, qs[k], FALSE);
    if (high < RATE / 2)
      filter (&pass, x, n);
  }
  for (gsize i = 0; i < n; i++)
    energies[i / HOP] += x[i] * x[i] / HOP;
  return energies;
}

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
get_quartile (const double *energies, gsize at, gsize n)
{
  double sorted[2 * LOCAL + 1];
  gsize from = at > LOCAL ? at - LOCAL : 0, to = MIN (n, at + LOCAL + 1);

  memcpy (sorted, energies + from, (to - from) * sizeof (double));
  qsort (sorted, to - from, sizeof (double), compare_doubles);
  return sorted[(to - from) * 3 / 4];
}

static double
get_loudest (const double *energies, gsize at, gsize n)
{
  gsize from = at > NEAR ? at - NEAR : 0, to = MIN (n, at + NEAR + 1);
  double loudest = 0;

  for (gsize i = from; i < to; i++)
    loudest = MAX (loudest, energies[i]);
  return loudest;
}

/* Mean over what surrounds it. */
static double *
local_levels (const double *energies, gsize n)
{
  double *levels = g_new (double, n), sum = 0;
  gsize from = 0, to = 0;

  for (gsize i = 0; i < n; i++) {
    for (; to < MIN (n, i + LOCAL + 1); to++)
      sum += energies[to];
    for (; from + LOCAL < i; from++)
      sum -= energies[from];
    levels[i] = MAX (sum, 0) / (double) (to - from);
  }
  return levels;
}

static void
mark_clicks (const float *reference,
             const float *sound,
             gsize n_samples,
             double low,
             double high,
             const double *levels,
             guint8 *marks)
{
  gsize n = n_samples / HOP;
  g_autofree double *own = band_energies (sound, n_samples, low, high);
  g_autofree double *clean =
      reference != NULL ? band_energies (reference, n_samples, low, high) : NULL;

  /* The filters begin in the middle of a steady sound. */
  for (gsize i = clean != NULL ? 0 : 2 * NEAR; i < n; i++) {
    double least = MAX (FLOOR, AUDIBLE * levels[i]);

    if (own[i] <= least)
      continue;
    if (own[i] > EXCESS * (clean != NULL ? get_loudest (clean, i, n) : get_quartile (own, i, n)))
      marks[i] = 1;
  }
}

guint
artefacts_find_clicks (const float *reference, const float *sound, gsize n_samples, GArray *places)
{
  static const double edges[N_BANDS + 1] = { 2000, 5000, 12000, RATE / 2 };
  gsize n = n_samples / HOP;
  g_autofree guint8 *marks = g_new0 (guint8, n + 1);
  g_autofree double *whole =
      band_energies (reference != NULL ? reference : sound, n_samples, 0, RATE / 2);
  g_autofree double *levels = local_levels (whole, n);
  guint found = 0;
  gsize last = 0;

  for (guint band = 0; band < N_BANDS; band++)
    mark_clicks (reference, sound, n_samples, edges[band], edges[band + 1], levels, marks);
  for (gsize i = 0; i < n; i++) {
    if (!marks[i])
      continue;
    if (found == 0 || i - last > NEAR) {
      guint place = (guint) (i * HOP);

      found++;
      if (places != NULL)
        g_array_append_val (places, place);
    }
    last = i;
  }
  return found;
}

double
artefacts_get_snr (const float *reference, const float *sound, const guint8 *where, gsize n_samples)
{
  double signal = 0, noise = 0;

  for (gsize i = 0; i < n_samples; i++)
    if (where == NULL || where[i]) {
      double error = (double) sound[i] - reference[i];

      signal += (double) reference[i] * reference[i];
      noise += error * error;
    }
  return noise > 0 ? MIN (120, 10 * log10 ((signal + 1e-20) / noise)) : 120;
}
