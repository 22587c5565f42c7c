/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-remote-sdp.h"
#include "tutti-ortc-check.h"

#include <string.h>

#include "tutti-ortc.h"

typedef struct {
  char *kind;
  char *mid; /* for ever: webrtcbin aborts when an m-line gets another one */
  gboolean is_send;
  gboolean is_free;
  JsonObject *rtp_parameters; /* owned; checked */
  char *stream;               /* msid of what we receive */
} Media;

struct _TuttiRemoteSdp {
  JsonObject *transport; /* owned; checked */
  char *fingerprint;
  GPtrArray *media;
  guint version;
};

static void
media_free (Media *self)
{
  g_free (self->kind);
  g_free (self->mid);
  json_object_unref (self->rtp_parameters);
  g_free (self->stream);
  g_free (self);
}

/**
 * tutti_remote_sdp_new:
 * @transport: the answer of `createWebRtcTransport`
 *
 * Any one thread. Not a byte gets into the text that the checks of tutti_ortc_check_transport() and
 * tutti_ortc_check_rtp_parameters() would not pass: they are done again here.
 *
 * Returns: (nullable): %NULL when @transport does not pass the check
 */
TuttiRemoteSdp *
tutti_remote_sdp_new (JsonObject *transport)
{
  TuttiRemoteSdp *self;

  if (transport == NULL || !tutti_ortc_check_transport (transport, NULL))
    return NULL;
  self = g_new0 (TuttiRemoteSdp, 1);
  self->transport = tutti_ortc_copy_object (transport);
  self->fingerprint = tutti_ortc_sha256_fingerprint (transport);
  self->media = g_ptr_array_new_with_free_func ((GDestroyNotify) media_free);
  return self;
}

void
tutti_remote_sdp_free (TuttiRemoteSdp *self)
{
  json_object_unref (self->transport);
  g_free (self->fingerprint);
  g_ptr_array_unref (self->media);
  g_free (self);
}

guint
tutti_remote_sdp_get_n_media (TuttiRemoteSdp *self)
{
  return self->media->len;
}

static gboolean
can_add (const char *kind, JsonObject *rtp_parameters)
{
  return (g_strcmp0 (kind, "audio") == 0 || g_strcmp0 (kind, "video") == 0) &&
         rtp_parameters != NULL && tutti_ortc_check_rtp_parameters (rtp_parameters, NULL) &&
         g_str_equal (tutti_ortc_get_kind (rtp_parameters), kind);
}

static Media *
append (TuttiRemoteSdp *self, const char *kind, const char *mid, JsonObject *rtp_parameters)
{
  Media *media = g_new0 (Media, 1);

  media->kind = g_strdup (kind);
  media->mid = g_strdup (mid);
  media->rtp_parameters = tutti_ortc_copy_object (rtp_parameters);
  g_ptr_array_add (self->media, media);
  return media;
}

/**
 * tutti_remote_sdp_add_send:
 * @rtp_parameters: of `produce`; `mid` is needed
 *
 * Appends the answer to our next m-line.
 *
 * Returns: the m-line's index, or %G_MAXUINT when @rtp_parameters do not pass the check
 */
guint
tutti_remote_sdp_add_send (TuttiRemoteSdp *self, const char *kind, JsonObject *rtp_parameters)
{
  Media *media;

  if (!can_add (kind, rtp_parameters) || !tutti_check_has (rtp_parameters, "mid"))
    return G_MAXUINT;
  media =
      append (self, kind, json_object_get_string_member (rtp_parameters, "mid"), rtp_parameters);
  media->is_send = TRUE;
  return self->media->len - 1;
}

/* An msid may hold token characters only. */
static char *
make_stream (const char *peer_id, const char *consumer_id)
{
  g_autofree char *peer = g_strndup (peer_id != NULL && *peer_id != '\0' ? peer_id : "-", 64);
  g_autofree char *consumer =
      g_strndup (consumer_id != NULL && *consumer_id != '\0' ? consumer_id : "-", 64);

  for (char *p = peer; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_.", *p) == NULL)
      *p = '-';
  for (char *p = consumer; *p != '\0'; p++)
    if (!g_ascii_isalnum (*p) && strchr ("-_.", *p) == NULL)
      *p = '-';
  return g_strdup_printf ("%s %s", peer, consumer);
}

/* -- what an m-line says of its codecs -- */

/* How somebody encodes (frame length, stereo) matters to our decoder alone, which sees it in the
 * packets. In the SDP it would do harm: webrtcbin refuses an m-line whose next owner says it
 * otherwise. */
static gboolean
has_parameters (gboolean is_send, JsonObject *codec)
{
  if (!is_send &&
      g_ascii_strcasecmp (json_object_get_string_member (codec, "mimeType"), "video/rtx") != 0)
    return FALSE;
  return tutti_check_has (codec, "parameters") &&
         json_object_get_size (json_object_get_object_member (codec, "parameters")) > 0;
}

static void
write_parameters (GString *text, JsonObject *codec, gint64 payload_type)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;
  const char *separator = "";

  g_string_append_printf (text, "a=fmtp:%" G_GINT64_FORMAT " ", payload_type);
  json_object_iter_init_ordered (&iter, json_object_get_object_member (codec, "parameters"));
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (json_node_get_value_type (node) == G_TYPE_INT64)
      g_string_append_printf (text, "%s%s=%" G_GINT64_FORMAT, separator, name,
                              json_node_get_int (node));
    else
      g_string_append_printf (text, "%s%s=%s", separator, name, json_node_get_string (node));
    separator = ";";
  }
  g_string_append (text, "\r\n");
}

static void
write_feedback (GString *text, JsonObject *codec, gint64 payload_type)
{
  JsonArray *list;

  if (!tutti_check_has (codec, "rtcpFeedback"))
    return;
  list = json_object_get_array_member (codec, "rtcpFeedback");
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *parameter = json_object_get_string_member_with_default (item, "parameter", "");

    g_string_append_printf (text, "a=rtcp-fb:%" G_GINT64_FORMAT " %s%s%s\r\n", payload_type,
                            json_object_get_string_member (item, "type"),
                            *parameter != '\0' ? " " : "", parameter);
  }
}

static void
write_codecs (GString *text, gboolean is_send, JsonArray *codecs)
{
  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);
    gint64 payload_type = json_object_get_int_member (codec, "payloadType");
    gint64 channels = json_object_get_int_member_with_default (codec, "channels", 1);

    g_string_append_printf (text, "a=rtpmap:%" G_GINT64_FORMAT " %s/%" G_GINT64_FORMAT,
                            payload_type,
                            json_object_get_string_member (codec, "mimeType") + strlen ("audio/"),
                            json_object_get_int_member (codec, "clockRate"));
    if (channels > 1)
      g_string_append_printf (text, "/%" G_GINT64_FORMAT, channels);
    g_string_append (text, "\r\n");
    if (has_parameters (is_send, codec))
      write_parameters (text, codec, payload_type);
    write_feedback (text, codec, payload_type);
  }
}

/* What we send was our own offer; of what we receive only the extensions that we advertise. */
static void
write_extensions (GString *text, gboolean is_send, const char *kind, JsonObject *rtp_parameters)
{
  JsonArray *list;

  if (!tutti_check_has (rtp_parameters, "headerExtensions"))
    return;
  list = json_object_get_array_member (rtp_parameters, "headerExtensions");
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *uri = json_object_get_string_member (item, "uri");

    if (is_send || tutti_ortc_receives_extension (kind, uri))
      g_string_append_printf (text, "a=extmap:%" G_GINT64_FORMAT " %s\r\n",
                              json_object_get_int_member (item, "id"), uri);
  }
}

/* -- receiving -- */

/* What webrtcbin compares when an m-line is offered again: all but the stream. */
static char *
describe (gboolean is_send, const char *kind, JsonObject *rtp_parameters)
{
  GString *text = g_string_new (kind);

  write_codecs (text, is_send, json_object_get_array_member (rtp_parameters, "codecs"));
  write_extensions (text, is_send, kind, rtp_parameters);
  return g_string_free (text, FALSE);
}

static guint
find_free (TuttiRemoteSdp *self, const char *kind, JsonObject *rtp_parameters)
{
  g_autofree char *wanted = describe (FALSE, kind, rtp_parameters);

  for (guint i = 0; i < self->media->len; i++) {
    Media *media = g_ptr_array_index (self->media, i);
    g_autofree char *had = NULL;

    if (!media->is_free)
      continue;
    had = describe (FALSE, media->kind, media->rtp_parameters);
    if (g_str_equal (wanted, had))
      return i;
  }
  return G_MAXUINT;
}

/**
 * tutti_remote_sdp_add_receive:
 * @rtp_parameters: of a consumer
 * @peer_id: (nullable): for the msid
 * @consumer_id: (nullable): for the msid
 *
 * Returns: the m-line's index, or %G_MAXUINT when @rtp_parameters do not pass the check
 */
guint
tutti_remote_sdp_add_receive (TuttiRemoteSdp *self,
                              const char *kind,
                              JsonObject *rtp_parameters,
                              const char *peer_id,
                              const char *consumer_id)
{
  guint index;
  Media *media;

  if (!can_add (kind, rtp_parameters))
    return G_MAXUINT;
  index = find_free (self, kind, rtp_parameters);
  if (index == G_MAXUINT) {
    g_autofree char *mid = g_strdup_printf ("%u", self->media->len);

    index = self->media->len;
    media = append (self, kind, mid, rtp_parameters);
  } else {
    media = g_ptr_array_index (self->media, index);
    json_object_unref (media->rtp_parameters);
    media->rtp_parameters = tutti_ortc_copy_object (rtp_parameters);
  }
  media->is_free = FALSE;
  g_free (media->stream);
  media->stream = make_stream (peer_id, consumer_id);
  return index;
}

void
tutti_remote_sdp_release (TuttiRemoteSdp *self, guint index)
{
  g_return_if_fail (index < self->media->len);

  ((Media *) g_ptr_array_index (self->media, index))->is_free = TRUE;
}

/* -- the whole text -- */

static const char *
get_cname (JsonObject *rtp_parameters)
{
  const char *cname = NULL;

  if (tutti_check_has (rtp_parameters, "rtcp"))
    cname = json_object_get_string_member_with_default (
        json_object_get_object_member (rtp_parameters, "rtcp"), "cname", "");
  /* A name that an SDP line cannot hold is not worth losing a musician for. */
  return cname != NULL && *cname != '\0' && tutti_charset_matches (TUTTI_CHARSET_URI, cname)
             ? cname
             : "tutti";
}

static void
write_streams (GString *text, const Media *media)
{
  JsonArray *encodings = json_object_get_array_member (media->rtp_parameters, "encodings");
  JsonObject *encoding = json_array_get_object_element (encodings, 0);
  gint64 ssrc = json_object_get_int_member (encoding, "ssrc");
  const char *cname = get_cname (media->rtp_parameters);

  g_string_append_printf (text, "a=msid:%s\r\n", media->stream);
  g_string_append_printf (text, "a=ssrc:%" G_GINT64_FORMAT " cname:%s\r\n", ssrc, cname);
  if (tutti_check_has (encoding, "rtx")) {
    gint64 rtx =
        json_object_get_int_member (json_object_get_object_member (encoding, "rtx"), "ssrc");

    g_string_append_printf (text, "a=ssrc:%" G_GINT64_FORMAT " cname:%s\r\n", rtx, cname);
    g_string_append_printf (text, "a=ssrc-group:FID %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\r\n",
                            ssrc, rtx);
  }
}

/* The foundation is ours ("udp0", "tcp1"): libnice names the selected candidate by it. */
static void
write_candidates (GString *text, JsonObject *transport)
{
  JsonArray *list = json_object_get_array_member (transport, "iceCandidates");

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *protocol = json_object_get_string_member (item, "protocol");

    g_string_append_printf (
        text, "a=candidate:%s%u 1 %s %" G_GINT64_FORMAT " %s %" G_GINT64_FORMAT " typ %s", protocol,
        i, protocol, json_object_get_int_member (item, "priority"),
        tutti_ortc_candidate_address (item), json_object_get_int_member (item, "port"),
        json_object_get_string_member (item, "type"));
    if (g_str_equal (protocol, "tcp"))
      g_string_append_printf (text, " tcptype %s", json_object_get_string_member (item, "tcpType"));
    g_string_append (text, "\r\n");
  }
  g_string_append (text, "a=end-of-candidates\r\n");
}

static void
write_media (GString *text, TuttiRemoteSdp *self, const Media *media)
{
  JsonArray *codecs = json_object_get_array_member (media->rtp_parameters, "codecs");

  g_string_append_printf (text, "m=%s 7 UDP/TLS/RTP/SAVPF", media->kind);
  for (guint i = 0; i < json_array_get_length (codecs); i++)
    g_string_append_printf (
        text, " %" G_GINT64_FORMAT,
        json_object_get_int_member (json_array_get_object_element (codecs, i), "payloadType"));
  g_string_append (text, "\r\nc=IN IP4 127.0.0.1\r\n");
  g_string_append_printf (text, "a=mid:%s\r\n", media->mid);
  g_string_append_printf (text, "a=setup:%s\r\n", media->is_send ? "passive" : "actpass");
  g_string_append_printf (text, "a=%s\r\n", media->is_send ? "recvonly" : "sendonly");
  g_string_append (text, "a=rtcp-mux\r\na=rtcp-rsize\r\n");
  write_codecs (text, media->is_send, codecs);
  write_extensions (text, media->is_send, media->kind, media->rtp_parameters);
  if (!media->is_send)
    write_streams (text, media);
  write_candidates (text, self->transport);
}

/**
 * tutti_remote_sdp_to_string:
 *
 * Credentials and fingerprint stand at session level: webrtcbin refuses them at both, and refuses
 * an m-line that would lose them. A released m-line is written like one in use, never with port 0
 * or inactive: either would silence the whole bundle.
 *
 * Returns: (transfer full): the whole description; the version in it grows with each call
 */
char *
tutti_remote_sdp_to_string (TuttiRemoteSdp *self)
{
  JsonObject *ice = json_object_get_object_member (self->transport, "iceParameters");
  GString *text = g_string_new ("v=0\r\n");

  g_string_append_printf (text, "o=- 10000 %u IN IP4 0.0.0.0\r\n", ++self->version);
  g_string_append (text, "s=-\r\nt=0 0\r\na=ice-lite\r\n");
  g_string_append_printf (text, "a=ice-ufrag:%s\r\n",
                          json_object_get_string_member (ice, "usernameFragment"));
  g_string_append_printf (text, "a=ice-pwd:%s\r\n",
                          json_object_get_string_member (ice, "password"));
  g_string_append_printf (text, "a=fingerprint:sha-256 %s\r\n", self->fingerprint);
  g_string_append (text, "a=group:BUNDLE");
  for (guint i = 0; i < self->media->len; i++)
    g_string_append_printf (text, " %s", ((Media *) g_ptr_array_index (self->media, i))->mid);
  g_string_append (text, "\r\n");
  for (guint i = 0; i < self->media->len; i++)
    write_media (text, self, g_ptr_array_index (self->media, i));
  return g_string_free (text, FALSE);
}
