/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-room-client.h"
#include "tutti-thread.h"

#define VERSION                                                                                    \
  "{\"notification\":true,\"method\":\"mediasoupVersion\",\"data\":{\"version\":\"3\"}}"
#define WELCOME                                                                                    \
  "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":{\"protocol\":{\"major\":1,"         \
  "\"minor\":7},"                                                                                  \
  "\"service\":{\"name\":\"test\",\"version\":\"0.9\"},\"features\":[\"clock\",\"rtp-clock\","     \
  "\"rebuild\",\"two-transports\",5,null],\"room\":{\"name\":\"my-room\",\"peers\":0,\"limits\":"  \
  "{\"players\":16}}}}"
#define NEW_CONSUMER(id, more)                                                                     \
  "{\"request\":true,\"id\":" #id                                                                  \
  ",\"method\":\"newConsumer\",\"data\":{\"peerId\":\"anna-0001\","                                \
  "\"transportId\":\"t1\",\"consumerId\":\"c" #id "\",\"producerId\":\"p1\",\"kind\":\"audio\","   \
  "\"rtpParameters\":{},\"type\":\"simple\"" more "}}"

typedef struct {
  RoomServer *server;
  TuttiRoomClient *client;
  GString *log; /* every signal, in order */
  GError *closed;
  gint64 consumer_request;
  GHashTable *answers; /* method → data, for the scripted server */
  GPtrArray *heard;    /* what the client said: JsonObject, without clock questions */
  guint n_clock_questions;
  gint64 room_offset_us;
} Fixture;

static void
on_server_message (RoomServer *server, const char *text, JsonObject *message, gpointer user_data)
{
  Fixture *f = user_data;
  const char *method = json_object_get_string_member_with_default (message, "method", "");
  const char *answer = g_hash_table_lookup (f->answers, method);

  if (g_str_equal (method, "clock")) {
    g_autofree char *data = g_strdup_printf ("{\"roomTimeUs\":%" G_GINT64_FORMAT "}",
                                             g_get_monotonic_time () + f->room_offset_us);

    f->n_clock_questions++;
    room_server_answer (server, message, data);
    return;
  }

  g_ptr_array_add (f->heard, json_object_ref (message));
  if (!json_object_has_member (message, "request"))
    return;
  if (answer)
    room_server_answer (server, message, answer);
  else
    room_server_refuse (server, message, 404, "no such method");
}

static void
on_peer_joined (Fixture *f, const TuttiPeerInfo *info)
{
  g_string_append_printf (f->log, "joined %s %s %s; ", info->peer_id, info->display_name,
                          info->instrument);
}

static void
on_peer_left (Fixture *f, const char *peer_id, const char *reason)
{
  g_string_append_printf (f->log, "left %s %s; ", peer_id, reason);
}

static void
on_peer_renamed (Fixture *f, const char *peer_id, const char *name)
{
  g_string_append_printf (f->log, "renamed %s %s; ", peer_id, name);
}

static void
on_new_consumer (Fixture *f, gint64 id, const TuttiConsumerInfo *info)
{
  f->consumer_request = id;
  g_string_append_printf (f->log, "consumer %s of %s; ", info->consumer_id, info->peer_id);
}

static void
on_consumer_closed (Fixture *f, const char *id)
{
  g_string_append_printf (f->log, "closed %s; ", id);
}

static void
on_consumer_paused (Fixture *f, const char *id)
{
  g_string_append_printf (f->log, "paused %s; ", id);
}

static void
on_consumer_resumed (Fixture *f, const char *id)
{
  g_string_append_printf (f->log, "resumed %s; ", id);
}

static void
on_rtp_clock (Fixture *f, const TuttiRtpClock *clock)
{
  g_string_append_printf (f->log, "clock %s %u %" G_GINT64_FORMAT "; ", clock->producer_id,
                          clock->rtp_timestamp, clock->room_time_us);
}

static void
on_plan (Fixture *f, const TuttiPlan *plan)
{
  g_string_append_printf (f->log, "plan %" G_GINT64_FORMAT " %s %u; ", plan->revision, plan->wire,
                          plan->frame_samples);
}

static void
on_heard (Fixture *f, const TuttiHeard *heard)
{
  g_string_append_printf (f->log, "heard %s %g; ", heard->producer_id, heard->loss_percent);
}

static void
on_tempo (Fixture *f, const TuttiTempo *tempo)
{
  g_string_append_printf (f->log, "tempo %g; ", tempo->bpm);
}

static void
on_closed (Fixture *f, const GError *error)
{
  g_assert_null (f->closed);
  f->closed = g_error_copy (error);
  g_string_append (f->log, "end; ");
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = NULL;

  f->server = room_server_new ();
  f->log = g_string_new (NULL);
  f->answers = g_hash_table_new (g_str_hash, g_str_equal);
  f->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  room_server_set_func (f->server, on_server_message, f);
  link = room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  f->client = tutti_room_client_new (link, "peer-0001");

  g_object_connect (f->client, "swapped-signal::peer-joined", on_peer_joined, f,
                    "swapped-signal::peer-left", on_peer_left, f, "swapped-signal::peer-renamed",
                    on_peer_renamed, f, "swapped-signal::consumer-closed", on_consumer_closed, f,
                    "swapped-signal::consumer-paused", on_consumer_paused, f,
                    "swapped-signal::consumer-resumed", on_consumer_resumed, f,
                    "swapped-signal::rtp-clock", on_rtp_clock, f, "swapped-signal::plan", on_plan,
                    f, "swapped-signal::heard", on_heard, f, "swapped-signal::tempo", on_tempo, f,
                    "swapped-signal::closed", on_closed, f, NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tutti_room_client_close (f->client);
  g_assert_finalize_object (f->client);
  room_server_free (f->server);
  g_string_free (f->log, TRUE);
  g_hash_table_unref (f->answers);
  g_ptr_array_unref (f->heard);
  g_clear_error (&f->closed);
}

static void
open_client (Fixture *f)
{
  room_server_set_greeting (f->server, VERSION, WELCOME);
  await_ok (tutti_room_client_open (f->client));
  g_signal_connect_swapped (f->client, "new-consumer", G_CALLBACK (on_new_consumer), f);
}

static void
join (Fixture *f)
{
  g_autoptr (JsonObject) capabilities = json_object_new ();

  g_hash_table_insert (f->answers, (gpointer) "join", (gpointer) "{\"peers\":[]}");
  await_ok (tutti_room_client_join (f->client, "Me", "Bass", capabilities));
}

static const char *expected_log;

static gboolean
has_logged (gpointer user_data)
{
  return strstr (((Fixture *) user_data)->log->str, expected_log) != NULL;
}

static void
expect (Fixture *f, const char *text)
{
  expected_log = text;
  spin_until (has_logged, f);
}

static JsonObject *
last_data (Fixture *f, const char *method)
{
  JsonObject *message;

  g_assert_cmpuint (f->heard->len, >, 0);
  message = f->heard->pdata[f->heard->len - 1];
  g_assert_cmpstr (json_object_get_string_member (message, "method"), ==, method);
  return json_object_get_object_member (message, "data");
}

/* -- opening -- */

static void
test_welcome (Fixture *f, gconstpointer data)
{
  g_autofree char *room = NULL;
  g_autofree char *service = NULL;
  g_autofree char *version = NULL;
  g_auto (GStrv) features = NULL;
  guint max_players;
  gboolean is_demo;

  open_client (f);
  g_object_get (f->client, "room-name", &room, "service-name", &service, "service-version",
                &version, "features", &features, "max-players", &max_players, "is-demo", &is_demo,
                NULL);
  g_assert_cmpstr (room, ==, "my-room");
  g_assert_cmpstr (service, ==, "test");
  g_assert_cmpstr (version, ==, "0.9");
  g_assert_cmpuint (g_strv_length (features), ==, 4);
  g_assert_cmpuint (max_players, ==, 16);
  g_assert_false (is_demo);
  g_assert_true (tutti_room_client_has_feature (f->client, "rebuild"));
  g_assert_false (tutti_room_client_has_feature (f->client, "chat"));
  g_assert_false (tutti_room_clock_is_known (tutti_room_client_get_clock (f->client)));
}

static void
test_demo (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) empty = json_object_new ();
  gint64 begin = g_get_monotonic_time ();
  JsonObject *sent;

  room_server_set_greeting (f->server, VERSION, NULL);
  await_ok (tutti_room_client_open (f->client));
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 490 * G_TIME_SPAN_MILLISECOND);
  g_assert_true (tutti_room_client_is_demo (f->client));
  g_assert_false (tutti_room_client_has_feature (f->client, "clock"));

  /* A welcome that comes later changes nothing under the model's feet. */
  room_server_send (f->server, WELCOME);
  spin_for_ms (50);
  g_assert_true (tutti_room_client_is_demo (f->client));

  /* The demo's words, and no others. */
  g_hash_table_insert (f->answers, (gpointer) "getRouterRtpCapabilities",
                       (gpointer) "{\"routerRtpCapabilities\":{}}");
  await_ok (tutti_room_client_get_router_rtp_capabilities (f->client, TUTTI_MEDIA_VIDEO));
  g_assert_cmpuint (json_object_get_size (last_data (f, "getRouterRtpCapabilities")), ==, 0);

  g_hash_table_insert (
      f->answers, (gpointer) "createWebRtcTransport",
      (gpointer) "{\"transportId\":\"t\",\"iceParameters\":{},\"iceCandidates\":[],"
                 "\"dtlsParameters\":{},\"sctpParameters\":null}");
  await_ok (tutti_room_client_create_web_rtc_transport (f->client, TUTTI_TRANSPORT_ROLE_CONSUMER,
                                                        TUTTI_MEDIA_AUDIO, TRUE));
  sent = last_data (f, "createWebRtcTransport");
  g_assert_false (json_object_has_member (sent, "media"));
  g_assert_true (json_object_get_boolean_member (sent, "forceTcp"));
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (sent, "appData"), "direction"),
      ==, "consumer");

  join (f);
  sent = last_data (f, "join");
  g_assert_false (json_object_has_member (sent, "tutti"));
  g_assert_false (json_object_has_member (sent, "instrument"));
  spin_for_ms (200);
  g_assert_cmpuint (f->n_clock_questions, ==, 0);

  g_ptr_array_set_size (f->heard, 0);
  tutti_room_client_rtp_clock (f->client, &(TuttiRtpClock) { NULL, (char *) "p", 1, 2, -1, -1 });
  await_ok (tutti_room_client_leave (f->client));
  spin_for_ms (50);
  g_assert_cmpuint (f->heard->len, ==, 0);
}

static void
test_version (Fixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, VERSION,
                            "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":"
                            "{\"protocol\":{\"major\":2,\"minor\":0}}}");
  await_error (tutti_room_client_open (f->client), TUTTI_ERROR, TUTTI_ERROR_VERSION);
  spin_for_ms (50);
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_bad_welcome (Fixture *f, gconstpointer data)
{
  g_autofree char *welcome = g_strdup_printf (
      "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":%s}", (const char *) data);

  room_server_set_greeting (f->server, VERSION, welcome);
  await_error (tutti_room_client_open (f->client), TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* Only `protocol` is needed; whatever else is odd is taken as not said. */
static void
test_odd_welcome (Fixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, NULL,
                            "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":"
                            "{\"protocol\":{\"major\":1},\"features\":{},\"service\":[],\"room\":"
                            "{\"limits\":{\"players\":-1}}}}");
  await_ok (tutti_room_client_open (f->client));
  g_assert_false (tutti_room_client_is_demo (f->client));
}

static void
test_closed_before_welcome (Fixture *f, gconstpointer data)
{
  DexFuture *opening = tutti_room_client_open (f->client);

  spin_until ((gboolean (*) (gpointer)) room_server_is_connected, f->server);
  spin_for_ms (50);
  room_server_close (f->server, 4000, "replaced");
  await_error (opening, TUTTI_ERROR, TUTTI_ERROR_REPLACED);
  spin_for_ms (600);
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_unref_before_welcome (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link =
      room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  TuttiRoomClient *client = tutti_room_client_new (link, "peer-0002");
  DexFuture *opening = tutti_room_client_open (client);

  spin_until ((gboolean (*) (gpointer)) room_server_is_connected, f->server);
  spin_for_ms (50);
  g_assert_finalize_object (client);
  await_error (opening, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* -- requests -- */

static void
test_join (Fixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) capabilities = parse_json ("{\"codecs\":[]}");
  DexFuture *future;
  GPtrArray *peers;
  const char *const formats[] = { "raw", "tight", "opus", NULL };
  JsonObject *sent, *tutti;

  open_client (f);
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

  sent = last_data (f, "join");
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
test_produce (Fixture *f, gconstpointer data)
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

  open_client (f);
  g_hash_table_insert (f->answers, (gpointer) "produce", (gpointer) "{\"producerId\":\"p7\"}");
  future =
      tutti_room_client_produce (f->client, "t1", TUTTI_MEDIA_AUDIO, parameters, &stream, "p6");
  g_assert_cmpstr (g_value_get_string (await (future, NULL)), ==, "p7");
  dex_unref (future);

  sent = last_data (f, "produce");
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
ask (Fixture *f, const char *method)
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
test_answers (Fixture *f, gconstpointer data)
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

  open_client (f);
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
  return ((Fixture *) user_data)->heard->len >= 7;
}

static void
test_notifications_out (Fixture *f, gconstpointer data)
{
  static const char *expected[] = {
    "closeProducer",  "pauseProducer",     "resumeProducer", "pauseConsumer",
    "resumeConsumer", "changeDisplayName", "rtpClock",
  };
  JsonObject *clock;

  open_client (f);
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
  clock = last_data (f, "rtpClock");
  g_assert_cmpint (json_object_get_int_member (clock, "rtpTimestamp"), ==, G_MAXUINT32);
  g_assert_cmpint (json_object_get_int_member (clock, "roomTimeUs"), ==, 123456789012345);
}

static void
test_leave (Fixture *f, gconstpointer data)
{
  open_client (f);
  /* Refused, granted, impossible: leaving never fails. */
  await_ok (tutti_room_client_leave (f->client));
  g_hash_table_insert (f->answers, (gpointer) "leave", (gpointer) "{}");
  await_ok (tutti_room_client_leave (f->client));
  tutti_room_client_close (f->client);
  await_ok (tutti_room_client_leave (f->client));
  g_assert_error (f->closed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (f->log->str, ==, "end; ");
}

/* -- events -- */

static void
notify (Fixture *f, const char *method, const char *data)
{
  g_autofree char *text =
      g_strdup_printf ("{\"notification\":true,\"method\":\"%s\",\"data\":%s}", method, data);

  room_server_send (f->server, text);
}

static void
test_events (Fixture *f, gconstpointer data)
{
  open_client (f);
  notify (f, "newPeer",
          "{\"peerId\":\"anna-0001\",\"displayName\":\"Anna\",\"instrument\":\"Oud\"}");
  notify (f, "peerDisplayNameChanged",
          "{\"peerId\":\"anna-0001\",\"displayName\":\"An\\u0000na\"}");
  notify (f, "consumerPaused", "{\"consumerId\":\"c1\"}");
  notify (f, "consumerResumed", "{\"consumerId\":\"c1\"}");
  notify (f, "consumerClosed", "{\"consumerId\":\"c1\"}");
  notify (f, "rtpClock",
          "{\"peerId\":\"anna-0001\",\"producerId\":\"p\",\"rtpTimestamp\":960,"
          "\"roomTimeUs\":77}");
  notify (f, "plan",
          "{\"revision\":3,\"wire\":\"tight\",\"frameSamples\":64,\"bitrate\":128000,\"copies\":0,"
          "\"distance\":0,\"standard\":null,\"reason\":{\"limit\":\"none\"}}");
  notify (f, "plan", "{\"revision\":4}");
  notify (f, "heard",
          "{\"peerId\":\"anna-0001\",\"producerId\":\"p\",\"lossPercent\":1.5,"
          "\"concealedPercent\":0}");
  notify (f, "tempo",
          "{\"bpm\":92,\"beatsPerBar\":4,\"running\":true,\"countInBars\":0,\"originUs\":7,"
          "\"byPeerId\":\"anna-0001\"}");
  notify (f, "peerClosed", "{\"peerId\":\"anna-0001\",\"reason\":\"lost\"}");
  notify (f, "peerClosed", "{\"peerId\":\"bert-0001\",\"reason\":\"eaten\"}");
  notify (f, "consumerScore", "{\"consumerId\":\"c1\",\"score\":{}}");
  notify (f, "futureThing", "{\"x\":1}");
  notify (f, "consumerClosed", "{\"consumerId\":\"last\"}");
  expect (f, "last");
  g_assert_cmpstr (f->log->str, ==,
                   "joined anna-0001 Anna Oud; renamed anna-0001 An; paused c1; resumed c1; "
                   "closed c1; clock p 960 77; plan 3 tight 64; heard p 1.5; tempo 92; "
                   "left anna-0001 lost; left bert-0001 left; "
                   "closed last; ");
}

/* Each is left out, and the session goes on. */
static void
test_malformed_events (Fixture *f, gconstpointer data)
{
  static const char *methods[] = {
    "newPeer",         "peerDisplayNameChanged", "consumerPaused",
    "consumerResumed", "consumerClosed",         "rtpClock",
    "peerClosed",      "mediasoupVersion",       "roomWelcome",
  };
  static const char *rubbish[] = {
    "{}",
    "{\"peerId\":5,\"consumerId\":[]}",
    "{\"peerId\":\"a b\",\"consumerId\":\"\"}",
    "{\"peerId\":null,\"consumerId\":null,\"producerId\":{}}",
  };

  open_client (f);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++) {
    for (size_t j = 0; j < G_N_ELEMENTS (rubbish); j++)
      notify (f, methods[i], rubbish[j]);
  }
  notify (f, "consumerClosed", "{\"consumerId\":\"last\"}");
  expect (f, "last");
  g_assert_cmpstr (f->log->str, ==, "closed last; ");
}

static gboolean
has_heard_two (gpointer user_data)
{
  return ((Fixture *) user_data)->heard->len >= 2;
}

static gboolean
has_heard_one (gpointer user_data)
{
  return ((Fixture *) user_data)->heard->len >= 1;
}

static void
test_new_consumer (Fixture *f, gconstpointer data)
{
  open_client (f);
  room_server_send (f->server, NEW_CONSUMER (31, ",\"producerPaused\":true"));
  expect (f, "c31");
  g_assert_cmpstr (f->log->str, ==, "consumer c31 of anna-0001; ");
  g_assert_cmpuint (f->heard->len, ==, 0);
  tutti_room_client_accept (f->client, f->consumer_request);
  spin_until (has_heard_one, f);
  g_assert_true (json_object_get_boolean_member (f->heard->pdata[0], "ok"));
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "id"), ==, 31);

  room_server_send (f->server, NEW_CONSUMER (32, ""));
  expect (f, "c32");
  tutti_room_client_reject (f->client, f->consumer_request, 409, "not now");
  spin_until (has_heard_two, f);
  g_assert_false (json_object_get_boolean_member (f->heard->pdata[1], "ok"));
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[1], "errorCode"), ==, 409);
}

static void
test_bad_consumer (Fixture *f, gconstpointer data)
{
  open_client (f);
  room_server_send (f->server,
                    "{\"request\":true,\"id\":1,\"method\":\"newConsumer\",\"data\":{}}");
  room_server_send (f->server, "{\"request\":true,\"id\":2,\"method\":\"newDataConsumer\"}");
  spin_until (has_heard_two, f);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "errorCode"), ==, 400);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[1], "errorCode"), ==, 404);
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_nobody_listens (Fixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, VERSION, WELCOME);
  await_ok (tutti_room_client_open (f->client));
  room_server_send (f->server, NEW_CONSUMER (31, ""));
  spin_until (has_heard_one, f);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "errorCode"), ==, 500);
}

static gboolean
is_closed (gpointer user_data)
{
  return ((Fixture *) user_data)->closed != NULL;
}

static void
test_closed (Fixture *f, gconstpointer data)
{
  DexFuture *future;

  open_client (f);
  join (f);
  g_hash_table_remove_all (f->answers);
  room_server_set_func (f->server, NULL, NULL);
  future = tutti_room_client_get_producer_stats (f->client, "p");
  spin_for_ms (50);
  room_server_close (f->server, 4001, "media-lost");
  spin_until (is_closed, f);
  g_assert_error (f->closed, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  await_error (future, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  tutti_room_client_close (f->client);
  g_assert_cmpstr (f->log->str, ==, "end; ");
}

/* -- the clock -- */

static gboolean
has_five_questions (gpointer user_data)
{
  return ((Fixture *) user_data)->n_clock_questions >= 5;
}

static gboolean
clock_is_known (gpointer user_data)
{
  return tutti_room_clock_is_known (tutti_room_client_get_clock (((Fixture *) user_data)->client));
}

static gboolean
has_six_questions (gpointer user_data)
{
  return ((Fixture *) user_data)->n_clock_questions >= 6;
}

static void
test_clock (Fixture *f, gconstpointer data)
{
  const TuttiRoomClock *clock = tutti_room_client_get_clock (f->client);
  gint64 begin;
  double offset_ms;

  f->room_offset_us = 3600 * (gint64) G_USEC_PER_SEC + 12345;
  open_client (f);
  spin_for_ms (200);
  g_assert_cmpuint (f->n_clock_questions, ==, 0);

  begin = g_get_monotonic_time ();
  join (f);
  spin_until (has_five_questions, f);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 390 * G_TIME_SPAN_MILLISECOND);
  begin = g_get_monotonic_time ();
  spin_until (clock_is_known, f);
  g_assert_true (tutti_room_clock_is_known (clock));
  offset_ms = (tutti_room_clock_get_offset_ns (clock) / 1000 - f->room_offset_us) / 1000.0;
  g_test_message ("offset wrong by %.3f ms, ± %.3f ms", offset_ms,
                  tutti_room_clock_get_error_ms (clock));
  g_assert_cmpfloat (ABS (offset_ms), <=, tutti_room_clock_get_error_ms (clock) + 0.002);

  spin_until (has_six_questions, f);
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 900 * G_TIME_SPAN_MILLISECOND);
}

#define ADD(path, func, data)                                                                      \
  g_test_add ("/room-client/" path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  ADD ("welcome", test_welcome, NULL);
  ADD ("demo", test_demo, NULL);
  ADD ("version", test_version, NULL);
  ADD ("bad-welcome/empty", test_bad_welcome, "{}");
  ADD ("bad-welcome/no-major", test_bad_welcome, "{\"protocol\":{}}");
  ADD ("bad-welcome/text-major", test_bad_welcome, "{\"protocol\":{\"major\":\"1\"}}");
  ADD ("odd-welcome", test_odd_welcome, NULL);
  ADD ("closed-before-welcome", test_closed_before_welcome, NULL);
  ADD ("unref-before-welcome", test_unref_before_welcome, NULL);
  ADD ("join", test_join, NULL);
  ADD ("produce", test_produce, NULL);
  ADD ("answers", test_answers, NULL);
  ADD ("notifications-out", test_notifications_out, NULL);
  ADD ("leave", test_leave, NULL);
  ADD ("events", test_events, NULL);
  ADD ("malformed-events", test_malformed_events, NULL);
  ADD ("new-consumer", test_new_consumer, NULL);
  ADD ("bad-consumer", test_bad_consumer, NULL);
  ADD ("nobody-listens", test_nobody_listens, NULL);
  ADD ("closed", test_closed, NULL);
  ADD ("clock", test_clock, NULL);
  return g_test_run ();
}
