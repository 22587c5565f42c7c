/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "meter-analysis.h"
#include "meter-graph.h"

G_BEGIN_DECLS

typedef enum { METER_LAYOUT_AUTO, METER_LAYOUT_SPLIT, METER_LAYOUT_MONO } MeterLayout;

/**
 * MeterPathConfig:
 * @into: node.name of the capture device to sing into; @from: of the sink to listen at
 * @layout: chirps left and sine right, or both in one channel (auto: by the ports of @into)
 * @separate: leave the graphs of @into and @from uncoupled, each with a driver of its own
 * @calibrate: no device: what is sent goes straight to where it is recorded
 * @max_latency_ms: longest way that still counts
 * @far: where @from is, when not in the same daemon as @into (both clocks are CLOCK_MONOTONIC)
 * @into_clock_s, @from_clock_s: how far that daemon's CLOCK_MONOTONIC is ahead of ours, where it
 * runs in a time namespace of its own
 */
typedef struct {
  const char *into, *from;
  MeterGraph *far;
  MeterLayout layout;
  gboolean separate, calibrate;
  guint quantum;
  double seconds, clicks_ms, max_latency_ms;
  double into_clock_s, from_clock_s;
  guint32 seed;
} MeterPathConfig;

/**
 * MeterPath: one way that is measured: a node that sends, one that records. Both are in the node
 * group `pw-meter-PID-LABEL`, and so everything they are linked to runs in one graph.
 */
typedef struct _MeterPath MeterPath;

MeterPath *meter_path_new (MeterGraph *graph, const char *label, const MeterPathConfig *config);
void meter_path_free (MeterPath *self);
/* Begins to send chirps and to record; from then on it goes on until the memory is full. */
void meter_path_arm (MeterPath *self);
/* Takes both ends out of the graph: from here on the data loop writes nothing. */
void meter_path_stop (MeterPath *self);
/* After meter_path_stop() of every path: it takes a while, and must not disturb one that runs. */
void meter_path_analyse (MeterPath *self, MeterResult *result);
gboolean meter_path_is_mono (MeterPath *self);
guint meter_path_get_misses (MeterPath *self);
void meter_path_get_quantum (MeterPath *self, guint *min, guint *max, guint *rate);
gboolean meter_path_is_realtime (MeterPath *self);

G_END_DECLS
