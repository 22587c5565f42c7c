/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

struct pw_core;
struct pw_filter;

G_BEGIN_DECLS

/**
 * PwPeer: another program on the graph, a node `peer` (ports out_1, out_2, in_1, in_2) that sends a
 * tone of 1 kHz and listens
 * @heard_peak: peak of what came lately, per input
 */
typedef struct {
  struct pw_filter *filter;
  void *out[2];
  void *in[2];
  float sent_peak[2];
  double phase;
  float heard_peak[2];
} PwPeer;

PwPeer *pw_peer_new (struct pw_core *core, float left_peak, float right_peak);
void pw_peer_free (PwPeer *self);
/* A peak that decays by a tenth each call; @samples may be NULL. */
void pw_follow_peak (float *peak, const float *samples, guint n_frames);

G_END_DECLS
