/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a host asks of the room's invites, and what becomes of answers that are wrong. */

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-room-invites.h"
#include "tutti-thread.h"

#define INVITE                                                                                     \
  "{\"id\":\"mGxkq3cJ0aXe\",\"role\":\"listener\",\"name\":\" The\\nband \",\"createdAt\":100,"    \
  "\"expiresAt\":200,\"revoked\":true,\"token\":\"a.B-_9\"}"
#define WELCOME                                                                                    \
  "{\"notification\":true,\"method\":\"roomWelcome\",\"data\":{\"protocol\":{\"major\":1,"         \
  "\"minor\":1},\"features\":[\"invites\"],\"role\":\"host\",\"seat\":\"s.e-at\"}}"

static void
test_parse (void)
{
  static const char *bad[] = {
    "{}",
    "{\"id\":\"\",\"role\":\"host\",\"createdAt\":1,\"expiresAt\":2,\"token\":\"t\"}",
    "{\"id\":\"i\",\"role\":\"king\",\"createdAt\":1,\"expiresAt\":2,\"token\":\"t\"}",
    "{\"id\":\"i\",\"createdAt\":1,\"expiresAt\":2,\"token\":\"t\"}",
    "{\"id\":\"i\",\"role\":\"host\",\"createdAt\":-1,\"expiresAt\":2,\"token\":\"t\"}",
    "{\"id\":\"i\",\"role\":\"host\",\"createdAt\":1,\"expiresAt\":\"2\",\"token\":\"t\"}",
    "{\"id\":\"i\",\"role\":\"host\",\"createdAt\":1,\"expiresAt\":2,\"token\":\"\"}",
    "{\"id\":\"i\",\"role\":\"host\",\"createdAt\":1,\"expiresAt\":2,\"token\":\"a&b\"}",
    "{\"id\":\"i\",\"role\":\"host\",\"createdAt\":1,\"expiresAt\":2}",
  };
  g_autoptr (JsonObject) object = parse_json (INVITE);
  g_autoptr (TuttiInvite) invite = tutti_invite_from_json (object, NULL);
  g_autoptr (TuttiInvite) copy = g_boxed_copy (TUTTI_TYPE_INVITE, invite);
  g_autofree char *long_token = g_strnfill (2049, 'x');
  g_autoptr (JsonObject) huge = parse_json (INVITE);

  g_assert_cmpstr (copy->id, ==, "mGxkq3cJ0aXe");
  g_assert_cmpint (copy->role, ==, TUTTI_ROLE_LISTENER);
  g_assert_cmpstr (copy->name, ==, "Theband");
  g_assert_cmpstr (copy->token, ==, "a.B-_9");
  g_assert_cmpint (copy->created_at, ==, 100);
  g_assert_cmpint (copy->expires_at, ==, 200);
  g_assert_true (copy->revoked);

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonObject) wrong = parse_json (bad[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_invite_from_json (wrong, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
  json_object_set_string_member (huge, "token", long_token);
  g_assert_null (tutti_invite_from_json (huge, NULL));
}

static void
answer (ClientFixture *f, const char *method, const char *data)
{
  g_hash_table_insert (f->answers, (gpointer) method, (gpointer) data);
}

static void
test_requests (ClientFixture *f, gconstpointer data)
{
  g_autoptr (DexFuture) created = NULL;
  g_autoptr (DexFuture) listed = NULL;
  const TuttiInvite *invite;
  GPtrArray *invites;
  JsonObject *sent;

  room_server_set_greeting (f->server, CLIENT_FIXTURE_VERSION, WELCOME);
  await_ok (tutti_room_client_open (f->client));
  g_assert_cmpint (tutti_room_client_get_role (f->client), ==, TUTTI_ROLE_HOST);
  g_assert_cmpstr (tutti_room_client_get_seat (f->client), ==, "s.e-at");

  answer (f, "createInvite", "{\"invite\":" INVITE "}");
  created = tutti_room_client_create_invite (f->client, TUTTI_ROLE_LISTENER, 3600, " Band\n");
  invite = g_value_get_boxed (await (created, NULL));
  g_assert_cmpstr (invite->token, ==, "a.B-_9");
  sent = client_fixture_last_data (f, "createInvite");
  g_assert_cmpstr (json_object_get_string_member (sent, "role"), ==, "listener");
  g_assert_cmpstr (json_object_get_string_member (sent, "name"), ==, "Band");
  g_assert_cmpint (json_object_get_int_member (sent, "seconds"), ==, 3600);

  answer (f, "listInvites", "{\"invites\":[" INVITE "," INVITE "]}");
  listed = tutti_room_client_list_invites (f->client);
  invites = g_value_get_boxed (await (listed, NULL));
  g_assert_cmpuint (invites->len, ==, 2);

  answer (f, "renewInvite", "{\"invite\":" INVITE "}");
  await_ok (tutti_room_client_renew_invite (f->client, "mGxkq3cJ0aXe", 60));
  answer (f, "revokeInvite", "{}");
  await_ok (tutti_room_client_revoke_invite (f->client, "mGxkq3cJ0aXe", TRUE));
  sent = client_fixture_last_data (f, "revokeInvite");
  g_assert_true (json_object_get_boolean_member (sent, "remove"));

  answer (f, "createInvite", "{\"invite\":{}}");
  await_error (tutti_room_client_create_invite (f->client, TUTTI_ROLE_HOST, 60, NULL), TUTTI_ERROR,
               TUTTI_ERROR_PROTOCOL);
  answer (f, "listInvites", "{\"invites\":[" INVITE ",7]}");
  await_error (tutti_room_client_list_invites (f->client), TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  answer (f, "listInvites", "{}");
  await_error (tutti_room_client_list_invites (f->client), TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* A room of an older version, or a plain demo server. */
static void
test_without (ClientFixture *f, gconstpointer data)
{
  client_fixture_open (f);
  g_assert_cmpint (tutti_room_client_get_role (f->client), ==, TUTTI_ROLE_MUSICIAN);
  g_assert_null (tutti_room_client_get_seat (f->client));
  await_error (tutti_room_client_list_invites (f->client), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  g_test_add_func ("/room-invites/parse", test_parse);
  client_fixture_add ("/room-invites/requests", test_requests, NULL);
  client_fixture_add ("/room-invites/without", test_without, NULL);

  return g_test_run ();
}
