/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-clock.h"

#include "tutti-clock.h"

/* Beyond these the numbers are foreign nonsense and the arithmetic below could overflow. */
#define MAX_TIME_NS (G_MAXINT64 / 4)
#define MAX_TIME_US (MAX_TIME_NS / TUTTI_NSEC_PER_USEC)

void
tutti_room_clock_reset (TuttiRoomClock *self)
{
  *self = (TuttiRoomClock) { 0 };
}

/**
 * tutti_room_clock_add:
 * @sent_ns: CLOCK_MONOTONIC when the question left
 * @received_ns: CLOCK_MONOTONIC when the answer was here
 * @room_time_us: what the room said, µs of its own clock
 *
 * Returns: %FALSE when the numbers make no sense (the room's time is foreign input) and were
 * ignored
 */
gboolean
tutti_room_clock_add (TuttiRoomClock *self, gint64 sent_ns, gint64 received_ns, gint64 room_time_us)
{
  gint64 rtt;

  if (sent_ns < 0 || received_ns < sent_ns || received_ns > MAX_TIME_NS)
    return FALSE;
  if (room_time_us < 0 || room_time_us > MAX_TIME_US)
    return FALSE;

  rtt = received_ns - sent_ns;
  self->samples[self->next].rtt_ns = rtt;
  self->samples[self->next].offset_ns = room_time_us * TUTTI_NSEC_PER_USEC + rtt / 2 - received_ns;
  self->next = (self->next + 1) % TUTTI_ROOM_CLOCK_WINDOW;
  self->n_samples = MIN (self->n_samples + 1, TUTTI_ROOM_CLOCK_WINDOW);

  self->best = 0;
  for (guint i = 1; i < self->n_samples; i++) {
    if (self->samples[i].rtt_ns < self->samples[self->best].rtt_ns)
      self->best = i;
  }

  return TRUE;
}

gboolean
tutti_room_clock_is_known (const TuttiRoomClock *self)
{
  return self->n_samples > 0;
}

/**
 * tutti_room_clock_get_rtt_ms:
 *
 * Returns: the smallest round trip of the window in ms, −1 while none is known
 */
double
tutti_room_clock_get_rtt_ms (const TuttiRoomClock *self)
{
  if (self->n_samples == 0)
    return -1.0;

  return self->samples[self->best].rtt_ns / (double) TUTTI_NSEC_PER_MSEC;
}

/**
 * tutti_room_clock_get_error_ms:
 *
 * Returns: ± how far tutti_room_clock_to_room_us() may be off, in ms; −1 while nothing is known
 */
double
tutti_room_clock_get_error_ms (const TuttiRoomClock *self)
{
  if (self->n_samples == 0)
    return -1.0;

  return self->samples[self->best].rtt_ns / 2.0 / TUTTI_NSEC_PER_MSEC;
}

/**
 * tutti_room_clock_get_offset_ns:
 *
 * Returns: room time − CLOCK_MONOTONIC, in ns. Only when tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_get_offset_ns (const TuttiRoomClock *self)
{
  g_return_val_if_fail (self->n_samples > 0, 0);

  return self->samples[self->best].offset_ns;
}

/**
 * tutti_room_clock_to_room_us:
 * @local_ns: CLOCK_MONOTONIC
 *
 * Returns: the room's time then, in µs. Only when tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_to_room_us (const TuttiRoomClock *self, gint64 local_ns)
{
  return (local_ns + tutti_room_clock_get_offset_ns (self)) / TUTTI_NSEC_PER_USEC;
}

/**
 * tutti_room_clock_to_local_ns:
 * @room_us: room time, µs
 *
 * Returns: CLOCK_MONOTONIC then, in ns. Only when tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_to_local_ns (const TuttiRoomClock *self, gint64 room_us)
{
  gint64 clamped = CLAMP (room_us, -MAX_TIME_US, MAX_TIME_US);

  return clamped * TUTTI_NSEC_PER_USEC - tutti_room_clock_get_offset_ns (self);
}
