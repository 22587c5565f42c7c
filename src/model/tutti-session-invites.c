/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-invites.h"
#include "tutti-stay-private.h"
#include "tutti-thread.h"

/* What a host does with the room's invites. */

static DexFuture *
reject_outside (void)
{
  return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                _ ("Only who is in a room can invite people to it."));
}

static TuttiRoomClient *
get_client (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return self->state == TUTTI_SESSION_JOINED && self->stay ? self->stay->client : NULL;
}

/* Hands on what it got. */
static DexFuture *
changed_cb (DexFuture *future, gpointer user_data)
{
  tutti_session_tell_invites (user_data, NULL);

  return dex_ref (future);
}

static DexFuture *
tell_when_done (TuttiSession *self, DexFuture *future)
{
  return dex_future_then (future, changed_cb, g_object_ref (self), g_object_unref);
}

DexFuture *
tutti_session_create_invite (TuttiSession *self, TuttiRole role, guint seconds, const char *name)
{
  TuttiRoomClient *client = get_client (self);

  if (!client)
    return reject_outside ();

  return tell_when_done (self, tutti_room_client_create_invite (client, role, seconds, name));
}

DexFuture *
tutti_session_list_invites (TuttiSession *self)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_list_invites (client) : reject_outside ();
}

DexFuture *
tutti_session_renew_invite (TuttiSession *self, const char *id, guint seconds)
{
  TuttiRoomClient *client = get_client (self);

  if (!client)
    return reject_outside ();

  return tell_when_done (self, tutti_room_client_renew_invite (client, id, seconds));
}

typedef struct {
  TuttiSession *self; /* owned */
  char *id;
} RevokeCall;

static void
revoke_call_free (gpointer data)
{
  RevokeCall *call = data;

  g_object_unref (call->self);
  g_free (call->id);
  g_free (call);
}

static DexFuture *
revoked_cb (DexFuture *future, gpointer user_data)
{
  RevokeCall *call = user_data;

  tutti_session_tell_invites (call->self, call->id);

  return dex_future_new_true ();
}

DexFuture *
tutti_session_revoke_invite (TuttiSession *self, const char *id, gboolean remove)
{
  TuttiRoomClient *client = get_client (self);
  RevokeCall *call;

  if (!client)
    return reject_outside ();

  call = g_new (RevokeCall, 1);
  *call = (RevokeCall) { g_object_ref (self), g_strdup (id) };

  return dex_future_then (tutti_room_client_revoke_invite (client, id, remove), revoked_cb, call,
                          revoke_call_free);
}

gboolean
tutti_session_can_invite (TuttiSession *self)
{
  TuttiRoomClient *client = get_client (self);

  return client && self->role == TUTTI_ROLE_HOST &&
         tutti_room_client_has_feature (client, "invites");
}

TuttiLink *
tutti_session_make_link (TuttiSession *self, const TuttiInvite *invite)
{
  g_return_val_if_fail (self->link != NULL, NULL);

  if (self->outside_host)
    return tutti_link_new (self->outside_host, self->outside_port, self->link->room, invite->token,
                           self->link->fingerprint);
  return tutti_link_new (self->link->host, self->link->port, self->link->room, invite->token,
                         self->link->fingerprint);
}

/* -- the one that is handed out without many words -- */

typedef struct {
  TuttiSession *self; /* owned */
  guint seconds;
} OpenCall;

static void
open_call_free (gpointer data)
{
  OpenCall *call = data;

  g_object_unref (call->self);
  g_free (call);
}

/* Of those that are there: for musicians, without a name, and good for half the time at least but
 * not longer than it. One that somebody made for a day or a year stays what it is. */
static DexFuture *
choose_cb (DexFuture *future, gpointer user_data)
{
  OpenCall *call = user_data;
  GPtrArray *invites = g_value_get_boxed (dex_future_get_value (future, NULL));
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;

  for (guint i = 0; i < invites->len; i++) {
    const TuttiInvite *invite = g_ptr_array_index (invites, i);

    gint64 left = invite->expires_at - now;

    if (invite->role == TUTTI_ROLE_MUSICIAN && !*invite->name && !invite->revoked &&
        left >= call->seconds / 2 && left <= call->seconds)
      return dex_future_new_take_boxed (TUTTI_TYPE_INVITE, tutti_invite_copy (invite));
  }

  return tutti_session_create_invite (call->self, TUTTI_ROLE_MUSICIAN, call->seconds, NULL);
}

DexFuture *
tutti_session_ensure_invite (TuttiSession *self, guint seconds)
{
  OpenCall *call = g_new (OpenCall, 1);

  *call = (OpenCall) { g_object_ref (self), seconds };

  return dex_future_then (tutti_session_list_invites (self), choose_cb, call, open_call_free);
}
