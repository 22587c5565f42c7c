/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#include "playout-sim.h"
#include "tutti-clock.h"
#include "tutti-codec.h"
#include "tutti-rtp.h"

#define N_CYCLES 6000
#define PERIOD   G_GINT64_CONSTANT (1333333)

/* All three threads at once, without mercy: the lanes push, the worker decodes ahead in a tight
 * loop, the real-time side reads cycles as fast as it can. Whoever meets the other at the decoder
 * goes without; nothing may wait, tear or break. Run under the thread sanitizer, too. */
typedef struct {
  TuttiPlayout *playout;
  _Atomic guint64 cycle;
  _Atomic gboolean done;
  guint64 decoded;
} Stress;

static gpointer
push_packets (gpointer data)
{
  Stress *stress = data;
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 64000 };
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  guint8 payload[200], packet[220];
  float pcm[120];

  for (guint i = 0; !atomic_load (&stress->done); i++) {
    TuttiRtp rtp = { .payload_type = SIM_PAYLOAD_TYPE,
                     .sequence = (guint16) i,
                     .timestamp = i * 120,
                     .payload = payload };
    guint64 due = (guint64) (i + 1) * 120 / 64;

    for (guint k = 0; k < 120; k++)
      pcm[k] = 0.25f * (float) sin (2 * G_PI * 440 * (i * 120.0 + k) / 48000);
    rtp.payload_size = (gsize) encoder->klass->encode (encoder, pcm, payload, sizeof payload);
    while (atomic_load (&stress->cycle) < due && !atomic_load (&stress->done))
      g_thread_yield ();
    tutti_playout_push (stress->playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp),
                        (gint64) atomic_load (&stress->cycle) * PERIOD);
  }
  return NULL;
}

static gpointer
decode_ahead (gpointer data)
{
  Stress *stress = data;

  while (!atomic_load (&stress->done))
    if (tutti_playout_decode_ahead (stress->playout))
      stress->decoded++;
  return NULL;
}

static gpointer
read_stats (gpointer data)
{
  Stress *stress = data;
  guint64 last = 0;

  while (!atomic_load (&stress->done)) {
    TuttiRemoteStats stats = { 0 };

    tutti_playout_get_stats (stress->playout, &stats);
    g_assert_cmpuint (stats.received, >=, last);
    last = stats.received;
    tutti_playout_set_bias (stress->playout, (float) (last % 10) / 10);
    g_usleep (200);
  }
  return NULL;
}

static void
test_stress (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 64000 };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
  Stress stress = { .playout = playout };
  TuttiRemoteStats stats = { 0 };
  GThread *threads[3] = { g_thread_new ("lane", push_packets, &stress),
                          g_thread_new ("worker", decode_ahead, &stress),
                          g_thread_new ("stats", read_stats, &stress) };
  float out[64], last = 0, step = 0;
  float *planes[1] = { out };
  double energy = 0;
  gint64 start = g_get_monotonic_time ();

  for (guint64 c = 0; c < N_CYCLES; c++) {
    atomic_store (&stress.cycle, c);
    tutti_playout_process (playout, planes, 64, (gint64) c * PERIOD);
    for (guint i = 0; i < 64; i++) {
      g_assert_true (isfinite (out[i]) && fabsf (out[i]) < 0.6f);
      step = fmaxf (step, fabsf (out[i] - last));
      last = out[i];
      energy += out[i] * out[i];
    }
    /* A breath, so that on few cores the others get a turn. */
    g_usleep (20);
  }
  atomic_store (&stress.done, TRUE);
  for (guint i = 0; i < 3; i++)
    g_thread_join (threads[i]);
  tutti_playout_get_stats (playout, &stats);
  g_test_message ("%.2f s, %" G_GUINT64_FORMAT " received, %" G_GUINT64_FORMAT
                  " decoded ahead, %" G_GUINT64_FORMAT " misses, biggest step %.3f, RMS %.3f",
                  (double) (g_get_monotonic_time () - start) / 1e6, stats.received, stress.decoded,
                  tutti_playout_get_misses (playout), step, sqrt (energy / (64.0 * N_CYCLES)));
  g_assert_cmpuint (stats.received, >, 1000);
  g_assert_cmpuint (stats.malformed, ==, 0);
  /* Even a miss is no click: 440 Hz at 0.25 moves 0.0144 a sample. */
  g_assert_cmpfloat (step, <, 0.05f);
}

/* The lease is held while sound is due: bridged without a step, counted, and the delay is as
 * before afterwards. */
static void
test_miss (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 128000 };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, SIM_PAYLOAD_TYPE, NULL);
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
  TuttiRemoteStats before = { 0 }, after = { 0 };
  float out[64], last = 0, step = 0;
  float *planes[1] = { out };
  guint sent = 0;
  double change;

  for (guint c = 0; c < 5000; c++) {
    gboolean hold = c >= 1500 && c < 1520;

    for (; (sent + 1) * 120 <= c * 64; sent++) {
      guint8 payload[200], packet[220];
      float pcm[120];
      TuttiRtp rtp = { .payload_type = SIM_PAYLOAD_TYPE,
                       .sequence = (guint16) sent,
                       .timestamp = sent * 120,
                       .payload = payload };

      for (guint k = 0; k < 120; k++)
        pcm[k] = 0.25f * (float) sin (2 * G_PI * 440 * (sent * 120.0 + k) / 48000);
      rtp.payload_size = (gsize) encoder->klass->encode (encoder, pcm, payload, sizeof payload);
      tutti_playout_push (playout, 0, packet, tutti_rtp_write (packet, sizeof packet, &rtp),
                          c * PERIOD);
    }
    if (c == 1500)
      tutti_playout_get_stats (playout, &before);
    if (hold)
      g_assert_true (tutti_playout_try_lease (playout));
    tutti_playout_process (playout, planes, 64, c * PERIOD);
    if (hold)
      tutti_playout_release_lease (playout);
    for (guint i = 0; i < 64 && c > 750; i++)
      step = fmaxf (step, fabsf (out[i] - last)), last = out[i];
    last = out[63];
  }
  tutti_playout_get_stats (playout, &after);
  change = (double) (after.playback_ns - before.playback_ns) * 48e-6 -
           (gint32) (after.rtp_timestamp - before.rtp_timestamp);
  g_test_message ("%" G_GUINT64_FORMAT " misses, biggest step %.3f, delay moved by %.1f samples",
                  tutti_playout_get_misses (playout), step, change);
  g_assert_cmpuint (tutti_playout_get_misses (playout), >=, 18);
  g_assert_cmpuint (tutti_playout_get_misses (playout), <=, 20);
  g_assert_cmpfloat (step, <, 0.03f);
  g_assert_cmpfloat (fabs (change), <, 12);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/playout/threads", test_stress);
  g_test_add_func ("/playout/miss", test_miss);
  return g_test_run ();
}
