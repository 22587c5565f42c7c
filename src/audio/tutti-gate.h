/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiGate: one channel between the engine and a device, that comes and goes without a click.
 * Real-time thread.
 *
 * It is shut before a device is changed, and opened when the next one is there. A device that is
 * just gone (unplugged) is heard to die away in 5 ms from the last value it gave; what comes after
 * it rises over 10 ms, or over one where it was away for no longer than 10 ms: then the machine
 * has only stumbled. With all zeros to begin with, what comes first rises, too.
 */
typedef struct {
  float gain;
  float step; /* a sample */
  float last; /* what was passed on last */
  float tail; /* what is left of it, while it dies away */
  float fall; /* a sample */
  guint left; /* samples until it has */
  guint away; /* samples since the device gave the last one; saturates */
} TuttiGate;

/**
 * tutti_gate_take:
 * @in: (nullable): what the device gives, %NULL for nothing
 * @room: for @n samples, at least 1; used where they are not those of @in
 *
 * Returns: (nullable): what is to be taken for it: @in, @room, or %NULL for silence
 */
const float *
tutti_gate_take (TuttiGate *self, const float *in, gboolean open, float *room, guint n);

/**
 * tutti_gate_give:
 * @from: what the device is to get
 * @out: (nullable): where to put it; %NULL while there is no device
 */
void tutti_gate_give (TuttiGate *self, const float *from, gboolean open, float *out, guint n);

/* Whether it passes nothing on: it is shut and its fade is over, or the device is away. */
gboolean tutti_gate_is_quiet (const TuttiGate *self);

G_END_DECLS
