/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc.h"
#include "tutti-sound-private.h"
#include "tutti-thread.h"

#define LEAVE_MS     1000
#define REPORT_TICKS 2 /* of a second */

TuttiStay *
tutti_stay_new (TuttiRoster *roster,
                TuttiSound *sound,
                const TuttiLink *link,
                const char *peer_id,
                const TuttiStayConfig *config)
{
  TuttiStay *self = g_new0 (TuttiStay, 1);

  TUTTI_ASSERT_MAIN_THREAD ();

  g_ref_count_init (&self->ref_count);
  self->roster = roster;
  self->sound = g_object_ref (sound);
  self->link = tutti_link_copy (link);
  self->peer_id = g_strdup (peer_id);
  self->config = *config;
  self->config.display_name = g_strdup (config->display_name);
  self->config.instrument = g_strdup (config->instrument);
  self->config.formats = g_strdupv (config->formats);
  self->config.seat = NULL;
  self->cancellable = g_cancellable_new ();
  self->waiting = g_ptr_array_new_with_free_func (tutti_waiting_free);
  self->early_peers = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_peer_info_free);
  self->early_left = g_ptr_array_new_with_free_func (g_free);
  self->early_roles = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_role_change_free);
  self->streams = g_ptr_array_new ();
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->ended = dex_promise_new ();
  for (guint d = 0; d < 2; d++)
    for (guint i = 0; i < 2; i++)
      self->lanes[d][i] = (TuttiLane) {
        .stay = self,
        .direction = d,
        .index = i,
        .outputs = g_ptr_array_new_with_free_func (tutti_output_free),
      };

  self->video = tutti_stay_video_new (self);
  self->client = tutti_room_client_new (link, peer_id);
  tutti_room_client_set_seat (self->client, config->seat);
  tutti_stay_follow_room (self);

  return self;
}

TuttiStay *
tutti_stay_ref (TuttiStay *self)
{
  g_ref_count_inc (&self->ref_count);

  return self;
}

void
tutti_stay_unref (TuttiStay *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  tutti_stay_close (self);
  g_clear_object (&self->client);
  g_clear_object (&self->sound);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->link, tutti_link_free);
  g_clear_pointer (&self->peer_id, g_free);
  g_clear_pointer (&self->way, g_free);
  g_clear_pointer (&self->config.display_name, g_free);
  g_clear_pointer (&self->config.instrument, g_free);
  g_clear_pointer (&self->config.formats, g_strfreev);
  g_clear_pointer (&self->plan, tutti_plan_free);
  g_clear_pointer (&self->tempo, tutti_tempo_free);
  for (guint d = 0; d < 2; d++)
    for (guint i = 0; i < 2; i++)
      g_clear_pointer (&self->lanes[d][i].outputs, g_ptr_array_unref);
  g_clear_pointer (&self->capabilities, json_object_unref);
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_clear_pointer (&self->early_peers, g_ptr_array_unref);
  g_clear_pointer (&self->early_left, g_ptr_array_unref);
  g_clear_pointer (&self->early_roles, g_ptr_array_unref);
  g_clear_pointer (&self->streams, g_ptr_array_unref);
  g_clear_pointer (&self->watched, g_ptr_array_unref);
  dex_clear (&self->ended);
  dex_clear (&self->planned);
  dex_clear (&self->rebuild_done);
  g_free (self);
}

void
tutti_stay_set_changed_func (TuttiStay *self, TuttiStayFunc func, gpointer user_data)
{
  self->changed = func;
  self->changed_data = user_data;
}

void
tutti_stay_set_chat_func (TuttiStay *self, TuttiStayChatFunc func, gpointer user_data)
{
  self->chat = func;
  self->chat_data = user_data;
}

/**
 * tutti_stay_check_alive:
 *
 * Stands after each await: much can have happened meanwhile.
 */
gboolean
tutti_stay_check_alive (TuttiStay *self, GError **error)
{
  g_autoptr (GError) reason = NULL;

  if (self->is_ended) {
    dex_future_get_value (DEX_FUTURE (self->ended), &reason);
    g_propagate_error (error, g_steal_pointer (&reason));
    return FALSE;
  }
  if (self->leaving || self->closed) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("You left the room."));
    return FALSE;
  }

  return TRUE;
}

gboolean
tutti_stay_open (TuttiStay *self, GError **error)
{
  if (!dex_await (dex_future_first (tutti_room_client_open (self->client),
                                    tutti_stay_await_end (self), NULL),
                  error))
    return FALSE;
  tutti_stay_check_way (self);

  return tutti_stay_check_alive (self, error);
}

gboolean
tutti_stay_is_open (TuttiStay *self)
{
  return tutti_room_client_is_open (self->client);
}

gboolean
tutti_stay_is_draining (TuttiStay *self)
{
  return self->draining;
}

static gboolean
fetch_capabilities (TuttiStay *self, GError **error)
{
  self->capabilities = dex_await_boxed (
      tutti_room_client_get_router_rtp_capabilities (self->client, TUTTI_MEDIA_AUDIO), error);

  return self->capabilities && tutti_stay_check_alive (self, error) &&
         tutti_ortc_check_capabilities (self->capabilities, error);
}

static void
offer_formats (TuttiStay *self)
{
  const char *const *formats = (const char *const *) self->config.formats;
  guint quantum;

  g_object_get (self->sound, "granted-quantum", &quantum, NULL);
  tutti_room_client_set_formats (self->client, formats, 0, quantum);
  self->framed = tutti_room_client_has_feature (self->client, "plan") &&
                 (g_strv_contains (formats, "raw") || g_strv_contains (formats, "tight"));
}

static gboolean
say_hello (TuttiStay *self, GError **error)
{
  g_autoptr (JsonObject) capabilities = tutti_ortc_receive_capabilities (self->capabilities, FALSE);
  g_autoptr (GPtrArray) peers = NULL;

  offer_formats (self);
  if (!tutti_stay_video_prepare (self, capabilities, error))
    return FALSE;
  peers = dex_await_boxed (tutti_room_client_join (self->client, self->config.display_name,
                                                   self->config.instrument, capabilities),
                           error);
  if (!peers || !tutti_stay_check_alive (self, error))
    return FALSE;

  tutti_roster_reconcile (self->roster, peers);
  for (guint i = 0; i < self->early_peers->len; i++)
    tutti_roster_add (self->roster, g_ptr_array_index (self->early_peers, i));
  for (guint i = 0; i < self->early_left->len; i++)
    tutti_roster_remove (self->roster, g_ptr_array_index (self->early_left, i));
  for (guint i = 0; i < self->early_roles->len; i++)
    tutti_stay_take_role (self, g_ptr_array_index (self->early_roles, i));
  self->joined = TRUE;
  tutti_stay_take_waiting (self);

  return TRUE;
}

/* On a line that loses packets a handshake can lose so many that it waits longer than anybody
 * would: its pauses double. That says nothing about the next one. */
static gboolean
await_sending (TuttiStay *self, TuttiLane *send, GError **error)
{
  g_autoptr (GError) local = NULL;
  gboolean ok = tutti_stay_await_connected (send->transport, TUTTI_STAY_CONNECT_SECONDS, &local);

  if (!tutti_stay_check_alive (self, error))
    return FALSE;
  if (ok)
    return TRUE;
  if (!g_error_matches (local, TUTTI_ERROR, TUTTI_ERROR_TRANSPORT) ||
      !tutti_stay_can_rebuild (self)) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }

  return dex_await (tutti_stay_rebuild (self, TUTTI_STAY_SEND), error) &&
         tutti_stay_check_alive (self, error);
}

TuttiRole
tutti_stay_get_role (TuttiStay *self)
{
  return tutti_room_client_get_role (self->client);
}

const char *
tutti_stay_get_seat (TuttiStay *self)
{
  return tutti_room_client_get_seat (self->client);
}

const char *
tutti_stay_get_outside (TuttiStay *self, guint *port)
{
  return tutti_room_client_get_outside (self->client, port);
}

static gboolean
join (TuttiStay *self, GError **error)
{
  gboolean listens = tutti_stay_get_role (self) == TUTTI_ROLE_LISTENER;
  TuttiLane *send = NULL;

  if (!fetch_capabilities (self, error))
    return FALSE;

  if (!listens && !(send = tutti_stay_open_lane (self, TUTTI_DIRECTION_SEND, 0, error)))
    return FALSE;
  if (!tutti_stay_open_lane (self, TUTTI_DIRECTION_RECEIVE, 0, error))
    return FALSE;

  if (!say_hello (self, error) || !tutti_stay_await_plan (self, error))
    return FALSE;

  tutti_stay_video_start (self);
  if (listens) {
    self->entered = TRUE;
    return TRUE;
  }

  tutti_stay_watch_own (self);
  if (!tutti_stay_produce (self, send, NULL, error))
    return FALSE;

  if (!await_sending (self, send, error))
    return FALSE;

  self->entered = TRUE;
  /* Pictures come after the sound. */
  tutti_stay_follow_videos (self);
  /* Strips or the plan may have changed since. */
  dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_OUTPUTS));

  return TRUE;
}

gboolean
tutti_stay_join (TuttiStay *self, GError **error)
{
  g_autoptr (GError) local = NULL;

  if (join (self, &local))
    return TRUE;

  /* What it waited for failed because the stay ended: that is the reason. */
  if (!self->is_ended || tutti_stay_check_alive (self, error))
    g_propagate_error (error, g_steal_pointer (&local));

  return FALSE;
}

DexFuture *
tutti_stay_await_end (TuttiStay *self)
{
  return dex_ref (DEX_FUTURE (self->ended));
}

void
tutti_stay_end (TuttiStay *self, const GError *error)
{
  if (self->is_ended)
    return;

  self->is_ended = TRUE;
  dex_promise_reject (self->ended, g_error_copy (error));
  /* Whoever is on the way in waits for answers that would come late or never. */
  if (!self->entered)
    tutti_room_client_close (self->client);
}

void
tutti_stay_leave (TuttiStay *self, const char *reason)
{
  if (!self->closed && self->joined && !self->is_ended) {
    self->leaving = TRUE;
    tutti_stay_stop_sending (self, &self->lanes[TUTTI_DIRECTION_SEND][0]);
    tutti_stay_stop_sending (self, &self->lanes[TUTTI_DIRECTION_SEND][1]);
    dex_await (dex_future_first (tutti_room_client_leave (self->client, reason),
                                 dex_timeout_new_msec (LEAVE_MS), NULL),
               NULL);
  }
  tutti_stay_close (self);
}

void
tutti_stay_close (TuttiStay *self)
{
  g_autoptr (GError) cancelled = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->closed)
    return;
  self->closed = TRUE;

  tutti_stay_unwatch_own (self);
  g_clear_handle_id (&self->applied_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->client, self);
  g_cancellable_cancel (self->cancellable);

  /* Streams before transports, packets before remotes: nothing may call into what is gone. */
  g_clear_pointer (&self->video, tutti_stay_video_free);
  tutti_stay_drop_streams (self, NULL);
  for (guint d = 0; d < 2; d++)
    for (guint i = 0; i < 2; i++)
      tutti_stay_close_lane (&self->lanes[d][i]);
  tutti_room_client_close (self->client);

  cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("You left the room."));
  tutti_stay_end (self, cancelled);
}

static gboolean
sends_standard (TuttiStay *self)
{
  GPtrArray *outputs = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND)->outputs;

  for (guint i = 0; i < outputs->len; i++)
    if (((TuttiOutput *) g_ptr_array_index (outputs, i))->kind == TUTTI_OUTPUT_STANDARD)
      return TRUE;

  return FALSE;
}

gboolean
tutti_stay_set_format (TuttiStay *self, guint frame_samples, guint bitrate)
{
  self->config.frame_samples = frame_samples;
  self->config.bitrate = bitrate;
  if (!self->entered)
    return TRUE;

  tutti_stay_apply_format (self);
  if (!sends_standard (self) && !tutti_stay_needs_rebuild (self))
    return TRUE;
  if (!tutti_stay_can_rebuild (self))
    return FALSE;

  dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_SEND));

  return TRUE;
}

void
tutti_stay_set_name (TuttiStay *self, const char *display_name)
{
  g_set_str (&self->config.display_name, display_name);
  if (self->joined && !self->closed)
    tutti_room_client_change_display_name (self->client, display_name);
}

void
tutti_stay_tick (TuttiStay *self)
{
  if (!self->joined || self->closed)
    return;

  tutti_stay_settle_streams (self);
  tutti_stay_publish_clocks (self);
  tutti_stay_video_tick (self);
  if (++self->tick % REPORT_TICKS == 0)
    tutti_stay_report (self);
}

const TuttiPlan *
tutti_stay_get_plan (TuttiStay *self)
{
  return self->plan;
}

const TuttiTempo *
tutti_stay_get_tempo (TuttiStay *self)
{
  return self->tempo;
}

gboolean
tutti_stay_has_tempo (TuttiStay *self)
{
  return self->joined && !self->closed && tutti_room_client_has_feature (self->client, "tempo");
}

DexFuture *
tutti_stay_set_tempo (TuttiStay *self, const TuttiTempo *tempo)
{
  if (!tutti_stay_has_tempo (self))
    return dex_future_new_reject (TUTTI_ERROR, TUTTI_ERROR_FAILED, "%s",
                                  _ ("This room keeps no shared tempo."));

  return tutti_room_client_set_tempo (self->client, tempo);
}

/**
 * tutti_stay_get_clock:
 *
 * Returns: (nullable): the room's clock, %NULL while it is unknown
 */
const TuttiRoomClock *
tutti_stay_get_clock (TuttiStay *self)
{
  const TuttiRoomClock *clock = tutti_room_client_get_clock (self->client);

  return clock && tutti_room_clock_is_known (clock) ? clock : NULL;
}

/**
 * tutti_stay_get_path:
 * @sending: the way of what we send, or of what we hear
 *
 * Returns: (nullable): "udp", "tcp" or "relay"; %NULL unknown, or there is none
 */
const char *
tutti_stay_get_path (TuttiStay *self, gboolean sending)
{
  TuttiTransport *transport =
      tutti_stay_current_lane (self, sending ? TUTTI_DIRECTION_SEND : TUTTI_DIRECTION_RECEIVE)
          ->transport;

  return transport ? tutti_transport_get_protocol (transport) : NULL;
}

gboolean
tutti_stay_is_realtime (TuttiStay *self)
{
  for (guint d = 0; d < 2; d++) {
    TuttiTransport *transport = tutti_stay_current_lane (self, d)->transport;
    TuttiTransportStats stats = { 0 };

    if (!transport || tutti_transport_get_state (transport) != TUTTI_TRANSPORT_CONNECTED)
      continue;
    tutti_transport_get_stats (transport, &stats);
    if (stats.realtime_threads < stats.path_threads)
      return FALSE;
  }

  return TRUE;
}
