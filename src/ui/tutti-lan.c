/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-lan.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

/* An address for documentation (RFC 5737): it has a route wherever there is one, and nobody. */
#define ANYWHERE "192.0.2.1"

/**
 * tutti_lan_get_address:
 *
 * Asks the routing table; nothing is sent. Any thread.
 *
 * Returns: (transfer full) (nullable): under which IPv4 address others on this network reach this
 *   computer, or %NULL with a TUTTI_ERROR
 */
char *
tutti_lan_get_address (GError **error)
{
  g_autoptr (GSocket) socket =
      g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_DATAGRAM, G_SOCKET_PROTOCOL_UDP, NULL);
  g_autoptr (GSocketAddress) anywhere = g_inet_socket_address_new_from_string (ANYWHERE, 9);
  g_autoptr (GSocketAddress) local = NULL;

  if (socket && g_socket_connect (socket, anywhere, NULL, NULL))
    local = g_socket_get_local_address (socket, NULL);
  if (!local) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE,
                         _ ("This computer is in no network, so nobody else could reach a room on "
                            "it."));
    return NULL;
  }
  return g_inet_address_to_string (
      g_inet_socket_address_get_address (G_INET_SOCKET_ADDRESS (local)));
}

/**
 * tutti_lan_is_loopback:
 * @host: a host name or address
 *
 * Returns: whether it means this computer on every computer, so that a link to it is no use
 * elsewhere
 */
gboolean
tutti_lan_is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address ? g_inet_address_get_is_loopback (address) : g_str_equal (host, "localhost");
}
