/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What is said on an open connection, both ways. */

#include "channel-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

static void
test_request (ChannelFixture *f, gconstpointer data)
{
  DexFuture *future;
  const GValue *value;
  JsonObject *message;

  channel_fixture_open (f);
  future = tutti_channel_request (f->channel, "askMe", parse_json ("{\"q\":\"\xc3\xa4\"}"));
  spin_until (channel_fixture_has_heard, f);
  message = f->heard->pdata[0];
  g_assert_true (json_object_get_boolean_member (message, "request"));
  g_assert_cmpstr (json_object_get_string_member (message, "method"), ==, "askMe");
  g_assert_cmpstr (
      json_object_get_string_member (json_object_get_object_member (message, "data"), "q"), ==,
      "\xc3\xa4");

  room_server_answer (f->server, message, "{\"a\":5}");
  room_server_answer (f->server, message, "{\"a\":6}");
  value = await (future, NULL);
  g_assert_true (G_VALUE_HOLDS (value, JSON_TYPE_OBJECT));
  g_assert_cmpint (json_object_get_int_member (g_value_get_boxed (value), "a"), ==, 5);
  dex_unref (future);

  spin_for_ms (50);
  g_assert_true (tutti_channel_is_open (f->channel));
}

static void
test_refusals (ChannelFixture *f, gconstpointer data)
{
  static const struct {
    int code;
    const char *reason;
    int error;
  } rows[] = {
    { 403, "not you", TUTTI_ERROR_REFUSED },
    { 404, "", TUTTI_ERROR_REFUSED },
    { 503, "The room is full: 16 musicians are in it.", TUTTI_ERROR_ROOM_FULL },
    { 503, "The room service is about to end.", TUTTI_ERROR_DISCONNECTED },
    { 429, "slow down", TUTTI_ERROR_FAILED },
    { 500, "oh", TUTTI_ERROR_FAILED },
    { 400, "/x is wrong", TUTTI_ERROR_PROTOCOL },
  };

  channel_fixture_open (f);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    DexFuture *future = tutti_channel_request (f->channel, "x", NULL);

    spin_until (channel_fixture_has_heard, f);
    room_server_refuse (f->server, f->heard->pdata[0], rows[i].code, rows[i].reason);
    g_ptr_array_set_size (f->heard, 0);
    await_error (future, TUTTI_ERROR, rows[i].error);
  }
}

static void
test_server_requests (ChannelFixture *f, gconstpointer data)
{
  JsonObject *message;

  channel_fixture_open (f);

  room_server_send (f->server, "{\"request\":true,\"id\":5,\"method\":\"who\",\"data\":{}}");
  spin_until (channel_fixture_has_heard, f);
  message = f->heard->pdata[0];
  g_assert_cmpint (json_object_get_int_member (message, "id"), ==, 5);
  g_assert_false (json_object_get_boolean_member (message, "ok"));
  g_assert_cmpint (json_object_get_int_member (message, "errorCode"), ==, 404);
  g_ptr_array_set_size (f->heard, 0);

  /* Answered later, and once, however often anybody answers. */
  f->handle_requests = TRUE;
  room_server_send (f->server, "{\"request\":true,\"id\":6,\"method\":\"who\"}");
  room_server_send (f->server, "{\"request\":true,\"id\":6,\"method\":\"who\"}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"mark\"}");
  spin_until (channel_fixture_has_notification, f);
  g_assert_cmpint (f->last_request, ==, 6);
  g_assert_cmpuint (f->heard->len, ==, 0);
  tutti_channel_accept (f->channel, 6, parse_json ("{\"me\":1}"));
  tutti_channel_accept (f->channel, 6, NULL);
  tutti_channel_reject (f->channel, 6, 500, "x");
  tutti_channel_reject (f->channel, 7, 500, "never asked");
  spin_until (channel_fixture_has_heard, f);
  spin_for_ms (100);
  g_assert_cmpuint (f->heard->len, ==, 1);
  g_assert_true (json_object_get_boolean_member (f->heard->pdata[0], "ok"));
}

static void
test_too_many_requests (ChannelFixture *f, gconstpointer data)
{
  JsonObject *message;

  channel_fixture_open (f);
  f->handle_requests = TRUE;
  for (guint id = 0; id < 513; id++) {
    g_autofree char *text = g_strdup_printf ("{\"request\":true,\"id\":%u,\"method\":\"x\"}", id);

    room_server_send (f->server, text);
  }
  spin_until (channel_fixture_has_heard, f);
  message = f->heard->pdata[0];
  g_assert_cmpint (json_object_get_int_member (message, "id"), ==, 512);
  g_assert_cmpint (json_object_get_int_member (message, "errorCode"), ==, 429);
  g_assert_true (tutti_channel_is_open (f->channel));
}

static void
test_notify (ChannelFixture *f, gconstpointer data)
{
  tutti_channel_notify (f->channel, "early", NULL);
  channel_fixture_open (f);
  tutti_channel_notify (f->channel, "hello", parse_json ("{\"x\":1}"));
  room_server_send (f->server, "{\"notification\":true,\"method\":\"tick\",\"data\":{}}");
  spin_until (channel_fixture_has_heard, f);
  spin_until (channel_fixture_has_notification, f);
  g_assert_cmpstr (f->notifications->pdata[0], ==, "tick");
  g_assert_cmpuint (f->heard->len, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (f->heard->pdata[0], "method"), ==, "hello");

  tutti_channel_close (f->channel);
  tutti_channel_notify (f->channel, "late", NULL);
  await_error (tutti_channel_request (f->channel, "late", NULL), TUTTI_ERROR,
               TUTTI_ERROR_DISCONNECTED);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  channel_fixture_add ("/channel/requests/request", test_request, NULL);
  channel_fixture_add ("/channel/requests/refusals", test_refusals, NULL);
  channel_fixture_add ("/channel/requests/server-requests", test_server_requests, NULL);
  channel_fixture_add ("/channel/requests/too-many-requests", test_too_many_requests, NULL);
  channel_fixture_add ("/channel/requests/notify", test_notify, NULL);
  return g_test_run ();
}
