/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-click.h"
#include "tutti-clock.h"

#define Q       64
#define BASE_NS (500 * TUTTI_NSEC_PER_SEC)

/* The metronome over some seconds, and where its beats begin: at the first sample after silence. */
typedef struct {
  TuttiClicker clicker;
  GArray *onsets; /* of gint64, samples after BASE_NS */
  GArray *sounds; /* of guint, 1: accent */
  gint64 at;
  guint quiet; /* samples since the last sound */
} Bench;

static void
bench_init (Bench *bench)
{
  tutti_clicker_init (&bench->clicker);
  bench->onsets = g_array_new (FALSE, FALSE, sizeof (gint64));
  bench->sounds = g_array_new (FALSE, FALSE, sizeof (guint));
  bench->at = 0;
  bench->quiet = 100;
}

static void
bench_clear (Bench *bench)
{
  g_array_unref (bench->onsets);
  g_array_unref (bench->sounds);
}

static gint64
ns_at (gint64 sample)
{
  return BASE_NS + (gint64) llround ((double) sample * 1e9 / TUTTI_SAMPLE_RATE);
}

/* @jitter_ns: by how much the cycle's start is told wrongly */
static void
bench_cycle (Bench *bench, gint64 jitter_ns)
{
  float left[Q] = { 0 }, right[Q] = { 0 };

  tutti_clicker_process (&bench->clicker, left, right, Q, ns_at (bench->at) + jitter_ns);
  g_assert_cmpmem (left, sizeof left, right, sizeof right);
  for (guint i = 0; i < Q; i++) {
    if (left[i] == 0) {
      bench->quiet++;
      continue;
    }
    if (bench->quiet > 40) {
      gint64 onset = bench->at + i;
      guint accent = fabsf (left[i]) == fabsf (bench->clicker.sounds[1][0] * bench->clicker.gain);

      g_array_append_val (bench->onsets, onset);
      g_array_append_val (bench->sounds, accent);
    }
    bench->quiet = 0;
  }
  bench->at += Q;
}

static void
bench_run (Bench *bench, double seconds)
{
  for (gint64 end = bench->at + (gint64) (seconds * TUTTI_SAMPLE_RATE); bench->at < end;)
    bench_cycle (bench, 0);
}

static gint64
onset (Bench *bench, guint i)
{
  g_assert_cmpuint (i, <, bench->onsets->len);
  return g_array_index (bench->onsets, gint64, i);
}

/* To the sample, for ten minutes, at a tempo that is no whole number of samples; beats before the
 * origin are none. */
static void
test_exact (void)
{
  TuttiClick click = { 97.3, 7, BASE_NS + 123456789, 0, TRUE, -12 };
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 600);
  g_assert_cmpint (ABS ((gint) bench.onsets->len - (gint) (97.3 * 10)), <=, 1);
  for (guint i = 0; i < bench.onsets->len; i++) {
    double due = (123456789 + i * 60e9 / 97.3) * TUTTI_SAMPLE_RATE / 1e9;

    g_assert_cmpint (onset (&bench, i), ==, llround (due));
    g_assert_cmpuint (g_array_index (bench.sounds, guint, i), ==, i % 7 == 0);
  }
  bench_clear (&bench);
}

/* A beat begins in mid-cycle and ends in another; whatever the graph's clock says by up to 200 µs,
 * none is doubled or lost. */
static void
test_jitter (void)
{
  TuttiClick click = { 240, 4, BASE_NS, 0, TRUE, 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  for (guint i = 0; i < 60 * TUTTI_SAMPLE_RATE / Q; i++)
    bench_cycle (&bench, g_rand_int_range (rand, -200000, 200000));
  g_assert_cmpuint (bench.onsets->len, ==, 240);
  for (guint i = 0; i < bench.onsets->len; i++)
    g_assert_cmpint (ABS (onset (&bench, i) - i * 12000), <=, 11);
  bench_clear (&bench);
}

/* Who joins late hears the beat that comes next, and the right one of the bar. */
static void
test_late_comer (void)
{
  TuttiClick click = { 120, 3,    BASE_NS - 1000 * TUTTI_NSEC_PER_SEC - 100 * TUTTI_NSEC_PER_MSEC,
                       2,   TRUE, -6 };
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 3);
  /* Beat 2000 was 100 ms ago, 2001 comes in 400 ms. */
  g_assert_cmpuint (bench.onsets->len, ==, 6);
  for (guint i = 0; i < bench.onsets->len; i++) {
    g_assert_cmpint (onset (&bench, i), ==, 19200 + i * 24000);
    g_assert_cmpuint (g_array_index (bench.sounds, guint, i), ==, (2001 + i) % 3 == 0);
  }
  bench_clear (&bench);
}

static void
test_count_in (void)
{
  TuttiClick click = { 120, 4, BASE_NS + TUTTI_NSEC_PER_SEC, 2, FALSE, -6 };
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 10);
  g_assert_cmpuint (bench.onsets->len, ==, 8);
  g_assert_cmpint (onset (&bench, 0), ==, 48000);
  g_assert_cmpint (onset (&bench, 7), ==, 48000 + 7 * 24000);
  /* Made audible, it is on the beat. */
  click.audible = TRUE;
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 10);
  g_assert_cmpuint (bench.onsets->len, ==, 28);
  for (guint i = 8; i < bench.onsets->len; i++)
    g_assert_cmpint ((onset (&bench, i) - 48000) % 24000, ==, 0);
  /* Off is off at once but for what still sounds. */
  tutti_clicker_set (&bench.clicker, NULL);
  bench_run (&bench, 10);
  g_assert_cmpuint (bench.onsets->len, ==, 28);
  bench_clear (&bench);
}

/* The clock gets better all the time: the origin moves by up to 2 ms, at any moment, and each beat
 * sounds once, at the newest origin's time. */
static void
test_small_moves (void)
{
  TuttiClick click = { 400, 4, BASE_NS, 0, TRUE, -6 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  for (guint i = 0; i < 120 * TUTTI_SAMPLE_RATE / Q; i++) {
    if (i % 3 == 0) {
      gint64 move = g_rand_int_range (rand, -900000, 900000);

      click.origin_ns = BASE_NS + move;
      tutti_clicker_set (&bench.clicker, &click);
    }
    bench_cycle (&bench, 0);
  }
  g_assert_cmpint (ABS ((gint) bench.onsets->len - 800), <=, 1);
  for (guint i = 1; i < bench.onsets->len; i++) {
    g_assert_cmpint (ABS (onset (&bench, i) - onset (&bench, i - 1) - 7200), <=, 180);
    g_assert_cmpuint (g_array_index (bench.sounds, guint, i), ==, i % 4 == 0);
  }
  bench_clear (&bench);
}

/* Another tempo whose phase is kept by moving the origin, as the room does: no beat is doubled. */
static void
test_tempo_change (void)
{
  TuttiClick click = { 120, 4, BASE_NS, 0, TRUE, -6 };
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  /* A beat is sounding right now: number 8 of the old tempo. */
  bench_run (&bench, 4.01);
  g_assert_cmpuint (bench.onsets->len, ==, 9);
  /* The next is on time at 4.5 s, as number 9 of the new one. */
  click.bpm = 90;
  click.origin_ns = BASE_NS + (gint64) llround (4.5e9 - 9 * 60e9 / 90);
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 4);
  g_assert_cmpint (onset (&bench, 8), ==, 4 * 48000);
  for (guint i = 9; i < bench.onsets->len; i++)
    g_assert_cmpint (onset (&bench, i), ==, 216000 + (i - 9) * 32000);
  bench_clear (&bench);
}

/* The graph stood still for three seconds: what passed is not made up for. */
static void
test_standstill (void)
{
  TuttiClick click = { 120, 4, BASE_NS, 0, TRUE, -6 };
  Bench bench;

  bench_init (&bench);
  tutti_clicker_set (&bench.clicker, &click);
  bench_run (&bench, 2.1);
  g_assert_cmpuint (bench.onsets->len, ==, 5);
  bench.at += 3 * TUTTI_SAMPLE_RATE;
  bench_run (&bench, 1);
  g_assert_cmpuint (bench.onsets->len, ==, 7);
  g_assert_cmpint (onset (&bench, 5), ==, 264000);
  bench_clear (&bench);
}

/* Full scale at 0 dB, no step anywhere, silent at the end; the accent is another note. */
static void
test_sound (void)
{
  TuttiClicker clicker;

  tutti_clicker_init (&clicker);
  for (guint s = 0; s < 2; s++) {
    float peak = 0, before = 0, late = 0;

    for (guint i = 0; i < TUTTI_CLICK_SAMPLES; i++) {
      float value = clicker.sounds[s][i];

      g_assert_cmpfloat (fabsf (value - before), <, 0.45f);
      peak = fmaxf (peak, fabsf (value));
      if (i > TUTTI_CLICK_SAMPLES - 20)
        late = fmaxf (late, fabsf (value));
      before = value;
    }
    g_assert_cmpfloat_with_epsilon (peak, 1, 1e-6);
    g_assert_cmpfloat (late, <, 1e-3f);
  }
  g_assert_true (memcmp (clicker.sounds[0], clicker.sounds[1], sizeof clicker.sounds[0]) != 0);
}

/* Numbers that make no sense from the network must not hang the real-time thread. */
static void
test_nonsense (void)
{
  const TuttiClick clicks[] = {
    { NAN, 0, G_MININT64, 99, TRUE, NAN },
    { -1, 99, G_MAXINT64, 0, TRUE, 99 },
    { INFINITY, 4, 0, 4, TRUE, -INFINITY },
    { 1e300, G_MAXUINT, 1, G_MAXUINT, FALSE, 0 },
    { 20, 16, -1, 4, TRUE, 0 },
  };
  Bench bench;

  bench_init (&bench);
  for (guint i = 0; i < G_N_ELEMENTS (clicks); i++)
    for (guint j = 0; j < G_N_ELEMENTS (clicks); j++) {
      gint64 start = g_get_monotonic_time ();

      tutti_clicker_set (&bench.clicker, &clicks[i]);
      bench_run (&bench, 0.5);
      tutti_clicker_set (&bench.clicker, &clicks[j]);
      bench_run (&bench, 0.5);
      g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC);
    }
  bench_clear (&bench);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/click/exact", test_exact);
  g_test_add_func ("/click/jitter", test_jitter);
  g_test_add_func ("/click/late-comer", test_late_comer);
  g_test_add_func ("/click/count-in", test_count_in);
  g_test_add_func ("/click/small-moves", test_small_moves);
  g_test_add_func ("/click/tempo-change", test_tempo_change);
  g_test_add_func ("/click/standstill", test_standstill);
  g_test_add_func ("/click/sound", test_sound);
  g_test_add_func ("/click/nonsense", test_nonsense);
  return g_test_run ();
}
