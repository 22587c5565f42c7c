/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-arrival.h"

#include <math.h>
#include <string.h>

#include "tutti-audio-types.h"

#define BIN_MASK    (TUTTI_ARRIVAL_N_BINS - 1)
#define WINDOW_MASK (TUTTI_ARRIVAL_WINDOW - 1)

static guint16 *
bin_at (TuttiArrival *self, gint32 bin)
{
  return &self->bins[(guint32) bin & BIN_MASK];
}

void
tutti_arrival_reset (TuttiArrival *self)
{
  memset (self, 0, sizeof *self);
}

guint
tutti_arrival_count (const TuttiArrival *self)
{
  return self->head - self->tail;
}

static void
drop_oldest (TuttiArrival *self)
{
  (*bin_at (self, self->window[self->tail & WINDOW_MASK].bin))--;
  self->tail++;
  if (tutti_arrival_count (self) == 0)
    return;
  while (*bin_at (self, self->lowest) == 0)
    self->lowest++;
  while (*bin_at (self, self->highest) == 0)
    self->highest--;
}

void
tutti_arrival_add (TuttiArrival *self, double transit, double time)
{
  double oldest = time - TUTTI_ARRIVAL_SECONDS * TUTTI_SAMPLE_RATE;
  gint32 bin;

  while (tutti_arrival_count (self) > 0 && (self->window[self->tail & WINDOW_MASK].time < oldest ||
                                            tutti_arrival_count (self) == TUTTI_ARRIVAL_WINDOW))
    drop_oldest (self);

  /* Timestamps begin anywhere: counted from the first, bins fit their integers. */
  if (tutti_arrival_count (self) == 0)
    self->origin = transit;
  bin = (gint32) floor (CLAMP ((transit - self->origin) / TUTTI_ARRIVAL_BIN, -1e9, 1e9));
  if (tutti_arrival_count (self) == 0) {
    self->lowest = self->highest = bin;
  } else if (bin > self->lowest + BIN_MASK) {
    /* Later than anyone would wait for: the last bin. */
    bin = self->lowest + BIN_MASK;
  } else if (bin < self->highest - BIN_MASK) {
    /* Everything known was much later than this: another road. */
    tutti_arrival_reset (self);
    self->origin = transit;
    self->lowest = self->highest = bin = 0;
  }
  self->lowest = MIN (self->lowest, bin);
  self->highest = MAX (self->highest, bin);
  (*bin_at (self, bin))++;
  self->window[self->head & WINDOW_MASK].bin = bin;
  self->window[self->head & WINDOW_MASK].time = time;
  self->head++;
}

double
tutti_arrival_minimum (const TuttiArrival *self)
{
  return self->origin + (double) self->lowest * TUTTI_ARRIVAL_BIN;
}

double
tutti_arrival_quantile (const TuttiArrival *self, double share)
{
  guint allowed = (guint) (share * tutti_arrival_count (self));
  guint above = 0;
  gint32 bin = self->highest;

  for (; bin > self->lowest; bin--) {
    above += self->bins[(guint32) bin & BIN_MASK];
    if (above > allowed)
      break;
  }
  return self->origin + (double) (bin + 1) * TUTTI_ARRIVAL_BIN;
}
