/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ortc.h"
#include "tutti-ortc-check.h"

#include <gst/sdp/gstsdpmessage.h>
#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

/* From our own local descriptions to what mediasoup wants to be told. */

static GstSDPMessage *
parse_sdp (const char *text, GError **error)
{
  GstSDPMessage *message = NULL;

  if (text != NULL && *text != '\0' && gst_sdp_message_new_from_text (text, &message) == GST_SDP_OK)
    return message;
  g_clear_pointer (&message, gst_sdp_message_free);
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                       _ ("The description of the own media connection could not be read."));
  return NULL;
}

static gboolean
read_number (const char **text, guint64 max, guint64 *value)
{
  char *end = NULL;

  if (!g_ascii_isdigit (**text))
    return FALSE;
  *value = g_ascii_strtoull (*text, &end, 10);
  *text = end;
  return *value <= max;
}

/* "PT rest" of an attribute of @media; the n-th one for that payload type, or NULL. */
static const char *
attribute_for (const GstSDPMedia *media, const char *key, guint64 payload_type, guint nth)
{
  for (guint i = 0;; i++) {
    const char *value = gst_sdp_media_get_attribute_val_n (media, key, i);
    guint64 number;

    if (value == NULL)
      return NULL;
    if (read_number (&value, 127, &number) && number == payload_type && *value == ' ' && nth-- == 0)
      return value + 1;
  }
}

static JsonObject *
parse_parameters (const char *fmtp)
{
  JsonObject *result = json_object_new ();
  g_auto (GStrv) pairs = g_strsplit (fmtp != NULL ? fmtp : "", ";", -1);

  for (gsize i = 0; pairs[i] != NULL; i++) {
    char *name = g_strstrip (pairs[i]);
    char *value = strchr (name, '=');
    guint64 number;
    const char *rest;

    if (value == NULL || value == name)
      continue;
    *value++ = '\0';
    rest = value;
    if (read_number (&rest, G_MAXINT32, &number) && *rest == '\0')
      json_object_set_int_member (result, name, (gint64) number);
    else
      json_object_set_string_member (result, name, value);
  }
  return result;
}

static JsonArray *
parse_feedback (const GstSDPMedia *media, guint64 payload_type)
{
  JsonArray *result = json_array_new ();
  const char *value;

  for (guint i = 0; (value = attribute_for (media, "rtcp-fb", payload_type, i)) != NULL; i++) {
    g_auto (GStrv) words = g_strsplit (value, " ", 2);
    JsonObject *item = json_object_new ();

    json_object_set_string_member (item, "type", words[0]);
    json_object_set_string_member (item, "parameter",
                                   words[0] != NULL && words[1] != NULL ? words[1] : "");
    json_array_add_object_element (result, item);
  }
  return result;
}

/* "opus/48000/2" */
static gboolean
parse_rtpmap (const char *rtpmap, char **name, guint64 *clock_rate, guint64 *channels)
{
  const char *slash = strchr (rtpmap, '/');
  const char *rest;

  *channels = 0;
  if (slash == NULL || slash == rtpmap)
    return FALSE;
  rest = slash + 1;
  if (!read_number (&rest, 768000, clock_rate))
    return FALSE;
  if (*rest == '/') {
    rest++;
    if (!read_number (&rest, 32, channels))
      return FALSE;
  }
  *name = g_strndup (rtpmap, slash - rtpmap);
  return TRUE;
}

static JsonObject *
find_router_codec (JsonObject *router_capabilities, const char *mime_type, guint64 payload_type)
{
  JsonArray *codecs = json_object_get_array_member (router_capabilities, "codecs");

  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);

    /* What is sent again has a number of our own choice. */
    if (((guint64) json_object_get_int_member (codec, "preferredPayloadType") == payload_type ||
         g_ascii_strcasecmp (mime_type, "video/rtx") == 0) &&
        g_ascii_strcasecmp (json_object_get_string_member (codec, "mimeType"), mime_type) == 0)
      return codec;
  }
  return NULL;
}

static JsonObject *
parse_codec (const GstSDPMedia *media, const char *format, JsonObject *router_capabilities)
{
  const char *kind = gst_sdp_media_get_media (media);
  g_autofree char *name = NULL, *mime_type = NULL;
  guint64 payload_type, clock_rate, channels;
  const char *rtpmap;
  JsonObject *codec, *router_codec;

  if (!read_number (&format, 127, &payload_type) || *format != '\0')
    return NULL;
  rtpmap = attribute_for (media, "rtpmap", payload_type, 0);
  if (rtpmap == NULL || !parse_rtpmap (rtpmap, &name, &clock_rate, &channels))
    return NULL;
  mime_type = g_strdup_printf ("%s/%s", kind, name);
  router_codec = find_router_codec (router_capabilities, mime_type, payload_type);
  if (router_codec == NULL)
    return NULL;

  codec = json_object_new ();
  json_object_set_string_member (codec, "mimeType",
                                 json_object_get_string_member (router_codec, "mimeType"));
  json_object_set_int_member (codec, "payloadType", (gint64) payload_type);
  json_object_set_int_member (codec, "clockRate", (gint64) clock_rate);
  if (g_str_equal (kind, "audio"))
    json_object_set_int_member (codec, "channels", (gint64) MAX (channels, 1));
  json_object_set_object_member (codec, "parameters",
                                 parse_parameters (attribute_for (media, "fmtp", payload_type, 0)));
  json_object_set_array_member (codec, "rtcpFeedback", parse_feedback (media, payload_type));
  return codec;
}

static JsonArray *
parse_extensions (const GstSDPMedia *media)
{
  JsonArray *result = json_array_new ();
  const char *value;

  for (guint i = 0; (value = gst_sdp_media_get_attribute_val_n (media, "extmap", i)) != NULL; i++) {
    g_auto (GStrv) words = NULL;
    JsonObject *item;
    guint64 id;

    if (!read_number (&value, 255, &id) || id == 0)
      continue;
    /* "/sendonly" may stand behind the number. */
    words = g_strsplit (value, " ", 3);
    if (words[0] == NULL || words[1] == NULL)
      continue;
    item = json_object_new ();
    json_object_set_string_member (item, "uri", words[1]);
    json_object_set_int_member (item, "id", (gint64) id);
    json_object_set_boolean_member (item, "encrypt", FALSE);
    json_object_set_object_member (item, "parameters", json_object_new ());
    json_array_add_object_element (result, item);
  }
  return result;
}

static guint64
find_rtx_ssrc (const GstSDPMedia *media, guint64 ssrc)
{
  const char *value;

  for (guint i = 0; (value = gst_sdp_media_get_attribute_val_n (media, "ssrc-group", i)) != NULL;
       i++) {
    guint64 first, second;

    if (!g_str_has_prefix (value, "FID "))
      continue;
    value += 4;
    if (!read_number (&value, G_MAXUINT32, &first) || first != ssrc || *value != ' ')
      continue;
    value++;
    if (read_number (&value, G_MAXUINT32, &second))
      return second;
  }
  return 0;
}

/* The first SSRC of the section is the stream's; the other of an FID group is its retransmission.
 */
static gboolean
parse_encodings (const GstSDPMedia *media, JsonArray *encodings, char **cname)
{
  guint64 ssrc = 0;
  const char *value;

  for (guint i = 0; (value = gst_sdp_media_get_attribute_val_n (media, "ssrc", i)) != NULL; i++) {
    guint64 number;

    if (!read_number (&value, G_MAXUINT32, &number) || number == 0 || *value != ' ')
      continue;
    if (ssrc == 0)
      ssrc = number;
    if (number == ssrc && *cname == NULL && g_str_has_prefix (value, " cname:"))
      *cname = g_strdup (value + strlen (" cname:"));
  }
  if (ssrc == 0)
    return FALSE;

  guint64 rtx_ssrc = find_rtx_ssrc (media, ssrc);
  JsonObject *encoding = json_object_new ();
  json_object_set_int_member (encoding, "ssrc", (gint64) ssrc);
  if (rtx_ssrc != 0) {
    JsonObject *rtx = json_object_new ();

    json_object_set_int_member (rtx, "ssrc", (gint64) rtx_ssrc);
    json_object_set_object_member (encoding, "rtx", rtx);
  }
  json_array_add_object_element (encodings, encoding);
  return TRUE;
}

static JsonObject *
parse_media (const GstSDPMedia *media, JsonObject *router_capabilities, GError **error)
{
  const char *mid = gst_sdp_media_get_attribute_val (media, "mid");
  g_autoptr (JsonObject) result = json_object_new ();
  g_autofree char *cname = NULL;
  JsonArray *codecs = json_array_new (), *encodings = json_array_new ();
  JsonObject *rtcp = json_object_new ();

  json_object_set_array_member (result, "codecs", codecs);
  json_object_set_array_member (result, "headerExtensions", parse_extensions (media));
  json_object_set_array_member (result, "encodings", encodings);
  json_object_set_object_member (result, "rtcp", rtcp);

  for (guint i = 0; i < gst_sdp_media_formats_len (media); i++) {
    JsonObject *codec =
        parse_codec (media, gst_sdp_media_get_format (media, i), router_capabilities);

    if (codec != NULL)
      json_array_add_object_element (codecs, codec);
  }
  if (json_array_get_length (codecs) == 0) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                         _ ("The room takes none of the audio formats that were offered to it."));
    return NULL;
  }
  if (mid == NULL || !parse_encodings (media, encodings, &cname)) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                         _ ("The own media connection describes no stream to send."));
    return NULL;
  }
  json_object_set_string_member (result, "mid", mid);
  json_object_set_string_member (rtcp, "cname", cname != NULL ? cname : "");
  json_object_set_boolean_member (rtcp, "reducedSize", TRUE);
  return g_steal_pointer (&result);
}

/**
 * tutti_ortc_send_parameters:
 * @offer: webrtcbin's local offer
 * @index: media section
 * @router_capabilities: checked; codecs that are not in it (by payload type and name) are left out
 *
 * Pure, any thread.
 *
 * Returns: (transfer full): `rtpParameters` for `produce`, or %NULL with an error
 */
JsonObject *
tutti_ortc_send_parameters (const char *offer,
                            guint index,
                            JsonObject *router_capabilities,
                            GError **error)
{
  GstSDPMessage *message;
  JsonObject *result = NULL;

  if (!tutti_ortc_check_capabilities (router_capabilities, error))
    return NULL;
  message = parse_sdp (offer, error);
  if (message == NULL)
    return NULL;
  if (index < gst_sdp_message_medias_len (message) &&
      gst_sdp_media_get_media (gst_sdp_message_get_media (message, index)) != NULL)
    result = parse_media (gst_sdp_message_get_media (message, index), router_capabilities, error);
  else
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                         _ ("The own media connection describes no stream to send."));
  gst_sdp_message_free (message);
  return result;
}

/* -- DTLS -- */

static const char *
find_fingerprint (const GstSDPMessage *message)
{
  const char *value = gst_sdp_message_get_attribute_val (message, "fingerprint");

  for (guint i = 0; value == NULL && i < gst_sdp_message_medias_len (message); i++)
    value = gst_sdp_media_get_attribute_val (gst_sdp_message_get_media (message, i), "fingerprint");
  return value;
}

/**
 * tutti_ortc_dtls_parameters:
 * @sdp: a local description with a fingerprint, on session or media level
 * @role: "client" or "server"
 *
 * Pure, any thread.
 *
 * Returns: (transfer full): `dtlsParameters` for `connectWebRtcTransport`, or %NULL with an error
 */
JsonObject *
tutti_ortc_dtls_parameters (const char *sdp, const char *role, GError **error)
{
  GstSDPMessage *message = parse_sdp (sdp, error);
  g_auto (GStrv) words = NULL;
  g_autofree char *algorithm = NULL;
  const char *value;
  JsonObject *result, *fingerprint;
  JsonArray *list;

  if (message == NULL)
    return NULL;
  value = find_fingerprint (message);
  words = g_strsplit (value != NULL ? value : "", " ", 2);
  gst_sdp_message_free (message);
  if (words[0] == NULL || words[1] == NULL || *words[1] == '\0' ||
      !tutti_charset_matches (TUTTI_CHARSET_HEX_COLON, words[1])) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                         _ ("The own media connection has no certificate."));
    return NULL;
  }
  algorithm = g_ascii_strdown (words[0], -1);

  fingerprint = json_object_new ();
  json_object_set_string_member (fingerprint, "algorithm", algorithm);
  json_object_set_string_member (fingerprint, "value", words[1]);
  list = json_array_new ();
  json_array_add_object_element (list, fingerprint);
  result = json_object_new ();
  json_object_set_string_member (result, "role", role);
  json_object_set_array_member (result, "fingerprints", list);
  return result;
}
