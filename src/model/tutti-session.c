/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-codec.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-mix.h"
#include "tutti-room-client.h"
#include "tutti-sound-private.h"
#include "tutti-thread.h"
#include "tutti-transport.h"

#define SAVE_TICKS 5 /* of a second */

/**
 * tutti_session_set_state:
 * @error: (transfer full) (nullable): why; only in RECONNECTING and FAILED
 */
void
tutti_session_set_state (TuttiSession *self, TuttiSessionState state, GError *error)
{
  g_object_freeze_notify (G_OBJECT (self));
  if (self->error || error) {
    g_clear_error (&self->error);
    self->error = error;
    tutti_session_notify (self, TUTTI_SESSION_PROP_ERROR);
  }
  if (self->state != state) {
    self->state = state;
    tutti_session_notify (self, TUTTI_SESSION_PROP_STATE);
    tutti_session_update_hosting (self);
  }
  g_object_thaw_notify (G_OBJECT (self));
}

/* The worse of two ways. */
static const char *
worse_path (const char *a, const char *b)
{
  static const char *const paths[] = { "relay", "tcp", "udp" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    if (g_strcmp0 (a, paths[i]) == 0 || g_strcmp0 (b, paths[i]) == 0)
      return paths[i];
  return NULL;
}

void
tutti_session_update_protocol (TuttiSession *self)
{
  const char *send = self->stay ? tutti_stay_get_path (self->stay, TRUE) : NULL;
  const char *receive = self->stay ? tutti_stay_get_path (self->stay, FALSE) : NULL;

  if (g_set_str (&self->send_path, send))
    tutti_session_notify (self, TUTTI_SESSION_PROP_SEND_PATH);
  if (g_set_str (&self->receive_path, receive))
    tutti_session_notify (self, TUTTI_SESSION_PROP_RECEIVE_PATH);
  if (g_set_str (&self->protocol, worse_path (send, receive)))
    tutti_session_notify (self, TUTTI_SESSION_PROP_PROTOCOL);
}

static void
update_double (TuttiSession *self, double *field, double value, TuttiSessionProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  tutti_session_notify (self, property);
}

void
tutti_session_update_clock (TuttiSession *self)
{
  const TuttiRoomClock *clock = self->stay ? tutti_stay_get_clock (self->stay) : NULL;

  update_double (self, &self->round_trip_ms, clock ? tutti_room_clock_get_rtt_ms (clock) : -1,
                 TUTTI_SESSION_PROP_ROUND_TRIP_MS);
  update_double (self, &self->clock_error_ms, clock ? tutti_room_clock_get_error_ms (clock) : -1,
                 TUTTI_SESSION_PROP_CLOCK_ERROR_MS);
}

/* What was wished for changed: followed live, or by a producer that takes over unheard. */
void
tutti_session_format_changed (TuttiSession *self)
{
  if (self->stay && !tutti_stay_set_format (self->stay, self->frame_samples, self->bitrate))
    dex_future_disown (tutti_session_rebuild (self));
}

void
tutti_session_set_display_name (TuttiSession *self, const char *name)
{
  if (!g_set_str (&self->display_name, name ? name : ""))
    return;

  if (self->stay)
    tutti_stay_set_name (self->stay, self->display_name);
  tutti_session_notify (self, TUTTI_SESSION_PROP_DISPLAY_NAME);
}

static gboolean
is_frame (guint samples)
{
  return samples == 0 || samples == 120 || samples == 240 || samples == 480 || samples == 960;
}

void
tutti_session_set_frame_samples (TuttiSession *self, guint value)
{
  if (!is_frame (value)) {
    g_warning ("A frame of %u samples is none of 120, 240, 480, 960", value);
    return;
  }
  if (self->frame_samples == value)
    return;

  self->frame_samples = value;
  tutti_session_notify (self, TUTTI_SESSION_PROP_FRAME_SAMPLES);
  tutti_session_format_changed (self);
}

void
tutti_session_set_bitrate (TuttiSession *self, guint value)
{
  if (self->bitrate == value)
    return;

  self->bitrate = value;
  tutti_session_notify (self, TUTTI_SESSION_PROP_BITRATE);
  tutti_session_format_changed (self);
}

/* What we can do, best first: what of @wished there is; standard Opus is always there. */
void
tutti_session_set_formats (TuttiSession *self, const char *const *wished)
{
  static const char *const all[] = { "raw", "tight", "opus" };
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    gboolean able = !g_str_equal (all[i], "tight") || tutti_codec_has_tight ();

    if (g_str_equal (all[i], "opus") ||
        (able && (!wished || !wished[0] || g_strv_contains (wished, all[i]))))
      g_strv_builder_add (builder, all[i]);
  }

  g_strfreev (self->formats);
  self->formats = g_strv_builder_end (builder);
  tutti_session_notify (self, TUTTI_SESSION_PROP_FORMATS);
}

/* -- what the room says -- */

static const char *
find_name (TuttiSession *self, const char *peer_id)
{
  TuttiParticipant *participant = peer_id ? tutti_roster_find (self->roster, peer_id) : NULL;

  if (g_strcmp0 (peer_id, self->peer_id) == 0)
    return self->display_name;

  return participant ? tutti_participant_get_display_name (participant) : NULL;
}

static gboolean
is_same_plan (const TuttiPlan *a, const TuttiPlan *b)
{
  return a == b || (a && b && a->revision == b->revision && a->copies == b->copies &&
                    a->distance == b->distance);
}

static void
update_plan (TuttiSession *self)
{
  const TuttiPlan *plan = self->stay ? tutti_stay_get_plan (self->stay) : NULL;
  TuttiPlanLimit limit = plan ? plan->limit : TUTTI_PLAN_LIMIT_NONE;

  if (!is_same_plan (self->plan, plan)) {
    g_clear_pointer (&self->plan, tutti_plan_free);
    self->plan = plan ? tutti_plan_copy (plan) : NULL;
    tutti_session_notify (self, TUTTI_SESSION_PROP_PLAN);
  }
  if (self->plan_limit != limit) {
    self->plan_limit = limit;
    tutti_session_notify (self, TUTTI_SESSION_PROP_PLAN_LIMIT);
  }
  if (g_set_str (&self->plan_limit_name, plan ? find_name (self, plan->limit_peer_id) : NULL))
    tutti_session_notify (self, TUTTI_SESSION_PROP_PLAN_LIMIT_NAME);
}

static void
update_draining (TuttiSession *self)
{
  gboolean draining = self->stay && tutti_stay_is_draining (self->stay);

  if (self->draining == draining)
    return;

  self->draining = draining;
  tutti_session_notify (self, TUTTI_SESSION_PROP_DRAINING);
}

static void
update_realtime (TuttiSession *self)
{
  gboolean realtime;

  g_object_get (self->sound, "realtime", &realtime, NULL);
  realtime = realtime && (!self->stay || tutti_stay_is_realtime (self->stay));
  if (self->realtime == realtime)
    return;

  self->realtime = realtime;
  tutti_session_notify (self, TUTTI_SESSION_PROP_REALTIME);
}

/* The room has said who we are. */
void
tutti_session_take_seat (TuttiSession *self)
{
  TuttiRole role = tutti_stay_get_role (self->stay);

  g_set_str (&self->seat, tutti_stay_get_seat (self->stay));
  g_set_str (&self->outside_host, tutti_stay_get_outside (self->stay, &self->outside_port));
  if (self->role == role)
    return;

  self->role = role;
  tutti_session_notify (self, TUTTI_SESSION_PROP_ROLE);
}

/* Something that the stay knows may have changed. */
void
tutti_session_update (TuttiSession *self)
{
  tutti_session_update_protocol (self);
  update_draining (self);
  update_plan (self);
  tutti_session_update_tempo (self);
}

/* Once a second. */
void
tutti_session_tick (TuttiSession *self)
{
  tutti_session_update_clock (self);
  tutti_session_update (self);
  update_realtime (self);
  tutti_session_follow_click (self);
  if (++self->n_ticks % SAVE_TICKS == 0)
    tutti_session_save_mix (self);
}

/* -- mixes -- */

void
tutti_session_load_mix (TuttiSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *room = NULL;

  if (!self->mixes)
    return;

  room = tutti_mix_room_key (self->link);
  if (!tutti_mix_load (self->mixes, room, self->roster, &error))
    g_message ("Saved mixes were not read: %s", error->message);
}

void
tutti_session_save_mix (TuttiSession *self)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *room = NULL;

  if (!self->mixes || !self->link)
    return;

  tutti_roster_remember_all (self->roster);
  if (!tutti_roster_take_changed (self->roster))
    return;

  room = tutti_mix_room_key (self->link);
  if (!tutti_mix_save (self->mixes, room, self->roster, &error))
    g_message ("The mix was not saved: %s", error->message);
}

TuttiSession *
tutti_session_new (TuttiSound *sound)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_SESSION, "sound", sound, NULL);
}

static gboolean
is_idle (TuttiSession *self)
{
  return self->over == NULL;
}

static gboolean
is_same_link (const TuttiLink *a, const TuttiLink *b)
{
  g_autofree char *first = a ? tutti_link_to_string (a) : NULL;
  g_autofree char *second = tutti_link_to_string (b);

  return g_strcmp0 (first, second) == 0;
}

/* Who was there by this very link comes back as the same. Else a new peer: an attempt that ended
 * before the room had said anything may still hold the place of the old one. */
static void
choose_peer_id (TuttiSession *self, const TuttiLink *link)
{
  if (self->seat && is_same_link (self->link, link))
    return;

  g_clear_pointer (&self->seat, g_free);
  g_free (self->peer_id);
  self->peer_id = tutti_room_client_generate_peer_id ();
  tutti_session_notify (self, TUTTI_SESSION_PROP_PEER_ID);
}

/* What was said in another room stays there. */
static void
choose_chat (TuttiSession *self, const TuttiLink *link)
{
  g_autofree char *before = self->link ? tutti_mix_room_key (self->link) : NULL;
  g_autofree char *now = tutti_mix_room_key (link);

  if (g_strcmp0 (before, now) != 0)
    tutti_chat_clear (self->chat);
}

DexFuture *
tutti_session_join (TuttiSession *self, const TuttiLink *link)
{
  g_autoptr (GError) error = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (!is_idle (self))
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  _ ("You are in a room already. Leave it first."));

  choose_peer_id (self, link);
  choose_chat (self, link);
  g_clear_pointer (&self->link, tutti_link_free);
  self->link = tutti_link_copy (link);
  tutti_session_notify (self, TUTTI_SESSION_PROP_LINK);
  tutti_session_notify (self, TUTTI_SESSION_PROP_ROOM);

  if (!tutti_net_init (&error)) {
    tutti_session_set_state (self, TUTTI_SESSION_FAILED, g_error_copy (error));
    return dex_future_new_for_error (g_steal_pointer (&error));
  }

  self->leaving = FALSE;
  self->rejoin = self->hurry = self->resting = FALSE;
  self->ticked_ns = 0;
  tutti_session_watch_sleep (self);
  tutti_session_load_mix (self);
  self->entry = dex_promise_new ();
  self->stop = dex_promise_new ();
  self->over = dex_promise_new ();
  tutti_session_set_state (self, TUTTI_SESSION_CONNECTING, NULL);
  tutti_session_live (self);

  return dex_ref (DEX_FUTURE (self->entry));
}

DexFuture *
tutti_session_leave (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  /* Before the sound stops, and with it the list of cameras. */
  tutti_session_hide_all (self);
  if (is_idle (self)) {
    tutti_session_set_state (self, TUTTI_SESSION_IDLE, NULL);
    return dex_future_new_true ();
  }

  if (!self->leaving) {
    self->leaving = TRUE;
    dex_promise_resolve_boolean (self->stop, TRUE);
    /* Who is still on the way in stops at once; who is in says good-bye first (in the fiber). */
    if (self->stay && self->state != TUTTI_SESSION_JOINED)
      tutti_stay_close (self->stay);
  }

  return dex_ref (DEX_FUTURE (self->over));
}

DexFuture *
tutti_session_rebuild (TuttiSession *self)
{
  g_autoptr (GError) rejoin = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->state != TUTTI_SESSION_JOINED || !self->stay)
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  _ ("Only who is in a room can rebuild the connection to it."));

  if (tutti_stay_can_rebuild (self->stay))
    return tutti_stay_rebuild (self->stay, TUTTI_STAY_SEND | TUTTI_STAY_RECEIVE);

  /* This server cannot do it unheard: leave and come back. */
  rejoin = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED,
                                _ ("This room rebuilds a connection by joining again."));
  self->rejoin = TRUE;
  tutti_stay_end (self->stay, rejoin);

  return dex_future_new_true ();
}

void
tutti_session_retry (TuttiSession *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->retry && dex_future_is_pending (DEX_FUTURE (self->retry)))
    dex_promise_resolve_boolean (self->retry, TRUE);
}

TuttiSessionState
tutti_session_get_state (TuttiSession *self)
{
  return self->state;
}

const GError *
tutti_session_get_error (TuttiSession *self)
{
  return self->error;
}

TuttiSound *
tutti_session_get_sound (TuttiSession *self)
{
  return self->sound;
}

GListModel *
tutti_session_get_participants (TuttiSession *self)
{
  return tutti_roster_get_model (self->roster);
}

char *
tutti_session_get_default_mixes (void)
{
  return g_build_filename (g_get_user_state_dir (), "tutti", "mixes.json", NULL);
}
