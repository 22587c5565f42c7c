/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-videos.h"

#include "tutti-clock.h"
#include "tutti-video-private.h"

#define PRUNE_NS (5 * TUTTI_NSEC_PER_SEC)

struct _TuttiVideos {
  GListStore *list;
  TuttiVideo *own[2]; /* borrowed from the list; by TuttiVideoKind */
  TuttiVideosFunc own_changed;
  gpointer user_data;
};

TuttiVideos *
tutti_videos_new (TuttiVideosFunc own_changed, gpointer user_data)
{
  TuttiVideos *self = g_new0 (TuttiVideos, 1);

  self->list = g_list_store_new (TUTTI_TYPE_VIDEO);
  self->own_changed = own_changed;
  self->user_data = user_data;
  return self;
}

void
tutti_videos_free (TuttiVideos *self)
{
  for (guint kind = 0; kind < 2; kind++)
    if (self->own[kind])
      tutti_video_sender_close (tutti_video_get_sender (self->own[kind]));
  g_clear_object (&self->list);
  g_free (self);
}

GListModel *
tutti_videos_get_model (TuttiVideos *self)
{
  return G_LIST_MODEL (self->list);
}

TuttiVideo *
tutti_videos_get_own (TuttiVideos *self, TuttiVideoKind kind)
{
  return self->own[kind];
}

void
tutti_videos_remove (TuttiVideos *self, TuttiVideo *video)
{
  guint position;

  if (g_list_store_find (self->list, video, &position))
    g_list_store_remove (self->list, position);
}

void
tutti_videos_set_own (TuttiVideos *self, TuttiVideoKind kind, TuttiVideo *video)
{
  TuttiVideo *before = g_steal_pointer (&self->own[kind]);
  guint position = kind == TUTTI_VIDEO_SCREEN && self->own[TUTTI_VIDEO_CAMERA] ? 1 : 0;

  if (before) {
    tutti_video_sender_close (tutti_video_get_sender (before));
    tutti_videos_remove (self, before);
  }
  self->own[kind] = video;
  if (video) {
    g_list_store_insert (self->list, position, video);
    g_object_unref (video); /* the list has it */
  }
  self->own_changed (self->user_data);
}

TuttiVideo *
tutti_videos_ensure (TuttiVideos *self, TuttiParticipant *participant, TuttiVideoKind kind)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));
  g_autoptr (TuttiVideo) video = NULL;

  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiVideo) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);

    if (tutti_video_get_participant (item) == participant && tutti_video_get_kind (item) == kind)
      return item;
  }
  video = tutti_video_new (participant, kind);
  g_list_store_append (self->list, video);
  return video;
}

typedef gboolean (*Wanted) (TuttiVideo *video, gconstpointer data);

static void
remove_others (TuttiVideos *self, Wanted wanted, gconstpointer data)
{
  guint i = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  while (i-- > 0) {
    g_autoptr (TuttiVideo) video = g_list_model_get_item (G_LIST_MODEL (self->list), i);

    if (!tutti_video_is_own (video) && wanted (video, data))
      g_list_store_remove (self->list, i);
  }
}

static gboolean
is_of (TuttiVideo *video, gconstpointer peer_id)
{
  return g_strcmp0 (tutti_participant_get_peer_id (tutti_video_get_participant (video)), peer_id) ==
         0;
}

void
tutti_videos_remove_peer (TuttiVideos *self, const char *peer_id)
{
  remove_others (self, is_of, peer_id);
}

static gboolean
is_stale (TuttiVideo *video, gconstpointer now_ns)
{
  gint64 since = tutti_video_get_detached_ns (video);

  return since != 0 && *(const gint64 *) now_ns - since > PRUNE_NS;
}

void
tutti_videos_prune (TuttiVideos *self, gint64 now_ns)
{
  remove_others (self, is_stale, &now_ns);
}

static gboolean
is_any (TuttiVideo *video, gconstpointer unused)
{
  return TRUE;
}

void
tutti_videos_clear (TuttiVideos *self)
{
  remove_others (self, is_any, NULL);
}
