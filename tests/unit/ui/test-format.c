/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>

#include "tutti-audio-types.h"
#include "tutti-ui-format.h"

#define assert_text(call, expected)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *text = (call);                                                                \
    g_assert_cmpstr (text, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END

static void
test_db (void)
{
  assert_text (tutti_format_db (0), "0.0 dB");
  assert_text (tutti_format_db (-0.04), "0.0 dB");
  assert_text (tutti_format_db (-3.46), "−3.5 dB");
  assert_text (tutti_format_db (6), "+6.0 dB");
  assert_text (tutti_format_db (TUTTI_SILENCE_DB), "−∞ dB");
  assert_text (tutti_format_db (-INFINITY), "−∞ dB");
  assert_text (tutti_format_db_spoken (-12), "minus 12.0 decibels");
  assert_text (tutti_format_db_spoken (-0.01), "0.0 decibels");
  assert_text (tutti_format_db_spoken (12), "12.0 decibels");
  assert_text (tutti_format_db_spoken (TUTTI_SILENCE_DB), "silent");
}

static void
test_pan (void)
{
  assert_text (tutti_format_pan (0), "centre");
  assert_text (tutti_format_pan (0.004), "centre");
  assert_text (tutti_format_pan (-0.3), "left 30 %");
  assert_text (tutti_format_pan (1), "right 100 %");
}

static void
test_unknown (void)
{
  assert_text (tutti_format_ms (-1), "–");
  assert_text (tutti_format_ms (NAN), "–");
  assert_text (tutti_format_ms (INFINITY), "–");
  assert_text (tutti_format_ms_error (-1, 0.5), "–");
  assert_text (tutti_format_ms_error (8.26, -1), "8.3 ms");
  assert_text (tutti_format_ms_error (8.26, 0.4), "8.3 ± 0.4 ms");
  assert_text (tutti_format_percent (-1), "–");
  assert_text (tutti_format_percent (NAN), "–");
}

static void
test_percent (void)
{
  assert_text (tutti_format_percent (1), "100 %");
  assert_text (tutti_format_percent (0.99999), "99.9 %");
  assert_text (tutti_format_percent (0.5), "50.0 %");
  assert_text (tutti_format_percent (0), "0.0 %");
}

static void
test_position (void)
{
  double last = -1;

  g_assert_cmpfloat (tutti_level_position (TUTTI_SILENCE_DB), ==, 0);
  g_assert_cmpfloat (tutti_level_position (-INFINITY), ==, 0);
  g_assert_cmpfloat (tutti_level_position (NAN), ==, 0);
  g_assert_cmpfloat (tutti_level_position (0), ==, 1);
  g_assert_cmpfloat (tutti_level_position (12), ==, 1);
  g_assert_cmpfloat_with_epsilon (tutti_level_position (-20), 0.5, 1e-9);
  for (double db = -70; db <= 0; db += 0.5) {
    g_assert_cmpfloat (tutti_level_position (db), >, last);
    last = tutti_level_position (db);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/format/db", test_db);
  g_test_add_func ("/ui/format/pan", test_pan);
  g_test_add_func ("/ui/format/unknown", test_unknown);
  g_test_add_func ("/ui/format/percent", test_percent);
  g_test_add_func ("/ui/format/position", test_position);
  return g_test_run ();
}
