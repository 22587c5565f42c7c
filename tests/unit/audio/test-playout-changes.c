/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What changes while it plays: clocks, timestamps, pauses, the line. */

#include "playout-checks.h"

#include <math.h>

static void
test_wraparound (gconstpointer data)
{
  Sim sim;

  sim_init (&sim, 240, 6);
  sim.first_timestamp = GPOINTER_TO_UINT (data);
  sim.sigma_ms = 1;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, PLAYOUT_NO_STEP);
  playout_assert_tone (&sim, 1, 6);
  sim_clear (&sim);
}

/* A minute and a half of clocks that differ: nothing invented, no delay gained or lost (but for the
 * place of packets between cycles, which wanders through a quantum), no wobble. */
static void
test_drift (gconstpointer data)
{
  Sim sim;

  sim_init (&sim, 240, 90);
  sim.drift_ppm = GPOINTER_TO_INT (data);
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.late + sim.stats.lost, ==, 0);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 10, 20) - sim_mean_delay_ms (&sim, 80, 90)), <,
                     0.5);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 10, 90), <, 3);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 90), <, PLAYOUT_NO_STEP);
  sim_clear (&sim);
}

static gint32
jump_forward (Sim *sim, guint index)
{
  return index == 1000 ? 1000003 : 0;
}

static gint32
jump_back (Sim *sim, guint index)
{
  return index == 1000 ? -1000003 : 0;
}

static gint32
jump_a_little (Sim *sim, guint index)
{
  /* Off the grid of frames, both ways. */
  return index == 1000 ? 50 : index == 1400 ? -50 : 0;
}

/* A sender that starts anew: a short, soft gap, then as good as before. */
static void
test_restart (gconstpointer data)
{
  gboolean forward = GPOINTER_TO_INT (data);
  Sim sim;

  sim_init (&sim, 120, 6);
  sim.jump = forward ? jump_forward : jump_back;
  sim.base_ms = 0;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 960);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, 0.02);
  playout_assert_tone (&sim, 2.55, 6);
  playout_assert_tone (&sim, 5, 6);
  sim_clear (&sim);
}

static void
test_small_jump (void)
{
  Sim sim;

  sim_init (&sim, 120, 6);
  sim.jump = jump_a_little;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <=, 240);
  g_assert_cmpuint (sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, 0.05);
  playout_assert_tone (&sim, 4, 6);
  sim_clear (&sim);
}

static gboolean
pause_twice (Sim *sim, guint index, double seconds)
{
  return (seconds >= 2 && seconds < 2.5) || (seconds >= 3 && seconds < 6);
}

/* A musician who mutes, half a second and three: nothing counts as lost, the delay stays. */
static void
test_pause (void)
{
  Sim sim;

  sim_init (&sim, 120, 8);
  sim.paused = pause_twice;
  sim.base_ms = 0;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.lost + sim.stats.late + sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 1, 2) - sim_mean_delay_ms (&sim, 7, 8)), <,
                     0.3);
  g_assert_cmpfloat (sim_rms (&sim, 4, 5), ==, 0);
  playout_assert_tone (&sim, 6.2, 8);
  sim_clear (&sim);
}

static double
storm (Sim *sim, guint index, double seconds)
{
  guint seed = index * 2654435761u + 99;
  double sigma = seconds > 3 && seconds < 6 ? 8 : 0.2;

  sim_uniform (&seed);
  return 30 + sigma * fmax (-3, sim_gauss (&seed));
}

/* The target rises with the storm at once, and falls after it, within seconds and smoothly. */
static void
test_storm (void)
{
  Sim sim;
  double before, in, shortly, after;

  sim_init (&sim, 120, 20);
  sim.delay_ms = storm;
  sim_run (&sim);
  playout_report (&sim);
  before = sim_mean_delay_ms (&sim, 2, 3);
  in = sim_mean_delay_ms (&sim, 5, 6);
  shortly = sim_mean_delay_ms (&sim, 6, 7);
  after = sim_mean_delay_ms (&sim, 18, 20);
  g_test_message ("%.1f, %.1f, %.1f, %.1f ms", before, in, shortly, after);
  g_assert_cmpfloat (in, >, before + 15);
  g_assert_cmpfloat (shortly, >, in - 10);
  g_assert_cmpfloat (fabs (after - before), <, 1.5);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 3);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 20), <, 0.01);
  sim_clear (&sim);
}

static double
step_up (Sim *sim, guint index, double seconds)
{
  return seconds < 4 ? 10 : 40;
}

/* A road that is suddenly 30 ms longer: that much is invented (nothing comes in that time) and 6 ms
 * more, after which it cannot be a stall, and not a frame beyond; then all is well. */
static void
test_new_road (void)
{
  Sim sim;

  sim_init (&sim, 120, 10);
  sim.base_ms = 10;
  sim.delay_ms = step_up;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 48 * 38);
  g_assert_cmpfloat_with_epsilon (sim_mean_delay_ms (&sim, 5, 10) - 30,
                                  sim_mean_delay_ms (&sim, 2, 4), 2.5);
  playout_assert_tone (&sim, 5, 10);
  sim_clear (&sim);
}

static void
add (const char *name, guint value, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/playout/changes/%s/%u", name, value);

  g_test_add_data_func (path, GUINT_TO_POINTER (value), func);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add ("wraparound", G_MAXUINT32 - 100000, test_wraparound);
  add ("wraparound", G_MAXINT32 - 100000, test_wraparound);
  g_test_add_data_func ("/playout/changes/drift/fast", GINT_TO_POINTER (300), test_drift);
  g_test_add_data_func ("/playout/changes/drift/slow", GINT_TO_POINTER (-300), test_drift);
  add ("restart", 0, test_restart);
  add ("restart", 1, test_restart);
  g_test_add_func ("/playout/changes/small-jump", test_small_jump);
  g_test_add_func ("/playout/changes/pause", test_pause);
  g_test_add_func ("/playout/changes/storm", test_storm);
  g_test_add_func ("/playout/changes/new-road", test_new_road);
  return g_test_run ();
}
