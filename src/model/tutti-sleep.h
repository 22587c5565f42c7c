/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiSleepFunc:
 * @asleep: TRUE: the computer is about to sleep, and waits for tutti_sleep_ready(), though not for
 *   long (5 s by default); FALSE: it is awake again
 */
typedef void (*TuttiSleepFunc) (gboolean asleep, gpointer user_data);

/**
 * TuttiSleep: what logind says of suspend and hibernation (org.freedesktop.login1 on the system
 * bus). Where there is no logind, nothing is said. Plain C, main thread.
 */
typedef struct _TuttiSleep TuttiSleep;

/* @func: not before the main loop runs again */
TuttiSleep *tutti_sleep_new (TuttiSleepFunc func, gpointer user_data);
void tutti_sleep_free (TuttiSleep *self);
/* All is done that had to be done before: the computer may sleep. */
void tutti_sleep_ready (TuttiSleep *self);

G_END_DECLS
