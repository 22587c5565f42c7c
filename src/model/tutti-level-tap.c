/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-level-tap.h"

#include <math.h>

void
tutti_level_tap_init (TuttiLevelTap *self)
{
  *self = (TuttiLevelTap) { .peak_db = { TUTTI_SILENCE_DB, TUTTI_SILENCE_DB } };
}

/**
 * tutti_level_tap_add:
 * @level: what a read of the engine brought
 * @seconds: since the read before
 */
void
tutti_level_tap_add (TuttiLevelTap *self, const TuttiLevel *level, double seconds)
{
  seconds = MAX (seconds, 1e-6);

  for (guint i = 0; i < TUTTI_MAX_CHANNELS; i++) {
    self->peak_db[i] = MAX (self->peak_db[i], level->peak_db[i]);
    if (level->rms_db[i] > TUTTI_SILENCE_DB)
      self->energy[i] += pow (10.0, level->rms_db[i] / 10.0) * seconds;
  }
  self->seconds += seconds;
}

/**
 * tutti_level_tap_take:
 * @level: (out): what came since the last take; silence if nothing did
 */
void
tutti_level_tap_take (TuttiLevelTap *self, TuttiLevel *level)
{
  for (guint i = 0; i < TUTTI_MAX_CHANNELS; i++) {
    double power = self->seconds > 0 ? self->energy[i] / self->seconds : 0;

    level->peak_db[i] = self->peak_db[i];
    level->rms_db[i] = power > 1e-10 ? (float) (10.0 * log10 (power)) : TUTTI_SILENCE_DB;
  }
  tutti_level_tap_init (self);
}
