/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-outside.h"
#include "tutti-session.h"

G_BEGIN_DECLS

/**
 * TuttiJamState:
 * @TUTTI_JAM_IDLE: in no room
 * @TUTTI_JAM_STARTING: the room service of this computer is being started
 * @TUTTI_JAM_CONNECTING: the room service is being reached
 * @TUTTI_JAM_JOINING: transports are being made
 * @TUTTI_JAM_JOINED: playing
 * @TUTTI_JAM_RECONNECTING: the room was lost; the session tries again by itself
 * @TUTTI_JAM_FAILED: over; the error says why
 */
typedef enum {
  TUTTI_JAM_IDLE,
  TUTTI_JAM_STARTING,
  TUTTI_JAM_CONNECTING,
  TUTTI_JAM_JOINING,
  TUTTI_JAM_JOINED,
  TUTTI_JAM_RECONNECTING,
  TUTTI_JAM_FAILED,
} TuttiJamState;

#define TUTTI_TYPE_JAM_STATE (tutti_jam_state_get_type ())
GType tutti_jam_state_get_type (void) G_GNUC_CONST;

#define TUTTI_TYPE_JAM (tutti_jam_get_type ())
G_DECLARE_FINAL_TYPE (TuttiJam, tutti_jam, TUTTI, JAM, GObject)

TuttiJam *tutti_jam_new (GSettings *settings);
void tutti_jam_set_internet (TuttiJam *self, gboolean internet);
TuttiOutside *tutti_jam_dup_outside (TuttiJam *self);
void tutti_jam_start_local (TuttiJam *self, const char *room);
void tutti_jam_join (TuttiJam *self, const TuttiLink *link);
void tutti_jam_retry (TuttiJam *self);
DexFuture *tutti_jam_leave (TuttiJam *self);
void tutti_jam_listen (TuttiJam *self, gboolean listen);
TuttiJamState tutti_jam_get_state (TuttiJam *self);
const GError *tutti_jam_get_error (TuttiJam *self);
const TuttiLink *tutti_jam_get_link (TuttiJam *self);
const TuttiLink *tutti_jam_get_shared_link (TuttiJam *self);
gboolean tutti_jam_is_hosting (TuttiJam *self);
TuttiSession *tutti_jam_get_session (TuttiJam *self);
TuttiSound *tutti_jam_get_sound (TuttiJam *self);
GSettings *tutti_jam_get_settings (TuttiJam *self);

G_END_DECLS
