/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-linear.h"

G_BEGIN_DECLS

#define TUTTI_PREDICTOR_PAST 1344 /* samples that it looks at: 28 ms */

/**
 * TuttiPredictor: one channel's sound at 48 kHz, carried on from what was heard
 *
 * Notes lie low and close together: at 48 kHz it would take hundreds of coefficients to tell them
 * apart. So the sound below 2 kHz is foretold at 6 kHz, where 64 coefficients reach back 11 ms
 * (the pitch of every voice), and only the rest at 48 kHz, with 24. The rest is what was heard less
 * the low part made back to 48 kHz, so that both together join what was heard exactly. What cannot
 * be foretold of the rest goes on as noise that dies away.
 *
 * Real-time safe, one thread at a time.
 */
typedef struct {
  TuttiLinear low;
  TuttiLinear high;
  guint phase; /* in the samples between two of the low part's */
  double noise;
  guint32 random;
} TuttiPredictor;

/* Main thread, before anything else. */
void tutti_predictor_prepare (void);
/* @past: the last TUTTI_PREDICTOR_PAST samples, oldest first. Takes about 12 µs. */
void tutti_predictor_train (TuttiPredictor *self, const float *past);
float tutti_predictor_next (TuttiPredictor *self);

G_END_DECLS
