/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * ImpairSettings: what one direction of a leg does to packets
 * @delay_ms, @jitter_ms: mean and standard deviation of the way (Gaussian; below zero is zero)
 * @loss: independent loss, per cent
 * @burst_loss: loss in bursts, per cent of all packets; @burst_length: their mean length in packets
 * @rate_kbit: 0 for no limit; @queue_ms: what waits longer for its turn is dropped
 * @reorder: whether jitter may let packets overtake each other
 */
typedef struct {
  double delay_ms, jitter_ms;
  double loss;
  double burst_loss, burst_length;
  double rate_kbit, queue_ms;
  gboolean reorder;
} ImpairSettings;

/**
 * ImpairLine: one direction of a leg. Its fate of packets follows from the seed and from their
 * order alone: other legs do not change it.
 */
typedef struct {
  ImpairSettings settings;
  guint64 random[2];
  double spare;
  gboolean has_spare;
  gboolean bursting;
  gint64 busy_until;
  gint64 last_due;
  guint64 n_in, n_lost, n_dropped;
} ImpairLine;

void impair_line_init (ImpairLine *self, guint64 seed);
/* "delay=5 jitter=2 loss=1 …"; what is not named stays. Returns the word that is wrong, or NULL. */
char *impair_settings_parse (ImpairSettings *settings, const char *text);
/* Decides about one packet of @bytes at @now_ns. Returns %FALSE when it is lost, else when it is
 * due at the far end. */
gboolean impair_line_admit (ImpairLine *self, gint64 now_ns, gsize bytes, gint64 *due_ns);

G_END_DECLS
