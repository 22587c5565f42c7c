/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>

#include "tutti-audio-file.h"
#include "tutti-resampler.h"

#define N 9600

static double
tone (double hertz, double at)
{
  return 0.5 * sin (2 * G_PI * hertz * at / 48000);
}

/* The worst error of a tone that is read at @ratio from @frac on, in dB below the tone. */
static double
error_db (double hertz, double frac, double ratio)
{
  float in[N + 64], out[N / 2];
  double error = 0, signal = 0;

  for (guint i = 0; i < G_N_ELEMENTS (in); i++)
    in[i] = (float) tone (hertz, (double) i - 32);
  tutti_resampler_read (in + 32, frac, ratio, out, G_N_ELEMENTS (out));
  for (guint i = 0; i < G_N_ELEMENTS (out); i++) {
    double expected = tone (hertz, frac + i * ratio);

    error += (out[i] - expected) * (out[i] - expected);
    signal += expected * expected;
  }
  return 10 * log10 (error / signal + 1e-20);
}

static void
test_accuracy (void)
{
  const double ratios[] = { 1, 1.005, 0.995, 1.00003 };

  tutti_resampler_init ();
  tutti_resampler_init ();
  for (gsize i = 0; i < G_N_ELEMENTS (ratios); i++) {
    g_test_message ("%g: 440 Hz %.1f dB, 5 kHz %.1f dB, 10 kHz %.1f dB, 15 kHz %.1f dB", ratios[i],
                    error_db (440, 0.37, ratios[i]), error_db (5000, 0.37, ratios[i]),
                    error_db (10000, 0.37, ratios[i]), error_db (15000, 0.37, ratios[i]));
    g_assert_cmpfloat (error_db (440, 0.37, ratios[i]), <, -70);
    g_assert_cmpfloat (error_db (5000, 0.37, ratios[i]), <, -65);
    g_assert_cmpfloat (error_db (10000, 0.37, ratios[i]), <, -60);
    g_assert_cmpfloat (error_db (15000, 0.37, ratios[i]), <, -50);
  }
}

static void
test_copy (void)
{
  float in[64], out[32];

  for (guint i = 0; i < 64; i++)
    in[i] = (float) i;
  tutti_resampler_read (in + 8, 0, 1, out, 32);
  for (guint i = 0; i < 32; i++)
    g_assert_cmpfloat (out[i], ==, (float) (i + 8));
}

static void
test_file_rates (void)
{
  const double rates[] = { 8000, 22050, 44100, 88200, 96000, 192000 };

  for (gsize r = 0; r < G_N_ELEMENTS (rates); r++) {
    gsize n_in = (gsize) (rates[r] / 4), n_out = 0;
    g_autofree float *in = g_new (float, n_in * 2);
    g_autofree float *out = NULL;
    double error = 0;

    for (gsize i = 0; i < n_in; i++) {
      in[2 * i] = (float) (0.5 * sin (2 * G_PI * 1000 * (double) i / rates[r]));
      in[2 * i + 1] = 0.25f;
    }
    out = tutti_audio_file_resample (in, n_in, 2, rates[r], &n_out);
    g_assert_cmpuint (n_out, ==, (gsize) ((double) n_in * 48000 / rates[r]));
    for (gsize i = 1000; i < n_out - 1000; i++) {
      error = fmax (error, fabs (out[2 * i] - tone (1000, (double) i)));
      g_assert_cmpfloat_with_epsilon (out[2 * i + 1], 0.25f, 0.0005f);
    }
    g_test_message ("%g Hz: worst error %.6f", rates[r], error);
    g_assert_cmpfloat (error, <, 0.0005);
  }
}

/* What 48 kHz cannot hold must not fold back. */
static void
test_file_alias (void)
{
  gsize n_in = 24000, n_out = 0;
  g_autofree float *in = g_new (float, n_in);
  g_autofree float *out = NULL;

  for (gsize i = 0; i < n_in; i++)
    in[i] = (float) (0.5 * sin (2 * G_PI * 30000 * (double) i / 96000));
  out = tutti_audio_file_resample (in, n_in, 1, 96000, &n_out);
  for (gsize i = 500; i < n_out - 500; i++)
    g_assert_cmpfloat (fabsf (out[i]), <, 0.0001f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/resampler/accuracy", test_accuracy);
  g_test_add_func ("/resampler/copy", test_copy);
  g_test_add_func ("/resampler/file-rates", test_file_rates);
  g_test_add_func ("/resampler/file-alias", test_file_alias);
  return g_test_run ();
}
