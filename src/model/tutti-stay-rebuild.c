/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

/* Make before break: a second transport of the same direction plays together with the first until
 * everything is there; samples are placed by RTP timestamp, so nobody hears the change. */

#define HEARD_STEP_MS 50
#define HEARD_STEPS   100  /* 5 s for every stream to come over the new transport */
#define SWITCH_MS     1500 /* what the others get for taking the successor; nobody tells us */

gboolean
tutti_stay_can_rebuild (TuttiStay *self)
{
  return !tutti_room_client_is_demo (self->client) &&
         tutti_room_client_has_feature (self->client, "rebuild");
}

static gboolean
wait_ms (TuttiStay *self, int ms, GError **error)
{
  dex_await (dex_timeout_new_msec (ms), NULL); /* a timeout always rejects */

  return tutti_stay_check_alive (self, error);
}

static gboolean
check_transport (TuttiLane *lane, GError **error)
{
  const GError *why = tutti_transport_get_error (lane->transport);

  if (tutti_transport_get_state (lane->transport) != TUTTI_TRANSPORT_FAILED)
    return TRUE;

  if (error)
    *error = why ? g_error_copy (why)
                 : g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                                        _ ("The sound connection failed."));
  return FALSE;
}

static gboolean
wait_until_heard (TuttiStay *self, TuttiLane *old_lane, TuttiLane *new_lane, GError **error)
{
  for (guint i = 0; i < HEARD_STEPS; i++) {
    if (!check_transport (new_lane, error))
      return FALSE;
    if (tutti_stay_lane_is_heard (self, old_lane, new_lane))
      return TRUE;
    if (!wait_ms (self, HEARD_STEP_MS, error))
      return FALSE;
  }

  /* Somebody stays silent on the new one. As long as it stands, that is their trouble, not ours. */
  if (tutti_transport_get_state (new_lane->transport) == TUTTI_TRANSPORT_CONNECTED)
    return TRUE;

  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                       _ ("A new sound connection to the room did not come about."));
  return FALSE;
}

/* Closes a lane on both ends. The room's end may be gone already, which is fine. */
static gboolean
retire (TuttiStay *self, TuttiLane *lane, GError **error)
{
  g_autofree char *id = g_strdup (tutti_transport_get_id (lane->transport));

  tutti_stay_close_lane (lane);
  dex_await (tutti_room_client_close_transport (self->client, id), NULL);

  return tutti_stay_check_alive (self, error);
}

/* A rebuild that was only a wish has failed: what there was goes on, as long as it does. */
static gboolean
fall_back (TuttiStay *self, TuttiDirection direction, GError **error)
{
  TuttiLane *lane = tutti_stay_current_lane (self, direction);
  TuttiLane *other = &self->lanes[direction][1 - lane->index];

  if (!self->rebuild_optional || !tutti_stay_check_alive (self, NULL) || !lane->transport ||
      tutti_transport_get_state (lane->transport) != TUTTI_TRANSPORT_CONNECTED)
    return FALSE;

  g_message ("The connection stays as it is: %s", *error ? (*error)->message : "?");
  g_clear_error (error);
  if (!other->transport)
    return TRUE;
  if (direction == TUTTI_DIRECTION_SEND) {
    tutti_stay_stop_sending (self, other);
    tutti_stay_close_producers (self, other);
  } else {
    tutti_stay_stop_lane (self, other);
  }

  return retire (self, other, error);
}

static gboolean
rebuild_receive (TuttiStay *self, GError **error)
{
  TuttiLane *old_lane = tutti_stay_current_lane (self, TUTTI_DIRECTION_RECEIVE);
  TuttiLane *new_lane =
      tutti_stay_open_lane (self, TUTTI_DIRECTION_RECEIVE, 1 - old_lane->index, error);

  if (!new_lane)
    return FALSE;

  if (!dex_await (tutti_room_client_move_consumers (self->client,
                                                    tutti_transport_get_id (old_lane->transport),
                                                    tutti_transport_get_id (new_lane->transport)),
                  error) ||
      !tutti_stay_check_alive (self, error) || !wait_until_heard (self, old_lane, new_lane, error))
    return FALSE;

  self->current[TUTTI_DIRECTION_RECEIVE] = new_lane->index;
  tutti_stay_stop_lane (self, old_lane);

  return retire (self, old_lane, error);
}

static gboolean
rebuild_send (TuttiStay *self, GError **error)
{
  TuttiLane *old_lane = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND);
  TuttiLane *new_lane =
      tutti_stay_open_lane (self, TUTTI_DIRECTION_SEND, 1 - old_lane->index, error);

  if (!new_lane || !tutti_stay_produce (self, new_lane, old_lane, error) ||
      !tutti_stay_await_connected (new_lane->transport, TUTTI_STAY_CONNECT_SECONDS, error) ||
      !tutti_stay_check_alive (self, error) || !wait_ms (self, SWITCH_MS, error) ||
      !check_transport (new_lane, error))
    return FALSE;

  self->current[TUTTI_DIRECTION_SEND] = new_lane->index;
  tutti_stay_stop_sending (self, old_lane);
  tutti_stay_close_producers (self, old_lane);

  return retire (self, old_lane, error);
}

/* Strips came or went, or the room asks for another kind of them: on the transport there is. */
static gboolean
change_outputs (TuttiStay *self, GError **error)
{
  TuttiLane *lane = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND);

  if (tutti_stay_produce (self, lane, NULL, error))
    return TRUE;

  /* A transport that failed meanwhile is replaced, and its outputs with it. */
  if (self->closed || self->is_ended || !tutti_stay_can_rebuild (self) ||
      tutti_transport_get_state (lane->transport) != TUTTI_TRANSPORT_FAILED)
    return FALSE;

  g_clear_error (error);

  return TRUE;
}

/* What failed while its rebuild was running was left to that rebuild. */
static TuttiStayDirections
failed_directions (TuttiStay *self)
{
  TuttiStayDirections failed = 0;

  for (guint d = 0; d < 2; d++) {
    TuttiTransport *transport = tutti_stay_current_lane (self, d)->transport;

    if (transport && tutti_transport_get_state (transport) == TUTTI_TRANSPORT_FAILED)
      failed |= d == TUTTI_DIRECTION_SEND ? TUTTI_STAY_SEND : TUTTI_STAY_RECEIVE;
  }

  return failed;
}

static DexFuture *
rebuild_fiber (gpointer user_data)
{
  TuttiStay *self = user_data;
  g_autoptr (DexPromise) done = NULL;
  g_autoptr (GError) error = NULL;
  gboolean ok = TRUE;

  while (ok && self->rebuild_wanted != 0) {
    TuttiStayDirections wanted = self->rebuild_wanted;

    self->rebuild_wanted = 0;
    self->rebuild_running = wanted;
    ok = tutti_stay_check_alive (self, &error);
    if (ok && (wanted & TUTTI_STAY_RECEIVE))
      ok = rebuild_receive (self, &error) || fall_back (self, TUTTI_DIRECTION_RECEIVE, &error);
    if (ok && (wanted & TUTTI_STAY_SEND))
      ok = rebuild_send (self, &error) || fall_back (self, TUTTI_DIRECTION_SEND, &error);
    else if (ok && (wanted & TUTTI_STAY_OUTPUTS))
      ok = change_outputs (self, &error);
    self->rebuild_running = 0;
    /* Ends: a rebuild that fails ends the stay. */
    if (ok)
      self->rebuild_wanted |= failed_directions (self);
  }

  self->rebuild_optional = FALSE;
  done = g_steal_pointer (&self->rebuild_done);
  if (ok) {
    dex_promise_resolve_boolean (done, TRUE);
  } else {
    tutti_stay_end (self, error);
    dex_promise_reject (done, g_error_copy (error));
  }
  if (self->changed && !self->closed)
    self->changed (self->changed_data);

  return dex_future_new_true ();
}

DexFuture *
tutti_stay_rebuild (TuttiStay *self, TuttiStayDirections directions)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (tutti_stay_get_role (self) == TUTTI_ROLE_LISTENER)
    directions &= TUTTI_STAY_RECEIVE; /* there is nothing else */
  if (directions == 0)
    return dex_future_new_true ();

  self->rebuild_wanted |= directions;
  if (!self->rebuild_done) {
    self->rebuild_done = dex_promise_new ();
    dex_future_disown (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, rebuild_fiber,
                                            tutti_stay_ref (self),
                                            (GDestroyNotify) tutti_stay_unref));
  }

  return dex_ref (DEX_FUTURE (self->rebuild_done));
}
