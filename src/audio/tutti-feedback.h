/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-feedback-trace.h"

G_BEGIN_DECLS

#define TUTTI_FEEDBACK_BLOCK 2048 /* samples, 43 ms */

typedef enum {
  TUTTI_FEEDBACK_LISTENING,
  TUTTI_FEEDBACK_PROBE_DOWN, /* turned down a little: does what we are about to play follow? */
  TUTTI_FEEDBACK_PROBE_UP,   /* and back: does it follow again? */
  TUTTI_FEEDBACK_CAUGHT,     /* it howls: turned down */
} TuttiFeedbackState;

/**
 * TuttiFeedback:
 *
 * Catches a howl: loudspeaker to microphone and back, over our own monitoring or over the room.
 *
 * Every 43 ms the spectra of what we capture and of what we are about to play are looked at. A howl
 * is suspected when for a third of a second one frequency, the same in both, is most of what there
 * is, and grows in both or drives the limiter. That may still be music: a crescendo on a flute with
 * monitoring, an organ in a loudspeaker. So the output is turned down by 4.5 dB for up to a fifth
 * of a second. Only where the output is the cause of what it is made of, what we are about to play
 * falls with it and rises again when it is let go, no faster than it grew before (what does is the
 * next note), and is all the while what was played a moment ago (tutti-feedback-trace.h). Music
 * does not care, and is not asked again for a while. (An input that clips would not show so small a
 * difference: there it is 24 dB.)
 *
 * Real-time thread. The transform is done in portions, one for every 64 samples.
 */
typedef struct {
  gboolean enabled;

  /* The block that is being gathered, and the one that is being transformed */
  float captured[TUTTI_FEEDBACK_BLOCK];
  float mixed[TUTTI_FEEDBACK_BLOCK];
  guint filled;
  gboolean limited_now; /* the limiter had to work in the block being gathered */
  gboolean limited;     /* in the one being transformed */
  float real[TUTTI_FEEDBACK_BLOCK];
  float imaginary[TUTTI_FEEDBACK_BLOCK];
  guint step; /* what of the transform comes next, 0: nothing */

  /* What the last block held */
  gboolean is_tone;
  guint bin;
  float captured_db, mixed_db;
  guint run;            /* blocks in which it grew, or was limited */
  float steepest;       /* dB in one of them */
  gboolean was_limited; /* in one of them */

  TuttiFeedbackState state;
  guint n_blocks; /* in this state */
  guint patience; /* blocks for which nothing is suspected */
  guint backoff;  /* the next patience */
  guint probed_bin;
  gboolean deep;
  float level_before, level_fallen, level_earlier, level, level_lowest;
  guint depth; /* CAUGHT: times 12 dB */
  guint64 n_caught;
  TuttiFeedbackTrace trace; /* from a block before the probe on */
  gboolean wants_trace;     /* from the next cycle on */
  gboolean tracing;         /* in this one */

  float target;
  float gain;
} TuttiFeedback;

/* Main thread. */
void tutti_feedback_init (TuttiFeedback *self);
void tutti_feedback_set_enabled (TuttiFeedback *self, gboolean enabled);
/* Before the limiter. @limited: it had to work lately. */
void tutti_feedback_listen (TuttiFeedback *self,
                            const float *captured,
                            const float *left,
                            const float *right,
                            guint n_samples,
                            gboolean limited);
/* Behind the limiter: turns down. */
void tutti_feedback_apply (TuttiFeedback *self, float *left, float *right, guint n_samples);

G_END_DECLS
