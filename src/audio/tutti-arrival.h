/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_ARRIVAL_SLOT   4800 /* samples, 100 ms: what is late within it is one event */
#define TUTTI_ARRIVAL_SLOTS  20
#define TUTTI_ARRIVAL_EVENTS 32
#define TUTTI_ARRIVAL_RECENT 3

/**
 * TuttiArrival:
 *
 * What is known about when packets come. A packet's *transit* is the time at which it can be used
 * minus the time at which its last sample was captured, in samples, against an arbitrary zero.
 *
 * What a listener hears is events, not packets: at 750 packets a second a share of 0.3 % would be
 * two gaps a second. So transits are kept as the highest of each 100 ms, and asked for is what
 * would have been late no more than so many times a minute:
 * - of the last 20 slots (2 s) one may be late (safe: none, tight: four), two where most slots are
 *   quiet: stalls of a machine come in company;
 * - of the 32 highest of the last minute a few may be, by the bias. Those count as long as they
 * keep coming: twice their mean interval (at least 2 s) without one, and they are forgotten. So
 *   stalls that repeat are remembered, a single one is not paid for, and a line that has become
 *   quiet is quiet after two seconds;
 * - what the fastest of the last dozen ms needs, all need: another road, known at once. Not where
 *   they come faster than they were sent: those were held up together, and it is over.
 * On a line on which nothing else happens, what is late by up to 4 ms counts a third: it is no more
 * than a few lost packets, of which nobody hears much.
 *
 * Memory and time are bounded. One thread at a time.
 */
typedef struct {
  struct {
    double most;
    double least;
    gboolean brief;             /* nothing in it was late by more than can hardly be heard */
  } slots[TUTTI_ARRIVAL_SLOTS]; /* a ring, the newest at slot */
  guint slot;
  guint n_slots;
  double slot_end;
  struct {
    double transit;
    double time;
    gboolean brief;
  } events[TUTTI_ARRIVAL_EVENTS]; /* the highest first */
  guint n_events;
  struct {
    double least;
    double most;
    double time;
  } recent[TUTTI_ARRIVAL_RECENT]; /* of 4 ms each, the newest first */
  guint n_recent;

  gboolean asked;
  gboolean changed;
  gboolean quiet; /* in most slots nothing was late */
  float bias;
  double need; /* what was last asked for */
  double quantile;
  double middle;
  double least;
  double recurring;
} TuttiArrival;

void tutti_arrival_reset (TuttiArrival *self);
/* @time: in samples, never falls */
void tutti_arrival_add (TuttiArrival *self, double transit, double time);
gboolean tutti_arrival_is_empty (const TuttiArrival *self);
/* The smallest transit of the last 2 s in which something came. */
double tutti_arrival_minimum (TuttiArrival *self);
/* What a listener should wait for. @grain: by how much transits differ on a perfect line (they end
 * with a cycle); @bias: 0 tight (some 100 late events a minute on a restless line),
 * 0.5 (some 5) … 1 safe (1) */
double tutti_arrival_need (TuttiArrival *self, float bias, double grain, double time);
/* How far arrivals are apart of late: between the usual slot and the one that is waited for. */
double tutti_arrival_spread (TuttiArrival *self);

G_END_DECLS
