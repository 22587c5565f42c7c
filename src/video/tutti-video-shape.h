/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiVideoKind: what a picture shows
 * @TUTTI_VIDEO_CAMERA: people: rather smooth than sharp
 * @TUTTI_VIDEO_SCREEN: scores and windows: rather sharp than smooth
 */
typedef enum { TUTTI_VIDEO_CAMERA, TUTTI_VIDEO_SCREEN } TuttiVideoKind;

/**
 * TuttiVideoShape: @width and @height in pixels, even; @fps: frames a second at most
 */
typedef struct {
  guint width;
  guint height;
  guint fps;
} TuttiVideoShape;

/* The largest picture that is sent, and that is decoded of what others send. */
#define TUTTI_VIDEO_MAX_WIDTH  3840
#define TUTTI_VIDEO_MAX_HEIGHT 2160

/* Pure. What a source of that size becomes at @bitrate; never larger than the source, and with its
 * aspect ratio. @rung: (inout): the step that was chosen; not left for a little. −1: none yet. */
TuttiVideoShape tutti_video_choose_shape (TuttiVideoKind kind,
                                          guint bitrate,
                                          guint source_width,
                                          guint source_height,
                                          int *rung);
/* Pure. Whether @data begins a VP8 key frame (RFC 6386, 9.1), and of which size. */
gboolean tutti_vp8_read_key_frame (const guint8 *data, gsize size, guint *width, guint *height);

G_END_DECLS
