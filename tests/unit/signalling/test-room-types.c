/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-room-json.h"
#include "tutti-room-types.h"

#define CONSUMER_HEAD "{\"consumerId\":\"c1\",\"producerId\":\"p1\",\"peerId\":\"anna-0001\","

static void
test_clean (void)
{
  static const struct {
    const char *text, *clean;
  } rows[] = {
    { NULL, "" },
    { "", "" },
    { "  Anna  ", "Anna" },
    { "An\nna\t\x1b[31m", "Anna[31m" },
    { "A\xe2\x80\xaenn\xe2\x81\xa6"
      "a",
      "Anna" },
    { "\xe2\x80\x8f Anna \xe2\x80\x8e", "Anna" },
    { "J\xc3\xbcrgen \xf0\x9f\x8e\xb8", "J\xc3\xbcrgen \xf0\x9f\x8e\xb8" },
    { "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8e\xa4",
      "\xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x8e\xa4" },
    { "a\xff"
      "b",
      "a\xef\xbf\xbd"
      "b" },
    { "12345678901234567890", "12345678901234567890" },
  };
  g_autofree char *cut = tutti_text_clean ("\xc3\xa4\xc3\xb6\xc3\xbc", 2);

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autofree char *clean = tutti_text_clean (rows[i].text, 64);

    g_assert_cmpstr (clean, ==, rows[i].clean);
  }
  g_assert_cmpstr (cut, ==, "\xc3\xa4\xc3\xb6");
}

static void
test_peer (void)
{
  static const char *bad[] = {
    "{}",
    "{\"peerId\":5}",
    "{\"peerId\":\"\"}",
    "{\"peerId\":\"a b\"}",
    "{\"peerId\":null}",
    "{\"peerId\":[\"a\"]}",
    "{\"peerId\":\"a\\u0007\"}",
    "{\"peerId\":\"\xc3\xa4\"}",
  };
  g_autoptr (JsonObject) full =
      parse_json ("{\"peerId\":\"anna-0001\",\"displayName\":\" A\\nnna \","
                  "\"instrument\":\"Violin\",\"device\":{},\"role\":\"listener\",\"more\":1}");
  g_autoptr (JsonObject) bare = parse_json ("{\"peerId\":\"x\",\"displayName\":\"\\n\","
                                            "\"instrument\":[],\"role\":\"king\"}");
  g_autoptr (TuttiPeerInfo) info = tutti_peer_info_from_json (full, NULL);
  g_autoptr (TuttiPeerInfo) copy = g_boxed_copy (TUTTI_TYPE_PEER_INFO, info);
  g_autoptr (TuttiPeerInfo) nobody = tutti_peer_info_from_json (bare, NULL);

  g_assert_cmpstr (copy->peer_id, ==, "anna-0001");
  g_assert_cmpstr (copy->display_name, ==, "Anna");
  g_assert_cmpstr (copy->instrument, ==, "Violin");
  g_assert_cmpint (copy->role, ==, TUTTI_ROLE_LISTENER);
  g_assert_cmpint (nobody->role, ==, TUTTI_ROLE_MUSICIAN);
  g_assert_cmpstr (nobody->display_name, !=, "");
  g_assert_cmpstr (nobody->instrument, ==, "");

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonObject) object = parse_json (bad[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_peer_info_from_json (object, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static void
test_consumer (void)
{
  g_autoptr (JsonObject) object = parse_json (
      CONSUMER_HEAD
      "\"transportId\":\"t1\",\"kind\":\"audio\",\"rtpParameters\":{\"a\":1},"
      "\"producerPaused\":true,\"replacesConsumerId\":\"c0\",\"replacesProducerId\":\"p0\","
      "\"type\":\"simple\",\"appData\":{\"source\":\"audio\",\"strip\":{\"id\":\"s2\",\"label\":"
      "\"Gui\\u202etar\"},"
      "\"format\":{\"wire\":\"framed\",\"version\":1,\"channels\":1}}}");
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiConsumerInfo) info = tutti_consumer_info_from_json (object, &error);
  g_autoptr (TuttiConsumerInfo) copy = NULL;
  g_autoptr (JsonObject) app_data = NULL;
  JsonObject *format;

  g_assert_no_error (error);
  copy = g_boxed_copy (TUTTI_TYPE_CONSUMER_INFO, info);
  g_clear_pointer (&info, tutti_consumer_info_free);

  g_assert_cmpstr (copy->consumer_id, ==, "c1");
  g_assert_cmpstr (copy->producer_id, ==, "p1");
  g_assert_cmpstr (copy->peer_id, ==, "anna-0001");
  g_assert_cmpstr (copy->transport_id, ==, "t1");
  g_assert_cmpint (copy->media, ==, TUTTI_MEDIA_AUDIO);
  g_assert_true (json_object_has_member (copy->rtp_parameters, "a"));
  g_assert_true (copy->paused);
  g_assert_cmpstr (copy->replaces_consumer_id, ==, "c0");
  g_assert_cmpstr (copy->replaces_producer_id, ==, "p0");
  g_assert_cmpstr (copy->stream.source, ==, "audio");
  g_assert_cmpstr (copy->stream.strip_id, ==, "s2");
  g_assert_cmpstr (copy->stream.strip_label, ==, "Guitar");
  g_assert_cmpstr (copy->stream.wire, ==, "framed");
  g_assert_cmpuint (copy->stream.version, ==, 1);
  g_assert_cmpuint (copy->stream.channels, ==, 1);

  app_data = tutti_stream_info_to_json (&copy->stream);
  format = json_object_get_object_member (app_data, "format");
  g_assert_cmpstr (json_object_get_string_member (format, "wire"), ==, "framed");
  g_assert_cmpint (json_object_get_int_member (format, "version"), ==, 1);
  g_assert_cmpint (json_object_get_int_member (format, "channels"), ==, 1);
  /* Every packet says these itself. */
  g_assert_false (json_object_has_member (format, "frameSamples"));
}

/* A plain demo client says nothing about its stream, a hostile one says rubbish: the same. */
static void
test_consumer_defaults (void)
{
  static const char *app_data[] = {
    "{}",
    "null",
    "5",
    "[]",
    "{\"source\":5,\"strip\":[],\"format\":7}",
    "{\"source\":\"\",\"strip\":{\"id\":\"../../x\",\"label\":{}},\"format\":{\"wire\":\"a b\","
    "\"frameSamples\":0,\"channels\":3,\"bitrate\":-5}}",
    "{\"source\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"strip\":{\"id\":null},\"format\":{"
    "\"wire\":"
    "null,\"frameSamples\":1e99,\"channels\":\"2\",\"bitrate\":99999999999999}}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (app_data); i++) {
    g_autofree char *text = g_strdup_printf (
        CONSUMER_HEAD "\"kind\":\"audio\",\"rtpParameters\":{},\"appData\":%s}", app_data[i]);
    g_autoptr (JsonObject) object = parse_json (text);
    g_autoptr (GError) error = NULL;
    g_autoptr (TuttiConsumerInfo) info = tutti_consumer_info_from_json (object, &error);

    g_assert_no_error (error);
    g_assert_null (info->transport_id);
    g_assert_null (info->replaces_consumer_id);
    g_assert_false (info->paused);
    g_assert_cmpstr (info->stream.source, ==, "audio");
    g_assert_cmpstr (info->stream.strip_id, ==, "main");
    g_assert_cmpstr (info->stream.strip_label, ==, "");
    g_assert_cmpstr (info->stream.wire, ==, "opus");
    g_assert_cmpuint (info->stream.frame_samples, ==, 960);
    g_assert_cmpuint (info->stream.channels, ==, 2);
    g_assert_cmpuint (info->stream.bitrate, ==, 96000);
  }
}

static void
test_consumer_bad (void)
{
  static const char *rows[] = {
    "{}",
    CONSUMER_HEAD "\"kind\":\"audio\"}",
    CONSUMER_HEAD "\"kind\":\"audio\",\"rtpParameters\":[]}",
    CONSUMER_HEAD "\"kind\":\"smell\",\"rtpParameters\":{}}",
    CONSUMER_HEAD "\"rtpParameters\":{}}",
    CONSUMER_HEAD "\"kind\":\"audio\",\"rtpParameters\":{},\"transportId\":5}",
    CONSUMER_HEAD "\"kind\":\"audio\",\"rtpParameters\":{},\"replacesConsumerId\":{}}",
    "{\"consumerId\":\"c1\",\"producerId\":\"p1\",\"kind\":\"audio\",\"rtpParameters\":{}}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (JsonObject) object = parse_json (rows[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_consumer_info_from_json (object, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static void
test_rtp_clock (void)
{
  g_autoptr (JsonObject) object = parse_json ("{\"peerId\":\"a\",\"producerId\":\"p\","
                                              "\"rtpTimestamp\":4294967295,\"roomTimeUs\":5}");
  g_autoptr (TuttiRtpClock) clock = tutti_rtp_clock_from_json (object, NULL);
  g_autoptr (TuttiRtpClock) copy = g_boxed_copy (TUTTI_TYPE_RTP_CLOCK, clock);
  static const char *times[] = {
    "\"rtpTimestamp\":4294967296,\"roomTimeUs\":5",
    "\"rtpTimestamp\":-1,\"roomTimeUs\":5",
    "\"rtpTimestamp\":1,\"roomTimeUs\":-5",
    "\"rtpTimestamp\":1,\"roomTimeUs\":1.5",
    "\"rtpTimestamp\":1,\"roomTimeUs\":99999999999999999",
    "\"rtpTimestamp\":1",
  };

  g_assert_cmpuint (copy->rtp_timestamp, ==, G_MAXUINT32);
  g_assert_cmpint (copy->room_time_us, ==, 5);
  g_assert_cmpint (copy->error_us, ==, -1);
  g_assert_cmpint (copy->sent_us, ==, -1);

  for (size_t i = 0; i < G_N_ELEMENTS (times); i++) {
    g_autofree char *text =
        g_strdup_printf ("{\"peerId\":\"a\",\"producerId\":\"p\",%s}", times[i]);
    g_autoptr (JsonObject) bad = parse_json (text);

    g_assert_null (tutti_rtp_clock_from_json (bad, NULL));
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/room-types/clean", test_clean);
  g_test_add_func ("/room-types/peer", test_peer);
  g_test_add_func ("/room-types/consumer", test_consumer);
  g_test_add_func ("/room-types/consumer-defaults", test_consumer_defaults);
  g_test_add_func ("/room-types/consumer-bad", test_consumer_bad);
  g_test_add_func ("/room-types/rtp-clock", test_rtp_clock);
  return g_test_run ();
}
