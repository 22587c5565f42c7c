/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-file.h"

#include <math.h>
#include <sndfile.h>

#include "tutti-audio-types.h"
#include "tutti-error.h"
#include "tutti-i18n.h"

/* Everything is kept in memory: half an hour of stereo is 690 MB, which is enough of it. */
#define MAX_SECONDS 1800
#define MAX_RATE    768000
#define N_PHASES    512
#define HALF_WIDTH  48

static double
kaiser (double x)
{
  const double beta = 9;
  double sum = 1, term = 1, top = 1, top_term = 1;
  double arg = beta * sqrt (MAX (0, 1 - x * x));

  for (int k = 1; k < 40; k++) {
    term *= (arg / (2 * k)) * (arg / (2 * k));
    top_term *= (beta / (2 * k)) * (beta / (2 * k));
    sum += term;
    top += top_term;
  }
  return sum / top;
}

/* One side of the filter, N_PHASES steps per input sample at full band. */
static float *
make_filter (double cutoff)
{
  gsize n = HALF_WIDTH * N_PHASES + 2;
  float *filter = g_new0 (float, n);

  for (gsize i = 0; i < n - 2; i++) {
    double x = (double) i / N_PHASES;
    double sinc = i == 0 ? 1 : sin (G_PI * cutoff * x) / (G_PI * cutoff * x);

    filter[i] = (float) (cutoff * sinc * kaiser (x / HALF_WIDTH));
  }
  return filter;
}

float *
tutti_audio_file_resample (const float *in,
                           gsize n_in,
                           guint channels,
                           double from_rate,
                           gsize *n_out)
{
  double step = from_rate / TUTTI_SAMPLE_RATE;
  /* Going down, the filter is as much wider as the band is narrower. */
  double scale = MIN (1, 1 / step);
  g_autofree float *filter = make_filter (0.955);
  gsize n = (gsize) ((double) n_in / step);
  float *out = g_new (float, MAX (n, 1) * channels);

  for (gsize i = 0; i < n; i++) {
    double at = (double) i * step;
    gint64 first = (gint64) ceil (at - HALF_WIDTH / scale);
    gint64 last = (gint64) floor (at + HALF_WIDTH / scale);
    double sum[TUTTI_MAX_CHANNELS] = { 0, 0 };

    for (gint64 k = MAX (first, 0); k <= MIN (last, (gint64) n_in - 1); k++) {
      double x = fabs ((double) k - at) * scale * N_PHASES;
      gsize index = MIN ((gsize) x, HALF_WIDTH * N_PHASES);
      double mix = x - (double) index;
      double tap = filter[index] + (filter[index + 1] - filter[index]) * mix;

      for (guint c = 0; c < channels; c++)
        sum[c] += tap * in[(gsize) k * channels + c];
    }
    for (guint c = 0; c < channels; c++)
      out[i * channels + c] = (float) (sum[c] * scale);
  }
  *n_out = n;
  return out;
}

static float *
read_all (SNDFILE *file, const SF_INFO *info, guint channels, gsize *n_samples)
{
  gsize n = 0, size = (gsize) MAX (info->frames, 1);
  float *samples = g_new (float, size *channels);
  g_autofree float *part = g_new (float, 4096 * (gsize) info->channels);
  sf_count_t got;

  while (n < size && (got = sf_readf_float (file, part, 4096)) > 0) {
    for (gsize i = 0; i < (gsize) got && n < size; i++, n++)
      for (guint c = 0; c < channels; c++)
        samples[n * channels + c] = part[i * (gsize) info->channels + c];
  }
  *n_samples = n;
  return samples;
}

float *
tutti_audio_file_load (const char *path, guint *channels, gsize *n_samples, GError **error)
{
  SF_INFO info = { 0 };
  SNDFILE *file = sf_open (path, SFM_READ, &info);
  g_autofree float *samples = NULL;

  if (file == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE, _ ("The sound file “%s” cannot be read: %s"),
                 path, sf_strerror (NULL));
    return NULL;
  }
  if (info.channels < 1 || info.samplerate < 1000 || info.samplerate > MAX_RATE ||
      info.frames < 1 || info.frames > (sf_count_t) info.samplerate * MAX_SECONDS) {
    sf_close (file);
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                 _ ("The sound file “%s” is empty, longer than 30 minutes or of no usable rate."),
                 path);
    return NULL;
  }
  *channels = MIN ((guint) info.channels, TUTTI_MAX_CHANNELS);
  samples = read_all (file, &info, *channels, n_samples);
  sf_close (file);
  if (*n_samples == 0) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                 _ ("The sound file “%s” is damaged: nothing in it could be decoded."), path);
    return NULL;
  }
  if (info.samplerate == TUTTI_SAMPLE_RATE)
    return g_steal_pointer (&samples);
  return tutti_audio_file_resample (samples, *n_samples, *channels, info.samplerate, n_samples);
}
