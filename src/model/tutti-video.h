/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-participant.h"
#include "tutti-picture.h"
#include "tutti-video-source.h"

G_BEGIN_DECLS

/**
 * TuttiVideo: a camera or a screen that somebody shows, I or another one
 *
 * Read-only properties: `participant` (TuttiParticipant, NULL: mine), `name` (char *: whose),
 * `kind` (int TuttiVideoKind), `own` (bool), `picture` (TuttiPicture: where the frames are), `live`
 * (bool: it comes; not while a connection is made anew, or while its sender pauses). `shown` (bool
 * rw): it can be seen at the moment; what is not shown is not sent to us, and comes back at once.
 * Main thread.
 */
#define TUTTI_TYPE_VIDEO (tutti_video_get_type ())
G_DECLARE_FINAL_TYPE (TuttiVideo, tutti_video, TUTTI, VIDEO, GObject)

TuttiParticipant *tutti_video_get_participant (TuttiVideo *self);
const char *tutti_video_get_name (TuttiVideo *self);
TuttiVideoKind tutti_video_get_kind (TuttiVideo *self);
gboolean tutti_video_is_own (TuttiVideo *self);
gboolean tutti_video_is_live (TuttiVideo *self);
gboolean tutti_video_get_shown (TuttiVideo *self);
void tutti_video_set_shown (TuttiVideo *self, gboolean shown);
TuttiPicture *tutti_video_get_picture (TuttiVideo *self);

/**
 * TuttiVideoStats: what is not known is 0. @target: bit/s, @packets and so on: of what I send, or
 * of what I get of another one
 */
typedef struct {
  guint target;
  guint width;
  guint height;
  guint fps;
  guint64 packets;
  guint64 bytes;
  guint64 key_frames_asked;
  guint64 asked_again;
  guint64 refused;
  double queue_ms;
  double loss_percent;
} TuttiVideoStats;

void tutti_video_get_stats (TuttiVideo *self, TuttiVideoStats *stats);

G_END_DECLS
