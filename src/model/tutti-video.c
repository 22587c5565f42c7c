/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-private.h"

#include "tutti-clock.h"
#include "tutti-i18n.h"

struct _TuttiVideo {
  GObject parent_instance;

  TuttiParticipant *participant; /* owned; NULL: mine */
  TuttiVideoKind kind;
  TuttiPicture *picture;        /* owned */
  TuttiVideoSender *sender;     /* owned; mine */
  TuttiVideoReceiver *receiver; /* owned; NULL: it does not come */
  gint64 detached_ns;
  gboolean sender_paused;
  gboolean shown;
};

typedef enum {
  PROP_PARTICIPANT = 1,
  PROP_NAME,
  PROP_KIND,
  PROP_OWN,
  PROP_PICTURE,
  PROP_LIVE,
  PROP_SHOWN,
} TuttiVideoProperty;

static GParamSpec *properties[PROP_SHOWN + 1];

G_DEFINE_FINAL_TYPE (TuttiVideo, tutti_video, G_TYPE_OBJECT)

static void
tutti_video_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiVideo *self = TUTTI_VIDEO (object);

  switch ((TuttiVideoProperty) id) {
  case PROP_PARTICIPANT:
    g_value_set_object (value, self->participant);
    break;
  case PROP_NAME:
    g_value_set_string (value, tutti_video_get_name (self));
    break;
  case PROP_KIND:
    g_value_set_int (value, (int) self->kind);
    break;
  case PROP_OWN:
    g_value_set_boolean (value, tutti_video_is_own (self));
    break;
  case PROP_PICTURE:
    g_value_set_object (value, self->picture);
    break;
  case PROP_LIVE:
    g_value_set_boolean (value, tutti_video_is_live (self));
    break;
  case PROP_SHOWN:
    g_value_set_boolean (value, self->shown);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_video_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiVideo *self = TUTTI_VIDEO (object);

  switch ((TuttiVideoProperty) id) {
  case PROP_SHOWN:
    tutti_video_set_shown (self, g_value_get_boolean (value));
    break;
  case PROP_PARTICIPANT:
  case PROP_NAME:
  case PROP_KIND:
  case PROP_OWN:
  case PROP_PICTURE:
  case PROP_LIVE:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_video_finalize (GObject *object)
{
  TuttiVideo *self = TUTTI_VIDEO (object);

  g_clear_object (&self->participant);
  g_clear_object (&self->picture);
  g_clear_object (&self->sender);
  g_clear_pointer (&self->receiver, tutti_video_receiver_unref);
  G_OBJECT_CLASS (tutti_video_parent_class)->finalize (object);
}

static void
tutti_video_class_init (TuttiVideoClass *klass)
{
  const GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tutti_video_get_property;
  object_class->set_property = tutti_video_set_property;
  object_class->finalize = tutti_video_finalize;

  properties[PROP_PARTICIPANT] =
      g_param_spec_object ("participant", NULL, NULL, TUTTI_TYPE_PARTICIPANT, ro);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, "", ro);
  properties[PROP_KIND] = g_param_spec_int ("kind", NULL, NULL, 0, TUTTI_VIDEO_SCREEN, 0, ro);
  properties[PROP_OWN] = g_param_spec_boolean ("own", NULL, NULL, FALSE, ro);
  properties[PROP_PICTURE] = g_param_spec_object ("picture", NULL, NULL, TUTTI_TYPE_PICTURE, ro);
  properties[PROP_LIVE] = g_param_spec_boolean ("live", NULL, NULL, FALSE, ro);
  properties[PROP_SHOWN] =
      g_param_spec_boolean ("shown", NULL, NULL, TRUE,
                            G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_video_init (TuttiVideo *self)
{
  self->shown = TRUE;
}

TuttiVideo *
tutti_video_new_own (TuttiVideoKind kind, TuttiVideoSender *sender)
{
  TuttiVideo *self = g_object_new (TUTTI_TYPE_VIDEO, NULL);

  self->kind = kind;
  self->sender = g_object_ref (sender);
  self->picture = g_object_ref (tutti_video_sender_get_picture (sender));
  return self;
}

static void
renamed_cb (TuttiVideo *self)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NAME]);
}

TuttiVideo *
tutti_video_new (TuttiParticipant *participant, TuttiVideoKind kind)
{
  TuttiVideo *self = g_object_new (TUTTI_TYPE_VIDEO, NULL);

  self->participant = g_object_ref (participant);
  self->kind = kind;
  self->picture = tutti_picture_new ();
  self->detached_ns = tutti_clock_now_ns ();
  g_signal_connect_object (participant, "notify::display-name", G_CALLBACK (renamed_cb), self,
                           G_CONNECT_SWAPPED);
  return self;
}

TuttiParticipant *
tutti_video_get_participant (TuttiVideo *self)
{
  return self->participant;
}

const char *
tutti_video_get_name (TuttiVideo *self)
{
  return self->participant ? tutti_participant_get_display_name (self->participant) : _ ("You");
}

TuttiVideoKind
tutti_video_get_kind (TuttiVideo *self)
{
  return self->kind;
}

gboolean
tutti_video_is_own (TuttiVideo *self)
{
  return self->participant == NULL;
}

gboolean
tutti_video_is_live (TuttiVideo *self)
{
  return self->sender || (self->receiver && !self->sender_paused);
}

gboolean
tutti_video_get_shown (TuttiVideo *self)
{
  return self->shown;
}

void
tutti_video_set_shown (TuttiVideo *self, gboolean shown)
{
  if (self->shown == shown)
    return;

  self->shown = shown;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOWN]);
}

TuttiPicture *
tutti_video_get_picture (TuttiVideo *self)
{
  return self->picture;
}

TuttiVideoSender *
tutti_video_get_sender (TuttiVideo *self)
{
  return self->sender;
}

TuttiVideoReceiver *
tutti_video_get_receiver (TuttiVideo *self)
{
  return self->receiver;
}

void
tutti_video_attach (TuttiVideo *self, TuttiVideoReceiver *receiver)
{
  if (receiver)
    tutti_video_receiver_ref (receiver);
  g_clear_pointer (&self->receiver, tutti_video_receiver_unref);
  self->receiver = receiver;
  self->detached_ns = receiver ? 0 : tutti_clock_now_ns ();
  if (receiver)
    tutti_picture_expect (self->picture, FALSE);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
}

void
tutti_video_set_sender_paused (TuttiVideo *self, gboolean paused)
{
  if (self->sender_paused == paused)
    return;

  self->sender_paused = paused;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LIVE]);
}

gint64
tutti_video_get_detached_ns (TuttiVideo *self)
{
  return self->detached_ns;
}

void
tutti_video_get_stats (TuttiVideo *self, TuttiVideoStats *stats)
{
  *stats = (TuttiVideoStats) { 0 };
  if (self->sender) {
    TuttiVideoSenderStats sent;

    tutti_video_sender_get_stats (self->sender, &sent);
    *stats = (TuttiVideoStats) {
      .target = sent.target,
      .width = sent.shape.width,
      .height = sent.shape.height,
      .fps = sent.shape.fps,
      .packets = sent.packets,
      .bytes = sent.sent_bytes,
      .key_frames_asked = sent.key_frames_asked,
      .queue_ms = sent.queue_ms,
      .loss_percent = sent.loss_percent,
    };
  } else if (self->receiver) {
    TuttiVideoReceiverStats got;

    tutti_video_receiver_get_stats (self->receiver, &got);
    stats->packets = got.packets;
    stats->refused = got.refused;
    stats->asked_again = got.asked_again;
    stats->key_frames_asked = got.key_frames_asked;
  }
}
