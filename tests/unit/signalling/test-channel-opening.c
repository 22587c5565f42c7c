/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a connection comes about, and why not. */

#include <string.h>

#include "channel-fixture.h"
#include "tutti-error.h"
#include "tutti-thread.h"

static void
test_handshake (ChannelFixture *f, gconstpointer data)
{
  g_autofree char *origin =
      g_strdup_printf ("https://127.0.0.1:%u", room_server_get_port (f->server));

  channel_fixture_open (f);
  g_assert_cmpstr (room_server_get_query (f->server), ==, "roomId=my-room&peerId=peer-0001");
  g_assert_cmpstr (room_server_get_header (f->server, "origin"), ==, origin);
  g_assert_cmpstr (room_server_get_header (f->server, "sec-websocket-protocol"), ==, "protoo");
  g_assert_null (room_server_get_header (f->server, "sec-websocket-extensions"));
  g_assert_null (room_server_get_header (f->server, "accept-encoding"));
}

/* Nothing of ours reaches a server that is not the one the link names. */
static void
test_wrong_pin (ChannelFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = room_server_get_link (f->server, CHANNEL_FIXTURE_WRONG_PIN);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE);
  spin_for_ms (100);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 0);
}

static void
test_no_pin (ChannelFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link = room_server_get_link (f->server, NULL);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE);
  spin_for_ms (100);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 0);
}

static void
test_refused (ChannelFixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 403, NULL);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  g_assert_cmpuint (f->n_closed, ==, 0);
}

/* Whatever lets nobody in is said in words, and does not go away by trying again. */
static void
test_refused_invite (ChannelFixture *f, gconstpointer data)
{
  static const struct {
    const char *code, *word;
  } rows[] = {
    { "invite-missing", "by invitation" }, { "invite-invalid", "not one of this room" },
    { "invite-expired", "expired" },       { "invite-revoked", "taken back" },
    { "invite-other-room", "another" },    { "peer-taken", "somebody else" },
    { "invite-too-new", "403" },
  };
  g_autoptr (TuttiLink) link =
      room_server_get_link (f->server, room_server_get_fingerprint (f->server));

  for (size_t i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");
    g_autoptr (DexFuture) opening = tutti_channel_open (channel);
    g_autoptr (GError) error = NULL;

    room_server_set_refusal (f->server, 403, rows[i].code);
    await_error (dex_ref (opening), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
    dex_future_get_value (opening, &error);
    g_assert_nonnull (strstr (error->message, rows[i].word));
    g_assert_true (tutti_error_is_fatal (error));
  }
}

/* By what right we come is sent to the server that the link names, and spelled so that nothing of
 * it can become another parameter. */
static void
test_right (ChannelFixture *f, gconstpointer data)
{
  g_autoptr (TuttiLink) link =
      room_server_get_link (f->server, room_server_get_fingerprint (f->server));
  g_autoptr (TuttiChannel) channel = NULL;

  link->invite = g_strdup ("a.b&roomId=x c");
  channel = tutti_channel_new (link, "peer-0001");
  tutti_channel_set_seat (channel, "s.1=2\r\nX: y");
  await_ok (tutti_channel_open (channel));
  g_assert_cmpstr (room_server_get_query (f->server), ==,
                   "roomId=my-room&peerId=peer-0001&invite=a.b%26roomId%3Dx%20c"
                   "&seat=s.1%3D2%0D%0AX%3A%20y");
}

static void
test_busy (ChannelFixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 503, NULL);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
}

static void
test_redirect (ChannelFixture *f, gconstpointer data)
{
  room_server_set_refusal (f->server, 302, NULL);
  await_error (tutti_channel_open (f->channel), TUTTI_ERROR, TUTTI_ERROR_REFUSED);
  g_assert_cmpuint (room_server_get_n_handshakes (f->server), ==, 1);
}

static void
test_nobody_there (void)
{
  /* Port 1 (tcpmux) is nobody's on any machine that runs this. */
  g_autoptr (TuttiLink) link =
      tutti_link_new ("127.0.0.1", 1, "r", NULL, CHANNEL_FIXTURE_WRONG_PIN);
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
  g_autoptr (TuttiLink) link =
      tutti_link_new ("127.0.0.1", port, "r", NULL, CHANNEL_FIXTURE_WRONG_PIN);
  g_autoptr (TuttiChannel) channel = tutti_channel_new (link, "peer-0001");

  g_signal_connect (service, "incoming", G_CALLBACK (on_plain_connection), NULL);
  await_error (tutti_channel_open (channel), TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  g_socket_service_stop (service);
}

static void
test_close_while_opening (ChannelFixture *f, gconstpointer data)
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
test_close_before_open (ChannelFixture *f, gconstpointer data)
{
  tutti_channel_close (f->channel);
  await_error (tutti_channel_open (f->channel), G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (f->n_closed, ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();

  channel_fixture_add ("/channel/opening/handshake", test_handshake, NULL);
  channel_fixture_add ("/channel/opening/wrong-pin", test_wrong_pin, NULL);
  channel_fixture_add ("/channel/opening/no-pin", test_no_pin, NULL);
  channel_fixture_add ("/channel/opening/refused", test_refused, NULL);
  channel_fixture_add ("/channel/opening/refused-invite", test_refused_invite, NULL);
  channel_fixture_add ("/channel/opening/right", test_right, NULL);
  channel_fixture_add ("/channel/opening/busy", test_busy, NULL);
  channel_fixture_add ("/channel/opening/redirect", test_redirect, NULL);
  g_test_add_func ("/channel/opening/nobody-there", test_nobody_there);
  g_test_add_func ("/channel/opening/no-tls", test_no_tls);
  channel_fixture_add ("/channel/opening/close-while-opening/0", test_close_while_opening,
                       GUINT_TO_POINTER (0));
  channel_fixture_add ("/channel/opening/close-while-opening/1", test_close_while_opening,
                       GUINT_TO_POINTER (1));
  channel_fixture_add ("/channel/opening/close-while-opening/3", test_close_while_opening,
                       GUINT_TO_POINTER (3));
  channel_fixture_add ("/channel/opening/close-while-opening/8", test_close_while_opening,
                       GUINT_TO_POINTER (8));
  channel_fixture_add ("/channel/opening/close-before-open", test_close_before_open, NULL);
  return g_test_run ();
}
