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
void tutti_thread_make_ordinary (void);

/**
 * TuttiRealtime: how it stands with the real-time priority of the threads that asked for it; the
 * worst of several is the last
 * @TUTTI_REALTIME_GRANTED: all have it (or there are none)
 * @TUTTI_REALTIME_ASKED: RealtimeKit or the portal is being asked
 * @TUTTI_REALTIME_NOBODY_GRANTS: the kernel refuses, and neither RealtimeKit nor the portal is
 * there
 * @TUTTI_REALTIME_NO_ANSWER: one of these is there and does not answer
 * @TUTTI_REALTIME_REFUSED: one of these was there and refused
 * @TUTTI_REALTIME_TAKEN_AWAY: was granted and is gone: RealtimeKit does that when the machine
 * chokes
 */
typedef enum {
  TUTTI_REALTIME_GRANTED,
  TUTTI_REALTIME_ASKED,
  TUTTI_REALTIME_NOBODY_GRANTS,
  TUTTI_REALTIME_NO_ANSWER,
  TUTTI_REALTIME_REFUSED,
  TUTTI_REALTIME_TAKEN_AWAY,
} TuttiRealtime;

TuttiRealtime tutti_thread_check_realtime (guint *n_threads, guint *n_without);
char *tutti_thread_describe_realtime (TuttiRealtime state);

G_END_DECLS
