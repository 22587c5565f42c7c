/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TUTTI_ASSERT_MAIN_THREAD:
 *
 * Aborts when the calling thread is not the one that called tutti_thread_init_main(). Stands at the
 * entry of every function that docs/THREADING.md gives to the main thread.
 */
#define TUTTI_ASSERT_MAIN_THREAD() g_assert (tutti_thread_is_main ())

void tutti_thread_init_main (void);
gboolean tutti_thread_is_main (void);
gboolean tutti_thread_make_realtime (int priority);

G_END_DECLS
