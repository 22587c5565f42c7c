/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-error.h"
#include "tutti-link.h"
#include "tutti-room-chat.h"
#include "tutti-room-clock.h"
#include "tutti-room-plan.h"
#include "tutti-room-types.h"
#include "tutti-roster.h"
#include "tutti-sound.h"
#include "tutti-videos.h"

G_BEGIN_DECLS

/**
 * TuttiStayConfig: what I tell the room about me and my streams
 */
typedef struct {
  char *display_name;
  char *instrument;
  GStrv formats;       /* what may be sent and can be heard: "raw", "tight", "opus" */
  guint frame_samples; /* the person's choice; 0: as the room plans, else 2.5 ms */
  guint bitrate;       /* the most, for a strip; 0: as the room plans, else 128 kbit/s */
  char *seat;          /* from an earlier stay of the same peer; NULL: none */
  TuttiVideos *videos; /* borrowed until closed */
  gboolean pictures;   /* those of others are wanted */
} TuttiStayConfig;

typedef enum {
  TUTTI_STAY_SEND = 1 << 0,
  TUTTI_STAY_RECEIVE = 1 << 1,
  TUTTI_STAY_OUTPUTS = 1 << 2, /* no new transport: producers come and go on the one there is */
} TuttiStayDirections;

typedef void (*TuttiStayFunc) (gpointer user_data);
typedef void (*TuttiStayChatFunc) (const TuttiChatLine *line, gpointer user_data);

/**
 * TuttiStay:
 *
 * One stay in a room: from the first connection to its loss. It joins, sends the own strip, hears
 * everybody else's, and replaces transports while they play on. A session that reconnects makes a
 * new stay; what has to outlive it (people, strips, settings) is in the roster. Plain C, reference
 * counted, main thread.
 */
typedef struct _TuttiStay TuttiStay;

TuttiStay *tutti_stay_new (TuttiRoster *roster,
                           TuttiSound *sound,
                           const TuttiLink *link,
                           const char *peer_id,
                           const TuttiStayConfig *config);
TuttiStay *tutti_stay_ref (TuttiStay *self);
void tutti_stay_unref (TuttiStay *self);
/* Called when protocol, plan, tempo or draining may have changed. */
void tutti_stay_set_changed_func (TuttiStay *self, TuttiStayFunc func, gpointer user_data);

/* Called for everything that is written in the room, and for what was. */
void tutti_stay_set_chat_func (TuttiStay *self, TuttiStayChatFunc func, gpointer user_data);

/* In a fiber: reaches the service; then joins, sends, and returns when the media is checked. */
gboolean tutti_stay_open (TuttiStay *self, GError **error);
gboolean tutti_stay_join (TuttiStay *self, GError **error);
/* Rejects when the stay is over, with the reason: one road for every error after joining. */
DexFuture *tutti_stay_await_end (TuttiStay *self);
void tutti_stay_end (TuttiStay *self, const GError *error);
/* After tutti_stay_open(). */
TuttiRole tutti_stay_get_role (TuttiStay *self);
const char *tutti_stay_get_seat (TuttiStay *self);
const char *tutti_stay_get_outside (TuttiStay *self, guint *port);
/* In a fiber: says good-bye (at most 1 s), then closes. @reason: (nullable): "asleep" */
void tutti_stay_leave (TuttiStay *self, const char *reason);
/* At once. Whatever waits in tutti_stay_open() or _join() returns G_IO_ERROR_CANCELLED. Idempotent;
 * the roster is not touched after this. */
void tutti_stay_close (TuttiStay *self);

/* tutti-stay-video.c: what I show is another than before. */
void tutti_stay_follow_videos (TuttiStay *self);

gboolean tutti_stay_is_open (TuttiStay *self);
/* The room's service has said that it ends soon. */
gboolean tutti_stay_is_draining (TuttiStay *self);

/* tutti-stay-path.c */
GError *tutti_stay_dup_reason (TuttiError code);
void tutti_stay_verify (TuttiStay *self, TuttiError doubt);
void tutti_stay_check_way (TuttiStay *self);

/* Make before break. Resolves when switched; rejects (and ends the stay) when that failed. */
DexFuture *tutti_stay_rebuild (TuttiStay *self, TuttiStayDirections directions);
gboolean tutti_stay_can_rebuild (TuttiStay *self);
/* Other wishes: followed live where only framed streams are sent, else by a rebuild. FALSE: this
 * room has to be joined again for that. */
gboolean tutti_stay_set_format (TuttiStay *self, guint frame_samples, guint bitrate);
void tutti_stay_set_name (TuttiStay *self, const char *display_name);
/* Once a second: publishes the capture clocks, and how things are. */
void tutti_stay_tick (TuttiStay *self);
const TuttiPlan *tutti_stay_get_plan (TuttiStay *self);
const TuttiTempo *tutti_stay_get_tempo (TuttiStay *self);
/* FALSE when a thread that carries sound has no real-time priority. */
gboolean tutti_stay_is_realtime (TuttiStay *self);
gboolean tutti_stay_has_tempo (TuttiStay *self);
/* Rejects where the room knows no tempo. */
DexFuture *tutti_stay_set_tempo (TuttiStay *self, const TuttiTempo *tempo);
const TuttiRoomClock *tutti_stay_get_clock (TuttiStay *self);
const char *tutti_stay_get_path (TuttiStay *self, gboolean sending);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiStay, tutti_stay_unref)

G_END_DECLS
