/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the room says of its own accord, up to its last word. */

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

#define NEW_CONSUMER(id, more)                                                                     \
  "{\"request\":true,\"id\":" #id                                                                  \
  ",\"method\":\"newConsumer\",\"data\":{\"peerId\":\"anna-0001\","                                \
  "\"transportId\":\"t1\",\"consumerId\":\"c" #id "\",\"producerId\":\"p1\",\"kind\":\"audio\","   \
  "\"rtpParameters\":{},\"type\":\"simple\"" more "}}"

static void
notify (ClientFixture *f, const char *method, const char *data)
{
  g_autofree char *text =
      g_strdup_printf ("{\"notification\":true,\"method\":\"%s\",\"data\":%s}", method, data);

  room_server_send (f->server, text);
}

static void
test_events (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
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
  client_fixture_expect (f, "last");
  g_assert_cmpstr (f->log->str, ==,
                   "joined anna-0001 Anna Oud; renamed anna-0001 An; paused c1; resumed c1; "
                   "closed c1; clock p 960 77; plan 3 tight 64; heard p 1.5; tempo 92; "
                   "left anna-0001 lost; left bert-0001 left; "
                   "closed last; ");
}

/* Each is left out, and the session goes on. */
static void
test_malformed_events (ClientFixture *f, gconstpointer data)
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

  client_fixture_open (f);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++) {
    for (size_t j = 0; j < G_N_ELEMENTS (rubbish); j++)
      notify (f, methods[i], rubbish[j]);
  }
  notify (f, "consumerClosed", "{\"consumerId\":\"last\"}");
  client_fixture_expect (f, "last");
  g_assert_cmpstr (f->log->str, ==, "closed last; ");
}

static gboolean
has_heard_two (gpointer user_data)
{
  return ((ClientFixture *) user_data)->heard->len >= 2;
}

static gboolean
has_heard_one (gpointer user_data)
{
  return ((ClientFixture *) user_data)->heard->len >= 1;
}

static void
test_new_consumer (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  room_server_send (f->server, NEW_CONSUMER (31, ",\"producerPaused\":true"));
  client_fixture_expect (f, "c31");
  g_assert_cmpstr (f->log->str, ==, "consumer c31 of anna-0001; ");
  g_assert_cmpuint (f->heard->len, ==, 0);
  tutti_room_client_accept (f->client, f->consumer_request);
  spin_until (has_heard_one, f);
  g_assert_true (json_object_get_boolean_member (f->heard->pdata[0], "ok"));
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "id"), ==, 31);

  room_server_send (f->server, NEW_CONSUMER (32, ""));
  client_fixture_expect (f, "c32");
  tutti_room_client_reject (f->client, f->consumer_request, 409, "not now");
  spin_until (has_heard_two, f);
  g_assert_false (json_object_get_boolean_member (f->heard->pdata[1], "ok"));
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[1], "errorCode"), ==, 409);
}

static void
test_bad_consumer (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  room_server_send (f->server,
                    "{\"request\":true,\"id\":1,\"method\":\"newConsumer\",\"data\":{}}");
  room_server_send (f->server, "{\"request\":true,\"id\":2,\"method\":\"newDataConsumer\"}");
  spin_until (has_heard_two, f);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "errorCode"), ==, 400);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[1], "errorCode"), ==, 404);
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_nobody_listens (ClientFixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, CLIENT_FIXTURE_WELCOME);
  await_ok (tutti_room_client_open (f->client));
  room_server_send (f->server, NEW_CONSUMER (31, ""));
  spin_until (has_heard_one, f);
  g_assert_cmpint (json_object_get_int_member (f->heard->pdata[0], "errorCode"), ==, 500);
}

static gboolean
is_closed (gpointer user_data)
{
  return ((ClientFixture *) user_data)->closed != NULL;
}

static void
test_closed (ClientFixture *f, gconstpointer data)
{
  DexFuture *future;

  client_fixture_open (f);
  client_fixture_join (f);
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

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  client_fixture_add ("/room-events/events", test_events, NULL);
  client_fixture_add ("/room-events/malformed-events", test_malformed_events, NULL);
  client_fixture_add ("/room-events/new-consumer", test_new_consumer, NULL);
  client_fixture_add ("/room-events/bad-consumer", test_bad_consumer, NULL);
  client_fixture_add ("/room-events/nobody-listens", test_nobody_listens, NULL);
  client_fixture_add ("/room-events/closed", test_closed, NULL);
  return g_test_run ();
}
