/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-arrival.h"

#include <math.h>
#include <string.h>

#include "tutti-audio-types.h"

/* Nobody waits longer, 340 ms: what is later is as late as can be told. */
#define MAX_SPREAD 16384
/* 4 ms */
#define RECENT 192
/* Events are forgotten after a minute; at least so long they are not. */
#define MEMORY   (60.0 * TUTTI_SAMPLE_RATE)
#define MIN_HOLD (2.0 * TUTTI_SAMPLE_RATE)
/* Of their mean interval */
#define PATIENCE 2
/* Late events a minute at the tight end; of 20 slots there so many may be late. */
#define TIGHT_EVENTS 16.0
#define TIGHT_SLOTS  4
/* The same on a quiet line: stalls like company. How many a minute there may be is another matter.
 */
#define QUIET_SLOTS 8
/* What is late by no more than 4 ms on a quiet line counts so much of an event. */
#define BRIEF        192
#define BRIEF_WEIGHT (1 / 3.0)
/* A road falls by no more in 8 ms, 2 ms; what was held up comes much faster than it was sent. */
#define STEEP 96
/* The tail beyond the second highest of 2 s, as a part of its distance from the middle. */
#define TAIL 0.6
/* The same of the whole spread while only one slot is known. */
#define UNKNOWN 1.5
/* No more than that, 15 ms: a single stall at the beginning must not be paid for twice. */
#define MAX_UNKNOWN 720

void
tutti_arrival_reset (TuttiArrival *self)
{
  memset (self, 0, sizeof *self);
}

gboolean
tutti_arrival_is_empty (const TuttiArrival *self)
{
  return self->n_slots == 0;
}

static void
remove_events (TuttiArrival *self, guint from, guint n)
{
  memmove (&self->events[from], &self->events[from + n],
           (self->n_events - from - n) * sizeof self->events[0]);
  self->n_events -= n;
}

static void
remember_event (TuttiArrival *self, double transit, gboolean brief, double time)
{
  guint at;

  for (guint i = 0; i < self->n_events;)
    if (time - self->events[i].time > MEMORY)
      remove_events (self, i, 1);
    else
      i++;
  at = self->n_events;
  while (at > 0 && self->events[at - 1].transit <= transit)
    at--;
  if (at == TUTTI_ARRIVAL_EVENTS)
    return;
  if (self->n_events < TUTTI_ARRIVAL_EVENTS)
    self->n_events++;
  memmove (&self->events[at + 1], &self->events[at],
           (self->n_events - 1 - at) * sizeof self->events[0]);
  self->events[at].transit = transit;
  self->events[at].time = time;
  self->events[at].brief = brief;
}

static void
follow_slot (TuttiArrival *self, double transit, double time)
{
  gboolean brief = self->asked && transit <= self->need + BRIEF;

  if (self->n_slots > 0 && time < self->slot_end) {
    self->slots[self->slot].brief &= brief;
    if (transit > self->slots[self->slot].most) {
      self->slots[self->slot].most = transit;
      self->changed = TRUE;
    }
    self->slots[self->slot].least = MIN (self->slots[self->slot].least, transit);
    return;
  }
  if (self->n_slots > 0)
    remember_event (self, self->slots[self->slot].most, self->slots[self->slot].brief,
                    self->slot_end - TUTTI_ARRIVAL_SLOT);
  self->slot = (self->slot + 1) % TUTTI_ARRIVAL_SLOTS;
  self->n_slots = MIN (self->n_slots + 1, TUTTI_ARRIVAL_SLOTS);
  self->slots[self->slot].most = transit;
  self->slots[self->slot].least = transit;
  self->slots[self->slot].brief = brief;
  self->slot_end = time + TUTTI_ARRIVAL_SLOT;
  self->changed = TRUE;
}

static void
follow_recent (TuttiArrival *self, double transit, double time)
{
  if (self->n_recent > 0 && time < self->recent[0].time + RECENT) {
    self->recent[0].least = MIN (self->recent[0].least, transit);
    self->recent[0].most = MAX (self->recent[0].most, transit);
    return;
  }
  self->n_recent = MIN (self->n_recent + 1, TUTTI_ARRIVAL_RECENT);
  memmove (&self->recent[1], &self->recent[0], (self->n_recent - 1) * sizeof self->recent[0]);
  self->recent[0].least = transit;
  self->recent[0].most = transit;
  self->recent[0].time = time;
}

static double
floor_of_recent (const TuttiArrival *self)
{
  double least = INFINITY;

  if (self->n_recent < TUTTI_ARRIVAL_RECENT ||
      self->recent[TUTTI_ARRIVAL_RECENT - 1].least - self->recent[0].least > STEEP)
    return -INFINITY;
  for (guint i = 0; i < TUTTI_ARRIVAL_RECENT; i++)
    least = MIN (least, self->recent[i].least);
  return least;
}

/* All of the last dozen ms were later than what was waited for: another road, of which the slots
 * before know nothing. */
static void
follow_road (TuttiArrival *self, double time)
{
  double least = floor_of_recent (self);
  double most = least, waited;

  if (!self->asked || self->n_slots == 1)
    return;
  waited = MAX (self->quantile, self->recurring);
  if (least <= MIN (waited, tutti_arrival_minimum (self) + MAX_SPREAD))
    return;
  for (guint i = 0; i < self->n_recent; i++)
    most = MAX (most, self->recent[i].most);
  self->n_slots = 1;
  self->slots[self->slot].least = least;
  self->slots[self->slot].most = most;
  self->slot_end = time + TUTTI_ARRIVAL_SLOT;
  self->changed = TRUE;
}

void
tutti_arrival_add (TuttiArrival *self, double transit, double time)
{
  double bounded = transit;

  if (self->n_slots > 0) {
    double least = tutti_arrival_minimum (self);

    /* Everything known was much later than this: another road. */
    if (transit < least - MAX_SPREAD)
      tutti_arrival_reset (self);
    else
      bounded = MIN (transit, least + MAX_SPREAD);
  }
  follow_slot (self, bounded, time);
  /* Another road may be longer by any time: a sender may have stood still for seconds. */
  follow_recent (self, transit, time);
  follow_road (self, time);
}

double
tutti_arrival_minimum (TuttiArrival *self)
{
  double least = self->slots[self->slot].least;

  for (guint i = 1; i < self->n_slots; i++) {
    guint at = (self->slot + TUTTI_ARRIVAL_SLOTS - i) % TUTTI_ARRIVAL_SLOTS;

    least = MIN (least, self->slots[at].least);
  }
  return least;
}

static double
weight_of (const TuttiArrival *self, gboolean brief)
{
  return self->quiet && brief ? BRIEF_WEIGHT : 1;
}

/* The slots, the highest first. */
static void
sort_slots (const TuttiArrival *self, guint *sorted)
{
  for (guint i = 0; i < self->n_slots; i++) {
    guint slot = (self->slot + TUTTI_ARRIVAL_SLOTS - i) % TUTTI_ARRIVAL_SLOTS;
    guint at = i;

    for (; at > 0 && self->slots[sorted[at - 1]].most < self->slots[slot].most; at--)
      sorted[at] = sorted[at - 1];
    sorted[at] = slot;
  }
}

/* The highest of the slots but those that may be late, between ranks in between. */
static void
rank_slots (TuttiArrival *self, double grain)
{
  guint sorted[TUTTI_ARRIVAL_SLOTS];
  guint at = 0;
  double most, weight;
  double rank;

  sort_slots (self, sorted);
  self->middle = self->slots[sorted[self->n_slots / 2]].most;
  self->quiet = self->middle - tutti_arrival_minimum (self) <= grain;
  rank = (self->quiet ? QUIET_SLOTS : TIGHT_SLOTS) * (1 - self->bias) * (1 - self->bias) *
         (self->n_slots - 1) / (TUTTI_ARRIVAL_SLOTS - 1);
  while (at + 1 < self->n_slots &&
         rank >= (weight = weight_of (self, self->slots[sorted[at]].brief))) {
    rank -= weight;
    at++;
  }
  most = self->slots[sorted[at]].most;
  self->quantile = most;
  if (at + 1 < self->n_slots)
    self->quantile += rank / weight_of (self, self->slots[sorted[at]].brief) *
                      (self->slots[sorted[at + 1]].most - most);
}

/* The lowest transit of a group of events that are too many to let pass and not over yet. */
static double
find_recurring (TuttiArrival *self, double time)
{
  double allowed = floor (pow (TIGHT_EVENTS, 1 - self->bias));
  double first = INFINITY, last = -INFINITY, sum = 0;
  gboolean many = FALSE;

  for (guint i = 0; i < self->n_events; i++) {
    double hold;

    first = MIN (first, self->events[i].time);
    last = MAX (last, self->events[i].time);
    sum += weight_of (self, self->events[i].brief);
    if (sum <= allowed + 0.01)
      continue;
    hold = CLAMP (PATIENCE * (last - first) / MAX (i, 1), MIN_HOLD, MEMORY);
    if (time - last <= hold)
      return self->events[i].transit;
    if (!many) {
      /* They are over, and must not hide what comes after them. */
      remove_events (self, 0, i + 1);
      return find_recurring (self, time);
    }
    many = TRUE;
  }
  return -INFINITY;
}

/* While only few slots are known of a line that is not quiet, there is more to come. */
static double
unknown (TuttiArrival *self, double grain)
{
  double share = 1 - (double) self->n_slots / TUTTI_ARRIVAL_SLOTS;
  double spread = self->quantile - tutti_arrival_minimum (self) - grain;

  return CLAMP (UNKNOWN * share * self->bias * spread, 0, MAX_UNKNOWN);
}

double
tutti_arrival_need (TuttiArrival *self, float bias, double grain, double time)
{
  double need;

  if (self->n_slots == 0)
    return 0;
  if (self->changed || bias != self->bias) {
    self->bias = bias;
    self->changed = FALSE;
    rank_slots (self, grain);
    self->recurring = find_recurring (self, time);
    self->quantile += TAIL * bias * (self->quantile - self->middle);
    self->quantile += unknown (self, grain);
  }
  self->asked = TRUE;
  need = MAX (MAX (self->quantile, self->recurring), floor_of_recent (self));
  self->need = MIN (need, tutti_arrival_minimum (self) + MAX_SPREAD);
  return self->need;
}

double
tutti_arrival_spread (TuttiArrival *self)
{
  return MAX (self->quantile, self->recurring) - tutti_arrival_minimum (self);
}
