/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-room-client.h"
#include "tutti-room-types.h"

G_BEGIN_DECLS

/**
 * TuttiInvite:
 * @id: names it to the service
 * @role: what it lets people be
 * @name: whom it is for, as the host wrote it; may be empty
 * @token: what makes a link of it (#TuttiLink.invite): for people to hand round, never for logs
 * @created_at, @expires_at: Unix time, s
 * @revoked: it lets nobody in
 *
 * A boxed value.
 */
typedef struct {
  char *id;
  TuttiRole role;
  char *name;
  char *token;
  gint64 created_at;
  gint64 expires_at;
  gboolean revoked;
} TuttiInvite;

#define TUTTI_TYPE_INVITE (tutti_invite_get_type ())
GType tutti_invite_get_type (void) G_GNUC_CONST;
TuttiInvite *tutti_invite_copy (const TuttiInvite *self);
void tutti_invite_free (TuttiInvite *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiInvite, tutti_invite_free)

/* %NULL with %TUTTI_ERROR_PROTOCOL when malformed. */
TuttiInvite *tutti_invite_from_json (JsonObject *object, GError **error);

/* Hosts only, in a room with the feature "invites"; others are refused (TUTTI_ERROR_REFUSED).
 * Resolve to a TuttiInvite (boxed), or to a GPtrArray of TuttiInvite (boxed), the newest first. */

/* @seconds: good from now on for so long, 60 … 31 622 400. @name: (nullable): whom it is for. */
DexFuture *tutti_room_client_create_invite (TuttiRoomClient *self,
                                            TuttiRole role,
                                            guint seconds,
                                            const char *name);
DexFuture *tutti_room_client_list_invites (TuttiRoomClient *self);
/* From now on for @seconds, under the same token, also when it had ended or was taken back. */
DexFuture *tutti_room_client_renew_invite (TuttiRoomClient *self, const char *id, guint seconds);
/* Resolves to TRUE. @remove: who came by it is sent away, too, and cannot come back. */
DexFuture *tutti_room_client_revoke_invite (TuttiRoomClient *self, const char *id, gboolean remove);

G_END_DECLS
