/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_SAMPLE_RATE       48000
#define TUTTI_MAX_STRIPS        8
#define TUTTI_MAX_REMOTES       64
#define TUTTI_MAX_CHANNELS      2
#define TUTTI_MAX_FRAME_SAMPLES 960
#define TUTTI_MAX_QUANTUM       2048
#define TUTTI_MAX_RTP_SIZE      1500
#define TUTTI_SILENCE_DB        (-100.0f)

/**
 * TuttiWireFormat:
 * @TUTTI_WIRE_OPUS: standard Opus (RFC 6716, RFC 7587), restricted-lowdelay, CBR
 * @TUTTI_WIRE_TIGHT: Opus Custom of 64 or 128 samples (not built yet)
 * @TUTTI_WIRE_RAW: PCM of 64 or 128 samples (not built yet)
 */
typedef enum { TUTTI_WIRE_OPUS, TUTTI_WIRE_TIGHT, TUTTI_WIRE_RAW } TuttiWireFormat;

/**
 * TuttiAudioFormat:
 * @wire: what is in an RTP payload
 * @frame_samples: samples per channel and packet at 48 kHz (opus: 120, 240, 480, 960)
 * @channels: 1 or 2
 * @bitrate: bit/s of payload, for all channels together
 */
typedef struct {
  TuttiWireFormat wire;
  guint frame_samples;
  guint channels;
  guint bitrate;
} TuttiAudioFormat;

/**
 * TuttiLevel: peak and RMS since the last read, dBFS, TUTTI_SILENCE_DB at silence; [0] left, [1]
 * right
 */
typedef struct {
  float peak_db[TUTTI_MAX_CHANNELS];
  float rms_db[TUTTI_MAX_CHANNELS];
} TuttiLevel;

/**
 * TuttiStripStats: one of our own strips, as the engine saw it
 * @level: after the strip's gain, before mute
 * @packets: RTP packets handed to the network
 * @overruns: graph cycles whose samples were dropped because the worker was late
 * @rtp_timestamp, @capture_ns: the newest encoded frame's first sample: RTP timestamp and the
 *   CLOCK_MONOTONIC time at which the graph cycle that brought it began, plus the sample's place
 *   in that cycle (0: none yet). Minus the same pair of the listener it is the time from the
 *   sender's graph to the listener's, but for the codec's look-ahead (Opus: 2.5 ms).
 */
typedef struct {
  TuttiLevel level;
  guint64 packets;
  guint64 overruns;
  guint32 rtp_timestamp;
  gint64 capture_ns;
} TuttiStripStats;

/**
 * TuttiRemoteStats: one remote strip, as the engine heard it
 * @level: before the fader
 * @received: packets that came; @duplicates and @malformed ones were thrown away
 * @late: packets that came after their samples were due; @lost: that never came
 * @reordered: that came after a later one, yet in time
 * @concealed_samples, @played_samples: how much was invented, out of how much
 * @target_ms: how early the fastest packets should be here, before they are due
 * @buffered_ms: how early the last ones were, on average (the slow ones are in it)
 * @jitter_ms: spread of arrivals (RFC 3550 §6.4.1, in ms)
 * @rtp_timestamp, @playback_ns: a sample's RTP timestamp and the CLOCK_MONOTONIC time at which
 *   the graph cycle that plays it began (0: none yet)
 */
typedef struct {
  TuttiLevel level;
  guint64 received;
  guint64 duplicates;
  guint64 malformed;
  guint64 late;
  guint64 lost;
  guint64 reordered;
  guint64 concealed_samples;
  guint64 played_samples;
  double target_ms;
  double buffered_ms;
  double jitter_ms;
  guint32 rtp_timestamp;
  gint64 playback_ns;
} TuttiRemoteStats;

/**
 * TuttiEngineStats:
 * @cycles: process calls; @quantum: samples in the last; @rate: Hz of the graph
 * @xruns: cycles that the graph's position skipped
 * @cycle_max_us: longest process call since the last read
 * @limiter_db: gain reduction of the output limiter, dB, ≤ 0
 * @output: what leaves for the headphones
 */
typedef struct {
  guint64 cycles;
  guint quantum;
  guint rate;
  guint64 xruns;
  double cycle_max_us;
  float limiter_db;
  TuttiLevel output;
} TuttiEngineStats;

G_END_DECLS
