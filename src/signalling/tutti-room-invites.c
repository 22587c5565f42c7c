/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-invites.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-client-private.h"
#include "tutti-room-json.h"

#define MAX_INVITES 4096
#define MAX_TOKEN   2048

G_DEFINE_BOXED_TYPE (TuttiInvite, tutti_invite, tutti_invite_copy, tutti_invite_free)

TuttiInvite *
tutti_invite_copy (const TuttiInvite *self)
{
  TuttiInvite *copy = g_new0 (TuttiInvite, 1);

  *copy = *self;
  copy->id = g_strdup (self->id);
  copy->name = g_strdup (self->name);
  copy->token = g_strdup (self->token);
  return copy;
}

void
tutti_invite_free (TuttiInvite *self)
{
  if (!self)
    return;

  g_free (self->id);
  g_free (self->name);
  g_free (self->token);
  g_free (self);
}

/* It goes into links: anything but base64url and dots would have to be escaped by whoever hands it
 * on. */
static gboolean
is_token (const char *text)
{
  size_t length = text ? strnlen (text, MAX_TOKEN + 1) : 0;

  if (length == 0 || length > MAX_TOKEN)
    return FALSE;

  for (const char *c = text; *c; c++)
    if (!g_ascii_isalnum (*c) && !strchr ("-_.", *c))
      return FALSE;

  return TRUE;
}

TuttiInvite *
tutti_invite_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiInvite) self = g_new0 (TuttiInvite, 1);
  const char *token = tutti_json_peek_string (object, "token");

  if (!tutti_json_read_id (object, "id", TUTTI_JSON_REQUIRED, &self->id, error) ||
      !tutti_json_read_int (object, "createdAt", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &self->created_at,
                            error) ||
      !tutti_json_read_int (object, "expiresAt", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &self->expires_at,
                            error))
    return NULL;
  if (!tutti_role_from_string (tutti_json_peek_string (object, "role"), &self->role)) {
    tutti_json_fail (error, "role");
    return NULL;
  }
  if (!is_token (token)) {
    tutti_json_fail (error, "token");
    return NULL;
  }

  self->token = g_strdup (token);
  self->name = tutti_json_dup_text (object, "name", TUTTI_ROOM_MAX_NAME);
  self->revoked = tutti_json_peek_true (object, "revoked");

  return g_steal_pointer (&self);
}

/* -- requests -- */

static DexFuture *
take_invite (DexFuture *future, gpointer user_data)
{
  JsonObject *object = tutti_json_peek_object (tutti_room_client_peek_answer (future), "invite");
  TuttiInvite *invite = object ? tutti_invite_from_json (object, NULL) : NULL;

  return invite ? dex_future_new_take_boxed (TUTTI_TYPE_INVITE, invite)
                : tutti_room_client_reject_malformed ("invite");
}

static DexFuture *
take_invites (DexFuture *future, gpointer user_data)
{
  JsonArray *array = tutti_json_peek_array (tutti_room_client_peek_answer (future), "invites");
  g_autoptr (GPtrArray) invites =
      g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_invite_free);
  guint n_invites;

  if (!array)
    return tutti_room_client_reject_malformed ("invites");

  n_invites = MIN (json_array_get_length (array), MAX_INVITES);
  for (guint i = 0; i < n_invites; i++) {
    JsonNode *node = json_array_get_element (array, i);
    TuttiInvite *invite = NULL;

    if (JSON_NODE_HOLDS_OBJECT (node))
      invite = tutti_invite_from_json (json_node_get_object (node), NULL);
    if (!invite)
      return tutti_room_client_reject_malformed ("invites");
    g_ptr_array_add (invites, invite);
  }

  return dex_future_new_take_boxed (G_TYPE_PTR_ARRAY, g_steal_pointer (&invites));
}

/* @data: (transfer full) */
static DexFuture *
ask (TuttiRoomClient *self, const char *method, JsonObject *data, DexFutureCallback take)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  if (!tutti_room_client_has_feature (self, "invites")) {
    json_object_unref (data);
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_REFUSED, "%s",
                                  _ ("This room knows no invitations."));
  }

  return dex_future_then (
      tutti_channel_request (tutti_room_client_get_channel (self), method, data), take, NULL, NULL);
}

DexFuture *
tutti_room_client_create_invite (TuttiRoomClient *self,
                                 TuttiRole role,
                                 guint seconds,
                                 const char *name)
{
  JsonObject *data = json_object_new ();
  g_autofree char *clean = tutti_text_clean (name, TUTTI_ROOM_MAX_NAME);

  json_object_set_string_member (data, "role", tutti_role_to_string (role));
  json_object_set_int_member (data, "seconds", seconds);
  if (*clean)
    json_object_set_string_member (data, "name", clean);

  return ask (self, "createInvite", data, take_invite);
}

DexFuture *
tutti_room_client_list_invites (TuttiRoomClient *self)
{
  return ask (self, "listInvites", json_object_new (), take_invites);
}

DexFuture *
tutti_room_client_renew_invite (TuttiRoomClient *self, const char *id, guint seconds)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "id", id);
  json_object_set_int_member (data, "seconds", seconds);

  return ask (self, "renewInvite", data, take_invite);
}

DexFuture *
tutti_room_client_revoke_invite (TuttiRoomClient *self, const char *id, gboolean remove)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "id", id);
  json_object_set_boolean_member (data, "remove", remove);

  return ask (self, "revokeInvite", data, tutti_room_client_ignore_answer);
}
