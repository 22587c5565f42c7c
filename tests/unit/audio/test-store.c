/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-arrival.h"
#include "tutti-frame-store.h"
#include "tutti-loss-ledger.h"

static void
test_order (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  TuttiFrameStore store;

  tutti_frame_store_init (&store);
  g_assert_null (tutti_frame_store_head (&store));
  /* Shuffled blocks of eight, for longer than the memory: out they come in order. */
  for (gint64 block = 0; block < 200; block++) {
    guint8 order[8] = { 0, 1, 2, 3, 4, 5, 6, 7 };

    for (guint i = 7; i > 0; i--) {
      guint k = (guint) g_rand_int_range (rand, 0, (gint32) i + 1);
      guint8 swap = order[i];

      order[i] = order[k];
      order[k] = swap;
    }
    for (guint i = 0; i < 8; i++) {
      gint64 timestamp = (block * 8 + order[i]) * 120 - 5000;

      g_assert_cmpint (tutti_frame_store_insert (&store, timestamp, 120, &order[i], 1), <=,
                       TUTTI_FRAME_REORDERED);
      g_assert_cmpint (tutti_frame_store_insert (&store, timestamp, 120, &order[i], 1), ==,
                       TUTTI_FRAME_DUPLICATE);
    }
    for (guint i = 0; i < 8; i++) {
      const TuttiFrame *head = tutti_frame_store_head (&store);

      g_assert_cmpint (head->timestamp, ==, (block * 8 + i) * 120 - 5000);
      g_assert_cmpuint (head->payload[0], ==, i);
      tutti_frame_store_pop (&store);
    }
  }
  g_assert_null (tutti_frame_store_head (&store));
  tutti_frame_store_clear (&store);
}

static void
test_full_store (void)
{
  TuttiFrameStore store;
  guint8 payload[TUTTI_FRAME_STORE_PAYLOAD + 1] = { 0 };

  tutti_frame_store_init (&store);
  for (gint64 i = TUTTI_FRAME_STORE_SLOTS; i > 0; i--)
    g_assert_cmpint (tutti_frame_store_insert (&store, i, 1, payload, 9), ==,
                     i == TUTTI_FRAME_STORE_SLOTS ? TUTTI_FRAME_STORED : TUTTI_FRAME_REORDERED);
  g_assert_cmpint (tutti_frame_store_insert (&store, 0, 1, payload, 9), ==, TUTTI_FRAME_REFUSED);
  tutti_frame_store_empty (&store);
  g_assert_null (tutti_frame_store_head (&store));
  g_assert_cmpint (tutti_frame_store_insert (&store, 0, 1, payload, sizeof payload), ==,
                   TUTTI_FRAME_REFUSED);
  g_assert_cmpint (tutti_frame_store_insert (&store, 0, 1, payload, sizeof payload - 1), ==,
                   TUTTI_FRAME_STORED);
  tutti_frame_store_clear (&store);
}

/* Against the plain definition: sort what is in the window. */
static int
by_value (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static void
test_quantile (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < 6000; i++) {
    /* Timestamps may begin anywhere, 4 billion included. */
    double transit = -4.2e9 + g_rand_double (rand) * (i / 2000 == 1 ? 4000 : 300);
    guint from = i >= 800 ? i - 800 : 0;
    double share = 0.005;

    tutti_arrival_add (arrival, transit, i * 120.0);
    g_array_append_val (all, transit);
    if (i % 97 == 0) {
      g_autoptr (GArray) window = g_array_new (FALSE, FALSE, sizeof (double));
      guint n = i + 1 - from;
      double expected;

      g_array_append_vals (window, &g_array_index (all, double, from), n);
      g_array_sort (window, by_value);
      expected = g_array_index (window, double, n - 1 - (guint) (share * n));
      g_assert_cmpuint (tutti_arrival_count (arrival), ==, n);
      g_assert_cmpfloat_with_epsilon (tutti_arrival_quantile (arrival, share), expected, 4.01);
      g_assert_cmpfloat_with_epsilon (tutti_arrival_minimum (arrival),
                                      g_array_index (window, double, 0), 4.01);
    }
  }
}

static void
test_extremes (void)
{
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);

  tutti_arrival_add (arrival, 1000, 0);
  /* Absurdly late: as late as can be told. */
  tutti_arrival_add (arrival, 1e12, 1);
  g_assert_cmpfloat (tutti_arrival_quantile (arrival, 0), <=, 1000 + 4096 * 4);
  /* Absurdly early: everything before is forgotten. */
  tutti_arrival_add (arrival, -1e12, 2);
  g_assert_cmpuint (tutti_arrival_count (arrival), ==, 1);
  g_assert_cmpfloat (tutti_arrival_quantile (arrival, 0), <, -1e11);
  /* More than the window holds. */
  for (guint i = 0; i < 5000; i++)
    tutti_arrival_add (arrival, i % 7, 3);
  g_assert_cmpuint (tutti_arrival_count (arrival), ==, TUTTI_ARRIVAL_WINDOW);
  /* Two seconds of nothing. */
  tutti_arrival_add (arrival, 50, 1e6);
  g_assert_cmpuint (tutti_arrival_count (arrival), ==, 1);
  g_assert_cmpfloat_with_epsilon (tutti_arrival_minimum (arrival), 50, 4);
}

static void
test_ledger (void)
{
  g_autofree TuttiLossLedger *ledger = g_new0 (TuttiLossLedger, 1);
  guint lost = 0;

  g_assert_false (tutti_loss_ledger_arrived (ledger, 0));
  tutti_loss_ledger_missing (ledger, 1000, 1120, 1);
  tutti_loss_ledger_missing (ledger, 1120, 1240, 1);
  tutti_loss_ledger_missing (ledger, 2000, 2360, 3);
  /* Late, once. */
  g_assert_true (tutti_loss_ledger_arrived (ledger, 1120));
  g_assert_false (tutti_loss_ledger_arrived (ledger, 1120));
  g_assert_false (tutti_loss_ledger_arrived (ledger, 999));
  g_assert_true (tutti_loss_ledger_arrived (ledger, 2120));
  /* Lost after a second, and not before. */
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1120 + 48000), ==, 0);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1121 + 48000), ==, 1);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1000000), ==, 2);
  /* Never sent, known before or after. */
  tutti_loss_ledger_missing (ledger, 2000000, 2000120, 1);
  tutti_loss_ledger_pause (ledger, 2000000, 2010000);
  tutti_loss_ledger_missing (ledger, 2000120, 2000240, 1);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 3000000), ==, 0);
  /* More than it can hold: the oldest are lost. */
  for (guint i = 0; i < TUTTI_LOSS_LEDGER_SIZE + 10; i++)
    lost += tutti_loss_ledger_missing (ledger, 4000000 + i * 120, 4000120 + i * 120, 1);
  g_assert_cmpuint (lost, ==, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/order", test_order);
  g_test_add_func ("/store/full", test_full_store);
  g_test_add_func ("/arrival/quantile", test_quantile);
  g_test_add_func ("/arrival/extremes", test_extremes);
  g_test_add_func ("/ledger/counts", test_ledger);
  return g_test_run ();
}
