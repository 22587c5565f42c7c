/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-room-client.h"
#include "tutti-room-types.h"

G_BEGIN_DECLS

/**
 * TuttiIsolation:
 * @peer_id: who is in a side room
 * @with: peer ids: whom they hear and are heard by, of all that are there
 */
typedef struct {
  char *peer_id;
  GStrv with;
} TuttiIsolation;

/**
 * TuttiRoomControls:
 * @locked: nobody comes in who was not here before, except hosts
 * @spotlight: peer id of who is to be seen large; %NULL nobody
 * @isolated: (element-type TuttiIsolation): who is in a side room
 * @by_peer_id: (nullable): the host who changed something last
 *
 * What the hosts have set in a room. A boxed value.
 */
typedef struct {
  gboolean locked;
  char *spotlight;
  GPtrArray *isolated;
  char *by_peer_id;
} TuttiRoomControls;

#define TUTTI_TYPE_ROOM_CONTROLS (tutti_room_controls_get_type ())
GType tutti_room_controls_get_type (void) G_GNUC_CONST;
/* Nothing is set. */
TuttiRoomControls *tutti_room_controls_new (void);
TuttiRoomControls *tutti_room_controls_copy (const TuttiRoomControls *self);
void tutti_room_controls_free (TuttiRoomControls *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRoomControls, tutti_room_controls_free)

/* %NULL with %TUTTI_ERROR_PROTOCOL when malformed. */
TuttiRoomControls *tutti_room_controls_from_json (JsonObject *object, GError **error);
/* (transfer none) (nullable): with whom @peer_id is in a side room; %NULL: in none */
const TuttiIsolation *tutti_room_controls_find (const TuttiRoomControls *self, const char *peer_id);

/**
 * TuttiRoleChange:
 * @peer_id: whose
 * @role: what they may do from now on
 * @by_peer_id: (nullable): the host who did it; %NULL: they inherited the room
 *
 * A boxed value.
 */
typedef struct {
  char *peer_id;
  TuttiRole role;
  char *by_peer_id;
} TuttiRoleChange;

#define TUTTI_TYPE_ROLE_CHANGE (tutti_role_change_get_type ())
GType tutti_role_change_get_type (void) G_GNUC_CONST;
TuttiRoleChange *tutti_role_change_copy (const TuttiRoleChange *self);
void tutti_role_change_free (TuttiRoleChange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRoleChange, tutti_role_change_free)

TuttiRoleChange *tutti_role_change_from_json (JsonObject *object, GError **error);

/* Hosts only, in a room with the feature "controls"; others are refused (TUTTI_ERROR_REFUSED).
 * Resolve to TRUE. */

DexFuture *tutti_room_client_lock_room (TuttiRoomClient *self, gboolean locked);
/* They do not come back until a host has made another invite. */
DexFuture *tutti_room_client_remove_peer (TuttiRoomClient *self, const char *peer_id);
/* Only they themselves end it. */
DexFuture *tutti_room_client_mute_peer (TuttiRoomClient *self, const char *peer_id);
DexFuture *tutti_room_client_ask_unmute (TuttiRoomClient *self, const char *peer_id);
/* @with: (nullable): peer ids of whom they still hear and are heard by; %NULL: me */
DexFuture *tutti_room_client_isolate_peer (TuttiRoomClient *self,
                                           const char *peer_id,
                                           gboolean isolated,
                                           const char *const *with);
/* @peer_id: (nullable): nobody */
DexFuture *tutti_room_client_set_spotlight (TuttiRoomClient *self, const char *peer_id);
DexFuture *tutti_room_client_set_role (TuttiRoomClient *self, const char *peer_id, TuttiRole role);

G_END_DECLS
