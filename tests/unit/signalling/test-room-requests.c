/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a client asks and tells the room, and what it makes of the answers. */

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

static void
test_join (ClientFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) capabilities = parse_json ("{\"codecs\":[]}");
  DexFuture *future;
  GPtrArray *peers;
  const char *const formats[] = { "raw", "tight", "opus", NULL };
  JsonObject *sent, *tutti;

  client_fixture_open (f);
  tutti_room_client_set_formats (f->client, formats, 4000, 64);
  g_hash_table_insert (f->answers, (gpointer) "join",
                       (gpointer) "{\"peers\":[{\"peerId\":\"anna-0001\",\"displayName\":\"Anna\","
                                  "\"device\":{},\"instrument\":\"Violin\"},{\"peerId\":"
                                  "\"peer-0001\",\"displayName\":\"Me\"}],\"tempo\":{\"bpm\":92,"
                                  "\"beatsPerBar\":4,\"running\":true,\"countInBars\":0,"
                                  "\"originUs\":7,\"byPeerId\":\"anna-0001\"}}");
  future = tutti_room_client_join (f->client, " Me\n ", "Bass", capabilities);
  peers = g_value_get_boxed (await (future, NULL));
  g_assert_cmpuint (peers->len, ==, 1);
  g_assert_cmpstr (((TuttiPeerInfo *) peers->pdata[0])->display_name, ==, "Anna");
  dex_unref (future);

  sent = client_fixture_last_data (f, "join");
  g_assert_cmpstr (json_object_get_string_member (sent, "displayName"), ==, "Me");
  g_assert_cmpstr (json_object_get_string_member (sent, "instrument"), ==, "Bass");
  g_assert_true (
      json_object_has_member (json_object_get_object_member (sent, "rtpCapabilities"), "codecs"));
  tutti = json_object_get_object_member (sent, "tutti");
  g_assert_cmpuint (json_array_get_length (json_object_get_array_member (tutti, "formats")), ==, 3);
  g_assert_cmpint (json_object_get_int_member (tutti, "maxPacketsPerSecond"), ==, 4000);
  g_assert_cmpint (json_object_get_int_member (tutti, "quantum"), ==, 64);
  /* What the answer says of the metronome is news like any other. */
  g_assert_cmpstr (f->log->str, ==, "tempo 92; ");
}

static void
test_produce (ClientFixture *f, gconstpointer data)
{
  const TuttiStreamInfo stream = {
    .source = (char *) "audio",
    .strip_id = (char *) "s1",
    .strip_label = (char *) "Bass",
    .wire = (char *) "opus",
    .frame_samples = 120,
    .channels = 1,
    .bitrate = 128000,
  };
  g_autoptr (JsonObject) parameters = parse_json ("{\"codecs\":[]}");
  DexFuture *future;
  JsonObject *sent;

  client_fixture_open (f);
  g_hash_table_insert (f->answers, (gpointer) "produce", (gpointer) "{\"producerId\":\"p7\"}");
  future =
      tutti_room_client_produce (f->client, "t1", TUTTI_MEDIA_AUDIO, parameters, &stream, "p6");
  g_assert_cmpstr (g_value_get_string (await (future, NULL)), ==, "p7");
  dex_unref (future);

  sent = client_fixture_last_data (f, "produce");
  g_assert_cmpstr (json_object_get_string_member (sent, "kind"), ==, "audio");
  g_assert_cmpstr (json_object_get_string_member (sent, "replaces"), ==, "p6");
  sent = json_object_get_object_member (sent, "appData");
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (sent, "format"), "frameSamples"),
      ==, 120);
  /* Ours to use again: nobody took a reference away. */
  g_assert_true (json_object_has_member (parameters, "codecs"));
}

static DexFuture *
ask (ClientFixture *f, const char *method)
{
  g_autoptr (JsonObject) empty = json_object_new ();
  const TuttiStreamInfo stream = { .channels = 1 };
  TuttiRoomClient *client = f->client;

  if (g_str_equal (method, "getRouterRtpCapabilities"))
    return tutti_room_client_get_router_rtp_capabilities (client, TUTTI_MEDIA_AUDIO);
  if (g_str_equal (method, "createWebRtcTransport"))
    return tutti_room_client_create_web_rtc_transport (client, TUTTI_TRANSPORT_ROLE_PRODUCER,
                                                       TUTTI_MEDIA_AUDIO, FALSE);
  if (g_str_equal (method, "join"))
    return tutti_room_client_join (client, "x", NULL, empty);
  if (g_str_equal (method, "produce"))
    return tutti_room_client_produce (client, "t", TUTTI_MEDIA_AUDIO, empty, &stream, NULL);
  if (g_str_equal (method, "connectWebRtcTransport"))
    return tutti_room_client_connect_web_rtc_transport (client, "t", empty);
  if (g_str_equal (method, "moveConsumers"))
    return tutti_room_client_move_consumers (client, "t1", "t2");
  if (g_str_equal (method, "closeTransport"))
    return tutti_room_client_close_transport (client, "t");
  if (g_str_equal (method, "getTransportStats"))
    return tutti_room_client_get_transport_stats (client, "t");
  if (g_str_equal (method, "getProducerStats"))
    return tutti_room_client_get_producer_stats (client, "p");
  if (g_str_equal (method, "getConsumerStats"))
    return tutti_room_client_get_consumer_stats (client, "c");

  g_assert_not_reached ();
}

static void
test_answers (ClientFixture *f, gconstpointer data)
{
  static const struct {
    const char *method, *good, *bad[6];
  } rows[] = {
    { "getRouterRtpCapabilities",
      "{\"routerRtpCapabilities\":{}}",
      { "{}", "{\"routerRtpCapabilities\":[]}" } },
    { "createWebRtcTransport",
      "{\"transportId\":\"t\",\"iceParameters\":{},\"iceCandidates\":[],\"dtlsParameters\":{}}",
      { "{}", "{\"transportId\":5,\"iceParameters\":{},\"iceCandidates\":[],\"dtlsParameters\":{}}",
        "{\"transportId\":\"t\",\"iceParameters\":5,\"iceCandidates\":[],\"dtlsParameters\":{}}",
        "{\"transportId\":\"t\",\"iceParameters\":{},\"iceCandidates\":{},\"dtlsParameters\":{}}",
        "{\"transportId\":\"t\",\"iceParameters\":{},\"iceCandidates\":[]}" } },
    { "join",
      "{\"peers\":[]}",
      { "{}", "{\"peers\":{}}", "{\"peers\":[5]}", "{\"peers\":[{}]}", "{\"peers\":[null]}" } },
    { "produce",
      "{\"producerId\":\"p\"}",
      { "{}", "{\"producerId\":\"\"}", "{\"producerId\":7}" } },
    { "connectWebRtcTransport", "{}", { NULL } },
    { "moveConsumers", "{\"more\":1}", { NULL } },
    { "closeTransport", "{}", { NULL } },
    { "getTransportStats", "{\"stats\":[]}", { "{}", "{\"stats\":{}}" } },
    { "getProducerStats", "{\"stats\":[{}]}", { "{}" } },
    { "getConsumerStats", "{\"stats\":[]}", { "{\"stats\":5}" } },
  };

  client_fixture_open (f);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_test_message ("%s", rows[i].method);

    g_hash_table_remove (f->answers, rows[i].method);
    await_error (ask (f, rows[i].method), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
    g_hash_table_insert (f->answers, (gpointer) rows[i].method, (gpointer) rows[i].good);
    await_ok (ask (f, rows[i].method));

    for (size_t j = 0; rows[i].bad[j]; j++) {
      g_hash_table_insert (f->answers, (gpointer) rows[i].method, (gpointer) rows[i].bad[j]);
      await_error (ask (f, rows[i].method), TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
    }
  }
}

static gboolean
has_heard_seven (gpointer user_data)
{
  return ((ClientFixture *) user_data)->heard->len >= 7;
}

static void
test_notifications_out (ClientFixture *f, gconstpointer data)
{
  static const char *expected[] = {
    "closeProducer",  "pauseProducer",     "resumeProducer", "pauseConsumer",
    "resumeConsumer", "changeDisplayName", "rtpClock",
  };
  JsonObject *clock;

  client_fixture_open (f);
  tutti_room_client_close_producer (f->client, "p");
  tutti_room_client_pause_producer (f->client, "p");
  tutti_room_client_resume_producer (f->client, "p");
  tutti_room_client_pause_consumer (f->client, "c");
  tutti_room_client_resume_consumer (f->client, "c");
  tutti_room_client_change_display_name (f->client, "New\tName");
  tutti_room_client_rtp_clock (
      f->client,
      &(TuttiRtpClock) { NULL, (char *) "p", G_MAXUINT32, 123456789012345, 350, 123456789013678 });
  spin_until (has_heard_seven, f);

  g_assert_cmpuint (f->heard->len, ==, G_N_ELEMENTS (expected));
  for (size_t i = 0; i < G_N_ELEMENTS (expected); i++) {
    g_assert_true (json_object_get_boolean_member (f->heard->pdata[i], "notification"));
    g_assert_cmpstr (json_object_get_string_member (f->heard->pdata[i], "method"), ==, expected[i]);
  }
  clock = client_fixture_last_data (f, "rtpClock");
  g_assert_cmpint (json_object_get_int_member (clock, "rtpTimestamp"), ==, G_MAXUINT32);
  g_assert_cmpint (json_object_get_int_member (clock, "roomTimeUs"), ==, 123456789012345);
}

static void
test_leave (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  /* Refused, granted, impossible: leaving never fails. */
  await_ok (tutti_room_client_leave (f->client, NULL));
  g_hash_table_insert (f->answers, (gpointer) "leave", (gpointer) "{}");
  await_ok (tutti_room_client_leave (f->client, NULL));
  tutti_room_client_close (f->client);
  await_ok (tutti_room_client_leave (f->client, NULL));
  g_assert_error (f->closed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (f->log->str, ==, "end; ");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  client_fixture_add ("/room-requests/join", test_join, NULL);
  client_fixture_add ("/room-requests/produce", test_produce, NULL);
  client_fixture_add ("/room-requests/answers", test_answers, NULL);
  client_fixture_add ("/room-requests/notifications-out", test_notifications_out, NULL);
  client_fixture_add ("/room-requests/leave", test_leave, NULL);
  return g_test_run ();
}
