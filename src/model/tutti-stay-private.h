/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-room-client.h"
#include "tutti-stay.h"
#include "tutti-transport.h"

G_BEGIN_DECLS

#define TUTTI_STAY_CONNECT_SECONDS 15
#define TUTTI_STAY_FIBER_STACK     (1024 * 1024) /* transports load plugins on it */

/**
 * TuttiLane: one of the two transports that a direction can have while one takes over from the
 * other. Its index is also the engine's: the destination of our strip, or the lane of every remote
 * that comes over it (one streaming thread per transport).
 */
typedef struct {
  TuttiStay *stay; /* borrowed, the lane is part of it */
  TuttiDirection direction;
  guint index;
  TuttiTransport *transport; /* owned, NULL: lane unused */
  gulong state_id;
  gulong protocol_id;
  TuttiSendSlot *slot; /* send only, owned by the transport */
  char *producer_id;   /* send only */
} TuttiLane;

/**
 * TuttiTap: what a streaming thread needs to hand packets to the engine. Shared with that thread:
 * atomically counted; @remote is valid as long as the transport may call (see stop_consuming).
 */
typedef struct {
  TuttiAudioRemote *remote;
  guint lane;
  guint n_packets; /* atomic */
} TuttiTap;

typedef struct _TuttiStream TuttiStream;

/* A consumer of ours: one stream over one transport. Owned by its stream. */
typedef struct {
  TuttiStream *stream;
  TuttiLane *lane;
  char *id;
  char *producer_id;
  TuttiTap *tap;
  gboolean accepted;
} TuttiConsumer;

/* What one strip of one musician brings: one engine remote, one or two consumers. */
struct _TuttiStream {
  TuttiStay *stay; /* borrowed */
  char *peer_id;
  TuttiStrip *strip;        /* owned */
  TuttiAudioRemote *remote; /* owned by the engine, removed by us */
  TuttiAudioFormat format;
  guint8 payload_type;
  GPtrArray *consumers; /* owned, of TuttiConsumer */
};

/* A `newConsumer` that came before the answer to `join` was read. */
typedef struct {
  gint64 request_id;
  TuttiConsumerInfo *info;
} TuttiWaiting;

struct _TuttiStay {
  grefcount ref_count;

  TuttiRoster *roster; /* borrowed until closed */
  TuttiSound *sound;   /* owned */
  TuttiStayConfig config;
  TuttiLink *link;
  char *peer_id;

  TuttiRoomClient *client;   /* owned */
  GCancellable *cancellable; /* owned, ends every call on a transport */
  JsonObject *capabilities;  /* owned, the audio router's */
  GPtrArray *waiting;        /* owned, of TuttiWaiting */
  GPtrArray *streams;        /* owned, of TuttiStream */
  TuttiLane lanes[2][2];     /* by TuttiDirection, index */
  guint current[2];          /* by TuttiDirection */

  DexPromise *ended; /* owned, rejected once */
  gboolean is_ended;
  gboolean joined;  /* the room has let us in */
  gboolean entered; /* and all that joining brings is done: rebuilds may begin */
  gboolean leaving; /* says good-bye: nothing new may begin */
  gboolean closed;

  GPtrArray *early_peers; /* owned, of TuttiPeerInfo: came before that answer was read, too */
  GPtrArray *early_left;  /* owned, of peer ids */

  TuttiStayDirections rebuild_wanted;
  TuttiStayDirections rebuild_running;
  DexPromise *rebuild_done; /* owned while a rebuild runs */

  TuttiStayFunc changed;
  gpointer changed_data;
};

/* tutti-stay-transport.c */
TuttiLane *tutti_stay_current_lane (TuttiStay *self, TuttiDirection direction);
/* Fiber. */
TuttiLane *
tutti_stay_open_lane (TuttiStay *self, TuttiDirection direction, guint index, GError **error);
void tutti_stay_close_lane (TuttiLane *lane);
/* Fiber: until CONNECTED; the transport's own error otherwise. */
gboolean tutti_stay_await_connected (TuttiTransport *transport, guint seconds, GError **error);
gboolean tutti_stay_check_alive (TuttiStay *self, GError **error);

/* tutti-stay-send.c */
/* Fiber: produces on @lane; @replaces: nullable producer id. */
gboolean
tutti_stay_produce (TuttiStay *self, TuttiLane *lane, const char *replaces, GError **error);
void tutti_stay_stop_sending (TuttiStay *self, TuttiLane *lane);
void tutti_stay_follow_mute (TuttiStay *self);

/* tutti-stay-receive.c */
TuttiConsumer *
tutti_stay_find_consumer (TuttiStay *self, const char *consumer_id, const char *producer_id);
void tutti_stay_take_consumer (TuttiStay *self, gint64 request_id, const TuttiConsumerInfo *info);
void tutti_stay_drop_consumer (TuttiStay *self, TuttiConsumer *consumer);
void tutti_stay_drop_streams (TuttiStay *self, const char *peer_id);
void tutti_stay_consider_rebuild (TuttiStay *self);
void tutti_stay_stop_lane (TuttiStay *self, TuttiLane *lane);
gboolean tutti_stay_lane_is_heard (TuttiStay *self, TuttiLane *old_lane, TuttiLane *new_lane);

/* tutti-stay-room.c */
void tutti_waiting_free (gpointer waiting);
void tutti_stay_follow_room (TuttiStay *self);
void tutti_stay_take_waiting (TuttiStay *self);

G_END_DECLS
