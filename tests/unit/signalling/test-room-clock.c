/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-clock.h"

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
  g_assert_cmpfloat (tutti_room_clock_get_error_ms (&clock), ==, 5.0);
  g_assert_cmpint (tutti_room_clock_to_room_us (&clock, 60 * S), ==, 61234000);
  g_assert_cmpint (tutti_room_clock_to_local_ns (&clock, 61234000), ==, 60 * S);
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

/* After a window of worse answers the good one is forgotten: clocks drift, paths change. */
static void
test_window (void)
{
  TuttiRoomClock clock = { 0 };

  ask (&clock, 1 * S, 0, 1 * MS, 1 * MS);
  for (guint i = 0; i < TUTTI_ROOM_CLOCK_WINDOW - 1; i++)
    ask (&clock, (i + 2) * S, 5 * S, 10 * MS, 10 * MS);
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, 2.0);

  ask (&clock, 100 * S, 5 * S, 10 * MS, 10 * MS);
  g_assert_cmpfloat (tutti_room_clock_get_rtt_ms (&clock), ==, 20.0);
  g_assert_cmpint (tutti_room_clock_get_offset_ns (&clock), ==, 5 * S);

  tutti_room_clock_reset (&clock);
  g_assert_false (tutti_room_clock_is_known (&clock));
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
  g_test_add_func ("/room-clock/nonsense", test_nonsense);
  return g_test_run ();
}
