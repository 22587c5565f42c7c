/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "transport-cost.h"

#include <arpa/inet.h>
#include <sys/socket.h>

#include "tutti-ortc.h"

static int
open_socket (guint16 to_port, guint16 *own_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct timeval patience = { 0, 200000 };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  getsockname (fd, (struct sockaddr *) &address, &length);
  if (own_port != NULL)
    *own_port = ntohs (address.sin_port);
  address.sin_port = htons (to_port);
  if (to_port != 0)
    g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static JsonObject *
plain_parameters (Cost *self, Stream *stream)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (self->sfu), "audio/opus", 240, 2, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  stream->payload_type = (guint8) json_object_get_int_member (codec, "preferredPayloadType");
  text = g_strdup_printf ("{\"codecs\":[{\"mimeType\":\"audio/opus\",\"payloadType\":%u,"
                          "\"clockRate\":48000,\"channels\":2}],\"encodings\":[{\"ssrc\":%u}]}",
                          stream->payload_type, stream->ssrc);
  return json_node_dup_object (json_from_string (text, NULL));
}

static char *
produce (Cost *self, const char *transport_id, JsonObject *rtp_parameters)
{
  JsonObject *data = json_object_new ();
  g_autoptr (JsonObject) answer = NULL;

  json_object_set_string_member (data, "transportId", transport_id);
  json_object_set_string_member (data, "kind", "audio");
  json_object_set_object_member (data, "rtpParameters", rtp_parameters);
  answer = sfu_call (self->sfu, "produce", data);
  return g_strdup (json_object_get_string_member (answer, "producerId"));
}

static JsonObject *
consume (Cost *self, const char *transport_id, const char *producer_id)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "transportId", transport_id);
  json_object_set_string_member (data, "producerId", producer_id);
  json_object_set_object_member (
      data, "rtpCapabilities",
      tutti_ortc_receive_capabilities (sfu_get_capabilities (self->sfu), FALSE));
  return sfu_call (self->sfu, "consume", data);
}

static JsonObject *
plain_transport (Cost *self, guint16 port)
{
  JsonObject *data = json_object_new ();

  json_object_set_int_member (data, "port", port);
  return sfu_call (self->sfu, "createPlainTransport", data);
}

/* A stream that is sent plain; returns its producer. */
static char *
add_plain (Cost *self, Stream *stream, guint32 ssrc)
{
  g_autoptr (JsonObject) transport = plain_transport (self, 0);

  stream->ssrc = ssrc;
  stream->fd = open_socket ((guint16) json_object_get_int_member (transport, "port"), NULL);
  return produce (self, json_object_get_string_member (transport, "transportId"),
                  plain_parameters (self, stream));
}

static void
hear_plain (Cost *self, const char *transport_id, const char *producer_id)
{
  g_autoptr (JsonObject) consumer = consume (self, transport_id, producer_id);

  sfu_do (self->sfu, "resumeConsumer", "consumerId",
          json_object_get_string_member (consumer, "consumerId"));
}

static void
on_rtp (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data)
{
  Cost *self = user_data;

  cost_take_packet (self, &self->delays, rtp, size, tutti_clock_now_ns ());
}

static void
on_consumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
hear (Cost *self, const char *producer_id)
{
  g_autoptr (JsonObject) consumer =
      consume (self, tutti_transport_get_id (self->transport), producer_id);
  const char *id = json_object_get_string_member (consumer, "consumerId");
  gboolean is_done = FALSE;

  tutti_transport_consume_async (self->transport, id,
                                 json_object_get_object_member (consumer, "rtpParameters"), on_rtp,
                                 self, NULL, NULL, on_consumed, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  sfu_do (self->sfu, "resumeConsumer", "consumerId", id);
}

typedef struct {
  TuttiSendSlot *slot;
  JsonObject *rtp_parameters;
} Produced;

static void
on_produced (GObject *source, GAsyncResult *result, gpointer data)
{
  Produced *produced = data;
  g_autoptr (GError) error = NULL;

  produced->slot = tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result,
                                                   &produced->rtp_parameters, &error);
  g_assert_no_error (error);
}

static char *
add_slot (Cost *self, Stream *stream)
{
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (self->sfu), "audio/opus", 240, 2, NULL);
  g_autoptr (JsonArray) extensions =
      tutti_ortc_send_extensions (sfu_get_capabilities (self->sfu), "audio");
  Produced produced = { NULL };

  tutti_transport_produce_async (self->transport, codec, extensions, NULL, on_produced, &produced);
  while (produced.slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  stream->slot = produced.slot;
  stream->ssrc = tutti_send_slot_get_ssrc (produced.slot);
  stream->payload_type = tutti_send_slot_get_payload_type (produced.slot);
  return produce (self, tutti_transport_get_id (self->transport), produced.rtp_parameters);
}

void
cost_set_up (Cost *self, TuttiDirection direction)
{
  g_autoptr (JsonObject) back = NULL;
  g_autofree char *witness = NULL;
  const char *back_id;
  guint16 port;

  self->sink = open_socket (0, &port);
  back = plain_transport (self, port);
  back_id = json_object_get_string_member (back, "transportId");
  witness = add_plain (self, &self->witness, COST_WITNESS_SSRC);
  hear_plain (self, back_id, witness);
  self->transport = sfu_make_transport (self->sfu, direction);
  for (int i = 0; i < self->n_streams; i++) {
    g_autofree char *producer = direction == TUTTI_DIRECTION_RECEIVE
                                    ? add_plain (self, &self->streams[i], 0x10000000u + i)
                                    : add_slot (self, &self->streams[i]);

    if (direction == TUTTI_DIRECTION_RECEIVE)
      hear (self, producer);
    else
      hear_plain (self, back_id, producer);
  }
}
