/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What hosts set in a room, what they ask for, and what becomes of messages that are wrong. */

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-room-controls.h"
#include "tutti-thread.h"

#define CONTROLS                                                                                   \
  "{\"locked\":true,\"spotlight\":\"anna-0001\",\"isolated\":[{\"peerId\":\"bert-0001\","          \
  "\"with\":[\"anna-0001\",\"carl-0001\"]}],\"byPeerId\":\"anna-0001\"}"
#define WELCOME                                                                                    \
  "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":{\"protocol\":{\"major\":1,"         \
  "\"minor\":1},\"features\":[\"controls\"],\"role\":\"musician\",\"seat\":\"old\"}}"

static void
test_parse_controls (void)
{
  static const char *bad[] = {
    "{}",
    "{\"locked\":true,\"spotlight\":null}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":{}}",
    "{\"locked\":true,\"spotlight\":7,\"isolated\":[]}",
    "{\"locked\":true,\"spotlight\":\"a b\",\"isolated\":[]}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":[null]}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":[{\"peerId\":\"a\"}]}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":[{\"peerId\":\"\",\"with\":[]}]}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":[{\"peerId\":\"a\",\"with\":[5]}]}",
    "{\"locked\":true,\"spotlight\":null,\"isolated\":[],\"byPeerId\":[]}",
  };
  g_autoptr (JsonObject) object = parse_json (CONTROLS);
  g_autoptr (JsonObject) least = parse_json ("{\"spotlight\":null,\"isolated\":[]}");
  g_autoptr (TuttiRoomControls) controls = tutti_room_controls_from_json (object, NULL);
  g_autoptr (TuttiRoomControls) copy = g_boxed_copy (TUTTI_TYPE_ROOM_CONTROLS, controls);
  g_autoptr (TuttiRoomControls) nothing = tutti_room_controls_from_json (least, NULL);
  g_autoptr (GString) many = g_string_new ("{\"isolated\":[");
  g_autoptr (JsonObject) crowd = NULL;
  const TuttiIsolation *isolation = tutti_room_controls_find (copy, "bert-0001");

  g_assert_true (copy->locked);
  g_assert_cmpstr (copy->spotlight, ==, "anna-0001");
  g_assert_cmpstr (copy->by_peer_id, ==, "anna-0001");
  g_assert_nonnull (isolation);
  g_assert_cmpuint (g_strv_length (isolation->with), ==, 2);
  g_assert_cmpstr (isolation->with[1], ==, "carl-0001");
  g_assert_null (tutti_room_controls_find (copy, "anna-0001"));
  g_assert_false (nothing->locked);
  g_assert_null (nothing->spotlight);
  g_assert_cmpuint (nothing->isolated->len, ==, 0);

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonObject) wrong = parse_json (bad[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_room_controls_from_json (wrong, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
  for (guint i = 0; i < 257; i++)
    g_string_append_printf (many, "%s{\"peerId\":\"p%u\",\"with\":[]}", i > 0 ? "," : "", i);
  g_string_append (many, "]}");
  crowd = parse_json (many->str);
  g_assert_null (tutti_room_controls_from_json (crowd, NULL));
}

static void
test_parse_role (void)
{
  static const char *bad[] = {
    "{}",
    "{\"peerId\":\"a\"}",
    "{\"peerId\":\"a\",\"role\":\"king\"}",
    "{\"peerId\":\"\",\"role\":\"host\"}",
    "{\"peerId\":\"a\",\"role\":\"host\",\"byPeerId\":7}",
  };
  g_autoptr (JsonObject) object =
      parse_json ("{\"peerId\":\"anna-0001\",\"role\":\"listener\",\"byPeerId\":\"bert-0001\"}");
  g_autoptr (TuttiRoleChange) change = tutti_role_change_from_json (object, NULL);
  g_autoptr (TuttiRoleChange) copy = g_boxed_copy (TUTTI_TYPE_ROLE_CHANGE, change);

  g_assert_cmpstr (copy->peer_id, ==, "anna-0001");
  g_assert_cmpstr (copy->by_peer_id, ==, "bert-0001");
  g_assert_cmpint (copy->role, ==, TUTTI_ROLE_LISTENER);
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonObject) wrong = parse_json (bad[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_role_change_from_json (wrong, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static void
open_with_controls (ClientFixture *f)
{
  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, WELCOME);
  await_ok (tutti_room_client_open (f->client));
}

static JsonObject *
asked (ClientFixture *f, const char *method, DexFuture *future)
{
  await_ok (future);

  return client_fixture_last_data (f, method);
}

static void
test_requests (ClientFixture *f, gconstpointer data)
{
  static const char *const methods[] = { "lockRoom",    "removePeer",   "mutePeer", "askUnmute",
                                         "isolatePeer", "setSpotlight", "setRole" };
  static const char *const with[] = { "carl-0001", NULL };
  JsonObject *sent;

  open_with_controls (f);
  for (size_t i = 0; i < G_N_ELEMENTS (methods); i++)
    g_hash_table_insert (f->answers, (gpointer) methods[i], (gpointer) "{}");

  sent = asked (f, "lockRoom", tutti_room_client_lock_room (f->client, TRUE));
  g_assert_true (json_object_get_boolean_member (sent, "locked"));
  sent = asked (f, "removePeer", tutti_room_client_remove_peer (f->client, "anna-0001"));
  g_assert_cmpstr (json_object_get_string_member (sent, "peerId"), ==, "anna-0001");
  asked (f, "mutePeer", tutti_room_client_mute_peer (f->client, "anna-0001"));
  asked (f, "askUnmute", tutti_room_client_ask_unmute (f->client, "anna-0001"));
  sent =
      asked (f, "isolatePeer", tutti_room_client_isolate_peer (f->client, "anna-0001", TRUE, NULL));
  g_assert_true (json_object_get_boolean_member (sent, "isolated"));
  g_assert_false (json_object_has_member (sent, "with"));
  sent =
      asked (f, "isolatePeer", tutti_room_client_isolate_peer (f->client, "anna-0001", TRUE, with));
  g_assert_cmpstr (json_array_get_string_element (json_object_get_array_member (sent, "with"), 0),
                   ==, "carl-0001");
  sent = asked (f, "isolatePeer",
                tutti_room_client_isolate_peer (f->client, "anna-0001", FALSE, with));
  g_assert_false (json_object_has_member (sent, "with"));
  sent = asked (f, "setSpotlight", tutti_room_client_set_spotlight (f->client, NULL));
  g_assert_true (json_object_get_null_member (sent, "peerId"));
  sent = asked (f, "setRole",
                tutti_room_client_set_role (f->client, "anna-0001", TUTTI_ROLE_LISTENER));
  g_assert_cmpstr (json_object_get_string_member (sent, "role"), ==, "listener");
}

static void
notify (ClientFixture *f, const char *method, const char *data)
{
  g_autofree char *text =
      g_strdup_printf ("{\"notification\":true,\"method\":\"%s\",\"data\":%s}", method, data);

  room_server_send (f->server, text);
}

static void
on_controls (ClientFixture *f, const TuttiRoomControls *controls)
{
  g_string_append_printf (f->log, "controls %d %s %u; ", controls->locked, controls->spotlight,
                          controls->isolated->len);
}

static void
on_role (ClientFixture *f, const TuttiRoleChange *change)
{
  g_string_append_printf (f->log, "role %s %s %s; ", change->peer_id,
                          tutti_role_to_string (change->role),
                          change->by_peer_id ? change->by_peer_id : "-");
}

static void
on_muted (ClientFixture *f, const char *by)
{
  g_string_append_printf (f->log, "muted %s; ", by);
}

static void
on_asked (ClientFixture *f, const char *by)
{
  g_string_append_printf (f->log, "asked %s; ", by);
}

static void
follow (ClientFixture *f)
{
  g_signal_connect_swapped (f->client, "controls", G_CALLBACK (on_controls), f);
  g_signal_connect_swapped (f->client, "role-changed", G_CALLBACK (on_role), f);
  g_signal_connect_swapped (f->client, "muted", G_CALLBACK (on_muted), f);
  g_signal_connect_swapped (f->client, "unmute-asked", G_CALLBACK (on_asked), f);
}

static void
test_events (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  follow (f);
  notify (f, "controls", CONTROLS);
  notify (f, "controls", "{\"locked\":true}");
  notify (f, "roleChanged", "{\"peerId\":\"anna-0001\",\"role\":\"host\"}");
  notify (f, "roleChanged", "{\"peerId\":\"anna-0001\"}");
  notify (f, "muted", "{\"byPeerId\":\"anna-0001\"}");
  notify (f, "muted", "{}");
  notify (f, "unmuteAsked", "{\"byPeerId\":\"anna-0001\"}");
  notify (f, "unmuteAsked", "{\"byPeerId\":5}");
  notify (f, "peerClosed", "{\"peerId\":\"anna-0001\",\"reason\":\"removed\"}");
  client_fixture_expect (f, "removed");
  g_assert_cmpstr (f->log->str, ==,
                   "controls 1 anna-0001 1; role anna-0001 host -; muted anna-0001; "
                   "asked anna-0001; left anna-0001 removed; ");
}

/* Our own role, and the seat that goes with it; one that is no good leaves the old one. */
static void
test_own_role (ClientFixture *f, gconstpointer data)
{
  g_autofree char *other =
      g_strdup_printf ("{\"peerId\":\"%s\",\"role\":\"host\",\"seat\":\"new\"}", "anna-0001");
  g_autofree char *own =
      g_strdup_printf ("{\"peerId\":\"%s\",\"role\":\"host\",\"byPeerId\":\"anna-0001\","
                       "\"seat\":\"new\"}",
                       tutti_room_client_get_peer_id (f->client));
  g_autofree char *without = g_strdup_printf ("{\"peerId\":\"%s\",\"role\":\"musician\"}",
                                              tutti_room_client_get_peer_id (f->client));

  open_with_controls (f);
  follow (f);
  notify (f, "roleChanged", other);
  client_fixture_expect (f, "role anna-0001");
  g_assert_cmpint (tutti_room_client_get_role (f->client), ==, TUTTI_ROLE_MUSICIAN);
  g_assert_cmpstr (tutti_room_client_get_seat (f->client), ==, "old");
  notify (f, "roleChanged", own);
  client_fixture_expect (f, "role peer-0001 host anna-0001");
  g_assert_cmpint (tutti_room_client_get_role (f->client), ==, TUTTI_ROLE_HOST);
  g_assert_cmpstr (tutti_room_client_get_seat (f->client), ==, "new");
  notify (f, "roleChanged", without);
  client_fixture_expect (f, "role peer-0001 musician -");
  g_assert_cmpint (tutti_room_client_get_role (f->client), ==, TUTTI_ROLE_MUSICIAN);
  g_assert_cmpstr (tutti_room_client_get_seat (f->client), ==, "new");
}

/* A room of an older version, or a plain demo server. */
static void
test_without (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  await_error (tutti_room_client_lock_room (f->client, TRUE), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  await_error (tutti_room_client_isolate_peer (f->client, "anna-0001", TRUE, NULL), TUTTI_ERROR,
               TUTTI_ERROR_REFUSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  g_test_add_func ("/room-controls/parse-controls", test_parse_controls);
  g_test_add_func ("/room-controls/parse-role", test_parse_role);
  client_fixture_add ("/room-controls/requests", test_requests, NULL);
  client_fixture_add ("/room-controls/events", test_events, NULL);
  client_fixture_add ("/room-controls/own-role", test_own_role, NULL);
  client_fixture_add ("/room-controls/without", test_without, NULL);

  return g_test_run ();
}
