/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-participant-private.h"
#include "tutti-strip-private.h"

/* What the room says about people and streams that come and go. Until the answer to `join` is read,
 * it waits: that answer is the older picture. */

static void
new_consumer_cb (TuttiRoomClient *client,
                 gint64 request_id,
                 const TuttiConsumerInfo *info,
                 TuttiStay *self)
{
  TuttiWaiting *waiting;

  if (self->joined) {
    tutti_stay_take_consumer (self, request_id, info);
    return;
  }

  waiting = g_new0 (TuttiWaiting, 1);
  waiting->request_id = request_id;
  waiting->info = tutti_consumer_info_copy (info);
  g_ptr_array_add (self->waiting, waiting);
}

void
tutti_waiting_free (gpointer data)
{
  TuttiWaiting *waiting = data;

  tutti_consumer_info_free (waiting->info);
  g_free (waiting);
}

void
tutti_stay_take_waiting (TuttiStay *self)
{
  g_autoptr (GPtrArray) waiting = g_steal_pointer (&self->waiting);

  self->waiting = g_ptr_array_new_with_free_func (tutti_waiting_free);
  for (guint i = 0; i < waiting->len; i++) {
    TuttiWaiting *w = g_ptr_array_index (waiting, i);

    tutti_stay_take_consumer (self, w->request_id, w->info);
  }
}

static void
forget_waiting (TuttiStay *self, const char *consumer_id)
{
  for (guint i = 0; i < self->waiting->len; i++) {
    TuttiWaiting *w = g_ptr_array_index (self->waiting, i);

    if (g_str_equal (w->info->consumer_id, consumer_id)) {
      g_ptr_array_remove_index (self->waiting, i);
      return;
    }
  }
}

/* Who left and came back before our own join was answered is there, and only once. */
static void
forget_early (TuttiStay *self, const char *peer_id)
{
  guint i;

  if (g_ptr_array_find_with_equal_func (self->early_left, peer_id, g_str_equal, &i))
    g_ptr_array_remove_index (self->early_left, i);
  for (i = self->early_peers->len; i > 0; i--) {
    TuttiPeerInfo *info = g_ptr_array_index (self->early_peers, i - 1);

    if (g_str_equal (info->peer_id, peer_id))
      g_ptr_array_remove_index (self->early_peers, i - 1);
  }
}

static void
peer_joined_cb (TuttiRoomClient *client, const TuttiPeerInfo *info, TuttiStay *self)
{
  if (g_strcmp0 (info->peer_id, self->peer_id) == 0)
    return;

  if (self->joined) {
    tutti_roster_add (self->roster, info);
    return;
  }

  forget_early (self, info->peer_id);
  g_ptr_array_add (self->early_peers, tutti_peer_info_copy (info));
}

static void
peer_left_cb (TuttiRoomClient *client, const char *peer_id, const char *reason, TuttiStay *self)
{
  TuttiParticipant *participant;

  if (!self->joined) {
    forget_early (self, peer_id);
    g_ptr_array_add (self->early_left, g_strdup (peer_id));
    return;
  }

  participant = tutti_roster_find (self->roster, peer_id);
  if (participant)
    tutti_participant_set_leave_reason (participant, reason);
  tutti_stay_drop_streams (self, peer_id);
  tutti_stay_video_drop_peer (self, peer_id);
  tutti_roster_remove (self->roster, peer_id);
}

static void
peer_renamed_cb (TuttiRoomClient *client, const char *peer_id, const char *name, TuttiStay *self)
{
  tutti_roster_rename (self->roster, peer_id, name);
}

void
tutti_stay_take_role (TuttiStay *self, const TuttiRoleChange *change)
{
  TuttiParticipant *participant = tutti_roster_find (self->roster, change->peer_id);

  if (participant)
    tutti_participant_set_role (participant, change->role);
}

static void
role_changed_cb (TuttiRoomClient *client, const TuttiRoleChange *change, TuttiStay *self)
{
  if (self->joined)
    tutti_stay_take_role (self, change);
  else
    g_ptr_array_add (self->early_roles, tutti_role_change_copy (change));
}

static void
consumer_closed_cb (TuttiRoomClient *client, const char *consumer_id, TuttiStay *self)
{
  TuttiConsumer *consumer = tutti_stay_find_consumer (self, consumer_id, NULL);

  forget_waiting (self, consumer_id);
  if (tutti_stay_video_drop (self, consumer_id) || !consumer)
    return;

  tutti_stay_drop_consumer (self, consumer);
  tutti_stay_consider_rebuild (self);
}

static void
set_sender_muted (TuttiStay *self, const char *consumer_id, gboolean muted)
{
  TuttiConsumer *consumer = tutti_stay_find_consumer (self, consumer_id, NULL);

  if (!tutti_stay_video_set_paused (self, consumer_id, muted) && consumer)
    tutti_strip_set_sender_muted (consumer->stream->strip, muted);
}

static void
consumer_paused_cb (TuttiRoomClient *client, const char *consumer_id, TuttiStay *self)
{
  set_sender_muted (self, consumer_id, TRUE);
}

static void
consumer_resumed_cb (TuttiRoomClient *client, const char *consumer_id, TuttiStay *self)
{
  set_sender_muted (self, consumer_id, FALSE);
}

static void
transport_closed_cb (TuttiRoomClient *client, const char *transport_id, TuttiStay *self)
{
  tutti_stay_video_lost (self, transport_id);
}

static void
rtp_clock_cb (TuttiRoomClient *client, const TuttiRtpClock *clock, TuttiStay *self)
{
  TuttiConsumer *consumer = tutti_stay_find_consumer (self, NULL, clock->producer_id);
  TuttiCaptureClock capture = {
    .rtp_timestamp = clock->rtp_timestamp,
    .room_time_us = clock->room_time_us,
    .error_us = clock->error_us,
    .sent_us = clock->sent_us,
  };

  if (consumer && g_strcmp0 (consumer->stream->peer_id, clock->peer_id) == 0)
    tutti_strip_set_capture_clock (consumer->stream->strip, &capture);
}

static void
plan_cb (TuttiRoomClient *client, const TuttiPlan *plan, TuttiStay *self)
{
  tutti_stay_take_plan (self, plan);
}

static void
heard_cb (TuttiRoomClient *client, const TuttiHeard *heard, TuttiStay *self)
{
  tutti_stay_take_heard (self, heard);
}

static void
tempo_cb (TuttiRoomClient *client, const TuttiTempo *tempo, TuttiStay *self)
{
  g_clear_pointer (&self->tempo, tutti_tempo_free);
  self->tempo = tutti_tempo_copy (tempo);
  if (self->changed && !self->closed)
    self->changed (self->changed_data);
}

static void
chat_cb (TuttiRoomClient *client, const TuttiChatLine *line, TuttiStay *self)
{
  if (self->chat && !self->closed)
    self->chat (line, self->chat_data);
}

static void
draining_cb (TuttiRoomClient *client, guint seconds, TuttiStay *self)
{
  self->draining = TRUE;
  if (self->changed && !self->closed)
    self->changed (self->changed_data);
}

static void
closed_cb (TuttiRoomClient *client, const GError *error, TuttiStay *self)
{
  if (!self->closed)
    tutti_stay_end (self, error);
}

void
tutti_stay_follow_room (TuttiStay *self)
{
  static const struct {
    const char *signal;
    GCallback callback;
  } handlers[] = {
    { "new-consumer", G_CALLBACK (new_consumer_cb) },
    { "peer-joined", G_CALLBACK (peer_joined_cb) },
    { "peer-left", G_CALLBACK (peer_left_cb) },
    { "peer-renamed", G_CALLBACK (peer_renamed_cb) },
    { "role-changed", G_CALLBACK (role_changed_cb) },
    { "consumer-closed", G_CALLBACK (consumer_closed_cb) },
    { "transport-closed", G_CALLBACK (transport_closed_cb) },
    { "consumer-paused", G_CALLBACK (consumer_paused_cb) },
    { "consumer-resumed", G_CALLBACK (consumer_resumed_cb) },
    { "rtp-clock", G_CALLBACK (rtp_clock_cb) },
    { "plan", G_CALLBACK (plan_cb) },
    { "heard", G_CALLBACK (heard_cb) },
    { "tempo", G_CALLBACK (tempo_cb) },
    { "chat", G_CALLBACK (chat_cb) },
    { "draining", G_CALLBACK (draining_cb) },
    { "closed", G_CALLBACK (closed_cb) },
  };

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++)
    g_signal_connect (self->client, handlers[i].signal, handlers[i].callback, self);
}
