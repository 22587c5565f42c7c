/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-ortc.h"
#include "tutti-sound-private.h"

/* My strips on their way: a producer for each strip and kind, each on an m-line of its own. */

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

/*
 * tutti_stay_negotiate:
 *
 * Fiber. Returns: (transfer full) (nullable): rtpParameters, and with them @slot, which is
 *   @transport's
 */
JsonObject *
tutti_stay_negotiate (TuttiStay *self,
                      TuttiTransport *transport,
                      JsonObject *codec,
                      JsonArray *extensions,
                      TuttiSendSlot **slot,
                      GError **error)
{
  ProduceCall call = { .promise = dex_promise_new () };
  gboolean ok;

  tutti_transport_produce_async (transport, codec, extensions, self->cancellable, produce_cb,
                                 &call);
  /* The callback always comes, cancelled or not: `call` may live on this stack. */
  ok = dex_await (dex_ref (DEX_FUTURE (call.promise)), error);
  dex_clear (&call.promise);
  *slot = call.slot;

  return ok ? call.rtp_parameters : NULL;
}

static JsonObject *
negotiate (TuttiStay *self,
           TuttiLane *lane,
           const TuttiAudioFormat *format,
           TuttiSendSlot **slot,
           GError **error)
{
  g_autoptr (JsonObject) codec = NULL;
  g_autoptr (JsonArray) extensions = NULL;
  JsonObject *rtp_parameters;
  TuttiSendSlot *made = NULL;

  /* A framed stream passes for Opus: the server looks into no payload. */
  codec = tutti_ortc_send_codec (self->capabilities, "audio/opus", MAX (format->frame_samples, 120),
                                 format->channels, error);
  if (!codec)
    return NULL;

  extensions = tutti_ortc_send_extensions (self->capabilities, "audio");
  rtp_parameters = tutti_stay_negotiate (self, lane->transport, codec, extensions, &made, error);
  if (lane->transport)
    *slot = made; /* else everything was closed meanwhile */

  return rtp_parameters;
}

static void
send_func (const guint8 *rtp, gsize size, gpointer user_data)
{
  tutti_send_slot_push (user_data, rtp, size);
}

static guint
get_destination (TuttiOutput *output)
{
  return output->lane->index * TUTTI_N_OUTPUT_KINDS + output->kind;
}

void
tutti_output_stop (TuttiOutput *output)
{
  TuttiStay *self = output->lane->stay;

  if (!output->slot)
    return;

  /* After this the engine pushes no more; only then may the slot go. */
  tutti_audio_engine_send_strip (tutti_sound_get_engine (self->sound), output->own.index,
                                 get_destination (output), NULL, 0, 0, NULL, NULL, NULL, NULL);
  tutti_transport_release_slot (output->lane->transport, output->slot);
  output->slot = NULL;
}

void
tutti_output_free (gpointer data)
{
  TuttiOutput *output = data;

  tutti_output_stop (output);
  g_free (output->own.id);
  g_free (output->own.label);
  g_free (output->producer_id);
  g_free (output);
}

static TuttiOutput *
find_output (TuttiLane *lane, const TuttiOwn *own, TuttiOutputKind kind)
{
  for (guint i = 0; lane && i < lane->outputs->len; i++) {
    TuttiOutput *output = g_ptr_array_index (lane->outputs, i);

    if (output->kind == kind && output->own.index == own->index &&
        g_str_equal (output->own.id, own->id))
      return output;
  }

  return NULL;
}

static char *
announce (TuttiStay *self,
          TuttiOutput *output,
          JsonObject *rtp_parameters,
          const char *replaces,
          GError **error)
{
  gboolean framed = output->kind == TUTTI_OUTPUT_FRAMED;
  TuttiStreamInfo info = {
    .source = (char *) "audio",
    .strip_id = output->own.id,
    .strip_label = output->own.label,
    .wire = (char *) (framed ? "framed" : "opus"),
    .version = TUTTI_FRAMED_VERSION,
    .frame_samples = output->format.frame_samples,
    .channels = output->format.channels,
    .bitrate = output->format.bitrate,
  };

  return dex_await_string (
      tutti_room_client_produce (self->client, tutti_transport_get_id (output->lane->transport),
                                 TUTTI_MEDIA_AUDIO, rtp_parameters, &info, replaces),
      error);
}

static gboolean
is_there (TuttiStay *self, const TuttiOwn *wanted)
{
  g_autoptr (GArray) list = tutti_stay_list_own (self);

  for (guint i = 0; i < list->len; i++) {
    const TuttiOwn *own = &g_array_index (list, TuttiOwn, i);

    if (own->index == wanted->index && g_str_equal (own->id, wanted->id))
      return TRUE;
  }

  return FALSE;
}

/* In a fiber: from the m-line to the first packet. @output is in its lane all the while, so that
 * whatever ends the lane ends it, too; it may be gone where this returns %FALSE. */
static gboolean
start_output (TuttiStay *self, TuttiOutput *output, const char *replaces, GError **error)
{
  TuttiLane *lane = output->lane;
  TuttiSendSlot *slot = NULL;
  g_autoptr (JsonObject) rtp_parameters = negotiate (self, lane, &output->format, &slot, error);
  char *producer_id;

  if (!rtp_parameters || !tutti_stay_check_alive (self, error))
    return FALSE;

  producer_id = announce (self, output, rtp_parameters, replaces, error);
  if (!producer_id || !tutti_stay_check_alive (self, error)) {
    g_free (producer_id);
    if (lane->transport)
      tutti_transport_release_slot (lane->transport, slot);
    return FALSE;
  }

  if (!is_there (self, &output->own)) {
    /* Taken away meanwhile. The room hears of it before another strip may take the slot's SSRC. */
    tutti_room_client_close_producer (self->client, producer_id);
    g_free (producer_id);
    tutti_transport_release_slot (lane->transport, slot);
    return TRUE;
  }
  output->producer_id = producer_id;
  /* The plan may have changed since. */
  if (output->kind == TUTTI_OUTPUT_FRAMED)
    tutti_stay_fill_format (self, output->kind, output->format.channels, &output->format);
  output->slot = slot;
  if (!tutti_audio_engine_send_strip (
          tutti_sound_get_engine (self->sound), output->own.index, get_destination (output),
          &output->format, tutti_send_slot_get_payload_type (slot), tutti_send_slot_get_ssrc (slot),
          send_func, slot, NULL, error))
    return FALSE;

  /* Muted while the answer was on its way? */
  tutti_stay_follow_own (self);

  return TRUE;
}

static gboolean
add_output (TuttiStay *self,
            TuttiLane *lane,
            TuttiLane *predecessor,
            const TuttiOwn *own,
            TuttiOutputKind kind,
            GError **error)
{
  TuttiOutput *before = find_output (predecessor, own, kind);
  TuttiOutput *output = g_new0 (TuttiOutput, 1);

  output->lane = lane;
  output->own = *own;
  output->own.id = g_strdup (own->id);
  output->own.label = g_strdup (own->label);
  output->kind = kind;
  tutti_stay_fill_format (self, kind, own->channels, &output->format);
  g_ptr_array_add (lane->outputs, output);

  return start_output (self, output, before ? before->producer_id : NULL, error);
}

/* What is no more to be sent, or in another way than this producer said. */
static gboolean
is_stale (TuttiStay *self, TuttiOutput *output, GArray *own)
{
  TuttiAudioFormat format;

  /* Refused, which may be otherwise now, or of a strip that went: the next one has its id. */
  if (!output->slot || !tutti_stay_wants (self, output->kind))
    return TRUE;

  tutti_stay_fill_format (self, output->kind, output->format.channels, &format);
  if (output->kind == TUTTI_OUTPUT_STANDARD &&
      (format.frame_samples != output->format.frame_samples ||
       format.bitrate != output->format.bitrate))
    return TRUE;

  for (guint i = 0; i < own->len; i++) {
    const TuttiOwn *o = &g_array_index (own, TuttiOwn, i);

    if (o->index == output->own.index && g_str_equal (o->id, output->own.id))
      return o->channels != output->format.channels;
  }

  return TRUE;
}

static void
drop_stale (TuttiStay *self, TuttiLane *lane, GArray *own)
{
  guint i = lane->outputs->len;

  while (i-- > 0) {
    TuttiOutput *output = g_ptr_array_index (lane->outputs, i);

    if (!is_stale (self, output, own))
      continue;
    tutti_output_stop (output);
    if (output->producer_id)
      tutti_room_client_close_producer (self->client, output->producer_id);
    g_ptr_array_remove_index (lane->outputs, i);
  }
}

/* One strip too many for the room is no reason to leave it. */
static gboolean
add_or_skip (TuttiStay *self,
             TuttiLane *lane,
             TuttiLane *predecessor,
             const TuttiOwn *own,
             TuttiOutputKind kind,
             GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean first = own->index == TUTTI_SOUND_STRIP;

  if (add_output (self, lane, predecessor, own, kind, &local))
    return TRUE;

  if (first || !g_error_matches (local, TUTTI_ERROR, TUTTI_ERROR_REFUSED)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }

  g_message ("The strip “%s” is not sent: %s", own->label, local->message);

  return tutti_stay_check_alive (self, error);
}

gboolean
tutti_stay_produce (TuttiStay *self, TuttiLane *lane, TuttiLane *predecessor, GError **error)
{
  g_autoptr (GArray) own = tutti_stay_list_own (self);

  drop_stale (self, lane, own);
  for (guint i = 0; i < own->len; i++) {
    const TuttiOwn *o = &g_array_index (own, TuttiOwn, i);

    for (TuttiOutputKind kind = 0; kind < TUTTI_N_OUTPUT_KINDS; kind++)
      if (tutti_stay_wants (self, kind) && !find_output (lane, o, kind) &&
          !add_or_skip (self, lane, predecessor, o, kind, error))
        return FALSE;
  }

  return TRUE;
}

void
tutti_stay_stop_sending (TuttiStay *self, TuttiLane *lane)
{
  for (guint i = 0; i < lane->outputs->len; i++)
    tutti_output_stop (g_ptr_array_index (lane->outputs, i));
}

void
tutti_stay_close_producers (TuttiStay *self, TuttiLane *lane)
{
  for (guint i = 0; i < lane->outputs->len; i++) {
    TuttiOutput *output = g_ptr_array_index (lane->outputs, i);

    if (output->producer_id)
      tutti_room_client_close_producer (self->client, output->producer_id);
  }
}
