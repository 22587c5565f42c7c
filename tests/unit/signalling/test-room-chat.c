/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What people write to each other, and what becomes of it when it is wrong. */

#include <string.h>

#include "client-fixture.h"
#include "tutti-error.h"
#include "tutti-room-chat.h"
#include "tutti-thread.h"

#define LINE(id, text)                                                                             \
  "{\"id\":" #id ",\"peerId\":\"anna-0001\",\"displayName\":\"An\\nna\",\"text\":\"" text          \
  "\",\"at\":1796000000000}"

static void
test_parse (void)
{
  static const char *bad[] = {
    "{}",
    LINE (0, "Hi"),
    LINE (1, ""),
    LINE (1, " \\n\\u0007\\u202e"),
    "{\"id\":\"1\",\"peerId\":\"a\",\"displayName\":\"A\",\"text\":\"Hi\",\"at\":1}",
    "{\"id\":1,\"peerId\":\"a b\",\"displayName\":\"A\",\"text\":\"Hi\",\"at\":1}",
    "{\"id\":1,\"peerId\":\"a\",\"displayName\":\"\\n\",\"text\":\"Hi\",\"at\":1}",
    "{\"id\":1,\"peerId\":\"a\",\"displayName\":\"A\",\"text\":[],\"at\":1}",
    "{\"id\":1,\"peerId\":\"a\",\"displayName\":\"A\",\"text\":\"Hi\",\"at\":-1}",
    "{\"id\":1,\"peerId\":\"a\",\"displayName\":\"A\",\"text\":\"Hi\",\"at\":1.5}",
  };
  g_autoptr (JsonObject) object = parse_json (LINE (7, " Bar 12:\\n\\u202eF\\u0000"));
  g_autoptr (TuttiChatLine) line = tutti_chat_line_from_json (object, NULL);
  g_autoptr (TuttiChatLine) copy = g_boxed_copy (TUTTI_TYPE_CHAT_LINE, line);
  g_autofree char *endless = g_strnfill (5000, 'x');
  g_autoptr (TuttiChatLine) cut = NULL;

  g_assert_cmpint (copy->id, ==, 7);
  g_assert_cmpint (copy->at_ms, ==, G_GINT64_CONSTANT (1796000000000));
  g_assert_cmpstr (copy->peer_id, ==, "anna-0001");
  g_assert_cmpstr (copy->display_name, ==, "Anna");
  g_assert_cmpstr (copy->text, ==, "Bar 12:\nF");

  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (JsonObject) wrong = parse_json (bad[i]);
    g_autoptr (GError) error = NULL;

    g_assert_null (tutti_chat_line_from_json (wrong, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }

  json_object_set_string_member (object, "text", endless);
  cut = tutti_chat_line_from_json (object, NULL);
  g_assert_cmpuint (strlen (cut->text), ==, TUTTI_CHAT_MAX_TEXT);
}

static void
on_chat (GString *log, const TuttiChatLine *line)
{
  g_string_append_printf (log, "%" G_GINT64_FORMAT " %s; ", line->id, line->text);
}

/* What was written before we came, and what comes then: each line by itself, a wrong one is not
 * the end of the others. */
static void
test_history (ClientFixture *f, gconstpointer data)
{
  g_autoptr (JsonObject) capabilities = parse_json ("{\"codecs\":[]}");
  g_autoptr (GString) log = g_string_new (NULL);

  client_fixture_open (f);
  g_signal_connect_swapped (f->client, "chat", G_CALLBACK (on_chat), log);
  g_hash_table_insert (f->answers, (gpointer) "join",
                       (gpointer) "{\"peers\":[],\"chat\":[" LINE (1, "One") ",5," LINE (
                           0, "No") "," LINE (2, "Two") "]}");
  await_ok (tutti_room_client_join (f->client, "Me", "Bass", capabilities));
  room_server_send (f->server,
                    "{\"notification\":true,\"method\":\"chat\",\"data\":" LINE (3, "Three") "}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"chat\",\"data\":{}}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"consumerClosed\",\"data\":{"
                               "\"consumerId\":\"last\"}}");
  client_fixture_expect (f, "last");
  g_assert_cmpstr (log->str, ==, "1 One; 2 Two; 3 Three; ");
}

static void
test_send (ClientFixture *f, gconstpointer data)
{
  JsonObject *sent;

  client_fixture_open (f);
  g_hash_table_insert (f->answers, (gpointer) "sendChat", (gpointer) "{\"id\":1}");
  await_ok (tutti_room_client_send_chat (f->client, " From the\ntop\007? "));
  sent = client_fixture_last_data (f, "sendChat");
  g_assert_cmpstr (json_object_get_string_member (sent, "text"), ==, "From the\ntop?");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  g_test_add_func ("/room-chat/parse", test_parse);
  client_fixture_add ("/room-chat/history", test_history, NULL);
  client_fixture_add ("/room-chat/send", test_send, NULL);

  return g_test_run ();
}
