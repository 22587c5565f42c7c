/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * TuttiCaptureClock:
 * @rtp_timestamp: of a sample
 * @room_time_us: when that sample reached the sender's device: the start of the graph cycle that
 *   brought it, plus its place in that cycle, minus the quantum the device needed to collect it
 * @error_us: ± the sender's clock, µs; negative: not told
 * @sent_us: room time at which the packet with that timestamp left; negative: not told
 *
 * What a sender publishes once a second for each producer (`rtpClock`), as far as a delay needs it.
 */
typedef struct {
  guint32 rtp_timestamp;
  gint64 room_time_us;
  gint64 error_us;
  gint64 sent_us;
} TuttiCaptureClock;

/**
 * TuttiRoomInstant: an RTP timestamp and the room time at which something happened to it, µs
 */
typedef struct {
  guint32 rtp_timestamp;
  gint64 room_time_us;
} TuttiRoomInstant;

/* Samples by which a standard Opus decoder's output lags what was encoded (restricted-lowdelay,
 * OPUS_GET_LOOKAHEAD at 48 kHz): the sample that the decoder labels T was captured as T − 120.
 * Framed streams are labelled with it taken off. */
#define TUTTI_OPUS_LOOKAHEAD_SAMPLES 120

/**
 * TuttiDelayStages:
 * @delay_ms: from the other one's device to ours: the sum of the next four
 * @capture_ms: a frame's samples come together there
 * @encode_ms: they wait for the graph's cycle, are coded (the codec's look-ahead is in it) and sent
 * @network_ms: the way to the server and from there to us, of the quickest packets
 * @playout_ms: here, until they are played: what slower packets and our own cycle need
 * @error_ms: ± of @delay_ms and of @network_ms: both computers' errors about the room's clock.
 * Nobody can see whether a line is quicker one way than the other: that is in it. In the sum of
 * both directions it falls out, but for what the lines' jitter leaves.
 * @playback_ms: what our device takes after that to push a cycle out; in no sum, since nothing
 *   reports truthfully what comes behind it
 * @split: whether the four stages are known; else only @delay_ms is
 *
 * It ends at the start of the graph cycle that plays, and contains neither converters nor drivers'
 * extra headroom.
 */
typedef struct {
  double delay_ms;
  double capture_ms;
  double encode_ms;
  double network_ms;
  double playout_ms;
  double error_ms;
  double playback_ms;
  gboolean split;
} TuttiDelayStages;

#define TUTTI_TYPE_DELAY_STAGES (tutti_delay_stages_get_type ())
GType tutti_delay_stages_get_type (void) G_GNUC_CONST;
TuttiDelayStages *tutti_delay_stages_copy (const TuttiDelayStages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDelayStages, g_free)

/**
 * TuttiDelayInput:
 * @capture: the sender's clock pair
 * @arrival: when one of the quickest packets came; room time 0: not known
 * @playback: when a sample was played (start of the graph cycle + place in it)
 * @lookahead_samples: by how much the decoder's output lags its label
 * @frame_samples: of a packet
 * @clock_error_ms: ± our own clock
 */
typedef struct {
  TuttiCaptureClock capture;
  TuttiRoomInstant arrival;
  TuttiRoomInstant playback;
  guint lookahead_samples;
  guint frame_samples;
  double clock_error_ms;
} TuttiDelayInput;

/* Pure. FALSE when the numbers cannot be: they come from another machine. */
gboolean tutti_delay_measure (const TuttiDelayInput *input, TuttiDelayStages *stages);

/**
 * tutti_delay_ms:
 * @capture: the sender's clock pair
 * @rtp_timestamp: a sample that is played here
 * @playback_room_us: room time at which it is played (start of the graph cycle + place in it)
 * @lookahead_samples: by how much the decoder's output lags its label
 *
 * The delay of one musician to another, in ms. It contains: collecting one quantum at the sender's
 * device (nothing if a file or a tone plays instead of one), framing, encoding, network up, SFU,
 * network down, playout buffer, codec look-ahead. Pure.
 */
double tutti_delay_ms (const TuttiCaptureClock *capture,
                       guint32 rtp_timestamp,
                       gint64 playback_room_us,
                       guint lookahead_samples);

/**
 * TuttiPlaybackPath: what lies behind the cycle that plays, here
 * @late_ns: how much later than its cycle a sample leaves, beyond the quantum: resampling
 * @quantum_ms: what the device takes to push a cycle out
 */
typedef struct {
  gint64 late_ns;
  double quantum_ms;
} TuttiPlaybackPath;

/* -- the last minute -- */

#define TUTTI_DELAY_HISTORY 60

/**
 * TuttiDelayPoint:
 * @time_ns: CLOCK_MONOTONIC
 * @delay_ms: −1 while unknown
 * @target_ms: how early the playout wanted the quickest packets to be here
 * @concealed_percent: of the second before
 * @loss_percent: packets of the second before that never came
 */
typedef struct {
  gint64 time_ns;
  double delay_ms;
  double target_ms;
  double concealed_percent;
  double loss_percent;
} TuttiDelayPoint;

/* TuttiDelayHistory: the newest TUTTI_DELAY_HISTORY points. Plain value, zero is empty. */
typedef struct {
  TuttiDelayPoint points[TUTTI_DELAY_HISTORY];
  guint n;
  guint next;
} TuttiDelayHistory;

void tutti_delay_history_add (TuttiDelayHistory *self, const TuttiDelayPoint *point);
/* The newest @n at most, oldest first; returns how many. */
guint tutti_delay_history_get (const TuttiDelayHistory *self, TuttiDelayPoint *points, guint n);

G_END_DECLS
