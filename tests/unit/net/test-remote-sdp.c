/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <gst/sdp/gstsdpmessage.h>
#include <math.h>

#include "fixtures.h"
#include "tutti-ortc-check.h"
#include "tutti-ortc.h"
#include "tutti-remote-sdp.h"

#define FUZZ_ROUNDS 4000

static JsonObject *
load_parameters (const char *fixture)
{
  g_autoptr (JsonObject) consumer = fixture_load (fixture);

  return json_object_ref (json_object_get_object_member (consumer, "rtpParameters"));
}

static void
set_ssrc (JsonObject *parameters, gint64 ssrc)
{
  json_object_set_int_member (
      json_array_get_object_element (json_object_get_array_member (parameters, "encodings"), 0),
      "ssrc", ssrc);
}

static GstSDPMessage *
parse (const char *text)
{
  GstSDPMessage *message = NULL;

  g_assert_cmpint (gst_sdp_message_new_from_text (text, &message), ==, GST_SDP_OK);
  return message;
}

/* What must hold for any text, whatever the server said. */
static void
assert_sound (const char *text, guint n_media)
{
  g_auto (GStrv) lines = g_strsplit (text, "\r\n", -1);
  guint n_m = 0, n_fingerprints = 0, n_ufrags = 0, n_inactive = 0, n_mids = 0;
  gsize i;

  g_assert_true (g_str_has_suffix (text, "\r\n"));
  for (i = 0; lines[i + 1] != NULL; i++) {
    g_assert_true (strchr ("vosctam", lines[i][0]) != NULL && lines[i][1] == '=');
    g_assert_null (strpbrk (lines[i], "\r\n"));
    n_m += g_str_has_prefix (lines[i], "m=");
    n_fingerprints += g_str_has_prefix (lines[i], "a=fingerprint:");
    n_ufrags += g_str_has_prefix (lines[i], "a=ice-ufrag:");
    n_mids += g_str_has_prefix (lines[i], "a=mid:");
    n_inactive += g_str_equal (lines[i], "a=inactive") || strstr (lines[i], " 0 UDP/TLS") != NULL;
  }
  g_assert_cmpuint (n_m, ==, n_media);
  g_assert_cmpuint (n_mids, ==, n_media);
  g_assert_cmpuint (n_fingerprints, ==, 1);
  g_assert_cmpuint (n_ufrags, ==, 1);
  g_assert_cmpuint (n_inactive, ==, 0);
  gst_sdp_message_free (parse (text));
}

static void
test_receive (void)
{
  g_autoptr (JsonObject) transport = fixture_load ("transport");
  g_autoptr (JsonObject) audio = load_parameters ("consumer-audio");
  g_autoptr (JsonObject) video = load_parameters ("consumer-video");
  g_autoptr (TuttiRemoteSdp) sdp = tutti_remote_sdp_new (transport);
  g_autofree char *text = NULL;
  GstSDPMessage *message;
  const GstSDPMedia *media;

  /* Nobody asked for it, and JSON has no word for it. */
  json_object_set_double_member (audio, "more", INFINITY);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "audio", audio, "peer one", "con\r\nsumer"),
                    ==, 0);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "video", video, "p", "c"), ==, 1);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "video", audio, "p", "c"), ==, G_MAXUINT);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "text", audio, "p", "c"), ==, G_MAXUINT);
  text = tutti_remote_sdp_to_string (sdp);
  assert_sound (text, 2);
  g_assert_nonnull (strstr (text, "a=group:BUNDLE 0 1\r\n"));

  message = parse (text);
  g_assert_nonnull (gst_sdp_message_get_attribute_val (message, "ice-lite"));
  media = gst_sdp_message_get_media (message, 0);
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "mid"), ==, "0");
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "setup"), ==, "actpass");
  g_assert_nonnull (gst_sdp_media_get_attribute_val (media, "sendonly"));
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "rtpmap"), ==, "111 opus/48000/2");
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "msid"), ==, "peer-one con--sumer");
  g_assert_null (gst_sdp_media_get_attribute_val (media, "fmtp"));
  g_assert_null (gst_sdp_media_get_attribute_val (media, "extmap"));
  /* "browser one" cannot stand there. */
  g_assert_true (
      g_str_has_suffix (gst_sdp_media_get_attribute_val (media, "ssrc"), " cname:tutti"));
  g_assert_true (
      g_str_has_prefix (gst_sdp_media_get_attribute_val (media, "candidate"), "udp0 1 udp "));
  media = gst_sdp_message_get_media (message, 1);
  g_assert_cmpstr (gst_sdp_media_get_attribute_val (media, "fmtp"), ==, "101 apt=100");
  g_assert_nonnull (gst_sdp_media_get_attribute_val (media, "ssrc-group"));
  gst_sdp_message_free (message);
}

/* Released: the text stays; taken over: same mid, new SSRC; never by another kind or codec. */
static void
test_reuse (void)
{
  g_autoptr (JsonObject) transport = fixture_load ("transport");
  g_autoptr (JsonObject) audio = load_parameters ("consumer-audio");
  g_autoptr (JsonObject) video = load_parameters ("consumer-video");
  g_autoptr (JsonObject) other = load_parameters ("consumer-audio");
  g_autoptr (TuttiRemoteSdp) sdp = tutti_remote_sdp_new (transport);
  g_autofree char *before = NULL, *released = NULL, *after = NULL;

  set_ssrc (audio, 1001);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "audio", audio, "p", "a"), ==, 0);
  set_ssrc (audio, 1002);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "audio", audio, "p", "b"), ==, 1);
  before = tutti_remote_sdp_to_string (sdp);
  tutti_remote_sdp_release (sdp, 0);
  released = tutti_remote_sdp_to_string (sdp);
  g_assert_cmpstr (strstr (before, "s=-"), ==, strstr (released, "s=-"));

  fixture_set (other, "/codecs/0/payloadType", "112");
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "video", video, "p", "v"), ==, 2);
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "audio", other, "p", "o"), ==, 3);
  set_ssrc (audio, 1003);
  /* Whoever comes encodes otherwise: that must not matter. */
  fixture_set (audio, "/codecs/0/parameters", "{\"minptime\":3,\"stereo\":0}");
  g_assert_cmpuint (tutti_remote_sdp_add_receive (sdp, "audio", audio, "p", "c"), ==, 0);
  g_assert_cmpuint (tutti_remote_sdp_get_n_media (sdp), ==, 4);
  after = tutti_remote_sdp_to_string (sdp);
  assert_sound (after, 4);
  g_assert_null (strstr (after, "a=ssrc:1001 "));
  g_assert_nonnull (strstr (after, "a=mid:0\r\n"));
  g_assert_nonnull (strstr (after, "a=ssrc:1003 "));
}

static void
test_send (void)
{
  g_autoptr (JsonObject) transport = fixture_load ("transport");
  g_autoptr (JsonObject) audio = load_parameters ("consumer-audio");
  g_autoptr (TuttiRemoteSdp) sdp = tutti_remote_sdp_new (transport);
  g_autofree char *text = NULL;

  fixture_set (audio, "/mid", "\"audio0\"");
  g_assert_cmpuint (tutti_remote_sdp_add_send (sdp, "audio", audio), ==, 0);
  fixture_set (audio, "/mid", "-");
  g_assert_cmpuint (tutti_remote_sdp_add_send (sdp, "audio", audio), ==, G_MAXUINT);
  text = tutti_remote_sdp_to_string (sdp);
  assert_sound (text, 1);
  g_assert_nonnull (strstr (text, "a=mid:audio0\r\n"));
  g_assert_nonnull (strstr (text, "a=setup:passive\r\n"));
  g_assert_nonnull (strstr (text, "a=recvonly\r\n"));
  g_assert_nonnull (
      strstr (text, "a=fmtp:111 minptime=10;useinbandfec=1;sprop-stereo=1;cbr=1\r\n"));
  g_assert_null (strstr (text, "a=ssrc"));
}

/* What is kept is a copy: who changes their JSON afterwards cannot get past the check. */
static void
test_copies (void)
{
  g_autoptr (JsonObject) transport = fixture_load ("transport");
  g_autoptr (JsonObject) audio = load_parameters ("consumer-audio");
  g_autoptr (TuttiRemoteSdp) sdp = tutti_remote_sdp_new (transport);
  g_autofree char *text = NULL;

  tutti_remote_sdp_add_receive (sdp, "audio", audio, "p", "c");
  fixture_set (transport, "/iceParameters/usernameFragment", "\"x\\r\\na=inactive\"");
  fixture_set (audio, "/codecs/0/mimeType", "\"audio/x\\r\\na=inactive\"");
  text = tutti_remote_sdp_to_string (sdp);
  assert_sound (text, 1);
}

/* Anything anywhere in what the server sends: refused, or a sound text. */
static void
test_fuzz (void)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (g_test_rand_int ());
  guint n_transports = 0, n_media = 0;

  for (guint i = 0; i < FUZZ_ROUNDS; i++) {
    g_autoptr (JsonObject) transport = fixture_load ("transport");
    g_autoptr (JsonObject) parameters =
        load_parameters (i % 2 ? "consumer-audio" : "consumer-video");
    g_autofree char *what = fixture_spoil (i % 4 < 2 ? transport : parameters, random);
    g_autofree char *text = NULL;
    TuttiRemoteSdp *sdp = tutti_remote_sdp_new (transport);
    guint n;

    if (sdp == NULL)
      continue;
    n_transports++;
    tutti_remote_sdp_add_receive (sdp, i % 2 ? "audio" : "video", parameters, what, what);
    tutti_remote_sdp_add_send (sdp, i % 2 ? "audio" : "video", parameters);
    n = tutti_remote_sdp_get_n_media (sdp);
    n_media += n;
    text = tutti_remote_sdp_to_string (sdp);
    assert_sound (text, n);
    tutti_remote_sdp_free (sdp);
  }
  g_test_message ("%u of %u transports and %u m-lines passed", n_transports, FUZZ_ROUNDS, n_media);
  /* Else nothing was tried. */
  g_assert_cmpuint (n_transports, >, FUZZ_ROUNDS / 2);
  g_assert_cmpuint (n_media, >, FUZZ_ROUNDS / 4);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/remote-sdp/receive", test_receive);
  g_test_add_func ("/remote-sdp/reuse", test_reuse);
  g_test_add_func ("/remote-sdp/send", test_send);
  g_test_add_func ("/remote-sdp/copies", test_copies);
  g_test_add_func ("/remote-sdp/fuzz", test_fuzz);
  return g_test_run ();
}
