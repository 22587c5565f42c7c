/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-socket-end.h"

static gboolean
unref_socket (gpointer user_data)
{
  g_object_unref (SOUP_WEBSOCKET_CONNECTION (user_data));
  return G_SOURCE_REMOVE;
}

/* libsoup goes on with the connection after it has emitted a signal, without a reference of its
 * own: the last one must not go from inside a handler. */
static void
on_lingering_socket_closed (SoupWebsocketConnection *socket)
{
  g_idle_add (unref_socket, socket);
}

/**
 * tutti_socket_end:
 * @socket: (transfer full): nothing of the caller's is connected to it any more
 * @code: to say goodbye with; 0: the connection is closing already
 *
 * Lets go of the connection, also from inside one of its signals; it says goodbye by itself
 * (libsoup waits 5 s at most).
 */
void
tutti_socket_end (SoupWebsocketConnection *socket, gushort code)
{
  if (soup_websocket_connection_get_state (socket) == SOUP_WEBSOCKET_STATE_CLOSED) {
    g_idle_add (unref_socket, socket);
    return;
  }

  g_signal_connect (socket, "closed", G_CALLBACK (on_lingering_socket_closed), NULL);
  if (code != 0 && soup_websocket_connection_get_state (socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (socket, code, NULL);
}

/**
 * tutti_socket_hang_up:
 *
 * Cuts the line under @socket, without a goodbye: it then ends by itself.
 */
void
tutti_socket_hang_up (SoupWebsocketConnection *socket)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (socket);

  if (G_IS_SOCKET_CONNECTION (stream))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (stream)), TRUE, TRUE,
                       NULL);
}
