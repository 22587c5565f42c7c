/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-chat.h"
#include "tutti-room-chat.h"

G_BEGIN_DECLS

/**
 * TuttiChat:
 *
 * What was written in a room while I was in it, and before. Coming back, the room tells again what
 * I have read. Plain C, main thread.
 */
typedef struct _TuttiChat TuttiChat;

TuttiChat *tutti_chat_new (void);
void tutti_chat_free (TuttiChat *self);
/* (transfer none): of TuttiChatMessage, oldest first */
GListModel *tutti_chat_get_model (TuttiChat *self);
/* (transfer none) (nullable): the new message; NULL when it is here already */
TuttiChatMessage *tutti_chat_take (TuttiChat *self, const TuttiChatLine *line, gboolean mine);
void tutti_chat_clear (TuttiChat *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiChat, tutti_chat_free)

G_END_DECLS
