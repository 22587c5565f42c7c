/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

/* 10 ms: too short to be heard as a fade, too long to click. */
#define TUTTI_RAMP_SAMPLES 480

/* TUTTI_SILENCE_DB and less is 0; more than +12 dB is +12 dB; not a number is 0. */
float tutti_db_to_gain (float db);
float tutti_gain_to_db (float gain);

/**
 * TuttiRamp: a factor that moves to its target in a straight line over TUTTI_RAMP_SAMPLES
 */
typedef struct {
  float value;
  float target;
  float step;
  guint left;
} TuttiRamp;

void tutti_ramp_set (TuttiRamp *self, float target);
void tutti_ramp_jump (TuttiRamp *self, float value);

/* One sample further. */
static inline float
tutti_ramp_next (TuttiRamp *self)
{
  if (self->left > 0) {
    self->value += self->step;
    if (--self->left == 0)
      self->value = self->target;
  }
  return self->value;
}

/* Multiplies in place. */
void tutti_ramp_apply (TuttiRamp *self, float *samples, guint n_samples);

/**
 * TuttiFader: gain, pan and fade-in of one channel of the mix. Real-time thread.
 *
 * A newcomer rises to 6 dB below the fader over the first @fade_samples, and over four times as
 * many to the fader: loud enough to be noticed, and time to reach for the fader.
 *
 * Pan is constant power, normalised to 0 dB in the middle (+3 dB on one side at the ends). A mono
 * stream is placed by it, a stereo stream's balance is set by it.
 */
typedef struct {
  TuttiRamp left;
  TuttiRamp right;
  guint fade_samples;
  guint fade_done;
} TuttiFader;

/* @fade_samples 0: at once. */
void tutti_fader_init (TuttiFader *self, guint fade_samples);
void tutti_fader_set (TuttiFader *self, float gain, float pan);
gboolean tutti_fader_is_silent (const TuttiFader *self);
/* Adds @left and @right (the same for mono) to @mix_left and @mix_right. */
void tutti_fader_mix (TuttiFader *self,
                      const float *left,
                      const float *right,
                      float *mix_left,
                      float *mix_right,
                      guint n_samples);

G_END_DECLS
