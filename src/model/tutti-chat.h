/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TUTTI_TYPE_CHAT_MESSAGE (tutti_chat_message_get_type ())
G_DECLARE_FINAL_TYPE (TuttiChatMessage, tutti_chat_message, TUTTI, CHAT_MESSAGE, GObject)

/**
 * TuttiChatMessage: what somebody wrote in the room; it never changes
 *
 * Properties: `name` (char *: as they were called then), `text` (char *: may have several lines),
 * `time` (GDateTime, local), `mine` (bool). Main thread.
 */
const char *tutti_chat_message_get_name (TuttiChatMessage *self);
const char *tutti_chat_message_get_text (TuttiChatMessage *self);
GDateTime *tutti_chat_message_get_time (TuttiChatMessage *self);
gboolean tutti_chat_message_is_mine (TuttiChatMessage *self);

G_END_DECLS
