/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

struct pw_core;
struct pw_filter;

G_BEGIN_DECLS

/**
 * PwTake: a stretch of what came, without a hole in it
 * @wanted: written by the test: start anew; @fill: samples so far, whole at PW_TAKE_SIZE
 */
#define PW_TAKE_SIZE 24000
typedef struct {
  int wanted;
  guint fill;
  guint64 next_position;
  float samples[PW_TAKE_SIZE];
} PwTake;

/**
 * PwFaults: how many cycles so far were left out or late, somewhere on the way of what is taken:
 * then a program reads what another has not written yet, though nobody's position jumps
 */
typedef guint (*PwFaults) (gpointer data);

void pw_take_add (PwTake *self, const float *samples, guint n, guint64 position);
/* Runs the main context until there is a whole one that @faults says nothing against. */
void pw_take_wait (PwTake *self, PwFaults faults, gpointer data);
/* Fits a sine near @hz: how far off its pitch is in cents, its peak, and the level of everything
 * that is not it in dB of the peak. */
void
pw_take_fit (const PwTake *self, guint rate, double hz, double *cents, double *peak, double *rest);

/**
 * PwPeer: another program on the graph, a node `peer` (ports out_1, out_2, in_1, in_2) that sends a
 * tone of 1 kHz and listens
 * @heard_peak: peak of what came lately, per input; @take: of the first input
 * @faults: atomic: cycles that it was left out of, or late in
 * @pulse_wanted: instead of the tone it sends silence, with one sample of 0.8 in each output when
 *   this is 1; @pulse_delay: after how many samples it came back, per input, 0 while it did not
 */
typedef struct {
  struct pw_filter *filter;
  void *out[2];
  void *in[2];
  float sent_peak[2];
  double phase;
  float heard_peak[2];
  PwTake take;
  guint faults;
  guint64 next_position;
  gboolean pulses;
  int pulse_wanted;
  guint64 pulse_sent;
  guint pulse_delay[2];
} PwPeer;

PwPeer *pw_peer_new (struct pw_core *core, float left_peak, float right_peak);
void pw_peer_free (PwPeer *self);
/* A peak that decays by a tenth each call; @samples may be NULL. */
void pw_follow_peak (float *peak, const float *samples, guint n_frames);

G_END_DECLS
