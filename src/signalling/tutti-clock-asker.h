/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-channel.h"
#include "tutti-room-clock.h"

G_BEGIN_DECLS

/**
 * TuttiClockAsker:
 *
 * Asks the room for its time, 5 times at 100 ms and then every second, or four times as
 * often where answers are slow now and then, and keeps a #TuttiRoomClock.
 * Main thread.
 */
typedef struct _TuttiClockAsker TuttiClockAsker;

/* @changed is called after each answer that counted. */
TuttiClockAsker *tutti_clock_asker_new (TuttiChannel *channel,
                                        void (*changed) (gpointer user_data),
                                        gpointer user_data);
/* Stops at once; @changed is not called any more. */
void tutti_clock_asker_free (TuttiClockAsker *self);
/* Idempotent. */
void tutti_clock_asker_start (TuttiClockAsker *self);
void tutti_clock_asker_stop (TuttiClockAsker *self);
const TuttiRoomClock *tutti_clock_asker_get_clock (TuttiClockAsker *self);

G_END_DECLS
