/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "tutti-limiter.h"
#include "tutti-meter.h"
#include "tutti-mixer.h"

#define N 4800

static void
ones (float *samples, float value)
{
  for (guint i = 0; i < N; i++)
    samples[i] = value;
}

static void
test_db (void)
{
  g_assert_cmpfloat_with_epsilon (tutti_db_to_gain (0), 1, 1e-6);
  g_assert_cmpfloat_with_epsilon (tutti_db_to_gain (-20), 0.1, 1e-6);
  g_assert_cmpfloat (tutti_db_to_gain (-100), ==, 0);
  g_assert_cmpfloat (tutti_db_to_gain (-INFINITY), ==, 0);
  g_assert_cmpfloat (tutti_db_to_gain (NAN), ==, 0);
  g_assert_cmpfloat_with_epsilon (tutti_db_to_gain (90), tutti_db_to_gain (12), 1e-6);
  g_assert_cmpfloat (tutti_gain_to_db (0), ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat (tutti_gain_to_db (-1), ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat (tutti_gain_to_db (NAN), ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat_with_epsilon (tutti_gain_to_db (0.5f), -6.02, 0.01);
}

/* Gain and pan, exact to 0.1 dB once the ramp is over. */
static void
test_gain_and_pan (void)
{
  const struct {
    float db, pan, left_db, right_db;
  } cases[] = {
    { 0, 0, 0, 0 },
    { -6, 0, -6, -6 },
    { 12, 0, 12, 12 },
    { -40, 0, -40, -40 },
    { 0, -1, 3.01f, -100 },
    { 0, 1, -100, 3.01f },
    { 0, 0.5f, -5.33f, 2.32f },
    { -10, -0.5f, -7.68f, -15.33f },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    float in[N], left[N] = { 0 }, right[N] = { 0 };
    TuttiFader fader;

    ones (in, 0.1f);
    tutti_fader_init (&fader, 0);
    tutti_fader_set (&fader, tutti_db_to_gain (cases[i].db), cases[i].pan);
    tutti_fader_mix (&fader, in, in, left, right, N);
    g_assert_cmpfloat_with_epsilon (tutti_gain_to_db (left[N - 1] / 0.1f), cases[i].left_db, 0.1);
    g_assert_cmpfloat_with_epsilon (tutti_gain_to_db (right[N - 1] / 0.1f), cases[i].right_db, 0.1);
  }
}

static void
test_ramp (void)
{
  float in[N], left[N] = { 0 }, right[N] = { 0 };
  TuttiFader fader;
  guint settled = 0;

  ones (in, 1);
  tutti_fader_init (&fader, 0);
  /* Muted, in blocks of 64 as the graph would. */
  tutti_fader_set (&fader, 0, 0);
  for (guint at = 0; at < N; at += 64)
    tutti_fader_mix (&fader, in, in, left + at, right + at, 64);
  for (guint i = 1; i < N; i++) {
    g_assert_cmpfloat (fabsf (left[i] - left[i - 1]), <, 1.01f / TUTTI_RAMP_SAMPLES);
    if (left[i] != 0)
      settled = i + 1;
  }
  g_assert_cmpuint (settled, ==, TUTTI_RAMP_SAMPLES - 1);
  g_assert_true (tutti_fader_is_silent (&fader));

  /* Turned back half-way: no step either. */
  memset (left, 0, sizeof left);
  tutti_fader_set (&fader, 4, 0);
  tutti_fader_mix (&fader, in, in, left, right, 200);
  tutti_fader_set (&fader, 0.5f, 0);
  tutti_fader_mix (&fader, in, in, left + 200, right, 1000);
  for (guint i = 1; i < 1200; i++)
    g_assert_cmpfloat (fabsf (left[i] - left[i - 1]), <, 4.1f / TUTTI_RAMP_SAMPLES);
  g_assert_cmpfloat_with_epsilon (left[1199], 0.5, 1e-5);
}

/* To 6 dB below the fader first, then to the fader over four times as long. */
static void
test_fade_in (void)
{
  float in[N], left[N] = { 0 }, right[N] = { 0 };
  TuttiFader fader;

  ones (in, 1);
  tutti_fader_init (&fader, 800);
  tutti_fader_mix (&fader, in, in, left, right, N);
  g_assert_cmpfloat (left[0], <, 0.001f);
  for (guint i = 1; i < N; i++) {
    g_assert_cmpfloat (left[i], >=, left[i - 1]);
    g_assert_cmpfloat (left[i] - left[i - 1], <, 0.0015f);
  }
  g_assert_cmpfloat_with_epsilon (tutti_gain_to_db (left[799]), -6.02, 0.01);
  g_assert_cmpfloat_with_epsilon (left[799 + 1600], 0.75, 1e-4);
  g_assert_cmpfloat (left[5 * 800 - 2], <, 1);
  g_assert_cmpfloat (left[5 * 800], ==, 1);
}

static void
test_limiter (void)
{
  TuttiLimiter limiter;
  guint seed = 5;
  float left[N], right[N];

  tutti_limiter_init (&limiter);
  /* Under the ceiling nothing is touched. */
  for (guint i = 0; i < N; i++)
    left[i] = right[i] = 0.89f * sinf ((float) i * 0.05f);
  tutti_limiter_process (&limiter, left, right, N);
  for (guint i = 0; i < N; i++)
    g_assert_cmpfloat (left[i], ==, 0.89f * sinf ((float) i * 0.05f));
  g_assert_cmpfloat (tutti_limiter_take_reduction (&limiter), ==, 1);

  /* Whatever comes, nothing leaves above it. */
  for (guint round = 0; round < 50; round++) {
    for (guint i = 0; i < N; i++) {
      seed = seed * 1664525u + 1013904223u;
      left[i] = (float) (gint32) seed / 2147483648.0f * (float) round;
      right[i] = i % 997 == 0 ? 1e9f : i % 1009 == 0 ? NAN : i % 1013 == 0 ? -INFINITY : 0.1f;
    }
    tutti_limiter_process (&limiter, left, right, N);
    for (guint i = 0; i < N; i++) {
      g_assert_cmpfloat (fabsf (left[i]), <=, TUTTI_LIMITER_CEILING);
      g_assert_cmpfloat (fabsf (right[i]), <=, TUTTI_LIMITER_CEILING);
    }
  }
  g_assert_cmpfloat (tutti_limiter_take_reduction (&limiter), <, 0.01f);
}

/* A loud sine: flattened without a step, and let go within a second. */
static void
test_limiter_release (void)
{
  TuttiLimiter limiter;
  float before = 0;

  tutti_limiter_init (&limiter);
  for (guint i = 0; i < 96000; i++) {
    float left = (i < 24000 ? 2.0f : 0.5f) * sinf ((float) i * 0.0576f);
    float right = left;
    float in = left;

    tutti_limiter_process (&limiter, &left, &right, 1);
    g_assert_cmpfloat (left, ==, right);
    if (i > 0)
      g_assert_cmpfloat (fabsf (left - before), <, 0.13f);
    if (i > 80000)
      g_assert_cmpfloat_with_epsilon (left, in, 0.005f);
    before = left;
  }
}

static void
test_meter (void)
{
  TuttiMeter meter = { 0 };
  TuttiLevel level;
  float left[480], right[480];

  tutti_meter_take (&meter, &level);
  g_assert_cmpfloat (level.peak_db[0], ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat (level.rms_db[1], ==, TUTTI_SILENCE_DB);
  for (guint i = 0; i < 480; i++) {
    left[i] = 0.5f * sinf (2 * (float) G_PI * (float) i / 48);
    right[i] = 0.0005f;
  }
  tutti_meter_add (&meter, left, right, 480);
  tutti_meter_add (&meter, left, right, 480);
  tutti_meter_take (&meter, &level);
  g_assert_cmpfloat_with_epsilon (level.peak_db[0], -6.02, 0.02);
  g_assert_cmpfloat_with_epsilon (level.rms_db[0], -9.03, 0.02);
  g_assert_cmpfloat_with_epsilon (level.peak_db[1], -66.02, 0.02);
  g_assert_cmpfloat_with_epsilon (level.rms_db[1], -66.02, 0.02);
  /* Since the last read only. */
  tutti_meter_add (&meter, right, NULL, 480);
  tutti_meter_take (&meter, &level);
  g_assert_cmpfloat_with_epsilon (level.peak_db[0], -66.02, 0.02);
  g_assert_cmpfloat_with_epsilon (level.rms_db[1], -66.02, 0.02);
  /* Nonsense passes through without leaving anything behind. */
  left[3] = NAN;
  tutti_meter_add (&meter, left, right, 480);
  tutti_meter_take (&meter, &level);
  tutti_meter_add (&meter, right, right, 480);
  tutti_meter_take (&meter, &level);
  g_assert_cmpfloat_with_epsilon (level.rms_db[0], -66.02, 0.02);
}

static _Atomic gboolean stop_adding;

static gpointer
add_blocks (gpointer data)
{
  TuttiMeter *meter = data;
  float block[64];

  for (guint i = 0; i < 64; i++)
    block[i] = i == 63 ? 0.5f : 0.1f;
  while (!atomic_load (&stop_adding))
    tutti_meter_add (meter, block, NULL, 64);
  return NULL;
}

static void
test_meter_threads (void)
{
  static TuttiMeter meter;
  TuttiLevel level;
  GThread *thread = g_thread_new ("meter", add_blocks, &meter);
  guint seen = 0;

  while (seen < 500) {
    tutti_meter_take (&meter, &level);
    /* Whole blocks or nothing. */
    if (level.rms_db[0] > TUTTI_SILENCE_DB) {
      g_assert_cmpfloat_with_epsilon (level.rms_db[0], -18.6, 0.1);
      seen++;
    }
  }
  atomic_store (&stop_adding, TRUE);
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mixer/db", test_db);
  g_test_add_func ("/mixer/gain-and-pan", test_gain_and_pan);
  g_test_add_func ("/mixer/ramp", test_ramp);
  g_test_add_func ("/mixer/fade-in", test_fade_in);
  g_test_add_func ("/limiter/ceiling", test_limiter);
  g_test_add_func ("/limiter/release", test_limiter_release);
  g_test_add_func ("/meter/levels", test_meter);
  g_test_add_func ("/meter/threads", test_meter_threads);
  return g_test_run ();
}
