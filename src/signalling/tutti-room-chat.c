/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-chat.h"

#include "tutti-error.h"
#include "tutti-room-client-private.h"
#include "tutti-room-json.h"

#define MAX_LINES 1000

G_DEFINE_BOXED_TYPE (TuttiChatLine, tutti_chat_line, tutti_chat_line_copy, tutti_chat_line_free)

TuttiChatLine *
tutti_chat_line_copy (const TuttiChatLine *self)
{
  TuttiChatLine *copy = g_new0 (TuttiChatLine, 1);

  *copy = *self;
  copy->peer_id = g_strdup (self->peer_id);
  copy->display_name = g_strdup (self->display_name);
  copy->text = g_strdup (self->text);
  return copy;
}

void
tutti_chat_line_free (TuttiChatLine *self)
{
  if (!self)
    return;

  g_free (self->peer_id);
  g_free (self->display_name);
  g_free (self->text);
  g_free (self);
}

TuttiChatLine *
tutti_chat_line_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiChatLine) self = g_new0 (TuttiChatLine, 1);

  if (!tutti_json_read_int (object, "id", 1, TUTTI_JSON_MAX_SAFE_INTEGER, &self->id, error) ||
      !tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error) ||
      !tutti_json_read_int (object, "at", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &self->at_ms, error))
    return NULL;

  self->display_name = tutti_json_dup_text (object, "displayName", TUTTI_ROOM_MAX_NAME);
  self->text =
      tutti_text_clean_lines (tutti_json_peek_string (object, "text"), TUTTI_CHAT_MAX_TEXT);
  if (*self->display_name && *self->text)
    return g_steal_pointer (&self);

  tutti_json_fail (error, *self->text ? "displayName" : "text");
  return NULL;
}

void
tutti_room_client_take_chat (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiChatLine) line = tutti_chat_line_from_json (data, &error);

  if (line)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_CHAT], 0, line);
  else
    g_info ("chat ignored: %s", error->message);
}

/* What was written before we came. */
void
tutti_room_client_take_chat_lines (TuttiRoomClient *self, JsonArray *lines)
{
  guint n = MIN (json_array_get_length (lines), MAX_LINES);

  for (guint i = 0; i < n; i++) {
    JsonNode *node = json_array_get_element (lines, i);

    if (JSON_NODE_HOLDS_OBJECT (node))
      tutti_room_client_take_chat (self, json_node_get_object (node));
  }
}

DexFuture *
tutti_room_client_send_chat (TuttiRoomClient *self, const char *text)
{
  g_autofree char *clean = tutti_text_clean_lines (text, TUTTI_CHAT_MAX_TEXT);
  JsonObject *data;

  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  data = json_object_new ();
  json_object_set_string_member (data, "text", clean);
  return dex_future_then (
      tutti_channel_request (tutti_room_client_get_channel (self), "sendChat", data),
      tutti_room_client_ignore_answer, NULL, NULL);
}
