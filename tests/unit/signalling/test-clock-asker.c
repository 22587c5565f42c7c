/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* When the room is asked for its time, and what comes of it. */

#include "client-fixture.h"
#include "tutti-thread.h"

static gboolean
has_five_questions (gpointer user_data)
{
  return ((ClientFixture *) user_data)->n_clock_questions >= 5;
}

static gboolean
clock_is_known (gpointer user_data)
{
  return tutti_room_clock_is_known (
      tutti_room_client_get_clock (((ClientFixture *) user_data)->client));
}

static gboolean
has_six_questions (gpointer user_data)
{
  return ((ClientFixture *) user_data)->n_clock_questions >= 6;
}

static void
test_clock (ClientFixture *f, gconstpointer data)
{
  const TuttiRoomClock *clock = tutti_room_client_get_clock (f->client);
  gint64 begin;
  gint64 least_ms;
  double offset_ms;

  f->room_offset_us = 3600 * (gint64) G_USEC_PER_SEC + 12345;
  client_fixture_open (f);
  spin_for_ms (200);
  g_assert_cmpuint (f->n_clock_questions, ==, 0);

  begin = g_get_monotonic_time ();
  client_fixture_join (f);
  spin_until (has_five_questions, f);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 390 * G_TIME_SPAN_MILLISECOND);
  /* When the next question is due was settled with this one, by the four answers before it: on a
   * machine that stood still meanwhile they may well have come unevenly. */
  least_ms = tutti_room_clock_is_jittery (clock) ? 240 : 900;
  begin = g_get_monotonic_time ();
  spin_until (clock_is_known, f);
  g_assert_true (tutti_room_clock_is_known (clock));
  offset_ms = (tutti_room_clock_get_offset_ns (clock) / 1000 - f->room_offset_us) / 1000.0;
  g_test_message ("offset wrong by %.3f ms, ± %.3f ms", offset_ms,
                  tutti_room_clock_get_error_ms (clock));
  g_assert_cmpfloat (ABS (offset_ms), <=, tutti_room_clock_get_error_ms (clock) + 0.002);

  spin_until (has_six_questions, f);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, least_ms * G_TIME_SPAN_MILLISECOND);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  client_fixture_add ("/clock-asker/clock", test_clock, NULL);
  return g_test_run ();
}
