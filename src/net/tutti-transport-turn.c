/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-ortc-check.h"
#include "tutti-turn.h"

/* The room's TURN servers. They are for networks that let nothing else through, so nothing waits
 * for them: libnice tries all ways at once, and takes the one that comes first in its list. It must
 * know them by address before it begins to gather. */

/* Sound waits so long at most for the name of a server that it most likely will not use. */
#define LOOKUP_MS 500

typedef struct {
  TuttiTransportShared *shared;
  const TuttiTurnServer *server; /* the transport's: valid as long as there is one */
} Lookup;

typedef struct {
  const TuttiTurnServer *server;
  GList *addresses; /* GInetAddress; empty when the name is unknown */
} Found;

static void
found_free (gpointer data)
{
  Found *self = data;

  g_resolver_free_addresses (self->addresses);
  g_free (self);
}

static void
add (TuttiTransport *self, const TuttiTurnServer *server, const char *address)
{
  g_autofree char *uri = tutti_turn_server_to_uri (server, address);
  gboolean is_added = FALSE;

  g_signal_emit_by_name (self->webrtc, "add-turn-server", uri, &is_added);
  if (!is_added)
    g_debug ("transport %s: no use for the TURN server at %s", self->id, address);
}

static void
on_found (TuttiTransport *self, gpointer data)
{
  Found *found = data;

  if (self->n_turn_lookups == 0)
    return; /* too late */
  if (found->addresses != NULL) {
    g_autofree char *address = g_inet_address_to_string (found->addresses->data);

    add (self, found->server, address);
  }
  if (--self->n_turn_lookups == 0)
    tutti_transport_clear_turn_timeout (self);
  tutti_transport_lookups_done (self, 1);
}

static void
on_lookup (GObject *source, GAsyncResult *result, gpointer data)
{
  Lookup *lookup = data;
  Found *found = g_new0 (Found, 1);

  found->server = lookup->server;
  found->addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, NULL);
  tutti_transport_shared_post (lookup->shared, on_found, found, found_free);
  tutti_transport_shared_unref (lookup->shared);
  g_free (lookup);
}

static gboolean
on_timeout (gpointer data)
{
  TuttiTransport *self = data;
  guint n = self->n_turn_lookups;

  g_debug ("transport %s: goes on without %u TURN servers whose names are not known", self->id, n);
  self->n_turn_lookups = 0;
  tutti_transport_clear_turn_timeout (self);
  tutti_transport_lookups_done (self, n);
  return G_SOURCE_REMOVE;
}

void
tutti_transport_clear_turn_timeout (TuttiTransport *self)
{
  if (self->turn_timeout == NULL)
    return;
  g_source_destroy (self->turn_timeout);
  g_clear_pointer (&self->turn_timeout, g_source_unref);
}

/*< private >
 * tutti_transport_resolve_turn:
 *
 * Makes the servers known to webrtcbin, or begins to look up their names; the first negotiation
 * waits for what is still missing then. Once, when the transport is made.
 */
void
tutti_transport_resolve_turn (TuttiTransport *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();

  for (guint i = 0; i < self->turn_servers->len; i++) {
    const TuttiTurnServer *server = g_ptr_array_index (self->turn_servers, i);
    Lookup *lookup;

    if (tutti_check_is_ip_literal (server->host)) {
      add (self, server, server->host);
      continue;
    }
    lookup = g_new (Lookup, 1);
    *lookup = (Lookup) { tutti_transport_shared_ref (self->shared), server };
    self->n_lookups++;
    self->n_turn_lookups++;
    g_resolver_lookup_by_name_async (resolver, server->host, NULL, on_lookup, lookup);
  }
  if (self->n_turn_lookups == 0)
    return;
  self->turn_timeout = g_timeout_source_new (LOOKUP_MS);
  g_source_set_callback (self->turn_timeout, on_timeout, self, NULL);
  g_source_attach (self->turn_timeout, self->shared->context);
}
