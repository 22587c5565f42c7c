/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_FEEDBACK_HOP  128 /* samples, 2.7 ms */
#define TUTTI_FEEDBACK_HOPS 512 /* more than a second: all that a probe may take */

/* The level of one frequency, hop by hop. Each is taken over four of them, so that the lowest tone
 * has one, too. */
typedef struct {
  float cosine, sine;
  float step_cosine, step_sine;
  float re[4], im[4]; /* of the last hops; the one being gathered is at n_hops % 4 */
  guint filled;       /* samples of it */
  guint n_hops;
  float db[TUTTI_FEEDBACK_HOPS];
} TuttiFeedbackBand;

/**
 * TuttiFeedbackTrace:
 *
 * Tells a howl from notes that fall and rise by themselves while the output is turned down and up:
 * in a loop, what we are about to play is what we played a while ago, changed in level by the same
 * all the time (but no louder than an input that clips). Music does at once what it does, and not
 * again what we did.
 *
 * Real-time thread. Some ten multiplications for each sample, and in the end once 50 µs.
 */
typedef struct {
  TuttiFeedbackBand mixed;
  TuttiFeedbackBand played;
  float lowest; /* dB: below there is other sound */
  guint let_go; /* the hop in which the output was turned up again */
} TuttiFeedbackTrace;

/* @frequency: cycles a sample */
void tutti_feedback_trace_start (TuttiFeedbackTrace *self, double frequency);
/* What is about to be played, before the limiter; and then what is played, as many samples. */
void tutti_feedback_trace_add_mixed (TuttiFeedbackTrace *self,
                                     const float *left,
                                     const float *right,
                                     guint n_samples);
void tutti_feedback_trace_add_played (TuttiFeedbackTrace *self,
                                      const float *left,
                                      const float *right,
                                      guint n_samples);
/* From the next sample on the output is turned up again. */
void tutti_feedback_trace_let_go (TuttiFeedbackTrace *self);
/* How far what is mixed is from what was played a while ago, in dB, root mean square, for the delay
 * that explains it best; INFINITY before anything played since let_go() can have come round.
 * @spread: (out): how far it is from being steady, the same way */
float tutti_feedback_trace_get_error (const TuttiFeedbackTrace *self, float *spread);

G_END_DECLS
