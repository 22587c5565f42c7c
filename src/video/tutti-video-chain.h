/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gst/gst.h>

#include "tutti-picture.h"

G_BEGIN_DECLS

/* What the chains of both directions have in common. Only this folder includes it. */

gboolean tutti_video_init (GError **error);
/* Into @bin; %NULL with @error when there is no such element. Returned: borrowed. */
GstElement *tutti_video_add (GstBin *bin, const char *factory, GError **error);
GstElement *tutti_video_add_caps (GstBin *bin, const char *caps, GError **error);
/* An appsink with a converter before it, that puts every frame into @picture. Returned: the first
 * of them, borrowed. */
GstElement *tutti_video_add_picture (GstBin *bin, TuttiPicture *picture, GError **error);

typedef void (*TuttiVideoErrorFunc) (const GError *error, gpointer user_data);
/* @func: on whatever thread the error comes from */
void tutti_video_watch_bus (GstElement *pipeline,
                            TuttiVideoErrorFunc func,
                            gpointer user_data,
                            GDestroyNotify destroy);

G_END_DECLS
