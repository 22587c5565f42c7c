/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-participant.h"
#include "tutti-room-clock.h"
#include "tutti-room-types.h"
#include "tutti-strip-private.h"

G_BEGIN_DECLS

typedef void (*TuttiRosterFunc) (TuttiParticipant *participant,
                                 gboolean joined,
                                 gpointer user_data);

/**
 * TuttiRoster:
 *
 * Who is in the room and which strips they have, plus what I set on each strip: that is kept when a
 * strip goes, and found again when the same person (by peer id, else by name) comes back. It
 * outlives connections. Plain C, main thread.
 */
typedef struct _TuttiRoster TuttiRoster;

TuttiRoster *tutti_roster_new (TuttiRosterFunc func, gpointer user_data);
void tutti_roster_free (TuttiRoster *self);
GListModel *tutti_roster_get_model (TuttiRoster *self);
TuttiParticipant *tutti_roster_find (TuttiRoster *self, const char *peer_id);
TuttiParticipant *tutti_roster_add (TuttiRoster *self, const TuttiPeerInfo *info);
void tutti_roster_remove (TuttiRoster *self, const char *peer_id);
void tutti_roster_rename (TuttiRoster *self, const char *peer_id, const char *display_name);
/* Makes the list equal to @peers (of TuttiPeerInfo): the missing are removed, the new ones added.
 */
void tutti_roster_reconcile (TuttiRoster *self, GPtrArray *peers);
/* Forgets everybody; the settings stay. */
void tutti_roster_clear (TuttiRoster *self);
/* The strip @strip_id of @peer_id, made if need be; %NULL when there is no such person. */
TuttiStrip *tutti_roster_ensure_strip (TuttiRoster *self,
                                       const char *peer_id,
                                       const char *strip_id,
                                       const char *label);
void tutti_roster_remove_strip (TuttiRoster *self, const char *peer_id, TuttiStrip *strip);
/* Drops strips that nothing has played for @age_ns (left over from before a reconnection). */
void tutti_roster_prune (TuttiRoster *self, gint64 now_ns, gint64 age_ns);
void tutti_roster_foreach_strip (TuttiRoster *self, GFunc func, gpointer user_data);
/* What is remembered, by "NAME/STRIP". */
typedef void (*TuttiRememberedFunc) (const char *who,
                                     const TuttiStripSettings *settings,
                                     gpointer user_data);
void tutti_roster_set_remembered (TuttiRoster *self,
                                  const char *who,
                                  const TuttiStripSettings *settings);
void
tutti_roster_foreach_remembered (TuttiRoster *self, TuttiRememberedFunc func, gpointer user_data);
/* Takes note of everybody who is here. */
void tutti_roster_remember_all (TuttiRoster *self);
void tutti_roster_forget (TuttiRoster *self);
/* Whether anything is remembered otherwise than when this was last asked. */
gboolean tutti_roster_take_changed (TuttiRoster *self);
/* Once a second. */
void
tutti_roster_tick (TuttiRoster *self, const TuttiRoomClock *clock, const TuttiPlaybackPath *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRoster, tutti_roster_free)

G_END_DECLS
