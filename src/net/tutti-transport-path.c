/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include <string.h>

/* Which way ICE has found. libnice names candidates by foundations: the server's are ours, see
 * tutti-remote-sdp.c, and which of our own are on a TURN server is heard when they are gathered.
 * Both are told by other threads and may come in either order. */

typedef struct {
  char *foundation;
  const char *protocol;
} Pair;

static void
pair_free (gpointer data)
{
  Pair *self = data;

  g_free (self->foundation);
  g_free (self);
}

static void
update (TuttiTransport *self)
{
  if (self->pair_protocol == NULL)
    return;
  tutti_transport_set_protocol (self, g_hash_table_contains (self->relays, self->pair_foundation)
                                          ? "relay"
                                          : self->pair_protocol);
}

static void
on_relay (TuttiTransport *self, gpointer data)
{
  g_hash_table_add (self->relays, g_strdup (data));
  update (self);
}

static void
on_pair (TuttiTransport *self, gpointer data)
{
  Pair *pair = data;

  g_set_str (&self->pair_foundation, pair->foundation);
  self->pair_protocol = pair->protocol;
  update (self);
}

/* libnice's thread. */
static void
on_selected_pair (GObject *agent,
                  guint stream,
                  guint component,
                  const char *local_foundation,
                  const char *remote_foundation,
                  gpointer data)
{
  const char *protocol = g_str_has_prefix (remote_foundation, "udp")   ? "udp"
                         : g_str_has_prefix (remote_foundation, "tcp") ? "tcp"
                                                                       : NULL;
  Pair *pair;

  if (protocol == NULL)
    return;
  pair = g_new (Pair, 1);
  *pair = (Pair) { g_strdup (local_foundation), protocol };
  tutti_transport_shared_post (data, on_pair, pair, pair_free);
}

/* webrtcbin's thread. @text: candidate:FOUNDATION COMPONENT PROTOCOL PRIORITY ADDRESS PORT typ TYPE
 * …
 */
static void
on_candidate (GstElement *webrtc, guint line, const char *text, gpointer data)
{
  const char *colon = strchr (text, ':');
  const char *end = colon != NULL ? strchr (colon, ' ') : NULL;

  if (end == NULL || strstr (end, " typ relay") == NULL)
    return;
  tutti_transport_shared_post (data, on_relay, g_strndup (colon + 1, end - colon - 1), g_free);
}

void
tutti_transport_watch_path (TuttiTransport *self, GObject *agent)
{
  g_signal_connect_data (agent, "new-selected-pair", G_CALLBACK (on_selected_pair),
                         tutti_transport_shared_ref (self->shared),
                         tutti_transport_shared_closure_notify, 0);
  g_signal_connect_data (self->webrtc, "on-ice-candidate", G_CALLBACK (on_candidate),
                         tutti_transport_shared_ref (self->shared),
                         tutti_transport_shared_closure_notify, 0);
}
