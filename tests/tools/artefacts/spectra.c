/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <complex.h>
#include <math.h>
#include <string.h>

#include "artefacts.h"

#define RATE     48000.0
#define SIZE     512
#define HOP      (SIZE / 4)
#define N_BANDS  23 /* third octaves from 100 Hz to 16 kHz */
#define RANGE_DB 60
#define FLOOR_DB (-80)
#define LONG     2048
#define MIN_LAG  60
#define MAX_LAG  960
#define MAX_BINS (LONG)

/* Without the checks for infinities that C asks of a complex product. */
static inline double complex
multiply (double complex a, double complex b)
{
  return CMPLX (creal (a) * creal (b) - cimag (a) * cimag (b),
                creal (a) * cimag (b) + cimag (a) * creal (b));
}

static void
transform (double complex *x, guint n)
{
  for (guint i = 1, j = 0; i < n; i++) {
    guint bit = n >> 1;

    for (; j & bit; bit >>= 1)
      j ^= bit;
    j ^= bit;
    if (i < j) {
      double complex swap = x[i];

      x[i] = x[j];
      x[j] = swap;
    }
  }
  for (guint size = 2; size <= n; size *= 2) {
    double complex step = cexp (-2 * G_PI * I / size), w = 1;

    for (guint k = 0; k < size / 2; k++, w = multiply (w, step))
      for (guint at = 0; at < n; at += size) {
        double complex even = x[at + k], odd = multiply (w, x[at + k + size / 2]);

        x[at + k] = even + odd;
        x[at + k + size / 2] = even - odd;
      }
  }
}

/* Hann window; a full-scale sine gives 0.5 in all. */
static void
get_powers (const float *sound, guint n, double *powers)
{
  double complex x[MAX_BINS];

  for (guint i = 0; i < n; i++)
    x[i] = sound[i] * (0.5 - 0.5 * cos (2 * G_PI * (i + 0.5) / n));
  transform (x, n);
  for (guint k = 0; k <= n / 2; k++)
    powers[k] = 2 * creal (x[k] * conj (x[k])) / (0.375 * n * n);
}

static void
get_bands (const double *powers, double *bands_db)
{
  double loudest = FLOOR_DB;

  for (guint band = 0; band < N_BANDS; band++) {
    double centre = 100 * pow (2, band / 3.0), width = RATE / SIZE;
    double from = centre * pow (2, -1 / 6.0), to = centre * pow (2, 1 / 6.0), sum = 0;

    /* Bands narrower than a bin share it. */
    for (guint k = (guint) (from / width); k <= MIN ((guint) (to / width) + 1, SIZE / 2); k++) {
      double low = MAX (from, (k - 0.5) * width), high = MIN (to, (k + 0.5) * width);

      if (high > low)
        sum += powers[k] * (high - low) / width;
    }
    bands_db[band] = 10 * log10 (sum + 1e-20);
    loudest = MAX (loudest, bands_db[band]);
  }
  for (guint band = 0; band < N_BANDS; band++)
    bands_db[band] = MAX (bands_db[band], MAX (FLOOR_DB, loudest - RANGE_DB));
}

static double
get_flatness_db (const double *powers)
{
  guint from = (guint) (300 * SIZE / RATE), to = (guint) (16000 * SIZE / RATE);
  double sum = 0, logs = 0, least;

  for (guint k = from; k < to; k++)
    sum += powers[k];
  least = MAX (1e-10, sum * 1e-6);
  for (guint k = from; k < to; k++)
    logs += log10 (powers[k] + least);
  return 10 * (logs / (to - from) - log10 (sum / (to - from) + least));
}

/* Both spectra are held against the same floor: what is missing counts as what is too much. */
static void
compare_window (const float *reference, const float *sound, ArtefactsSpectrum *result)
{
  double clean[SIZE / 2 + 1], own[SIZE / 2 + 1], clean_db[N_BANDS], own_db[N_BANDS], sum = 0;

  get_powers (reference, SIZE, clean);
  get_powers (sound, SIZE, own);
  get_bands (clean, clean_db);
  get_bands (own, own_db);
  for (guint band = 0; band < N_BANDS; band++)
    sum += (clean_db[band] - own_db[band]) * (clean_db[band] - own_db[band]);
  result->distance_db += sqrt (sum / N_BANDS);
  result->flatness_db += get_flatness_db (own) - get_flatness_db (clean);
  result->windows++;
}

/* Strongest autocorrelation at MIN_LAG … MAX_LAG of the sound with a flattened spectrum: the
 * inverse transform of its powers to the 0.3. */
static double
get_periodicity (const float *sound)
{
  double complex x[2 * LONG];
  double strongest = 0;

  memset (x, 0, sizeof x);
  for (guint i = 0; i < LONG; i++)
    x[i] = sound[i] * (0.5 - 0.5 * cos (2 * G_PI * (i + 0.5) / LONG));
  transform (x, 2 * LONG);
  for (guint k = 0; k < 2 * LONG; k++)
    x[k] = pow (creal (x[k] * conj (x[k])) + 1e-12, 0.3);
  transform (x, 2 * LONG);
  for (guint lag = MIN_LAG; lag <= MAX_LAG; lag++)
    strongest = MAX (strongest, creal (x[lag]) / creal (x[0]));
  return strongest;
}

static gboolean
touches (const guint8 *where, gsize from, gsize to)
{
  return where == NULL || memchr (where + from, 1, to - from) != NULL;
}

void
artefacts_compare_spectra (const float *reference,
                           const float *sound,
                           const guint8 *where,
                           gsize n_samples,
                           ArtefactsSpectrum *result)
{
  guint n_long = 0;

  memset (result, 0, sizeof *result);
  for (gsize at = 0; at + SIZE <= n_samples; at += HOP)
    if (touches (where, at, at + SIZE))
      compare_window (reference + at, sound + at, result);
  for (gsize at = 0; at + LONG <= n_samples; at += LONG / 2)
    if (touches (where, at, at + LONG)) {
      result->buzz += MAX (0, get_periodicity (sound + at) - get_periodicity (reference + at));
      n_long++;
    }
  result->distance_db /= MAX (result->windows, 1);
  result->flatness_db /= MAX (result->windows, 1);
  result->buzz /= MAX (n_long, 1);
}
