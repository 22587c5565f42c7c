/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_WINDOW (tutti_window_get_type ())
G_DECLARE_FINAL_TYPE (TuttiWindow, tutti_window, TUTTI, WINDOW, AdwApplicationWindow)

TuttiWindow *tutti_window_new (GtkApplication *application, TuttiJam *jam);
void tutti_window_open_link (TuttiWindow *self, const char *text);
void tutti_window_start_jam (TuttiWindow *self, const char *room, gboolean check_sound);

G_END_DECLS
