/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-error.h"
#include "tutti-turn.h"

static JsonObject *
parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_nonnull (node);
  return json_object_ref (json_node_get_object (node));
}

/* One server with @url, or NULL and an error. */
static GPtrArray *
read_url (const char *url, GError **error)
{
  g_autofree char *text = g_strdup_printf ("{\"iceServers\":[{\"urls\":[\"%s\"],"
                                           "\"username\":\"1796169600:p-1\","
                                           "\"credential\":\"a/b+c=\"}]}",
                                           url);
  g_autoptr (JsonObject) object = parse (text);

  return tutti_turn_read_servers (object, error);
}

static void
test_good (void)
{
  static const struct {
    const char *url, *address, *uri;
  } cases[] = {
    { "turn:192.0.2.1", "192.0.2.1", "192.0.2.1:3478?transport=udp" },
    { "turn:turn.example.org:443?transport=tcp", "192.0.2.7", "192.0.2.7:443?transport=tcp" },
    { "turn:[2001:db8::1]:5?transport=udp", "2001:db8::1", "[2001:db8::1]:5?transport=udp" },
    { "turn:[2001:db8::1]", "2001:db8::1", "[2001:db8::1]:3478?transport=udp" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) servers = read_url (cases[i].url, &error);
    g_autofree char *uri = NULL, *wanted = NULL;

    g_assert_no_error (error);
    g_assert_cmpuint (servers->len, ==, 1);
    uri = tutti_turn_server_to_uri (g_ptr_array_index (servers, 0), cases[i].address);
    wanted = g_strconcat ("turn://1796169600%3Ap-1:a%2Fb%2Bc%3D@", cases[i].uri, NULL);
    g_assert_cmpstr (uri, ==, wanted);
  }
}

/* Not ours, but no fault either. */
static void
test_left_out (void)
{
  static const char *const urls[] = { "stun:a.example", "turns:a.example:5349?transport=tcp" };
  g_autoptr (JsonObject) none = parse ("{}");
  g_autoptr (GPtrArray) nothing = tutti_turn_read_servers (none, NULL);

  g_assert_cmpuint (nothing->len, ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GPtrArray) servers = read_url (urls[i], NULL);

    g_assert_cmpuint (servers->len, ==, 0);
  }
}

static void
test_nasty_urls (void)
{
  static const char *const urls[] = {
    "",
    "http://a.example",
    "turn:",
    "turn:?transport=udp",
    "turn:a.example:0",
    "turn:a.example:65536",
    "turn:a.example:",
    "turn:a.example:80:80",
    "turn:a.example?transport=sctp",
    "turn:a.example?transport=udp?x",
    "turn:a.example/path",
    "turn:user@a.example",
    "turn:[1.2.3.4]:80",
    "turn:[a.example]:80",
    "turn:[2001:db8::1",
    "turn:[2001:db8::1]80",
    "turn:2001:db8::1",
    "turn:a b",
    "turn:a.example\\r\\n",
    "TURN:a.example",
  };

  for (guint i = 0; i < G_N_ELEMENTS (urls); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", urls[i]);
    g_assert_null (read_url (urls[i], &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static void
test_nasty_lists (void)
{
  static const char *const lists[] = {
    "7",
    "{}",
    "[7]",
    "[{}]",
    "[{\"urls\":[]}]",
    "[{\"urls\":\"turn:a.example\"}]",
    "[{\"urls\":[7]}]",
    "[{\"urls\":[\"turn:a.example\"],\"username\":\"a\"}]",
    "[{\"urls\":[\"turn:a.example\"],\"credential\":\"a\"}]",
    "[{\"urls\":[\"turn:a.example\"],\"username\":\"a\\n\",\"credential\":\"a\"}]",
    "[{\"urls\":[\"turn:a.example\"],\"username\":7,\"credential\":\"a\"}]",
    "[{},{},{},{},{},{},{},{},{}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (lists); i++) {
    g_autofree char *text = g_strdup_printf ("{\"iceServers\":%s}", lists[i]);
    g_autoptr (JsonObject) object = parse (text);
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", lists[i]);
    g_assert_null (tutti_turn_read_servers (object, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/turn/good", test_good);
  g_test_add_func ("/turn/left-out", test_left_out);
  g_test_add_func ("/turn/nasty-urls", test_nasty_urls);
  g_test_add_func ("/turn/nasty-lists", test_nasty_lists);

  return g_test_run ();
}
