/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-participant-private.h"
#include "tutti-sound-private.h"
#include "tutti-stay-private.h"
#include "tutti-thread.h"

/* What hosts do in a room, and what they do to me. */

static TuttiRoomClient *
get_client (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return self->state == TUTTI_SESSION_JOINED && self->stay ? self->stay->client : NULL;
}

static DexFuture *
reject_outside (void)
{
  return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                _ ("You have to be in a room to do this."));
}

/* -- what a host does -- */

DexFuture *
tutti_session_lock_room (TuttiSession *self, gboolean locked)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_lock_room (client, locked) : reject_outside ();
}

DexFuture *
tutti_session_remove_peer (TuttiSession *self, const char *peer_id)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_remove_peer (client, peer_id) : reject_outside ();
}

DexFuture *
tutti_session_mute_peer (TuttiSession *self, const char *peer_id)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_mute_peer (client, peer_id) : reject_outside ();
}

DexFuture *
tutti_session_ask_unmute (TuttiSession *self, const char *peer_id)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_ask_unmute (client, peer_id) : reject_outside ();
}

DexFuture *
tutti_session_isolate_peer (TuttiSession *self,
                            const char *peer_id,
                            gboolean isolated,
                            const char *const *with)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_isolate_peer (client, peer_id, isolated, with)
                : reject_outside ();
}

DexFuture *
tutti_session_set_spotlight (TuttiSession *self, const char *peer_id)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_set_spotlight (client, peer_id) : reject_outside ();
}

DexFuture *
tutti_session_set_role (TuttiSession *self, const char *peer_id, TuttiRole role)
{
  TuttiRoomClient *client = get_client (self);

  return client ? tutti_room_client_set_role (client, peer_id, role) : reject_outside ();
}

/* -- what I am told -- */

static const char *
find_name (TuttiSession *self, const char *peer_id)
{
  TuttiParticipant *participant = tutti_roster_find (self->roster, peer_id);

  if (participant)
    return tutti_participant_get_display_name (participant);

  return g_str_equal (peer_id, self->peer_id) ? self->display_name : _ ("A host");
}

/* With whom I am in a side room, of those that are here; (transfer full): may be empty. */
static char *
list_company (TuttiSession *self, const TuttiIsolation *isolation)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = NULL;

  for (guint i = 0; isolation->with[i]; i++)
    if (tutti_roster_find (self->roster, isolation->with[i]))
      g_strv_builder_add (builder, find_name (self, isolation->with[i]));
  names = g_strv_builder_end (builder);

  return g_strjoinv (", ", names);
}

static void
follow_own_isolation (TuttiSession *self)
{
  const TuttiIsolation *isolation = tutti_room_controls_find (self->controls, self->peer_id);
  g_autofree char *company = isolation ? list_company (self, isolation) : NULL;
  gboolean was = self->isolated_with != NULL;

  if (!g_set_str (&self->isolated_with, company))
    return;

  tutti_session_notify (self, TUTTI_SESSION_PROP_ISOLATED_WITH);
  if (was != (company != NULL))
    tutti_session_notify (self, TUTTI_SESSION_PROP_ISOLATED);
}

/**
 * tutti_session_update_isolated:
 *
 * Who is here, or who is in a side room, is another.
 */
void
tutti_session_update_isolated (TuttiSession *self)
{
  GListModel *participants = tutti_roster_get_model (self->roster);

  for (guint i = 0; i < g_list_model_get_n_items (participants); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (participants, i);
    const char *id = tutti_participant_get_peer_id (participant);

    tutti_participant_set_isolated (participant,
                                    tutti_room_controls_find (self->controls, id) != NULL);
    tutti_participant_set_in_spotlight (participant,
                                        g_strcmp0 (self->controls->spotlight, id) == 0);
  }
  follow_own_isolation (self);
}

/* @controls: (transfer full) */
static void
take_controls (TuttiSession *self, TuttiRoomControls *controls)
{
  g_autoptr (TuttiRoomControls) old = self->controls;

  self->controls = controls;
  g_object_freeze_notify (G_OBJECT (self));
  if (old->locked != controls->locked)
    tutti_session_notify (self, TUTTI_SESSION_PROP_LOCKED);
  if (g_strcmp0 (old->spotlight, controls->spotlight) != 0)
    tutti_session_notify (self, TUTTI_SESSION_PROP_SPOTLIGHT);
  if (old->isolated->len != controls->isolated->len)
    tutti_session_notify (self, TUTTI_SESSION_PROP_SIDE_ROOMS);
  tutti_session_update_isolated (self);
  g_object_thaw_notify (G_OBJECT (self));
}

static void
controls_cb (TuttiRoomClient *client, const TuttiRoomControls *controls, TuttiSession *self)
{
  self->controls_told = TRUE;
  take_controls (self, tutti_room_controls_copy (controls));
}

/* Whether I host is settled by role and state together. */
void
tutti_session_update_hosting (TuttiSession *self)
{
  TuttiRoomClient *client = get_client (self);
  gboolean hosting =
      client && self->role == TUTTI_ROLE_HOST && tutti_room_client_has_feature (client, "controls");

  if (self->hosting == hosting)
    return;

  self->hosting = hosting;
  tutti_session_notify (self, TUTTI_SESSION_PROP_HOSTING);
}

/* Who begins or ceases to send needs other transports: like coming in again, only quicker. */
static void
come_anew (TuttiSession *self)
{
  g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED,
                                                  _ ("Your role in this room is another one now."));

  self->rejoin = TRUE;
  tutti_stay_end (self->stay, error);
}

static void
role_changed_cb (TuttiRoomClient *client, const TuttiRoleChange *change, TuttiSession *self)
{
  gboolean mine = g_str_equal (change->peer_id, self->peer_id);
  TuttiRole before = self->role;

  if (mine && self->stay) {
    tutti_session_take_seat (self);
    tutti_session_update_hosting (self);
    if (self->role == TUTTI_ROLE_LISTENER)
      tutti_session_hide_all (self);
  }
  tutti_session_tell_role (self, change->peer_id, change->role,
                           change->by_peer_id ? find_name (self, change->by_peer_id) : NULL);
  if (mine && self->stay && self->role != before &&
      (self->role == TUTTI_ROLE_LISTENER || before == TUTTI_ROLE_LISTENER))
    come_anew (self);
}

/* -- muted by a host -- */

static void
set_asked (TuttiSession *self, const char *name)
{
  if (g_set_str (&self->unmute_asked_by, name))
    tutti_session_notify (self, TUTTI_SESSION_PROP_UNMUTE_ASKED_BY);
}

static void
set_muted_by (TuttiSession *self, const char *name)
{
  if (g_set_str (&self->muted_by, name))
    tutti_session_notify (self, TUTTI_SESSION_PROP_MUTED_BY);
}

/* Those that I had muted myself are not the host's to give back. */
static void
mute_all (TuttiSession *self)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    if (tutti_own_strip_get_muted (strip))
      continue;
    g_object_set (strip, "muted", TRUE, NULL);
    g_ptr_array_add (self->hushed, g_object_ref (strip));
  }
}

/* I have unmuted something: nobody's wish but mine holds. */
static void
own_muted_cb (TuttiOwnStrip *strip, GParamSpec *pspec, TuttiSession *self)
{
  if (tutti_own_strip_get_muted (strip))
    return;

  g_ptr_array_set_size (self->hushed, 0);
  set_muted_by (self, NULL);
  set_asked (self, NULL);
}

/* What is sent besides is muted, too, as long as I am: the room lets none of it through. */
static void
watch_strips (TuttiSession *self, guint position, guint n)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  for (guint i = position; i < position + n; i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    if (self->muted_by) {
      g_object_set (strip, "muted", TRUE, NULL);
      g_ptr_array_add (self->hushed, g_object_ref (strip));
    }
    g_signal_connect_object (strip, "notify::muted", G_CALLBACK (own_muted_cb), self, 0);
  }
}

static void
strips_cb (GListModel *strips, guint position, guint removed, guint added, TuttiSession *self)
{
  watch_strips (self, position, added);
}

static void
muted_cb (TuttiRoomClient *client, const char *by, TuttiSession *self)
{
  g_autofree char *name = g_strdup (find_name (self, by));

  mute_all (self);
  set_asked (self, NULL);
  set_muted_by (self, name);
  tutti_session_tell_muted (self, name);
}

static void
unmute_asked_cb (TuttiRoomClient *client, const char *by, TuttiSession *self)
{
  g_autofree char *name = g_strdup (find_name (self, by));

  set_asked (self, name);
  tutti_session_tell_unmute_asked (self, name);
}

/**
 * tutti_session_unmute:
 *
 * What a host muted is heard again; where I had muted everything myself, all my strips are.
 */
void
tutti_session_unmute (TuttiSession *self)
{
  g_autoptr (GPtrArray) hushed = g_steal_pointer (&self->hushed);
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  TUTTI_ASSERT_MAIN_THREAD ();

  self->hushed = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    if (hushed->len == 0 || g_ptr_array_find (hushed, strip, NULL))
      g_object_set (strip, "muted", FALSE, NULL);
  }
  set_muted_by (self, NULL);
  set_asked (self, NULL);
}

/**
 * tutti_session_stay_muted:
 *
 * A host asked to be allowed to hear me, and I do not want it now.
 */
void
tutti_session_stay_muted (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  set_asked (self, NULL);
}

/* -- over stays -- */

/**
 * tutti_session_watch_controls:
 *
 * Once, when the session is made.
 */
void
tutti_session_watch_controls (TuttiSession *self)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  g_signal_connect_object (strips, "items-changed", G_CALLBACK (strips_cb), self, 0);
  watch_strips (self, 0, g_list_model_get_n_items (strips));
}

/**
 * tutti_session_follow_controls:
 *
 * Before a new stay is joined: the answer to that tells what is set.
 */
void
tutti_session_follow_controls (TuttiSession *self)
{
  TuttiRoomClient *client = self->stay->client;

  self->controls_told = FALSE;
  g_signal_connect_object (client, "controls", G_CALLBACK (controls_cb), self, 0);
  g_signal_connect_object (client, "role-changed", G_CALLBACK (role_changed_cb), self, 0);
  g_signal_connect_object (client, "muted", G_CALLBACK (muted_cb), self, 0);
  g_signal_connect_object (client, "unmute-asked", G_CALLBACK (unmute_asked_cb), self, 0);
}

/**
 * tutti_session_settle_controls:
 *
 * Joined: a room that has told nothing has nothing set.
 */
void
tutti_session_settle_controls (TuttiSession *self)
{
  if (!self->controls_told)
    take_controls (self, tutti_room_controls_new ());
}

/**
 * tutti_session_forget_controls:
 *
 * Out of the room.
 */
void
tutti_session_forget_controls (TuttiSession *self)
{
  take_controls (self, tutti_room_controls_new ());
  g_ptr_array_set_size (self->hushed, 0);
  set_muted_by (self, NULL);
  set_asked (self, NULL);
}
