/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"
#include "tutti-seqlock.h"

G_BEGIN_DECLS

/**
 * TuttiMeter:
 *
 * Peak and RMS of up to two channels since the last read. add() belongs to one thread (real-time),
 * take() to one other; neither waits. Squares are summed up in 2^-36 of full scale, in integers
 * that may wrap: that is exact for ever, as a running float would not be.
 */
typedef struct {
  /* adding thread */
  guint64 squares[TUTTI_MAX_CHANNELS];
  guint64 samples;
  /* shared */
  TuttiSeqlock totals;
  _Atomic guint32 peak[TUTTI_MAX_CHANNELS];
  /* taking thread */
  guint64 taken_squares[TUTTI_MAX_CHANNELS];
  guint64 taken_samples;
} TuttiMeter;

/* @right NULL: the same as left. Memory of zeros is a meter. */
void tutti_meter_add (TuttiMeter *self, const float *left, const float *right, guint n_samples);
void tutti_meter_take (TuttiMeter *self, TuttiLevel *level);

G_END_DECLS
