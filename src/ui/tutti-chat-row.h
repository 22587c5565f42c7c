/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

#include "tutti-chat.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_CHAT_ROW (tutti_chat_row_get_type ())
G_DECLARE_FINAL_TYPE (TuttiChatRow, tutti_chat_row, TUTTI, CHAT_ROW, GtkListBoxRow)

GtkWidget *tutti_chat_row_new (TuttiChatMessage *message);

G_END_DECLS
