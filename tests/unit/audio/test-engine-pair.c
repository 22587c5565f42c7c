/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What goes into one engine comes out of another: how loud, how late, and what of it. */

#include "engine-pair.h"

#include <math.h>

static double
rms_db (const float *samples, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += samples[i] * samples[i];
  return 10 * log10 (sum / (double) n + 1e-20);
}

/* Returns how many samples there are. */
static gsize
fill_with_tone (Pair *pair)
{
  gsize n = pair->n_cycles * PAIR_QUANTUM;

  for (gsize i = 0; i < n; i++)
    pair->in[i] = 0.25f * (float) sin (2 * G_PI * 440 * (double) i / PAIR_RATE);
  return n;
}

/* From capture to playback, as the statistics of both ends have it. */
static double
told_delay_ms (Pair *pair)
{
  TuttiRemoteStats remote = { 0 };
  TuttiStripStats strip;

  tutti_audio_remote_get_stats (pair->remote, &remote);
  tutti_audio_engine_get_strip_stats (pair->sender, (guint) pair->strip, &strip);
  return (remote.playback_ns - strip.capture_ns) / 1e6 -
         (gint32) (remote.rtp_timestamp - strip.rtp_timestamp) * 1000.0 / PAIR_RATE;
}

static void
test_tone (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  TuttiRemoteStats stats = { 0 };
  TuttiStripStats strip_stats;
  TuttiEngineStats engine_stats;
  Pair pair;
  gsize n;

  pair_init (&pair, code % 10000, code / 10000, 10, 2);
  n = fill_with_tone (&pair);
  for (guint64 c = 0; c < pair.n_cycles; c++) {
    pair_cycle (&pair, c);
    /* The tone's sudden beginning overshoots in the codec: levels are read after it. */
    if (c == pair.n_cycles / 2)
      tutti_audio_remote_get_stats (pair.remote, &stats);
  }
  /* Level in = level out, left and right, ±0.5 dB. */
  for (guint c = 0; c < 2; c++)
    g_assert_cmpfloat_with_epsilon (rms_db (pair.out[c] + n / 2, n / 2),
                                    rms_db (pair.in + n / 2, n / 2), 0.5);
  tutti_audio_remote_get_stats (pair.remote, &stats);
  tutti_audio_engine_get_strip_stats (pair.sender, (guint) pair.strip, &strip_stats);
  tutti_audio_engine_get_stats (pair.listener, &engine_stats);
  g_test_message ("left %.2f dB, meters: remote %.2f dB, output %.2f dB, %" G_GUINT64_FORMAT
                  " samples played",
                  rms_db (pair.out[0] + n / 2, n / 2), stats.level.rms_db[0],
                  engine_stats.output.rms_db[0], stats.played_samples);
  g_assert_cmpuint (stats.lost + stats.late + stats.malformed + stats.duplicates, ==, 0);
  g_assert_cmpuint (stats.concealed_samples, ==, 0);
  g_assert_cmpuint (strip_stats.overruns, ==, 0);
  g_assert_cmpuint (strip_stats.packets, ==, n / pair.format.frame_samples);
  g_assert_cmpfloat_with_epsilon (stats.level.peak_db[0], -12.04, 0.5);
  g_assert_cmpfloat_with_epsilon (stats.level.rms_db[1], -15.05, 0.5);
  g_assert_cmpfloat_with_epsilon (strip_stats.level.rms_db[0], -15.05, 0.1);
  g_assert_cmpfloat_with_epsilon (engine_stats.output.rms_db[0], -15.05, 0.5);
  g_assert_cmpuint (engine_stats.cycles, ==, pair.n_cycles);
  g_assert_cmpuint (engine_stats.xruns, ==, 0);
  g_assert_cmpuint (engine_stats.rate, ==, 48000);
  pair_clear (&pair);
}

/* A click's way from plane to plane takes what the statistics say, and the playout adds no more
 * than a quantum and a bit. */
static void
test_click (gconstpointer data)
{
  guint frame = GPOINTER_TO_UINT (data);
  const double delay_ms = 7;
  double told, worst = 0, least = 1e9;
  Pair pair;
  gsize period = 12000 + 37;

  pair_init (&pair, frame, 1, delay_ms, 8);
  for (gsize i = 0; i < pair.n_cycles * PAIR_QUANTUM; i++)
    if (i % period < 48)
      pair.in[i] = 0.25f * (1 - cosf (2 * (float) G_PI * (float) (i % period) / 48));
  for (guint64 c = 0; c < pair.n_cycles; c++)
    pair_cycle (&pair, c);
  told = told_delay_ms (&pair);
  for (gsize click = period * 20; click + period < pair.n_cycles * PAIR_QUANTUM; click += period) {
    double peak = 0, ms;
    gsize at = 0;

    for (gsize i = click; i < click + 6000; i++)
      if (fabsf (pair.out[0][i]) > peak) {
        peak = fabsf (pair.out[0][i]);
        at = i;
      }
    g_assert_cmpfloat (peak, >, 0.35);
    ms = (double) (at - click - 24) * 1000 / PAIR_RATE;
    worst = fmax (worst, ms);
    least = fmin (least, ms);
  }
  g_test_message ("frame %.1f ms, line %.1f ms: click after %.2f … %.2f ms, told %.2f + 2.5",
                  frame * 1000 / PAIR_RATE, delay_ms, least, worst, told);
  g_assert_cmpfloat (fabs (worst - told - 2.5), <, 0.15);
  g_assert_cmpfloat (worst - least, <, 0.2);
  /* Frame, line, codec, playout of at most 1.5 quanta. */
  g_assert_cmpfloat (worst, <, frame * 1000 / PAIR_RATE + delay_ms + 2.5 + 2);
  pair_clear (&pair);
}

static void
test_fader (void)
{
  const float db = -20;
  Pair pair;
  gsize n;

  pair_init (&pair, 240, 1, 3, 3);
  n = fill_with_tone (&pair);
  for (guint64 c = 0; c < pair.n_cycles; c++) {
    if (c == pair.n_cycles / 3)
      tutti_audio_remote_set_gain (pair.remote, db);
    if (c == 2 * pair.n_cycles / 3)
      tutti_audio_remote_set_muted (pair.remote, TRUE);
    pair_cycle (&pair, c);
  }
  g_assert_cmpfloat_with_epsilon (
      rms_db (pair.out[0] + n / 2, n / 8) - rms_db (pair.out[0] + n / 4, n / 16), db, 0.1);
  g_assert_cmpfloat (rms_db (pair.out[0] + n * 3 / 4, n / 4), <, -190);
  pair_clear (&pair);
}

/* Mute: silence goes out for a moment, then nothing; timestamps go on, the listener counts no loss
 * and hears no repetition. */
static void
test_mute (void)
{
  TuttiRemoteStats stats = { 0 };
  guint at_mute, at_end;
  Pair pair;
  gsize n;

  pair_init (&pair, 120, 1, 3, 4);
  n = fill_with_tone (&pair);
  for (guint64 c = 0; c < pair.n_cycles / 4; c++)
    pair_cycle (&pair, c);
  tutti_audio_engine_set_strip_muted (pair.sender, (guint) pair.strip, TRUE);
  at_mute = pair.line.n_sent;
  for (guint64 c = pair.n_cycles / 4; c < pair.n_cycles; c++) {
    const float *in[1] = { pair.in + c * PAIR_QUANTUM };
    float *out[2] = { pair.out[0] + c * PAIR_QUANTUM, pair.out[1] + c * PAIR_QUANTUM };

    if (c == pair.n_cycles * 3 / 4) {
      at_end = pair.line.n_sent;
      g_assert_cmpuint (at_end, >=, at_mute + 35);
      g_assert_cmpuint (at_end, <=, at_mute + 50);
      tutti_audio_engine_set_strip_muted (pair.sender, (guint) pair.strip, FALSE);
    }
    line_set_time (&pair.line, pair_cycle_time (c));
    tutti_audio_engine_process (pair.sender, in, 1, NULL, 0, PAIR_QUANTUM, 48000,
                                pair_cycle_time (c), c * PAIR_QUANTUM);
    g_usleep (300);
    pair_listen (&pair, out, c);
  }
  tutti_audio_remote_get_stats (pair.remote, &stats);
  g_assert_cmpuint (stats.lost, ==, 0);
  g_assert_cmpfloat (rms_db (pair.out[0] + n * 5 / 16, n / 4), <, -80);
  g_assert_cmpfloat_with_epsilon (rms_db (pair.out[0] + n * 7 / 8, n / 8), -15.05, 0.5);
  pair_clear (&pair);
}

/* What the graph skips is time all the same. */
static void
test_skipped_cycles (void)
{
  TuttiEngineStats stats;
  TuttiRemoteStats remote = { 0 };
  double before, after;
  Pair pair;
  gsize n;

  pair_init (&pair, 120, 1, 3, 3);
  n = fill_with_tone (&pair);
  for (guint64 c = 0; c < pair.n_cycles / 2; c++)
    pair_cycle (&pair, c);
  before = told_delay_ms (&pair);
  /* Both graphs leave out 5 cycles: 320 samples, of which the hole's frames are sent as silence. */
  for (guint64 c = pair.n_cycles / 2 + 5; c < pair.n_cycles; c++)
    pair_cycle (&pair, c);
  after = told_delay_ms (&pair);
  tutti_audio_remote_get_stats (pair.remote, &remote);
  tutti_audio_engine_get_stats (pair.listener, &stats);
  g_test_message ("delay before %.2f ms, after %.2f ms", before, after);
  g_assert_cmpuint (stats.xruns, ==, 5);
  /* The frames of the hole came late, which the target remembers for two seconds. */
  g_assert_cmpfloat (fabs (after - before), <, 1);
  g_assert_cmpuint (remote.lost, ==, 0);
  g_assert_cmpfloat_with_epsilon (rms_db (pair.out[0] + n * 3 / 4, n / 4), -15.05, 0.5);
  pair_clear (&pair);
}

/* When the sample that is played next is played, against its timestamp. */
static double
age_in_samples (const TuttiRemoteStats *stats)
{
  return (double) (stats->playback_ns - PAIR_BASE_NS) * PAIR_RATE / TUTTI_NSEC_PER_SEC -
         stats->rtp_timestamp;
}

/* Another device drives the listener's graph, and its beat begins before the old one's cycle is
 * over: that long nothing is played, and nothing comes too late for it afterwards. */
static void
test_early_driver (void)
{
  TuttiRemoteStats before, after;
  Pair pair;

  pair_init (&pair, 120, 1, 5, 2);
  for (guint64 i = 0; i < pair.n_cycles * PAIR_QUANTUM; i++)
    pair.in[i] = 0.3f * sinf ((float) i * 0.06f);
  for (guint64 c = 0; c < pair.n_cycles / 2; c++)
    pair_cycle (&pair, c);
  tutti_audio_remote_get_stats (pair.remote, &before);
  pair.early = 60;
  for (guint64 c = pair.n_cycles / 2; c < pair.n_cycles / 2 + 20; c++)
    pair_cycle (&pair, c);
  tutti_audio_remote_get_stats (pair.remote, &after);
  g_assert_cmpuint (after.late - before.late, ==, 0);
  g_assert_cmpuint (after.concealed_samples - before.concealed_samples, ==, 0);
  g_assert_cmpuint (after.expanded_samples - before.expanded_samples, ==, 0);
  /* Each sample is played as long after it was taken as before. */
  g_assert_cmpfloat (fabs (age_in_samples (&after) - age_in_samples (&before)), <, 20);
  pair_clear (&pair);
}

int
main (int argc, char **argv)
{
  const guint frames[] = { 120, 240, 480, 960 };

  g_test_init (&argc, &argv, NULL);
  for (guint channels = 1; channels <= 2; channels++)
    for (gsize i = 0; i < G_N_ELEMENTS (frames); i++) {
      g_autofree char *path = g_strdup_printf ("/engine/pair/tone/%u/%u", channels, frames[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (channels * 10000 + frames[i]), test_tone);
    }
  g_test_add_data_func ("/engine/pair/click/120", GUINT_TO_POINTER (120), test_click);
  g_test_add_data_func ("/engine/pair/click/240", GUINT_TO_POINTER (240), test_click);
  g_test_add_data_func ("/engine/pair/click/960", GUINT_TO_POINTER (960), test_click);
  g_test_add_func ("/engine/pair/fader", test_fader);
  g_test_add_func ("/engine/pair/mute", test_mute);
  g_test_add_func ("/engine/pair/skipped-cycles", test_skipped_cycles);
  g_test_add_func ("/engine/pair/early-driver", test_early_driver);
  return g_test_run ();
}
