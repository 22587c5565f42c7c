/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-outside.h"

#include "tutti-i18n.h"
#include "tutti-room-json.h"

#define MAX_ADDRESS 253
#define MAX_PORTS   64

G_DEFINE_BOXED_TYPE (TuttiOutside, tutti_outside, tutti_outside_copy, tutti_outside_free)

TuttiOutside *
tutti_outside_copy (const TuttiOutside *self)
{
  TuttiOutside *copy = g_new0 (TuttiOutside, 1);

  copy->state = self->state;
  copy->local = g_strdup (self->local);
  copy->address = g_strdup (self->address);
  copy->port = self->port;
  copy->ports = g_strdup (self->ports);
  copy->is_tried = self->is_tried;
  copy->unreached = g_strdup (self->unreached);

  return copy;
}

void
tutti_outside_free (TuttiOutside *self)
{
  g_free (self->local);
  g_free (self->address);
  g_free (self->ports);
  g_free (self->unreached);
  g_free (self);
}

static gboolean
read_state (const char *text, TuttiOutsideState *state)
{
  static const char *const names[] = { "open", "closed", "double-nat" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (g_strcmp0 (text, names[i]) == 0) {
      *state = (TuttiOutsideState) i;
      return TRUE;
    }
  return FALSE;
}

static char *
read_ports (JsonArray *array)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = array ? MIN (json_array_get_length (array), MAX_PORTS) : 0;

  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (array, i);
    JsonObject *item = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *protocol = item ? tutti_json_peek_string (item, "protocol") : NULL;
    gint64 port;

    if (!protocol || !tutti_json_read_int (item, "port", 1, G_MAXUINT16, &port, NULL))
      return NULL;
    g_string_append_printf (text, "%s%s %" G_GINT64_FORMAT, i ? ", " : "",
                            g_str_equal (protocol, "udp") ? "UDP" : "TCP", port);
  }
  return n ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

/* The first worker's ports are what is tried: the service's is first in the list, UDP and TCP of
 * the media come next. */
static void
read_reached (TuttiOutside *self, JsonObject *reached)
{
  static const char *const names[] = { "service", "mediaUdp", "mediaTcp" };
  g_auto (GStrv) ports = g_strsplit (self->ports, ", ", 4);
  g_autoptr (GString) missed = g_string_new (NULL);

  if (g_strv_length (ports) < G_N_ELEMENTS (names))
    return;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!tutti_json_peek_true (reached, names[i]))
      g_string_append_printf (missed, "%s%s", missed->len > 0 ? ", " : "", ports[i]);
  self->is_tried = TRUE;
  if (missed->len > 0)
    self->unreached = g_strdup (missed->str);
}

/**
 * tutti_outside_parse:
 * @text: what the room service prints after "internet "
 *
 * Returns: (transfer full) (nullable): %NULL when it cannot be read
 */
TuttiOutside *
tutti_outside_parse (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);
  g_autoptr (TuttiOutside) self = g_new0 (TuttiOutside, 1);
  JsonObject *object;
  gint64 port;

  if (!node || !JSON_NODE_HOLDS_OBJECT (node))
    return NULL;
  object = json_node_get_object (node);
  if (tutti_json_peek_string (object, "local"))
    self->local = tutti_json_dup_text (object, "local", MAX_ADDRESS);
  if (tutti_json_peek_string (object, "address"))
    self->address = tutti_json_dup_text (object, "address", MAX_ADDRESS);
  self->ports = read_ports (tutti_json_peek_array (object, "ports"));
  if (!read_state (tutti_json_peek_string (object, "state"), &self->state) || !self->local ||
      !self->ports || !tutti_json_read_int (object, "port", 1, G_MAXUINT16, &port, NULL))
    return NULL;
  self->port = (guint) port;
  if (tutti_json_peek_object (object, "reached"))
    read_reached (self, tutti_json_peek_object (object, "reached"));

  return g_steal_pointer (&self);
}

static char *
describe_open (const TuttiOutside *self)
{
  const char *address = self->address ? self->address : "?";

  if (self->unreached)
    return g_strdup_printf (
        _ ("The router lets people on the internet in at %s, but not all that was tried from "
           "outside got through: %s did not answer. Look at the firewalls of this computer and of "
           "the router."),
        address, self->unreached);
  if (self->is_tried)
    return g_strdup_printf (_ ("People on the internet reach this room at %s, port %u: this was "
                               "tried from outside."),
                            address, self->port);
  return g_strdup_printf (_ ("People on the internet reach this room at %s, port %u."), address,
                          self->port);
}

/**
 * tutti_outside_describe:
 *
 * Returns: (transfer full): what it means, and what to do, for people
 */
char *
tutti_outside_describe (const TuttiOutside *self)
{
  switch (self->state) {
  case TUTTI_OUTSIDE_OPEN:
    return describe_open (self);
  case TUTTI_OUTSIDE_DOUBLE_NAT:
    return g_strdup_printf (
        _ ("People on the internet cannot reach this room: the router’s own address, %s, is a "
           "private one, because a second router or the provider’s network is in front of it. Play "
           "in a room on a server, or ask the provider for a public address."),
        self->address ? self->address : "?");
  case TUTTI_OUTSIDE_CLOSED:
  default:
    if (self->address)
      return g_strdup_printf (
          _ ("The router did not open the ports for this room. Forward these in its settings to "
             "this computer, %s: %s. People on the internet then reach the room at %s."),
          self->local, self->ports, self->address);
    return g_strdup_printf (
        _ ("The router did not open the ports for this room, and did not say its address. Forward "
           "these in its settings to this computer, %s: %s. Then open the room with the address "
           "that the router has on the internet."),
        self->local, self->ports);
  }
}
