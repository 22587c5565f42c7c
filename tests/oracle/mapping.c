/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Our own mapping for oracle.mjs: one JSON request a line on stdin, {"call":…, …}, one JSON answer
 * a line on stdout; a refusal is {"error":"…"}. */

#include <gst/webrtc/webrtc.h>
#include <stdio.h>

#include "tutti-ortc.h"
#include "tutti-remote-sdp.h"
#include "tutti-thread.h"
#include "tutti-transport-private.h"

static JsonObject *
wrap_text (char *text)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "sdp", text);
  g_free (text);
  return object;
}

static JsonObject *
call_remote (JsonObject *request)
{
  g_autoptr (TuttiRemoteSdp) sdp =
      tutti_remote_sdp_new (json_object_get_object_member (request, "transport"));
  gboolean is_send = json_object_get_boolean_member_with_default (request, "send", FALSE);
  JsonArray *list = json_object_get_array_member (request, "streams");

  if (sdp == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *kind = json_object_get_string_member (item, "kind");
    JsonObject *parameters = json_object_get_object_member (item, "rtpParameters");

    if (is_send)
      tutti_remote_sdp_add_send (sdp, kind, parameters);
    else
      tutti_remote_sdp_add_receive (sdp, kind, parameters, "peer",
                                    json_object_get_string_member (item, "consumerId"));
  }
  return wrap_text (tutti_remote_sdp_to_string (sdp));
}

/* -- a real offer of a real webrtcbin, through TuttiTransport -- */

static JsonObject *dtls_seen;

static void
on_connect (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  dtls_seen = json_object_ref (dtls_parameters);
  tutti_transport_connected (transport, NULL);
}

typedef struct {
  JsonArray *parameters;
  guint n_done;
} Offered;

static void
on_produced (GObject *source, GAsyncResult *result, gpointer data)
{
  Offered *offered = data;
  g_autoptr (GError) error = NULL;
  JsonObject *parameters = NULL;

  if (tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result, &parameters, &error) ==
      NULL)
    g_error ("%s", error->message);
  json_array_add_object_element (offered->parameters, parameters);
  offered->n_done++;
}

static char *
get_local_description (TuttiTransport *transport)
{
  GstWebRTCSessionDescription *description = NULL;
  char *text;

  g_object_get (transport->webrtc, "current-local-description", &description, NULL);
  text = gst_sdp_message_as_text (description->sdp);
  gst_webrtc_session_description_free (description);
  return text;
}

static JsonObject *
call_offer (JsonObject *request, GError **error)
{
  g_autoptr (TuttiTransport) transport = tutti_transport_new (
      TUTTI_DIRECTION_SEND, json_object_get_object_member (request, "transport"), error);
  JsonObject *router = json_object_get_object_member (request, "router"), *answer;
  JsonArray *streams = json_object_get_array_member (request, "streams");
  Offered offered = { NULL, 0 };

  if (transport == NULL)
    return NULL;
  offered.parameters = json_array_new ();
  tutti_transport_set_connect_func (transport, on_connect, NULL);
  for (guint i = 0; i < json_array_get_length (streams); i++) {
    JsonObject *stream = json_array_get_object_element (streams, i);
    g_autoptr (JsonObject) codec = tutti_ortc_send_codec (
        router, "audio/opus", (guint) json_object_get_int_member (stream, "frame"),
        (guint) json_object_get_int_member (stream, "channels"), error);

    if (codec == NULL)
      return NULL;
    tutti_transport_produce_async (transport, codec,
                                   json_object_get_array_member (request, "extensions"), NULL,
                                   on_produced, &offered);
  }
  while (offered.n_done < json_array_get_length (streams))
    g_main_context_iteration (NULL, TRUE);
  answer = wrap_text (get_local_description (transport));
  json_object_set_array_member (answer, "parameters", offered.parameters);
  json_object_set_object_member (answer, "dtls", g_steal_pointer (&dtls_seen));
  tutti_transport_close (transport);
  return answer;
}

static JsonObject *
answer_call (JsonObject *request, GError **error)
{
  const char *call = json_object_get_string_member (request, "call");

  if (g_str_equal (call, "receiveCapabilities"))
    return tutti_ortc_receive_capabilities (json_object_get_object_member (request, "router"),
                                            json_object_get_boolean_member (request, "video"));
  if (g_str_equal (call, "sendParameters"))
    return tutti_ortc_send_parameters (json_object_get_string_member (request, "offer"),
                                       (guint) json_object_get_int_member (request, "index"),
                                       json_object_get_object_member (request, "router"), error);
  if (g_str_equal (call, "remote"))
    return call_remote (request);
  if (g_str_equal (call, "offer"))
    return call_offer (request, error);
  g_error ("no such call: %s", call);
}

static void
handle_line (const char *line)
{
  g_autoptr (JsonNode) request = json_from_string (line, NULL);
  g_autoptr (JsonNode) answer = json_node_alloc ();
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  JsonObject *object;

  g_assert (request != NULL && JSON_NODE_HOLDS_OBJECT (request));
  object = answer_call (json_node_get_object (request), &error);
  if (object == NULL) {
    object = json_object_new ();
    json_object_set_string_member (object, "error", error != NULL ? error->message : "refused");
  }
  json_node_init (answer, JSON_NODE_OBJECT);
  json_node_take_object (answer, object);
  text = json_to_string (answer, FALSE);
  puts (text);
  fflush (stdout);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  char *line = NULL;
  size_t size = 0;

  tutti_thread_init_main ();
  if (!tutti_net_init (&error))
    g_error ("%s", error->message);
  while (getline (&line, &size, stdin) > 0)
    handle_line (line);
  free (line);
  return tutti_net_wait_idle (5000) ? 0 : 1;
}
