/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_ROOM_CLOCK_WINDOW 16

/**
 * TuttiRoomClock:
 *
 * The offset between CLOCK_MONOTONIC here and the room service's monotonic clock: of the last
 * %TUTTI_ROOM_CLOCK_WINDOW answers to `clock` the one with the smallest round trip counts. Pings
 * cannot see asymmetry, so that the offset is true to ± half that round trip. Plain value, zero is
 * "nothing known"; one thread at a time.
 */
typedef struct {
  /*< private >*/
  struct {
    gint64 rtt_ns;
    gint64 offset_ns; /* room − local */
  } samples[TUTTI_ROOM_CLOCK_WINDOW];
  guint n_samples;
  guint next;
  guint best;
} TuttiRoomClock;

void tutti_room_clock_reset (TuttiRoomClock *self);
gboolean tutti_room_clock_add (TuttiRoomClock *self,
                               gint64 sent_ns,
                               gint64 received_ns,
                               gint64 room_time_us);
gboolean tutti_room_clock_is_known (const TuttiRoomClock *self);
double tutti_room_clock_get_rtt_ms (const TuttiRoomClock *self);
double tutti_room_clock_get_error_ms (const TuttiRoomClock *self);
gint64 tutti_room_clock_get_offset_ns (const TuttiRoomClock *self);
gint64 tutti_room_clock_to_room_us (const TuttiRoomClock *self, gint64 local_ns);
gint64 tutti_room_clock_to_local_ns (const TuttiRoomClock *self, gint64 room_us);

G_END_DECLS
