/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ortc.h"
#include "tutti-ortc-check.h"

#include <gio/gio.h>
#include <string.h>

/* Bounds on what a server may send. Far above what mediasoup sends, far below what hurts. */
#define MAX_CODECS       64
#define MAX_EXTENSIONS   32
#define MAX_FEEDBACK     16
#define MAX_PARAMETERS   32
#define MAX_ENCODINGS    8
#define MAX_FINGERPRINTS 8

/* -- codecs and header extensions -- */

static gboolean
check_codec_parameters (JsonObject *codec, GError **error)
{
  JsonObject *parameters;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!tutti_check_has (codec, "parameters"))
    return TRUE;
  if (!tutti_check_object (codec, "parameters", &parameters, error))
    return FALSE;
  if (json_object_get_size (parameters) > MAX_PARAMETERS)
    return tutti_check_fail ("parameters", error);
  json_object_iter_init (&iter, parameters);
  while (json_object_iter_next (&iter, &name, &node)) {
    if (*name == '\0' || strlen (name) > 64 || !tutti_charset_matches (TUTTI_CHARSET_TOKEN, name))
      return tutti_check_fail ("parameters", error);
    if (!JSON_NODE_HOLDS_VALUE (node))
      return tutti_check_fail ("parameters", error);
    if (json_node_get_value_type (node) == G_TYPE_INT64) {
      gint64 number = json_node_get_int (node);

      if (number < -G_MAXINT32 || number > G_MAXINT32)
        return tutti_check_fail ("parameters", error);
    } else if (!tutti_check_string (parameters, name, TUTTI_CHARSET_FMTP, 0, 256, NULL, error)) {
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_feedback (JsonObject *codec, GError **error)
{
  JsonArray *list;

  if (!tutti_check_has (codec, "rtcpFeedback"))
    return TRUE;
  if (!tutti_check_array (codec, "rtcpFeedback", 0, MAX_FEEDBACK, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item;

    if (!tutti_check_item (list, i, "rtcpFeedback", &item, error) ||
        !tutti_check_string (item, "type", TUTTI_CHARSET_TOKEN, 1, 32, NULL, error))
      return FALSE;
    if (tutti_check_has (item, "parameter") &&
        !tutti_check_string (item, "parameter", TUTTI_CHARSET_TOKEN, 0, 32, NULL, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
check_mime_type (JsonObject *codec, const char **mime_type, GError **error)
{
  const char *subtype;

  if (!tutti_check_string (codec, "mimeType", TUTTI_CHARSET_URI, 7, 64, mime_type, error))
    return FALSE;
  if (g_ascii_strncasecmp (*mime_type, "audio/", 6) != 0 &&
      g_ascii_strncasecmp (*mime_type, "video/", 6) != 0)
    return tutti_check_fail ("mimeType", error);
  subtype = *mime_type + 6;
  if (!tutti_charset_matches (TUTTI_CHARSET_TOKEN, subtype))
    return tutti_check_fail ("mimeType", error);
  return TRUE;
}

static gboolean
check_codec (JsonObject *codec,
             const char *payload_type_name,
             guint64 *payload_type,
             GError **error)
{
  const char *mime_type;

  return check_mime_type (codec, &mime_type, error) &&
         tutti_check_uint (codec, payload_type_name, 0, 127, payload_type, error) &&
         tutti_check_uint (codec, "clockRate", 1000, 768000, NULL, error) &&
         (!tutti_check_has (codec, "channels") ||
          tutti_check_uint (codec, "channels", 1, 32, NULL, error)) &&
         check_codec_parameters (codec, error) && check_feedback (codec, error);
}

static gboolean
check_codecs (JsonObject *owner, const char *payload_type_name, guint min, GError **error)
{
  gboolean seen[128] = { FALSE };
  JsonArray *codecs;

  if (!tutti_check_array (owner, "codecs", min, MAX_CODECS, &codecs, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    guint64 payload_type = 0;
    JsonObject *codec;

    if (!tutti_check_item (codecs, i, "codecs", &codec, error) ||
        !check_codec (codec, payload_type_name, &payload_type, error))
      return FALSE;
    if (seen[payload_type])
      return tutti_check_fail (payload_type_name, error);
    seen[payload_type] = TRUE;
  }
  return TRUE;
}

static gboolean
check_extensions (JsonObject *owner, const char *id_name, GError **error)
{
  JsonArray *list;

  if (!tutti_check_has (owner, "headerExtensions"))
    return TRUE;
  if (!tutti_check_array (owner, "headerExtensions", 0, MAX_EXTENSIONS, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item;

    if (!tutti_check_item (list, i, "headerExtensions", &item, error) ||
        !tutti_check_string (item, "uri", TUTTI_CHARSET_URI, 1, 255, NULL, error) ||
        !tutti_check_uint (item, id_name, 1, 255, NULL, error))
      return FALSE;
    if (tutti_check_has (item, "kind") &&
        !tutti_check_string (item, "kind", TUTTI_CHARSET_TOKEN, 0, 8, NULL, error))
      return FALSE;
    if (tutti_check_has (item, "direction") &&
        !tutti_check_string (item, "direction", TUTTI_CHARSET_TOKEN, 1, 16, NULL, error))
      return FALSE;
  }
  return TRUE;
}

/**
 * tutti_ortc_check_capabilities:
 * @router_capabilities: foreign `routerRtpCapabilities`
 *
 * Pure, any thread.
 *
 * Returns: %FALSE with TUTTI_ERROR_PROTOCOL naming the first member that is missing or wrong
 */
gboolean
tutti_ortc_check_capabilities (JsonObject *router_capabilities, GError **error)
{
  g_return_val_if_fail (router_capabilities != NULL, FALSE);

  return check_codecs (router_capabilities, "preferredPayloadType", 0, error) &&
         check_extensions (router_capabilities, "preferredId", error);
}

static gboolean
check_encodings (JsonObject *rtp_parameters, GError **error)
{
  JsonArray *list;

  if (!tutti_check_array (rtp_parameters, "encodings", 1, MAX_ENCODINGS, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    guint64 ssrc = 0, rtx_ssrc = 0;
    JsonObject *item, *rtx;

    if (!tutti_check_item (list, i, "encodings", &item, error) ||
        !tutti_check_uint (item, "ssrc", 1, G_MAXUINT32, &ssrc, error))
      return FALSE;
    if (!tutti_check_has (item, "rtx"))
      continue;
    if (!tutti_check_object (item, "rtx", &rtx, error) ||
        !tutti_check_uint (rtx, "ssrc", 1, G_MAXUINT32, &rtx_ssrc, error))
      return FALSE;
    if (rtx_ssrc == ssrc)
      return tutti_check_fail ("rtx", error);
  }
  return TRUE;
}

static gboolean
check_rtcp (JsonObject *rtp_parameters, GError **error)
{
  JsonObject *rtcp;

  if (!tutti_check_has (rtp_parameters, "rtcp"))
    return TRUE;
  return tutti_check_object (rtp_parameters, "rtcp", &rtcp, error) &&
         (!tutti_check_has (rtcp, "cname") ||
          tutti_check_string (rtcp, "cname", TUTTI_CHARSET_TEXT, 0, 255, NULL, error));
}

static gboolean
check_same_kind (JsonObject *rtp_parameters, GError **error)
{
  JsonArray *codecs = json_object_get_array_member (rtp_parameters, "codecs");
  const char *kind = tutti_ortc_get_kind (rtp_parameters);

  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);

    if (g_ascii_strncasecmp (json_object_get_string_member (codec, "mimeType"), kind, 5) != 0)
      return tutti_check_fail ("mimeType", error);
  }
  return TRUE;
}

/**
 * tutti_ortc_check_rtp_parameters:
 * @rtp_parameters: foreign `rtpParameters` of a consumer
 *
 * Pure, any thread.
 *
 * Returns: %FALSE with TUTTI_ERROR_PROTOCOL naming the first member that is missing or wrong
 */
gboolean
tutti_ortc_check_rtp_parameters (JsonObject *rtp_parameters, GError **error)
{
  g_return_val_if_fail (rtp_parameters != NULL, FALSE);

  return (!tutti_check_has (rtp_parameters, "mid") ||
          tutti_check_string (rtp_parameters, "mid", TUTTI_CHARSET_TOKEN, 1, 32, NULL, error)) &&
         check_codecs (rtp_parameters, "payloadType", 1, error) &&
         check_same_kind (rtp_parameters, error) &&
         check_extensions (rtp_parameters, "id", error) &&
         check_encodings (rtp_parameters, error) && check_rtcp (rtp_parameters, error);
}

/* -- transports -- */

gboolean
tutti_check_is_ip_literal (const char *text)
{
  g_autoptr (GInetAddress) address = NULL;

  if (strchr (text, '%') != NULL || strlen (text) > 45)
    return FALSE;
  address = g_inet_address_new_from_string (text);
  return address != NULL;
}

gboolean
tutti_check_is_host_name (const char *text)
{
  gsize length = strlen (text), label = 0;

  if (length == 0 || length > 253)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (text[i] == '.') {
      if (label == 0 || text[i - 1] == '-')
        return FALSE;
      label = 0;
    } else if (g_ascii_isalnum (text[i]) || text[i] == '_' || (text[i] == '-' && label > 0)) {
      if (++label > 63)
        return FALSE;
    } else {
      return FALSE;
    }
  }
  /* A name of digits and dots that is no address is no name either. */
  return strspn (text, "0123456789.") != length && text[length - 1] != '-';
}

const char *
tutti_ortc_candidate_address (JsonObject *candidate)
{
  return json_object_get_string_member (candidate,
                                        tutti_check_has (candidate, "address") ? "address" : "ip");
}

static gboolean
check_candidate (JsonObject *candidate, GError **error)
{
  const char *name = tutti_check_has (candidate, "address") ? "address" : "ip";
  const char *address, *protocol, *type, *tcp_type;

  if (!tutti_check_string (candidate, "foundation", TUTTI_CHARSET_ICE, 1, 32, NULL, error) ||
      !tutti_check_uint (candidate, "priority", 1, G_MAXUINT32, NULL, error) ||
      !tutti_check_uint (candidate, "port", 1, 65535, NULL, error) ||
      !tutti_check_string (candidate, name, TUTTI_CHARSET_URI, 1, 253, &address, error) ||
      !tutti_check_string (candidate, "protocol", TUTTI_CHARSET_TOKEN, 3, 3, &protocol, error) ||
      !tutti_check_string (candidate, "type", TUTTI_CHARSET_TOKEN, 4, 5, &type, error))
    return FALSE;
  if (!tutti_check_is_ip_literal (address) && !tutti_check_is_host_name (address))
    return tutti_check_fail (name, error);
  if (!g_str_equal (protocol, "udp") && !g_str_equal (protocol, "tcp"))
    return tutti_check_fail ("protocol", error);
  if (!g_strv_contains ((const char *const[]) { "host", "srflx", "prflx", "relay", NULL }, type))
    return tutti_check_fail ("type", error);
  if (g_str_equal (protocol, "tcp")) {
    if (!tutti_check_string (candidate, "tcpType", TUTTI_CHARSET_TOKEN, 2, 7, &tcp_type, error))
      return FALSE;
    if (!g_strv_contains ((const char *const[]) { "passive", "active", "so", NULL }, tcp_type))
      return tutti_check_fail ("tcpType", error);
  }
  return TRUE;
}

static gboolean
check_candidates (JsonObject *transport, GError **error)
{
  JsonArray *list;

  if (!tutti_check_array (transport, "iceCandidates", 1, TUTTI_ORTC_MAX_CANDIDATES, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *candidate;

    if (!tutti_check_item (list, i, "iceCandidates", &candidate, error) ||
        !check_candidate (candidate, error))
      return FALSE;
  }
  return TRUE;
}

/* "AB:CD:…" of @n_bytes bytes. */
static gboolean
is_fingerprint (const char *text, gsize n_bytes)
{
  if (strlen (text) != n_bytes * 3 - 1)
    return FALSE;
  for (gsize i = 0; text[i] != '\0'; i++)
    if (i % 3 == 2 ? text[i] != ':' : !g_ascii_isxdigit (text[i]))
      return FALSE;
  return TRUE;
}

static gboolean
check_dtls (JsonObject *transport, GError **error)
{
  gboolean have_sha256 = FALSE;
  const char *role = NULL;
  JsonObject *dtls;
  JsonArray *list;

  if (!tutti_check_object (transport, "dtlsParameters", &dtls, error))
    return FALSE;
  if (tutti_check_has (dtls, "role")) {
    if (!tutti_check_string (dtls, "role", TUTTI_CHARSET_TOKEN, 1, 8, &role, error))
      return FALSE;
    /* We are always the DTLS client. */
    if (!g_str_equal (role, "auto") && !g_str_equal (role, "server"))
      return tutti_check_fail ("role", error);
  }
  if (!tutti_check_array (dtls, "fingerprints", 1, MAX_FINGERPRINTS, &list, error))
    return FALSE;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    const char *algorithm, *value;
    JsonObject *item;

    if (!tutti_check_item (list, i, "fingerprints", &item, error) ||
        !tutti_check_string (item, "algorithm", TUTTI_CHARSET_TOKEN, 1, 16, &algorithm, error) ||
        !tutti_check_string (item, "value", TUTTI_CHARSET_HEX_COLON, 2, 191, &value, error))
      return FALSE;
    if (!g_str_equal (algorithm, "sha-256"))
      continue;
    if (have_sha256 || !is_fingerprint (value, 32))
      return tutti_check_fail ("fingerprints", error);
    have_sha256 = TRUE;
  }
  return have_sha256 || tutti_check_fail ("fingerprints", error);
}

/**
 * tutti_ortc_check_transport:
 * @transport: foreign answer of `createWebRtcTransport`
 *
 * Pure, any thread. A SHA-256 fingerprint is required: it is the one that we compare.
 *
 * Returns: %FALSE with TUTTI_ERROR_PROTOCOL naming the first member that is missing or wrong
 */
gboolean
tutti_ortc_check_transport (JsonObject *transport, GError **error)
{
  JsonObject *ice;

  g_return_val_if_fail (transport != NULL, FALSE);

  return tutti_check_string (transport, "transportId", TUTTI_CHARSET_URI, 1, 128, NULL, error) &&
         tutti_check_object (transport, "iceParameters", &ice, error) &&
         tutti_check_string (ice, "usernameFragment", TUTTI_CHARSET_ICE, 4, 256, NULL, error) &&
         tutti_check_string (ice, "password", TUTTI_CHARSET_ICE, 22, 256, NULL, error) &&
         check_candidates (transport, error) && check_dtls (transport, error);
}

char *
tutti_ortc_sha256_fingerprint (JsonObject *transport)
{
  JsonObject *dtls = json_object_get_object_member (transport, "dtlsParameters");
  JsonArray *list = json_object_get_array_member (dtls, "fingerprints");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);

    if (g_str_equal (json_object_get_string_member (item, "algorithm"), "sha-256"))
      return g_ascii_strup (json_object_get_string_member (item, "value"), -1);
  }
  return NULL;
}
