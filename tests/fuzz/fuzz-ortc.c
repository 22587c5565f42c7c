/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"
#include "tutti-ortc.h"
#include "tutti-remote-sdp.h"
#include "tutti-turn.h"

static void
describe (JsonObject *transport, JsonObject *parameters)
{
  g_autoptr (TuttiRemoteSdp) sdp = tutti_remote_sdp_new (transport);
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;

  if (parameters) {
    guint index = tutti_remote_sdp_add_receive (sdp, "audio", parameters, "peer-0001", "consumer");

    before = tutti_remote_sdp_to_string (sdp);
    tutti_remote_sdp_release (sdp, index);
    tutti_remote_sdp_add_receive (sdp, "audio", parameters, "peer-0002", "another");
  }
  after = tutti_remote_sdp_to_string (sdp);
  /* Whatever a room sends, no line of it may become another one. */
  g_assert (g_utf8_validate (after, -1, NULL));
}

/* Nothing that a room says of its TURN servers gets out of its place in the URI. */
static void
use_turn_servers (JsonObject *transport)
{
  g_autoptr (GPtrArray) servers = tutti_turn_read_servers (transport, NULL);

  for (guint i = 0; servers && i < servers->len; i++) {
    g_autofree char *uri = tutti_turn_server_to_uri (g_ptr_array_index (servers, i), "2001:db8::1");
    g_autoptr (GUri) parsed =
        g_uri_parse (uri, G_URI_FLAGS_HAS_PASSWORD | G_URI_FLAGS_ENCODED, NULL);

    g_assert (parsed);
    g_assert_cmpstr (g_uri_get_host (parsed), ==, "2001:db8::1");
    g_assert_cmpstr (g_uri_get_path (parsed), ==, "");
    g_assert (g_str_has_prefix (g_uri_get_query (parsed), "transport="));
  }
}

static void
use_capabilities (JsonObject *capabilities)
{
  g_autoptr (JsonObject) receive = tutti_ortc_receive_capabilities (capabilities, TRUE);
  g_autoptr (JsonObject) codec = tutti_ortc_send_codec (capabilities, "audio/opus", 120, 2, NULL);
  g_autoptr (JsonArray) extensions = tutti_ortc_send_extensions (capabilities, "audio");

  g_assert (receive && extensions);
}

/* What a room says of its router, a transport and a stream: {"capabilities","transport",
 * "parameters"}. As in the app, nothing is used before it was checked. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (JsonObject) object = fuzz_parse (data, size);
  JsonObject *parts[3] = { NULL };
  static const char *const names[] = { "capabilities", "transport", "parameters" };

  for (guint i = 0; object && i < G_N_ELEMENTS (names); i++) {
    JsonNode *node = json_object_get_member (object, names[i]);

    if (node && JSON_NODE_HOLDS_OBJECT (node))
      parts[i] = json_node_get_object (node);
  }

  if (parts[0] && tutti_ortc_check_capabilities (parts[0], NULL))
    use_capabilities (parts[0]);
  if (parts[2] && !tutti_ortc_check_rtp_parameters (parts[2], NULL))
    parts[2] = NULL;
  if (parts[1])
    use_turn_servers (parts[1]);
  if (parts[1] && tutti_ortc_check_transport (parts[1], NULL))
    describe (parts[1], parts[2]);

  return 0;
}
