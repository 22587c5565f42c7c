/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Lines that stay what they are: how much is invented on each, and how late it is heard. */

#include "playout-checks.h"

#include <math.h>

/* A perfect line: nothing is ever invented, and the playout adds at most a quantum and a half. */
static void
test_clean (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  Sim sim;

  sim_init (&sim, code % 1000, 6);
  sim.quantum = code / 1000;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.late + sim.stats.lost + sim.stats.duplicates, ==, 0);
  g_assert_cmpuint (sim.stats.reordered + sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 3, 6), <, sim.quantum / 48.0 + 0.7);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 3, 6), >, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 0.5, 6), <, PLAYOUT_NO_STEP);
  playout_assert_tone (&sim, 1, 6);
  sim_clear (&sim);
}

/* Normal jitter in order: at most about 1 % invented, at a delay a fixed buffer would need for
 * the same (facts of the line: 6, 11.4, 24, 44 ms above the fastest packet), plus a quantum. */
static void
test_jitter (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  const double most[] = { 0, 8, 14, 0, 0, 30, 0, 0, 0, 0, 55 };
  guint sigma = code / 1000;
  Sim sim;

  sim_init (&sim, code % 1000, 12);
  sim.sigma_ms = sigma;
  sim.base_ms = 0;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim.stats.target_ms, <, most[sigma]);
  g_assert_cmpfloat (sim.stats.target_ms, >, 2.5 * sigma);
  g_assert_cmpfloat (sim.stats.jitter_ms, >, 0.25 * sigma);
  g_assert_cmpfloat (sim.stats.jitter_ms, <, 2 * sigma);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 12), <, PLAYOUT_NO_STEP);
  playout_assert_tone (&sim, 2, 12);
  sim_clear (&sim);
}

/* The musician's choice: tight is earlier, safe invents less. */
static void
test_bias (void)
{
  Sim tight, safe;

  sim_init (&tight, 120, 12);
  tight.sigma_ms = 2;
  safe = tight;
  tight.bias = 0;
  safe.bias = 1;
  sim_run (&tight);
  sim_run (&safe);
  playout_report (&tight);
  playout_report (&safe);
  g_assert_cmpfloat (sim_mean_delay_ms (&tight, 4, 12) + 1.5, <, sim_mean_delay_ms (&safe, 4, 12));
  g_assert_cmpfloat (sim_concealed_percent (&safe), <, sim_concealed_percent (&tight));
  g_assert_cmpfloat (sim_concealed_percent (&safe), <, 0.3);
  sim_clear (&tight);
  sim_clear (&safe);
}

static void
test_reorder (void)
{
  Sim sim;

  sim_init (&sim, 120, 8);
  sim.sigma_ms = 2;
  sim.in_order = FALSE;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.reordered, >, 300);
  g_assert_cmpuint (sim.stats.duplicates, ==, 0);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 8), <, PLAYOUT_NO_STEP);
  sim_clear (&sim);
}

/* Loss costs sound but not a sample of delay. */
static void
test_loss (gconstpointer data)
{
  guint percent = GPOINTER_TO_UINT (data);
  Sim sim, clean;

  sim_init (&clean, 120, 10);
  sim = clean;
  sim.loss = percent / 100.0;
  sim_run (&clean);
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 5, 10) - sim_mean_delay_ms (&clean, 5, 10)), <,
                     0.2);
  g_assert_cmpfloat_with_epsilon (sim_concealed_percent (&sim), percent, 0.3 * percent);
  /* What was lost in the last second is not given up yet. */
  g_assert_cmpuint (sim.stats.lost, >=, (guint64) (percent * 36 * 0.7));
  g_assert_cmpuint (sim.stats.lost, <=, sim.n_sent - sim.stats.received);
  g_assert_cmpuint (sim.stats.late, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 10), <, PLAYOUT_NO_STEP);
  playout_assert_tone (&sim, 1, 10);
  sim_clear (&sim);
  sim_clear (&clean);
}

static gboolean
lose_bursts (Sim *sim, guint index, double seconds)
{
  /* 40 ms, then 200 ms, gone. */
  return (seconds >= 3 && seconds < 3.04) || (seconds >= 5 && seconds < 5.2);
}

/* 40 ms are bridged; after 60 ms of nothing it fades out, and comes back where it belongs. */
static void
test_bursts (void)
{
  Sim sim;

  sim_init (&sim, 120, 8);
  sim.base_ms = 0;
  sim.lost = lose_bursts;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpfloat (sim_rms (&sim, 3.01, 3.04), >, 0.05);
  g_assert_cmpfloat (sim_rms (&sim, 5.1, 5.19), <, 0.0001);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 2, 3) - sim_mean_delay_ms (&sim, 6, 8)), <,
                     0.2);
  /* 16 and 80 frames */
  g_assert_cmpuint (sim.stats.lost, ==, 96);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 8), <, 0.01);
  playout_assert_tone (&sim, 6, 8);
  sim_clear (&sim);
}

static double
late_once (Sim *sim, guint index, double seconds)
{
  return index == 1000 ? 12 : index == 2200 ? 30 : 1;
}

/* One packet that overslept (another three seconds later) is late, not lost, not heard, and does
 * not raise the delay. */
static void
test_late (void)
{
  Sim sim;

  sim_init (&sim, 120, 8);
  sim.in_order = FALSE;
  sim.base_ms = 1;
  sim.delay_ms = late_once;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.late, ==, 2);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 240);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 1, 2) - sim_mean_delay_ms (&sim, 6, 8)), <,
                     0.2);
  sim_clear (&sim);
}

static guint
both_lanes (Sim *sim, guint index)
{
  /* One road, both for a second, the other. */
  return index < 800 ? 0 : index < 1200 ? 2 : 1;
}

/* Make before break: the change of roads is not heard. */
static void
test_lanes (void)
{
  Sim sim;

  sim_init (&sim, 120, 6);
  sim.lane = both_lanes;
  sim_run (&sim);
  playout_report (&sim);
  g_assert_cmpuint (sim.stats.duplicates, ==, 400);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.lost + sim.stats.late, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 0.5, 6), <, PLAYOUT_NO_STEP);
  sim_clear (&sim);
}

/* The graph's quantum does not matter to what is heard. */
static void
test_quanta (void)
{
  const guint quanta[] = { 16, 48, 100, 256, 1024, 2048 };

  for (gsize i = 0; i < G_N_ELEMENTS (quanta); i++) {
    Sim sim;

    sim_init (&sim, 480, 6);
    sim.quantum = quanta[i];
    sim.sigma_ms = 2;
    sim_run (&sim);
    playout_report (&sim);
    g_assert_cmpfloat (sim_concealed_percent (&sim), <, 2);
    g_assert_cmpfloat (sim_worst_step (&sim, 2, 6), <, PLAYOUT_NO_STEP);
    sim_clear (&sim);
  }
}

static void
add (const char *name, guint value, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/playout/%s/%u", name, value);

  g_test_add_data_func (path, GUINT_TO_POINTER (value), func);
}

int
main (int argc, char **argv)
{
  const guint frames[] = { 120, 240, 480, 960 };
  const guint sigmas[] = { 1, 2, 5, 10 };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < 4; i++) {
    add ("clean", 64000 + frames[i], test_clean);
    add ("clean", 128000 + frames[i], test_clean);
    add ("jitter", sigmas[i] * 1000 + 120, test_jitter);
    add ("jitter", sigmas[i] * 1000 + 240, test_jitter);
  }
  g_test_add_func ("/playout/bias", test_bias);
  g_test_add_func ("/playout/reorder", test_reorder);
  add ("loss", 1, test_loss);
  add ("loss", 5, test_loss);
  g_test_add_func ("/playout/bursts", test_bursts);
  g_test_add_func ("/playout/late", test_late);
  g_test_add_func ("/playout/lanes", test_lanes);
  g_test_add_func ("/playout/quanta", test_quanta);
  return g_test_run ();
}
