/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Packets that no friend sends. */

#include "playout-sim.h"
#include "tutti-rtp.h"

#include <math.h>

static TuttiPlayout *
quiet_playout (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 2, 128000 };

  return tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
}

/* Foreign bytes in every form: counted, never heard, and the stream goes on. */
static void
test_garbage (void)
{
  g_autoptr (TuttiPlayout) playout = quiet_playout ();
  g_autoptr (GRand) rand = g_rand_new_with_seed (11);
  TuttiRemoteStats stats = { 0 };
  float left[64], right[64];
  float *planes[2] = { left, right };

  for (guint round = 0; round < 4000; round++) {
    for (guint k = 0; k < 3; k++) {
      guint8 packet[300], payload[280];
      gsize size = (gsize) g_rand_int_range (rand, 0, sizeof payload);
      TuttiRtp rtp = { .payload_type = k == 1 ? 5 : SIM_PAYLOAD_TYPE,
                       .payload = payload,
                       .sequence = (guint16) g_rand_int (rand),
                       .payload_size = size,
                       .timestamp = k == 0 ? round * 64 : g_rand_int (rand) };

      for (gsize i = 0; i < sizeof payload; i++)
        payload[i] = (guint8) g_rand_int (rand);
      size = tutti_rtp_write (packet, sizeof packet, &rtp);
      if (k == 2)
        packet[g_rand_int_range (rand, 0, (gint32) size)] ^= (guint8) g_rand_int (rand);
      tutti_playout_push (playout, k % 2, packet, size, round * G_GINT64_CONSTANT (1333333));
    }
    if (tutti_playout_process (playout, planes, 64, round * G_GINT64_CONSTANT (1333333)))
      tutti_playout_decode_ahead (playout);
    for (guint i = 0; i < 64; i++)
      g_assert_true (isfinite (left[i]) && isfinite (right[i]));
  }
  tutti_playout_get_stats (playout, &stats);
  g_assert_cmpuint (stats.received, ==, 12000);
  g_assert_cmpuint (stats.malformed, >, 4000);
}

/* Full lanes drop, and say so; packets older than the graph's first cycle do no harm. */
static void
test_flood (void)
{
  g_autoptr (TuttiPlayout) playout = quiet_playout ();
  TuttiRemoteStats stats = { 0 };
  guint8 packet[64] = { 0x80, SIM_PAYLOAD_TYPE };
  float left[64], right[64];
  float *planes[2] = { left, right };
  guint taken = 0;

  for (guint i = 0; i < 10000; i++)
    taken += tutti_playout_push (playout, 0, packet, 12, i) ? 1 : 0;
  g_assert_cmpuint (taken, >, 128);
  g_assert_cmpuint (taken, <, 10000);
  tutti_playout_process (playout, planes, 64, G_GINT64_CONSTANT (1000000000));
  tutti_playout_get_stats (playout, &stats);
  /* No more than a cycle can bear, the rest in later ones. */
  g_assert_cmpuint (stats.received, ==, 160);
  for (guint i = 1; i <= taken / 160; i++)
    tutti_playout_process (playout, planes, 64, G_GINT64_CONSTANT (1000000000) + i * 1333333);
  tutti_playout_get_stats (playout, &stats);
  g_assert_cmpuint (stats.received, ==, taken);
  g_assert_cmpuint (stats.malformed, ==, taken);
  g_assert_true (tutti_playout_push (playout, 0, packet, 12, 0));
  g_assert_cmpfloat (left[0], ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/playout/hostile/garbage", test_garbage);
  g_test_add_func ("/playout/hostile/flood", test_flood);
  return g_test_run ();
}
