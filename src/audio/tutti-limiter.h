/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_LIMITER_TAPS  12 /* of each phase of the interpolator */
#define TUTTI_LIMITER_BLOCK 64

/**
 * TuttiLimiter:
 *
 * The last guard before the headphones: −1 dBTP. No sample leaves above it, and none leaves later:
 * without look-ahead the attack is instant, that is, a peak is flattened where it passes the
 * ceiling (no step: the output stays on the ceiling until the input falls), held for 5 ms and let
 * go with a time constant of 120 ms. Both channels get the same gain, so that the picture does not
 * move.
 *
 * Peaks between samples are found by interpolating by four (ITU-R BS.1770 annex 2), six samples
 * after they left, because an interpolator must look on both sides. So the first one of a burst
 * may pass; from then on (0.3 ms) the gain is low enough for all.
 */
typedef struct {
  float gain;
  float between; /* the gain that peaks between samples ask for */
  guint hold;
  /* smallest gain since the last take_reduction() */
  float least;
  float past[2][TUTTI_LIMITER_TAPS - 1];
} TuttiLimiter;

#define TUTTI_LIMITER_CEILING 0.891250938f /* −1 dBFS */

/* Main thread, before the first process(). */
void tutti_limiter_init (TuttiLimiter *self);
void tutti_limiter_process (TuttiLimiter *self, float *left, float *right, guint n_samples);
/* Smallest gain since the last call. Same thread as process(). */
float tutti_limiter_take_reduction (TuttiLimiter *self);

G_END_DECLS
