/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc-check.h"

/* webrtcbin takes candidates with addresses only, servers may announce names: they are looked up
 * before the first negotiation. */

/* Of one name; more would only make ICE slower. */
#define MAX_ADDRESSES 4

typedef struct {
  TuttiTransportShared *shared;
  JsonObject *candidate;
} Lookup;

typedef struct {
  JsonObject *candidate;
  GList *addresses; /* GInetAddress; empty when the name is unknown */
} Found;

static void
lookup_free (Lookup *self)
{
  tutti_transport_shared_unref (self->shared);
  json_object_unref (self->candidate);
  g_free (self);
}

static void
found_free (gpointer data)
{
  Found *self = data;

  json_object_unref (self->candidate);
  g_resolver_free_addresses (self->addresses);
  g_free (self);
}

static void
add_candidate (TuttiTransport *self, JsonObject *candidate, const char *address)
{
  JsonObject *copy;

  if (json_array_get_length (self->resolved) >= TUTTI_ORTC_MAX_CANDIDATES ||
      !tutti_check_is_ip_literal (address))
    return;
  copy = tutti_ortc_copy_object (candidate);
  json_object_set_string_member (copy, "address", address);
  json_array_add_object_element (self->resolved, copy);
}

/* All are looked up: the transport goes on with what there is. */
static void
finish (TuttiTransport *self)
{
  if (json_array_get_length (self->resolved) == 0) {
    tutti_transport_fail_with (
        self, TUTTI_ERROR_TRANSPORT,
        _ ("Sound cannot flow, because the name of the room's media server is not known here."));
    return;
  }
  json_object_set_array_member (self->server_parameters, "iceCandidates",
                                g_steal_pointer (&self->resolved));
  self->remote = tutti_remote_sdp_new (self->server_parameters);
  tutti_transport_add_loopback (self);
  tutti_transport_start_next (self);
}

void
tutti_transport_lookups_done (TuttiTransport *self, guint n)
{
  self->n_lookups -= n;
  if (self->n_lookups == 0 && self->resolved != NULL)
    finish (self);
}

static void
on_found (TuttiTransport *self, gpointer data)
{
  Found *found = data;
  guint n = 0;

  for (GList *l = found->addresses; l != NULL && n < MAX_ADDRESSES; l = l->next, n++) {
    g_autofree char *text = g_inet_address_to_string (l->data);

    add_candidate (self, found->candidate, text);
  }
  tutti_transport_lookups_done (self, 1);
}

static void
on_lookup (GObject *source, GAsyncResult *result, gpointer data)
{
  Lookup *lookup = data;
  Found *found = g_new0 (Found, 1);

  found->candidate = json_object_ref (lookup->candidate);
  found->addresses = g_resolver_lookup_by_name_finish (G_RESOLVER (source), result, NULL);
  tutti_transport_shared_post (lookup->shared, on_found, found, found_free);
  lookup_free (lookup);
}

/*< private >
 * tutti_transport_resolve:
 *
 * Called when there is no remote description yet; goes on with tutti_transport_start_next().
 */
void
tutti_transport_resolve (TuttiTransport *self)
{
  g_autoptr (GResolver) resolver = g_resolver_get_default ();
  JsonArray *list = json_object_get_array_member (self->server_parameters, "iceCandidates");

  if (self->resolved != NULL)
    return;
  self->resolved = json_array_new ();
  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *candidate = json_array_get_object_element (list, i);
    const char *address = tutti_ortc_candidate_address (candidate);
    Lookup *lookup;

    if (tutti_check_is_ip_literal (address)) {
      add_candidate (self, candidate, address);
      continue;
    }
    lookup = g_new (Lookup, 1);
    *lookup = (Lookup) { tutti_transport_shared_ref (self->shared), json_object_ref (candidate) };
    self->n_lookups++;
    g_resolver_lookup_by_name_async (resolver, address, NULL, on_lookup, lookup);
  }
  if (self->n_lookups == 0)
    finish (self);
}
