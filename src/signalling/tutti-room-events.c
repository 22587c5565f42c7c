/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the room tells us, turned into typed signals. A message that is malformed is left out and
 * logged (at info: it is foreign input); it does not end the session. */

#include "tutti-room-client-private.h"
#include "tutti-room-controls.h"
#include "tutti-room-json.h"

static void
emit_id (TuttiRoomClient *self, JsonObject *data, const char *key, TuttiRoomSignal signal)
{
  g_autofree char *id = NULL;
  g_autoptr (GError) error = NULL;

  if (tutti_json_read_id (data, key, TUTTI_JSON_REQUIRED, &id, &error))
    g_signal_emit (self, tutti_room_client_signals[signal], 0, id);
  else
    g_info ("ignored: %s", error->message);
}

static void
on_new_peer (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiPeerInfo) info = tutti_peer_info_from_json (data, &error);

  if (info)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_PEER_JOINED], 0, info);
  else
    g_info ("newPeer ignored: %s", error->message);
}

static void
on_peer_closed (TuttiRoomClient *self, JsonObject *data)
{
  static const char *const reasons[] = { "lost", "replaced", "asleep", "removed", NULL };
  g_autofree char *id = NULL;
  const char *reason = tutti_json_peek_string (data, "reason");

  if (!tutti_json_read_id (data, "peerId", TUTTI_JSON_REQUIRED, &id, NULL))
    return;

  if (!reason || !g_strv_contains (reasons, reason))
    reason = "left";

  g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_PEER_LEFT], 0, id, reason);
}

static void
on_peer_renamed (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (TuttiPeerInfo) info = tutti_peer_info_from_json (data, NULL);

  if (info)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_PEER_RENAMED], 0,
                   info->peer_id, info->display_name);
}

static void
on_consumer_closed (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "consumerId", TUTTI_ROOM_SIGNAL_CONSUMER_CLOSED);
}

static void
on_transport_closed (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "transportId", TUTTI_ROOM_SIGNAL_TRANSPORT_CLOSED);
}

static void
on_consumer_paused (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "consumerId", TUTTI_ROOM_SIGNAL_CONSUMER_PAUSED);
}

static void
on_consumer_resumed (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "consumerId", TUTTI_ROOM_SIGNAL_CONSUMER_RESUMED);
}

static void
on_rtp_clock (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiRtpClock) clock = tutti_rtp_clock_from_json (data, &error);

  if (clock)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_RTP_CLOCK], 0, clock);
  else
    g_info ("rtpClock ignored: %s", error->message);
}

static void
on_plan (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiPlan) plan = tutti_plan_from_json (data, &error);

  if (plan)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_PLAN], 0, plan);
  else
    g_info ("plan ignored: %s", error->message);
}

static void
on_heard (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiHeard) heard = tutti_heard_from_json (data, &error);

  if (heard)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_HEARD], 0, heard);
  else
    g_info ("heard ignored: %s", error->message);
}

void
tutti_room_client_take_tempo (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiTempo) tempo = tutti_tempo_from_json (data, &error);

  if (tempo)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_TEMPO], 0, tempo);
  else
    g_info ("tempo ignored: %s", error->message);
}

void
tutti_room_client_take_controls (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiRoomControls) controls = tutti_room_controls_from_json (data, &error);

  if (controls)
    g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_CONTROLS], 0, controls);
  else
    g_info ("controls ignored: %s", error->message);
}

static void
on_role_changed (TuttiRoomClient *self, JsonObject *data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiRoleChange) change = tutti_role_change_from_json (data, &error);

  if (!change) {
    g_info ("roleChanged ignored: %s", error->message);
    return;
  }
  if (g_str_equal (change->peer_id, self->peer_id))
    tutti_room_client_take_role (self, change->role, tutti_json_peek_string (data, "seat"));
  g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_ROLE_CHANGED], 0, change);
}

static void
on_muted (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "byPeerId", TUTTI_ROOM_SIGNAL_MUTED);
}

static void
on_unmute_asked (TuttiRoomClient *self, JsonObject *data)
{
  emit_id (self, data, "byPeerId", TUTTI_ROOM_SIGNAL_UNMUTE_ASKED);
}

static void
on_draining (TuttiRoomClient *self, JsonObject *data)
{
  gint64 seconds = 0;

  tutti_json_read_int (data, "seconds", 0, G_MAXUINT16, &seconds, NULL);
  g_signal_emit (self, tutti_room_client_signals[TUTTI_ROOM_SIGNAL_DRAINING], 0, (guint) seconds);
}

static const struct {
  const char *method;
  void (*handler) (TuttiRoomClient *self, JsonObject *data);
} events[] = {
  { "rtpClock", on_rtp_clock },
  { "plan", on_plan },
  { "heard", on_heard },
  { "tempo", tutti_room_client_take_tempo },
  { "chat", tutti_room_client_take_chat },
  { "controls", tutti_room_client_take_controls },
  { "roleChanged", on_role_changed },
  { "muted", on_muted },
  { "unmuteAsked", on_unmute_asked },
  { "draining", on_draining },
  { "newPeer", on_new_peer },
  { "peerClosed", on_peer_closed },
  { "peerDisplayNameChanged", on_peer_renamed },
  { "consumerClosed", on_consumer_closed },
  { "transportClosed", on_transport_closed },
  { "consumerPaused", on_consumer_paused },
  { "consumerResumed", on_consumer_resumed },
};

/* Methods that we do not know belong to newer versions, or to things that we do not use (scores).
 */
void
tutti_room_client_handle_event (TuttiRoomClient *self, const char *method, JsonObject *data)
{
  for (size_t i = 0; i < G_N_ELEMENTS (events); i++) {
    if (g_str_equal (events[i].method, method)) {
      events[i].handler (self, data);
      return;
    }
  }
}

gboolean
tutti_room_client_handle_request (TuttiRoomClient *self,
                                  gint64 id,
                                  const char *method,
                                  JsonObject *data)
{
  g_autoptr (TuttiConsumerInfo) info = NULL;
  g_autoptr (GError) error = NULL;
  guint signal = tutti_room_client_signals[TUTTI_ROOM_SIGNAL_NEW_CONSUMER];

  if (!g_str_equal (method, "newConsumer"))
    return FALSE;

  info = tutti_consumer_info_from_json (data, &error);
  if (!info) {
    g_info ("newConsumer refused: %s", error->message);
    tutti_room_client_reject (self, id, 400, "malformed newConsumer");
  } else if (!g_signal_has_handler_pending (self, signal, 0, TRUE)) {
    tutti_room_client_reject (self, id, 500, "nobody listens");
  } else {
    g_signal_emit (self, signal, 0, id, info);
  }

  return TRUE;
}
