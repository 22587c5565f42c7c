/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-tap-tempo.h"

static void
test_steady (void)
{
  TuttiTapTempo tap = { 0 };

  g_assert_cmpfloat (tutti_tap_tempo_tap (&tap, 1000000), ==, 0);
  for (int i = 1; i < 20; i++)
    g_assert_cmpfloat_with_epsilon (tutti_tap_tempo_tap (&tap, 1000000 + i * 500000), 120, 1e-6);
}

static void
test_uneven (void)
{
  TuttiTapTempo tap = { 0 };
  double bpm = 0;

  for (int i = 0; i < 8; i++)
    bpm = tutti_tap_tempo_tap (&tap, i * 600000 + (i % 2 ? 20000 : 0));
  g_assert_cmpfloat_with_epsilon (bpm, 100, 1);
}

static void
test_pause_begins_anew (void)
{
  TuttiTapTempo tap = { 0 };

  tutti_tap_tempo_tap (&tap, 0);
  tutti_tap_tempo_tap (&tap, 500000);
  g_assert_cmpfloat (tutti_tap_tempo_tap (&tap, 4000000), ==, 0);
  g_assert_cmpfloat_with_epsilon (tutti_tap_tempo_tap (&tap, 5000000), 60, 1e-6);
}

static void
test_bounds (void)
{
  TuttiTapTempo tap = { 0 };

  tutti_tap_tempo_tap (&tap, 0);
  g_assert_cmpfloat (tutti_tap_tempo_tap (&tap, 10000), ==, 400);
  g_assert_cmpfloat (tutti_tap_tempo_tap (&tap, 10000), <=, 400);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/tap-tempo/steady", test_steady);
  g_test_add_func ("/ui/tap-tempo/uneven", test_uneven);
  g_test_add_func ("/ui/tap-tempo/pause", test_pause_begins_anew);
  g_test_add_func ("/ui/tap-tempo/bounds", test_bounds);
  return g_test_run ();
}
