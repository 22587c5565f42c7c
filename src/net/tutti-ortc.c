/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ortc.h"
#include "tutti-ortc-check.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

/* -- what we decode: nothing else may reach a depayloader -- */

typedef struct {
  const char *mime_type;
  guint clock_rate;
  guint channels; /* 0: not stated */
} ListedCodec;

static const ListedCodec listed_codecs[] = {
  { "audio/opus", 48000, 2 },
  { "video/VP8", 90000, 0 },
  { "video/rtx", 90000, 0 },
};

static gboolean
is_mime_type (JsonObject *codec, const char *mime_type)
{
  return g_ascii_strcasecmp (json_object_get_string_member (codec, "mimeType"), mime_type) == 0;
}

static gboolean
is_listed (JsonObject *codec)
{
  for (gsize i = 0; i < G_N_ELEMENTS (listed_codecs); i++) {
    const ListedCodec *listed = &listed_codecs[i];

    if (is_mime_type (codec, listed->mime_type) &&
        json_object_get_int_member (codec, "clockRate") == listed->clock_rate &&
        (listed->channels == 0 ||
         json_object_get_int_member_with_default (codec, "channels", 1) == listed->channels))
      return TRUE;
  }
  return FALSE;
}

gboolean
tutti_ortc_check_listed (JsonObject *rtp_parameters, GError **error)
{
  JsonArray *codecs = json_object_get_array_member (rtp_parameters, "codecs");

  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);

    if (is_listed (codec) && (i > 0 || !is_mime_type (codec, "video/rtx")))
      continue;
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("Someone's stream uses the format “%s”, which Tutti does not accept."),
                 json_object_get_string_member (codec, "mimeType"));
    return FALSE;
  }
  return TRUE;
}

const char *
tutti_ortc_get_kind (JsonObject *rtp_parameters)
{
  JsonArray *codecs = json_object_get_array_member (rtp_parameters, "codecs");
  JsonObject *codec = json_array_get_object_element (codecs, 0);
  const char *mime_type = json_object_get_string_member (codec, "mimeType");

  return g_ascii_strncasecmp (mime_type, "audio/", 6) == 0 ? "audio" : "video";
}

/* Audio takes no header extension: streams are told apart by SSRC, and feedback on packet arrival
 * would cost packets that only a bandwidth estimation for video uses. */
gboolean
tutti_ortc_receives_extension (const char *kind, const char *uri)
{
  return g_strcmp0 (kind, "video") == 0 && g_str_equal (uri, TUTTI_ORTC_URI_TRANSPORT_CC);
}

static JsonNode *
copy_node (JsonNode *node)
{
  JsonNode *copy;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    copy = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (copy, tutti_ortc_copy_object (json_node_get_object (node)));
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node), *elements = json_array_new ();

    for (guint i = 0; i < json_array_get_length (array); i++)
      json_array_add_element (elements, copy_node (json_array_get_element (array, i)));
    copy = json_node_new (JSON_NODE_ARRAY);
    json_node_take_array (copy, elements);
  } else {
    copy = json_node_copy (node);
  }
  return copy;
}

/* Not by way of text: a parser makes values of some words that no text can be made of again. */
JsonObject *
tutti_ortc_copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, copy_node (node));
  return copy;
}

/* Audio is never asked for again (too late when it comes) and sends no arrival feedback. */
static JsonArray *
copy_feedback (JsonObject *codec)
{
  JsonArray *result = json_array_new ();
  JsonArray *list;

  if (!tutti_check_has (codec, "rtcpFeedback") ||
      g_ascii_strncasecmp (json_object_get_string_member (codec, "mimeType"), "audio/", 6) == 0)
    return result;
  list = json_object_get_array_member (codec, "rtcpFeedback");
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);

    /* Transport-wide feedback replaces it. */
    if (!g_str_equal (json_object_get_string_member (item, "type"), "goog-remb"))
      json_array_add_object_element (result, tutti_ortc_copy_object (item));
  }
  return result;
}

static JsonObject *
copy_codec (JsonObject *codec)
{
  JsonObject *copy = tutti_ortc_copy_object (codec);

  json_object_set_string_member (copy, "kind",
                                 is_mime_type (codec, "audio/opus") ? "audio" : "video");
  /* How the room would like it encoded is not ours to promise; which codec is repeated is. */
  if (!is_mime_type (codec, "video/rtx") || !tutti_check_has (copy, "parameters"))
    json_object_set_object_member (copy, "parameters", json_object_new ());
  json_object_set_array_member (copy, "rtcpFeedback", copy_feedback (codec));
  return copy;
}

static gboolean
has_payload_type (JsonArray *codecs, gint64 payload_type)
{
  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);

    if (!is_mime_type (codec, "video/rtx") &&
        json_object_get_int_member (codec, "preferredPayloadType") == payload_type)
      return TRUE;
  }
  return FALSE;
}

static void
add_rtx_codecs (JsonArray *router_codecs, JsonArray *codecs)
{
  for (guint i = 0; i < json_array_get_length (router_codecs); i++) {
    JsonObject *codec = json_array_get_object_element (router_codecs, i);
    JsonObject *parameters;

    if (!is_mime_type (codec, "video/rtx") || !is_listed (codec) ||
        !tutti_check_has (codec, "parameters"))
      continue;
    parameters = json_object_get_object_member (codec, "parameters");
    if (tutti_check_uint (parameters, "apt", 0, 127, NULL, NULL) &&
        has_payload_type (codecs, json_object_get_int_member (parameters, "apt")))
      json_array_add_object_element (codecs, copy_codec (codec));
  }
}

static JsonArray *
list_extensions (JsonObject *router_capabilities)
{
  if (!tutti_check_has (router_capabilities, "headerExtensions"))
    return NULL;
  return json_object_get_array_member (router_capabilities, "headerExtensions");
}

/**
 * tutti_ortc_receive_capabilities:
 * @router_capabilities: checked
 *
 * The router's payload types and extension ids are adopted, so nothing has to be mapped later.
 * Pure, any thread.
 *
 * Returns: (transfer full): `rtpCapabilities` for `join`; empty when @router_capabilities is not
 * valid
 */
JsonObject *
tutti_ortc_receive_capabilities (JsonObject *router_capabilities, gboolean with_video)
{
  JsonObject *result = json_object_new ();
  JsonArray *codecs = json_array_new (), *extensions = json_array_new ();

  json_object_set_array_member (result, "codecs", codecs);
  json_object_set_array_member (result, "headerExtensions", extensions);
  if (!tutti_ortc_check_capabilities (router_capabilities, NULL))
    return result;

  JsonArray *router_codecs = json_object_get_array_member (router_capabilities, "codecs");
  for (guint i = 0; i < json_array_get_length (router_codecs); i++) {
    JsonObject *codec = json_array_get_object_element (router_codecs, i);

    if (is_listed (codec) && !is_mime_type (codec, "video/rtx") &&
        (with_video || is_mime_type (codec, "audio/opus")))
      json_array_add_object_element (codecs, copy_codec (codec));
  }
  add_rtx_codecs (router_codecs, codecs);

  JsonArray *router_extensions = list_extensions (router_capabilities);
  for (guint i = 0; router_extensions != NULL && i < json_array_get_length (router_extensions);
       i++) {
    JsonObject *item = json_array_get_object_element (router_extensions, i);
    const char *kind = json_object_get_string_member_with_default (item, "kind", "");

    if (with_video &&
        tutti_ortc_receives_extension (kind, json_object_get_string_member (item, "uri")))
      json_array_add_object_element (extensions, tutti_ortc_copy_object (item));
  }
  return result;
}

/* -- sending -- */

static void
complete_opus (JsonObject *codec, guint frame_samples, guint channels)
{
  JsonObject *parameters = json_object_get_object_member (codec, "parameters");
  gboolean stereo = channels > 1;

  /* In whole milliseconds, and the shortest Opus frame is written as 3. */
  json_object_set_int_member (parameters, "minptime", MAX (3, (frame_samples + 47) / 48));
  json_object_set_int_member (parameters, "stereo", stereo);
  json_object_set_int_member (parameters, "sprop-stereo", stereo);
  /* Does nothing in the modes without delay, and costs a frame in the decoder. */
  json_object_set_int_member (parameters, "useinbandfec", 0);
}

/**
 * tutti_ortc_send_codec:
 * @router_capabilities: checked
 * @mime_type: such as "audio/opus"
 * @frame_samples: length of a frame at 48 kHz; audio only
 * @channels: what really is in the stream (1 or 2); audio only
 *
 * Pure, any thread.
 *
 * Returns: (transfer full): the codec for tutti_transport_produce_async(), or %NULL with
 *   TUTTI_ERROR_CODEC when the room does not offer it
 */
JsonObject *
tutti_ortc_send_codec (JsonObject *router_capabilities,
                       const char *mime_type,
                       guint frame_samples,
                       guint channels,
                       GError **error)
{
  JsonArray *codecs;

  if (!tutti_ortc_check_capabilities (router_capabilities, error))
    return NULL;
  codecs = json_object_get_array_member (router_capabilities, "codecs");
  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);
    JsonObject *copy;

    if (!is_mime_type (codec, mime_type) || !is_listed (codec))
      continue;
    copy = copy_codec (codec);
    if (is_mime_type (codec, "audio/opus"))
      complete_opus (copy, frame_samples, channels);
    return copy;
  }
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
               _ ("The room does not take the audio format “%s”, so you could not be heard in it."),
               mime_type);
  return NULL;
}

/**
 * tutti_ortc_send_extensions:
 * @router_capabilities: checked
 * @kind: "audio" or "video"
 *
 * What is listed here must really be written into each packet: our audio packets have a bare header
 * of 12 bytes, so for audio the list is empty. Pure, any thread.
 *
 * Returns: (transfer full): `headerExtensions` for tutti_transport_produce_async()
 */
JsonArray *
tutti_ortc_send_extensions (JsonObject *router_capabilities, const char *kind)
{
  JsonArray *result = json_array_new ();
  JsonArray *list;

  if (!tutti_ortc_check_capabilities (router_capabilities, NULL))
    return result;
  list = list_extensions (router_capabilities);
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *direction =
        json_object_get_string_member_with_default (item, "direction", "sendrecv");

    if (g_str_equal (json_object_get_string_member_with_default (item, "kind", ""), kind) &&
        tutti_ortc_receives_extension (kind, json_object_get_string_member (item, "uri")) &&
        (g_str_equal (direction, "sendrecv") || g_str_equal (direction, "recvonly")))
      json_array_add_object_element (result, tutti_ortc_copy_object (item));
  }
  return result;
}
