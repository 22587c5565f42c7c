/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-tap-tempo.h"

#include <string.h>

#include "tutti-session.h"

#define PAUSE_US ((gint64) 60 * G_USEC_PER_SEC / TUTTI_TEMPO_MIN_BPM)

/**
 * tutti_tap_tempo_tap:
 * @time_us: monotonic time of the tap
 *
 * A pause longer than the slowest tempo's beat begins anew.
 *
 * Returns: beats a minute by the taps so far, within what a room takes; 0 after the first
 */
double
tutti_tap_tempo_tap (TuttiTapTempo *self, gint64 time_us)
{
  double bpm;

  if (self->n > 0 && time_us - self->taps_us[self->n - 1] > PAUSE_US)
    self->n = 0;
  if (self->n == TUTTI_TAP_TEMPO_MAX) {
    memmove (self->taps_us, self->taps_us + 1, (TUTTI_TAP_TEMPO_MAX - 1) * sizeof *self->taps_us);
    self->n--;
  }
  self->taps_us[self->n++] = time_us;
  if (self->n < 2 || time_us <= self->taps_us[0])
    return 0;
  bpm = 60.0 * G_USEC_PER_SEC * (self->n - 1) / (time_us - self->taps_us[0]);
  return CLAMP (bpm, TUTTI_TEMPO_MIN_BPM, TUTTI_TEMPO_MAX_BPM);
}
