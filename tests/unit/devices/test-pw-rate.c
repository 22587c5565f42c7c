/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Devices and graphs of another rate than 48 kHz, against a real daemon that is set so. The test
 * stands where the engine stands: it keeps what it hears and plays a tone. */

#include "pw-node-rig.h"
#include "pw-peer.h"
#include "tutti-clock.h"
#include "tutti-thread.h"

#include <math.h>

#define FEED_PEAK 0.5f
#define PLAY_PEAK 0.25f
#define PLAY_HZ   1000

static PwServer *server;

struct _TuttiAudioEngine {
  guint wrong_rate; /* calls at another rate than 48 kHz */
  guint too_long;
  guint bad_clock; /* cycles whose time was not within 100 ms of now */
  guint64 n_played;
  guint64 next_position;
  PwTake heard;
};

void
tutti_audio_engine_process (TuttiAudioEngine *self,
                            const float *const *in,
                            guint n_in,
                            float *const *out,
                            guint n_out,
                            guint n_frames,
                            guint rate,
                            gint64 cycle_ns,
                            guint64 position)
{
  if (rate != TUTTI_SAMPLE_RATE) {
    g_atomic_int_inc (&self->wrong_rate);
    return;
  }
  if (n_frames > TUTTI_MAX_QUANTUM)
    g_atomic_int_inc (&self->too_long);
  if (ABS (tutti_clock_now_ns () - cycle_ns) > 100 * TUTTI_NSEC_PER_MSEC)
    g_atomic_int_inc (&self->bad_clock);
  pw_take_add (&self->heard, n_in > 0 ? in[0] : NULL, n_frames, position);
  for (guint i = 0; i < n_frames; i++) {
    guint64 k = (self->n_played + i) % TUTTI_SAMPLE_RATE;
    float value = PLAY_PEAK * (float) sin (2 * G_PI * PLAY_HZ * (double) k / TUTTI_SAMPLE_RATE);

    for (guint c = 0; c < n_out; c++)
      if (out[c] != NULL)
        out[c][i] = value;
  }
  self->n_played += n_frames;
}

typedef struct {
  TuttiAudioEngine engine;
  PwNodeRig base;
  PwPeer *peer;
} Rig;

static gboolean
has_rate (TuttiPwNode *node)
{
  return pw_get_uint (node, "rate") != 0;
}

static gboolean
runs_48000 (TuttiPwNode *node)
{
  return pw_get_uint (node, "rate") == 48000;
}

static gboolean
peer_hears (Rig *rig)
{
  return rig->peer->heard_peak[0] > PLAY_PEAK / 2;
}

static Rig *
rig_new (guint quantum)
{
  Rig *rig = g_new0 (Rig, 1);

  pw_node_rig_start (&rig->base, server, &rig->engine, quantum);
  WAIT_FOR (pw_node_rig_is_linked, &rig->base);
  rig->peer = pw_peer_new (tutti_pw_connection_get_core (rig->base.connection), FEED_PEAK, 0);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  WAIT_FOR (peer_hears, rig);
  return rig;
}

static void
rig_free (Rig *rig)
{
  pw_peer_free (rig->peer);
  pw_node_rig_stop (&rig->base);
  g_free (rig);
}

static void
check_take (const PwTake *take, guint rate, double wanted_peak, const char *what)
{
  double cents, peak, rest;

  pw_take_fit (take, rate, 1000, &cents, &peak, &rest);
  g_test_message ("%s: %+.4f cents, peak %.4f, everything else %.1f dB", what, cents, peak, rest);
  g_assert_cmpfloat (fabs (cents), <, 1);
  g_assert_cmpfloat_with_epsilon (peak, wanted_peak, 0.01 * wanted_peak);
  /* One sample too much, too little or wrong in half a second is far above this. */
  g_assert_cmpfloat (rest, <, -60);
}

static guint
count_faults (gpointer data)
{
  Rig *rig = data;

  return (guint) g_atomic_int_get (&rig->peer->faults) + tutti_pw_node_get_xruns (rig->base.node);
}

static void
test_other_rate (gconstpointer data)
{
  guint quantum = GPOINTER_TO_UINT (data);
  double latency;
  Rig *rig;

  pw_server_set_rate (server, 44100, "44100");
  rig = rig_new (quantum);
  g_assert_cmpuint (pw_get_uint (rig->base.node, "rate"), ==, 44100);
  /* Not the 32 that 64 samples at 48 kHz would be rounded down to. */
  g_assert_cmpuint (pw_get_uint (rig->base.node, "quantum"), ==, quantum);
  latency = (double) (tutti_pw_node_get_capture_ns (rig->base.node) +
                      tutti_pw_node_get_playback_ns (rig->base.node)) /
            1e6;
  g_test_message ("resampling adds %.2f ms", latency);
  g_assert_cmpfloat (latency, >, 0.2);
  g_assert_cmpfloat (latency, <, 1);

  pw_run_for (300);
  g_atomic_int_set (&rig->engine.wrong_rate, 0);
  pw_take_wait (&rig->engine.heard, count_faults, rig);
  check_take (&rig->engine.heard, 48000, FEED_PEAK, "microphone at 44.1 kHz to engine");
  pw_take_wait (&rig->peer->take, count_faults, rig);
  check_take (&rig->peer->take, 44100, PLAY_PEAK, "engine to speaker at 44.1 kHz");
  g_assert_cmpuint (g_atomic_int_get (&rig->engine.wrong_rate), ==, 0);
  g_assert_cmpuint (g_atomic_int_get (&rig->engine.too_long), ==, 0);
  g_assert_cmpuint (g_atomic_int_get (&rig->engine.bad_clock), <, 5);
  rig_free (rig);
}

/* Where 48 kHz is allowed, the graph is switched to it, even while others play at 44.1. */
static void
test_switch (void)
{
  TuttiPwConnection *connection;
  TuttiAudioEngine engine = { 0 };
  TuttiPwNode *node;
  PwPeer *peer;

  pw_server_set_rate (server, 44100, "44100 48000");
  pw_server_add_device (server, "vspk", "Speaker", "Audio/Sink", "FL FR", 1500);
  connection = pw_connect ();
  peer = pw_peer_new (tutti_pw_connection_get_core (connection), FEED_PEAK, 0);
  pw_server_run (server, "pw-link peer:out_1 vspk:playback_FL");
  node = tutti_pw_node_new (connection, &engine, "tutti-test", 2, 2, 64);
  WAIT_FOR (pw_node_has_id, node);
  pw_server_run (server, "pw-link tutti-test:output_FR vspk:playback_FR");
  WAIT_FOR (has_rate, node);
  WAIT_FOR (runs_48000, node);
  g_assert_cmpint (tutti_pw_node_get_capture_ns (node), ==, 0);
  g_assert_cmpint (tutti_pw_node_get_playback_ns (node), ==, 0);

  pw_peer_free (peer);
  g_assert_finalize_object (node);
  g_assert_finalize_object (connection);
  pw_server_remove_device (server, "vspk");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  server = pw_server_new ();
  g_test_add_data_func ("/pw-rate/44100/64", GUINT_TO_POINTER (64), test_other_rate);
  g_test_add_data_func ("/pw-rate/44100/256", GUINT_TO_POINTER (256), test_other_rate);
  g_test_add_data_func ("/pw-rate/44100/2048", GUINT_TO_POINTER (2048), test_other_rate);
  g_test_add_func ("/pw-rate/switch", test_switch);
  result = g_test_run ();
  pw_server_free (server);

  return result;
}
