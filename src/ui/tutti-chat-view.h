/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_CHAT_VIEW (tutti_chat_view_get_type ())
G_DECLARE_FINAL_TYPE (TuttiChatView, tutti_chat_view, TUTTI, CHAT_VIEW, AdwBin)

void tutti_chat_view_set_session (TuttiChatView *self, TuttiSession *session);

G_END_DECLS
