/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"

#include <sched.h>

static gpointer
ask_from_thread (gpointer user_data)
{
  return GINT_TO_POINTER (tutti_thread_is_main ());
}

static void
test_main (void)
{
  g_autoptr (GThread) thread = NULL;

  g_assert_true (tutti_thread_is_main ());
  tutti_thread_init_main ();
  TUTTI_ASSERT_MAIN_THREAD ();

  thread = g_thread_new ("other", ask_from_thread, NULL);
  g_assert_false (GPOINTER_TO_INT (g_thread_join (g_steal_pointer (&thread))));
}

static void
test_assertion (void)
{
  if (g_test_subprocess ()) {
    g_thread_join (g_thread_new ("other", (GThreadFunc) tutti_thread_init_main, NULL));
    return;
  }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

static gpointer
make_realtime (gpointer user_data)
{
  gboolean granted = tutti_thread_make_realtime (10);
  int policy = sched_getscheduler (0);

  /* What it says must be what the kernel says. */
  if (granted)
    g_assert_true ((policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO ||
                   (policy & ~SCHED_RESET_ON_FORK) == SCHED_RR);
  else
    g_assert_cmpint (policy, ==, SCHED_OTHER);

  g_test_message ("real-time %s", granted ? "granted" : "not granted");
  return NULL;
}

static void
test_realtime (void)
{
  gint64 begin = g_get_monotonic_time ();

  g_thread_join (g_thread_new ("rt", make_realtime, NULL));
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_OTHER);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_test_add_func ("/thread/main", test_main);
  g_test_add_func ("/thread/assertion", test_assertion);
  g_test_add_func ("/thread/realtime", test_realtime);
  return g_test_run ();
}
