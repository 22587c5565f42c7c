/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"

G_BEGIN_DECLS

#define PAIR_PT      111
#define PAIR_QUANTUM 64
#define PAIR_RATE    48000.0
#define PAIR_BASE_NS (500 * TUTTI_NSEC_PER_SEC)

typedef struct {
  gint64 arrival_ns;
  gsize size;
  guint8 data[TUTTI_MAX_RTP_SIZE];
} Packet;

/**
 * Line: a road for packets with a delay, in simulated time; whatever is sent into it stays until it
 * is delivered
 */
typedef struct {
  pthread_mutex_t mutex; /* not GLib's: the thread sanitizer knows this one */
  GArray *packets;       /* of Packet, under mutex */
  guint n_sent;          /* under mutex */
  gint64 now_ns;         /* under mutex */
  gint64 delay_ns;
  guint destroyed;
} Line;

void line_init (Line *line, double delay_ms);
void line_clear (Line *line);
/* A send function and its destroy function. */
void line_send (const guint8 *rtp, gsize size, gpointer user_data);
void line_destroyed (gpointer user_data);
void line_set_time (Line *line, gint64 now_ns);

/**
 * Pair: two engines joined by a line, both driven cycle by cycle in simulated time. The workers are
 * real threads: the sender's is waited for.
 */
typedef struct {
  TuttiAudioEngine *sender;
  TuttiAudioEngine *listener;
  TuttiAudioRemote *remote;
  int strip;
  TuttiAudioFormat format;
  Line line;
  float *in;
  float *out[2];
  guint64 n_cycles;
  guint early; /* samples by which the listener's cycles begin earlier: on another driver */
} Pair;

void pair_init (Pair *pair, guint frame, guint channels, double delay_ms, double seconds);
void pair_clear (Pair *pair);
/* One cycle of the listener alone. */
void pair_listen (Pair *pair, float *const *out, guint64 cycle);
/* One cycle of both: what is in @in goes in, what comes out goes to @out. */
void pair_cycle (Pair *pair, guint64 cycle);
gint64 pair_cycle_time (guint64 cycle);

G_END_DECLS
