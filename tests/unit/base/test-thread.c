/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"

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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_test_add_func ("/thread/main", test_main);
  g_test_add_func ("/thread/assertion", test_assertion);
  return g_test_run ();
}
