/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the playout must reach, as figures. */

#include <math.h>
#include <string.h>

#include "artefacts.h"
#include "playout-sim.h"
#include "sim-line.h"
#include "synth.h"

#ifdef __SANITIZE_ADDRESS__
#  define DRIFT_SECONDS 120
#  define LOSS_SECONDS  40
#else
#  define DRIFT_SECONDS 3600
#  define LOSS_SECONDS  210
#endif

static const TuttiAudioFormat raw64 = { TUTTI_WIRE_RAW, 64, 1, .bits = 16, .framed = TRUE };
static const TuttiAudioFormat opus240 = { TUTTI_WIRE_OPUS, 240, 1, .bitrate = 128000,
                                          .framed = TRUE };

static void
report_stairs (Sim *sim, guint64 *concealed)
{
  for (guint i = 0; i < 6; i++)
    g_test_message ("  %u … %u s: %.1f ms, %.0f ms concealed", i * 20, i * 20 + 20,
                    sim_mean_delay_ms (sim, i * 20, i * 20 + 20),
                    (double) (concealed[i + 1] - concealed[i]) / 48);
}

static guint64 stairs[7];

static void
note_stair (Sim *sim, double seconds)
{
  stairs[MIN (6, (guint) (seconds / 20) + 1)] = sim->stats.concealed_samples;
}

/* σ 1 → 5 → 1 → 20 → 2 → 1 ms, 20 s each: at most half the delay of the fixed buffer that has as
 * many gaps, and fewer gaps than one in 500. */
static void
test_stairs (gconstpointer data)
{
  SimSegment segment = { GPOINTER_TO_UINT (data) / 10 == 64 ? raw64 : opus240, 0, 120 };
  guint seed = GPOINTER_TO_UINT (data) % 10;
  g_autoptr (SimLine) line = sim_line_new ("staircase", seed, NULL);
  double mean, fixed;
  Sim sim;

  sim_init (&sim, segment.format.frame_samples, 120);
  sim.segments = &segment;
  sim.n_segments = 1;
  sim.cycle = note_stair;
  sim_line_install (line, &sim);
  sim_run (&sim);
  mean = sim_mean_delay_ms (&sim, 0, 120);
  fixed = sim_fixed_delay_ms (&sim, NULL);
  g_test_message ("mean %.1f ms, fixed %.1f, ratio %.3f, concealed %.3f %%", mean, fixed,
                  mean / fixed, sim_concealed_percent (&sim));
  report_stairs (&sim, stairs);
  g_assert_cmpfloat (mean, <=, 0.5 * fixed);
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 0.2);
  sim_clear (&sim);
}

/* Ten seconds at a time are listened to, with a bit of those before, so that an hour needs no
 * memory. */
#define BLOCK   480000
#define OVERLAP 4800

typedef struct {
  float sound[BLOCK + OVERLAP + 2048];
  guint n;
  guint blocks;
  guint clicks;
  double level_least, level_most;
} Listener;

static Listener *listener;

/* Beginnings and ends are no clicks. */
static guint
count_clicks (const float *sound, guint n)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  guint clicks = 0;

  artefacts_find_clicks (NULL, sound, n, places);
  for (guint i = 0; i < places->len; i++)
    if (g_array_index (places, guint, i) >= OVERLAP / 2 &&
        g_array_index (places, guint, i) < n - OVERLAP / 2)
      clicks++;
  return clicks;
}

static void
listen_in_blocks (Sim *sim, double seconds, const float *samples, guint n_samples)
{
  double sum = 0;

  if (seconds < 3)
    return;
  for (guint i = 0; i < n_samples; i++)
    listener->sound[listener->n++] = samples[i];
  if (listener->n < BLOCK + OVERLAP)
    return;
  for (guint i = 0; i < BLOCK; i++)
    sum += listener->sound[i] * listener->sound[i];
  listener->clicks += count_clicks (listener->sound, listener->n);
  listener->level_least = fmin (listener->level_least, sqrt (sum / BLOCK));
  listener->level_most = fmax (listener->level_most, sqrt (sum / BLOCK));
  listener->blocks++;
  memmove (listener->sound, listener->sound + BLOCK, (listener->n - BLOCK) * sizeof (float));
  listener->n -= BLOCK;
}

static void
assert_delay_stays (Sim *sim)
{
  double mean = sim_mean_delay_ms (sim, 20, sim->seconds);
  double least = INFINITY, most = -INFINITY;

  for (gsize c = 20 * 750; c < sim->n_cycles; c++) {
    least = fmin (least, sim->delay[c]);
    most = fmax (most, sim->delay[c]);
  }
  least = (least - sim->segments[0].format.frame_samples) / 48 - sim->base_ms;
  most = (most - sim->segments[0].format.frame_samples) / 48 - sim->base_ms;
  g_test_message ("delay %.2f, %.2f … %.2f ms", mean, least, most);
  g_assert_cmpfloat (mean - least, <, 1);
  g_assert_cmpfloat (most - mean, <, 1);
}

/* An hour of clocks that are 300 ppm apart: the delay stays within ±1 ms, and nothing is heard. */
static void
drift (double ppm, const TuttiAudioFormat *format, SynthSound sound, double seconds)
{
  SimSegment segment = { *format, 0, seconds };
  g_autofree float *music = g_new0 (float, BLOCK + OVERLAP);
  g_autofree Listener *ear = g_new0 (Listener, 1);
  guint clicks;
  Sim sim;

  /* Again and again, from end to beginning: what clicks there does so in the music, too. */
  synth_render (sound, music, BLOCK);
  memcpy (music + BLOCK, music, OVERLAP * sizeof (float));
  clicks = count_clicks (music, BLOCK + OVERLAP);
  ear->level_least = INFINITY;
  listener = ear;
  sim_init (&sim, format->frame_samples, seconds);
  sim.segments = &segment;
  sim.n_segments = 1;
  sim.drift_ppm = ppm;
  sim.listen = listen_in_blocks;
  sim.sound = music;
  sim.n_sound = BLOCK;
  sim_run (&sim);
  g_test_message ("%+.0f ppm, %s: %u clicks in %u blocks (the sound has %u), level %.4f … %.4f, "
                  "concealed %" G_GUINT64_FORMAT ", %.1f µs",
                  ppm, synth_get_name (sound), ear->clicks, ear->blocks, clicks, ear->level_least,
                  ear->level_most, sim.stats.concealed_samples, sim.cpu_us);
  assert_delay_stays (&sim);
  g_assert_cmpuint (sim.stats.concealed_samples, ==, 0);
  g_assert_cmpuint (sim.stats.accelerated_samples + sim.stats.expanded_samples, ==, 0);
  /* Of music with onsets one now and then is on one side of the detector's threshold or the other.
   */
  g_assert_cmpuint (ear->clicks, <=, clicks * ear->blocks + clicks * ear->blocks / 50);
  g_assert_cmpfloat (ear->level_most / ear->level_least, <, 1.03);
  sim_clear (&sim);
}

static void
test_drift_hour_raw (void)
{
  drift (300, &raw64, SYNTH_TONE, DRIFT_SECONDS);
}

static void
test_drift_hour_opus (void)
{
  drift (-300, &opus240, SYNTH_PLUCK, DRIFT_SECONDS);
}

static void
test_drift_others (void)
{
  drift (-300, &raw64, SYNTH_ORGAN, 60);
  drift (300, &opus240, SYNTH_TONE, 60);
  drift (40, &raw64, SYNTH_TONE, 60);
}

/* 5 % independent loss, every frame sent twice, @distance frames apart: less than 0.3 % is invented
 * (0.25 % lost both), over 150 000 packets and more. */
static void
test_loss_with_copies (gconstpointer data)
{
  guint distance = GPOINTER_TO_UINT (data);
  SimSegment segment = { raw64, 0, LOSS_SECONDS };
  Sim sim;

  segment.format.copies = 1;
  segment.format.distance = distance;
  sim_init (&sim, 64, LOSS_SECONDS);
  sim.segments = &segment;
  sim.n_segments = 1;
  sim.loss = 0.05;
  sim_run (&sim);
  g_test_message ("%u packets, missing %.3f %%, concealed %.3f %%, %.2f ms", sim.n_sent,
                  100.0 * (double) sim.stats.packets_missing / sim.n_sent,
                  sim_concealed_percent (&sim), sim_mean_delay_ms (&sim, 10, LOSS_SECONDS));
#ifndef __SANITIZE_ADDRESS__
  g_assert_cmpuint (sim.n_sent, >=, 150000);
#endif
  g_assert_cmpfloat (sim_concealed_percent (&sim), <, 0.3);
  g_assert_cmpfloat (100.0 * (double) sim.stats.packets_missing / sim.n_sent, >, 4.8);
  /* What comes twice is a duplicate, where what comes later makes good what was missing. */
  if (distance == 0)
    g_assert_cmpuint (sim.stats.duplicates, >, sim.n_sent / 100 * 40);
  else
    g_assert_cmpuint (sim.stats.recovered, >, sim.n_sent / 100 * 4);
  /* The copies are waited for and nothing else: those that come at once cost no frame. */
  g_assert_cmpfloat (sim_mean_delay_ms (&sim, 10, LOSS_SECONDS), <,
                     (1 + distance) * 64 / 48.0 + 0.4);
  sim_clear (&sim);
}

int
main (int argc, char **argv)
{
  const guint seeds[] = { 1, 2, 3 };

  g_test_init (&argc, &argv, NULL);
  for (gsize i = 0; i < G_N_ELEMENTS (seeds); i++) {
    g_autofree char *raw = g_strdup_printf ("/playout/stairs/raw64/%u", seeds[i]);
    g_autofree char *opus = g_strdup_printf ("/playout/stairs/opus240/%u", seeds[i]);

    g_test_add_data_func (raw, GUINT_TO_POINTER (640 + seeds[i]), test_stairs);
    g_test_add_data_func (opus, GUINT_TO_POINTER (2400 + seeds[i]), test_stairs);
  }
  g_test_add_data_func ("/playout/loss-with-copies/later", GUINT_TO_POINTER (1),
                        test_loss_with_copies);
  g_test_add_data_func ("/playout/loss-with-copies/at-once", GUINT_TO_POINTER (0),
                        test_loss_with_copies);
  g_test_add_func ("/playout/drift-others", test_drift_others);
  g_test_add_func ("/playout/drift-hour/raw", test_drift_hour_raw);
  g_test_add_func ("/playout/drift-hour/opus", test_drift_hour_opus);
  return g_test_run ();
}
