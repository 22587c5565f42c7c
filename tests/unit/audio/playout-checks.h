/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "playout-sim.h"

G_BEGIN_DECLS

/* A tone of 0.25 at 440 Hz: a step of 0.004 is 1.6 % of it, −48 dBFS; the codec's own noise is a
 * tenth of that. */
#define PLAYOUT_NO_STEP 0.004

/* Says how @sim went; it has run. */
void playout_report (Sim *sim);
/* The tone is as loud as it was sent, ±0.5 dB, between two times (s). */
void playout_assert_tone (Sim *sim, double from, double to);

G_END_DECLS
