/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* More than these would only make ICE slower. */
#define TUTTI_TURN_MAX_SERVERS 8

/**
 * TuttiTurnServer:
 * @host: an address (IPv6 without brackets) or a name
 * @user, @password: (nullable): both or none
 */
typedef struct {
  char *host;
  guint16 port;
  gboolean is_tcp; /* how the server is reached; it relays UDP either way */
  char *user;
  char *password;
} TuttiTurnServer;

void tutti_turn_server_free (TuttiTurnServer *self);
GPtrArray *tutti_turn_read_servers (JsonObject *transport, GError **error);
char *tutti_turn_server_to_uri (const TuttiTurnServer *self, const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiTurnServer, tutti_turn_server_free)

G_END_DECLS
