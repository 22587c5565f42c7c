/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * TuttiFrame: one picture: @height lines of @width pixels of four bytes (blue, green, red, unused),
 * each line @stride bytes after the one before. Immutable, any thread.
 */
typedef struct {
  GBytes *bytes;
  guint width;
  guint height;
  gsize stride;
} TuttiFrame;

#define TUTTI_TYPE_FRAME (tutti_frame_get_type ())
GType tutti_frame_get_type (void) G_GNUC_CONST;
/* @bytes: (transfer full). Atomically counted. */
TuttiFrame *tutti_frame_new (GBytes *bytes, guint width, guint height, gsize stride);
TuttiFrame *tutti_frame_ref (TuttiFrame *self);
void tutti_frame_unref (TuttiFrame *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiFrame, tutti_frame_unref)

/**
 * TuttiPicture: where frames come out, one after the other: the newest counts, and nobody waits
 *
 * Signal `frame` (): there is a newer one. On the main thread, not once for each where that is
 * busy. What shows it makes a paintable of tutti_picture_dup_frame().
 */
#define TUTTI_TYPE_PICTURE (tutti_picture_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPicture, tutti_picture, TUTTI, PICTURE, GObject)

/**
 * TuttiPictureStats: @frames: since the beginning. @fps: lately. @first_ns: CLOCK_MONOTONIC, of the
 * first frame since the last tutti_picture_expect(); 0: none came. @expected_ns: of that call.
 * @last_ns: of the newest one; 0: none
 */
typedef struct {
  guint64 frames;
  double fps;
  guint width;
  guint height;
  gint64 first_ns;
  gint64 expected_ns;
  gint64 last_ns;
} TuttiPictureStats;

TuttiPicture *tutti_picture_new (void);
/* Any thread. @frame: (transfer full) */
void tutti_picture_put (TuttiPicture *self, TuttiFrame *frame);
/* Any thread: what was there is old from now on; @clear: and is shown no more. */
void tutti_picture_expect (TuttiPicture *self, gboolean clear);
/* Any thread. (transfer full) (nullable): none yet */
TuttiFrame *tutti_picture_dup_frame (TuttiPicture *self);
void tutti_picture_get_stats (TuttiPicture *self, TuttiPictureStats *stats);

G_END_DECLS
