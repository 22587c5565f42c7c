/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gst/gst.h>
#include <gst/webrtc/webrtc.h>

#include "tutti-remote-sdp.h"
#include "tutti-transport.h"

G_BEGIN_DECLS

/* Below the audio threads; what is in the path of a packet and nothing else gets it. */
#define TUTTI_NET_PRIORITY 8
/* webrtcbin's name; its threads are called NAME:… */
#define TUTTI_TRANSPORT_ELEMENT "webrtc"

#define TUTTI_TRANSPORT_CONNECT_SECONDS    10
#define TUTTI_TRANSPORT_DISCONNECT_SECONDS 3
#define TUTTI_TRANSPORT_MAX_DEPARTED       500
#define TUTTI_TRANSPORT_MAX_PATH_THREADS   8
#define TUTTI_TRANSPORT_MAX_REPORTS        16

/* -- shared: all that a foreign thread (streaming, webrtcbin's, libnice's) ever sees of a
 * transport. Such a thread holds a reference on this, never on the GObject. -- */

typedef struct _TuttiTransportShared TuttiTransportShared;
typedef struct _TuttiTap TuttiTap;

/* Runs on the main thread, and only when the transport still lives and is neither closed nor
 * failed. */
typedef void (*TuttiTransportPostFunc) (TuttiTransport *self, gpointer data);

typedef struct {
  guint32 ssrc;
  gint64 time; /* ns, of its last report; 0: none */
  gint32 lost;
  guint8 fraction_lost; /* in 1/256 */
} TuttiStreamReport;

/* What RTCP tells about what we send. */
typedef struct {
  TuttiStreamReport streams[TUTTI_TRANSPORT_MAX_REPORTS];
  struct {
    guint32 middle; /* of its NTP time */
    gint64 time;    /* ns */
  } sent[16];       /* our own last reports */
  guint n_sent;
  gint64 rtt_ns;
  gint64 rtt_time; /* when it was measured; 0: never */
} TuttiReports;

struct _TuttiTransportShared {
  GWeakRef transport;       /* TuttiTransport; set up once */
  GMainContext *context;    /* where state goes */
  TuttiDirection direction; /* read-only */
  gboolean for_pictures;    /* read-only: nothing here is urgent */
  GWeakRef receive_pad;     /* GstPad: rtpsession's, behind which taps are */
  char *fingerprint;        /* SHA-256 that the server announced; read-only */
  int is_open; /* atomic: 1 from CONNECTED to FAILED or CLOSED; the valve of both directions */

  GMutex lock;
  GHashTable *taps; /* guint32 SSRC → TuttiTap; under lock */

  GMutex reports_lock; /* another one: packets must not wait for who reads statistics */
  TuttiReports reports;

  int path_threads[TUTTI_TRANSPORT_MAX_PATH_THREADS]; /* thread ids, 0: none; atomic */

  /* Counters; atomic (any thread). */
  guint64 packets_sent;
  guint64 packets_received;
  guint64 packets_dropped;
};

TuttiTransportShared *tutti_transport_shared_new (TuttiDirection direction,
                                                  gboolean for_pictures,
                                                  const char *fingerprint);
TuttiTransportShared *tutti_transport_shared_ref (TuttiTransportShared *self);
void tutti_transport_shared_unref (TuttiTransportShared *self);
/* For g_signal_connect_data() and friends. */
void tutti_transport_shared_closure_notify (gpointer data, GClosure *closure);
/* Any thread. @destroy runs on the main thread, whether @func was called or not. */
void tutti_transport_shared_post (TuttiTransportShared *self,
                                  TuttiTransportPostFunc func,
                                  gpointer data,
                                  GDestroyNotify destroy);
/* Any thread: the transport goes to FAILED with @error (transfer full). */
void tutti_transport_shared_fail (TuttiTransportShared *self, GError *error);
static inline gboolean
tutti_transport_shared_is_open (TuttiTransportShared *self)
{
  return __atomic_load_n (&self->is_open, __ATOMIC_ACQUIRE) != 0;
}

/* The place where packets of one SSRC leave towards their consumer. */
TuttiTap *tutti_transport_shared_add_tap (TuttiTransportShared *self,
                                          guint32 ssrc,
                                          TuttiRtpFunc func,
                                          gpointer func_data,
                                          GDestroyNotify func_destroy);
void tutti_transport_shared_remove_tap (TuttiTransportShared *self, TuttiTap *tap);
void tutti_transport_shared_deliver (TuttiTransportShared *self, GstBuffer *buffer, gint64 now);
void tutti_tap_unref (TuttiTap *self);
/* After return the function is not running and will not run again; its data is destroyed. */
void tutti_tap_close (TuttiTap *self);

/* -- operations: produce and consume, one negotiation after the other -- */

typedef struct {
  char *id;
  guint32 ssrc;
  guint32 rtx_ssrc; /* of what is sent again; 0: nothing is */
  guint index;      /* m-line; G_MAXUINT before there is one */
  TuttiTap *tap;
  TuttiTap *rtx_tap; /* calls the same function */
  gboolean is_stopped;
} TuttiConsumer;

typedef struct {
  GTask *task;
  /* produce */
  JsonObject *codec;
  JsonArray *extensions;
  TuttiSendSlot *slot; /* borrowed from the transport */
  /* consume */
  TuttiConsumer *consumer; /* borrowed from the transport */
  JsonObject *rtp_parameters;
} TuttiOperation;

typedef void (*TuttiTransportStepFunc) (TuttiTransport *self, const GstStructure *reply);

struct _TuttiTransport {
  GObject parent_instance;

  TuttiDirection direction;
  char *id;
  TuttiTransportState state;
  GError *error;
  const char *protocol;
  const char *pair_protocol; /* of the selected pair as the server's candidate has it */
  TuttiTransportShared *shared;
  JsonObject *server_parameters;
  JsonArray *resolved; /* candidates so far, while names are looked up */
  guint n_lookups;
  GPtrArray *turn_servers; /* of TuttiTurnServer */
  guint n_turn_lookups;    /* of n_lookups */
  GSource *turn_timeout;
  GHashTable *relays;     /* foundations of our candidates on TURN servers */
  char *pair_foundation;  /* ours, of the selected pair */
  TuttiRemoteSdp *remote; /* NULL before the first negotiation */

  GstElement *pipeline; /* NULL once failed or closed */
  GstElement *webrtc;   /* borrowed from pipeline */

  TuttiTransportConnectFunc connect_func;
  gpointer connect_data;
  enum { TUTTI_SERVER_UNASKED, TUTTI_SERVER_ASKED, TUTTI_SERVER_CONNECTED } server;
  GSource *connect_timeout;
  GSource *disconnect_timeout;

  GQueue operations;  /* TuttiOperation, waiting */
  GPtrArray *current; /* TuttiOperation, in this negotiation */
  TuttiTransportStepFunc after_connect;
  GstPromise *call;                   /* owned: the last of which webrtcbin was asked */
  GstWebRTCSessionDescription *local; /* of this negotiation */

  GPtrArray *slots;      /* TuttiSendSlot, never removed */
  GHashTable *consumers; /* id → TuttiConsumer */
  guint departed;
};

/* tutti-transport.c */
void tutti_transport_fail (TuttiTransport *self, const GError *error);
void tutti_transport_fail_with (TuttiTransport *self, int code, const char *message);
void tutti_transport_set_state (TuttiTransport *self, TuttiTransportState state);
void tutti_transport_set_protocol (TuttiTransport *self, const char *protocol);
gboolean tutti_transport_is_over (TuttiTransport *self);
/* At the end of the program: the pipeline goes, and nobody is told. */
void tutti_transport_abandon (TuttiTransport *self);

/* tutti-transport-pipeline.c */
gboolean tutti_transport_build_pipeline (TuttiTransport *self, GError **error);
void tutti_transport_add_loopback (TuttiTransport *self);
/* Again, now that everything is linked: an event that came earlier may have stopped half-way. */
void tutti_transport_refresh_latency (TuttiTransport *self);
void tutti_transport_dump (TuttiTransport *self);

/* tutti-net.c */
void tutti_net_add (TuttiTransport *transport);
void tutti_net_remove (TuttiTransport *transport);
void tutti_net_wait_at_exit (void);
/* Hands the pipeline to a thread that takes it down; main never waits for streaming threads. */
void tutti_net_reap (GstElement *pipeline);

/* tutti-transport-threads.c */
void tutti_transport_shared_enter_path (TuttiTransportShared *self);
void tutti_transport_shared_leave_path (TuttiTransportShared *self);
void
tutti_transport_shared_count_threads (TuttiTransportShared *self, guint *path, guint *realtime);
/* Sync handler: in the thread that the message is about. */
void tutti_transport_shared_on_stream_status (TuttiTransportShared *self, GstMessage *message);
void tutti_transport_shared_watch_context (TuttiTransportShared *self, GMainContext *context);

/* tutti-transport-session.c */
void tutti_transport_shared_watch_session (TuttiTransportShared *self, GstElement *session);

/* tutti-transport-shortcut.c */
/* @queue: webrtcbin's own, between ICE and SRTP */
void tutti_transport_take_shortcut (TuttiTransportShared *shared, GstElement *queue);

/* tutti-transport-resolve.c */
void tutti_transport_resolve (TuttiTransport *self);
/* So many names more are looked up, or given up; goes on where a negotiation waits for them. */
void tutti_transport_lookups_done (TuttiTransport *self, guint n);

/* tutti-transport-turn.c */
void tutti_transport_resolve_turn (TuttiTransport *self);
void tutti_transport_clear_turn_timeout (TuttiTransport *self);

/* tutti-transport-path.c */
void tutti_transport_watch_path (TuttiTransport *self, GObject *agent);

/* tutti-transport-dtls.c */
char *tutti_dtls_fingerprint (const char *pem);
void tutti_transport_watch_connection (TuttiTransport *self);

/* tutti-transport-negotiate.c */
void tutti_transport_enqueue (TuttiTransport *self, TuttiOperation *operation);
void tutti_transport_start_next (TuttiTransport *self);
void tutti_transport_drop_call (TuttiTransport *self);
void tutti_transport_call (TuttiTransport *self,
                           const char *action,
                           gpointer argument,
                           TuttiTransportStepFunc next);
void tutti_transport_set_description (TuttiTransport *self,
                                      gboolean is_local,
                                      GstWebRTCSDPType type,
                                      const char *text,
                                      TuttiTransportStepFunc next);
void tutti_transport_set_local (TuttiTransport *self, TuttiTransportStepFunc next);
/* Takes the description out of a reply into self->local; NULL and failed when there is none. */
char *
tutti_transport_take_local (TuttiTransport *self, const GstStructure *reply, const char *field);
void tutti_transport_ensure_server (TuttiTransport *self,
                                    const char *local_sdp,
                                    TuttiTransportStepFunc next);
void tutti_transport_finish_current (TuttiTransport *self);
void tutti_transport_cancel_operations (TuttiTransport *self, const GError *error);
void tutti_operation_free (TuttiOperation *self);

/* tutti-transport-send.c */
void tutti_transport_start_produce (TuttiTransport *self);
void tutti_transport_complete_produce (TuttiTransport *self, TuttiOperation *operation);
void tutti_send_slot_free (TuttiSendSlot *slot);

/* tutti-transport-receive.c */
void tutti_transport_start_consume (TuttiTransport *self);
void tutti_transport_complete_consume (TuttiTransport *self, TuttiOperation *operation);
void tutti_transport_drop_consumer (TuttiTransport *self, TuttiConsumer *consumer);
void tutti_consumer_free (TuttiConsumer *consumer);
void tutti_transport_watch_receive (TuttiTransport *self);

/* tutti-transport-stats.c */
void
tutti_transport_shared_take_rtcp (TuttiTransportShared *self, GstBuffer *buffer, gboolean is_ours);

G_END_DECLS
