/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"
#include "tutti-video-private.h"

/* What I show. It is mine, in a room or not; a stay sends it. */

void
tutti_session_video_changed (gpointer data)
{
  TuttiSession *self = data;

  if (self->stay)
    tutti_stay_follow_videos (self->stay);
  tutti_session_notify (self, TUTTI_SESSION_PROP_CAMERA);
  tutti_session_notify (self, TUTTI_SESSION_PROP_SCREEN);
}

static void
sender_error_cb (TuttiVideoSender *sender, const GError *error, TuttiSession *self)
{
  for (TuttiVideoKind kind = 0; kind <= TUTTI_VIDEO_SCREEN; kind++) {
    TuttiVideo *video = tutti_videos_get_own (self->videos, kind);

    if (!video || tutti_video_get_sender (video) != sender)
      continue;
    tutti_videos_set_own (self->videos, kind, NULL);
    tutti_session_tell_video_failed (self, error);
    return;
  }
}

/* A camera that is unplugged gives no error and no end: only the list says it. */
static gboolean
is_listed (TuttiSession *self, const char *device)
{
  GListModel *cameras = tutti_sound_get_cameras (self->sound);

  for (guint i = 0; i < g_list_model_get_n_items (cameras); i++) {
    g_autoptr (TuttiDevice) camera = g_list_model_get_item (cameras, i);

    if (g_strcmp0 (tutti_device_get_name (camera), device) == 0)
      return TRUE;
  }

  return FALSE;
}

void
tutti_session_cameras_changed (TuttiSession *self)
{
  g_autoptr (GError) error = NULL;
  gboolean listed = self->camera_device && is_listed (self, self->camera_device);
  gboolean gone = self->camera_listed && !listed;

  self->camera_listed = listed;
  if (!gone || !tutti_videos_get_own (self->videos, TUTTI_VIDEO_CAMERA))
    return;

  tutti_videos_set_own (self->videos, TUTTI_VIDEO_CAMERA, NULL);
  error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_VIDEO, _ ("The camera was unplugged."));
  tutti_session_tell_video_failed (self, error);
}

gboolean
tutti_session_show (TuttiSession *self, TuttiVideoSource *source, GError **error)
{
  g_autoptr (TuttiVideoSender) sender = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->stay && tutti_stay_is_open (self->stay) && self->role == TUTTI_ROLE_LISTENER) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_REFUSED,
                         _ ("Your invite is for listening: you cannot show anything."));
    return FALSE;
  }
  /* The old one first: a camera serves one program once. */
  if (tutti_videos_get_own (self->videos, source->kind))
    tutti_videos_set_own (self->videos, source->kind, NULL);
  sender = tutti_video_sender_new (source, error);
  if (!sender)
    return FALSE;

  g_signal_connect_object (sender, "error", G_CALLBACK (sender_error_cb), self, 0);
  if (source->kind == TUTTI_VIDEO_CAMERA) {
    g_set_str (&self->camera_device, source->device);
    self->camera_listed = is_listed (self, source->device);
  }
  tutti_videos_set_own (self->videos, source->kind, tutti_video_new_own (source->kind, sender));
  return TRUE;
}

void
tutti_session_hide (TuttiSession *self, TuttiVideoKind kind)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (tutti_videos_get_own (self->videos, kind))
    tutti_videos_set_own (self->videos, kind, NULL);
}

/* A camera is shown to one room, and only while one plays there. */
void
tutti_session_hide_all (TuttiSession *self)
{
  for (TuttiVideoKind kind = 0; kind <= TUTTI_VIDEO_SCREEN; kind++)
    tutti_session_hide (self, kind);
}

GListModel *
tutti_session_get_videos (TuttiSession *self)
{
  return tutti_videos_get_model (self->videos);
}
