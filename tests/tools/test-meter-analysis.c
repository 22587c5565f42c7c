/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The meter must be right before anything is measured with it: recordings with known delays and
 * known holes. */

#include "meter-analysis.h"

#include <math.h>
#include <string.h>

#define SECONDS 10
#define QUANTUM 64
#define START   G_GINT64_CONSTANT (5000000000)

typedef struct {
  MeterRecording recording;
  gint64 sent[256];
  gsize n_sent;
} Take;

static Take *
take_new (guint delay, gboolean mono)
{
  Take *take = g_new0 (Take, 1);
  MeterRecording *r = &take->recording;
  float chirp[METER_CHIRP_SAMPLES];

  meter_make_chirp (chirp);
  r->n_samples = SECONDS * METER_RATE;
  r->clicks = g_new0 (float, r->n_samples);
  r->sine = mono ? r->clicks : g_new0 (float, r->n_samples);
  r->n_cycles = r->n_samples / QUANTUM;
  r->cycles = g_new0 (MeterCycle, r->n_cycles);
  for (gsize i = 0; i < r->n_cycles; i++)
    r->cycles[i] = (MeterCycle) { START + (gint64) (i * QUANTUM * 1e9 / METER_RATE), i * QUANTUM };
  for (gsize i = 0; i < r->n_samples; i++)
    r->sine[i] += METER_SINE_PEAK * (float) sin (2 * G_PI * i / METER_SINE_PERIOD);
  for (gsize at = 5000; at + 20000 < r->n_samples; at += 12000 + at % 777) {
    take->sent[take->n_sent++] = START + (gint64) (at * 1e9 / METER_RATE);
    for (int i = 0; i < METER_CHIRP_SAMPLES; i++)
      r->clicks[at + delay + i] += chirp[i];
  }

  return take;
}

static void
take_free (Take *take)
{
  if (take->recording.sine != take->recording.clicks)
    g_free (take->recording.sine);
  g_free (take->recording.clicks);
  g_free (take->recording.cycles);
  g_free (take);
}

static void
analyse (Take *take, const MeterMisses *feed, const MeterMisses *catch, MeterResult *result)
{
  static const MeterMisses none = { NULL, 0 };

  meter_analyse (&take->recording, take->sent, take->n_sent, feed != NULL ? feed : &none,
                 catch != NULL ? catch : &none, 100, result);
  meter_result_clear (result);
}

static void
test_delay (void)
{
  static const guint delays[] = { 0, 1, 64, 533, 2400 };

  for (guint i = 0; i < 2 * G_N_ELEMENTS (delays); i++) {
    guint delay = delays[i / 2];
    Take *take = take_new (delay, i % 2);
    MeterResult result;

    analyse (take, NULL, NULL, &result);
    g_assert_cmpuint (result.sent, >, 30);
    g_assert_cmpuint (result.n, ==, result.sent);
    g_assert_cmpfloat_with_epsilon (result.min_ms, delay / 48.0, 0.011);
    g_assert_cmpfloat_with_epsilon (result.p50_ms, delay / 48.0, 0.011);
    g_assert_cmpfloat_with_epsilon (result.max_ms, delay / 48.0, 0.011);
    g_assert_true (result.has_sine);
    g_assert_cmpuint (result.gaps, ==, 0);
    g_assert_cmpfloat (result.checked_s, >, SECONDS * (i % 2 ? 0.9 : 0.99));
    take_free (take);
  }
}

/* 20 dB quieter, upside down, in noise: still found. */
static void
test_bad_line (void)
{
  Take *take = take_new (700, FALSE);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  MeterResult result;

  for (gsize i = 0; i < take->recording.n_samples; i++)
    take->recording.clicks[i] =
        -0.1f * take->recording.clicks[i] + (float) g_rand_double_range (random, -0.003, 0.003);
  analyse (take, NULL, NULL, &result);
  g_assert_cmpuint (result.n, ==, result.sent);
  g_assert_cmpfloat_with_epsilon (result.p50_ms, 700 / 48.0, 0.03);
  take_free (take);
}

/* A chirp that was lost, and a break in the sine where it should be: not found, not invented. */
static void
test_lost (void)
{
  Take *take = take_new (64, TRUE);
  gsize at = (gsize) ((take->sent[5] - START) * 48 / 1000000 + 64);
  MeterResult result;

  memset (take->recording.clicks + at - 20, 0, (METER_CHIRP_SAMPLES + 40) * sizeof (float));
  analyse (take, NULL, NULL, &result);
  g_assert_cmpuint (result.n, ==, result.sent - 1);
  g_assert_cmpfloat_with_epsilon (result.max_ms, 64 / 48.0, 0.011);
  take_free (take);
}

static void
test_nothing (void)
{
  Take *take = take_new (0, TRUE);
  g_autoptr (GRand) random = g_rand_new_with_seed (7);
  MeterResult result;

  for (gsize i = 0; i < take->recording.n_samples; i++)
    take->recording.clicks[i] = (float) g_rand_double_range (random, -1e-5, 1e-5);
  analyse (take, NULL, NULL, &result);
  g_assert_cmpuint (result.sent, >, 30);
  g_assert_cmpuint (result.n, ==, 0);
  g_assert_false (result.has_sine);
  take_free (take);
}

static void
test_gaps (void)
{
  Take *take = take_new (64, FALSE);
  MeterRecording *r = &take->recording;
  MeterResult result;
  gint64 ns = START + G_GINT64_CONSTANT (3000000000);
  const MeterMisses own = { &ns, 1 };

  /* One quantum of silence; a burst of three that are one; a quantum lost without silence. */
  memset (r->sine + 48000, 0, 64 * sizeof (float));
  for (int i = 0; i < 3; i++)
    memset (r->sine + 96000 + 128 * i, 0, 64 * sizeof (float));
  memmove (r->sine + 144000, r->sine + 144064, (r->n_samples - 144064) * sizeof (float));
  r->n_samples -= 64;

  analyse (take, NULL, NULL, &result);
  g_assert_cmpuint (result.gaps, ==, 3);
  g_assert_cmpuint (result.own_gaps, ==, 0);
  g_assert_cmpfloat (result.gap_ms, >, 1);
  g_assert_cmpfloat (result.gap_ms, <, 16);

  /* The third was the meter's own. */
  analyse (take, NULL, &own, &result);
  g_assert_cmpuint (result.gaps, ==, 2);
  g_assert_cmpuint (result.own_gaps, ==, 1);
  g_assert_cmpfloat (result.gap_ms, >, 1);
  analyse (take, &own, NULL, &result);
  g_assert_cmpuint (result.gaps, ==, 2);
  g_assert_cmpuint (result.own_gaps, ==, 1);
  take_free (take);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/meter/delay", test_delay);
  g_test_add_func ("/meter/bad-line", test_bad_line);
  g_test_add_func ("/meter/lost", test_lost);
  g_test_add_func ("/meter/nothing", test_nothing);
  g_test_add_func ("/meter/gaps", test_gaps);

  return g_test_run ();
}
