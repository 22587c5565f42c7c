/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"

static GThread *main_thread; /* atomic; written once by tutti_thread_init_main() */

/**
 * tutti_thread_init_main:
 *
 * Declares the calling thread to be the main one. Called once, first thing in main(). A second call
 * from the same thread is allowed.
 */
void
tutti_thread_init_main (void)
{
  GThread *current = g_thread_self ();

  g_assert (g_atomic_pointer_get (&main_thread) == NULL ||
            g_atomic_pointer_get (&main_thread) == current);
  g_atomic_pointer_set (&main_thread, current);
}

/**
 * tutti_thread_is_main:
 *
 * Any thread.
 *
 * Returns: whether the calling thread is the one that called tutti_thread_init_main()
 */
gboolean
tutti_thread_is_main (void)
{
  return g_atomic_pointer_get (&main_thread) == g_thread_self ();
}
