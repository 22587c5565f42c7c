/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc.h"
#include "tutti-sound-private.h"
#include "tutti-strip-private.h"

/* The streams that the room sends. A stream's packets go from the streaming thread straight into
 * the engine (tap_func); everything else is on the main thread. */

/* -- taps and consumers -- */

static void
tap_clear (gpointer data)
{
}

static void
tap_unref (gpointer tap)
{
  g_atomic_rc_box_release_full (tap, tap_clear);
}

/* Streaming thread. */
static void
tap_func (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data)
{
  TuttiTap *tap = user_data;

  g_atomic_int_inc ((int *) &tap->n_packets);
  tutti_audio_remote_receive (tap->remote, tap->lane, rtp, size, arrival_ns);
}

static void
consumer_free (gpointer data)
{
  TuttiConsumer *consumer = data;

  /* After this no packet is on its way into the engine. */
  if (consumer->lane->transport)
    tutti_transport_stop_consuming (consumer->lane->transport, consumer->id);
  g_free (consumer->id);
  g_free (consumer->producer_id);
  tap_unref (consumer->tap);
  g_free (consumer);
}

/* -- streams -- */

static void
drop_stream (TuttiStream *stream)
{
  TuttiStay *self = stream->stay;

  g_ptr_array_remove (self->streams, stream);
  g_ptr_array_unref (stream->consumers);
  if (tutti_strip_get_remote (stream->strip) == stream->remote)
    tutti_strip_detach (stream->strip);
  if (stream->stem)
    tutti_sound_remove_stem (self->sound, stream->stem);
  tutti_audio_engine_remove_remote (tutti_sound_get_engine (self->sound), stream->remote);
  g_object_unref (stream->strip);
  g_free (stream->peer_id);
  g_free (stream);
}

/* Nobody is to be offered what they did not list. */
static gboolean
is_known (TuttiStay *self, const TuttiStreamInfo *stream)
{
  if (g_str_equal (stream->wire, "framed"))
    return self->framed && stream->version == TUTTI_FRAMED_VERSION;

  return g_str_equal (stream->wire, "opus");
}

static gboolean
fill_format (TuttiStay *self,
             const TuttiConsumerInfo *info,
             TuttiAudioFormat *format,
             guint8 *payload_type,
             GError **error)
{
  JsonArray *codecs;
  JsonObject *codec;

  if (!tutti_ortc_check_rtp_parameters (info->rtp_parameters, error))
    return FALSE;

  if (!is_known (self, &info->stream)) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("The audio format “%s” is not known here."), info->stream.wire);
    return FALSE;
  }

  codecs = json_object_get_array_member (info->rtp_parameters, "codecs");
  codec = json_array_get_length (codecs) > 0 ? json_array_get_object_element (codecs, 0) : NULL;
  if (!codec) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                         _ ("The room offered a stream without a codec."));
    return FALSE;
  }

  *payload_type = (guint8) json_object_get_int_member_with_default (codec, "payloadType", 0);
  *format = (TuttiAudioFormat) { .channels = info->stream.channels };
  if (g_str_equal (info->stream.wire, "framed")) {
    /* Every packet says what it holds; the others' plan is the best guess at the first one. */
    tutti_stay_fill_format (self, TUTTI_OUTPUT_FRAMED, format->channels, format);
  } else {
    format->wire = TUTTI_WIRE_OPUS;
    format->frame_samples = info->stream.frame_samples;
    format->bitrate = info->stream.bitrate;
  }

  return TRUE;
}

static void
add_stem (TuttiStay *self, TuttiStream *stream, const TuttiConsumerInfo *info)
{
  TuttiParticipant *participant = tutti_roster_find (self->roster, stream->peer_id);
  const char *name = tutti_participant_get_display_name (participant);
  const char *label = info->stream.strip_label;
  g_autofree char *both =
      label && *label ? g_strdup_printf ("%s, %s", name, label) : g_strdup (name);

  stream->stem = tutti_sound_add_stem (self->sound, stream->remote, both);
}

static TuttiStream *
new_stream (TuttiStay *self,
            const TuttiConsumerInfo *info,
            const TuttiAudioFormat *format,
            guint8 payload_type,
            GError **error)
{
  TuttiStrip *strip = tutti_roster_ensure_strip (self->roster, info->peer_id, info->stream.strip_id,
                                                 info->stream.strip_label);
  TuttiAudioRemote *remote;
  TuttiStream *stream;

  if (!strip) { /* left between the room's offer and now: nothing to wonder about */
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                         _ ("The room offered a stream of somebody who is not there."));
    return NULL;
  }

  remote = tutti_audio_engine_add_remote (tutti_sound_get_engine (self->sound), format,
                                          payload_type, error);
  if (!remote) {
    if (!tutti_strip_get_remote (strip))
      tutti_roster_remove_strip (self->roster, info->peer_id, strip);
    return NULL;
  }

  stream = g_new0 (TuttiStream, 1);
  stream->stay = self;
  stream->peer_id = g_strdup (info->peer_id);
  stream->strip = g_object_ref (strip);
  stream->remote = remote;
  stream->format = *format;
  stream->payload_type = payload_type;
  stream->consumers = g_ptr_array_new_with_free_func (consumer_free);
  /* Framed packets are labelled with what the decoder puts out, others with what went in. */
  tutti_strip_attach (strip, remote, format->framed ? 0 : TUTTI_OPUS_LOOKAHEAD_SAMPLES);
  add_stem (self, stream, info);
  g_ptr_array_add (self->streams, stream);

  return stream;
}

TuttiConsumer *
tutti_stay_find_consumer (TuttiStay *self, const char *consumer_id, const char *producer_id)
{
  for (guint i = 0; i < self->streams->len; i++) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    for (guint j = 0; j < stream->consumers->len; j++) {
      TuttiConsumer *consumer = g_ptr_array_index (stream->consumers, j);

      if ((consumer_id && g_str_equal (consumer->id, consumer_id)) ||
          (producer_id && g_str_equal (consumer->producer_id, producer_id)))
        return consumer;
    }
  }

  return NULL;
}

/* Removes one consumer; with the last one the stream and its strip go. */
void
tutti_stay_drop_consumer (TuttiStay *self, TuttiConsumer *consumer)
{
  TuttiStream *stream = consumer->stream;

  g_ptr_array_remove (stream->consumers, consumer);
  if (stream->consumers->len == 0) {
    g_autoptr (TuttiStrip) strip = g_object_ref (stream->strip);
    g_autofree char *peer_id = g_strdup (stream->peer_id);

    drop_stream (stream);
    if (!tutti_strip_get_remote (strip))
      tutti_roster_remove_strip (self->roster, peer_id, strip);
  }
}

/* After a consumer left an m-line behind: each costs two threads until the transport is replaced.
 */
void
tutti_stay_consider_rebuild (TuttiStay *self)
{
  TuttiLane *lane = tutti_stay_current_lane (self, TUTTI_DIRECTION_RECEIVE);

  if (self->closed || !self->entered || self->rebuild_done || !lane->transport ||
      !tutti_stay_can_rebuild (self) || !tutti_transport_wants_rebuild (lane->transport))
    return;

  dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_RECEIVE));
}

/**
 * tutti_stay_drop_streams:
 * @peer_id: (nullable): whose; %NULL for everybody's
 *
 * The strips stay in the roster.
 */
void
tutti_stay_drop_streams (TuttiStay *self, const char *peer_id)
{
  guint i = self->streams->len;

  while (i-- > 0) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    if (!peer_id || g_str_equal (stream->peer_id, peer_id))
      drop_stream (stream);
  }
  tutti_stay_consider_rebuild (self);
}

/* -- the room's requests -- */

static TuttiStream *
find_predecessor (TuttiStay *self, const TuttiConsumerInfo *info)
{
  TuttiConsumer *consumer = NULL;

  if (info->replaces_consumer_id)
    consumer = tutti_stay_find_consumer (self, info->replaces_consumer_id, NULL);
  if (!consumer && info->replaces_producer_id)
    consumer = tutti_stay_find_consumer (self, NULL, info->replaces_producer_id);

  /* A consumer only ever takes over from one of the same musician. */
  return consumer && g_str_equal (consumer->stream->peer_id, info->peer_id) ? consumer->stream
                                                                            : NULL;
}

/* The same strip produced anew without saying so (somebody closed and opened the microphone). */
static void
drop_namesake (TuttiStay *self, const TuttiConsumerInfo *info)
{
  g_autofree char *id = g_strdup_printf ("%s/%s", info->peer_id, info->stream.strip_id);

  for (guint i = 0; i < self->streams->len; i++) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);

    if (g_str_equal (tutti_strip_get_id (stream->strip), id)) {
      drop_stream (stream);
      return;
    }
  }
}

static gboolean
is_same (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  return a->framed == b->framed && a->channels == b->channels &&
         (a->framed || a->frame_samples == b->frame_samples);
}

static TuttiStream *
find_or_make_stream (TuttiStay *self, const TuttiConsumerInfo *info, GError **error)
{
  TuttiStream *stream = find_predecessor (self, info);
  TuttiAudioFormat format;
  guint8 payload_type;

  if (!fill_format (self, info, &format, &payload_type, error))
    return NULL;

  if (stream && stream->payload_type == payload_type && is_same (&stream->format, &format)) {
    tutti_strip_set_label (stream->strip, info->stream.strip_label);
    return stream;
  }

  drop_namesake (self, info);

  return new_stream (self, info, &format, payload_type, error);
}

static TuttiLane *
find_lane (TuttiStay *self, const char *transport_id)
{
  for (guint i = 0; transport_id && i < 2; i++) {
    TuttiLane *lane = &self->lanes[TUTTI_DIRECTION_RECEIVE][i];

    if (lane->transport && g_strcmp0 (tutti_transport_get_id (lane->transport), transport_id) == 0)
      return lane;
  }

  return transport_id ? NULL : tutti_stay_current_lane (self, TUTTI_DIRECTION_RECEIVE);
}

typedef struct {
  TuttiStay *stay; /* owned */
  char *consumer_id;
  gint64 request_id;
} ConsumeCall;

static void
consumed_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ConsumeCall *call = user_data;
  TuttiStay *self = call->stay;
  g_autoptr (GError) error = NULL;
  gboolean ok = tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &error);
  TuttiConsumer *consumer =
      self->closed ? NULL : tutti_stay_find_consumer (self, call->consumer_id, NULL);

  if (ok && consumer) {
    consumer->accepted = TRUE;
    tutti_room_client_accept (self->client, call->request_id);
  } else if (!self->closed) {
    if (consumer)
      g_message ("A stream was not taken: %s", error->message);
    tutti_room_client_reject (self->client, call->request_id, ok ? 404 : 500,
                              ok ? "gone" : error->message);
    if (consumer)
      tutti_stay_drop_consumer (self, consumer);
  }

  tutti_stay_unref (self);
  g_free (call->consumer_id);
  g_free (call);
}

static void
consume (TuttiStay *self,
         gint64 request_id,
         TuttiLane *lane,
         TuttiStream *stream,
         const TuttiConsumerInfo *info)
{
  TuttiConsumer *consumer = g_new0 (TuttiConsumer, 1);
  ConsumeCall *call = g_new0 (ConsumeCall, 1);

  consumer->stream = stream;
  consumer->lane = lane;
  consumer->id = g_strdup (info->consumer_id);
  consumer->producer_id = g_strdup (info->producer_id);
  consumer->tap = g_atomic_rc_box_new0 (TuttiTap);
  consumer->tap->remote = stream->remote;
  consumer->tap->lane = lane->index;
  g_ptr_array_add (stream->consumers, consumer);
  tutti_strip_set_sender_muted (stream->strip, info->paused);

  call->stay = tutti_stay_ref (self);
  call->consumer_id = g_strdup (info->consumer_id);
  call->request_id = request_id;
  tutti_transport_consume_async (lane->transport, info->consumer_id, info->rtp_parameters, tap_func,
                                 g_atomic_rc_box_acquire (consumer->tap), tap_unref,
                                 self->cancellable, consumed_cb, call);
}

void
tutti_stay_take_consumer (TuttiStay *self, gint64 request_id, const TuttiConsumerInfo *info)
{
  g_autoptr (GError) error = NULL;
  TuttiLane *lane = find_lane (self, info->transport_id);
  TuttiStream *stream = NULL;

  if (info->media != TUTTI_MEDIA_AUDIO) {
    tutti_room_client_reject (self->client, request_id, 404, "audio only");
    return;
  }
  if (!lane || !lane->transport) {
    tutti_room_client_reject (self->client, request_id, 404, "no such transport");
    return;
  }
  if (tutti_stay_find_consumer (self, info->consumer_id, NULL)) {
    tutti_room_client_reject (self->client, request_id, 409, "this consumer is there already");
    return;
  }

  stream = find_or_make_stream (self, info, &error);
  if (stream) {
    consume (self, request_id, lane, stream, info);
  } else {
    gboolean gone = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);

    if (!gone)
      g_message ("A stream was not taken: %s", error->message);
    tutti_room_client_reject (self->client, request_id, gone ? 404 : 400, error->message);
  }
}

/* -- for the rebuild -- */

static gboolean
stream_is_heard (TuttiStream *stream, TuttiLane *old_lane, TuttiLane *new_lane)
{
  gboolean on_old = FALSE, accepted = FALSE, packets = FALSE, muted, flowing;

  for (guint i = 0; i < stream->consumers->len; i++) {
    TuttiConsumer *consumer = g_ptr_array_index (stream->consumers, i);

    if (consumer->lane == old_lane)
      on_old = TRUE;
    if (consumer->lane != new_lane)
      continue;
    accepted |= consumer->accepted;
    packets |= g_atomic_int_get ((int *) &consumer->tap->n_packets) > 0;
  }

  g_object_get (stream->strip, "sender-muted", &muted, "flowing", &flowing, NULL);

  return !on_old || (accepted && (packets || muted || !flowing));
}

/**
 * tutti_stay_lane_is_heard:
 *
 * Returns: whether everything that came over @old_lane also comes over @new_lane
 */
gboolean
tutti_stay_lane_is_heard (TuttiStay *self, TuttiLane *old_lane, TuttiLane *new_lane)
{
  for (guint i = 0; i < self->streams->len; i++)
    if (!stream_is_heard (g_ptr_array_index (self->streams, i), old_lane, new_lane))
      return FALSE;

  return TRUE;
}

/**
 * tutti_stay_stop_lane:
 *
 * Stops every consumer of @lane; streams that come over no other lane end.
 */
void
tutti_stay_stop_lane (TuttiStay *self, TuttiLane *lane)
{
  guint i = self->streams->len;

  while (i-- > 0) {
    TuttiStream *stream = g_ptr_array_index (self->streams, i);
    guint j = stream->consumers->len;

    while (j-- > 0) {
      TuttiConsumer *consumer = g_ptr_array_index (stream->consumers, j);
      gboolean last = stream->consumers->len == 1;

      if (consumer->lane != lane)
        continue;
      tutti_stay_drop_consumer (self, consumer);
      if (last)
        break; /* and with it the stream */
    }
  }
}
