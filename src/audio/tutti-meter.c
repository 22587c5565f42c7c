/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-meter.h"

#include <math.h>

#include "tutti-mixer.h"

#define FIXED_ONE ((double) (1ull << 36))

typedef struct {
  guint64 squares[TUTTI_MAX_CHANNELS];
  guint64 samples;
} Totals;

static void
raise_peak (_Atomic guint32 *peak, float value)
{
  guint32 old = atomic_load_explicit (peak, memory_order_relaxed);
  guint32 bits;

  memcpy (&bits, &value, sizeof bits);
  /* Positive floats order as their bits do. The only rival is the reader's exchange with 0, so
   * this loop ends after two turns. */
  while (bits > old && !atomic_compare_exchange_weak_explicit (
                           peak, &old, bits, memory_order_relaxed, memory_order_relaxed))
    ;
}

static void
add_channel (TuttiMeter *self, guint channel, const float *samples, guint n_samples)
{
  float peak = 0;
  float sum = 0;

  for (guint i = 0; i < n_samples; i++) {
    float value = fabsf (samples[i]);

    peak = value > peak ? value : peak;
    sum += value * value;
  }
  /* Not a number or absurd: full scale, and the totals stay sane. */
  if (!(sum < 1e6f)) {
    sum = (float) n_samples;
    peak = 1;
  }
  self->squares[channel] += (guint64) ((double) sum * FIXED_ONE);
  raise_peak (&self->peak[channel], peak);
}

void
tutti_meter_add (TuttiMeter *self, const float *left, const float *right, guint n_samples)
{
  Totals totals;

  add_channel (self, 0, left, n_samples);
  add_channel (self, 1, right != NULL ? right : left, n_samples);
  self->samples += n_samples;
  totals.squares[0] = self->squares[0];
  totals.squares[1] = self->squares[1];
  totals.samples = self->samples;
  tutti_seqlock_write (&self->totals, &totals, sizeof totals);
}

void
tutti_meter_take (TuttiMeter *self, TuttiLevel *level)
{
  Totals totals;
  guint64 samples;

  tutti_seqlock_read (&self->totals, &totals, sizeof totals);
  samples = totals.samples - self->taken_samples;
  self->taken_samples = totals.samples;
  for (guint c = 0; c < TUTTI_MAX_CHANNELS; c++) {
    guint32 bits = atomic_exchange_explicit (&self->peak[c], 0, memory_order_relaxed);
    double squares = (double) (totals.squares[c] - self->taken_squares[c]) / FIXED_ONE;
    float peak;

    memcpy (&peak, &bits, sizeof peak);
    self->taken_squares[c] = totals.squares[c];
    level->peak_db[c] = tutti_gain_to_db (peak);
    level->rms_db[c] =
        samples > 0 ? tutti_gain_to_db (sqrtf ((float) (squares / samples))) : TUTTI_SILENCE_DB;
  }
}
