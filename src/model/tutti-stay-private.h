/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-room-client.h"
#include "tutti-room-controls.h"
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
  GPtrArray *outputs; /* send only, owned, of TuttiOutput */
} TuttiLane;

/**
 * TuttiOutputKind:
 * @TUTTI_OUTPUT_FRAMED: packets that say what they hold (tutti-payload.h): the format follows the
 *   room's plan
 * @TUTTI_OUTPUT_STANDARD: RFC 7587, for those who know only that
 */
typedef enum { TUTTI_OUTPUT_FRAMED, TUTTI_OUTPUT_STANDARD, TUTTI_N_OUTPUT_KINDS } TuttiOutputKind;

/* One of our own strips, as it is to be sent. */
typedef struct {
  guint index; /* the engine's */
  char *id;
  char *label;
  guint channels;
  gboolean muted;
} TuttiOwn;

/* A producer of ours: one own strip in one kind over one transport. Owned by its lane. */
typedef struct {
  TuttiLane *lane;
  TuttiOwn own;
  TuttiOutputKind kind;
  TuttiAudioFormat format;
  TuttiSendSlot *slot; /* owned by the transport; NULL: not sending */
  char *producer_id;
  gboolean paused;
} TuttiOutput;

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
typedef struct _TuttiStayVideo TuttiStayVideo;

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
  GPtrArray *consumers;      /* owned, of TuttiConsumer */
  TuttiSoundStem *stem;      /* owned by the sound, removed by us */
  TuttiRemoteStats reported; /* at the last report */
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
  GPtrArray *early_roles; /* owned, of TuttiRoleChange */

  gboolean framed;         /* the room plans, and we can decode what it plans */
  TuttiPlan *plan;         /* owned; NULL: none was said */
  DexPromise *planned;     /* owned while the first one is waited for */
  gint64 overlap_until_us; /* monotonic: until then an older, quicker format may still go out */
  guint applied_id;
  TuttiTempo *tempo; /* owned; NULL: nobody set one */
  guint relabel_id;
  GPtrArray *watched; /* owned, of TuttiOwnStrip: whose changes we follow, in their list's order */
  guint tick;

  char *way;          /* what we would send from, as last seen; see tutti-stay-path.c */
  gboolean way_known; /* it was looked at */
  gboolean way_changed;
  gboolean verifying;
  TuttiError doubt;
  gboolean draining;

  gboolean rebuild_optional; /* where it fails, what there is goes on */
  TuttiStayDirections rebuild_wanted;
  TuttiStayDirections rebuild_running;
  DexPromise *rebuild_done; /* owned while a rebuild runs */

  TuttiStayVideo *video; /* owned; see tutti-stay-video.c */

  TuttiStayFunc changed;
  gpointer changed_data;
  TuttiStayChatFunc chat;
  gpointer chat_data;
};

/* tutti-stay-video.c: pictures, over transports of their own */
TuttiStayVideo *tutti_stay_video_new (TuttiStay *stay);
/* Everything stops; the pictures stay in the list. */
void tutti_stay_video_free (TuttiStayVideo *self);
/* Fiber, before joining. Adds what we can show to @capabilities, where the room has pictures. */
gboolean tutti_stay_video_prepare (TuttiStay *self, JsonObject *capabilities, GError **error);
/* After joining. */
void tutti_stay_video_start (TuttiStay *self);
void tutti_stay_video_take (TuttiStay *self, gint64 request_id, const TuttiConsumerInfo *info);
/* FALSE: that consumer is none of a picture. */
gboolean tutti_stay_video_drop (TuttiStay *self, const char *consumer_id);
gboolean tutti_stay_video_set_paused (TuttiStay *self, const char *consumer_id, gboolean paused);
void tutti_stay_video_drop_peer (TuttiStay *self, const char *peer_id);
void tutti_stay_video_lost (TuttiStay *self, const char *transport_id);
void tutti_stay_video_tick (TuttiStay *self);

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
JsonObject *tutti_stay_negotiate (TuttiStay *self,
                                  TuttiTransport *transport,
                                  JsonObject *codec,
                                  JsonArray *extensions,
                                  TuttiSendSlot **slot,
                                  GError **error);
void tutti_output_free (gpointer output);
/* Of a strip that is about to go. */
void tutti_output_stop (TuttiOutput *output);
/* Fiber: makes the outputs of @lane what they are to be; @predecessor: (nullable): the lane whose
 * outputs they take over from. */
gboolean
tutti_stay_produce (TuttiStay *self, TuttiLane *lane, TuttiLane *predecessor, GError **error);
void tutti_stay_stop_sending (TuttiStay *self, TuttiLane *lane);
/* Tells the room that the producers of @lane are over. */
void tutti_stay_close_producers (TuttiStay *self, TuttiLane *lane);

/* tutti-stay-own.c: what is to be sent */
GArray *tutti_stay_list_own (TuttiStay *self); /* (transfer full), of TuttiOwn */
void tutti_stay_watch_own (TuttiStay *self);
void tutti_stay_unwatch_own (TuttiStay *self);
void tutti_stay_follow_own (TuttiStay *self);
gboolean tutti_stay_needs_rebuild (TuttiStay *self);
void tutti_stay_peek_own (TuttiStay *self, const TuttiOwn *own, TuttiStripStats *stats);

/* tutti-stay-plan.c: in which format */
gboolean tutti_stay_wants (TuttiStay *self, TuttiOutputKind kind);
void tutti_stay_fill_format (TuttiStay *self,
                             TuttiOutputKind kind,
                             guint channels,
                             TuttiAudioFormat *format);
/* Brings what is sent in line with plan and wishes, without new producers. */
void tutti_stay_apply_format (TuttiStay *self);
void tutti_stay_take_plan (TuttiStay *self, const TuttiPlan *plan);
gboolean tutti_stay_await_plan (TuttiStay *self, GError **error);

/* tutti-stay-report.c: what we tell of how things are */
void tutti_stay_publish_clocks (TuttiStay *self);
void tutti_stay_report (TuttiStay *self);
void tutti_stay_take_heard (TuttiStay *self, const TuttiHeard *heard);

/* tutti-stay-streams.c */
TuttiStream *
tutti_stay_find_or_make_stream (TuttiStay *self, const TuttiConsumerInfo *info, GError **error);
TuttiConsumer *
tutti_stay_find_consumer (TuttiStay *self, const char *consumer_id, const char *producer_id);
void tutti_stay_drop_consumer (TuttiStay *self, TuttiConsumer *consumer);
void tutti_stay_drop_streams (TuttiStay *self, const char *peer_id);
void tutti_stay_settle_streams (TuttiStay *self);

/* tutti-stay-receive.c */
void tutti_stay_free_consumer (gpointer consumer);
void tutti_stay_take_consumer (TuttiStay *self, gint64 request_id, const TuttiConsumerInfo *info);
void tutti_stay_consider_rebuild (TuttiStay *self);
void tutti_stay_stop_lane (TuttiStay *self, TuttiLane *lane);
gboolean tutti_stay_lane_is_heard (TuttiStay *self, TuttiLane *old_lane, TuttiLane *new_lane);

/* tutti-stay-room.c */
void tutti_waiting_free (gpointer waiting);
void tutti_stay_follow_room (TuttiStay *self);
void tutti_stay_take_waiting (TuttiStay *self);
void tutti_stay_take_role (TuttiStay *self, const TuttiRoleChange *change);

G_END_DECLS
