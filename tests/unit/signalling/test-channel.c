/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-server.h"
#include "tutti-channel.h"
#include "tutti-error.h"
#include "tutti-protoo.h"
#include "tutti-thread.h"

#define WRONG_PIN "00000000000000000000000000000000000000000000000000000000000000ff"

typedef struct {
  RoomServer *server;
  TuttiChannel *channel;
  GError *closed; /* what `closed` said */
  guint n_closed;
  GPtrArray *heard;         /* by the server: JsonObject */
  GPtrArray *notifications; /* by the client: method */
  gboolean handle_requests;
  gint64 last_request;
} Fixture;

static void
on_server_message (RoomServer *server, const char *text, JsonObject *message, gpointer user_data)
{
  Fixture *f = user_data;

  g_ptr_array_add (f->heard, json_object_ref (message));
}

static void
on_closed (Fixture *f, const GError *error)
{
  g_assert_nonnull (error);
  g_assert_cmpuint (f->n_closed++, ==, 0);
  f->closed = g_error_copy (error);
}

static void
on_notification (Fixture *f, const char *method, JsonObject *data)
{
  g_assert_cmpuint (f->n_closed, ==, 0);
  g_assert_nonnull (data);
  g_ptr_array_add (f->notifications, g_strdup (method));
}

static gboolean
on_request (Fixture *f, gint64 id, const char *method, JsonObject *data)
{
  f->last_request = id;
  return f->handle_requests;
}

static void
set_up (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = NULL;

  f->server = room_server_new ();
  f->heard = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  f->notifications = g_ptr_array_new_with_free_func (g_free);
  room_server_set_func (f->server, on_server_message, f);
  link = room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  f->channel = tutti_channel_new (link, "peer-0001");
  g_signal_connect_swapped (f->channel, "closed", G_CALLBACK (on_closed), f);
  g_signal_connect_swapped (f->channel, "notification", G_CALLBACK (on_notification), f);
  g_signal_connect_swapped (f->channel, "request", G_CALLBACK (on_request), f);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tutti_channel_close (f->channel);
  g_assert_finalize_object (f->channel);
  room_server_free (f->server);
  g_clear_error (&f->closed);
  g_ptr_array_unref (f->heard);
  g_ptr_array_unref (f->notifications);
}

static gboolean
is_closed (gpointer user_data)
{
  return ((Fixture *) user_data)->n_closed > 0;
}

static gboolean
has_heard (gpointer user_data)
{
  return ((Fixture *) user_data)->heard->len > 0;
}

static gboolean
has_notification (gpointer user_data)
{
  return ((Fixture *) user_data)->notifications->len > 0;
}

static gboolean
server_is_connected (gpointer user_data)
{
  return room_server_is_connected (((Fixture *) user_data)->server);
}

static gboolean
server_is_alone (gpointer user_data)
{
  return !server_is_connected (user_data);
}

static void
open_channel (Fixture *f)
{
  await_ok (tutti_channel_open (f->channel));
  spin_until (server_is_connected, f);
  g_assert_true (tutti_channel_is_open (f->channel));
}

static void
expect_closed (Fixture *f, GQuark domain, int code)
{
  spin_until (is_closed, f);
  g_test_message ("%s", f->closed->message);
  g_assert_true (g_error_matches (f->closed, domain, code));
  g_assert_true (g_str_has_suffix (f->closed->message, "."));
  g_assert_false (tutti_channel_is_open (f->channel));
}

/* -- opening -- */

static void
test_handshake (Fixture *f, gconstpointer data)
{
  g_autofree char *origin =
      g_strdup_printf ("https://127.0.0.1:%u", room_server_get_port (f->server));

  open_channel (f);
  g_assert_cmpstr (room_server_get_query (f->server), ==, "roomId=my-room&peerId=peer-0001");
  g_assert_cmpstr (room_server_get_header (f->server, "origin"), ==, origin);
  g_assert_cmpstr (room_server_get_header (f->server, "sec-websocket-protocol"), ==, "protoo");
  g_assert_null (room_server_get_header (f->server, "sec-websocket-extensions"));
  g_assert_null (room_server_get_header (f->server, "accept-encoding"));
}

/* Nothing of ours reaches a server that is not the one the link names. */
static void
test_wrong_pin (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = room_server_get_link (f->server, WRONG_PIN);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE);
  spin_for_ms (100);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 0);
}

static void
test_no_pin (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = room_server_get_link (f->server, NULL);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE);
  spin_for_ms (100);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 0);
}

static void
test_refused (Fixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 403);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  g_assert_cmpuint (f->n_closed, ==, 0);
}

static void
test_busy (Fixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 503);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
}

static void
test_redirect (Fixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 302);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 1);
}

static void
test_nobody_there (void)
{
  /* Port 1 (tcpmux) is nobody's on any machine that runs this. */
  g_autoptr (TuttiLink) link = tutti_link_new ("127.0.0.1", 1, "r", NULL, WRONG_PIN);
  g_autoptr (TuttiLink) nowhere = tutti_link_new ("no-such-host.invalid", 1, "r", NULL, NULL);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");
  g_autoptr (TuttiChannel) lost = tutti_channel_new (nowhere, "peer-0001");

  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  await_error (tutti_channel_open (lost), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
}

static gboolean
on_plain_connection (GSocketService *service, GSocketConnection *connection)
{
  const char *text = "HTTP/1.1 400 This is plain HTTP\r\nContent-Length: 0\r\n\r\n";

  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)), text,
                             strlen (text), NULL, NULL, NULL);
  return FALSE;
}

static void
test_no_tls (void)
{
  g_autoptr (GSocketService) service = g_socket_service_new ();
  guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autoptr (TuttiLink) link = tutti_link_new ("127.0.0.1", port, "r", NULL, WRONG_PIN);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  g_signal_connect (service, "incoming", G_CALLBACK (on_plain_connection), NULL);
  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  g_socket_service_stop (service);
}

static void
test_close_while_opening (Fixture *f, gconstpointer data)
{
  DexFuture *opening = tutti_channel_open (f->channel);

  spin_for_ms (GPOINTER_TO_UINT (data));
  if (dex_future_is_pending (opening)) {
    tutti_channel_close (f->channel);
    await_error (opening, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  } else {
    dex_unref (opening);
  }
  spin_for_ms (50);
}

static void
test_close_before_open (Fixture *f, gconstpointer data)
{
  tutti_channel_close (f->channel);
  await_error (tutti_channel_open (f->channel), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (f->n_closed, ==, 0);
}

/* -- talking -- */

static void
test_request (Fixture *f, gconstpointer data)
{
  DexFuture *future;
  const GValue *value;
  JsonObject *message;

  open_channel (f);
  future = tutti_channel_request (f->channel, "askMe", parse_json ("{\"q\":\"\xc3\xa4\"}"));
  spin_until (has_heard, f);
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
test_refusals (Fixture *f, gconstpointer data)
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

  open_channel (f);
  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    DexFuture *future = tutti_channel_request (f->channel, "x", NULL);

    spin_until (has_heard, f);
    room_server_refuse (f->server, f->heard->pdata[0], rows[i].code, rows[i].reason);
    g_ptr_array_set_size (f->heard, 0);
    await_error (future, TUTTI_ERROR, rows[i].error);
  }
}

static void
test_server_requests (Fixture *f, gconstpointer data)
{
  JsonObject *message;

  open_channel (f);

  room_server_send (f->server, "{\"request\":true,\"id\":5,\"method\":\"who\",\"data\":{}}");
  spin_until (has_heard, f);
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
  spin_until (has_notification, f);
  g_assert_cmpint (f->last_request, ==, 6);
  g_assert_cmpuint (f->heard->len, ==, 0);
  tutti_channel_accept (f->channel, 6, parse_json ("{\"me\":1}"));
  tutti_channel_accept (f->channel, 6, NULL);
  tutti_channel_reject (f->channel, 6, 500, "x");
  tutti_channel_reject (f->channel, 7, 500, "never asked");
  spin_until (has_heard, f);
  spin_for_ms (100);
  g_assert_cmpuint (f->heard->len, ==, 1);
  g_assert_true (json_object_get_boolean_member (f->heard->pdata[0], "ok"));
}

static void
test_too_many_requests (Fixture *f, gconstpointer data)
{
  JsonObject *message;

  open_channel (f);
  f->handle_requests = TRUE;
  for (guint id = 0; id < 513; id++) {
    g_autofree char *text = g_strdup_printf ("{\"request\":true,\"id\":%u,\"method\":\"x\"}", id);

    room_server_send (f->server, text);
  }
  spin_until (has_heard, f);
  message = f->heard->pdata[0];
  g_assert_cmpint (json_object_get_int_member (message, "id"), ==, 512);
  g_assert_cmpint (json_object_get_int_member (message, "errorCode"), ==, 429);
  g_assert_true (tutti_channel_is_open (f->channel));
}

static void
test_notify (Fixture *f, gconstpointer data)
{
  tutti_channel_notify (f->channel, "early", NULL);
  open_channel (f);
  tutti_channel_notify (f->channel, "hello", parse_json ("{\"x\":1}"));
  room_server_send (f->server, "{\"notification\":true,\"method\":\"tick\",\"data\":{}}");
  spin_until (has_heard, f);
  spin_until (has_notification, f);
  g_assert_cmpstr (f->notifications->pdata[0], ==, "tick");
  g_assert_cmpuint (f->heard->len, ==, 1);
  g_assert_cmpstr (json_object_get_string_member (f->heard->pdata[0], "method"), ==, "hello");

  tutti_channel_close (f->channel);
  tutti_channel_notify (f->channel, "late", NULL);
  await_error (tutti_channel_request (f->channel, "late", NULL), TUTTI_ERROR,
               TUTTI_ERROR_DISCONNECTED);
}

/* -- ending -- */

static void
test_close (Fixture *f, gconstpointer data)
{
  DexFuture *future;

  open_channel (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  tutti_channel_close (f->channel);
  g_assert_cmpuint (f->n_closed, ==, 1);
  g_assert_error (f->closed, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  await_error (future, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  tutti_channel_close (f->channel);
  spin_until (server_is_alone, f);
  g_assert_cmpuint (room_server_get_close_code (f->server), ==, 1000);
  /* What was asked before still went out. */
  g_assert_cmpuint (f->heard->len, ==, 1);
}

static void
close_in_handler (Fixture *f)
{
  tutti_channel_close (f->channel);
}

static void
test_close_in_handler (Fixture *f, gconstpointer data)
{
  g_signal_connect_swapped (f->channel, "notification", G_CALLBACK (close_in_handler), f);
  open_channel (f);
  room_server_send (f->server, "{\"notification\":true,\"method\":\"a\"}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"b\"}");
  spin_until (is_closed, f);
  spin_for_ms (100);
  g_assert_cmpuint (f->notifications->len, ==, 1);
}

static void
unref_in_handler (TuttiChannel *channel, const char *method, JsonObject *data, gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  g_object_unref (channel);
}

static gboolean
is_true (gpointer user_data)
{
  return *(gboolean *) user_data;
}

/* The last reference goes inside an emission. */
static void
test_unref_in_handler (Fixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link =
      room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  TuttiChannel *channel = tutti_channel_new (link, "peer-0002");
  gboolean done = FALSE;

  g_signal_connect (channel, "notification", G_CALLBACK (unref_in_handler), &done);
  await_ok (tutti_channel_open (channel));
  spin_until (server_is_connected, f);
  room_server_send (f->server, "{\"notification\":true,\"method\":\"a\"}");
  room_server_send (f->server, "{\"notification\":true,\"method\":\"b\"}");
  spin_until (is_true, &done);
  spin_until (server_is_alone, f);
}

typedef struct {
  gushort code;
  const char *reason;
  int error; /* −1: G_IO_ERROR_CANCELLED */
} CloseRow;

static const CloseRow close_rows[] = {
  { 4000, "left", -1 },
  { 4000, "replaced", TUTTI_ERROR_REPLACED },
  { 4000, "removed", TUTTI_ERROR_REMOVED },
  { 4000, "join-timeout", TUTTI_ERROR_TIMEOUT },
  { 4000, "protocol-error", TUTTI_ERROR_PROTOCOL },
  { 4000, "", TUTTI_ERROR_REFUSED },
  { 4000, "because I can", TUTTI_ERROR_REFUSED },
  { 4001, "media-lost", TUTTI_ERROR_DISCONNECTED },
  { 4001, "", TUTTI_ERROR_DISCONNECTED },
  { 1012, "worker-died", TUTTI_ERROR_DISCONNECTED },
  { 1012, "draining", TUTTI_ERROR_DISCONNECTED },
  { 1000, "", TUTTI_ERROR_DISCONNECTED },
  { 1001, "", TUTTI_ERROR_DISCONNECTED },
  { 1011, "", TUTTI_ERROR_DISCONNECTED },
  { 1009, "", TUTTI_ERROR_PROTOCOL },
  { 4999, "", TUTTI_ERROR_DISCONNECTED },
};

static void
test_close_code (Fixture *f, gconstpointer data)
{
  const CloseRow *row = data;
  gboolean come_back = row->error == TUTTI_ERROR_DISCONNECTED || row->error == TUTTI_ERROR_TIMEOUT;
  DexFuture *future;

  open_channel (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  room_server_close (f->server, row->code, row->reason);

  if (row->error < 0)
    expect_closed (f, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  else
    expect_closed (f, TUTTI_ERROR, row->error);

  g_assert_true (tutti_error_is_fatal (f->closed) == !come_back);
  await_error (future, f->closed->domain, f->closed->code);
  spin_until (server_is_alone, f);
}

static void
test_cut (Fixture *f, gconstpointer data)
{
  DexFuture *future;

  open_channel (f);
  future = tutti_channel_request (f->channel, "x", NULL);
  room_server_cut_line (f->server);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  await_error (future, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
}

/* -- nasties -- */

static void
test_bad_text (Fixture *f, gconstpointer data)
{
  open_channel (f);
  room_server_send (f->server, data);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
  spin_until (server_is_alone, f);
}

static void
test_binary (Fixture *f, gconstpointer data)
{
  open_channel (f);
  room_server_send_binary (f->server, "{\"notification\":true,\"method\":\"x\"}", 34);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_large_frame (Fixture *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill (TUTTI_PROTOO_MAX_SIZE + 1, ' ');

  open_channel (f);
  room_server_send (f->server, text);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* 8 exabytes are announced: nobody waits for them. */
static void
test_huge_header (Fixture *f, gconstpointer data)
{
  const guint8 header[] = { 0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

  open_channel (f);
  room_server_send_raw (f->server, header, sizeof header);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* A message in small frames that never ends. */
static void
test_endless_fragments (Fixture *f, gconstpointer data)
{
  enum { PIECE = 60000 };
  g_autofree guint8 *frame = g_malloc0 (4 + PIECE);

  open_channel (f);
  memset (frame + 4, ' ', PIECE);
  frame[1] = 126;
  frame[2] = PIECE >> 8;
  frame[3] = PIECE & 0xff;

  for (guint i = 0; i < 100 && f->n_closed == 0; i++) {
    frame[0] = i == 0 ? 0x01 : 0x00;
    if (room_server_is_connected (f->server))
      room_server_send_raw (f->server, frame, 4 + PIECE);
    spin_for_ms (50);
    g_assert_cmpuint (i, <, 20);
  }
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_masked_frame (Fixture *f, gconstpointer data)
{
  const guint8 frame[] = { 0x81, 0x82, 1, 2, 3, 4, '{' ^ 1, '}' ^ 2 };

  open_channel (f);
  room_server_send_raw (f->server, frame, sizeof frame);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

/* A compressed frame, though nobody agreed on compression. */
static void
test_reserved_bits (Fixture *f, gconstpointer data)
{
  const guint8 frame[] = { 0xc1, 0x02, '{', '}' };

  open_channel (f);
  room_server_send_raw (f->server, frame, sizeof frame);
  expect_closed (f, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL);
}

static void
test_largest_message (Fixture *f, gconstpointer data)
{
  g_autofree char *filling = g_strnfill (TUTTI_PROTOO_MAX_SIZE - 60, 'a');
  g_autofree char *text = g_strdup_printf ("{\"notification\":true,\"method\":\"x\",\"data\":"
                                           "{\"a\":\"%s\"}}",
                                           filling);

  g_assert_cmpuint (strlen (text), <=, TUTTI_PROTOO_MAX_SIZE);
  open_channel (f);
  room_server_send (f->server, text);
  spin_until (has_notification, f);
}

#define ADD(path, func, data) g_test_add ("/channel/" path, Fixture, data, set_up, func, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  ADD ("handshake", test_handshake, NULL);
  ADD ("wrong-pin", test_wrong_pin, NULL);
  ADD ("no-pin", test_no_pin, NULL);
  ADD ("refused", test_refused, NULL);
  ADD ("busy", test_busy, NULL);
  ADD ("redirect", test_redirect, NULL);
  g_test_add_func ("/channel/nobody-there", test_nobody_there);
  g_test_add_func ("/channel/no-tls", test_no_tls);
  ADD ("close-while-opening/0", test_close_while_opening, GUINT_TO_POINTER (0));
  ADD ("close-while-opening/1", test_close_while_opening, GUINT_TO_POINTER (1));
  ADD ("close-while-opening/3", test_close_while_opening, GUINT_TO_POINTER (3));
  ADD ("close-while-opening/8", test_close_while_opening, GUINT_TO_POINTER (8));
  ADD ("close-before-open", test_close_before_open, NULL);
  ADD ("request", test_request, NULL);
  ADD ("refusals", test_refusals, NULL);
  ADD ("server-requests", test_server_requests, NULL);
  ADD ("too-many-requests", test_too_many_requests, NULL);
  ADD ("notify", test_notify, NULL);
  ADD ("close", test_close, NULL);
  ADD ("close-in-handler", test_close_in_handler, NULL);
  ADD ("unref-in-handler", test_unref_in_handler, NULL);
  for (size_t i = 0; i < G_N_ELEMENTS (close_rows); i++) {
    g_autofree char *path =
        g_strdup_printf ("/channel/close-code/%u-%s", close_rows[i].code, close_rows[i].reason);

    g_test_add (path, Fixture, &close_rows[i], set_up, test_close_code, tear_down);
  }
  ADD ("cut", test_cut, NULL);
  ADD ("bad-text/not-json", test_bad_text, "hello");
  ADD ("bad-text/empty", test_bad_text, "");
  ADD ("bad-text/no-kind", test_bad_text, "{}");
  ADD ("bad-text/array", test_bad_text, "[]");
  ADD ("binary", test_binary, NULL);
  ADD ("large-frame", test_large_frame, NULL);
  ADD ("huge-header", test_huge_header, NULL);
  ADD ("endless-fragments", test_endless_fragments, NULL);
  ADD ("masked-frame", test_masked_frame, NULL);
  ADD ("reserved-bits", test_reserved_bits, NULL);
  ADD ("largest-message", test_largest_message, NULL);
  return g_test_run ();
}
