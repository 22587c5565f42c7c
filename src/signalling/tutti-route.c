/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-route.h"

#include <errno.h>
#include <sys/socket.h>

#define SOME_PORT 9 /* for an address that names none; nothing goes there */

static GSocket *
new_socket (GSocketAddress *address)
{
  return g_socket_new (g_socket_address_get_family (address), G_SOCKET_TYPE_DATAGRAM,
                       G_SOCKET_PROTOCOL_UDP, NULL);
}

/* @address with another port: the old one is in use, or not open to us. */
static GSocketAddress *
with_port (GSocketAddress *address, guint16 port)
{
  GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS (address);
  gboolean is_ipv6 = g_socket_address_get_family (address) == G_SOCKET_FAMILY_IPV6;

  return g_object_new (G_TYPE_INET_SOCKET_ADDRESS, "address",
                       g_inet_socket_address_get_address (inet), "port", port, "scope-id",
                       is_ipv6 ? g_inet_socket_address_get_scope_id (inet) : 0, NULL);
}

char *
tutti_route_source (GSocketAddress *remote)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) target = NULL;
  g_autoptr (GSocketAddress) source = NULL;

  if (!G_IS_INET_SOCKET_ADDRESS (remote))
    return NULL;

  target = with_port (remote, SOME_PORT);
  socket = new_socket (remote);
  if (!socket || !g_socket_connect (socket, target, NULL, NULL))
    return NULL;

  source = g_socket_get_local_address (socket, NULL);

  return source ? g_inet_address_to_string (
                      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (source)))
                : NULL;
}

/* By hand, for GIO has no word of its own for EADDRNOTAVAIL. */
gboolean
tutti_route_is_ours (GSocketAddress *local)
{
  g_autoptr (GSocketAddress) any_port = NULL;
  g_autoptr (GSocket) socket = NULL;
  struct sockaddr_storage native;

  if (!G_IS_INET_SOCKET_ADDRESS (local))
    return TRUE;

  any_port = with_port (local, 0);
  socket = new_socket (local);
  if (!socket || !g_socket_address_to_native (any_port, &native, sizeof native, NULL))
    return TRUE; /* that says nothing about the address */

  return bind (g_socket_get_fd (socket), (struct sockaddr *) &native,
               (socklen_t) g_socket_address_get_native_size (any_port)) == 0 ||
         errno != EADDRNOTAVAIL;
}
