/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-strip-private.h"

#include "tutti-clock.h"
#include "tutti-thread.h"

/* What a strip finds out about itself once a second. */

static double
share (guint64 part, guint64 whole)
{
  return whole > 0 ? CLAMP ((double) part / (double) whole, 0, 1) : 0;
}

static void
tick_quality (TuttiStrip *self, const TuttiQualitySample *now)
{
  TuttiQualitySample oldest = { 0 };

  if (self->n_window > 0)
    oldest = self->window[self->n_window < TUTTI_STRIP_WINDOW ? 0 : self->next_window];

  tutti_strip_set_double (
      self, &self->quality,
      1 - share (now->concealed - oldest.concealed, now->played - oldest.played),
      TUTTI_STRIP_PROP_QUALITY);

  self->window[self->next_window] = *now;
  self->next_window = (self->next_window + 1) % TUTTI_STRIP_WINDOW;
  self->n_window = MIN (self->n_window + 1, TUTTI_STRIP_WINDOW);
}

static TuttiRoomInstant
to_room (const TuttiRoomClock *clock, guint32 rtp_timestamp, gint64 ns)
{
  return (TuttiRoomInstant) { rtp_timestamp, ns > 0 ? tutti_room_clock_to_room_us (clock, ns) : 0 };
}

static void
tick_delay (TuttiStrip *self, const TuttiRoomClock *clock, const TuttiPlaybackPath *path)
{
  TuttiDelayInput input = { .capture = self->capture,
                            .lookahead_samples = self->lookahead_samples };
  TuttiDelayStages stages;

  if (!self->flowing || !self->capture_known || self->stats.playback_ns == 0 || !clock ||
      !tutti_room_clock_is_known (clock)) {
    tutti_strip_set_stages (self, NULL);
    return;
  }

  input.arrival = to_room (clock, self->stats.arrival_rtp_timestamp, self->stats.arrival_ns);
  input.playback =
      to_room (clock, self->stats.rtp_timestamp, self->stats.playback_ns + path->late_ns);
  input.frame_samples = self->stats.frame_samples;
  input.clock_error_ms = tutti_room_clock_get_error_ms (clock);
  if (tutti_delay_measure (&input, &stages)) {
    stages.playback_ms = path->quantum_ms;
    tutti_strip_set_stages (self, &stages);
  } else {
    tutti_strip_set_stages (self, NULL);
  }
}

static void
tick_history (TuttiStrip *self, const TuttiQualitySample *now, const TuttiQualitySample *before)
{
  guint64 missing = now->missing - before->missing;
  const TuttiDelayPoint point = {
    .time_ns = tutti_clock_now_ns (),
    .delay_ms = self->delay_ms,
    .target_ms = self->stats.target_ms,
    .concealed_percent =
        100 * share (now->concealed - before->concealed, now->played - before->played),
    .loss_percent = 100 * share (missing, missing + now->received - before->received),
  };

  tutti_delay_history_add (&self->history, &point);
}

void
tutti_strip_tick (TuttiStrip *self, const TuttiRoomClock *clock, const TuttiPlaybackPath *path)
{
  TuttiQualitySample now, before = { 0 };

  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->remote)
    return;

  tutti_strip_refresh (self);
  now = (TuttiQualitySample) {
    .concealed = self->stats.concealed_samples,
    .played = self->stats.played_samples,
    .missing = self->stats.packets_missing,
    .received = self->stats.received,
  };
  if (self->n_window > 0)
    before = self->window[(self->next_window + TUTTI_STRIP_WINDOW - 1) % TUTTI_STRIP_WINDOW];

  tutti_strip_set_boolean (self, &self->flowing, now.received > before.received,
                           TUTTI_STRIP_PROP_FLOWING);
  tick_quality (self, &now);
  tick_delay (self, clock, path);
  tick_history (self, &now, &before);
}
