/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_ROOM_CLOCK_WINDOW 512

/**
 * TuttiRoomClock:
 *
 * The room service's monotonic clock as seen from CLOCK_MONOTONIC here: an offset and a skew, since
 * two computers' clocks differ by up to some 100 ppm and a minute of that is milliseconds.
 *
 * Each answer to `clock` bounds the offset on both sides: the question cannot have arrived before
 * it left, nor the answer left after it arrived. In the middle between the quickest questions and
 * the quickest answers of the last two minutes, each way for itself, lies the offset; an eighth of
 * them counts as quick, so that much of a line's jitter is averaged out. The skew is the slope of
 * such middles over pieces of that time. Pings cannot see asymmetry: the offset is true to ± half
 * of the smallest round trip (tutti_room_clock_get_error_ms() knows better). Plain value, zero is
 * "nothing known"; one thread at a time.
 */
typedef struct {
  /*< private >*/
  struct {
    gint64 sent_ns;
    gint64 received_ns;
    gint64 room_ns;
  } samples[TUTTI_ROOM_CLOCK_WINDOW];
  guint n_samples;
  guint next; /* the oldest comes next, once the window is full */
  gint64 min_rtt_ns;
  /* The estimate: room − local = offset + skew · (local − reference) */
  gint64 reference_ns;
  gint64 offset_ns;
  double skew;
  gint64 error_ns;
} TuttiRoomClock;

void tutti_room_clock_reset (TuttiRoomClock *self);
gboolean tutti_room_clock_add (TuttiRoomClock *self,
                               gint64 sent_ns,
                               gint64 received_ns,
                               gint64 room_time_us);
gboolean tutti_room_clock_is_jittery (const TuttiRoomClock *self);
gboolean tutti_room_clock_is_known (const TuttiRoomClock *self);
double tutti_room_clock_get_rtt_ms (const TuttiRoomClock *self);
double tutti_room_clock_get_error_ms (const TuttiRoomClock *self);
double tutti_room_clock_get_skew_ppm (const TuttiRoomClock *self);
gint64 tutti_room_clock_get_offset_ns (const TuttiRoomClock *self);
gint64 tutti_room_clock_to_room_us (const TuttiRoomClock *self, gint64 local_ns);
gint64 tutti_room_clock_to_local_ns (const TuttiRoomClock *self, gint64 room_us);

G_END_DECLS
