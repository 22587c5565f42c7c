/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include <math.h>

#include "tutti-participant-private.h"
#include "tutti-sound-private.h"
#include "tutti-strip-private.h"

/* What we tell the room of how things are: when which sample was played, and how we hear whom. */

#define DEFAULT_QUANTUM 64

/* -- clocks -- */

static void
publish_clock (TuttiStay *self, const TuttiRoomClock *clock, TuttiOutput *output)
{
  TuttiStripStats stats;
  TuttiRtpClock pair;
  gboolean is_told_of;

  if (!output->producer_id)
    return;

  tutti_stay_peek_own (self, &output->own, &stats);
  /* When a packet left is known of one of a strip's formats: of the framed one where there is. */
  is_told_of = stats.sent_ns > 0 && (output->kind == TUTTI_OUTPUT_FRAMED || !self->framed);
  if (stats.capture_ns == 0)
    return;

  pair = (TuttiRtpClock) {
    .producer_id = output->producer_id,
    .rtp_timestamp = stats.rtp_timestamp,
    .room_time_us = tutti_room_clock_to_room_us (
        clock, stats.capture_ns - tutti_sound_get_capture_ns (self->sound)),
    .error_us = (gint64) ceil (tutti_room_clock_get_error_ms (clock) * 1000),
    .sent_us = is_told_of ? tutti_room_clock_to_room_us (clock, stats.sent_ns) : -1,
  };
  /* A room younger than the sound that it hears has no time for it. */
  if (pair.room_time_us >= 0)
    tutti_room_client_rtp_clock (self->client, &pair);
}

void
tutti_stay_publish_clocks (TuttiStay *self)
{
  const TuttiRoomClock *clock = tutti_stay_get_clock (self);

  if (!clock)
    return;

  for (guint i = 0; i < 2; i++) {
    GPtrArray *outputs = self->lanes[TUTTI_DIRECTION_SEND][i].outputs;

    for (guint j = 0; j < outputs->len; j++)
      publish_clock (self, clock, g_ptr_array_index (outputs, j));
  }
}

/* -- the report -- */

static double
percent (guint64 part, guint64 whole)
{
  return whole > 0 ? 100.0 * (double) part / (double) whole : 0;
}

static guint64
since (guint64 now, guint64 before)
{
  return now > before ? now - before : 0;
}

static void
report_stream (TuttiStream *stream, GArray *reports)
{
  const TuttiRemoteStats *now = tutti_strip_peek_stats (stream->strip);
  const TuttiRemoteStats *before = &stream->reported;
  TuttiStreamReport report = { 0 };
  guint64 missing;

  if (stream->consumers->len == 0 || tutti_strip_get_remote (stream->strip) != stream->remote)
    return;

  missing = since (now->packets_missing, before->packets_missing);
  report.producer_id =
      ((TuttiConsumer *) g_ptr_array_index (stream->consumers, stream->consumers->len - 1))
          ->producer_id;
  report.loss_percent = percent (missing, missing + since (now->received, before->received));
  report.concealed_percent = percent (since (now->concealed_samples, before->concealed_samples),
                                      since (now->played_samples, before->played_samples));
  report.jitter_ms = now->jitter_ms;
  report.delay_known = tutti_strip_get_delay (stream->strip, &report.delay_ms, &report.error_ms);
  stream->reported = *now;
  g_array_append_val (reports, report);
}

/* What did not reach the server of what we sent, by its RTCP. */
static double
get_up_loss (TuttiStay *self)
{
  TuttiTransport *transport = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND)->transport;
  TuttiTransportStats stats = { .loss_percent = -1 };

  if (transport)
    tutti_transport_get_stats (transport, &stats);

  return MAX (stats.loss_percent, 0);
}

/* The media's own round trip where RTCP knows it: signalling may be slow for other reasons. */
static double
get_rtt (TuttiStay *self)
{
  TuttiTransport *transport = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND)->transport;
  const TuttiRoomClock *clock = tutti_stay_get_clock (self);
  TuttiTransportStats stats = { .rtt_ms = -1 };

  if (transport)
    tutti_transport_get_stats (transport, &stats);
  if (stats.rtt_ms >= 0)
    return stats.rtt_ms;

  return clock ? tutti_room_clock_get_rtt_ms (clock) : -1;
}

void
tutti_stay_report (TuttiStay *self)
{
  g_autoptr (GArray) streams = g_array_new (FALSE, FALSE, sizeof (TuttiStreamReport));
  TuttiLinkReport report = { .streams = streams, .rtt_ms = get_rtt (self) };

  if (report.rtt_ms < 0 || !tutti_room_client_has_feature (self->client, "link-report"))
    return;

  g_object_get (self->sound, "granted-quantum", &report.quantum, NULL);
  if (report.quantum == 0)
    report.quantum = DEFAULT_QUANTUM;
  report.up_loss_percent = get_up_loss (self);
  for (guint i = 0; i < self->streams->len; i++)
    report_stream (g_ptr_array_index (self->streams, i), streams);
  tutti_room_client_link_report (self->client, &report);
}

/* -- how others hear us -- */

static gboolean
is_ours (TuttiStay *self, const char *producer_id)
{
  for (guint i = 0; i < 2; i++) {
    GPtrArray *outputs = self->lanes[TUTTI_DIRECTION_SEND][i].outputs;

    for (guint j = 0; j < outputs->len; j++)
      if (g_strcmp0 (((TuttiOutput *) g_ptr_array_index (outputs, j))->producer_id, producer_id) ==
          0)
        return TRUE;
  }

  return FALSE;
}

void
tutti_stay_take_heard (TuttiStay *self, const TuttiHeard *heard)
{
  TuttiParticipant *participant =
      self->closed ? NULL : tutti_roster_find (self->roster, heard->peer_id);

  if (participant && is_ours (self, heard->producer_id))
    tutti_participant_take_heard (participant, heard);
}
