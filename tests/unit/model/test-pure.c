/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-backoff.h"
#include "tutti-delay.h"
#include "tutti-level-tap.h"

/* The parts of the model that are arithmetic. */

static void
test_backoff (void)
{
  static const guint middles[] = { 200,  300,  450,  675,  1000, 1000, 1000, 1000, 1000,
                                   1000, 1000, 1000, 1500, 2250, 3375, 5062, 7593, 8000 };

  g_assert_cmpuint (tutti_backoff_ms (0, 0), ==, 0);
  g_assert_cmpuint (tutti_backoff_ms (0, 1), ==, 100);
  for (guint i = 0; i < G_N_ELEMENTS (middles); i++) {
    guint middle = tutti_backoff_ms (i + 1, 0.5);

    g_assert_cmpuint (middle, ==, middles[i]);
    g_assert_cmpfloat_with_epsilon (tutti_backoff_ms (i + 1, 0.0), middle * 0.8, 1.5);
    g_assert_cmpfloat_with_epsilon (tutti_backoff_ms (i + 1, 1.0), middle * 1.2, 1.5);
  }
  g_assert_cmpuint (tutti_backoff_ms (G_MAXUINT, 0.5), ==, 8000);
}

static void
test_delay (void)
{
  const TuttiCaptureClock clock = { 1000, 5000000, -1, -1 };

  /* The very sample, played 10 ms after it was captured. */
  g_assert_cmpfloat_with_epsilon (tutti_delay_ms (&clock, 1000, 5010000, 0), 10, 1e-6);
  /* A sample that was captured 1 s later, played 1.01 s later. */
  g_assert_cmpfloat_with_epsilon (tutti_delay_ms (&clock, 49000, 6010000, 0), 10, 1e-6);
  /* One that was captured before the pair. */
  g_assert_cmpfloat_with_epsilon (tutti_delay_ms (&clock, 1000 - 480, 5000000, 0), 10, 1e-6);
  /* The decoder's look-ahead comes on top. */
  g_assert_cmpfloat_with_epsilon (
      tutti_delay_ms (&clock, 1000, 5010000, TUTTI_OPUS_LOOKAHEAD_SAMPLES), 12.5, 1e-6);
}

static void
test_delay_wraps (void)
{
  const TuttiCaptureClock clock = { G_MAXUINT32 - 479, 5000000, -1, -1 };

  /* 960 samples on, RTP time has wrapped to 480. */
  g_assert_cmpfloat_with_epsilon (tutti_delay_ms (&clock, 480, 5025000, 0), 5, 1e-6);
}

/* A frame of 64 samples that needed 1.5 ms to leave, 3 ms on the line and 2 ms until it was played.
 */
static void
test_stages (void)
{
  TuttiDelayInput input = {
    .capture = { .rtp_timestamp = 960,
                 .room_time_us = 5000000,
                 .error_us = 400,
                 .sent_us = 5001500 },
    .arrival = { 960 + 48, 5005500 },
    .playback = { 960 + 480, 5016500 },
    .frame_samples = 64,
    .clock_error_ms = 0.3,
  };
  TuttiDelayStages stages;

  g_assert_true (tutti_delay_measure (&input, &stages));
  g_assert_true (stages.split);
  g_assert_cmpfloat_with_epsilon (stages.delay_ms, 6.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.capture_ms, 64 / 48.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.encode_ms, 1.5 - 64 / 48.0, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.network_ms, 3, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.playout_ms, 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.error_ms, 0.7, 1e-6);

  /* Plain Opus: the look-ahead is part of the coding, and the sum stays the sum. */
  input.lookahead_samples = TUTTI_OPUS_LOOKAHEAD_SAMPLES;
  g_assert_true (tutti_delay_measure (&input, &stages));
  g_assert_cmpfloat_with_epsilon (stages.delay_ms, 9, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.capture_ms + stages.encode_ms + stages.network_ms +
                                      stages.playout_ms,
                                  stages.delay_ms, 1e-6);

  /* A sender that does not say when it sent, nor how good its clock is. */
  input.capture.sent_us = input.capture.error_us = -1;
  g_assert_true (tutti_delay_measure (&input, &stages));
  g_assert_false (stages.split);
  g_assert_cmpfloat_with_epsilon (stages.delay_ms, 9, 1e-6);
  g_assert_cmpfloat_with_epsilon (stages.error_ms, 0.6, 1e-6);

  /* What cannot be: played well before it was captured, or a minute after. */
  input.playback.room_time_us -= 20000;
  g_assert_false (tutti_delay_measure (&input, &stages));
  input.playback.room_time_us += 70 * G_USEC_PER_SEC;
  g_assert_false (tutti_delay_measure (&input, &stages));
}

static void
test_history (void)
{
  TuttiDelayHistory history = { 0 };
  TuttiDelayPoint points[TUTTI_DELAY_HISTORY + 5];

  g_assert_cmpuint (tutti_delay_history_get (&history, points, G_N_ELEMENTS (points)), ==, 0);
  for (guint i = 0; i < TUTTI_DELAY_HISTORY + 7; i++)
    tutti_delay_history_add (&history, &(TuttiDelayPoint) { .time_ns = i, .delay_ms = i });

  g_assert_cmpuint (tutti_delay_history_get (&history, points, G_N_ELEMENTS (points)), ==,
                    TUTTI_DELAY_HISTORY);
  g_assert_cmpint (points[0].time_ns, ==, 7);
  g_assert_cmpint (points[TUTTI_DELAY_HISTORY - 1].time_ns, ==, TUTTI_DELAY_HISTORY + 6);
  g_assert_cmpuint (tutti_delay_history_get (&history, points, 3), ==, 3);
  g_assert_cmpint (points[0].time_ns, ==, TUTTI_DELAY_HISTORY + 4);
}

static void
test_level_tap (void)
{
  const TuttiLevel loud = { { -6, -20 }, { -10, -30 } };
  const TuttiLevel soft = { { -12, -9 }, { -20, -30 } };
  TuttiLevelTap tap;
  TuttiLevel level;

  tutti_level_tap_init (&tap);
  tutti_level_tap_take (&tap, &level);
  g_assert_cmpfloat (level.peak_db[0], ==, TUTTI_SILENCE_DB);
  g_assert_cmpfloat (level.rms_db[1], ==, TUTTI_SILENCE_DB);

  /* The highest peak; the RMS of both halves: (0.1 + 0.01) / 2 = −12.6 dB. */
  tutti_level_tap_add (&tap, &loud, 0.5);
  tutti_level_tap_add (&tap, &soft, 0.5);
  tutti_level_tap_take (&tap, &level);
  g_assert_cmpfloat (level.peak_db[0], ==, -6);
  g_assert_cmpfloat (level.peak_db[1], ==, -9);
  g_assert_cmpfloat_with_epsilon (level.rms_db[0], -12.596f, 0.01);
  g_assert_cmpfloat_with_epsilon (level.rms_db[1], -30, 0.01);

  tutti_level_tap_take (&tap, &level);
  g_assert_cmpfloat (level.peak_db[0], ==, TUTTI_SILENCE_DB);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/model/backoff", test_backoff);
  g_test_add_func ("/model/delay/arithmetic", test_delay);
  g_test_add_func ("/model/delay/wraps", test_delay_wraps);
  g_test_add_func ("/model/delay/stages", test_stages);
  g_test_add_func ("/model/delay/history", test_history);
  g_test_add_func ("/model/level-tap", test_level_tap);

  return g_test_run ();
}
