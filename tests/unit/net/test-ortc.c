/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fixtures.h"
#include "tutti-error.h"
#include "tutti-ortc-check.h"
#include "tutti-ortc.h"

typedef gboolean (*CheckFunc) (JsonObject *object, GError **error);

typedef struct {
  const char *fixture;
  const char *pointer;
  const char *value; /* JSON; "-": the member is missing */
} Nasty;

static const Nasty nasty_transports[] = {
  { "transport", "/transportId", "-" },
  { "transport", "/transportId", "\"\"" },
  { "transport", "/transportId", "7" },
  { "transport", "/transportId", "\"a b\"" },
  { "transport", "/transportId", "\"a\\r\\nb\"" },
  { "transport", "/iceParameters", "-" },
  { "transport", "/iceParameters", "[]" },
  { "transport", "/iceParameters/usernameFragment", "\"abc\"" },
  { "transport", "/iceParameters/usernameFragment", "\"abcd\\r\\na=inactive\"" },
  { "transport", "/iceParameters/usernameFragment", "\"abc def\"" },
  { "transport", "/iceParameters/usernameFragment", "null" },
  { "transport", "/iceParameters/password", "\"tooshort\"" },
  { "transport", "/iceParameters/password", "\"0123456789012345678901\\n\"" },
  { "transport", "/iceCandidates", "-" },
  { "transport", "/iceCandidates", "[]" },
  { "transport", "/iceCandidates", "{}" },
  { "transport", "/iceCandidates/0", "null" },
  { "transport", "/iceCandidates/0", "\"udp\"" },
  { "transport", "/iceCandidates/0/port", "0" },
  { "transport", "/iceCandidates/0/port", "65536" },
  { "transport", "/iceCandidates/0/port", "-1" },
  { "transport", "/iceCandidates/0/port", "\"40000\"" },
  { "transport", "/iceCandidates/0/port", "4e4" },
  { "transport", "/iceCandidates/0/port", "1.5" },
  { "transport", "/iceCandidates/0/priority", "4294967296" },
  { "transport", "/iceCandidates/0/priority", "0" },
  { "transport", "/iceCandidates/0/address", "\"\"" },
  { "transport", "/iceCandidates/0/address", "\"10.0.0\"" },
  { "transport", "/iceCandidates/0/address", "\"256.1.1.1\"" },
  { "transport", "/iceCandidates/0/address", "\"1.2.3.4 5\"" },
  { "transport", "/iceCandidates/0/address", "\"1.2.3.4\\r\\na=x\"" },
  { "transport", "/iceCandidates/0/address", "\"fe80::1%eth0\"" },
  { "transport", "/iceCandidates/0/address", "\"-bad.example\"" },
  { "transport", "/iceCandidates/0/address", "\"bad-.example\"" },
  { "transport", "/iceCandidates/0/address", "\"a..b\"" },
  { "transport", "/iceCandidates/0/address", "\"caf\xc3\xa9.example\"" },
  { "transport", "/iceCandidates/0/address", "\"host/path\"" },
  { "transport", "/iceCandidates/0/protocol", "\"sctp\"" },
  { "transport", "/iceCandidates/0/protocol", "\"UDP\"" },
  { "transport", "/iceCandidates/0/type", "\"hosts\"" },
  { "transport", "/iceCandidates/0/foundation", "\"a b\"" },
  { "transport", "/iceCandidates/0/foundation", "\"012345678901234567890123456789012\"" },
  { "transport", "/iceCandidates/1/tcpType", "-" },
  { "transport", "/iceCandidates/1/tcpType", "\"pass\"" },
  { "transport", "/dtlsParameters", "-" },
  { "transport", "/dtlsParameters/role", "\"client\"" },
  { "transport", "/dtlsParameters/role", "3" },
  { "transport", "/dtlsParameters/fingerprints", "[]" },
  { "transport", "/dtlsParameters/fingerprints",
    "[{\"algorithm\":\"sha-1\",\"value\":\"AA:BB\"}]" },
  { "transport", "/dtlsParameters/fingerprints",
    "[{\"algorithm\":\"sha-256\",\"value\":\"AA:BB\"}]" },
  { "transport", "/dtlsParameters/fingerprints",
    "[{\"algorithm\":\"sha-256\",\"value\":\"AA:BB\\r\\n\"}]" },
  { "transport", "/dtlsParameters/fingerprints",
    "[{\"algorithm\":\"sha-256\",\"value\":\"AAA:B:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:"
    "CC:DD:EE:FF:00:11:22:"
    "33:44:55:66:77:88:99\"}]" },
  { "transport", "/dtlsParameters/fingerprints",
    "[{\"algorithm\":\"sha-256\",\"value\":\"AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:"
    "CC:DD:EE:FF:00:11:22:"
    "33:44:55:66:77:88:99\"},{\"algorithm\":\"sha-256\",\"value\":\"00:BB:CC:DD:EE:FF:00:11:22:33:"
    "44:55:66:77:88:99:AA:"
    "BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99\"}]" },
};

static const Nasty nasty_parameters[] = {
  { "consumer-audio", "/codecs", "-" },
  { "consumer-audio", "/codecs", "[]" },
  { "consumer-audio", "/codecs", "[[]]" },
  { "consumer-audio", "/codecs/0/mimeType", "-" },
  { "consumer-audio", "/codecs/0/mimeType", "\"opus\"" },
  { "consumer-audio", "/codecs/0/mimeType", "\"text/opus\"" },
  { "consumer-audio", "/codecs/0/mimeType", "\"audio/\"" },
  { "consumer-audio", "/codecs/0/mimeType", "\"audio/opus/48000\"" },
  { "consumer-audio", "/codecs/0/mimeType", "\"audio/opus\\r\\na=x:y\"" },
  { "consumer-audio", "/codecs/0/payloadType", "128" },
  { "consumer-audio", "/codecs/0/payloadType", "-1" },
  { "consumer-audio", "/codecs/0/payloadType", "\"111\"" },
  { "consumer-audio", "/codecs/0/clockRate", "0" },
  { "consumer-audio", "/codecs/0/clockRate", "48000.5" },
  { "consumer-audio", "/codecs/0/channels", "0" },
  { "consumer-audio", "/codecs/0/channels", "\"2\"" },
  { "consumer-audio", "/codecs/0/parameters", "[]" },
  { "consumer-audio", "/codecs/0/parameters/minptime", "{}" },
  { "consumer-audio", "/codecs/0/parameters/minptime", "99999999999" },
  { "consumer-audio", "/codecs/0/parameters/minptime", "-9223372036854775808" },
  { "consumer-audio", "/codecs/0/parameters/minptime", "\"10;stereo=1\"" },
  { "consumer-audio", "/codecs/0/parameters/minptime", "\"10\\r\\na=inactive\"" },
  { "consumer-audio", "/codecs/0/parameters/a b", "1" },
  { "consumer-audio", "/codecs/0/parameters/a=b", "1" },
  { "consumer-audio", "/codecs/0/parameters/", "1" },
  { "consumer-audio", "/codecs/0/rtcpFeedback", "{}" },
  { "consumer-audio", "/codecs/0/rtcpFeedback", "[{}]" },
  { "consumer-audio", "/codecs/0/rtcpFeedback", "[{\"type\":\"nack pli\"}]" },
  { "consumer-audio", "/codecs/0/rtcpFeedback", "[{\"type\":\"nack\",\"parameter\":\"pli\\n\"}]" },
  { "consumer-audio", "/headerExtensions/0/uri", "\"urn:x y\"" },
  { "consumer-audio", "/headerExtensions/0/uri", "\"urn:x\\r\\na=inactive\"" },
  { "consumer-audio", "/headerExtensions/0/id", "0" },
  { "consumer-audio", "/headerExtensions/0/id", "256" },
  { "consumer-audio", "/encodings", "-" },
  { "consumer-audio", "/encodings", "[]" },
  { "consumer-audio", "/encodings/0/ssrc", "0" },
  { "consumer-audio", "/encodings/0/ssrc", "4294967296" },
  { "consumer-audio", "/encodings/0/ssrc", "\"1\"" },
  { "consumer-audio", "/encodings/0/rtx", "{}" },
  { "consumer-audio", "/rtcp", "[]" },
  { "consumer-audio", "/rtcp/cname", "7" },
  { "consumer-audio", "/rtcp/cname", "\"a\\r\\nb\"" },
  { "consumer-audio", "/mid", "\"\"" },
  { "consumer-audio", "/mid", "\"0 1\"" },
  { "consumer-audio", "/mid", "\"0\\r\\n\"" },
  { "consumer-video", "/codecs/1/payloadType", "100" },
  { "consumer-video", "/codecs/1/mimeType", "\"audio/opus\"" },
};

static const Nasty nasty_capabilities[] = {
  { "router-audio", "/codecs", "-" },
  { "router-audio", "/codecs", "7" },
  { "router-audio", "/codecs/0/preferredPayloadType", "-" },
  { "router-audio", "/codecs/0/preferredPayloadType", "1000" },
  { "router-audio", "/codecs/0/mimeType", "\"audio/opus\\nx\"" },
  { "router-audio", "/headerExtensions", "{}" },
  { "router-audio", "/headerExtensions/0/preferredId", "-" },
  { "router-audio", "/headerExtensions/0/kind", "[]" },
};

static JsonObject *
load_checked_part (const char *fixture)
{
  g_autoptr (JsonObject) object = fixture_load (fixture);

  if (g_str_has_prefix (fixture, "consumer-"))
    return json_object_ref (json_object_get_object_member (object, "rtpParameters"));
  return g_steal_pointer (&object);
}

static void
assert_nasties (CheckFunc check, const Nasty *nasties, gsize n)
{
  for (gsize i = 0; i < n; i++) {
    g_autoptr (JsonObject) object = load_checked_part (nasties[i].fixture);
    g_autoptr (GError) error = NULL;

    g_assert_true (check (object, &error));
    g_assert_no_error (error);
    fixture_set (object, nasties[i].pointer, nasties[i].value);
    if (check (object, &error))
      g_error ("passed: %s = %s", nasties[i].pointer, nasties[i].value);
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
    g_assert_true (g_utf8_validate (error->message, -1, NULL));
  }
}

static void
test_check_transport (void)
{
  assert_nasties (tutti_ortc_check_transport, nasty_transports, G_N_ELEMENTS (nasty_transports));
}

static void
test_check_parameters (void)
{
  assert_nasties (tutti_ortc_check_rtp_parameters, nasty_parameters,
                  G_N_ELEMENTS (nasty_parameters));
}

static void
test_check_capabilities (void)
{
  assert_nasties (tutti_ortc_check_capabilities, nasty_capabilities,
                  G_N_ELEMENTS (nasty_capabilities));
}

/* Many of everything: bounded. */
static void
test_check_sizes (void)
{
  g_autoptr (JsonObject) transport = fixture_load ("transport");
  g_autoptr (JsonObject) router = fixture_load ("router-audio");
  JsonArray *candidates = json_object_get_array_member (transport, "iceCandidates");
  JsonArray *codecs = json_object_get_array_member (router, "codecs");

  while (json_array_get_length (candidates) < 32)
    json_array_add_object_element (candidates,
                                   json_object_ref (json_array_get_object_element (candidates, 0)));
  g_assert_true (tutti_ortc_check_transport (transport, NULL));
  json_array_add_object_element (candidates,
                                 json_object_ref (json_array_get_object_element (candidates, 0)));
  g_assert_false (tutti_ortc_check_transport (transport, NULL));

  for (guint i = 0; i < 65; i++) {
    JsonObject *codec = tutti_ortc_copy_object (json_array_get_object_element (codecs, 0));

    json_object_set_int_member (codec, "preferredPayloadType", i);
    json_array_add_object_element (codecs, codec);
  }
  g_assert_false (tutti_ortc_check_capabilities (router, NULL));
}

static void
test_receive_capabilities (void)
{
  g_autoptr (JsonObject) router = fixture_load ("router-everything");
  g_autoptr (JsonObject) audio = tutti_ortc_receive_capabilities (router, FALSE);
  g_autoptr (JsonObject) both = tutti_ortc_receive_capabilities (router, TRUE);
  JsonArray *codecs = json_object_get_array_member (audio, "codecs");
  JsonObject *opus;

  g_assert_true (tutti_ortc_check_capabilities (audio, NULL));
  g_assert_cmpuint (json_array_get_length (codecs), ==, 1);
  opus = json_array_get_object_element (codecs, 0);
  g_assert_cmpstr (json_object_get_string_member (opus, "mimeType"), ==, "audio/opus");
  g_assert_cmpint (json_object_get_int_member (opus, "preferredPayloadType"), ==, 111);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (opus, "rtcpFeedback")), ==,
                    0);
  g_assert_cmpuint (
      json_array_get_length (json_object_get_array_member (audio, "headerExtensions")), ==, 0);

  /* opus, VP8 and VP8's retransmission; no H.264, no VP9, no other retransmission. */
  codecs = json_object_get_array_member (both, "codecs");
  g_assert_cmpuint (json_array_get_length (codecs), ==, 3);
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (both, "headerExtensions")),
                    ==, 1);
}

static void
test_send_codec (void)
{
  static const struct {
    guint frame, channels;
    gint64 minptime, stereo;
  } rows[] = {
    { 120, 1, 3, 0 }, { 120, 2, 3, 1 }, { 240, 2, 5, 1 }, { 480, 1, 10, 0 }, { 960, 2, 20, 1 }
  };
  g_autoptr (JsonObject) router = fixture_load ("router-everything");

  for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) codec =
        tutti_ortc_send_codec (router, "audio/OPUS", rows[i].frame, rows[i].channels, &error);
    JsonObject *parameters;

    g_assert_no_error (error);
    parameters = json_object_get_object_member (codec, "parameters");
    g_assert_cmpint (json_object_get_int_member (parameters, "minptime"), ==, rows[i].minptime);
    g_assert_cmpint (json_object_get_int_member (parameters, "stereo"), ==, rows[i].stereo);
    g_assert_cmpint (json_object_get_int_member (parameters, "sprop-stereo"), ==, rows[i].stereo);
    g_assert_cmpint (json_object_get_int_member (parameters, "useinbandfec"), ==, 0);
    g_assert_cmpint (json_object_get_int_member (codec, "preferredPayloadType"), ==, 111);
    g_assert_cmpuint (json_array_get_length (json_object_get_array_member (codec, "rtcpFeedback")),
                      ==, 0);
  }
}

/* In the router, and yet not one that we would ever send or accept. */
static void
test_unlisted (void)
{
  static const char *const names[] = { "audio/PCMU", "video/H264", "video/VP9", "video/rtx2",
                                       "audio/none" };
  g_autoptr (JsonObject) router = fixture_load ("router-everything");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (JsonObject) parameters =
        load_checked_part (i == 0 ? "consumer-audio" : "consumer-video");
    g_autofree char *value = g_strdup_printf ("\"%s\"", names[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_ortc_send_codec (router, names[i], 240, 2, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
    g_clear_error (&error);
    g_assert_true (tutti_ortc_check_listed (parameters, NULL));
    fixture_set (parameters, "/codecs/0/mimeType", value);
    g_assert_false (tutti_ortc_check_listed (parameters, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
  }
}

static const char offer_start[] =
    "v=0\r\no=- 1 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\na=group:BUNDLE audio0\r\n";
static const char offer_media[] =
    "m=audio 9 UDP/TLS/RTP/SAVPF 111 96\r\nc=IN IP4 "
    "0.0.0.0\r\na=setup:actpass\r\na=ice-ufrag:abcd\r\n"
    "a=ice-pwd:0123456789012345678901\r\na=mid:audio0\r\na=sendonly\r\na=rtpmap:111 "
    "OPUS/48000/2\r\n"
    "a=fmtp:111 minptime=3;stereo=1;x-y=abc\r\na=rtcp-fb:111 transport-cc\r\na=rtcp-fb:111 nack "
    "pli\r\n"
    "a=rtpmap:96 FOO/8000\r\na=extmap:5/sendonly urn:five\r\na=ssrc:4000000000 cname:me@here\r\n"
    "a=ssrc:4000000000 msid:a b\r\na=fingerprint:sha-256 AB:CD\r\n";

static void
test_send_parameters (void)
{
  g_autoptr (JsonObject) router = fixture_load ("router-everything");
  g_autofree char *offer = g_strconcat (offer_start, offer_media, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) parameters = tutti_ortc_send_parameters (offer, 0, router, &error);
  g_autoptr (JsonObject) dtls = tutti_ortc_dtls_parameters (offer, "client", NULL);
  g_autoptr (JsonNode) node = json_node_alloc ();
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  json_node_init_object (node, parameters);
  text = json_to_string (node, FALSE);
  g_assert_cmpstr (
      text, ==,
      "{\"codecs\":[{\"mimeType\":\"audio/"
      "opus\",\"payloadType\":111,\"clockRate\":48000,\"channels\":2,"
      "\"parameters\":{\"minptime\":3,\"stereo\":1,\"x-y\":\"abc\"},\"rtcpFeedback\":[{\"type\":"
      "\"transport-cc\","
      "\"parameter\":\"\"},{\"type\":\"nack\",\"parameter\":\"pli\"}]}],\"headerExtensions\":[{"
      "\"uri\":\"urn:five\","
      "\"id\":5,\"encrypt\":false,\"parameters\":{}}],\"encodings\":[{\"ssrc\":4000000000}],"
      "\"rtcp\":{\"cname\":\"me@here\",\"reducedSize\":true},\"mid\":\"audio0\"}");
  g_assert_cmpstr (json_object_get_string_member (dtls, "role"), ==, "client");
}

static void
test_send_parameters_fail (void)
{
  static const char *const broken[] = { "", "v=0", "m=", "v=0\r\nm=audio\r\n",
                                        "garbage\r\n\r\n=\r\na" };
  g_autoptr (JsonObject) router = fixture_load ("router-everything");
  g_autofree char *offer = g_strconcat (offer_start, offer_media, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (broken); i++) {
    g_assert_null (tutti_ortc_send_parameters (broken[i], 0, router, NULL));
    g_assert_null (tutti_ortc_dtls_parameters (broken[i], "client", NULL));
  }
  g_assert_null (tutti_ortc_send_parameters (offer, 1, router, NULL));
  /* Any prefix, any byte changed: never a crash (the sanitizers watch). */
  for (gsize i = 0; i < strlen (offer); i++) {
    g_autofree char *prefix = g_strndup (offer, i);
    g_autoptr (JsonObject) a = tutti_ortc_send_parameters (prefix, 0, router, NULL);
    g_autofree char *changed = g_strdup (offer);
    g_autoptr (JsonObject) b = NULL;
    g_autoptr (JsonObject) c = NULL;

    changed[i] = (char) g_test_rand_int_range (1, 256);
    b = tutti_ortc_send_parameters (changed, 0, router, NULL);
    c = tutti_ortc_dtls_parameters (changed, "client", NULL);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ortc/check/transport", test_check_transport);
  g_test_add_func ("/ortc/check/parameters", test_check_parameters);
  g_test_add_func ("/ortc/check/capabilities", test_check_capabilities);
  g_test_add_func ("/ortc/check/sizes", test_check_sizes);
  g_test_add_func ("/ortc/receive-capabilities", test_receive_capabilities);
  g_test_add_func ("/ortc/send-codec", test_send_codec);
  g_test_add_func ("/ortc/unlisted", test_unlisted);
  g_test_add_func ("/ortc/send-parameters", test_send_parameters);
  g_test_add_func ("/ortc/send-parameters/broken", test_send_parameters_fail);
  return g_test_run ();
}
