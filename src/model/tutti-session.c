/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-client.h"
#include "tutti-sound-private.h"
#include "tutti-thread.h"
#include "tutti-transport.h"

#define DEFAULT_FRAME   120
#define DEFAULT_BITRATE 128000

typedef enum {
  PROP_STATE = 1,
  PROP_ERROR,
  PROP_LINK,
  PROP_ROOM,
  PROP_PEER_ID,
  PROP_DISPLAY_NAME,
  PROP_INSTRUMENT,
  PROP_SOUND,
  PROP_PARTICIPANTS,
  PROP_PROTOCOL,
  PROP_FRAME_SAMPLES,
  PROP_BITRATE,
  PROP_ROUND_TRIP_MS,
  PROP_CLOCK_ERROR_MS,
  PROP_RECONNECT,
} TuttiSessionProperty;

enum { SIGNAL_PEER_JOINED, SIGNAL_PEER_LEFT, N_SIGNALS };

static GParamSpec *properties[PROP_RECONNECT + 1];
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

/**
 * tutti_session_set_state:
 * @error: (transfer full) (nullable): why; only in RECONNECTING and FAILED
 */
void
tutti_session_set_state (TuttiSession *self, TuttiSessionState state, GError *error)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->error || error) {
    g_clear_error (&self->error);
    self->error = error;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
  }
  if (self->state != state) {
    self->state = state;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
  }
  g_object_thaw_notify (G_OBJECT (self));
}

void
tutti_session_update_protocol (TuttiSession *self)
{
  if (g_set_str (&self->protocol, self->stay ? tutti_stay_get_protocol (self->stay) : NULL))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PROTOCOL]);
}

static void
update_double (TuttiSession *self, double *field, double value, TuttiSessionProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tutti_session_update_clock (TuttiSession *self)
{
  const TuttiRoomClock *clock = self->stay ? tutti_stay_get_clock (self->stay) : NULL;

  update_double (self, &self->round_trip_ms, clock ? tutti_room_clock_get_rtt_ms (clock) : -1,
                 PROP_ROUND_TRIP_MS);
  update_double (self, &self->clock_error_ms, clock ? tutti_room_clock_get_error_ms (clock) : -1,
                 PROP_CLOCK_ERROR_MS);
}

static void
roster_cb (TuttiParticipant *participant, gboolean joined, gpointer user_data)
{
  g_signal_emit (user_data, signals[joined ? SIGNAL_PEER_JOINED : SIGNAL_PEER_LEFT], 0,
                 participant);
}

/* The stream's shape changed: the room's next producer says so, and takes over unheard. */
static void
format_changed (TuttiSession *self)
{
  if (!self->stay)
    return;

  tutti_stay_set_format (self->stay, self->frame_samples, self->bitrate);
  if (self->state != TUTTI_SESSION_JOINED)
    return;

  if (tutti_stay_can_rebuild (self->stay))
    dex_future_disown (tutti_stay_rebuild (self->stay, TUTTI_STAY_SEND));
  else
    dex_future_disown (tutti_session_rebuild (self));
}

static void
set_display_name (TuttiSession *self, const char *name)
{
  if (!g_set_str (&self->display_name, name ? name : ""))
    return;

  if (self->stay)
    tutti_stay_set_name (self->stay, self->display_name);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISPLAY_NAME]);
}

static void
set_uint (TuttiSession *self, guint *field, guint value, TuttiSessionProperty property)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
  format_changed (self);
}

static void
set_frame_samples (TuttiSession *self, guint value)
{
  if (value != 120 && value != 240 && value != 480 && value != 960) {
    g_warning ("A frame of %u samples is none of 120, 240, 480, 960", value);
    return;
  }
  set_uint (self, &self->frame_samples, value, PROP_FRAME_SAMPLES);
}

static void
tutti_session_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiSession *self = TUTTI_SESSION (object);

  switch ((TuttiSessionProperty) id) {
  case PROP_STATE:
    g_value_set_enum (value, (int) self->state);
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case PROP_LINK:
    g_value_set_boxed (value, self->link);
    break;
  case PROP_ROOM:
    g_value_set_string (value, self->link ? self->link->room : NULL);
    break;
  case PROP_PEER_ID:
    g_value_set_string (value, self->peer_id);
    break;
  case PROP_DISPLAY_NAME:
    g_value_set_string (value, self->display_name);
    break;
  case PROP_INSTRUMENT:
    g_value_set_string (value, self->instrument);
    break;
  case PROP_SOUND:
    g_value_set_object (value, self->sound);
    break;
  case PROP_PARTICIPANTS:
    g_value_set_object (value, tutti_roster_get_model (self->roster));
    break;
  case PROP_PROTOCOL:
    g_value_set_string (value, self->protocol);
    break;
  case PROP_FRAME_SAMPLES:
    g_value_set_uint (value, self->frame_samples);
    break;
  case PROP_BITRATE:
    g_value_set_uint (value, self->bitrate);
    break;
  case PROP_ROUND_TRIP_MS:
    g_value_set_double (value, self->round_trip_ms);
    break;
  case PROP_CLOCK_ERROR_MS:
    g_value_set_double (value, self->clock_error_ms);
    break;
  case PROP_RECONNECT:
    g_value_set_boolean (value, self->reconnect);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_session_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiSession *self = TUTTI_SESSION (object);

  switch ((TuttiSessionProperty) id) {
  case PROP_DISPLAY_NAME:
    set_display_name (self, g_value_get_string (value));
    break;
  case PROP_INSTRUMENT: {
    const char *instrument = g_value_get_string (value);

    if (g_set_str (&self->instrument, instrument ? instrument : ""))
      g_object_notify_by_pspec (object, pspec);
    break;
  }
  case PROP_SOUND:
    self->sound = g_value_dup_object (value);
    break;
  case PROP_FRAME_SAMPLES:
    set_frame_samples (self, g_value_get_uint (value));
    break;
  case PROP_BITRATE:
    set_uint (self, &self->bitrate, g_value_get_uint (value), PROP_BITRATE);
    break;
  case PROP_RECONNECT:
    if (self->reconnect != g_value_get_boolean (value)) {
      self->reconnect = !self->reconnect;
      g_object_notify_by_pspec (object, pspec);
    }
    break;
  case PROP_STATE:
  case PROP_ERROR:
  case PROP_LINK:
  case PROP_ROOM:
  case PROP_PEER_ID:
  case PROP_PARTICIPANTS:
  case PROP_PROTOCOL:
  case PROP_ROUND_TRIP_MS:
  case PROP_CLOCK_ERROR_MS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
network_changed_cb (TuttiSession *self, gboolean available)
{
  if (available)
    tutti_session_retry (self);
}

static void
tutti_session_constructed (GObject *object)
{
  TuttiSession *self = TUTTI_SESSION (object);

  G_OBJECT_CLASS (tutti_session_parent_class)->constructed (object);

  g_assert (self->sound);
  g_signal_connect_object (g_network_monitor_get_default (), "network-changed",
                           G_CALLBACK (network_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->sound, "notify::input-mode", G_CALLBACK (format_changed), self,
                           G_CONNECT_SWAPPED);
}

static void
tutti_session_finalize (GObject *object)
{
  TuttiSession *self = TUTTI_SESSION (object);

  g_clear_object (&self->sound);
  g_clear_pointer (&self->roster, tutti_roster_free);
  g_clear_pointer (&self->link, tutti_link_free);
  g_clear_pointer (&self->peer_id, g_free);
  g_clear_pointer (&self->display_name, g_free);
  g_clear_pointer (&self->instrument, g_free);
  g_clear_pointer (&self->protocol, g_free);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (tutti_session_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[PROP_STATE] =
      g_param_spec_enum ("state", NULL, NULL, TUTTI_TYPE_SESSION_STATE, TUTTI_SESSION_IDLE, ro);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, ro);
  properties[PROP_LINK] = g_param_spec_boxed ("link", NULL, NULL, TUTTI_TYPE_LINK, ro);
  properties[PROP_ROOM] = g_param_spec_string ("room", NULL, NULL, NULL, ro);
  properties[PROP_PEER_ID] = g_param_spec_string ("peer-id", NULL, NULL, NULL, ro);
  properties[PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, "", rw);
  properties[PROP_INSTRUMENT] = g_param_spec_string ("instrument", NULL, NULL, "", rw);
  properties[PROP_SOUND] =
      g_param_spec_object ("sound", NULL, NULL, TUTTI_TYPE_SOUND,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PARTICIPANTS] =
      g_param_spec_object ("participants", NULL, NULL, G_TYPE_LIST_MODEL, ro);
  properties[PROP_PROTOCOL] = g_param_spec_string ("protocol", NULL, NULL, NULL, ro);
  properties[PROP_FRAME_SAMPLES] =
      g_param_spec_uint ("frame-samples", NULL, NULL, 120, 960, DEFAULT_FRAME, rw);
  properties[PROP_BITRATE] =
      g_param_spec_uint ("bitrate", NULL, NULL, 6000, 510000, DEFAULT_BITRATE, rw);
  properties[PROP_ROUND_TRIP_MS] =
      g_param_spec_double ("round-trip-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_CLOCK_ERROR_MS] =
      g_param_spec_double ("clock-error-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_RECONNECT] = g_param_spec_boolean ("reconnect", NULL, NULL, TRUE, rw);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
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
  signals[SIGNAL_PEER_LEFT] =
      g_signal_new ("peer-left", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 1, TUTTI_TYPE_PARTICIPANT);
}

static void
tutti_session_init (TuttiSession *self)
{
  self->roster = tutti_roster_new (roster_cb, self);
  self->peer_id = tutti_room_client_generate_peer_id ();
  self->display_name = g_strdup ("");
  self->instrument = g_strdup ("");
  self->frame_samples = DEFAULT_FRAME;
  self->bitrate = DEFAULT_BITRATE;
  self->round_trip_ms = self->clock_error_ms = -1;
  self->reconnect = TRUE;
}

TuttiSession *
tutti_session_new (TuttiSound *sound)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_SESSION, "sound", sound, NULL);
}

static gboolean
is_idle (TuttiSession *self)
{
  return self->over == NULL;
}

DexFuture *
tutti_session_join (TuttiSession *self, const TuttiLink *link)
{
  g_autoptr (GError) error = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (!is_idle (self))
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  _ ("You are in a room already. Leave it first."));

  g_clear_pointer (&self->link, tutti_link_free);
  self->link = tutti_link_copy (link);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LINK]);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROOM]);

  if (!tutti_net_init (&error)) {
    tutti_session_set_state (self, TUTTI_SESSION_FAILED, g_error_copy (error));
    return dex_future_new_for_error (g_steal_pointer (&error));
  }

  self->leaving = FALSE;
  self->rejoin = FALSE;
  self->entry = dex_promise_new ();
  self->stop = dex_promise_new ();
  self->over = dex_promise_new ();
  tutti_session_set_state (self, TUTTI_SESSION_CONNECTING, NULL);
  tutti_session_live (self);

  return dex_ref (DEX_FUTURE (self->entry));
}

DexFuture *
tutti_session_leave (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (is_idle (self)) {
    tutti_session_set_state (self, TUTTI_SESSION_IDLE, NULL);
    return dex_future_new_true ();
  }

  if (!self->leaving) {
    self->leaving = TRUE;
    dex_promise_resolve_boolean (self->stop, TRUE);
    /* Who is still on the way in stops at once; who is in says good-bye first (in the fiber). */
    if (self->stay && self->state != TUTTI_SESSION_JOINED)
      tutti_stay_close (self->stay);
  }

  return dex_ref (DEX_FUTURE (self->over));
}

DexFuture *
tutti_session_rebuild (TuttiSession *self)
{
  g_autoptr (GError) rejoin = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->state != TUTTI_SESSION_JOINED || !self->stay)
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  _ ("Only who is in a room can rebuild the connection to it."));

  if (tutti_stay_can_rebuild (self->stay))
    return tutti_stay_rebuild (self->stay, TUTTI_STAY_SEND | TUTTI_STAY_RECEIVE);

  /* This server cannot do it unheard: leave and come back. */
  rejoin = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED,
                                _ ("This room rebuilds a connection by joining again."));
  self->rejoin = TRUE;
  tutti_stay_end (self->stay, rejoin);

  return dex_future_new_true ();
}

void
tutti_session_retry (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->retry && dex_future_is_pending (DEX_FUTURE (self->retry)))
    dex_promise_resolve_boolean (self->retry, TRUE);
}

TuttiSessionState
tutti_session_get_state (TuttiSession *self)
{
  return self->state;
}

const GError *
tutti_session_get_error (TuttiSession *self)
{
  return self->error;
}

TuttiSound *
tutti_session_get_sound (TuttiSession *self)
{
  return self->sound;
}

GListModel *
tutti_session_get_participants (TuttiSession *self)
{
  return tutti_roster_get_model (self->roster);
}
