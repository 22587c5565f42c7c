/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What takes 10 s and more, all at the same time. */

#include "room-server.h"
#include "tutti-channel.h"
#include "tutti-error.h"
#include "tutti-room-client.h"
#include "tutti-thread.h"

#define PIN "00000000000000000000000000000000000000000000000000000000000000ff"

static gboolean
on_silent_connection (GSocketService *service,
                      GSocketConnection *connection,
                      GObject *source,
                      gpointer user_data)
{
  g_ptr_array_add (user_data, g_object_ref (connection));
  return TRUE;
}

static void
on_closed (TuttiChannel *channel, const GError *error, gpointer user_data)
{
  *(GError **) user_data = g_error_copy (error);
}

static gboolean
is_set (gpointer user_data)
{
  return *(gpointer *) user_data != NULL;
}

static void
test_patience (void)
{
  gint64 begin = g_get_monotonic_time ();
  /* 1. Somebody takes the TCP connection and says nothing. */
  g_autoptr (GPtrArray) connections = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GSocketService) service = g_socket_service_new ();
  guint port = g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (service), NULL, NULL);
  g_autoptr (TuttiLink) mute_link = tutti_link_new ("127.0.0.1", port, "r", NULL, PIN);
  g_autoptr (TuttiChannel) mute = tutti_channel_new (mute_link, "peer-0001");
  /* 2. A WebSocket stands and nobody introduces themselves as a room. */
  g_autoptr (RoomServer) shy_server = room_server_new ();
  g_autoptr (TuttiLink) shy_link =
      room_server_get_link (shy_server, room_server_get_fingerprint (shy_server));
  g_autoptr (TuttiRoomClient) shy = tutti_room_client_new (shy_link, "peer-0001");
  /* 3. A question is never answered. */
  g_autoptr (RoomServer) deaf_server = room_server_new ();
  g_autoptr (TuttiLink) deaf_link =
      room_server_get_link (deaf_server, room_server_get_fingerprint (deaf_server));
  g_autoptr (TuttiChannel) deaf = tutti_channel_new (deaf_link, "peer-0001");
  /* 4. The line is dead and nobody is told. */
  g_autoptr (RoomServer) frozen_server = room_server_new ();
  g_autoptr (TuttiLink) frozen_link =
      room_server_get_link (frozen_server, room_server_get_fingerprint (frozen_server));
  g_autoptr (TuttiChannel) frozen = tutti_channel_new (frozen_link, "peer-0001");
  g_autoptr (GError) frozen_error = NULL;
  DexFuture *opening_mute, *opening_shy, *question;

  g_signal_connect (service, "incoming", G_CALLBACK (on_silent_connection), connections);
  g_signal_connect (frozen, "closed", G_CALLBACK (on_closed), &frozen_error);

  opening_mute = tutti_channel_open (mute);
  opening_shy = tutti_room_client_open (shy);
  await_ok (tutti_channel_open (deaf));
  question = tutti_channel_request (deaf, "hello", NULL);
  await_ok (tutti_channel_open (frozen));
  spin_for_ms (200);
  room_server_freeze_line (frozen_server);

  await_error (opening_mute, TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE);
  await_error (question, TUTTI_ERROR, TUTTI_ERROR_TIMEOUT);
  await_error (opening_shy, TUTTI_ERROR, TUTTI_ERROR_TIMEOUT);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 18 * G_USEC_PER_SEC);
  g_assert_cmpint (g_get_monotonic_time () - begin, >, 9 * G_USEC_PER_SEC);
  g_assert_true (tutti_channel_is_open (deaf));

  spin_until (is_set, &frozen_error);
  g_test_message ("%s", frozen_error->message);
  g_assert_error (frozen_error, TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 24 * G_USEC_PER_SEC);

  tutti_channel_close (deaf);
  g_socket_service_stop (service);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  dex_init ();
  g_test_add_func ("/channel/patience", test_patience);
  return g_test_run ();
}
