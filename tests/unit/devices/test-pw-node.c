/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The PipeWire node against a real daemon. The test stands where the engine stands: its
 * tutti_audio_engine_process() notes what the driver does and plays a tone. */

#include "pw-node-rig.h"
#include "pw-peer.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-pw-stem.h"
#include "tutti-thread.h"

#include <math.h>
#include <unistd.h>

#define FEED_PEAK 0.5f
#define PLAY_PEAK 0.25f
#define TONE_STEP (2 * G_PI * 1000 / 48000)

static PwServer *server;

/* What the data loop writes and the test reads (atomic, but for what is read after close). */
struct _TuttiAudioEngine {
  guint cycles;
  guint n_frames;
  guint n_in;
  guint n_out;
  guint null_inputs;
  guint bad_clock; /* cycles whose time was not within 100 ms of now */
  guint calls_running;
  float in_peak[2]; /* decays: what came lately */
  double phase;
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
  guint nulls = 0;

  g_atomic_int_inc (&self->calls_running);
  for (guint c = 0; c < n_in; c++)
    nulls += in[c] == NULL;
  for (guint c = 0; c < MIN (n_in, 2); c++)
    pw_follow_peak (&self->in_peak[c], in[c], n_frames);
  for (guint i = 0; i < n_frames; i++) {
    float value = PLAY_PEAK * (float) sin (self->phase);

    self->phase += TONE_STEP;
    if (n_out > 0 && out[0] != NULL)
      out[0][i] = value;
    if (n_out > 1 && out[1] != NULL)
      out[1][i] = value / 2;
  }
  if (ABS (tutti_clock_now_ns () - cycle_ns) > 100 * TUTTI_NSEC_PER_MSEC)
    g_atomic_int_inc (&self->bad_clock);
  g_atomic_int_set (&self->n_in, n_in);
  g_atomic_int_set (&self->n_out, n_out);
  g_atomic_int_set (&self->null_inputs, nulls);
  g_atomic_int_set (&self->n_frames, n_frames);
  g_atomic_int_inc (&self->cycles);
  g_atomic_int_add (&self->calls_running, -1);
}

static gboolean
node_runs_64 (TuttiPwNode *node)
{
  return pw_get_uint (node, "quantum") == 64;
}

static gboolean
node_runs_256 (TuttiPwNode *node)
{
  return pw_get_uint (node, "quantum") == 256;
}

static gboolean
node_is_realtime (TuttiPwNode *node)
{
  return pw_get_boolean (node, "realtime");
}

static gboolean
many_cycles (TuttiAudioEngine *engine)
{
  return g_atomic_int_get (&engine->cycles) > 200;
}

/* Nothing linked, no device there at all: it runs all the same, at the wanted quantum. */
static void
test_quantum (void)
{
  TuttiAudioEngine engine = { 0 };
  TuttiPwConnection *connection = pw_connect ();
  TuttiPwNode *node = tutti_pw_node_new (connection, &engine, "tutti-test", 3, 2, 64);
  guint cycles;
  gint64 begin;

  WAIT_FOR (pw_node_has_id, node);
  WAIT_FOR (node_runs_64, node);
  g_assert_cmpuint (pw_get_uint (node, "rate"), ==, 48000);
  g_assert_null (tutti_pw_connection_get_error (connection));

  /* The rate of calls is that of 64 samples; a stalling machine may drop some. */
  begin = g_get_monotonic_time ();
  cycles = g_atomic_int_get (&engine.cycles);
  pw_run_for (1000);
  cycles = g_atomic_int_get (&engine.cycles) - cycles;
  g_test_message ("%u cycles in %.3f s", cycles, (g_get_monotonic_time () - begin) / 1e6);
  g_assert_cmpuint (cycles, >, 600);
  g_assert_cmpuint (cycles, <, 900);
  g_assert_cmpuint (g_atomic_int_get (&engine.n_frames), ==, 64);
  g_assert_cmpuint (g_atomic_int_get (&engine.n_in), ==, 3);
  g_assert_cmpuint (g_atomic_int_get (&engine.null_inputs), ==, 3);
  g_assert_cmpuint (g_atomic_int_get (&engine.n_out), ==, 2);
  g_assert_cmpuint (g_atomic_int_get (&engine.bad_clock), <, 5);

  tutti_pw_node_set_quantum (node, 256, TRUE);
  WAIT_FOR (node_runs_256, node);
  tutti_pw_node_set_quantum (node, 64, FALSE);
  WAIT_FOR (node_runs_64, node);

  tutti_pw_node_close (node);
  g_assert_finalize_object (node);
  g_assert_finalize_object (connection);
}

/* A quantum that is forced wins against another program that asks for less. */
static void
test_force (void)
{
  TuttiAudioEngine one = { 0 }, other = { 0 };
  TuttiPwConnection *connection = pw_connect ();
  TuttiPwNode *asking = tutti_pw_node_new (connection, &one, "asking", 0, 2, 64);
  TuttiPwNode *forcing;

  WAIT_FOR (node_runs_64, asking);
  forcing = tutti_pw_node_new (connection, &other, "forcing", 0, 2, 64);
  tutti_pw_node_set_quantum (forcing, 256, TRUE);
  WAIT_FOR (node_runs_256, forcing);
  tutti_pw_node_set_quantum (forcing, 256, FALSE);
  WAIT_FOR (node_runs_64, forcing);

  g_assert_finalize_object (asking);
  g_assert_finalize_object (forcing);
  g_assert_finalize_object (connection);
}

static void
test_realtime (void)
{
  TuttiAudioEngine engine = { 0 };
  TuttiPwConnection *connection = pw_connect ();
  TuttiPwNode *node = tutti_pw_node_new (connection, &engine, "tutti-test", 1, 2, 256);

  WAIT_FOR (many_cycles, &engine);
  if (getuid () == 0)
    WAIT_FOR (node_is_realtime, node);
  else
    g_test_skip ("Whether a user gets real-time priority is the machine's affair.");

  g_assert_finalize_object (node);
  g_assert_finalize_object (connection);
}

/* After close() the engine may be gone: any call later would be seen in the counter, and by a
 * sanitizer build in the freed memory. */
static void
test_close (void)
{
  TuttiPwConnection *connection = pw_connect ();

  for (guint i = 0; i < 20; i++) {
    TuttiAudioEngine *engine = g_new0 (TuttiAudioEngine, 1);
    TuttiPwNode *node = tutti_pw_node_new (connection, engine, "tutti-test", 2, 2, 64);
    guint cycles;

    WAIT_FOR (node_runs_64, node);
    tutti_pw_node_close (node);
    cycles = g_atomic_int_get (&engine->cycles);
    g_assert_cmpuint (g_atomic_int_get (&engine->calls_running), ==, 0);
    g_assert_cmpuint (pw_get_uint (node, "node-id"), ==, 0);
    g_usleep (5000);
    g_assert_cmpuint (g_atomic_int_get (&engine->cycles), ==, cycles);
    memset (engine, 0xff, sizeof *engine);
    g_free (engine);
    g_assert_finalize_object (node);
  }
  g_assert_finalize_object (connection);
}

static gboolean
near_peak (float value, float expected)
{
  return fabsf (value - expected) < 0.05f * expected;
}

static gboolean
mic_is_heard (TuttiAudioEngine *engine)
{
  return near_peak (engine->in_peak[0], FEED_PEAK) && near_peak (engine->in_peak[1], FEED_PEAK / 2);
}

static gboolean
speaker_plays (PwPeer *peer)
{
  return near_peak (peer->heard_peak[0], PLAY_PEAK) &&
         near_peak (peer->heard_peak[1], PLAY_PEAK / 2);
}

static void
sound_goes_through (PwNodeRig *rig, TuttiAudioEngine *engine)
{
  TuttiPwConnection *connection = pw_connect ();
  PwPeer *peer;

  WAIT_FOR (pw_node_rig_is_linked, rig);
  peer = pw_peer_new (tutti_pw_connection_get_core (connection), FEED_PEAK, FEED_PEAK / 2);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link peer:out_2 vmic:input_FR");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  pw_server_run (server, "pw-link vspk:monitor_FR peer:in_2");
  WAIT_FOR (mic_is_heard, engine);
  WAIT_FOR (speaker_plays, peer);
  g_test_message ("engine hears %.3f %.3f, speaker plays %.3f %.3f", engine->in_peak[0],
                  engine->in_peak[1], peer->heard_peak[0], peer->heard_peak[1]);
  g_assert_cmpuint (pw_get_uint (rig->node, "quantum"), ==, 64);
  pw_peer_free (peer);
  g_assert_finalize_object (connection);
}

/* Makes it run, too. */
static gboolean
can_link_stem (const char *name)
{
  g_autofree char *command = g_strdup_printf ("pw-link %s:output_FL tutti-test:input_1", name);

  return pw_server_try (server, command);
}

/* Stems of a node that is closed, and then let go, are taken down later: in any order. */
static void
test_stems_outlive (void)
{
  TuttiAudioEngine engine = { 0 };
  TuttiPwConnection *connection = pw_connect ();
  TuttiPwNode *node = tutti_pw_node_new (connection, &engine, "tutti-test", 2, 2, 64);
  TuttiAudioRemote *remote = (TuttiAudioRemote *) &engine; /* never looked into here */
  TuttiPwStem *one = tutti_pw_stem_new (node, remote, "tutti-stem-one", "One");
  TuttiPwStem *two;

  WAIT_FOR (node_runs_64, node);
  two = tutti_pw_stem_new (node, remote, "tutti-stem-two", "Two");
  pw_wait_for ((PwCondition) can_link_stem, "tutti-stem-one", "the first stem");
  pw_wait_for ((PwCondition) can_link_stem, "tutti-stem-two", "the second stem");
  WAIT_FOR (many_cycles, &engine);

  tutti_pw_stem_free (two);
  tutti_pw_node_close (node);
  g_object_unref (node);
  tutti_pw_stem_free (one);
  g_assert_finalize_object (connection);
}

static void
test_sound (void)
{
  TuttiAudioEngine engine = { 0 };
  PwNodeRig rig;

  pw_node_rig_start (&rig, server, &engine, 64);
  sound_goes_through (&rig, &engine);
  pw_node_rig_stop (&rig);
}

static gboolean
is_disconnected (TuttiPwConnection *connection)
{
  return !tutti_pw_connection_is_connected (connection);
}

/* The daemon is killed while sound flows, stays away a while, and is started again. */
static void
test_daemon_restart (void)
{
  TuttiAudioEngine engine = { 0 };
  PwNodeRig rig;
  guint cycles;

  pw_node_rig_start (&rig, server, &engine, 64);
  WAIT_FOR (pw_node_rig_is_linked, &rig);
  WAIT_FOR (many_cycles, &engine);

  pw_server_kill (server);
  WAIT_FOR (is_disconnected, rig.connection);
  g_assert_cmpuint (rig.n_lost, ==, 1);
  g_assert_true (rig.core_at_lost);
  g_assert_cmpuint (pw_get_uint (rig.node, "node-id"), ==, 0);
  g_assert_nonnull (tutti_pw_connection_get_error (rig.connection));
  cycles = g_atomic_int_get (&engine.cycles);
  pw_run_for (800);
  g_assert_cmpuint (g_atomic_int_get (&engine.cycles), ==, cycles);
  g_assert_false (tutti_pw_connection_is_connected (rig.connection));

  pw_server_start (server);
  WAIT_FOR (tutti_pw_connection_is_connected, rig.connection);
  g_assert_null (tutti_pw_connection_get_error (rig.connection));
  pw_server_add_pair (server, "FL FR");
  sound_goes_through (&rig, &engine);
  pw_node_rig_stop (&rig);
}

/* Somebody destroys our node: it comes back. */
static void
test_node_destroyed (void)
{
  TuttiAudioEngine engine = { 0 };
  PwNodeRig rig;
  guint id;

  pw_node_rig_start (&rig, server, &engine, 64);
  WAIT_FOR (pw_node_rig_is_linked, &rig);
  id = pw_get_uint (rig.node, "node-id");
  pw_server_run (server, "pw-cli destroy tutti-test");
  while (pw_get_uint (rig.node, "node-id") == id)
    pw_run_for (10);
  WAIT_FOR (pw_node_has_id, rig.node);
  sound_goes_through (&rig, &engine);
  pw_node_rig_stop (&rig);
}

static void
test_no_daemon (void)
{
  TuttiPwConnection *connection = tutti_pw_connection_new ();
  g_autoptr (GError) error = NULL;

  pw_server_kill (server);
  g_assert_false (tutti_pw_connection_connect (connection, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE);
  g_assert_cmpstr (tutti_pw_connection_get_error (connection)->message, ==, error->message);
  g_assert_null (tutti_pw_connection_get_core (connection));
  pw_server_start (server);
  WAIT_FOR (tutti_pw_connection_is_connected, connection);
  g_assert_finalize_object (connection);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  server = pw_server_new ();

  g_test_add_func ("/pw-node/quantum", test_quantum);
  g_test_add_func ("/pw-node/force", test_force);
  g_test_add_func ("/pw-node/realtime", test_realtime);
  g_test_add_func ("/pw-node/close", test_close);
  g_test_add_func ("/pw-node/stems-outlive", test_stems_outlive);
  g_test_add_func ("/pw-node/sound", test_sound);
  g_test_add_func ("/pw-node/daemon-restart", test_daemon_restart);
  g_test_add_func ("/pw-node/node-destroyed", test_node_destroyed);
  g_test_add_func ("/pw-node/no-daemon", test_no_daemon);

  result = g_test_run ();
  pw_server_free (server);

  return result;
}
