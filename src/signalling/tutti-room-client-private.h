/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-channel.h"
#include "tutti-clock-asker.h"
#include "tutti-room-client.h"

G_BEGIN_DECLS

#define TUTTI_ROOM_PROTOCOL_MAJOR 1
#define TUTTI_ROOM_PROTOCOL_MINOR 1

struct _TuttiRoomClient {
  GObject parent_instance;

  TuttiLink *link;
  char *peer_id;
  TuttiChannel *channel;

  DexPromise *opening; /* until the version question is settled */
  guint greeting_timeout_id;
  gboolean greeted; /* `mediasoupVersion` came */
  gboolean is_open;
  gboolean is_demo;

  GStrv features;
  TuttiRole role;
  char *seat; /* nullable */
  char *room_name;
  char *service_name;
  char *service_version;
  guint max_players;
  char *outside_host; /* nullable */
  guint outside_port;

  GStrv formats;                /* that we can decode */
  guint max_packets_per_second; /* 0: not said */
  guint quantum;                /* 0: not said */

  TuttiClockAsker *asker;
};

typedef enum {
  TUTTI_ROOM_SIGNAL_PEER_JOINED,
  TUTTI_ROOM_SIGNAL_PEER_LEFT,
  TUTTI_ROOM_SIGNAL_PEER_RENAMED,
  TUTTI_ROOM_SIGNAL_NEW_CONSUMER,
  TUTTI_ROOM_SIGNAL_CONSUMER_CLOSED,
  TUTTI_ROOM_SIGNAL_TRANSPORT_CLOSED,
  TUTTI_ROOM_SIGNAL_CONSUMER_PAUSED,
  TUTTI_ROOM_SIGNAL_CONSUMER_RESUMED,
  TUTTI_ROOM_SIGNAL_RTP_CLOCK,
  TUTTI_ROOM_SIGNAL_PLAN,
  TUTTI_ROOM_SIGNAL_HEARD,
  TUTTI_ROOM_SIGNAL_TEMPO,
  TUTTI_ROOM_SIGNAL_CHAT,
  TUTTI_ROOM_SIGNAL_CONTROLS,
  TUTTI_ROOM_SIGNAL_ROLE_CHANGED,
  TUTTI_ROOM_SIGNAL_MUTED,
  TUTTI_ROOM_SIGNAL_UNMUTE_ASKED,
  TUTTI_ROOM_SIGNAL_DRAINING,
  TUTTI_ROOM_SIGNAL_CLOCK_CHANGED,
  TUTTI_ROOM_SIGNAL_CLOSED,
  TUTTI_ROOM_N_SIGNALS,
} TuttiRoomSignal;

extern guint tutti_room_client_signals[TUTTI_ROOM_N_SIGNALS];

/* tutti-room-greeting.c: until the version question is settled */
void tutti_room_client_settle (TuttiRoomClient *self, const GError *error);
void tutti_room_client_await_greeting (TuttiRoomClient *self);
void tutti_room_client_take_version (TuttiRoomClient *self);
void tutti_room_client_take_welcome (TuttiRoomClient *self, JsonObject *data);
void tutti_room_client_take_role (TuttiRoomClient *self, TuttiRole role, const char *seat);

/* tutti-room-requests.c: what requests have in common */
DexFuture *tutti_room_client_reject_malformed (const char *key);
/* For dex_future_then(): TRUE, whatever a request was answered that was granted. */
DexFuture *tutti_room_client_ignore_answer (DexFuture *future, gpointer user_data);
/* (transfer none): the answer that @future, which has resolved, holds */
JsonObject *tutti_room_client_peek_answer (DexFuture *future);

TuttiChannel *tutti_room_client_get_channel (TuttiRoomClient *self);
void tutti_room_client_start_clock (TuttiRoomClient *self);
gboolean tutti_room_client_handle_request (TuttiRoomClient *self,
                                           gint64 id,
                                           const char *method,
                                           JsonObject *data);
void tutti_room_client_take_tempo (TuttiRoomClient *self, JsonObject *data);
/* tutti-room-chat.c */
void tutti_room_client_take_chat (TuttiRoomClient *self, JsonObject *data);
void tutti_room_client_take_chat_lines (TuttiRoomClient *self, JsonArray *lines);
void tutti_room_client_take_controls (TuttiRoomClient *self, JsonObject *data);
void tutti_room_client_handle_event (TuttiRoomClient *self, const char *method, JsonObject *data);

G_END_DECLS
