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

GListModel *
tutti_session_get_videos (TuttiSession *self)
{
  return tutti_videos_get_model (self->videos);
}
