/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-chat-private.h"
#include "tutti-room-controls.h"
#include "tutti-roster.h"
#include "tutti-session.h"
#include "tutti-sleep.h"
#include "tutti-stay.h"

G_BEGIN_DECLS

typedef enum {
  TUTTI_SESSION_PROP_STATE = 1,
  TUTTI_SESSION_PROP_ERROR,
  TUTTI_SESSION_PROP_LINK,
  TUTTI_SESSION_PROP_ROOM,
  TUTTI_SESSION_PROP_PEER_ID,
  TUTTI_SESSION_PROP_DISPLAY_NAME,
  TUTTI_SESSION_PROP_INSTRUMENT,
  TUTTI_SESSION_PROP_SOUND,
  TUTTI_SESSION_PROP_PARTICIPANTS,
  TUTTI_SESSION_PROP_PROTOCOL,
  TUTTI_SESSION_PROP_SEND_PATH,
  TUTTI_SESSION_PROP_RECEIVE_PATH,
  TUTTI_SESSION_PROP_FRAME_SAMPLES,
  TUTTI_SESSION_PROP_BITRATE,
  TUTTI_SESSION_PROP_ROUND_TRIP_MS,
  TUTTI_SESSION_PROP_CLOCK_ERROR_MS,
  TUTTI_SESSION_PROP_RECONNECT,
  TUTTI_SESSION_PROP_FORMATS,
  TUTTI_SESSION_PROP_PLAN,
  TUTTI_SESSION_PROP_PLAN_LIMIT,
  TUTTI_SESSION_PROP_PLAN_LIMIT_NAME,
  TUTTI_SESSION_PROP_REALTIME,
  TUTTI_SESSION_PROP_MIXES,
  TUTTI_SESSION_PROP_BPM,
  TUTTI_SESSION_PROP_BEATS_PER_BAR,
  TUTTI_SESSION_PROP_COUNT_IN,
  TUTTI_SESSION_PROP_TEMPO_RUNNING,
  TUTTI_SESSION_PROP_ROLE,
  TUTTI_SESSION_PROP_DRAINING,
  TUTTI_SESSION_PROP_CHAT,
  TUTTI_SESSION_PROP_HOSTING,
  TUTTI_SESSION_PROP_LOCKED,
  TUTTI_SESSION_PROP_SPOTLIGHT,
  TUTTI_SESSION_PROP_ISOLATED,
  TUTTI_SESSION_PROP_ISOLATED_WITH,
  TUTTI_SESSION_PROP_SIDE_ROOMS,
  TUTTI_SESSION_PROP_MUTED_BY,
  TUTTI_SESSION_PROP_UNMUTE_ASKED_BY,
  TUTTI_SESSION_PROP_VIDEOS,
  TUTTI_SESSION_PROP_PICTURES,
  TUTTI_SESSION_PROP_CAMERA,
  TUTTI_SESSION_PROP_SCREEN,
  TUTTI_SESSION_N_PROPS,
} TuttiSessionProperty;

struct _TuttiSession {
  GObject parent_instance;

  TuttiSound *sound;   /* owned */
  TuttiRoster *roster; /* owned */
  TuttiChat *chat;     /* owned */
  TuttiVideos *videos; /* owned */
  gboolean pictures;   /* of others */
  char *camera_device; /* that was shown last */
  gboolean camera_listed;
  TuttiLink *link;
  char *peer_id;      /* the same over all stays by one link */
  char *outside_host; /* for links that are handed out; NULL: the one of our link */
  guint outside_port;
  char *seat; /* by which it comes back; NULL: was not there yet */
  TuttiRole role;
  char *display_name;
  char *instrument;
  char *protocol;
  char *send_path;
  char *receive_path;
  guint frame_samples;
  guint bitrate;
  double round_trip_ms;
  double clock_error_ms;
  gboolean reconnect;
  GStrv formats;
  TuttiPlan *plan; /* NULL: the room has none */
  TuttiPlanLimit plan_limit;
  char *plan_limit_name;
  gboolean realtime;
  char *mixes; /* the file that keeps them; NULL: none */
  guint n_ticks;

  /* What hosts have set */
  TuttiRoomControls *controls; /* owned, never NULL */
  gboolean controls_told;      /* in this stay */
  gboolean hosting;
  char *isolated_with;   /* names; NULL: I am in no side room */
  char *muted_by;        /* name; NULL: by nobody, or I have unmuted myself since */
  char *unmute_asked_by; /* name; NULL: nobody asks */
  GPtrArray *hushed;     /* owned, of TuttiOwnStrip: what that host muted, and not I */

  /* The metronome: the room's, or, where it keeps none, only ours */
  TuttiTempo tempo;
  gint64 tempo_origin_ns; /* CLOCK_MONOTONIC; 0: not known */
  gboolean tempo_is_room;
  gboolean tempo_starts; /* it begins anew */
  guint tempo_pending;   /* changes of ours on their way to the room */
  guint tempo_id;        /* a change of ours that waits for the others of the same moment */

  TuttiSessionState state;
  GError *error;
  gboolean draining;

  /* See tutti-session-away.c */
  TuttiSleep *sleep; /* owned; NULL before the first room */
  gint64 ticked_ns;  /* CLOCK_BOOTTIME; 0: not yet */
  gboolean resting;  /* the computer sleeps, or is about to: nothing is tried */
  gboolean hurry;    /* the next attempt is a first one */

  /* While a life runs (from join() to IDLE or FAILED) */
  TuttiStay *stay;   /* owned; NULL between two attempts */
  DexPromise *entry; /* owned; what join() returned */
  DexPromise *stop;  /* owned; resolved by leave() */
  DexPromise *over;  /* owned; resolved when everything is closed */
  DexPromise *rest;  /* owned while in a room; resolved when the computer is about to sleep */
  DexPromise *retry; /* owned while the back-off waits; resolved by retry() */
  gboolean leaving;
  gboolean rejoin; /* a demo server's rebuild: come back at once */
  guint tick_id;
  guint way_id;
};

/* tutti-session.c */
void tutti_session_set_state (TuttiSession *self, TuttiSessionState state, GError *error);
void tutti_session_update_protocol (TuttiSession *self);
void tutti_session_update_clock (TuttiSession *self);
void tutti_session_update (TuttiSession *self);
void tutti_session_take_seat (TuttiSession *self);
void tutti_session_tick (TuttiSession *self);
void tutti_session_format_changed (TuttiSession *self);
void tutti_session_set_display_name (TuttiSession *self, const char *name);
void tutti_session_set_frame_samples (TuttiSession *self, guint value);
void tutti_session_set_bitrate (TuttiSession *self, guint value);
void tutti_session_set_formats (TuttiSession *self, const char *const *wished);
void tutti_session_load_mix (TuttiSession *self);
void tutti_session_save_mix (TuttiSession *self);

/* tutti-session-properties.c */
/* @revoked: (nullable): the id of one that we took back; "": some ended */
void tutti_session_tell_invites (TuttiSession *self, const char *revoked);
void tutti_session_notify (TuttiSession *self, TuttiSessionProperty property);

/* tutti-session-chat.c: for the stay */
void tutti_session_take_chat (const TuttiChatLine *line, gpointer user_data);
void
tutti_session_tell_role (TuttiSession *self, const char *peer_id, TuttiRole role, const char *by);
void tutti_session_tell_muted (TuttiSession *self, const char *by);
void tutti_session_tell_unmute_asked (TuttiSession *self, const char *by);

/* tutti-session-controls.c */
void tutti_session_watch_controls (TuttiSession *self);
void tutti_session_follow_controls (TuttiSession *self);
void tutti_session_settle_controls (TuttiSession *self);
void tutti_session_forget_controls (TuttiSession *self);
void tutti_session_update_isolated (TuttiSession *self);
void tutti_session_update_hosting (TuttiSession *self);
void tutti_session_tell_video_failed (TuttiSession *self, const GError *error);

/* tutti-session-video.c */
void tutti_session_video_changed (gpointer session);
void tutti_session_cameras_changed (TuttiSession *self);
void tutti_session_hide_all (TuttiSession *self);

/* tutti-session-tempo.c */
void tutti_session_update_tempo (TuttiSession *self);
void tutti_session_follow_click (TuttiSession *self);
void tutti_session_set_tempo_property (TuttiSession *self,
                                       TuttiSessionProperty property,
                                       const GValue *value);

/* tutti-session-away.c */
gboolean tutti_session_was_paused (TuttiSession *self);
void tutti_session_notice_pause (TuttiSession *self);
void tutti_session_network_changed (TuttiSession *self);
void tutti_session_watch_sleep (TuttiSession *self);

/* tutti-session-life.c: the fiber */
void tutti_session_live (TuttiSession *self);

G_END_DECLS
