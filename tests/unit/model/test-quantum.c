/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-quantum.h"

/* When the quantum is raised and when it goes back, on a clock of the test's own. */

#define SECOND ((gint64) G_USEC_PER_SEC)

/* Looks twice a second until @until, losing sound at each look where @every (s) says so. Returns
 * how often the answer changed. */
static guint
run (TuttiQuantum *quantum, gint64 *now, gint64 until, double every)
{
  guint changes = 0;
  double next = every;
  gint64 start = *now;

  for (; *now < until; *now += SECOND / 2) {
    guint lost = 0;

    if (every > 0 && (double) (*now - start) / SECOND >= next) {
      lost = 1;
      next += every;
    }
    changes += tutti_quantum_update (quantum, lost, *now);
  }

  return changes;
}

static void
test_raise (void)
{
  TuttiQuantum quantum;
  gint64 now = 100 * SECOND;

  tutti_quantum_init (&quantum, 64, now);
  /* Twice in ten seconds is borne. */
  g_assert_cmpuint (run (&quantum, &now, 400 * SECOND, 6), ==, 0);
  g_assert_cmpuint (quantum.asked, ==, 64);
  /* Three times is not. */
  g_assert_cmpuint (run (&quantum, &now, 413 * SECOND, 4), ==, 1);
  g_assert_cmpuint (quantum.asked, ==, 128);
  g_assert_cmpuint (quantum.wanted, ==, 64);
  g_assert_cmpuint (quantum.lost, ==, TUTTI_QUANTUM_XRUNS);
  g_assert_cmpint (quantum.lost_us, <=, 10 * SECOND);
  /* Again, and then no more. */
  g_assert_cmpuint (run (&quantum, &now, 500 * SECOND, 2), ==, 1);
  g_assert_cmpuint (quantum.asked, ==, 256);
  g_assert_cmpuint (run (&quantum, &now, 1000 * SECOND, 2), ==, 0);
  g_assert_cmpuint (quantum.asked, ==, 256);
}

static void
test_start (void)
{
  TuttiQuantum quantum;
  gint64 now = 0;

  tutti_quantum_init (&quantum, 64, now);
  g_assert_false (tutti_quantum_update (&quantum, 100, SECOND));
  g_assert_false (tutti_quantum_update (&quantum, 100, 2 * SECOND));
  g_assert_cmpuint (run (&quantum, &now, 20 * SECOND, 0), ==, 0);
  /* A storm within one look is as many losses. */
  g_assert_true (tutti_quantum_update (&quantum, 100, 21 * SECOND));
  /* The graph that changes to it stumbles. */
  g_assert_false (tutti_quantum_update (&quantum, 3, 22 * SECOND));
  g_assert_cmpuint (quantum.asked, ==, 128);
}

static void
test_back (void)
{
  TuttiQuantum quantum;
  gint64 now = 0;

  tutti_quantum_init (&quantum, 64, now);
  run (&quantum, &now, 60 * SECOND, 1);
  g_assert_cmpuint (quantum.asked, ==, 256);

  /* Ten clean minutes a step, no sooner. */
  g_assert_cmpuint (run (&quantum, &now, 650 * SECOND, 0), ==, 0);
  g_assert_cmpuint (run (&quantum, &now, 670 * SECOND, 0), ==, 1);
  g_assert_cmpuint (quantum.asked, ==, 128);
  g_assert_cmpuint (run (&quantum, &now, 1280 * SECOND, 0), ==, 1);
  g_assert_cmpuint (quantum.asked, ==, 64);
  g_assert_cmpuint (run (&quantum, &now, 5000 * SECOND, 0), ==, 0);

  /* That was too early: the next time it takes twice as long. */
  tutti_quantum_init (&quantum, 64, now);
  run (&quantum, &now, now + 10 * SECOND, 1);
  g_assert_cmpuint (quantum.asked, ==, 128);
  run (&quantum, &now, now + 610 * SECOND, 0);
  g_assert_cmpuint (quantum.asked, ==, 64);
  run (&quantum, &now, now + 5 * SECOND, 1);
  g_assert_cmpuint (quantum.asked, ==, 128);
  g_assert_cmpuint (run (&quantum, &now, now + 1150 * SECOND, 0), ==, 0);
  g_assert_cmpuint (run (&quantum, &now, now + 60 * SECOND, 0), ==, 1);
  g_assert_cmpuint (quantum.asked, ==, 64);
}

/* What the person chose is never gone below, and odd or large ones are theirs. */
static void
test_wanted (void)
{
  TuttiQuantum quantum;
  gint64 now = 0;

  tutti_quantum_init (&quantum, 48, now);
  run (&quantum, &now, 100 * SECOND, 1);
  g_assert_cmpuint (quantum.asked, ==, 256);
  run (&quantum, &now, 4000 * SECOND, 0);
  g_assert_cmpuint (quantum.asked, ==, 48);

  tutti_quantum_init (&quantum, 512, now);
  g_assert_cmpuint (run (&quantum, &now, now + 100 * SECOND, 1), ==, 0);
  g_assert_cmpuint (quantum.asked, ==, 512);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/quantum/raise", test_raise);
  g_test_add_func ("/quantum/start", test_start);
  g_test_add_func ("/quantum/back", test_back);
  g_test_add_func ("/quantum/wanted", test_wanted);
  return g_test_run ();
}
