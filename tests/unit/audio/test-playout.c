/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "playout-sim.h"
#include "tutti-rtp.h"

/* A tone of 0.25 at 440 Hz: a step of 0.004 is 1.6 % of it, −48 dBFS; the codec's own noise is a
 * tenth of that. */
#define NO_STEP 0.004

static void
report (Sim *sim)
{
  g_test_message ("delay %.2f ms, target %.2f, buffered %.2f, jitter %.2f, concealed %.2f %%, late "
                  "%" G_GUINT64_FORMAT ", lost %" G_GUINT64_FORMAT ", duplicates "
                  "%" G_GUINT64_FORMAT ", reordered %" G_GUINT64_FORMAT ", step %.5f, %.1f µs",
                  sim_mean_delay_ms (sim, sim->seconds / 2, sim->seconds), sim->stats.target_ms,
                  sim->stats.buffered_ms, sim->stats.jitter_ms, sim_concealed_percent (sim),
                  sim->stats.late, sim->stats.lost, sim->stats.duplicates, sim->stats.reordered,
                  sim_worst_step (sim, 1, sim->seconds), sim->cpu_us);
}

static void
assert_tone (Sim *sim, double from, double to)
{
  double db = 20 * log10 (sim_rms (sim, from, to) / (SIM_TONE_PEAK / G_SQRT2));

  g_assert_cmpfloat_with_epsilon (db, 0, 0.5);
}

/* A perfect line: nothing is ever invented, and the playout adds at most a quantum and a half. */
static void
test_clean (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  Sim sim;

  sim_init (&sim, code % 1000, 6);
  sim.quantum = code / 1000;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.late + sim.stats.lost + sim.stats.duplicates, ==, 0);
  g_assert_cmpuint (sim.stats.reordered + sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 3, 6), <, sim.quantum / 48.0 + 0.7);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 3, 6), >, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 0.5, 6), <, NO_STEP);
  assert_tone (&sim, 1, 6);
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
  report (&sim);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim.stats.target_ms, <, most[sigma]);
  g_assert_cmpfloat (sim.stats.target_ms, >, 2.5 * sigma);
  g_assert_cmpfloat (sim.stats.jitter_ms, >, 0.25 * sigma);
  g_assert_cmpfloat (sim.stats.jitter_ms, <, 2 * sigma);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 12), <, NO_STEP);
  assert_tone (&sim, 2, 12);
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
  report (&tight);
  report (&safe);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.reordered, >, 300);
  g_assert_cmpuint (sim.stats.duplicates, ==, 0);
  g_assert_cmpuint (sim.stats.lost, ==, 0);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 8), <, NO_STEP);
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
  report (&sim);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 5, 10) - sim_mean_delay_ms (&clean, 5, 10)), <,
                     0.2);
  g_assert_cmpfloat_with_epsilon (sim_concealed_percent (&sim), percent, 0.3 * percent);
  /* What was lost in the last second is not given up yet. */
  g_assert_cmpuint (sim.stats.lost, >=, (guint64) (percent * 36 * 0.7));
  g_assert_cmpuint (sim.stats.lost, <=, sim.n_sent - sim.stats.received);
  g_assert_cmpuint (sim.stats.late, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 10), <, NO_STEP);
  assert_tone (&sim, 1, 10);
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
  report (&sim);
  g_assert_cmpfloat (sim_rms (&sim, 3.01, 3.04), >, 0.05);
  g_assert_cmpfloat (sim_rms (&sim, 5.1, 5.19), <, 0.0001);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 2, 3) - sim_mean_delay_ms (&sim, 6, 8)), <,
                     0.2);
  /* 16 and 80 frames */
  g_assert_cmpuint (sim.stats.lost, ==, 96);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 8), <, 0.01);
  assert_tone (&sim, 6, 8);
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
  report (&sim);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.duplicates, ==, 400);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.lost + sim.stats.late, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 0.5, 6), <, NO_STEP);
  sim_clear (&sim);
}

static void
test_wraparound (gconstpointer data)
{
  Sim sim;

  sim_init (&sim, 240, 6);
  sim.first_timestamp = GPOINTER_TO_UINT (data);
  sim.sigma_ms = 1;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 1.2);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, NO_STEP);
  assert_tone (&sim, 1, 6);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.late + sim.stats.lost, ==, 0);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 10, 20) - sim_mean_delay_ms (&sim, 80, 90)), <,
                     0.5);
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 10, 90), <, 3);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 90), <, NO_STEP);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 960);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, 0.02);
  assert_tone (&sim, 2.55, 6);
  assert_tone (&sim, 5, 6);
  sim_clear (&sim);
}

static void
test_small_jump (void)
{
  Sim sim;

  sim_init (&sim, 120, 6);
  sim.jump = jump_a_little;
  sim_run (&sim);
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <=, 240);
  g_assert_cmpuint (sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (sim_worst_step (&sim, 1, 6), <, 0.05);
  assert_tone (&sim, 4, 6);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.lost + sim.stats.late + sim.stats.malformed, ==, 0);
  g_assert_cmpfloat (fabs (sim_mean_delay_ms (&sim, 1, 2) - sim_mean_delay_ms (&sim, 7, 8)), <,
                     0.3);
  g_assert_cmpfloat (sim_rms (&sim, 4, 5), ==, 0);
  assert_tone (&sim, 6.2, 8);
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
  report (&sim);
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
  report (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, <, 48 * 38);
  g_assert_cmpfloat_with_epsilon (sim_mean_delay_ms (&sim, 5, 10) - 30,
                                  sim_mean_delay_ms (&sim, 2, 4), 2.5);
  assert_tone (&sim, 5, 10);
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
    report (&sim);
    g_assert_cmpfloat (sim_concealed_percent (&sim), <, 2);
    g_assert_cmpfloat (sim_worst_step (&sim, 2, 6), <, NO_STEP);
    sim_clear (&sim);
  }
}

static TuttiPlayout *
quiet_playout (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 2, 128000 };

  return tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
}

/* Foreign bytes in every form: counted, never heard, and the stream goes on. */
static void
test_garbage (void)
{
  g_autoptr (TuttiPlayout) playout = quiet_playout ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  TuttiRemoteStats stats = { 0 };
  float left[64], right[64];
  float *planes[2] = { left, right };

  for (guint round = 0; round < 4000; round++) {
    for (guint k = 0; k < 3; k++) {
      guint8 packet[300], payload[280];
      gsize size = (gsize) g_rand_int_range (rand, 0, sizeof payload);
      TuttiRtp rtp = { .payload_type = k == 1 ? 5 : SIM_PAYLOAD_TYPE,
                       .payload = payload,
                       .sequence = (guint16) g_rand_int (rand),
                       .payload_size = size,
                       .timestamp = k == 0 ? round * 64 : g_rand_int (rand) };

      for (gsize i = 0; i < sizeof payload; i++)
        payload[i] = (guint8) g_rand_int (rand);
      size = tutti_rtp_write (packet, sizeof packet, &rtp);
      if (k == 2)
        packet[g_rand_int_range (rand, 0, (gint32) size)] ^= (guint8) g_rand_int (rand);
      tutti_playout_push (playout, k % 2, packet, size, round * G_GINT64_CONSTANT (1333333));
    }
    if (tutti_playout_process (playout, planes, 64, round * G_GINT64_CONSTANT (1333333)))
      tutti_playout_decode_ahead (playout);
    for (guint i = 0; i < 64; i++)
      g_assert_true (isfinite (left[i]) && isfinite (right[i]));
  }
  tutti_playout_get_stats (playout, &stats);
  g_assert_cmpuint (stats.received, ==, 12000);
  g_assert_cmpuint (stats.malformed, >, 4000);
}

/* Full lanes drop, and say so; packets older than the graph's first cycle do no harm. */
static void
test_flood (void)
{
  g_autoptr (TuttiPlayout) playout = quiet_playout ();
  TuttiRemoteStats stats = { 0 };
  guint8 packet[64] = { 0x80, SIM_PAYLOAD_TYPE };
  float left[64], right[64];
  float *planes[2] = { left, right };
  guint taken = 0;

  for (guint i = 0; i < 10000; i++)
    taken += tutti_playout_push (playout, 0, packet, 12, i) ? 1 : 0;
  g_assert_cmpuint (taken, >, 128);
  g_assert_cmpuint (taken, <, 10000);
  tutti_playout_process (playout, planes, 64, G_GINT64_CONSTANT (1000000000));
  tutti_playout_get_stats (playout, &stats);
  /* No more than a cycle can bear, the rest in later ones. */
  g_assert_cmpuint (stats.received, ==, 160);
  for (guint i = 1; i <= taken / 160; i++)
    tutti_playout_process (playout, planes, 64, G_GINT64_CONSTANT (1000000000) + i * 1333333);
  tutti_playout_get_stats (playout, &stats);
  g_assert_cmpuint (stats.received, ==, taken);
  g_assert_cmpuint (stats.malformed, ==, taken);
  g_assert_true (tutti_playout_push (playout, 0, packet, 12, 0));
  g_assert_cmpfloat (left[0], ==, 0);
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
  add ("wraparound", G_MAXUINT32 - 100000, test_wraparound);
  add ("wraparound", G_MAXINT32 - 100000, test_wraparound);
  g_test_add_data_func ("/playout/drift/fast", GINT_TO_POINTER (300), test_drift);
  g_test_add_data_func ("/playout/drift/slow", GINT_TO_POINTER (-300), test_drift);
  add ("restart", 0, test_restart);
  add ("restart", 1, test_restart);
  g_test_add_func ("/playout/small-jump", test_small_jump);
  g_test_add_func ("/playout/pause", test_pause);
  g_test_add_func ("/playout/storm", test_storm);
  g_test_add_func ("/playout/new-road", test_new_road);
  g_test_add_func ("/playout/quanta", test_quanta);
  g_test_add_func ("/playout/garbage", test_garbage);
  g_test_add_func ("/playout/flood", test_flood);
  return g_test_run ();
}
