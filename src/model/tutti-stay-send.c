/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-ortc.h"
#include "tutti-sound-private.h"

/* An asynchronous produce as something a fiber can wait for. */
typedef struct {
  DexPromise *promise;
  TuttiSendSlot *slot;
  JsonObject *rtp_parameters;
} ProduceCall;

static void
produce_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  ProduceCall *call = user_data;
  GError *error = NULL;

  call->slot = tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result,
                                               &call->rtp_parameters, &error);
  if (call->slot)
    dex_promise_resolve_boolean (call->promise, TRUE);
  else
    dex_promise_reject (call->promise, error);
}

/* Returns rtpParameters, and the slot in the lane. */
static JsonObject *
negotiate (TuttiStay *self, TuttiLane *lane, const TuttiAudioFormat *format, GError **error)
{
  g_autoptr (JsonObject) codec = NULL;
  g_autoptr (JsonArray) extensions = NULL;
  ProduceCall call = { 0 };
  gboolean ok;

  codec = tutti_ortc_send_codec (self->capabilities, "audio/opus", format->frame_samples,
                                 format->channels, error);
  if (!codec)
    return NULL;

  extensions = tutti_ortc_send_extensions (self->capabilities, "audio");
  call.promise = dex_promise_new ();
  tutti_transport_produce_async (lane->transport, codec, extensions, self->cancellable, produce_cb,
                                 &call);
  /* The callback always comes, cancelled or not: `call` may live on this stack. */
  ok = dex_await (dex_ref (DEX_FUTURE (call.promise)), error);
  dex_clear (&call.promise);
  if (lane->transport)
    lane->slot = call.slot; /* else everything was closed meanwhile */

  return ok ? call.rtp_parameters : NULL;
}

static void
send_func (const guint8 *rtp, gsize size, gpointer user_data)
{
  tutti_send_slot_push (user_data, rtp, size);
}

static void
pause_or_resume (TuttiStay *self, TuttiLane *lane)
{
  if (!lane->producer_id)
    return;

  if (tutti_sound_get_muted (self->sound))
    tutti_room_client_pause_producer (self->client, lane->producer_id);
  else
    tutti_room_client_resume_producer (self->client, lane->producer_id);
}

/**
 * tutti_stay_produce:
 * @replaces: (nullable): the producer that this one takes over from
 *
 * In a fiber: offers our strip on @lane and starts sending.
 */
gboolean
tutti_stay_produce (TuttiStay *self, TuttiLane *lane, const char *replaces, GError **error)
{
  TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_OPUS,
    .frame_samples = self->config.frame_samples,
    .channels = tutti_sound_get_channels (self->sound),
    .bitrate = self->config.bitrate,
  };
  TuttiStreamInfo info = {
    .source = (char *) "audio",
    .strip_id = (char *) "main",
    .strip_label = self->config.instrument,
    .wire = (char *) "opus",
    .frame_samples = format.frame_samples,
    .channels = format.channels,
    .bitrate = format.bitrate,
  };
  g_autoptr (JsonObject) rtp_parameters = negotiate (self, lane, &format, error);

  if (!rtp_parameters || !tutti_stay_check_alive (self, error))
    return FALSE;

  lane->producer_id = dex_await_string (
      tutti_room_client_produce (self->client, tutti_transport_get_id (lane->transport),
                                 TUTTI_MEDIA_AUDIO, rtp_parameters, &info, replaces),
      error);
  if (!lane->producer_id || !tutti_stay_check_alive (self, error))
    return FALSE;

  if (tutti_sound_get_muted (self->sound))
    pause_or_resume (self, lane);

  return tutti_audio_engine_send_strip (
      tutti_sound_get_engine (self->sound), TUTTI_SOUND_STRIP, lane->index, &format,
      tutti_send_slot_get_payload_type (lane->slot), tutti_send_slot_get_ssrc (lane->slot),
      send_func, lane->slot, NULL, error);
}

void
tutti_stay_stop_sending (TuttiStay *self, TuttiLane *lane)
{
  if (!lane->slot)
    return;

  /* After this the engine pushes no more; only then may the slot go. */
  tutti_audio_engine_send_strip (tutti_sound_get_engine (self->sound), TUTTI_SOUND_STRIP,
                                 lane->index, NULL, 0, 0, NULL, NULL, NULL, NULL);
  tutti_transport_release_slot (lane->transport, lane->slot);
  lane->slot = NULL;
}

/**
 * tutti_stay_follow_mute:
 *
 * The engine is silent already; this saves everybody's bandwidth and lets the others see it.
 */
void
tutti_stay_follow_mute (TuttiStay *self)
{
  for (guint i = 0; i < 2; i++)
    pause_or_resume (self, &self->lanes[TUTTI_DIRECTION_SEND][i]);
}
