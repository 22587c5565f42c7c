/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-arrival.h"
#include "tutti-frame-store.h"
#include "tutti-loss-ledger.h"
#include "tutti-playout-private.h"
#include "tutti-sequence.h"

static TuttiFrameResult
insert (TuttiFrameStore *store,
        gint64 timestamp,
        guint8 kind,
        gboolean is_copy,
        const guint8 *payload,
        guint size)
{
  TuttiFrame frame = { .timestamp = timestamp,
                       .duration = 120,
                       .kind = kind,
                       .is_copy = is_copy,
                       .size = (guint16) size };

  return tutti_frame_store_insert (store, &frame, payload);
}

static void
test_order (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  TuttiFrameStore store;

  tutti_frame_store_init (&store);
  g_assert_null (tutti_frame_store_nth (&store, 0));
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

      g_assert_cmpint (insert (&store, timestamp, 1, FALSE, &order[i], 1), <=,
                       TUTTI_FRAME_REORDERED);
      g_assert_cmpint (insert (&store, timestamp, 1, FALSE, &order[i], 1), ==,
                       TUTTI_FRAME_DUPLICATE);
    }
    for (guint i = 0; i < 8; i++) {
      const TuttiFrame *head = tutti_frame_store_nth (&store, 0);

      g_assert_cmpint (head->timestamp, ==, (block * 8 + i) * 120 - 5000);
      g_assert_cmpuint (head->payload[0], ==, i);
      tutti_frame_store_remove (&store, 0);
    }
  }
  g_assert_null (tutti_frame_store_nth (&store, 0));
  tutti_frame_store_clear (&store);
}

/* Frames of other kinds are others; an original takes its copy's place; any may be removed. */
static void
test_kinds (void)
{
  TuttiFrameStore store;
  const guint8 payload[2] = { 3, 4 };

  tutti_frame_store_init (&store);
  g_assert_cmpint (insert (&store, 100, 1, TRUE, payload, 2), ==, TUTTI_FRAME_STORED);
  g_assert_cmpint (insert (&store, 100, 2, FALSE, payload, 2), ==, TUTTI_FRAME_STORED);
  g_assert_cmpint (insert (&store, 100, 1, TRUE, payload, 2), ==, TUTTI_FRAME_DUPLICATE);
  g_assert_cmpint (insert (&store, 100, 1, FALSE, payload, 2), ==, TUTTI_FRAME_ORIGINAL);
  g_assert_cmpint (insert (&store, 100, 1, FALSE, payload, 2), ==, TUTTI_FRAME_DUPLICATE);
  g_assert_cmpint (insert (&store, 40, 2, FALSE, payload, 2), ==, TUTTI_FRAME_REORDERED);
  g_assert_cmpint (insert (&store, 160, 2, TRUE, payload, 2), ==, TUTTI_FRAME_STORED);
  g_assert_false (tutti_frame_store_nth (&store, 1)->is_copy);
  tutti_frame_store_remove (&store, 1);
  g_assert_cmpint (tutti_frame_store_nth (&store, 0)->timestamp, ==, 40);
  g_assert_cmpint (tutti_frame_store_nth (&store, 1)->kind, ==, 2);
  g_assert_cmpint (tutti_frame_store_nth (&store, 1)->timestamp, ==, 100);
  g_assert_cmpint (tutti_frame_store_nth (&store, 2)->timestamp, ==, 160);
  g_assert_true (tutti_frame_store_nth (&store, 2)->is_copy);
  g_assert_null (tutti_frame_store_nth (&store, 3));
  tutti_frame_store_clear (&store);
}

static void
test_full_store (void)
{
  TuttiFrameStore store;
  guint8 payload[TUTTI_FRAME_STORE_PAYLOAD + 1] = { 0 };

  tutti_frame_store_init (&store);
  for (gint64 i = TUTTI_FRAME_STORE_SLOTS; i > 0; i--)
    g_assert_cmpint (insert (&store, i, 1, FALSE, payload, 9), ==,
                     i == TUTTI_FRAME_STORE_SLOTS ? TUTTI_FRAME_STORED : TUTTI_FRAME_REORDERED);
  g_assert_cmpint (insert (&store, 0, 1, FALSE, payload, 9), ==, TUTTI_FRAME_REFUSED);
  tutti_frame_store_empty (&store);
  g_assert_null (tutti_frame_store_nth (&store, 0));
  g_assert_cmpint (insert (&store, 0, 1, FALSE, payload, sizeof payload), ==, TUTTI_FRAME_REFUSED);
  g_assert_cmpint (insert (&store, 0, 1, FALSE, payload, sizeof payload - 1), ==,
                   TUTTI_FRAME_STORED);
  tutti_frame_store_clear (&store);
}

/* Timestamps in any order cost a bounded number of steps each, however full it is. */
static void
test_flood (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  TuttiFrameStore store;
  const guint8 payload[2] = { 1, 2 };
  guint64 most = 0;

  tutti_frame_store_init (&store);
  for (guint i = 0; i < 20000; i++) {
    gint64 timestamp = i % 4 == 0 ? -(gint64) i : g_rand_int_range (rand, -48000, 48000);
    guint64 before = store.n_steps;

    insert (&store, timestamp, (guint8) (i % 2), FALSE, payload, 2);
    most = MAX (most, store.n_steps - before);
    for (guint k = 1; i % 100 == 0 && tutti_frame_store_nth (&store, k) != NULL; k++)
      g_assert_cmpint (tutti_frame_store_nth (&store, k - 1)->timestamp, <=,
                       tutti_frame_store_nth (&store, k)->timestamp);
    if (store.n_used == TUTTI_FRAME_STORE_SLOTS)
      tutti_frame_store_remove (&store, (guint) g_rand_int_range (rand, 0, 512));
  }
  g_test_message ("%u steps at most", (guint) most);
  g_assert_cmpuint (most, >, 100);
  g_assert_cmpuint (most, <=, TUTTI_FRAME_STORE_SLOTS / 2 + 10);
  tutti_frame_store_clear (&store);
}

/* Packets every 2.5 ms from @from to @to (s), which need @usual; some need more. */
static void
arrive (TuttiArrival *arrival, double from, double to, double usual)
{
  for (double t = from; t < to; t += 0.0025)
    tutti_arrival_add (arrival, usual, t * 48000);
}

#define NEED(bias, seconds) tutti_arrival_need (arrival, bias, 0, (seconds) * 48000)

/* Two packets that overslept are not waited for where nothing else happens; three within two
 * seconds are. */
static void
test_single (void)
{
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);

  g_assert_true (tutti_arrival_is_empty (arrival));
  /* Timestamps may begin anywhere, 4 billion included. */
  arrive (arrival, 0, 5, -4.2e9);
  tutti_arrival_add (arrival, -4.2e9 + 5000, 5 * 48000);
  arrive (arrival, 5, 6, -4.2e9);
  g_assert_cmpfloat (NEED (0.5f, 6), ==, -4.2e9);
  /* Safe waits for every one, for a while. */
  g_assert_cmpfloat (NEED (1, 6), >=, -4.2e9 + 5000);
  tutti_arrival_add (arrival, -4.2e9 + 4000, 6 * 48000);
  g_assert_cmpfloat (NEED (0.5f, 6), ==, -4.2e9);
  arrive (arrival, 6, 6.2, -4.2e9);
  tutti_arrival_add (arrival, -4.2e9 + 3000, 6.2 * 48000);
  g_assert_cmpfloat (NEED (0.5f, 6.2), >=, -4.2e9 + 3000);
  arrive (arrival, 6.2, 9, -4.2e9);
  g_assert_cmpfloat (NEED (0.5f, 9), ==, -4.2e9);
  g_assert_cmpfloat (tutti_arrival_minimum (arrival), ==, -4.2e9);
}

/* A stall every five seconds is waited for from the fifth on, and forgotten when they end. */
static void
test_recurring (void)
{
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);

  for (guint i = 0; i < 8; i++) {
    g_assert_cmpfloat (NEED (0.5f, i * 5), ==, i < 5 ? 0 : 2400);
    tutti_arrival_add (arrival, 2400, i * 5 * 48000 + 48);
    arrive (arrival, i * 5 + 0.001, i * 5 + 5, 0);
  }
  arrive (arrival, 40, 44, 0);
  g_assert_cmpfloat (NEED (0.5f, 44), ==, 2400);
  arrive (arrival, 44, 47, 0);
  g_assert_cmpfloat (NEED (0.5f, 47), ==, 0);
}

/* Another road is known within 15 ms, a stall (all come at once) does not look like one. */
static void
test_road (void)
{
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);

  arrive (arrival, 0, 5, 100);
  g_assert_cmpfloat (NEED (0.5f, 5), ==, 100);
  for (guint i = 0; i < 20; i++)
    tutti_arrival_add (arrival, 100 + 120 * (20 - i), 5 * 48000);
  g_assert_cmpfloat (NEED (0.5f, 5), ==, 100);
  arrive (arrival, 5.001, 8, 100);
  arrive (arrival, 8, 8.015, 1500);
  g_assert_cmpfloat (NEED (0.5f, 8.015), ==, 1500);
  /* Back on the shorter one: within two seconds. */
  arrive (arrival, 8.015, 10.2, 100);
  g_assert_cmpfloat (NEED (0.5f, 10.2), ==, 100);
}

static void
test_extremes (void)
{
  g_autofree TuttiArrival *arrival = g_new0 (TuttiArrival, 1);

  tutti_arrival_add (arrival, 1000, 0);
  /* Absurdly late: as late as can be told. */
  tutti_arrival_add (arrival, 1e12, 1);
  g_assert_cmpfloat (NEED (1, 0), <=, 1000 + 16384);
  /* Absurdly early: everything before is forgotten. */
  tutti_arrival_add (arrival, -1e12, 2);
  g_assert_cmpfloat (NEED (1, 0), ==, -1e12);
  /* Whatever comes, what is asked for lies between what was. */
  for (guint i = 0; i < 20000; i++) {
    tutti_arrival_add (arrival, -1e12 + i * 2654435761u % 9000, 3 + i * 100.0);
    g_assert_cmpfloat (NEED ((float) (i % 11) / 10, (3 + i * 100.0) / 48000), >=, -1e12);
    g_assert_cmpfloat (NEED ((float) (i % 11) / 10, (3 + i * 100.0) / 48000), <=, -1e12 + 16384);
    g_assert_true (isfinite (tutti_arrival_spread (arrival)));
  }
}

static guint
run (TuttiSequence *sequence, guint from, guint to)
{
  guint missing = 0;

  for (guint i = from; i < to; i++)
    missing += tutti_sequence_add (sequence, 7, (guint16) i);
  return missing;
}

/* What is missing is given up when 256 later packets came; the wraparound is none of it, and
 * neither is a sender that starts anew. */
static void
test_sequence (void)
{
  TuttiSequence sequence = { 0 };

  g_assert_cmpuint (run (&sequence, 65000, 66000), ==, 0);
  g_assert_cmpuint (run (&sequence, 66003, 66256), ==, 0);
  g_assert_cmpuint (tutti_sequence_add (&sequence, 7, (guint16) 66001), ==, 0);
  g_assert_cmpuint (run (&sequence, 66256, 66600), ==, 2);
  /* Lost, then repeated: not found again. */
  g_assert_cmpuint (tutti_sequence_add (&sequence, 7, (guint16) 66599), ==, 0);
  g_assert_cmpuint (tutti_sequence_add (&sequence, 7, 10), ==, 0);
  g_assert_cmpuint (run (&sequence, 66600, 67000), ==, 0);
  /* An outage */
  g_assert_cmpuint (run (&sequence, 68000, 68256), ==, 1000);
  g_assert_cmpuint (tutti_sequence_add (&sequence, 8, 5), ==, 0);
  g_assert_cmpuint (tutti_sequence_add (&sequence, 8, 30000), ==, 0);
  g_assert_cmpuint (tutti_sequence_add (&sequence, 8, 30001), ==, 0);
}

static void
test_ledger (void)
{
  g_autofree TuttiLossLedger *ledger = g_new0 (TuttiLossLedger, 1);
  guint lost = 0;

  g_assert_false (tutti_loss_ledger_arrived (ledger, 0, 120));
  tutti_loss_ledger_missing (ledger, 1000, 1070, 120);
  tutti_loss_ledger_missing (ledger, 1070, 1240, 120);
  tutti_loss_ledger_missing (ledger, 2000, 2360, 120);
  /* Late, once. */
  g_assert_true (tutti_loss_ledger_is_missing (ledger, 1120));
  g_assert_true (tutti_loss_ledger_arrived (ledger, 1120, 1240));
  g_assert_false (tutti_loss_ledger_is_missing (ledger, 1120));
  g_assert_false (tutti_loss_ledger_arrived (ledger, 1120, 1240));
  g_assert_false (tutti_loss_ledger_arrived (ledger, 880, 1000));
  /* In the middle */
  g_assert_true (tutti_loss_ledger_arrived (ledger, 2120, 2240));
  g_assert_true (tutti_loss_ledger_is_missing (ledger, 2119));
  g_assert_true (tutti_loss_ledger_is_missing (ledger, 2240));
  g_assert_false (tutti_loss_ledger_is_missing (ledger, 2360));
  /* Lost after a second, and not before. */
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1120 + 48000), ==, 0);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1121 + 48000), ==, 1);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 1000000), ==, 2);
  /* Never sent, known before or after. */
  tutti_loss_ledger_missing (ledger, 2000000, 2000120, 120);
  tutti_loss_ledger_pause (ledger, 2000000, 2010000);
  tutti_loss_ledger_missing (ledger, 2000120, 2000240, 120);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 3000000), ==, 0);
  /* A pause that is no whole number of frames, and the next one known before its part was due:
   * what comes after them in time is neither late nor lost, ... */
  tutti_loss_ledger_missing (ledger, 3000000, 3000128, 120);
  tutti_loss_ledger_pause (ledger, 3000000, 3000184);
  tutti_loss_ledger_pause (ledger, 3000304, 3000350);
  tutti_loss_ledger_missing (ledger, 3000128, 3000184, 120);
  g_assert_false (tutti_loss_ledger_is_missing (ledger, 3000184));
  g_assert_false (tutti_loss_ledger_arrived (ledger, 3000184, 3000304));
  tutti_loss_ledger_missing (ledger, 3000304, 3000350, 120);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 4000000), ==, 0);
  /* ... what comes too late is late, and what is lost behind it is lost. */
  tutti_loss_ledger_missing (ledger, 4000000, 4000320, 120);
  tutti_loss_ledger_pause (ledger, 4000000, 4000184);
  g_assert_true (tutti_loss_ledger_arrived (ledger, 4000184, 4000304));
  tutti_loss_ledger_missing (ledger, 4000320, 4000664, 120);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 4100000), ==, 3);
  /* Of several frames that were missed at once some were never sent. */
  tutti_loss_ledger_missing (ledger, 4500000, 4500600, 120);
  tutti_loss_ledger_pause (ledger, 4500000, 4500370);
  g_assert_cmpuint (tutti_loss_ledger_expire (ledger, 4600000), ==, 2);
  /* More than it can hold: the oldest are lost. */
  for (guint i = 0; i < TUTTI_LOSS_LEDGER_SIZE + 10; i++)
    lost += tutti_loss_ledger_missing (ledger, 5000000 + i * 240, 5000120 + i * 240, 120);
  g_assert_cmpuint (lost, ==, 10);
  /* No place for the other half of one that is split: it is forgotten. */
  g_assert_true (tutti_loss_ledger_arrived (ledger, 5002440, 5002460));
  g_assert_false (tutti_loss_ledger_is_missing (ledger, 5002470));
}

/* Packets that each look through the whole ledger: the cycle ends, and the rest waits. */
static void
test_work (void)
{
  TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_RAW, .frame_samples = 64, .channels = 1, .framed = TRUE, .bits = 16
  };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, 100, NULL);
  float out[64];
  float *planes[1] = { out };
  guint64 before, steps;

  tutti_playout_process (playout, planes, 64, 0);
  for (guint i = 0; i < TUTTI_LOSS_LEDGER_SIZE; i++)
    tutti_loss_ledger_missing (&playout->ledger, 200000 + 30 * i, 200001 + 30 * i, 1);
  for (guint16 i = 0; i < 160; i++) {
    guint8 data[200], packet[300], sound[128] = { 0 };
    TuttiPayload payload = { .wire = TUTTI_WIRE_RAW,
                             .frame_samples = 64,
                             .channels = 1,
                             .bits = 16,
                             .size = sizeof sound,
                             .frames = { sound } };
    TuttiRtp rtp = {
      .payload_type = 100, .sequence = i, .timestamp = 200000 + i * 65u, .payload = data
    };

    rtp.payload_size = tutti_payload_write (&payload, data, sizeof data);
    g_assert_true (
        tutti_playout_push (playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp), 0));
  }
  before = playout->ledger.n_steps + playout->store.n_steps;
  tutti_playout_process (playout, planes, 64, 1333333);
  steps = playout->ledger.n_steps + playout->store.n_steps - before;
  g_test_message ("%u packets, %u steps", (guint) playout->stats.received, (guint) steps);
  g_assert_cmpuint (steps, >=, 60000);
  g_assert_cmpuint (steps, <, 70000);
  g_assert_cmpuint (playout->stats.received, <, 160);
  tutti_playout_process (playout, planes, 64, 2666667);
  g_assert_cmpuint (playout->stats.received, ==, 160);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/store/order", test_order);
  g_test_add_func ("/store/kinds", test_kinds);
  g_test_add_func ("/store/full", test_full_store);
  g_test_add_func ("/store/flood", test_flood);
  g_test_add_func ("/arrival/single", test_single);
  g_test_add_func ("/arrival/recurring", test_recurring);
  g_test_add_func ("/arrival/road", test_road);
  g_test_add_func ("/arrival/extremes", test_extremes);
  g_test_add_func ("/sequence/missing", test_sequence);
  g_test_add_func ("/ledger/counts", test_ledger);
  g_test_add_func ("/store/work", test_work);
  return g_test_run ();
}
