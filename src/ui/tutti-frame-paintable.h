/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-picture.h"

G_BEGIN_DECLS

/**
 * TuttiFramePaintable: the newest frame of a #TuttiPicture, for a GtkPicture. Follows it as long as
 * it lives; nothing is made of frames that nobody draws. Main thread.
 */
#define TUTTI_TYPE_FRAME_PAINTABLE (tutti_frame_paintable_get_type ())
G_DECLARE_FINAL_TYPE (TuttiFramePaintable, tutti_frame_paintable, TUTTI, FRAME_PAINTABLE, GObject)

/* @mirrored: as one sees oneself */
GdkPaintable *tutti_frame_paintable_new (TuttiPicture *picture, gboolean mirrored);

G_END_DECLS
