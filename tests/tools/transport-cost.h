/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The parts of transport-cost. */

#pragma once

#include "sfu.h"
#include "tutti-clock.h"
#include "tutti-transport.h"

G_BEGIN_DECLS

#define COST_MAX_STREAMS  64
#define COST_MAX_THREADS  512
#define COST_WITNESS_SSRC 0x20000000u

typedef struct {
  gint64 *values; /* ns */
  guint64 n, size;
} Delays;

typedef struct {
  guint32 ssrc;
  guint16 seq;
  int fd;              /* plain */
  TuttiSendSlot *slot; /* or through a transport */
  guint8 payload_type;
} Stream;

typedef struct {
  /* what was asked for */
  int n_streams;
  int rate;    /* packets per second and stream */
  int payload; /* bytes */
  int seconds;

  Sfu *sfu;
  TuttiTransport *transport;
  Stream streams[COST_MAX_STREAMS];
  Stream witness;
  Delays delays, witness_delays;
  int sink;         /* plain packets that come back */
  int is_measuring; /* atomic */
  int is_running;   /* atomic */
  pid_t excluded[2];
  guint64 n_pushed;
  gint64 push_cpu; /* ns of the pushing thread's */
  gint64 push_longest;
} Cost;

typedef struct {
  pid_t tid;
  char name[32];
  gint64 ns;
} ThreadTime;

/* transport-cost.c; any thread, but one at a time for each @delays. @rtp came at @now (ns). */
void cost_take_packet (Cost *self, Delays *delays, const guint8 *rtp, gsize size, gint64 now);

/* transport-cost-room.c: the transports, streams and consumers of @direction, and the witness's. */
void cost_set_up (Cost *self, TuttiDirection direction);

/* transport-cost-report.c: this process's threads, COST_MAX_THREADS at most; returns how many. */
guint cost_read_threads (ThreadTime *threads);
/* Prints what was measured in @seconds, at whose beginning the threads stood at @before. */
void cost_report (Cost *self,
                  const char *direction,
                  const ThreadTime *before,
                  guint n_before,
                  double seconds);

G_END_DECLS
