/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a room introduces itself, and one that does not: a plain demo server. */

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

static void
test_welcome (ClientFixture *f, gconstpointer data)
{
  g_autofree char *room = NULL;
  g_autofree char *service = NULL;
  g_autofree char *version = NULL;
  g_auto (GStrv) features = NULL;
  guint max_players;
  gboolean is_demo;

  client_fixture_open (f);
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
test_demo (ClientFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) empty = json_object_new ();
  gint64 begin = g_get_monotonic_time ();
  JsonObject *sent;

  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, NULL);
  await_ok (tutti_room_client_open (f->client));
  g_assert_cmpint (g_get_monotonic_time () - begin, >=, 490 * G_TIME_SPAN_MILLISECOND);
  g_assert_true (tutti_room_client_is_demo (f->client));
  g_assert_false (tutti_room_client_has_feature (f->client, "clock"));

  /* A welcome that comes later changes nothing under the model's feet. */
  room_server_send (f->server, CLIENT_FIXTURE_WELCOME);
  spin_for_ms (50);
  g_assert_true (tutti_room_client_is_demo (f->client));

  /* The demo's words, and no others. */
  g_hash_table_insert (f->answers, (gpointer) "getRouterRtpCapabilities",
                       (gpointer) "{\"routerRtpCapabilities\":{}}");
  await_ok (tutti_room_client_get_router_rtp_capabilities (f->client, TUTTI_MEDIA_VIDEO));
  g_assert_cmpuint (json_object_get_size (client_fixture_last_data (f, "getRouterRtpCapabilities")),
                    ==, 0);

  g_hash_table_insert (
      f->answers, (gpointer) "createWebRtcTransport",
      (gpointer) "{\"transportId\":\"t\",\"iceParameters\":{},\"iceCandidates\":[],"
                 "\"dtlsParameters\":{},\"sctpParameters\":null}");
  await_ok (tutti_room_client_create_web_rtc_transport (f->client, TUTTI_TRANSPORT_ROLE_CONSUMER,
                                                        TUTTI_MEDIA_AUDIO, TRUE));
  sent = client_fixture_last_data (f, "createWebRtcTransport");
  g_assert_false (json_object_has_member (sent, "media"));
  g_assert_true (json_object_get_boolean_member (sent, "forceTcp"));
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (sent, "appData"), "direction"),
      ==, "consumer");

  client_fixture_join (f);
  sent = client_fixture_last_data (f, "join");
  g_assert_false (json_object_has_member (sent, "tutti"));
  g_assert_false (json_object_has_member (sent, "instrument"));
  spin_for_ms (200);
  g_assert_cmpuint (f->n_clock_questions, ==, 0);

  g_ptr_array_set_size (f->heard, 0);
  tutti_room_client_rtp_clock (f->client, &(TuttiRtpClock) { NULL, (char *) "p", 1, 2, -1, -1 });
  await_ok (tutti_room_client_leave (f->client, NULL));
  spin_for_ms (50);
  g_assert_cmpuint (f->heard->len, ==, 0);
}

static void
test_version (ClientFixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION,
                            "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":"
                            "{\"protocol\":{\"major\":2,\"minor\":0}}}");
  await_error (tutti_room_client_open (f->client), TUTTI_ERROR, TUTTI_ERROR_VERSION);
  spin_for_ms (50);
  g_assert_cmpstr (f->log->str, ==, "");
}

static void
test_bad_welcome (ClientFixture *f, gconstpointer data)
{
  g_autofree char *welcome = g_strdup_printf (
      "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":%s}", (const char *) data);

  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, welcome);
  await_error (tutti_room_client_open (f->client), TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* Only `protocol` is needed; whatever else is odd is taken as not said. */
static void
test_odd_welcome (ClientFixture *f, gconstpointer data)
{
  room_server_set_greeting (f->server, NULL,
                            "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":"
                            "{\"protocol\":{\"major\":1},\"features\":{},\"service\":[],\"room\":"
                            "{\"limits\":{\"players\":-1}}}}");
  await_ok (tutti_room_client_open (f->client));
  g_assert_false (tutti_room_client_is_demo (f->client));
}

typedef struct {
  const char *outside;
  const char *host; /* NULL: not to be believed */
  guint port;
} Outside;

static void
test_outside (ClientFixture *f, gconstpointer data)
{
  const Outside *outside = data;
  g_autofree char *welcome =
      g_strdup_printf ("{\"notification\":true,\"method\":\"roomWelcome\",\"data\":"
                       "{\"protocol\":{\"major\":1},\"room\":{\"outside\":%s}}}",
                       outside->outside);
  guint port;

  room_server_set_greeting (f->server, NULL, welcome);
  await_ok (tutti_room_client_open (f->client));
  g_assert_cmpstr (tutti_room_client_get_outside (f->client, &port), ==, outside->host);
  g_assert_cmpuint (port, ==, outside->port);
}

static void
test_closed_before_welcome (ClientFixture *f, gconstpointer data)
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
test_unref_before_welcome (ClientFixture *f, gconstpointer data)
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

static const Outside outsides[] = {
  { "{\"address\":\"192.0.2.7\",\"port\":47700}", "192.0.2.7", 47700 },
  { "{\"address\":\"room.example.org\",\"port\":1}", "room.example.org", 1 },
  { "{\"address\":\"192.0.2.7\"}", NULL, 0 },
  { "{\"address\":\"192.0.2.7\",\"port\":65536}", NULL, 0 },
  { "{\"address\":\"a b\",\"port\":47700}", NULL, 0 },
  { "{\"address\":\"a/b?x=\",\"port\":47700}", NULL, 0 },
  { "{\"address\":7,\"port\":47700}", NULL, 0 },
  { "[]", NULL, 0 },
};

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  client_fixture_add ("/room-greeting/welcome", test_welcome, NULL);
  client_fixture_add ("/room-greeting/demo", test_demo, NULL);
  client_fixture_add ("/room-greeting/version", test_version, NULL);
  client_fixture_add ("/room-greeting/bad-welcome/empty", test_bad_welcome, "{}");
  client_fixture_add ("/room-greeting/bad-welcome/no-major", test_bad_welcome, "{\"protocol\":{}}");
  client_fixture_add ("/room-greeting/bad-welcome/text-major", test_bad_welcome,
                      "{\"protocol\":{\"major\":\"1\"}}");
  client_fixture_add ("/room-greeting/odd-welcome", test_odd_welcome, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (outsides); i++) {
    g_autofree char *path = g_strdup_printf ("/room-greeting/outside/%u", i);

    client_fixture_add (path, test_outside, &outsides[i]);
  }
  client_fixture_add ("/room-greeting/closed-before-welcome", test_closed_before_welcome, NULL);
  client_fixture_add ("/room-greeting/unref-before-welcome", test_unref_before_welcome, NULL);
  return g_test_run ();
}
