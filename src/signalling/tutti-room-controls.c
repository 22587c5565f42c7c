/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-controls.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-client-private.h"
#include "tutti-room-json.h"

#define MAX_PEOPLE 256

G_DEFINE_BOXED_TYPE (TuttiRoomControls,
                     tutti_room_controls,
                     tutti_room_controls_copy,
                     tutti_room_controls_free)
G_DEFINE_BOXED_TYPE (TuttiRoleChange,
                     tutti_role_change,
                     tutti_role_change_copy,
                     tutti_role_change_free)

/* -- what is set -- */

static void
isolation_free (gpointer data)
{
  TuttiIsolation *self = data;

  g_free (self->peer_id);
  g_strfreev (self->with);
  g_free (self);
}

TuttiRoomControls *
tutti_room_controls_new (void)
{
  TuttiRoomControls *self = g_new0 (TuttiRoomControls, 1);

  self->isolated = g_ptr_array_new_with_free_func (isolation_free);
  return self;
}

TuttiRoomControls *
tutti_room_controls_copy (const TuttiRoomControls *self)
{
  TuttiRoomControls *copy = tutti_room_controls_new ();

  copy->locked = self->locked;
  copy->spotlight = g_strdup (self->spotlight);
  copy->by_peer_id = g_strdup (self->by_peer_id);
  for (guint i = 0; i < self->isolated->len; i++) {
    const TuttiIsolation *from = g_ptr_array_index (self->isolated, i);
    TuttiIsolation *isolation = g_new0 (TuttiIsolation, 1);

    isolation->peer_id = g_strdup (from->peer_id);
    isolation->with = g_strdupv (from->with);
    g_ptr_array_add (copy->isolated, isolation);
  }

  return copy;
}

void
tutti_room_controls_free (TuttiRoomControls *self)
{
  if (!self)
    return;

  g_free (self->spotlight);
  g_free (self->by_peer_id);
  g_ptr_array_unref (self->isolated);
  g_free (self);
}

/* %NULL where one of them is no id. */
static GStrv
read_ids (JsonArray *array)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  if (json_array_get_length (array) > MAX_PEOPLE)
    return NULL;

  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autoptr (JsonObject) holder = json_object_new ();
    char *id = NULL;

    json_object_set_member (holder, "id", json_node_copy (json_array_get_element (array, i)));
    if (!tutti_json_read_id (holder, "id", TUTTI_JSON_REQUIRED, &id, NULL))
      return NULL;
    g_strv_builder_take (builder, id);
  }

  return g_strv_builder_end (builder);
}

static TuttiIsolation *
read_isolation (JsonNode *node)
{
  JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  JsonArray *with = object ? tutti_json_peek_array (object, "with") : NULL;
  TuttiIsolation *self;

  if (!with)
    return NULL;

  self = g_new0 (TuttiIsolation, 1);
  if (tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, NULL) &&
      (self->with = read_ids (with)))
    return self;

  isolation_free (self);
  return NULL;
}

TuttiRoomControls *
tutti_room_controls_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiRoomControls) self = tutti_room_controls_new ();
  JsonArray *isolated = tutti_json_peek_array (object, "isolated");

  if (!isolated || json_array_get_length (isolated) > MAX_PEOPLE) {
    tutti_json_fail (error, "isolated");
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (isolated); i++) {
    TuttiIsolation *isolation = read_isolation (json_array_get_element (isolated, i));

    if (!isolation) {
      tutti_json_fail (error, "isolated");
      return NULL;
    }
    g_ptr_array_add (self->isolated, isolation);
  }

  self->locked = tutti_json_peek_true (object, "locked");
  if (json_object_has_member (object, "spotlight") &&
      !json_object_get_null_member (object, "spotlight") &&
      !tutti_json_read_id (object, "spotlight", TUTTI_JSON_REQUIRED, &self->spotlight, error))
    return NULL;
  if (!tutti_json_read_id (object, "byPeerId", TUTTI_JSON_OPTIONAL, &self->by_peer_id, error))
    return NULL;

  return g_steal_pointer (&self);
}

const TuttiIsolation *
tutti_room_controls_find (const TuttiRoomControls *self, const char *peer_id)
{
  for (guint i = 0; i < self->isolated->len; i++) {
    const TuttiIsolation *isolation = g_ptr_array_index (self->isolated, i);

    if (g_strcmp0 (isolation->peer_id, peer_id) == 0)
      return isolation;
  }

  return NULL;
}

/* -- roles -- */

TuttiRoleChange *
tutti_role_change_copy (const TuttiRoleChange *self)
{
  TuttiRoleChange *copy = g_new0 (TuttiRoleChange, 1);

  *copy = *self;
  copy->peer_id = g_strdup (self->peer_id);
  copy->by_peer_id = g_strdup (self->by_peer_id);
  return copy;
}

void
tutti_role_change_free (TuttiRoleChange *self)
{
  if (!self)
    return;

  g_free (self->peer_id);
  g_free (self->by_peer_id);
  g_free (self);
}

TuttiRoleChange *
tutti_role_change_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiRoleChange) self = g_new0 (TuttiRoleChange, 1);

  if (!tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error) ||
      !tutti_json_read_id (object, "byPeerId", TUTTI_JSON_OPTIONAL, &self->by_peer_id, error))
    return NULL;
  if (!tutti_role_from_string (tutti_json_peek_string (object, "role"), &self->role)) {
    tutti_json_fail (error, "role");
    return NULL;
  }

  return g_steal_pointer (&self);
}

/* -- requests -- */

/* @data: (transfer full) */
static DexFuture *
ask (TuttiRoomClient *self, const char *method, JsonObject *data)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  if (!tutti_room_client_has_feature (self, "controls")) {
    json_object_unref (data);
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_REFUSED, "%s",
                                  _ ("This room has no controls for hosts."));
  }

  return dex_future_then (
      tutti_channel_request (tutti_room_client_get_channel (self), method, data),
      tutti_room_client_ignore_answer, NULL, NULL);
}

static JsonObject *
about (const char *peer_id)
{
  JsonObject *data = json_object_new ();

  if (peer_id)
    json_object_set_string_member (data, "peerId", peer_id);
  else
    json_object_set_null_member (data, "peerId");

  return data;
}

DexFuture *
tutti_room_client_lock_room (TuttiRoomClient *self, gboolean locked)
{
  JsonObject *data = json_object_new ();

  json_object_set_boolean_member (data, "locked", locked);

  return ask (self, "lockRoom", data);
}

DexFuture *
tutti_room_client_remove_peer (TuttiRoomClient *self, const char *peer_id)
{
  return ask (self, "removePeer", about (peer_id));
}

DexFuture *
tutti_room_client_mute_peer (TuttiRoomClient *self, const char *peer_id)
{
  return ask (self, "mutePeer", about (peer_id));
}

DexFuture *
tutti_room_client_ask_unmute (TuttiRoomClient *self, const char *peer_id)
{
  return ask (self, "askUnmute", about (peer_id));
}

DexFuture *
tutti_room_client_isolate_peer (TuttiRoomClient *self,
                                const char *peer_id,
                                gboolean isolated,
                                const char *const *with)
{
  JsonObject *data = about (peer_id);

  json_object_set_boolean_member (data, "isolated", isolated);
  if (isolated && with) {
    JsonArray *array = json_array_new ();

    for (guint i = 0; with[i]; i++)
      json_array_add_string_element (array, with[i]);
    json_object_set_array_member (data, "with", array);
  }

  return ask (self, "isolatePeer", data);
}

DexFuture *
tutti_room_client_set_spotlight (TuttiRoomClient *self, const char *peer_id)
{
  return ask (self, "setSpotlight", about (peer_id));
}

DexFuture *
tutti_room_client_set_role (TuttiRoomClient *self, const char *peer_id, TuttiRole role)
{
  JsonObject *data = about (peer_id);

  json_object_set_string_member (data, "role", tutti_role_to_string (role));

  return ask (self, "setRole", data);
}
