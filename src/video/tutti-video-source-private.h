/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gst/gst.h>

#include "tutti-video-source.h"

G_BEGIN_DECLS

/* Only this folder includes it. Adds what makes the source's raw pictures to @bin. Returned: the
 * last of its elements, borrowed. */
GstElement *tutti_video_source_add (const TuttiVideoSource *self, GstBin *bin, GError **error);

G_END_DECLS
