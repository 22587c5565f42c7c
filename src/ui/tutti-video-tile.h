/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-video.h"

G_BEGIN_DECLS

/**
 * TuttiVideoTile: one picture with the name of whose it is. A toggle: active has the room to
 * itself. What is not mapped is not sent to us. Main thread.
 */
#define TUTTI_TYPE_VIDEO_TILE (tutti_video_tile_get_type ())
G_DECLARE_FINAL_TYPE (TuttiVideoTile, tutti_video_tile, TUTTI, VIDEO_TILE, AdwBin)

GtkWidget *tutti_video_tile_new (TuttiVideo *video);
TuttiVideo *tutti_video_tile_get_video (TuttiVideoTile *self);
/* The toggle itself, for who decides which tile is large. */
GtkToggleButton *tutti_video_tile_get_button (TuttiVideoTile *self);

G_END_DECLS
