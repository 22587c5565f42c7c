/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiLimiter:
 *
 * The last guard before the headphones. No sample leaves above −1 dBFS, and none leaves later:
 * without look-ahead the attack is instant, that is, a peak is flattened where it passes the
 * ceiling (no step: the output stays on the ceiling until the input falls), held for 5 ms and let
 * go with a time constant of 120 ms. Both channels get the same gain, so that the picture does not
 * move. It guards sample peaks; peaks between samples may be up to about 1 dB higher, hence −1.
 */
typedef struct {
  float gain;
  guint hold;
  /* smallest gain since the last take_reduction() */
  float least;
} TuttiLimiter;

#define TUTTI_LIMITER_CEILING 0.891250938f /* −1 dBFS */

void tutti_limiter_init (TuttiLimiter *self);
void tutti_limiter_process (TuttiLimiter *self, float *left, float *right, guint n_samples);
/* Smallest gain since the last call. Same thread as process(). */
float tutti_limiter_take_reduction (TuttiLimiter *self);

G_END_DECLS
