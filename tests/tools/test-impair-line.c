/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What impair does to packets, by numbers: many packets, one line, no sockets. */

#include "impair-line.h"

#include <math.h>

#define N_PACKETS 200000
#define EVERY_NS  G_GINT64_CONSTANT (1333333)
#define BYTES     200

typedef struct {
  guint lost, bursts, reordered;
  double mean_ms, sigma_ms, least_ms, most_ms;
  gint64 *due; /* 0: lost */
} Seen;

static void
run (const char *settings, guint64 seed, gint64 every_ns, Seen *seen)
{
  ImpairLine line;
  gint64 last = 0;
  double sum = 0, squares = 0;
  gboolean was_lost = FALSE;
  guint n = 0;

  impair_line_init (&line, seed);
  g_assert_null (impair_settings_parse (&line.settings, settings));
  *seen = (Seen) { .least_ms = 1e9, .due = g_new0 (gint64, N_PACKETS) };
  for (gint64 i = 0; i < N_PACKETS; i++) {
    gint64 now = 1000000000 + i * every_ns, due;
    double ms;

    if (!impair_line_admit (&line, now, BYTES, &due)) {
      seen->bursts += !was_lost;
      seen->lost++;
      was_lost = TRUE;
      continue;
    }
    was_lost = FALSE;
    ms = (due - now) / 1e6;
    sum += ms;
    squares += ms * ms;
    seen->least_ms = MIN (seen->least_ms, ms);
    seen->most_ms = MAX (seen->most_ms, ms);
    seen->reordered += due < last;
    seen->due[i] = last = due;
    n++;
  }
  g_assert_cmpuint (line.n_in, ==, N_PACKETS);
  g_assert_cmpuint (line.n_lost + line.n_dropped, ==, seen->lost);
  seen->mean_ms = sum / n;
  seen->sigma_ms = sqrt (squares / n - seen->mean_ms * seen->mean_ms);
}

static void
seen_clear (Seen *seen)
{
  g_clear_pointer (&seen->due, g_free);
}

static void
test_nothing (void)
{
  Seen seen;

  run ("", 1, EVERY_NS, &seen);
  g_assert_cmpuint (seen.lost, ==, 0);
  g_assert_cmpfloat (seen.most_ms, ==, 0);
  seen_clear (&seen);
}

/* Free to overtake, the spread is the Gaussian's own. */
static void
test_gauss (void)
{
  Seen seen;

  run ("delay=30 jitter=5 reorder=1", 1, EVERY_NS, &seen);
  g_assert_cmpfloat_with_epsilon (seen.mean_ms, 30, 0.05);
  g_assert_cmpfloat_with_epsilon (seen.sigma_ms, 5, 0.05);
  g_assert_cmpuint (seen.reordered, >, N_PACKETS / 4);
  g_assert_cmpfloat (seen.most_ms, >, 30 + 5 * 3.9);
  g_assert_cmpfloat (seen.most_ms, <, 30 + 5 * 6);
  seen_clear (&seen);
}

/* In order: never overtaken, and where packets are too far apart to overtake, the Gaussian again.
 */
static void
test_order (void)
{
  Seen seen;

  run ("delay=15 jitter=5", 1, EVERY_NS, &seen);
  g_assert_cmpuint (seen.reordered, ==, 0);
  g_assert_cmpfloat (seen.mean_ms, >, 16);
  g_assert_cmpfloat (seen.most_ms, <, 15 + 5 * 6);
  seen_clear (&seen);
  run ("delay=30 jitter=5", 1, 100000000, &seen);
  g_assert_cmpfloat_with_epsilon (seen.mean_ms, 30, 0.05);
  g_assert_cmpfloat_with_epsilon (seen.sigma_ms, 5, 0.05);
  seen_clear (&seen);
}

static void
test_loss (void)
{
  static const double losses[] = { 0.5, 1, 5 };

  for (guint i = 0; i < G_N_ELEMENTS (losses); i++) {
    g_autofree char *settings = g_strdup_printf ("loss=%g", losses[i]);
    double part = losses[i] / 100, expected = N_PACKETS * part;
    double bound = 4 * sqrt (N_PACKETS * part * (1 - part));
    Seen seen;

    run (settings, 7 + i, EVERY_NS, &seen);
    g_assert_cmpfloat_with_epsilon (seen.lost, expected, bound);
    /* Independent: mean length of a run of losses is 1 / (1 − p). */
    g_assert_cmpfloat_with_epsilon (seen.lost / (double) seen.bursts, 1 / (1 - part), 0.02);
    seen_clear (&seen);
  }
}

static void
test_bursts (void)
{
  Seen seen;

  run ("burst-loss=2 burst-length=8", 3, EVERY_NS, &seen);
  g_assert_cmpfloat_with_epsilon (100.0 * seen.lost / N_PACKETS, 2, 0.35);
  g_assert_cmpfloat_with_epsilon (seen.lost / (double) seen.bursts, 8, 0.9);
  seen_clear (&seen);
}

/* 750 packets of 200 bytes a second are 1200 kbit/s: half of them fit, the queue is always full. */
static void
test_rate (void)
{
  Seen seen;

  run ("rate=600 queue=20", 3, EVERY_NS, &seen);
  g_assert_cmpfloat_with_epsilon (seen.lost / (double) N_PACKETS, 0.5, 0.01);
  g_assert_cmpfloat_with_epsilon (seen.most_ms, 20 + 8.0 * BYTES / 600, 0.1);
  seen_clear (&seen);
  run ("rate=2400 queue=20", 3, EVERY_NS, &seen);
  g_assert_cmpuint (seen.lost, ==, 0);
  g_assert_cmpfloat_with_epsilon (seen.most_ms, 8.0 * BYTES / 2400, 0.001);
  seen_clear (&seen);
}

static void
test_seed (void)
{
  Seen one, same, other;
  guint equal = 0;

  run ("delay=20 jitter=3 loss=2", 11, EVERY_NS, &one);
  run ("delay=20 jitter=3 loss=2", 11, EVERY_NS, &same);
  run ("delay=20 jitter=3 loss=2", 12, EVERY_NS, &other);
  g_assert_cmpmem (one.due, N_PACKETS * sizeof (gint64), same.due, N_PACKETS * sizeof (gint64));
  for (guint i = 0; i < N_PACKETS; i++)
    equal += one.due[i] == other.due[i];
  g_assert_cmpuint (equal, <, N_PACKETS / 100);
  seen_clear (&one);
  seen_clear (&same);
  seen_clear (&other);
}

static void
test_parse (void)
{
  static const char *const wrong[] = { "delay",    "delay=",    "delay=x",
                                       "delay=-1", "loss=101",  "loss=nan",
                                       "lo=1",     "reorder=2", "burst-length=0" };
  ImpairLine line;

  impair_line_init (&line, 1);
  for (guint i = 0; i < G_N_ELEMENTS (wrong); i++) {
    g_autofree char *word = impair_settings_parse (&line.settings, wrong[i]);

    g_assert_cmpstr (word, ==, wrong[i]);
  }
  g_assert_null (impair_settings_parse (&line.settings, "delay=3  loss=1.5 reorder=1"));
  g_assert_null (impair_settings_parse (&line.settings, "jitter=2"));
  g_assert_cmpfloat (line.settings.delay_ms, ==, 3);
  g_assert_cmpfloat (line.settings.jitter_ms, ==, 2);
  g_assert_cmpfloat (line.settings.loss, ==, 1.5);
  g_assert_true (line.settings.reorder);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/impair/nothing", test_nothing);
  g_test_add_func ("/impair/gauss", test_gauss);
  g_test_add_func ("/impair/order", test_order);
  g_test_add_func ("/impair/loss", test_loss);
  g_test_add_func ("/impair/bursts", test_bursts);
  g_test_add_func ("/impair/rate", test_rate);
  g_test_add_func ("/impair/seed", test_seed);
  g_test_add_func ("/impair/parse", test_parse);

  return g_test_run ();
}
