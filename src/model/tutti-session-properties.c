/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-mix.h"
#include "tutti-room-client.h"
#include "tutti-sound-private.h"
#include "tutti-stay-private.h"

/* TuttiSession as a GObject. */

#define DEFAULT_BPM   120
#define DEFAULT_BEATS 4

enum {
  SIGNAL_PEER_JOINED,
  SIGNAL_PEER_LEFT,
  SIGNAL_INVITES_CHANGED,
  SIGNAL_ROLE_CHANGED,
  SIGNAL_MUTED,
  SIGNAL_UNMUTE_ASKED,
  SIGNAL_VIDEO_FAILED,
  N_SIGNALS
};

static GParamSpec *properties[TUTTI_SESSION_N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_ENUM_TYPE (TuttiSessionState,
                    tutti_session_state,
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_IDLE, "idle"),
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_CONNECTING, "connecting"),
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_JOINING, "joining"),
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_JOINED, "joined"),
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_RECONNECTING, "reconnecting"),
                    G_DEFINE_ENUM_VALUE (TUTTI_SESSION_FAILED, "failed"))

G_DEFINE_FINAL_TYPE (TuttiSession, tutti_session, G_TYPE_OBJECT)

void
tutti_session_notify (TuttiSession *self, TuttiSessionProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tutti_session_tell_invites (TuttiSession *self, const char *revoked)
{
  g_signal_emit (self, signals[SIGNAL_INVITES_CHANGED], 0, revoked);
}

void
tutti_session_tell_role (TuttiSession *self, const char *peer_id, TuttiRole role, const char *by)
{
  g_signal_emit (self, signals[SIGNAL_ROLE_CHANGED], 0, peer_id, role, by);
}

void
tutti_session_tell_muted (TuttiSession *self, const char *by)
{
  g_signal_emit (self, signals[SIGNAL_MUTED], 0, by);
}

void
tutti_session_tell_unmute_asked (TuttiSession *self, const char *by)
{
  g_signal_emit (self, signals[SIGNAL_UNMUTE_ASKED], 0, by);
}

void
tutti_session_tell_video_failed (TuttiSession *self, const GError *error)
{
  g_signal_emit (self, signals[SIGNAL_VIDEO_FAILED], 0, error);
}

static void
roster_cb (TuttiParticipant *participant, gboolean joined, gpointer user_data)
{
  TuttiSession *self = user_data;

  tutti_session_update_isolated (self);
  g_signal_emit (user_data, signals[joined ? SIGNAL_PEER_JOINED : SIGNAL_PEER_LEFT], 0,
                 participant);
  /* With them ended the invite that they came by, whichever that was. */
  if (!joined && self->hosting &&
      g_strcmp0 (tutti_participant_get_leave_reason (participant), "removed") == 0)
    tutti_session_tell_invites (self, "");
}

static void
tutti_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiSession *self = TUTTI_SESSION (object);

  switch ((TuttiSessionProperty) id) {
  case TUTTI_SESSION_PROP_STATE:
    g_value_set_enum (value, (int) self->state);
    break;
  case TUTTI_SESSION_PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case TUTTI_SESSION_PROP_LINK:
    g_value_set_boxed (value, self->link);
    break;
  case TUTTI_SESSION_PROP_ROOM:
    g_value_set_string (value, self->link ? self->link->room : NULL);
    break;
  case TUTTI_SESSION_PROP_PEER_ID:
    g_value_set_string (value, self->peer_id);
    break;
  case TUTTI_SESSION_PROP_DISPLAY_NAME:
    g_value_set_string (value, self->display_name);
    break;
  case TUTTI_SESSION_PROP_INSTRUMENT:
    g_value_set_string (value, self->instrument);
    break;
  case TUTTI_SESSION_PROP_SOUND:
    g_value_set_object (value, self->sound);
    break;
  case TUTTI_SESSION_PROP_PARTICIPANTS:
    g_value_set_object (value, tutti_roster_get_model (self->roster));
    break;
  case TUTTI_SESSION_PROP_PROTOCOL:
    g_value_set_string (value, self->protocol);
    break;
  case TUTTI_SESSION_PROP_SEND_PATH:
    g_value_set_string (value, self->send_path);
    break;
  case TUTTI_SESSION_PROP_RECEIVE_PATH:
    g_value_set_string (value, self->receive_path);
    break;
  case TUTTI_SESSION_PROP_FRAME_SAMPLES:
    g_value_set_uint (value, self->frame_samples);
    break;
  case TUTTI_SESSION_PROP_BITRATE:
    g_value_set_uint (value, self->bitrate);
    break;
  case TUTTI_SESSION_PROP_ROUND_TRIP_MS:
    g_value_set_double (value, self->round_trip_ms);
    break;
  case TUTTI_SESSION_PROP_CLOCK_ERROR_MS:
    g_value_set_double (value, self->clock_error_ms);
    break;
  case TUTTI_SESSION_PROP_RECONNECT:
    g_value_set_boolean (value, self->reconnect);
    break;
  case TUTTI_SESSION_PROP_FORMATS:
    g_value_set_boxed (value, self->formats);
    break;
  case TUTTI_SESSION_PROP_PLAN:
    g_value_set_boxed (value, self->plan);
    break;
  case TUTTI_SESSION_PROP_PLAN_LIMIT:
    g_value_set_enum (value, (int) self->plan_limit);
    break;
  case TUTTI_SESSION_PROP_PLAN_LIMIT_NAME:
    g_value_set_string (value, self->plan_limit_name);
    break;
  case TUTTI_SESSION_PROP_REALTIME:
    g_value_set_boolean (value, self->realtime);
    break;
  case TUTTI_SESSION_PROP_MIXES:
    g_value_set_string (value, self->mixes);
    break;
  case TUTTI_SESSION_PROP_BPM:
    g_value_set_double (value, self->tempo.bpm);
    break;
  case TUTTI_SESSION_PROP_BEATS_PER_BAR:
    g_value_set_uint (value, self->tempo.beats_per_bar);
    break;
  case TUTTI_SESSION_PROP_COUNT_IN:
    g_value_set_uint (value, self->tempo.count_in_bars);
    break;
  case TUTTI_SESSION_PROP_TEMPO_RUNNING:
    g_value_set_boolean (value, self->tempo.running);
    break;
  case TUTTI_SESSION_PROP_ROLE:
    g_value_set_enum (value, (int) self->role);
    break;
  case TUTTI_SESSION_PROP_DRAINING:
    g_value_set_boolean (value, self->draining);
    break;
  case TUTTI_SESSION_PROP_CHAT:
    g_value_set_object (value, tutti_session_get_chat (self));
    break;
  case TUTTI_SESSION_PROP_HOSTING:
    g_value_set_boolean (value, self->hosting);
    break;
  case TUTTI_SESSION_PROP_LOCKED:
    g_value_set_boolean (value, self->controls->locked);
    break;
  case TUTTI_SESSION_PROP_SPOTLIGHT:
    g_value_set_string (value, self->controls->spotlight);
    break;
  case TUTTI_SESSION_PROP_ISOLATED:
    g_value_set_boolean (value, self->isolated_with != NULL);
    break;
  case TUTTI_SESSION_PROP_ISOLATED_WITH:
    g_value_set_string (value, self->isolated_with);
    break;
  case TUTTI_SESSION_PROP_SIDE_ROOMS:
    g_value_set_uint (value, self->controls->isolated->len);
    break;
  case TUTTI_SESSION_PROP_MUTED_BY:
    g_value_set_string (value, self->muted_by);
    break;
  case TUTTI_SESSION_PROP_UNMUTE_ASKED_BY:
    g_value_set_string (value, self->unmute_asked_by);
    break;
  case TUTTI_SESSION_PROP_VIDEOS:
    g_value_set_object (value, tutti_videos_get_model (self->videos));
    break;
  case TUTTI_SESSION_PROP_PICTURES:
    g_value_set_boolean (value, self->pictures);
    break;
  case TUTTI_SESSION_PROP_CAMERA:
    g_value_set_object (value, tutti_videos_get_own (self->videos, TUTTI_VIDEO_CAMERA));
    break;
  case TUTTI_SESSION_PROP_SCREEN:
    g_value_set_object (value, tutti_videos_get_own (self->videos, TUTTI_VIDEO_SCREEN));
    break;
  case TUTTI_SESSION_N_PROPS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiSession *self = TUTTI_SESSION (object);

  switch ((TuttiSessionProperty) id) {
  case TUTTI_SESSION_PROP_DISPLAY_NAME:
    tutti_session_set_display_name (self, g_value_get_string (value));
    break;
  case TUTTI_SESSION_PROP_INSTRUMENT: {
    const char *instrument = g_value_get_string (value);

    if (g_set_str (&self->instrument, instrument ? instrument : ""))
      g_object_notify_by_pspec (object, pspec);
    break;
  }
  case TUTTI_SESSION_PROP_SOUND:
    self->sound = g_value_dup_object (value);
    break;
  case TUTTI_SESSION_PROP_FRAME_SAMPLES:
    tutti_session_set_frame_samples (self, g_value_get_uint (value));
    break;
  case TUTTI_SESSION_PROP_BITRATE:
    tutti_session_set_bitrate (self, g_value_get_uint (value));
    break;
  case TUTTI_SESSION_PROP_RECONNECT:
    if (self->reconnect != g_value_get_boolean (value)) {
      self->reconnect = !self->reconnect;
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case TUTTI_SESSION_PROP_FORMATS:
    tutti_session_set_formats (self, g_value_get_boxed (value));
    break;
  case TUTTI_SESSION_PROP_MIXES:
    if (g_set_str (&self->mixes, g_value_get_string (value)))
      g_object_notify_by_pspec (object, pspec);
    break;
  case TUTTI_SESSION_PROP_BPM:
  case TUTTI_SESSION_PROP_BEATS_PER_BAR:
  case TUTTI_SESSION_PROP_COUNT_IN:
  case TUTTI_SESSION_PROP_TEMPO_RUNNING:
    tutti_session_set_tempo_property (self, (TuttiSessionProperty) id, value);
    break;
  case TUTTI_SESSION_PROP_PICTURES:
    self->pictures = g_value_get_boolean (value);
    g_object_notify_by_pspec (object, pspec);
    break;
  case TUTTI_SESSION_PROP_VIDEOS:
  case TUTTI_SESSION_PROP_CAMERA:
  case TUTTI_SESSION_PROP_SCREEN:
  case TUTTI_SESSION_PROP_PLAN:
  case TUTTI_SESSION_PROP_PLAN_LIMIT:
  case TUTTI_SESSION_PROP_PLAN_LIMIT_NAME:
  case TUTTI_SESSION_PROP_REALTIME:
  case TUTTI_SESSION_PROP_ROLE:
  case TUTTI_SESSION_PROP_DRAINING:
  case TUTTI_SESSION_PROP_CHAT:
  case TUTTI_SESSION_PROP_HOSTING:
  case TUTTI_SESSION_PROP_LOCKED:
  case TUTTI_SESSION_PROP_SPOTLIGHT:
  case TUTTI_SESSION_PROP_ISOLATED:
  case TUTTI_SESSION_PROP_ISOLATED_WITH:
  case TUTTI_SESSION_PROP_SIDE_ROOMS:
  case TUTTI_SESSION_PROP_MUTED_BY:
  case TUTTI_SESSION_PROP_UNMUTE_ASKED_BY:
  case TUTTI_SESSION_N_PROPS:
  case TUTTI_SESSION_PROP_STATE:
  case TUTTI_SESSION_PROP_ERROR:
  case TUTTI_SESSION_PROP_LINK:
  case TUTTI_SESSION_PROP_ROOM:
  case TUTTI_SESSION_PROP_PEER_ID:
  case TUTTI_SESSION_PROP_PARTICIPANTS:
  case TUTTI_SESSION_PROP_PROTOCOL:
  case TUTTI_SESSION_PROP_SEND_PATH:
  case TUTTI_SESSION_PROP_RECEIVE_PATH:
  case TUTTI_SESSION_PROP_ROUND_TRIP_MS:
  case TUTTI_SESSION_PROP_CLOCK_ERROR_MS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_session_constructed (GObject *object)
{
  TuttiSession *self = TUTTI_SESSION (object);

  G_OBJECT_CLASS (tutti_session_parent_class)->constructed (object);

  g_assert (self->sound);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (tutti_session_network_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_sound_get_cameras (self->sound), "items-changed",
                           G_CALLBACK (tutti_session_cameras_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sound, "notify::input-mode",
                           G_CALLBACK (tutti_session_format_changed), self, G_CONNECT_SWAPPED);
  tutti_session_watch_controls (self);
}

static void
tutti_session_finalize (GObject *object)
{
  TuttiSession *self = TUTTI_SESSION (object);

  g_clear_pointer (&self->sleep, tutti_sleep_free);
  g_clear_object (&self->sound);
  g_clear_pointer (&self->roster, tutti_roster_free);
  g_clear_pointer (&self->chat, tutti_chat_free);
  g_clear_pointer (&self->videos, tutti_videos_free);
  g_clear_pointer (&self->camera_device, g_free);
  g_clear_pointer (&self->link, tutti_link_free);
  g_clear_pointer (&self->peer_id, g_free);
  g_clear_pointer (&self->seat, g_free);
  g_clear_pointer (&self->outside_host, g_free);
  g_clear_pointer (&self->display_name, g_free);
  g_clear_pointer (&self->instrument, g_free);
  g_clear_pointer (&self->protocol, g_free);
  g_clear_pointer (&self->send_path, g_free);
  g_clear_pointer (&self->receive_path, g_free);
  g_clear_pointer (&self->formats, g_strfreev);
  g_clear_pointer (&self->plan, tutti_plan_free);
  g_clear_pointer (&self->plan_limit_name, g_free);
  g_clear_pointer (&self->controls, tutti_room_controls_free);
  g_clear_pointer (&self->isolated_with, g_free);
  g_clear_pointer (&self->muted_by, g_free);
  g_clear_pointer (&self->unmute_asked_by, g_free);
  g_clear_pointer (&self->hushed, g_ptr_array_unref);
  g_clear_pointer (&self->mixes, g_free);
  g_clear_handle_id (&self->tempo_id, g_source_remove);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (tutti_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[TUTTI_SESSION_PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, TUTTI_TYPE_SESSION_STATE, TUTTI_SESSION_IDLE, ro);
  properties[TUTTI_SESSION_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, ro);
  properties[TUTTI_SESSION_PROP_LINK] =
      g_param_spec_boxed ("link", NULL, NULL, TUTTI_TYPE_LINK, ro);
  properties[TUTTI_SESSION_PROP_ROOM] = g_param_spec_string ("room", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_PEER_ID] = g_param_spec_string ("peer-id", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_DISPLAY_NAME] =
      g_param_spec_string ("display-name", NULL, NULL, "", rw);
  properties[TUTTI_SESSION_PROP_INSTRUMENT] =
      g_param_spec_string ("instrument", NULL, NULL, "", rw);
  properties[TUTTI_SESSION_PROP_SOUND] =
      g_param_spec_object ("sound", NULL, NULL, TUTTI_TYPE_SOUND,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[TUTTI_SESSION_PROP_PARTICIPANTS] =
      g_param_spec_object ("participants", NULL, NULL, G_TYPE_LIST_MODEL, ro);
  properties[TUTTI_SESSION_PROP_PROTOCOL] = g_param_spec_string ("protocol", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_SEND_PATH] =
      g_param_spec_string ("send-path", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_RECEIVE_PATH] =
      g_param_spec_string ("receive-path", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_FRAME_SAMPLES] =
      g_param_spec_uint ("frame-samples", NULL, NULL, 0, 960, 0, rw);
  properties[TUTTI_SESSION_PROP_BITRATE] =
      g_param_spec_uint ("bitrate", NULL, NULL, 0, 510000, 0, rw);
  properties[TUTTI_SESSION_PROP_ROUND_TRIP_MS] =
      g_param_spec_double ("round-trip-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[TUTTI_SESSION_PROP_CLOCK_ERROR_MS] =
      g_param_spec_double ("clock-error-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[TUTTI_SESSION_PROP_RECONNECT] =
      g_param_spec_boolean ("reconnect", NULL, NULL, TRUE, rw);
  properties[TUTTI_SESSION_PROP_FORMATS] =
      g_param_spec_boxed ("formats", NULL, NULL, G_TYPE_STRV, rw);
  properties[TUTTI_SESSION_PROP_PLAN] =
      g_param_spec_boxed ("plan", NULL, NULL, TUTTI_TYPE_PLAN, ro);
  properties[TUTTI_SESSION_PROP_PLAN_LIMIT] = g_param_spec_enum (
      "plan-limit", NULL, NULL, TUTTI_TYPE_PLAN_LIMIT, TUTTI_PLAN_LIMIT_NONE, ro);
  properties[TUTTI_SESSION_PROP_PLAN_LIMIT_NAME] =
      g_param_spec_string ("plan-limit-name", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_REALTIME] = g_param_spec_boolean ("realtime", NULL, NULL, TRUE, ro);
  properties[TUTTI_SESSION_PROP_MIXES] = g_param_spec_string ("mixes", NULL, NULL, NULL, rw);
  properties[TUTTI_SESSION_PROP_BPM] = g_param_spec_double ("bpm", NULL, NULL, TUTTI_TEMPO_MIN_BPM,
                                                            TUTTI_TEMPO_MAX_BPM, DEFAULT_BPM, rw);
  properties[TUTTI_SESSION_PROP_BEATS_PER_BAR] =
      g_param_spec_uint ("beats-per-bar", NULL, NULL, 1, TUTTI_TEMPO_MAX_BEATS, DEFAULT_BEATS, rw);
  properties[TUTTI_SESSION_PROP_COUNT_IN] =
      g_param_spec_uint ("count-in", NULL, NULL, 0, TUTTI_TEMPO_MAX_COUNT_IN, 0, rw);
  properties[TUTTI_SESSION_PROP_TEMPO_RUNNING] =
      g_param_spec_boolean ("tempo-running", NULL, NULL, FALSE, rw);
  properties[TUTTI_SESSION_PROP_ROLE] =
      g_param_spec_enum ("role", NULL, NULL, TUTTI_TYPE_ROLE, TUTTI_ROLE_MUSICIAN, ro);
  properties[TUTTI_SESSION_PROP_DRAINING] =
      g_param_spec_boolean ("draining", NULL, NULL, FALSE, ro);
  properties[TUTTI_SESSION_PROP_CHAT] =
      g_param_spec_object ("chat", NULL, NULL, G_TYPE_LIST_MODEL, ro);
  properties[TUTTI_SESSION_PROP_HOSTING] = g_param_spec_boolean ("hosting", NULL, NULL, FALSE, ro);
  properties[TUTTI_SESSION_PROP_LOCKED] = g_param_spec_boolean ("locked", NULL, NULL, FALSE, ro);
  properties[TUTTI_SESSION_PROP_SPOTLIGHT] =
      g_param_spec_string ("spotlight", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_ISOLATED] =
      g_param_spec_boolean ("isolated", NULL, NULL, FALSE, ro);
  properties[TUTTI_SESSION_PROP_ISOLATED_WITH] =
      g_param_spec_string ("isolated-with", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_SIDE_ROOMS] =
      g_param_spec_uint ("side-rooms", NULL, NULL, 0, G_MAXUINT, 0, ro);
  properties[TUTTI_SESSION_PROP_MUTED_BY] = g_param_spec_string ("muted-by", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_UNMUTE_ASKED_BY] =
      g_param_spec_string ("unmute-asked-by", NULL, NULL, NULL, ro);
  properties[TUTTI_SESSION_PROP_VIDEOS] =
      g_param_spec_object ("videos", NULL, NULL, G_TYPE_LIST_MODEL, ro);
  properties[TUTTI_SESSION_PROP_PICTURES] = g_param_spec_boolean ("pictures", NULL, NULL, TRUE, rw);
  properties[TUTTI_SESSION_PROP_CAMERA] =
      g_param_spec_object ("camera", NULL, NULL, TUTTI_TYPE_VIDEO, ro);
  properties[TUTTI_SESSION_PROP_SCREEN] =
      g_param_spec_object ("screen", NULL, NULL, TUTTI_TYPE_VIDEO, ro);
  g_object_class_install_properties (object_class, TUTTI_SESSION_N_PROPS, properties);
}

static void
tutti_session_class_init (TuttiSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  dex_init ();

  object_class->constructed = tutti_session_constructed;
  object_class->get_property = tutti_session_get_property;
  object_class->set_property = tutti_session_set_property;
  object_class->finalize = tutti_session_finalize;
  install_properties (object_class);

  signals[SIGNAL_PEER_JOINED] =
      g_signal_new ("peer-joined", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, TUTTI_TYPE_PARTICIPANT);
  signals[SIGNAL_INVITES_CHANGED] =
      g_signal_new ("invites-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_ROLE_CHANGED] =
      g_signal_new ("role-changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 3, G_TYPE_STRING, TUTTI_TYPE_ROLE, G_TYPE_STRING);
  signals[SIGNAL_MUTED] = g_signal_new ("muted", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_UNMUTE_ASKED] =
      g_signal_new ("unmute-asked", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[SIGNAL_VIDEO_FAILED] =
      g_signal_new ("video-failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                    NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
  signals[SIGNAL_PEER_LEFT] =
      g_signal_new ("peer-left", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, TUTTI_TYPE_PARTICIPANT);
}

static void
tutti_session_init (TuttiSession *self)
{
  self->roster = tutti_roster_new (roster_cb, self);
  self->chat = tutti_chat_new ();
  self->controls = tutti_room_controls_new ();
  self->hushed = g_ptr_array_new_with_free_func (g_object_unref);
  self->videos = tutti_videos_new (tutti_session_video_changed, self);
  self->pictures = TRUE;
  self->peer_id = tutti_room_client_generate_peer_id ();
  self->display_name = g_strdup ("");
  self->instrument = g_strdup ("");
  self->round_trip_ms = self->clock_error_ms = -1;
  self->reconnect = self->realtime = TRUE;
  self->tempo.bpm = DEFAULT_BPM;
  self->tempo.beats_per_bar = DEFAULT_BEATS;
  tutti_session_set_formats (self, NULL);
}
