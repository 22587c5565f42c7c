/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "sfu.h"

G_BEGIN_DECLS

/* A stream that is sent: a slot, a producer, a thread that pushes RTP as the audio engine would. */
typedef struct {
  Sfu *sfu;
  TuttiTransport *transport;
  TuttiSendSlot *slot;
  JsonObject *rtp_parameters;
  char *producer_id;
  GThread *thread;
  int is_running; /* atomic */
  guint per_second;
  guint64 n_pushed;
} Sender;

/* A stream that is heard: every packet is checked (header, payload) and counted. */
typedef struct {
  TuttiTransport *transport;
  char *consumer_id;
  guint32 ssrc;
  guint64 n_packets; /* atomic */
  guint64 n_wrong;   /* not what was sent, or out of order */
  guint64 n_missing;
  gint64 last_arrival; /* ns */
  gint64 longest_gap;  /* ns */
  double delay_sum;    /* ms */
  double delay_max;
  gboolean is_first;
  guint16 seq;
  gboolean is_done;
  gboolean is_destroyed;
  GError *error;
} Listener;

Sender *sender_new (Sfu *sfu, TuttiTransport *transport, guint frame_samples);
void sender_start (Sender *self, guint per_second);
void sender_stop (Sender *self);
/* Stops, frees the slot; the producer is closed on the server. */
void sender_free (Sender *self);

/* consume on the server → consume_async → resume */
Listener *listener_new (Sfu *sfu, TuttiTransport *transport, const char *producer_id);
void listener_stop (Listener *self, Sfu *sfu);
void listener_free (Listener *self);
guint64 listener_count (Listener *self);
gboolean listener_wait (Listener *self, guint64 n_packets, guint ms);
gboolean wait_state (TuttiTransport *transport, TuttiTransportState state, guint ms);

/* Closes it and sees it freed. */
void finish (TuttiTransport *transport);
/* Sees every thread and socket of closed transports gone. */
void assert_idle (void);

#define NEED_SFU(sfu)                                                                              \
  g_autoptr (Sfu) sfu = sfu_new ();                                                                \
  if (sfu == NULL) {                                                                               \
    g_test_skip ("TUTTI_NODE or MEDIASOUP_WORKER_BIN is not set");                                 \
    return;                                                                                        \
  }

G_END_DECLS
