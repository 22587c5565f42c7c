/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-room-client.h"

G_BEGIN_DECLS

#define TUTTI_CHAT_MAX_TEXT 2000 /* characters */

/**
 * TuttiChatLine:
 * @id: counts up from 1 in a room; begins anew when the room was empty or its service was restarted
 * @peer_id, @display_name: who wrote it, as they were called then
 * @text: without control characters but for line ends; never empty
 * @at_ms: when the service got it, Unix time, ms
 *
 * A boxed value.
 */
typedef struct {
  gint64 id;
  char *peer_id;
  char *display_name;
  char *text;
  gint64 at_ms;
} TuttiChatLine;

#define TUTTI_TYPE_CHAT_LINE (tutti_chat_line_get_type ())
GType tutti_chat_line_get_type (void) G_GNUC_CONST;
TuttiChatLine *tutti_chat_line_copy (const TuttiChatLine *self);
void tutti_chat_line_free (TuttiChatLine *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiChatLine, tutti_chat_line_free)

/* %NULL with %TUTTI_ERROR_PROTOCOL when malformed. */
TuttiChatLine *tutti_chat_line_from_json (JsonObject *object, GError **error);

/* In a room with the feature "chat". Resolves to TRUE; everybody, we too, then get it by the signal
 * `chat`. @text: cut after TUTTI_CHAT_MAX_TEXT */
DexFuture *tutti_room_client_send_chat (TuttiRoomClient *self, const char *text);

G_END_DECLS
