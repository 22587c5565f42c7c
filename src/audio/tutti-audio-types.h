/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_SAMPLE_RATE       48000
#define TUTTI_MAX_STRIPS        8
#define TUTTI_MAX_REMOTES       64
#define TUTTI_MAX_CHANNELS      2
#define TUTTI_N_DESTINATIONS    4
#define TUTTI_MAX_FRAME_SAMPLES 960
#define TUTTI_MAX_QUANTUM       2048
#define TUTTI_MAX_RTP_SIZE      1500
#define TUTTI_SILENCE_DB        (-100.0f)

/**
 * TuttiWireFormat:
 * @TUTTI_WIRE_OPUS: Opus (RFC 6716), restricted-lowdelay, CBR, 120 to 960 samples
 * @TUTTI_WIRE_TIGHT: Opus Custom of 64 or 128 samples, CBR
 * @TUTTI_WIRE_RAW: PCM of 64 or 128 samples
 */
typedef enum { TUTTI_WIRE_OPUS, TUTTI_WIRE_TIGHT, TUTTI_WIRE_RAW } TuttiWireFormat;

/**
 * TuttiAudioFormat:
 * @wire: how sound is coded
 * @frame_samples: samples per channel and packet at 48 kHz
 * @channels: 1 or 2
 * @bitrate: opus, tight: bit/s of one frame's coding, for all channels together
 * @bits: raw: 16 or 24 per sample
 * @framed: the RTP payload is in Tutti's own framing (tutti-payload.h), in which every packet says
 *   what it holds, so that wire, frame, bitrate, bits and copies may change from packet to packet;
 *   raw and tight always are; Opus without it is RFC 7587, which everyone understands
 * @copies: framed: how many older frames each packet repeats, 0 … TUTTI_PAYLOAD_MAX_COPIES
 * @distance: framed: how many frames apart they lie, 1 … 15; 0: each packet goes out 1 + @copies
 *   times instead, so that nobody waits for a copy
 *
 * What a receiver is given holds for channels and framed; of a framed stream the rest is only what
 * to expect first.
 */
typedef struct {
  TuttiWireFormat wire;
  guint frame_samples;
  guint channels;
  guint bitrate;
  guint bits;
  gboolean framed;
  guint copies;
  guint distance;
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
 *   sender's graph to the listener's. Framed packets are labelled with the time of the sound that
 *   their decoder puts out; plain Opus is not: there the look-ahead (2.5 ms) comes on top.
 * @sent_ns: CLOCK_MONOTONIC at which the packet with @rtp_timestamp went to the network
 */
typedef struct {
  TuttiLevel level;
  guint64 packets;
  guint64 overruns;
  guint32 rtp_timestamp;
  gint64 capture_ns;
  gint64 sent_ns;
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
 * @packets_missing: holes in the sequence numbers that were never filled: what the network lost,
 *   whether a copy made it good or not (its share is what redundancy is switched on by)
 * @recovered: frames that were played from a copy in a later packet
 * @accelerated_samples, @expanded_samples: left out and put in by time-scaling
 * @wire, @frame_samples: of the frame that was decoded last
 * @arrival_rtp_timestamp, @arrival_ns: RTP timestamp of a packet's first sample, and the
 *   CLOCK_MONOTONIC time at which that packet came; the pair is the fastest of the last second or
 *   so (0: none yet)
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
  guint64 packets_missing;
  guint64 recovered;
  guint64 accelerated_samples;
  guint64 expanded_samples;
  TuttiWireFormat wire;
  guint frame_samples;
  guint32 arrival_rtp_timestamp;
  gint64 arrival_ns;
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
 * @feedback: howls that were caught so far; @feedback_db: by how much the output is turned down now
 */
typedef struct {
  guint64 cycles;
  guint quantum;
  guint rate;
  guint64 xruns;
  double cycle_max_us;
  float limiter_db;
  TuttiLevel output;
  guint64 feedback;
  float feedback_db;
} TuttiEngineStats;

G_END_DECLS
