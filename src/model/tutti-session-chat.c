/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-chat-private.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-stay-private.h"
#include "tutti-thread.h"

/* What people write to each other. */

gboolean
tutti_session_can_chat (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return self->state == TUTTI_SESSION_JOINED && self->stay &&
         tutti_room_client_has_feature (self->stay->client, "chat");
}

DexFuture *
tutti_session_send_chat (TuttiSession *self, const char *text)
{
  if (!tutti_session_can_chat (self))
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  self->state == TUTTI_SESSION_JOINED
                                      ? _ ("This room has no chat.")
                                      : _ ("You are not in the room at the moment."));

  return tutti_room_client_send_chat (self->stay->client, text);
}

GListModel *
tutti_session_get_chat (TuttiSession *self)
{
  return tutti_chat_get_model (self->chat);
}

void
tutti_session_take_chat (const TuttiChatLine *line, gpointer user_data)
{
  TuttiSession *self = user_data;

  tutti_chat_take (self->chat, line, g_strcmp0 (line->peer_id, self->peer_id) == 0);
}
