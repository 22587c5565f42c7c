/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-backoff.h"
#include "tutti-delay.h"
#include "tutti-level-tap.h"

/* The parts of the model that are arithmetic. */

static void
test_backoff (void)
{
  static const guint middles[] = { 500, 1000, 2000, 4000, 8000, 8000, 8000 };

  for (guint i = 0; i < G_N_ELEMENTS (middles); i++) {
    g_assert_cmpuint (tutti_backoff_ms (i, 0.5), ==, middles[i]);
    g_assert_cmpuint (tutti_backoff_ms (i, 0.0), ==, middles[i] * 8 / 10);
    g_assert_cmpuint (tutti_backoff_ms (i, 1.0), ==, middles[i] * 12 / 10);
  }
  g_assert_cmpuint (tutti_backoff_ms (G_MAXUINT, 0.5), ==, 8000);
}

static void
test_delay (void)
{
  const TuttiCaptureClock clock = { 1000, 5000000 };

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
  const TuttiCaptureClock clock = { G_MAXUINT32 - 479, 5000000 };

  /* 960 samples on, RTP time has wrapped to 480. */
  g_assert_cmpfloat_with_epsilon (tutti_delay_ms (&clock, 480, 5025000, 0), 5, 1e-6);
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
  g_test_add_func ("/model/level-tap", test_level_tap);

  return g_test_run ();
}
