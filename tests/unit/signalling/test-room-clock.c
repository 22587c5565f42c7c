/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-clock.h"

#include <math.h>

#define MS G_GINT64_CONSTANT (1000000)
#define S  (1000 * MS)

/* A room whose clock is ahead by @offset_ns, asked at @now over a line of @up and @down. */
static void
ask (TuttiRoomClock *clock, gint64 now, gint64 offset_ns, gint64 up, gint64 down)
{
  g_assert_true (tutti_room_clock_add (clock, now, now + up + down, (now + up + offset_ns) / 1000));
}

static void
test_unknown (void)
{
  TuttiRoomClock clock = { 0 };

  g_assert_false (tutti_room_clock_is_known (&clock));
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, -1.0);
  g_assert_cmpfloat (tutti_room_clock_get_error_ms (&clock), ==, -1.0);
}

static void
test_symmetric (void)
{
  TuttiRoomClock clock = { 0 };

  ask (&clock, 50 * S, 1234 * MS, 5 * MS, 5 * MS);
  g_assert_true (tutti_room_clock_is_known (&clock));
  g_assert_cmpint (tutti_room_clock_get_offset_ns (&clock), ==, 1234 * MS);
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, 10.0);
  g_assert_cmpfloat_with_epsilon (tutti_room_clock_get_error_ms (&clock), 5.0, 0.01);
  g_assert_cmpint (tutti_room_clock_to_room_us (&clock, 60 * S), ==, 61234000);
  g_assert_cmpint (ABS (tutti_room_clock_to_local_ns (&clock, 61234000) - 60 * S), <, 100);
}

static void
test_behind (void)
{
  TuttiRoomClock clock = { 0 };

  /* A room that has just been started on a machine that has just been started. */
  ask (&clock, 100000 * S, -99990 * S, 1 * MS, 1 * MS);
  g_assert_cmpint (tutti_room_clock_get_offset_ns (&clock), ==, -99990 * S);
  g_assert_cmpint (tutti_room_clock_to_room_us (&clock, 100000 * S), ==, 10000000);
}

/* The shortest round trip wins, and what it says is off by no more than half of it. */
static void
test_minimum (void)
{
  TuttiRoomClock clock = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (7);

  for (guint i = 0; i < 1000; i++) {
    gint64 up = 2 * MS + g_rand_int_range (rand, 0, 30 * MS);
    gint64 down = 2 * MS + g_rand_int_range (rand, 0, 30 * MS);
    gint64 wrong;

    ask (&clock, i * S, 77 * S, up, down);
    wrong = tutti_room_clock_get_offset_ns (&clock) - 77 * S;
    g_assert_cmpint (ABS (wrong), <=,
                     (gint64) (tutti_room_clock_get_error_ms (&clock) * MS) + 1000);
  }

  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), <, 40.0);
}

/* After two minutes of worse answers the good one is forgotten: clocks drift, paths change. */
static void
test_window (void)
{
  TuttiRoomClock clock = { 0 };

  ask (&clock, 1 * S, 5 * S, 1 * MS, 1 * MS);
  g_assert_false (tutti_room_clock_is_jittery (&clock));
  for (guint i = 2; i <= 120; i++)
    ask (&clock, i * S, 5 * S, 10 * MS, 10 * MS);
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, 2.0);
  g_assert_true (tutti_room_clock_is_jittery (&clock));

  for (guint i = 121; i < 130; i++)
    ask (&clock, i * S, 5 * S, 10 * MS, 10 * MS);
  g_assert_false (tutti_room_clock_is_jittery (&clock));
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, 20.0);
  g_assert_cmpint (ABS (tutti_room_clock_get_offset_ns (&clock) - 5 * S), <, 2000);

  /* However many there are. */
  for (guint i = 0; i < 3 * TUTTI_ROOM_CLOCK_WINDOW; i++)
    ask (&clock, 200 * S + i * 10 * MS, 5 * S, 10 * MS, 10 * MS);
  g_assert_cmpint (ABS (tutti_room_clock_get_offset_ns (&clock) - 5 * S), <, 2000);

  tutti_room_clock_reset (&clock);
  g_assert_false (tutti_room_clock_is_known (&clock));
}

/* A computer that slept: what was known before is worth nothing. */
static void
test_jump (void)
{
  TuttiRoomClock clock = { 0 };

  for (guint i = 0; i < 20; i++)
    ask (&clock, (i + 1) * S, 5 * S, 1 * MS, 1 * MS);
  ask (&clock, 21 * S, 65 * S, 10 * MS, 10 * MS);
  g_assert_cmpint (ABS (tutti_room_clock_get_offset_ns (&clock) - 65 * S), <, 1000);
  g_assert_cmpfloat_with_epsilon (tutti_room_clock_get_error_ms (&clock), 10.0, 0.01);
}

/* -- skew: the room's clock runs faster than ours -- */

typedef struct {
  double skew_ppm;
  double up_ms, down_ms; /* the least that the way takes */
  double sigma_ms;       /* on top: half a bell curve; in order: a bell curve */
  double interval_s;
  gboolean in_order; /* nothing overtakes the packets of the music, one each 1.33 ms */
} Line;

static double
half_bell (GRand *rand, double sigma)
{
  double u = 1 - g_rand_double (rand), v = g_rand_double (rand);

  return sigma * fabs (sqrt (-2 * log (u)) * cos (2 * G_PI * v));
}

/* One way: without order each question for itself, else behind whatever was held up before it. */
static double
travel (GRand *rand, const Line *line, double least_ms)
{
  double latest = least_ms + half_bell (rand, line->sigma_ms);

  if (!line->in_order)
    return latest;

  latest = 0;
  for (guint i = 0; i < 20; i++) {
    double sign = g_rand_boolean (rand) ? 1 : -1;
    double way = MAX (least_ms + sign * half_bell (rand, line->sigma_ms), 0);

    latest = MAX (latest, way - i * 4 / 3.0);
  }

  return latest;
}

/* Asks for @seconds; returns the largest error of the last half of them, in ms, between two answers
 * and at their edges. Every error must lie within what the clock says of itself. */
static double
follow (const Line *line, double seconds, guint32 seed)
{
  TuttiRoomClock clock = { 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (seed);
  double worst = 0;

  for (double t = 100; t < 100 + seconds; t += line->interval_s) {
    double up = travel (rand, line, line->up_ms);
    double down = travel (rand, line, line->down_ms);
    double room_ms = (t * 1e3 + up) * (1 + line->skew_ppm * 1e-6) + 7e7;
    gint64 sent = (gint64) (t * 1e9);

    g_assert_true (tutti_room_clock_add (&clock, sent, sent + (gint64) ((up + down) * 1e6),
                                         (gint64) (room_ms * 1e3)));
    for (guint i = 0; i < 2; i++) {
      double later = t + (up + down) * 1e-3 + i * line->interval_s;
      double truth_ms = later * 1e3 * (1 + line->skew_ppm * 1e-6) + 7e7;
      double wrong = tutti_room_clock_to_room_us (&clock, (gint64) (later * 1e9)) / 1e3 - truth_ms;

      if (i == 0)
        g_assert_cmpfloat (fabs (wrong), <=, tutti_room_clock_get_error_ms (&clock) + 0.01);
      if (t > 100 + seconds / 2)
        worst = MAX (worst, fabs (wrong));
    }
  }

  return worst;
}

static void
test_skew (void)
{
  static const Line lines[] = {
    { 100, 0.1, 0.1, 0.05, 1 }, { -100, 0.1, 0.1, 0.05, 1 }, { 100, 10, 10, 0.2, 1 },
    { 250, 10, 10, 0.2, 1 },    { 0, 10, 10, 0.2, 1 },       { 100, 10, 10, 0.2, 2 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    for (guint seed = 0; seed < 4; seed++)
      g_assert_cmpfloat (follow (&lines[i], 300, seed), <, 0.1);
}

/* Bad lines: a jitter of σ = 5 ms each way, 100 ppm, and a millisecond or so is kept at worst. */
static void
test_skew_and_jitter (void)
{
  static const Line lines[] = {
    { 100, 10, 10, 2, 1, FALSE },  { 100, 10, 10, 5, 1, FALSE },   { -100, 10, 10, 5, 0.25, FALSE },
    { 0, 10, 10, 5, 0.25, FALSE }, { 100, 10, 10, 2, 0.25, TRUE }, { -100, 10, 10, 5, 0.25, TRUE },
  };
  static const double bars[] = { 0.5, 1.2, 0.5, 0.5, 0.8, 1.5 };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++) {
    double sum = 0, worst = 0;

    for (guint seed = 0; seed < 4; seed++) {
      double wrong = follow (&lines[i], 300, seed);

      worst = MAX (worst, wrong);
      sum += wrong;
    }
    g_test_message (
        "%g ppm, sigma %g ms, every %g s: largest error %.2f ms, on average over seeds %.2f ms",
        lines[i].skew_ppm, lines[i].sigma_ms, lines[i].interval_s, worst, sum / 4);
    g_assert_cmpfloat (worst, <, bars[i]);
  }
}

/* On an asymmetric line one clock is wrong by half the difference, and says so. */
static void
test_asymmetric (void)
{
  const Line line = { 100, 5, 25, 0.1, 1 };

  for (guint seed = 0; seed < 10; seed++) {
    double wrong = follow (&line, 300, seed);

    g_assert_cmpfloat (wrong, >, 9.8);
    g_assert_cmpfloat (wrong, <, 10.3);
  }
}

static void
test_nonsense (void)
{
  TuttiRoomClock clock = { 0 };

  g_assert_false (tutti_room_clock_add (&clock, 10, 9, 0));
  g_assert_false (tutti_room_clock_add (&clock, -1, 9, 0));
  g_assert_false (tutti_room_clock_add (&clock, 1, 9, -1));
  g_assert_false (tutti_room_clock_add (&clock, 1, 9, G_MAXINT64));
  g_assert_false (tutti_room_clock_add (&clock, 1, G_MAXINT64, 0));
  g_assert_false (tutti_room_clock_is_known (&clock));

  /* The largest that is allowed does not overflow (the sanitizer watches). */
  g_assert_true (tutti_room_clock_add (&clock, 0, 0, G_MAXINT64 / 4 / 1000));
  tutti_room_clock_to_room_us (&clock, G_MAXINT64 / 4);
  tutti_room_clock_to_local_ns (&clock, G_MAXINT64);
  tutti_room_clock_to_local_ns (&clock, G_MININT64);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/room-clock/unknown", test_unknown);
  g_test_add_func ("/room-clock/symmetric", test_symmetric);
  g_test_add_func ("/room-clock/behind", test_behind);
  g_test_add_func ("/room-clock/minimum", test_minimum);
  g_test_add_func ("/room-clock/window", test_window);
  g_test_add_func ("/room-clock/jump", test_jump);
  g_test_add_func ("/room-clock/skew", test_skew);
  g_test_add_func ("/room-clock/skew-and-jitter", test_skew_and_jitter);
  g_test_add_func ("/room-clock/asymmetric", test_asymmetric);
  g_test_add_func ("/room-clock/nonsense", test_nonsense);
  return g_test_run ();
}
