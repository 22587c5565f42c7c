/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

TuttiLane *
tutti_stay_current_lane (TuttiStay *self, TuttiDirection direction)
{
  return &self->lanes[direction][self->current[direction]];
}

static DexFuture *
connect_done_cb (DexFuture *future, gpointer user_data)
{
  TuttiTransport *transport = user_data;
  g_autoptr (GError) error = NULL;

  dex_future_get_value (future, &error);
  tutti_transport_connected (transport, error);

  return dex_future_new_true ();
}

static void
connect_cb (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  TuttiLane *lane = user_data;
  DexFuture *future = tutti_room_client_connect_web_rtc_transport (
      lane->stay->client, tutti_transport_get_id (transport), dtls_parameters);

  dex_future_disown (
      dex_future_finally (future, connect_done_cb, g_object_ref (transport), g_object_unref));
}

/* A transport of the moment is lost: replace it where the room can, else the stay is over. */
static void
state_cb (TuttiTransport *transport, GParamSpec *pspec, TuttiLane *lane)
{
  TuttiStay *self = lane->stay;
  const GError *error = tutti_transport_get_error (transport);
  TuttiStayDirections direction =
      lane->direction == TUTTI_DIRECTION_SEND ? TUTTI_STAY_SEND : TUTTI_STAY_RECEIVE;

  if (self->closed || tutti_transport_get_state (transport) != TUTTI_TRANSPORT_FAILED)
    return;

  if (g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_FINGERPRINT))
    tutti_stay_end (self, error);
  else if ((self->rebuild_running & direction) || (!self->entered && direction == TUTTI_STAY_SEND))
    return; /* that rebuild, or who joins, waits for it and sees it itself */
  else if (self->joined && tutti_stay_can_rebuild (self))
    dex_future_disown (tutti_stay_rebuild (self, direction));
  else
    tutti_stay_end (self, error);
}

static void
protocol_cb (TuttiTransport *transport, GParamSpec *pspec, TuttiLane *lane)
{
  if (lane->stay->changed)
    lane->stay->changed (lane->stay->changed_data);
}

/**
 * tutti_stay_open_lane:
 *
 * In a fiber. Has the room make a transport and makes ours.
 *
 * Returns: (transfer none) (nullable): the lane, or %NULL with @error
 */
TuttiLane *
tutti_stay_open_lane (TuttiStay *self, TuttiDirection direction, guint index, GError **error)
{
  TuttiLane *lane = &self->lanes[direction][index];
  TuttiTransportRole role = direction == TUTTI_DIRECTION_SEND ? TUTTI_TRANSPORT_ROLE_PRODUCER
                                                              : TUTTI_TRANSPORT_ROLE_CONSUMER;
  g_autoptr (JsonObject) parameters = NULL;

  g_assert (!lane->transport);

  parameters = dex_await_boxed (
      tutti_room_client_create_web_rtc_transport (self->client, role, TUTTI_MEDIA_AUDIO, FALSE),
      error);
  if (!parameters || !tutti_stay_check_alive (self, error))
    return NULL;

  lane->transport = tutti_transport_new (direction, parameters, error);
  if (!lane->transport)
    return NULL;

  tutti_transport_set_connect_func (lane->transport, connect_cb, lane);
  lane->state_id = g_signal_connect (lane->transport, "notify::state", G_CALLBACK (state_cb), lane);
  lane->protocol_id =
      g_signal_connect (lane->transport, "notify::protocol", G_CALLBACK (protocol_cb), lane);

  return lane;
}

/**
 * tutti_stay_close_lane:
 *
 * Closes our end. Streams that came over it must have been stopped before.
 */
void
tutti_stay_close_lane (TuttiLane *lane)
{
  g_ptr_array_set_size (lane->outputs, 0);
  if (!lane->transport)
    return;

  g_clear_signal_handler (&lane->state_id, lane->transport);
  g_clear_signal_handler (&lane->protocol_id, lane->transport);
  tutti_transport_close (lane->transport);
  g_clear_object (&lane->transport);
}

static void
settle_cb (TuttiTransport *transport, GParamSpec *pspec, DexPromise *promise)
{
  const GError *error = tutti_transport_get_error (transport);

  if (!dex_future_is_pending (DEX_FUTURE (promise)))
    return;

  switch (tutti_transport_get_state (transport)) {
  case TUTTI_TRANSPORT_CONNECTED:
    dex_promise_resolve_boolean (promise, TRUE);
    break;
  case TUTTI_TRANSPORT_FAILED:
    dex_promise_reject (promise, error ? g_error_copy (error)
                                       : g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                                                              _ ("The sound connection failed.")));
    break;
  case TUTTI_TRANSPORT_CLOSED:
    dex_promise_reject (promise, g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                                      _ ("The sound connection was closed.")));
    break;
  case TUTTI_TRANSPORT_NEW:
  case TUTTI_TRANSPORT_CONNECTING:
  default:
    break;
  }
}

gboolean
tutti_stay_await_connected (TuttiTransport *transport, guint seconds, GError **error)
{
  g_autoptr (TuttiTransport) hold = g_object_ref (transport);
  g_autoptr (DexPromise) promise = dex_promise_new ();
  gulong handler = g_signal_connect (transport, "notify::state", G_CALLBACK (settle_cb), promise);
  g_autoptr (GError) local = NULL;
  gboolean ok;

  settle_cb (transport, NULL, promise);
  ok = dex_await (dex_future_first (dex_ref (DEX_FUTURE (promise)),
                                    dex_timeout_new_seconds ((int) seconds), NULL),
                  &local);
  g_signal_handler_disconnect (transport, handler);

  if (!ok && local->domain == DEX_ERROR)
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                 _ ("No sound connection to the room came about within %u seconds."), seconds);
  else if (!ok)
    g_propagate_error (error, g_steal_pointer (&local));

  return ok;
}
