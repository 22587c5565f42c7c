/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-chat.h"
#include "tutti-link.h"
#include "tutti-participant.h"
#include "tutti-room-invites.h"
#include "tutti-room-plan.h"
#include "tutti-sound.h"
#include "tutti-video.h"

G_BEGIN_DECLS

/**
 * TuttiSessionState:
 * @TUTTI_SESSION_IDLE: in no room
 * @TUTTI_SESSION_CONNECTING: reaching the room service
 * @TUTTI_SESSION_JOINING: there; transports are being made
 * @TUTTI_SESSION_JOINED: in the room, media checked and flowing
 * @TUTTI_SESSION_RECONNECTING: was in, lost it, tries again by itself (`error` says why; strips and
 *   their settings are kept)
 * @TUTTI_SESSION_FAILED: over, `error` says why; join() may be called again
 */
typedef enum {
  TUTTI_SESSION_IDLE,
  TUTTI_SESSION_CONNECTING,
  TUTTI_SESSION_JOINING,
  TUTTI_SESSION_JOINED,
  TUTTI_SESSION_RECONNECTING,
  TUTTI_SESSION_FAILED,
} TuttiSessionState;

#define TUTTI_TYPE_SESSION_STATE (tutti_session_state_get_type ())
GType tutti_session_state_get_type (void) G_GNUC_CONST;

#define TUTTI_TYPE_SESSION (tutti_session_get_type ())
G_DECLARE_FINAL_TYPE (TuttiSession, tutti_session, TUTTI, SESSION, GObject)

/**
 * TuttiSession: me in a room. The window and tutti-cli are two faces of the same object.
 *
 * Properties: `state` (enum), `error` (GError), `link` (TuttiLink boxed), `room` (char *),
 * `peer-id`, `display-name` (rw), `instrument` (rw), `sound` (TuttiSound, construct only),
 * `participants` (GListModel of TuttiParticipant, in order of arrival), `send-path`,
 * `receive-path` (char *: the way of what we send and hear: "udp", "tcp", "relay": over a TURN
 * server, or NULL unknown), `protocol` (the worse of both), `frame-samples` (uint rw: 0 as the room
 * plans, or 120, 240, 480, 960: then Opus of that length is sent, whatever the plan), `bitrate`
 * (uint rw, the most for a strip, bit/s; 0 as the room plans), `formats` (GStrv rw, of "raw",
 * "tight", "opus": what may be sent and can be heard; all that this build can by default; for the
 * next join), `plan` (TuttiPlan boxed: what the room asks us to send, NULL where it does not),
 * `plan-limit` (TuttiPlanLimit: why it is not quicker), `plan-limit-name` (char *: whom that is
 * about, NULL nobody), `realtime` (bool: every thread that carries sound has real-time priority),
 * `round-trip-ms` (double: to the room, min-filtered; −1),
 * `clock-error-ms` (double: ± of the room's clock as known here; −1), `reconnect` (bool rw, TRUE:
 * come back by itself after a loss; FALSE: a loss is the end).
 * The metronome: `bpm` (double rw, 20 … 400), `beats-per-bar` (uint rw, 1 … 16), `count-in` (uint
 * rw, 0 … 4 bars), `tempo-running` (bool rw): the room's, for everybody; without a room that keeps
 * one, only mine; how I hear it is TuttiSound's `click-audible` and `click-gain`. `mixes` (char *
 * rw: the file in which faders are kept by room and musician, NULL nowhere;
 * tutti_session_get_default_mixes()). `role` (TuttiRole: what I may do here). `draining` (bool: the
 * room's service has said that it ends soon; I am brought back when it runs again).
 * What hosts do: `hosting` (bool: I am in a room and may do what follows there), `locked` (bool:
 * nobody new comes in), `spotlight` (char *: peer id of who is to be seen large, NULL nobody),
 * `isolated` (bool: I am in a side room), `isolated-with` (char *: the names of those whom I hear
 * and who hear me there, may be empty; NULL in none), `side-rooms` (uint: how many people are in
 * one), `muted-by` (char *: the name of the host who
 * muted me, NULL once I have unmuted myself), `unmute-asked-by` (char *: who asks me to, NULL
 * nobody).
 * A change of frame, bitrate or channels while in the room rebuilds the sending half unheard.
 * Runs until tutti_session_leave(): one who drops the last reference has to leave first.
 * `chat` (GListModel of TuttiChatMessage), `videos` (GListModel of TuttiVideo), `camera`, `screen`
 * (TuttiVideo, NULL: I show none), `pictures` (bool rw: those of others are wanted; for the next
 * join).
 * Signals: `video-failed` (GError *: mine is shown no more), `peer-joined` (TuttiParticipant *),
 * `peer-left` (TuttiParticipant *), `invites-changed` (char *id: of an invite that we took back,
 * "": some were, or NULL: we made or renewed one), `role-changed` (char *peer_id, TuttiRole, char
 * *by: a host's name, NULL: inherited; mine, too), `muted` and `unmute-asked` (char *by: a host's
 * name), each time. Main thread.
 */
TuttiSession *tutti_session_new (TuttiSound *sound);
/* Resolves to TRUE when JOINED, rejects with the error that `error` shows. */
DexFuture *tutti_session_join (TuttiSession *self, const TuttiLink *link);
/* Resolves when everything is closed. Idempotent. */
DexFuture *tutti_session_leave (TuttiSession *self);
/* Makes new transports while the old ones play on, then switches; resolves when switched. */
DexFuture *tutti_session_rebuild (TuttiSession *self);
/* What a host does with invites (see tutti-room-invites.h); rejects outside of a room. */
gboolean tutti_session_can_invite (TuttiSession *self);
DexFuture *
tutti_session_create_invite (TuttiSession *self, TuttiRole role, guint seconds, const char *name);
DexFuture *tutti_session_list_invites (TuttiSession *self);
DexFuture *tutti_session_renew_invite (TuttiSession *self, const char *id, guint seconds);
DexFuture *tutti_session_revoke_invite (TuttiSession *self, const char *id, gboolean remove);
/* Resolves to a TuttiInvite for musicians, without a name, that is good for half of @seconds at
 * least and for all of them at most: one that is there, or a new one. */
DexFuture *tutti_session_ensure_invite (TuttiSession *self, guint seconds);
/* What a host does (see tutti-room-controls.h); resolve to TRUE when the room has done it. */
DexFuture *tutti_session_lock_room (TuttiSession *self, gboolean locked);
DexFuture *tutti_session_remove_peer (TuttiSession *self, const char *peer_id);
DexFuture *tutti_session_mute_peer (TuttiSession *self, const char *peer_id);
DexFuture *tutti_session_ask_unmute (TuttiSession *self, const char *peer_id);
/* @with: (nullable): peer ids of whom they still hear and are heard by; NULL: me */
DexFuture *tutti_session_isolate_peer (TuttiSession *self,
                                       const char *peer_id,
                                       gboolean isolated,
                                       const char *const *with);
/* @peer_id: (nullable): nobody */
DexFuture *tutti_session_set_spotlight (TuttiSession *self, const char *peer_id);
DexFuture *tutti_session_set_role (TuttiSession *self, const char *peer_id, TuttiRole role);
/* The answers of who was muted, or asked to unmute. */
void tutti_session_unmute (TuttiSession *self);
void tutti_session_stay_muted (TuttiSession *self);
/* (transfer full): the room I am in or was in last, by @invite */
TuttiLink *tutti_session_make_link (TuttiSession *self, const TuttiInvite *invite);
/* (transfer none): of TuttiChatMessage, oldest first: what was written in this room, before I came
 * and while I was away, too */
GListModel *tutti_session_get_chat (TuttiSession *self);
/* FALSE outside of a room, and in one that has no chat. */
gboolean tutti_session_can_chat (TuttiSession *self);
/* Resolves to TRUE when the room has it; then it is in the list as well. */
DexFuture *tutti_session_send_chat (TuttiSession *self, const char *text);
/* Cuts a waiting back-off short (a *Try now* button; the room's service is back). */
void tutti_session_retry (TuttiSession *self);
TuttiSessionState tutti_session_get_state (TuttiSession *self);
const GError *tutti_session_get_error (TuttiSession *self);
TuttiSound *tutti_session_get_sound (TuttiSession *self);
GListModel *tutti_session_get_participants (TuttiSession *self);
/* What is to be seen, mine first: of TuttiVideo. */
GListModel *tutti_session_get_videos (TuttiSession *self);
/**
 * tutti_session_show:
 * @source: where it comes from (see TuttiVideoSource); the one that is shown already is replaced
 *
 * Shows my camera or screen, to myself at once, and to the room as long as I am in one; over
 * reconnections, too, until tutti_session_hide(). FALSE: @error says why not.
 */
gboolean tutti_session_show (TuttiSession *self, TuttiVideoSource *source, GError **error);
void tutti_session_hide (TuttiSession *self, TuttiVideoKind kind);
/* (transfer full): where an app keeps its mixes */
char *tutti_session_get_default_mixes (void);

G_END_DECLS
