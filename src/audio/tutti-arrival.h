/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_ARRIVAL_BIN     4    /* samples, 83 µs */
#define TUTTI_ARRIVAL_N_BINS  4096 /* a power of two: 341 ms */
#define TUTTI_ARRIVAL_WINDOW  2048 /* packets, a power of two */
#define TUTTI_ARRIVAL_SECONDS 2.0

/**
 * TuttiArrival:
 *
 * What is known about when packets come: a histogram of their transit (when it could be used minus
 * when it was captured, in samples, against an arbitrary zero) over the last two seconds. Adding
 * and asking cost O(1) amortised, memory is fixed. One thread at a time.
 */
typedef struct {
  guint16 bins[TUTTI_ARRIVAL_N_BINS];
  struct {
    gint32 bin;
    double time;
  } window[TUTTI_ARRIVAL_WINDOW];
  guint32 head;
  guint32 tail;
  double origin; /* transit at bin 0 */
  gint32 lowest;
  gint32 highest;
} TuttiArrival;

void tutti_arrival_reset (TuttiArrival *self);
/* @time: in samples, never falls. Forgets what is older than the window. */
void tutti_arrival_add (TuttiArrival *self, double transit, double time);
guint tutti_arrival_count (const TuttiArrival *self);
/* The smallest transit in the window. */
double tutti_arrival_minimum (const TuttiArrival *self);
/* The transit that all but @share (0 … 1) of the packets kept. */
double tutti_arrival_quantile (const TuttiArrival *self, double share);

G_END_DECLS
