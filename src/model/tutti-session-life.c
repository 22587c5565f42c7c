/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-backoff.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-sound-private.h"
#include "tutti-stay-private.h"
#include "tutti-strip-private.h"

/* The life of a session in one fiber: reach the room → be in it → wait for the first of loss and
 * leave() → clean up → try again, or end. Every error of a room comes along here. */

#define PRUNE_NS (10 * TUTTI_NSEC_PER_SEC)
#define STABLE_NS                                                                                  \
  (10 * TUTTI_NSEC_PER_SEC) /* so long in the room, and the back-off starts anew                   \
                             */
#define TOLD_NS (20 * TUTTI_NSEC_PER_SEC)
#define TICK_MS 1000
#define WAY_MS  250
#define REST_MS 1000 /* how often it is looked whether the computer is awake */

static TuttiPlaybackPath
get_playback_path (TuttiSession *self)
{
  guint quantum, rate;

  g_object_get (self->sound, "granted-quantum", &quantum, "rate", &rate, NULL);

  return (TuttiPlaybackPath) {
    .late_ns = tutti_sound_get_playback_ns (self->sound),
    .quantum_ms = rate > 0 ? quantum * 1000.0 / rate : 0,
  };
}

static gboolean
tick_cb (gpointer user_data)
{
  TuttiSession *self = user_data;
  const TuttiRoomClock *clock = self->stay ? tutti_stay_get_clock (self->stay) : NULL;
  const TuttiPlaybackPath path = get_playback_path (self);

  tutti_session_notice_pause (self);
  /* Strips first: the report tells what they found. */
  tutti_roster_tick (self->roster, clock, &path);
  if (self->stay)
    tutti_stay_tick (self->stay);
  if (self->state == TUTTI_SESSION_JOINED) {
    tutti_roster_prune (self->roster, tutti_clock_now_ns (), PRUNE_NS);
    tutti_videos_prune (self->videos, tutti_clock_now_ns ());
  }
  tutti_session_tick (self);

  return G_SOURCE_CONTINUE;
}

static gboolean
way_cb (gpointer user_data)
{
  TuttiSession *self = user_data;

  if (self->stay)
    tutti_stay_check_way (self->stay);

  return G_SOURCE_CONTINUE;
}

static void
stay_changed_cb (gpointer user_data)
{
  tutti_session_update (user_data);
}

/* Reaches the room and joins; on failure everything of the attempt is closed again. */
static gboolean
enter (TuttiSession *self, gboolean first, GError **error)
{
  TuttiStayConfig config = {
    .display_name = self->display_name,
    .instrument = self->instrument,
    .formats = self->formats,
    .frame_samples = self->frame_samples,
    .bitrate = self->bitrate,
    .seat = self->seat,
    .videos = self->videos,
    .pictures = self->pictures,
  };
  g_autoptr (TuttiStay) stay =
      tutti_stay_new (self->roster, self->sound, self->link, self->peer_id, &config);
  gboolean ok;

  self->stay = tutti_stay_ref (stay);
  tutti_stay_set_changed_func (stay, stay_changed_cb, self);
  tutti_stay_set_chat_func (stay, tutti_session_take_chat, self);
  tutti_session_follow_controls (self);

  ok = tutti_stay_open (stay, error);
  if (ok)
    tutti_session_take_seat (self);
  if (ok && first)
    tutti_session_set_state (self, TUTTI_SESSION_JOINING, NULL);
  ok = ok && tutti_stay_join (stay, error);
  if (ok)
    tutti_session_settle_controls (self);

  if (!ok) {
    tutti_stay_close (stay);
    g_clear_pointer (&self->stay, tutti_stay_unref);
  }

  return ok;
}

/* The computer sleeps or slept: what the connection says of its end is only what followed. */
static void
explain (TuttiSession *self, GError **error)
{
  if ((!self->resting && !tutti_session_was_paused (self)) ||
      (*error && tutti_error_is_fatal (*error)))
    return;

  g_clear_error (error);
  *error = tutti_stay_dup_reason (TUTTI_ERROR_ASLEEP);
}

/* Returns why it ended, or %NULL when the person left. */
static GError *
stay_in (TuttiSession *self)
{
  g_autoptr (GError) error = NULL;

  self->rest = dex_promise_new ();
  tutti_session_update (self);
  tutti_session_set_state (self, TUTTI_SESSION_JOINED, NULL);
  if (self->entry && dex_future_is_pending (DEX_FUTURE (self->entry)))
    dex_promise_resolve_boolean (self->entry, TRUE);

  dex_await (dex_future_first (tutti_stay_await_end (self->stay), dex_ref (DEX_FUTURE (self->stop)),
                               dex_ref (DEX_FUTURE (self->rest)), NULL),
             &error);
  dex_clear (&self->rest);

  explain (self, &error);
  if (self->leaving || self->resting)
    tutti_stay_leave (self->stay, self->leaving ? NULL : "asleep");
  if (self->leaving)
    g_clear_error (&error);
  tutti_stay_close (self->stay);
  if (self->resting)
    tutti_sleep_ready (self->sleep);
  g_clear_pointer (&self->stay, tutti_stay_unref);
  tutti_session_update_clock (self);

  return g_steal_pointer (&error);
}

/* One stay, from the attempt to its end; @was_in: (inout): whether we ever were in. */
static GError *
one_stay (TuttiSession *self, gboolean *was_in, gboolean *stable)
{
  g_autoptr (GError) error = NULL;
  gint64 since;

  *stable = FALSE;
  if (!enter (self, !*was_in, &error))
    return g_steal_pointer (&error);

  *was_in = TRUE;
  since = tutti_clock_now_ns ();
  error = stay_in (self);
  *stable = tutti_clock_now_ns () - since > STABLE_NS;

  return g_steal_pointer (&error);
}

static void
wait_before_retry (TuttiSession *self, guint attempt)
{
  guint ms = self->rejoin ? 0 : tutti_backoff_ms (attempt, g_random_double ());

  self->rejoin = FALSE;
  do {
    self->retry = dex_promise_new ();
    dex_await (dex_future_first (dex_timeout_new_msec ((int) ms), dex_ref (DEX_FUTURE (self->stop)),
                                 dex_ref (DEX_FUTURE (self->retry)), NULL),
               NULL);
    dex_clear (&self->retry);
    ms = REST_MS;
  } while (self->resting && !self->leaving);
}

static gboolean
may_return (TuttiSession *self, const GError *error, gboolean was_in)
{
  if (self->leaving)
    return FALSE;
  /* We ended it ourselves, to come in anew. */
  if (self->rejoin)
    return TRUE;

  return was_in && self->reconnect && !tutti_error_is_fatal (error);
}

static void
finish (TuttiSession *self, GError *error)
{
  g_autoptr (DexPromise) entry = g_steal_pointer (&self->entry);
  g_autoptr (DexPromise) over = g_steal_pointer (&self->over);

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_handle_id (&self->way_id, g_source_remove);
  tutti_session_save_mix (self);
  tutti_roster_clear (self->roster);
  tutti_session_forget_controls (self);
  tutti_session_hide_all (self);
  tutti_videos_clear (self->videos);
  tutti_session_update (self);
  dex_clear (&self->stop);

  if (self->leaving || !error) {
    g_clear_error (&error);
    tutti_session_set_state (self, TUTTI_SESSION_IDLE, NULL);
  } else {
    tutti_session_set_state (self, TUTTI_SESSION_FAILED, error);
  }

  if (dex_future_is_pending (DEX_FUTURE (entry)))
    dex_promise_reject (entry, self->error ? g_error_copy (self->error)
                                           : g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                                  _ ("You left the room.")));
  dex_promise_resolve_boolean (over, TRUE);
}

/* What a person is told of a loss: that attempts reach nobody for a while only follows from it. */
static GError *
choose_told (TuttiSession *self, const GError *error, gint64 lost_ns)
{
  gboolean follows = g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE) ||
                     g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_TIMEOUT);

  if (follows && self->error && self->state == TUTTI_SESSION_RECONNECTING &&
      tutti_clock_now_ns () - lost_ns < TOLD_NS)
    return g_error_copy (self->error);

  return g_error_copy (error);
}

static DexFuture *
life_fiber (gpointer user_data)
{
  TuttiSession *self = user_data;
  GError *error = NULL;
  gboolean was_in = FALSE, stable;
  guint attempt = 0;
  gint64 lost_ns = 0;

  self->tick_id = g_timeout_add (TICK_MS, tick_cb, self);
  self->way_id = g_timeout_add (WAY_MS, way_cb, self);

  while (!self->leaving) {
    g_clear_error (&error);
    error = one_stay (self, &was_in, &stable);
    if (!may_return (self, error, was_in))
      break;

    attempt = stable || self->hurry ? 0 : attempt;
    self->hurry = FALSE;
    if (self->state != TUTTI_SESSION_RECONNECTING)
      lost_ns = tutti_clock_now_ns ();
    tutti_session_set_state (self, TUTTI_SESSION_RECONNECTING, choose_told (self, error, lost_ns));
    wait_before_retry (self, attempt++);
  }

  finish (self, error);

  return dex_future_new_true ();
}

/**
 * tutti_session_live:
 *
 * Starts the fiber; it holds the session until it is over.
 */
void
tutti_session_live (TuttiSession *self)
{
  dex_future_disown (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, life_fiber,
                                          g_object_ref (self), g_object_unref));
}
