/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-turn.h"

#include <string.h>

#include "tutti-ortc-check.h"

/* TURN servers as a room names them (RFC 7065), and as webrtcbin wants them. Pure, any thread. */

#define DEFAULT_PORT 3478

void
tutti_turn_server_free (TuttiTurnServer *self)
{
  g_free (self->host);
  g_free (self->user);
  g_free (self->password);
  g_free (self);
}

static gboolean
read_transport (const char *query, gboolean *is_tcp)
{
  *is_tcp = FALSE;
  if (query == NULL)
    return TRUE;
  *is_tcp = g_str_equal (query, "transport=tcp");
  return *is_tcp || g_str_equal (query, "transport=udp");
}

static gboolean
read_port (const char *text, guint16 *port)
{
  guint64 value;

  if (!g_ascii_string_to_unsigned (text, 10, 1, 65535, &value, NULL))
    return FALSE;
  *port = (guint16) value;
  return TRUE;
}

/* HOST[:PORT] or [ADDRESS][:PORT]; writes into @text. */
static gboolean
read_authority (TuttiTurnServer *self, char *text)
{
  char *end, *host = text;

  self->port = DEFAULT_PORT;
  if (*text == '[') {
    host = text + 1;
    end = strchr (host, ']');
    if (end == NULL)
      return FALSE;
    *end++ = '\0';
    if (strchr (host, ':') == NULL)
      return FALSE;
    if (*end == ':')
      *end++ = '\0';
    else if (*end != '\0')
      return FALSE;
    else
      end = NULL;
  } else {
    end = strchr (text, ':');
    if (end != NULL)
      *end++ = '\0';
  }
  if ((end != NULL && !read_port (end, &self->port)) ||
      (!tutti_check_is_ip_literal (host) && (host != text || !tutti_check_is_host_name (host))))
    return FALSE;
  self->host = g_strdup (host);
  return TRUE;
}

/* %NULL without an error: a kind of server that we have no use for. libnice speaks no TLS to them.
 */
static gboolean
read_url (const char *url, TuttiTurnServer **server, GError **error)
{
  g_autoptr (TuttiTurnServer) self = g_new0 (TuttiTurnServer, 1);
  g_auto (GStrv) parts = NULL;

  *server = NULL;
  if (g_str_has_prefix (url, "stun:") || g_str_has_prefix (url, "stuns:") ||
      g_str_has_prefix (url, "turns:"))
    return TRUE;
  if (!g_str_has_prefix (url, "turn:"))
    return tutti_check_fail ("urls", error);
  parts = g_strsplit (url + strlen ("turn:"), "?", 2);
  if (parts[0] == NULL || !read_transport (parts[1], &self->is_tcp) ||
      !read_authority (self, parts[0]))
    return tutti_check_fail ("urls", error);
  *server = g_steal_pointer (&self);
  return TRUE;
}

static gboolean
read_item (JsonObject *item, GPtrArray *servers, GError **error)
{
  const char *user = NULL, *password = NULL;
  JsonArray *urls;

  if (!tutti_check_array (item, "urls", 1, TUTTI_TURN_MAX_SERVERS, &urls, error) ||
      (tutti_check_has (item, "username") &&
       !tutti_check_string (item, "username", TUTTI_CHARSET_TEXT, 1, 256, &user, error)) ||
      (tutti_check_has (item, "credential") &&
       !tutti_check_string (item, "credential", TUTTI_CHARSET_TEXT, 1, 256, &password, error)))
    return FALSE;
  if ((user == NULL) != (password == NULL))
    return tutti_check_fail ("credential", error);
  for (guint i = 0; i < json_array_get_length (urls); i++) {
    JsonNode *node = json_array_get_element (urls, i);
    TuttiTurnServer *server;

    if (json_node_get_value_type (node) != G_TYPE_STRING)
      return tutti_check_fail ("urls", error);
    if (!read_url (json_node_get_string (node), &server, error))
      return FALSE;
    if (server == NULL)
      continue;
    server->user = g_strdup (user);
    server->password = g_strdup (password);
    g_ptr_array_add (servers, server);
  }
  return TRUE;
}

/**
 * tutti_turn_read_servers:
 * @transport: foreign answer of `createWebRtcTransport`; its `iceServers` may be missing
 *
 * What is no TURN server over UDP or TCP is left out, and so is what comes after
 * %TUTTI_TURN_MAX_SERVERS.
 *
 * Returns: (transfer full) (nullable): the servers, perhaps none; %NULL with TUTTI_ERROR_PROTOCOL
 *   naming the member that is wrong
 */
GPtrArray *
tutti_turn_read_servers (JsonObject *transport, GError **error)
{
  g_autoptr (GPtrArray) servers =
      g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_turn_server_free);
  JsonArray *list;

  if (!tutti_check_has (transport, "iceServers"))
    return g_steal_pointer (&servers);
  if (!tutti_check_array (transport, "iceServers", 0, TUTTI_TURN_MAX_SERVERS, &list, error))
    return NULL;
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item;

    if (!tutti_check_item (list, i, "iceServers", &item, error) ||
        !read_item (item, servers, error))
      return NULL;
  }
  if (servers->len > TUTTI_TURN_MAX_SERVERS)
    g_ptr_array_set_size (servers, TUTTI_TURN_MAX_SERVERS);
  return g_steal_pointer (&servers);
}

/**
 * tutti_turn_server_to_uri:
 * @address: its host, looked up: an IP literal
 *
 * Returns: (transfer full): as webrtcbin's `add-turn-server` wants it
 */
char *
tutti_turn_server_to_uri (const TuttiTurnServer *self, const char *address)
{
  g_autofree char *user = g_uri_escape_string (self->user != NULL ? self->user : "", NULL, FALSE);
  g_autofree char *password =
      g_uri_escape_string (self->password != NULL ? self->password : "", NULL, FALSE);
  gboolean is_v6 = strchr (address, ':') != NULL;

  return g_strdup_printf ("turn://%s:%s@%s%s%s:%u?transport=%s", user, password, is_v6 ? "[" : "",
                          address, is_v6 ? "]" : "", self->port, self->is_tcp ? "tcp" : "udp");
}
