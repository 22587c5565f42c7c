/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-video.h"

G_BEGIN_DECLS

typedef void (*TuttiVideosFunc) (gpointer user_data);

/**
 * TuttiVideos: who shows what, mine first. It outlives connections. Plain C, main thread.
 */
typedef struct _TuttiVideos TuttiVideos;

/* @own_changed: what I show is another than before */
TuttiVideos *tutti_videos_new (TuttiVideosFunc own_changed, gpointer user_data);
void tutti_videos_free (TuttiVideos *self);
GListModel *tutti_videos_get_model (TuttiVideos *self);
/* (nullable) */
TuttiVideo *tutti_videos_get_own (TuttiVideos *self, TuttiVideoKind kind);
/* @video: (transfer full) (nullable): %NULL: none any more */
void tutti_videos_set_own (TuttiVideos *self, TuttiVideoKind kind, TuttiVideo *video);
TuttiVideo *
tutti_videos_ensure (TuttiVideos *self, TuttiParticipant *participant, TuttiVideoKind kind);
void tutti_videos_remove (TuttiVideos *self, TuttiVideo *video);
void tutti_videos_remove_peer (TuttiVideos *self, const char *peer_id);
/* Drops what did not come back after a reconnection. */
void tutti_videos_prune (TuttiVideos *self, gint64 now_ns);
/* The others' */
void tutti_videos_clear (TuttiVideos *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiVideos, tutti_videos_free)

G_END_DECLS
