/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-roster.h"
#include "tutti-session.h"
#include "tutti-stay.h"

G_BEGIN_DECLS

struct _TuttiSession {
  GObject parent_instance;

  TuttiSound *sound;   /* owned */
  TuttiRoster *roster; /* owned */
  TuttiLink *link;
  char *peer_id; /* the same over all reconnections */
  char *display_name;
  char *instrument;
  char *protocol;
  guint frame_samples;
  guint bitrate;
  double round_trip_ms;
  double clock_error_ms;
  gboolean reconnect;

  TuttiSessionState state;
  GError *error;

  /* While a life runs (from join() to IDLE or FAILED) */
  TuttiStay *stay;   /* owned; NULL between two attempts */
  DexPromise *entry; /* owned; what join() returned */
  DexPromise *stop;  /* owned; resolved by leave() */
  DexPromise *over;  /* owned; resolved when everything is closed */
  DexPromise *retry; /* owned while the back-off waits; resolved by retry() */
  gboolean leaving;
  gboolean rejoin; /* a demo server's rebuild: come back at once */
  guint tick_id;
};

/* tutti-session.c */
void tutti_session_set_state (TuttiSession *self, TuttiSessionState state, GError *error);
void tutti_session_update_protocol (TuttiSession *self);
void tutti_session_update_clock (TuttiSession *self);

/* tutti-session-life.c: the fiber */
void tutti_session_live (TuttiSession *self);

G_END_DECLS
