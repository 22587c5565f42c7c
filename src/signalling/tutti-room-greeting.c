/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* How a server introduces itself: what it is, which version it speaks, what it can do. */

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-client-private.h"
#include "tutti-room-json.h"

/* The server speaks first; one that does not within this is none of ours. */
#define GREETING_TIMEOUT_MS 10000
/* After `mediasoupVersion`: no `roomWelcome` within this means a plain demo server. */
#define WELCOME_TIMEOUT_MS 500

#define MAX_FEATURES 64
#define MAX_SEAT     2048

void
tutti_room_client_settle (TuttiRoomClient *self, const GError *error)
{
  g_autoptr (DexPromise) opening = g_steal_pointer (&self->opening);

  g_clear_handle_id (&self->greeting_timeout_id, g_source_remove);
  if (!opening)
    return;

  if (error) {
    dex_promise_reject (opening, g_error_copy (error));
  } else {
    self->is_open = TRUE;
    dex_promise_resolve_boolean (opening, TRUE);
  }
}

static gboolean
on_greeting_timeout (gpointer user_data)
{
  TuttiRoomClient *self = user_data;
  g_autoptr (GError) error = NULL;

  self->greeting_timeout_id = 0;

  if (self->greeted) {
    g_info ("no roomWelcome: a plain mediasoup-demo server");
    self->is_demo = TRUE;
    tutti_room_client_settle (self, NULL);
    return G_SOURCE_REMOVE;
  }

  error =
      g_error_new (TUTTI_ERROR, TUTTI_ERROR_TIMEOUT,
                   _ ("What answers at %s does not introduce itself as a room."), self->link->host);
  tutti_room_client_settle (self, error);
  tutti_channel_abort (self->channel, error);
  return G_SOURCE_REMOVE;
}

static GError *
check_version (JsonObject *welcome)
{
  JsonObject *protocol = tutti_json_peek_object (welcome, "protocol");
  gint64 major;

  if (!protocol || !tutti_json_read_int (protocol, "major", 0, G_MAXINT, &major, NULL))
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                        _ ("The room sent a message whose “%s” is missing or wrong."), "protocol");

  if (major != TUTTI_ROOM_PROTOCOL_MAJOR)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_VERSION,
                        _ ("The room speaks version %d of Tutti's language and this Tutti speaks "
                           "version %d."),
                        (int) major, TUTTI_ROOM_PROTOCOL_MAJOR);

  return NULL;
}

static void
read_features (TuttiRoomClient *self, JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  guint n_features = array ? MIN (json_array_get_length (array), MAX_FEATURES) : 0;

  for (guint i = 0; i < n_features; i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
      g_strv_builder_take (builder,
                           tutti_text_clean (json_node_get_string (node), TUTTI_ROOM_MAX_NAME));
  }

  g_strfreev (self->features);
  self->features = g_strv_builder_end (builder);
}

/* It goes into a request line later. */
static void
read_seat (TuttiRoomClient *self, const char *seat)
{
  if (seat && strnlen (seat, MAX_SEAT + 1) <= MAX_SEAT)
    g_set_str (&self->seat, seat);
}

/* It goes into links later. */
static void
read_outside (TuttiRoomClient *self, JsonObject *outside)
{
  const char *address = tutti_json_peek_string (outside, "address");
  guint port = (guint) tutti_json_peek_uint (outside, "port", 1, G_MAXUINT16, 0);
  g_autoptr (TuttiLink) link = NULL;
  g_autoptr (TuttiLink) parsed = NULL;
  g_autofree char *text = NULL;

  if (!address || port == 0)
    return;
  link = tutti_link_new (address, port, "room", NULL, NULL);
  text = tutti_link_to_string (link);
  parsed = tutti_link_parse (text, NULL);
  if (!parsed || !g_str_equal (parsed->host, address) || parsed->port != port)
    return;
  g_set_str (&self->outside_host, address);
  self->outside_port = port;
}

void
tutti_room_client_take_welcome (TuttiRoomClient *self, JsonObject *data)
{
  JsonObject *service = tutti_json_peek_object (data, "service");
  JsonObject *room = tutti_json_peek_object (data, "room");
  JsonObject *limits = room ? tutti_json_peek_object (room, "limits") : NULL;
  g_autoptr (GError) error = NULL;

  if (!self->opening) {
    g_info ("a roomWelcome too late or twice: ignored");
    return;
  }

  if ((error = check_version (data))) {
    tutti_room_client_settle (self, error);
    tutti_channel_abort (self->channel, error);
    return;
  }

  read_features (self, tutti_json_peek_array (data, "features"));
  if (service) {
    g_free (self->service_name);
    self->service_name = tutti_json_dup_text (service, "name", TUTTI_ROOM_MAX_NAME);
    g_free (self->service_version);
    self->service_version = tutti_json_dup_text (service, "version", TUTTI_ROOM_MAX_NAME);
  }
  if (room) {
    g_free (self->room_name);
    self->room_name = tutti_json_dup_text (room, "name", TUTTI_ROOM_MAX_NAME);
    if (tutti_json_peek_object (room, "outside"))
      read_outside (self, tutti_json_peek_object (room, "outside"));
  }
  tutti_role_from_string (tutti_json_peek_string (data, "role"), &self->role);
  read_seat (self, tutti_json_peek_string (data, "seat"));
  if (limits)
    self->max_players = tutti_json_peek_uint (limits, "players", 1, G_MAXINT, 0);

  tutti_room_client_settle (self, NULL);
}

void
tutti_room_client_take_role (TuttiRoomClient *self, TuttiRole role, const char *seat)
{
  read_seat (self, seat);
  if (self->role == role)
    return;

  self->role = role;
  g_object_notify (G_OBJECT (self), "role");
}

void
tutti_room_client_take_version (TuttiRoomClient *self)
{
  if (!self->opening || self->greeted)
    return;

  self->greeted = TRUE;
  g_clear_handle_id (&self->greeting_timeout_id, g_source_remove);
  self->greeting_timeout_id = g_timeout_add (WELCOME_TIMEOUT_MS, on_greeting_timeout, self);
}

void
tutti_room_client_await_greeting (TuttiRoomClient *self)
{
  if (self->opening && !self->greeting_timeout_id)
    self->greeting_timeout_id = g_timeout_add (GREETING_TIMEOUT_MS, on_greeting_timeout, self);
}
