/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-link.h"
#include "tutti-room-clock.h"
#include "tutti-roster.h"
#include "tutti-sound.h"

G_BEGIN_DECLS

/**
 * TuttiStayConfig: what I tell the room about me and my stream
 */
typedef struct {
  char *display_name;
  char *instrument;
  guint frame_samples;
  guint bitrate;
} TuttiStayConfig;

typedef enum {
  TUTTI_STAY_SEND = 1 << 0,
  TUTTI_STAY_RECEIVE = 1 << 1,
} TuttiStayDirections;

typedef void (*TuttiStayFunc) (gpointer user_data);

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
/* Called when `protocol` may have changed. */
void tutti_stay_set_changed_func (TuttiStay *self, TuttiStayFunc func, gpointer user_data);

/* In a fiber: reaches the service; then joins, sends, and returns when the media is checked. */
gboolean tutti_stay_open (TuttiStay *self, GError **error);
gboolean tutti_stay_join (TuttiStay *self, GError **error);
/* Rejects when the stay is over, with the reason: one road for every error after joining. */
DexFuture *tutti_stay_await_end (TuttiStay *self);
void tutti_stay_end (TuttiStay *self, const GError *error);
/* In a fiber: says good-bye (at most 1 s), then closes. */
void tutti_stay_leave (TuttiStay *self);
/* At once. Whatever waits in tutti_stay_open() or _join() returns G_IO_ERROR_CANCELLED. Idempotent;
 * the roster is not touched after this. */
void tutti_stay_close (TuttiStay *self);

/* Make before break. Resolves when switched; rejects (and ends the stay) when that failed. */
DexFuture *tutti_stay_rebuild (TuttiStay *self, TuttiStayDirections directions);
gboolean tutti_stay_can_rebuild (TuttiStay *self);
void tutti_stay_set_format (TuttiStay *self, guint frame_samples, guint bitrate);
void tutti_stay_set_name (TuttiStay *self, const char *display_name);
/* Once a second: publishes the capture clock. */
void tutti_stay_tick (TuttiStay *self);
const TuttiRoomClock *tutti_stay_get_clock (TuttiStay *self);
const char *tutti_stay_get_protocol (TuttiStay *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiStay, tutti_stay_unref)

G_END_DECLS
