/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"
#include "tutti-ortc.h"

#define CAPABILITIES                                                                               \
  "{\"codecs\":[{\"kind\":\"audio\",\"mimeType\":\"audio/opus\",\"clockRate\":48000,"              \
  "\"channels\":2,\"preferredPayloadType\":100,\"parameters\":{},\"rtcpFeedback\":[]}],"           \
  "\"headerExtensions\":[{\"kind\":\"audio\",\"uri\":\"urn:ietf:params:rtp-hdrext:sdes:mid\","     \
  "\"preferredId\":1}]}"

/* A session description of webrtcbin's, mapped to ORTC. It is our own library's, but its text holds
 * what others sent. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  static JsonObject *capabilities;
  g_autofree char *sdp = g_strndup ((const char *) data, size);
  g_autoptr (JsonObject) dtls = NULL;

  if (!capabilities) {
    JsonNode *node = json_from_string (CAPABILITIES, NULL);

    capabilities = json_node_dup_object (node);
    json_node_unref (node);
  }

  for (guint i = 0; i < 3; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) parameters = tutti_ortc_send_parameters (sdp, i, capabilities, &error);

    g_assert ((parameters != NULL) == (error == NULL));
  }
  dtls = tutti_ortc_dtls_parameters (sdp, "client", NULL);

  return 0;
}
