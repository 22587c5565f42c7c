/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-session.h"

G_BEGIN_DECLS

/**
 * TuttiVideoGrid: everything that is shown in the room, as tiles of the same size, or one of them
 * large. Visible only while there is something: who shows nothing leaves no hole. Main thread.
 */
#define TUTTI_TYPE_VIDEO_GRID (tutti_video_grid_get_type ())
G_DECLARE_FINAL_TYPE (TuttiVideoGrid, tutti_video_grid, TUTTI, VIDEO_GRID, GtkWidget)

/* Once only. */
void tutti_video_grid_set_session (TuttiVideoGrid *self, TuttiSession *session);

G_END_DECLS
