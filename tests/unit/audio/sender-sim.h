/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine-private.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

G_BEGIN_DECLS

#define SENDER_PT      111
#define SENDER_SSRC    77
#define SENDER_QUANTUM 64
#define SENDER_BASE_NS (G_GINT64_CONSTANT (500000000000))

/* One strip that sends, cycle by cycle in simulated time; the worker is real, and waited for. */
typedef struct {
  gint64 sent_ns;
  gsize size;
  guint8 data[TUTTI_MAX_RTP_SIZE];
} Packet;

typedef struct {
  pthread_mutex_t mutex; /* not GLib's: the thread sanitizer knows this one */
  GArray *packets;       /* of Packet, under mutex */
} Line;

typedef struct {
  TuttiAudioEngine *engine;
  guint strip;
  guint channels;
  guint64 cycle;
  Line lines[TUTTI_N_DESTINATIONS];
} Sender;

void sender_init (Sender *self, guint channels);
void sender_clear (Sender *self);
void sender_send (Sender *self, guint destination, const TuttiAudioFormat *format);
void sender_change (Sender *self, guint destination, const TuttiAudioFormat *format);
/* One cycle in simulated time. Where it woke the worker, the worker is waited for. */
void sender_cycle (Sender *self);
void sender_run (Sender *self, double seconds);
void sender_parse (Line *line, guint index, TuttiRtp *rtp, TuttiPayload *payload);

/* What a listener can make of the packets: each kind's own decoding by timestamp. */
typedef struct {
  guint wire, frame, bits;
  TuttiDecoder *decoder; /* one each: while formats overlap, their frames are no one stream */
  float *pcm;            /* NAN: nothing came */
  guint32 next;
  gboolean running;
  gint64 first, last; /* samples it covers */
  guint n_packets;
} Kind;

typedef struct {
  Kind kinds[16];
  guint n_kinds;
  gint64 n_samples;
  guint32 start;
  guint channels;
} Listener;

/* Decodes all packets of destination 0, which came without a loss. */
void listener_init (Listener *self, Sender *sender);
void listener_clear (Listener *self);
/* Plays through, staying with a kind for as long as it goes on, as a listener would. Returns the
 * worst error of a millisecond, dB below the music's own level; no sample may be missing. */
double listener_judge (Listener *self);

G_END_DECLS
