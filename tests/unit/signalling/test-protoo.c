/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "room-server.h"
#include "tutti-error.h"
#include "tutti-protoo.h"

static void
test_good (void)
{
  static const char *texts[] = {
    "{\"request\":true,\"id\":0,\"method\":\"x\",\"data\":{\"a\":[1,2]}}",
    " {\"request\":true,\"id\":9007199254740992,\"method\":\"x\"}\r\n",
    "{\"response\":true,\"id\":7,\"ok\":true}",
    "{\"response\":true,\"id\":7,\"ok\":true,\"data\":null}",
    "{\"response\":true,\"id\":7,\"ok\":false,\"errorCode\":403,\"errorReason\":\"no\"}",
    "{\"response\":true,\"id\":7}",
    "{\"notification\":true,\"method\":\"a-b_c.d:e\",\"request\":false,\"id\":\"not looked at\"}",
    "{\"notification\":true,\"method\":\"x\",\"data\":{\"t\":\"\\u0000 \\\" // /* [[[ \\\\\"}}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TuttiProtooMessage) message =
        tutti_protoo_parse (texts[i], strlen (texts[i]), &error);

    g_assert_no_error (error);
    g_assert_nonnull (message->data);
  }
}

static void
test_fields (void)
{
  const char *text = "{\"response\":true,\"id\":7,\"ok\":false,\"errorCode\":403,"
                     "\"errorReason\":\"a\\nb\\u202ec\"}";
  g_autoptr (TuttiProtooMessage) message = tutti_protoo_parse (text, strlen (text), NULL);
  const char *wild = "{\"response\":true,\"id\":7,\"ok\":\"true\",\"errorCode\":\"x\","
                     "\"errorReason\":5}";
  g_autoptr (TuttiProtooMessage) odd = tutti_protoo_parse (wild, strlen (wild), NULL);

  g_assert_cmpint (message->kind, ==, TUTTI_PROTOO_RESPONSE);
  g_assert_cmpint (message->id, ==, 7);
  g_assert_false (message->ok);
  g_assert_cmpint (message->error_code, ==, 403);
  g_assert_cmpstr (message->error_reason, ==, "abc");

  g_assert_false (odd->ok);
  g_assert_cmpint (odd->error_code, ==, 500);
  g_assert_cmpstr (odd->error_reason, ==, "");
}

static void
test_bad (void)
{
  static const char *texts[] = {
    "",
    " ",
    "null",
    "true",
    "5",
    "\"x\"",
    "[]",
    "{}",
    "{",
    "}",
    "{]",
    "[}",
    "}{",
    "{\"request\":true}",
    "{\"request\":true,\"id\":1}",
    "{\"request\":true,\"method\":\"x\"}",
    "{\"request\":1,\"id\":1,\"method\":\"x\"}",
    "{\"request\":\"true\",\"id\":1,\"method\":\"x\"}",
    "{\"request\":true,\"response\":true,\"id\":1,\"method\":\"x\"}",
    "{\"request\":true,\"notification\":true,\"id\":1,\"method\":\"x\"}",
    "{\"request\":true,\"id\":-1,\"method\":\"x\"}",
    "{\"request\":true,\"id\":9007199254740993,\"method\":\"x\"}",
    "{\"request\":true,\"id\":99999999999999999999999,\"method\":\"x\"}",
    "{\"request\":true,\"id\":1.5,\"method\":\"x\"}",
    "{\"request\":true,\"id\":\"1\",\"method\":\"x\"}",
    "{\"request\":true,\"id\":null,\"method\":\"x\"}",
    "{\"request\":true,\"id\":[1],\"method\":\"x\"}",
    "{\"request\":true,\"id\":1,\"method\":5}",
    "{\"request\":true,\"id\":1,\"method\":\"\"}",
    "{\"request\":true,\"id\":1,\"method\":\"a b\"}",
    "{\"request\":true,\"id\":1,\"method\":\"a\\nb\"}",
    "{\"request\":true,\"id\":1,\"method\":"
    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
    "{\"request\":true,\"id\":1,\"method\":\"x\",\"data\":[]}",
    "{\"request\":true,\"id\":1,\"method\":\"x\",\"data\":5}",
    "{\"response\":true,\"ok\":true}",
    "{\"notification\":true,\"method\":\"x\",\"data\":\"y\"}",
    "{\"notification\":true,\"method\":\"x\",\"data\":{\"y\":[{\"z\":1e999}]}}",
    "{\"notification\":true,\"method\":\"x\",\"data\":{\"y\":-1e999}}",
    "{\"notification\":true,\"method\":\"x\"} {}",
    "{\"notification\":true,\"method\":\"x\"}}",
    "{\"notification\":true,\"method\":\"x\",}",
    "{\"notification\":true,\"method\":\"x}",
    "{\"notification\":true,\"method\":\"x\\",
    "{'notification':true,'method':'x'}",
    "// hello\n{\"notification\":true,\"method\":\"x\"}",
    "{\"notification\":true,/* \" */\"method\":\"x\"}",
    "{\"notification\":true,\"method\":\"x\",\"data\":{\"t\":\"line\nbreak\"}}",
    "\xef\xbb\xbf{\"notification\":true,\"method\":\"x\"}",
    "{\"notification\":true,\"method\":\"\xff\"}",
  };

  for (size_t i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_autofree char *shown = g_strescape (texts[i], NULL);
    g_autoptr (GError) error = NULL;
    g_autoptr (TuttiProtooMessage) message =
        tutti_protoo_parse (texts[i], strlen (texts[i]), &error);

    g_test_message ("%s", shown);
    g_assert_null (message);
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  }
}

static char *
nest (guint depth, char open, char close)
{
  g_autofree char *opening = g_strnfill (depth, open);
  g_autofree char *closing = g_strnfill (depth, close);

  return g_strconcat ("{\"notification\":true,\"method\":\"x\",\"data\":{\"a\":", opening, closing,
                      "}}", NULL);
}

static void
test_limits (void)
{
  g_autofree char *fits = nest (TUTTI_PROTOO_MAX_DEPTH - 2, '[', ']');
  g_autofree char *deep = nest (TUTTI_PROTOO_MAX_DEPTH - 1, '[', ']');
  g_autofree char *abyss = g_strnfill (TUTTI_PROTOO_MAX_SIZE, '[');
  g_autofree char *filling = g_strnfill (TUTTI_PROTOO_MAX_SIZE, 'a');
  g_autofree char *large = g_strdup_printf ("{\"notification\":true,\"method\":\"x\",\"data\":"
                                            "{\"a\":\"%s\"}}",
                                            filling);
  g_autoptr (TuttiProtooMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  const char *nul = "{\"notification\":true,\"method\":\"x\"}\0";

  message = tutti_protoo_parse (fits, strlen (fits), &error);
  g_assert_no_error (error);
  g_assert_null (tutti_protoo_parse (deep, strlen (deep), NULL));
  g_assert_null (tutti_protoo_parse (abyss, strlen (abyss), NULL));
  g_assert_null (tutti_protoo_parse (large, strlen (large), NULL));
  /* A nul within the size. */
  g_assert_null (tutti_protoo_parse (nul, strlen (nul) + 1, NULL));
}

static void
test_round_trip (void)
{
  g_autoptr (JsonObject) data = parse_json ("{\"t\":\"ä\\u0001\\\"\\\\\",\"n\":5}");
  g_autofree char *request = tutti_protoo_build_request (3, "m", data);
  g_autofree char *notification = tutti_protoo_build_notification ("n", NULL);
  g_autofree char *accept = tutti_protoo_build_accept (4, NULL);
  g_autofree char *reject = tutti_protoo_build_reject (5, 404, "no “such” thing");
  g_autoptr (TuttiProtooMessage) a = tutti_protoo_parse (request, strlen (request), NULL);
  g_autoptr (TuttiProtooMessage) b = tutti_protoo_parse (notification, strlen (notification), NULL);
  g_autoptr (TuttiProtooMessage) c = tutti_protoo_parse (accept, strlen (accept), NULL);
  g_autoptr (TuttiProtooMessage) d = tutti_protoo_parse (reject, strlen (reject), NULL);

  g_assert_cmpint (a->kind, ==, TUTTI_PROTOO_REQUEST);
  g_assert_cmpint (a->id, ==, 3);
  g_assert_cmpstr (a->method, ==, "m");
  g_assert_cmpstr (json_object_get_string_member (a->data, "t"), ==, "ä\001\"\\");
  g_assert_cmpint (b->kind, ==, TUTTI_PROTOO_NOTIFICATION);
  g_assert_cmpstr (b->method, ==, "n");
  g_assert_true (c->ok);
  g_assert_cmpint (c->id, ==, 4);
  g_assert_false (d->ok);
  g_assert_cmpint (d->error_code, ==, 404);
  g_assert_cmpstr (d->error_reason, ==, "no “such” thing");
}

/* Random damage: never a crash, never a message that breaks its own promises. */
static void
test_mutations (void)
{
  const char *seed = "{\"request\":true,\"id\":12345,\"method\":\"newConsumer\",\"data\":"
                     "{\"peerId\":\"p\",\"list\":[1,-2.5e3,null,true,{\"\\u00e4\":\"\\n\"}]}}";
  g_autoptr (GRand) rand = g_rand_new_with_seed (20260101);
  gsize length = strlen (seed);
  guint n_read = 0;

  for (guint round = 0; round < 200000; round++) {
    g_autofree char *text = g_strdup (seed);
    g_autoptr (TuttiProtooMessage) message = NULL;
    g_autoptr (GError) error = NULL;
    guint n_changes = g_rand_int_range (rand, 1, 4);

    for (guint i = 0; i < n_changes; i++) {
      guint at = g_rand_int_range (rand, 0, length);

      text[at] = g_rand_boolean (rand) ? "{}[]\",:\\0e-/'"[g_rand_int_range (rand, 0, 13)]
                                       : (char) g_rand_int_range (rand, 0, 256);
    }

    message = tutti_protoo_parse (text, length, &error);
    if (!message) {
      g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
      continue;
    }

    g_assert_nonnull (message->data);
    g_assert_cmpint (message->id, >=, 0);
    g_assert_true (message->kind == TUTTI_PROTOO_RESPONSE || *message->method);
    n_read++;
  }

  g_assert_cmpuint (n_read, >, 1000);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/protoo/good", test_good);
  g_test_add_func ("/protoo/fields", test_fields);
  g_test_add_func ("/protoo/bad", test_bad);
  g_test_add_func ("/protoo/limits", test_limits);
  g_test_add_func ("/protoo/round-trip", test_round_trip);
  g_test_add_func ("/protoo/mutations", test_mutations);
  return g_test_run ();
}
