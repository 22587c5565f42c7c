/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What we ask and tell the room. */

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-client-private.h"
#include "tutti-room-json.h"
#include "tutti-thread.h"

#define MAX_PEERS 1000

DexFuture *
tutti_room_client_reject_malformed (const char *key)
{
  return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                                _ ("The room sent an answer whose “%s” is missing or wrong."), key);
}

JsonObject *
tutti_room_client_peek_answer (DexFuture *future)
{
  return g_value_get_boxed (dex_future_get_value (future, NULL));
}

static DexFuture *
request (TuttiRoomClient *self, const char *method, JsonObject *data)
{
  return tutti_channel_request (tutti_room_client_get_channel (self), method, data);
}

DexFuture *
tutti_room_client_ignore_answer (DexFuture *future, gpointer user_data)
{
  return dex_future_new_true ();
}

static JsonObject *
object_with_string (const char *key, const char *value)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, key, value);
  return object;
}

static const char *
media_to_string (TuttiMedia media)
{
  return media == TUTTI_MEDIA_AUDIO ? "audio" : "video";
}

/* -- requests -- */

static DexFuture *
take_object (DexFuture *future, gpointer key)
{
  JsonObject *object = tutti_json_peek_object (tutti_room_client_peek_answer (future), key);

  if (!object)
    return tutti_room_client_reject_malformed (key);

  return dex_future_new_take_boxed (JSON_TYPE_OBJECT, json_object_ref (object));
}

DexFuture *
tutti_room_client_get_router_rtp_capabilities (TuttiRoomClient *self, TuttiMedia media)
{
  JsonObject *data = json_object_new ();

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  if (!tutti_room_client_is_demo (self))
    json_object_set_string_member (data, "media", media_to_string (media));

  return dex_future_then (request (self, "getRouterRtpCapabilities", data), take_object,
                          (gpointer) "routerRtpCapabilities", NULL);
}

static DexFuture *
take_transport (DexFuture *future, gpointer user_data)
{
  JsonObject *answer = tutti_room_client_peek_answer (future);
  g_autofree char *id = NULL;

  if (!tutti_json_read_id (answer, "transportId", TUTTI_JSON_REQUIRED, &id, NULL))
    return tutti_room_client_reject_malformed ("transportId");
  if (!tutti_json_peek_object (answer, "iceParameters"))
    return tutti_room_client_reject_malformed ("iceParameters");
  if (!tutti_json_peek_array (answer, "iceCandidates"))
    return tutti_room_client_reject_malformed ("iceCandidates");
  if (!tutti_json_peek_object (answer, "dtlsParameters"))
    return tutti_room_client_reject_malformed ("dtlsParameters");

  return dex_future_new_take_boxed (JSON_TYPE_OBJECT, json_object_ref (answer));
}

DexFuture *
tutti_room_client_create_web_rtc_transport (TuttiRoomClient *self,
                                            TuttiTransportRole role,
                                            TuttiMedia media,
                                            gboolean force_tcp)
{
  const char *direction = role == TUTTI_TRANSPORT_ROLE_PRODUCER ? "producer" : "consumer";
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  data = object_with_string ("direction", direction);
  json_object_set_boolean_member (data, "forceTcp", force_tcp);
  json_object_set_object_member (data, "appData", object_with_string ("direction", direction));
  if (!tutti_room_client_is_demo (self))
    json_object_set_string_member (data, "media", media_to_string (media));

  return dex_future_then (request (self, "createWebRtcTransport", data), take_transport, NULL,
                          NULL);
}

DexFuture *
tutti_room_client_connect_web_rtc_transport (TuttiRoomClient *self,
                                             const char *transport_id,
                                             JsonObject *dtls_parameters)
{
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  data = object_with_string ("transportId", transport_id);
  json_object_set_object_member (data, "dtlsParameters", json_object_ref (dtls_parameters));
  return dex_future_then (request (self, "connectWebRtcTransport", data),
                          tutti_room_client_ignore_answer, NULL, NULL);
}

static DexFuture *
take_peers (DexFuture *future, gpointer user_data)
{
  TuttiRoomClient *self = user_data;
  JsonArray *array = tutti_json_peek_array (tutti_room_client_peek_answer (future), "peers");
  g_autoptr (GPtrArray) peers = NULL;
  JsonObject *tempo, *controls;
  JsonArray *chat;
  guint n_peers;

  if (!array)
    return tutti_room_client_reject_malformed ("peers");

  peers = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_peer_info_free);
  n_peers = MIN (json_array_get_length (array), MAX_PEERS);

  for (guint i = 0; i < n_peers; i++) {
    JsonNode *node = json_array_get_element (array, i);
    TuttiPeerInfo *info = NULL;

    if (JSON_NODE_HOLDS_OBJECT (node))
      info = tutti_peer_info_from_json (json_node_get_object (node), NULL);
    if (!info)
      return tutti_room_client_reject_malformed ("peers");
    if (g_str_equal (info->peer_id, tutti_room_client_get_peer_id (self)))
      tutti_peer_info_free (info);
    else
      g_ptr_array_add (peers, info);
  }

  tutti_room_client_start_clock (self);
  if ((tempo = tutti_json_peek_object (tutti_room_client_peek_answer (future), "tempo")))
    tutti_room_client_take_tempo (self, tempo);
  if ((chat = tutti_json_peek_array (tutti_room_client_peek_answer (future), "chat")))
    tutti_room_client_take_chat_lines (self, chat);
  if ((controls = tutti_json_peek_object (tutti_room_client_peek_answer (future), "controls")))
    tutti_room_client_take_controls (self, controls);
  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&peers));
}

static JsonObject *
describe_ourselves (void)
{
  JsonObject *device = json_object_new ();

  json_object_set_string_member (device, "flag", "tutti");
  json_object_set_string_member (device, "name", TUTTI_APP_NAME);
  json_object_set_string_member (device, "version", TUTTI_VERSION);
  return device;
}

static JsonObject *
describe_dialect (TuttiRoomClient *self)
{
  JsonObject *tutti = json_object_new ();
  JsonObject *protocol = json_object_new ();
  JsonArray *formats = json_array_new ();

  json_object_set_int_member (protocol, "major", TUTTI_ROOM_PROTOCOL_MAJOR);
  json_object_set_int_member (protocol, "minor", TUTTI_ROOM_PROTOCOL_MINOR);
  for (guint i = 0; self->formats[i]; i++)
    json_array_add_string_element (formats, self->formats[i]);
  json_object_set_object_member (tutti, "protocol", protocol);
  json_object_set_array_member (tutti, "formats", formats);
  if (self->max_packets_per_second > 0)
    json_object_set_int_member (tutti, "maxPacketsPerSecond", self->max_packets_per_second);
  if (self->quantum > 0)
    json_object_set_int_member (tutti, "quantum", self->quantum);
  return tutti;
}

DexFuture *
tutti_room_client_join (TuttiRoomClient *self,
                        const char *display_name,
                        const char *instrument,
                        JsonObject *rtp_capabilities)
{
  g_autofree char *name = tutti_text_clean (display_name, TUTTI_ROOM_MAX_NAME);
  g_autofree char *plays = tutti_text_clean (instrument, TUTTI_ROOM_MAX_NAME);
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);
  g_return_val_if_fail (rtp_capabilities != NULL, NULL);

  data = object_with_string ("displayName", *name ? name : _ ("Musician"));
  json_object_set_object_member (data, "device", describe_ourselves ());
  json_object_set_object_member (data, "rtpCapabilities", json_object_ref (rtp_capabilities));
  if (!tutti_room_client_is_demo (self)) {
    if (*plays)
      json_object_set_string_member (data, "instrument", plays);
    json_object_set_object_member (data, "tutti", describe_dialect (self));
  }

  return dex_future_then (request (self, "join", data), take_peers, g_object_ref (self),
                          g_object_unref);
}

static DexFuture *
take_producer_id (DexFuture *future, gpointer user_data)
{
  char *id = NULL;

  if (!tutti_json_read_id (tutti_room_client_peek_answer (future), "producerId",
                           TUTTI_JSON_REQUIRED, &id, NULL))
    return tutti_room_client_reject_malformed ("producerId");

  return dex_future_new_take_string (id);
}

DexFuture *
tutti_room_client_produce (TuttiRoomClient *self,
                           const char *transport_id,
                           TuttiMedia media,
                           JsonObject *rtp_parameters,
                           const TuttiStreamInfo *stream,
                           const char *replaces)
{
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);
  g_return_val_if_fail (rtp_parameters != NULL && stream != NULL, NULL);

  data = object_with_string ("transportId", transport_id);
  json_object_set_string_member (data, "kind", media_to_string (media));
  json_object_set_object_member (data, "rtpParameters", json_object_ref (rtp_parameters));
  json_object_set_object_member (data, "appData", tutti_stream_info_to_json (stream));
  if (replaces && tutti_room_client_has_feature (self, "rebuild"))
    json_object_set_string_member (data, "replaces", replaces);

  return dex_future_then (request (self, "produce", data), take_producer_id, NULL, NULL);
}

DexFuture *
tutti_room_client_move_consumers (TuttiRoomClient *self,
                                  const char *from_transport_id,
                                  const char *to_transport_id)
{
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  data = object_with_string ("fromTransportId", from_transport_id);
  json_object_set_string_member (data, "toTransportId", to_transport_id);
  return dex_future_then (request (self, "moveConsumers", data), tutti_room_client_ignore_answer,
                          NULL, NULL);
}

DexFuture *
tutti_room_client_close_transport (TuttiRoomClient *self, const char *transport_id)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return dex_future_then (
      request (self, "closeTransport", object_with_string ("transportId", transport_id)),
      tutti_room_client_ignore_answer, NULL, NULL);
}

DexFuture *
tutti_room_client_leave (TuttiRoomClient *self, const char *reason)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  /* A demo server has no such method: closing is leaving. */
  if (tutti_room_client_is_demo (self))
    return dex_future_new_true ();

  return dex_future_finally (
      request (self, "leave", reason ? object_with_string ("reason", reason) : NULL),
      tutti_room_client_ignore_answer, NULL, NULL);
}

DexFuture *
tutti_room_client_ping (TuttiRoomClient *self)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return dex_future_finally (request (self, "clock", NULL), tutti_room_client_ignore_answer, NULL,
                             NULL);
}

static DexFuture *
take_stats (DexFuture *future, gpointer user_data)
{
  JsonArray *stats = tutti_json_peek_array (tutti_room_client_peek_answer (future), "stats");

  if (!stats)
    return tutti_room_client_reject_malformed ("stats");

  return dex_future_new_take_boxed (JSON_TYPE_ARRAY, json_array_ref (stats));
}

static DexFuture *
get_stats (TuttiRoomClient *self, const char *method, const char *key, const char *id)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return dex_future_then (request (self, method, object_with_string (key, id)), take_stats, NULL,
                          NULL);
}

DexFuture *
tutti_room_client_get_transport_stats (TuttiRoomClient *self, const char *transport_id)
{
  return get_stats (self, "getTransportStats", "transportId", transport_id);
}

DexFuture *
tutti_room_client_get_producer_stats (TuttiRoomClient *self, const char *producer_id)
{
  return get_stats (self, "getProducerStats", "producerId", producer_id);
}

DexFuture *
tutti_room_client_get_consumer_stats (TuttiRoomClient *self, const char *consumer_id)
{
  return get_stats (self, "getConsumerStats", "consumerId", consumer_id);
}

/* -- answers -- */

void
tutti_room_client_accept (TuttiRoomClient *self, gint64 request_id)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  tutti_channel_accept (tutti_room_client_get_channel (self), request_id, NULL);
}

void
tutti_room_client_reject (TuttiRoomClient *self, gint64 request_id, int code, const char *reason)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  tutti_channel_reject (tutti_room_client_get_channel (self), request_id, code, reason);
}

/* -- notifications -- */

static void
notify_id (TuttiRoomClient *self, const char *method, const char *key, const char *id)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  tutti_channel_notify (tutti_room_client_get_channel (self), method, object_with_string (key, id));
}

void
tutti_room_client_close_producer (TuttiRoomClient *self, const char *producer_id)
{
  notify_id (self, "closeProducer", "producerId", producer_id);
}

void
tutti_room_client_pause_producer (TuttiRoomClient *self, const char *producer_id)
{
  notify_id (self, "pauseProducer", "producerId", producer_id);
}

void
tutti_room_client_resume_producer (TuttiRoomClient *self, const char *producer_id)
{
  notify_id (self, "resumeProducer", "producerId", producer_id);
}

void
tutti_room_client_pause_consumer (TuttiRoomClient *self, const char *consumer_id)
{
  notify_id (self, "pauseConsumer", "consumerId", consumer_id);
}

void
tutti_room_client_resume_consumer (TuttiRoomClient *self, const char *consumer_id)
{
  notify_id (self, "resumeConsumer", "consumerId", consumer_id);
}

void
tutti_room_client_change_display_name (TuttiRoomClient *self, const char *display_name)
{
  g_autofree char *name = tutti_text_clean (display_name, TUTTI_ROOM_MAX_NAME);

  notify_id (self, "changeDisplayName", "displayName", *name ? name : _ ("Musician"));
}
