/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-strip-private.h"

/* What the room sends. A stream's packets go from the streaming thread straight into the engine
 * (tap_func); everything else is on the main thread. */

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

void
tutti_stay_free_consumer (gpointer data)
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

/* -- the room's requests -- */

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
    tutti_stay_video_take (self, request_id, info);
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

  stream = tutti_stay_find_or_make_stream (self, info, &error);
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
