/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define METER_RATE          48000
#define METER_CHIRP_SAMPLES 192 /* 4 ms */
#define METER_SINE_PERIOD                                                                          \
  100 /* samples: 480 Hz, no whole number of it fits a usual quantum or frame */
#define METER_CHIRP_PEAK 0.4f
#define METER_SINE_PEAK  0.25f

/**
 * MeterCycle: one graph cycle of a recording
 * @ns: CLOCK_MONOTONIC at its start; @offset: its first sample in the recording
 */
typedef struct {
  gint64 ns;
  gsize offset;
} MeterCycle;

/**
 * MeterRecording: what came back; written by the data loop, into memory made before
 * @clicks: channel with the chirps; @sine: channel with the sine (may be the same memory)
 */
typedef struct {
  float *clicks;
  float *sine;
  gsize n_samples;
  MeterCycle *cycles;
  gsize n_cycles;
} MeterRecording;

/**
 * MeterMisses: when (ns) the meter itself was skipped by the graph, or woken a cycle late
 */
typedef struct {
  gint64 *ns;
  gsize n;
} MeterMisses;

/* A chirp that came back: when (ns of our clock), and how long it took. */
typedef struct {
  gint64 ns;
  double way_ms;
} MeterArrival;

/**
 * MeterResult:
 * @sent, @n: chirps sent; found again
 * @ways_ms: how long each of those took, sorted (owned)
 * @came: when each came back and how long it took, in that order (owned)
 * @has_sine: whether there was a sine to look for gaps in; @checked_s: how many seconds of it
 * @gaps: dropouts (level below half, or a phase jump), those within 5 ms of each other as one;
 *   @gap_ms: how long the level was below half
 * @own_gaps: dropouts where the meter itself had missed a cycle, not in @gaps
 */
typedef struct {
  guint sent;
  guint n;
  double *ways_ms;
  MeterArrival *came;
  double min_ms, p50_ms, p95_ms, p99_ms, max_ms;
  gboolean has_sine;
  double checked_s;
  guint gaps;
  guint own_gaps;
  double gap_ms;
} MeterResult;

/* @chirp: METER_CHIRP_SAMPLES samples */
void meter_make_chirp (float *chirp);
void meter_analyse (const MeterRecording *recording,
                    const gint64 *sent_ns,
                    gsize n_sent,
                    const MeterMisses *feed_misses,
                    const MeterMisses *catch_misses,
                    double max_latency_ms,
                    MeterResult *result);
void meter_result_clear (MeterResult *result);

G_END_DECLS
