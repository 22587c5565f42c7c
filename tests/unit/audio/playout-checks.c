/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "playout-checks.h"

#include <math.h>

void
playout_report (Sim *sim)
{
  g_test_message ("delay %.2f ms, target %.2f, buffered %.2f, jitter %.2f, concealed %.2f %%, late "
                  "%" G_GUINT64_FORMAT ", lost %" G_GUINT64_FORMAT ", duplicates "
                  "%" G_GUINT64_FORMAT ", reordered %" G_GUINT64_FORMAT ", step %.5f, %.1f µs",
                  sim_mean_delay_ms (sim, sim->seconds / 2, sim->seconds), sim->stats.target_ms,
                  sim->stats.buffered_ms, sim->stats.jitter_ms, sim_concealed_percent (sim),
                  sim->stats.late, sim->stats.lost, sim->stats.duplicates, sim->stats.reordered,
                  sim_worst_step (sim, 1, sim->seconds), sim->cpu_us);
}

void
playout_assert_tone (Sim *sim, double from, double to)
{
  double db = 20 * log10 (sim_rms (sim, from, to) / (SIM_TONE_PEAK / G_SQRT2));

  g_assert_cmpfloat_with_epsilon (db, 0, 0.5);
}
