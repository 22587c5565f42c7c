/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The PipeWire node against a real daemon. The test stands where the engine stands: its
 * tutti_audio_engine_process() notes what the driver does and plays a tone. */

#include "pw-peer.h"
#include "pw-server.h"
#include "tutti-clock.h"
#include "tutti-device-registry.h"
#include "tutti-error.h"
#include "tutti-pw-node.h"
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

/* No test here has a remote; test-pw-engine has. */
gboolean
tutti_audio_remote_read_stem (TuttiAudioRemote *remote, float *const *planes, guint n)
{
  return FALSE;
}

void
tutti_audio_remote_set_stem (TuttiAudioRemote *remote, gboolean enabled)
{
}

static guint
get_uint (gpointer object, const char *property)
{
  guint value;

  g_object_get (object, property, &value, NULL);
  return value;
}

static gboolean
get_boolean (gpointer object, const char *property)
{
  gboolean value;

  g_object_get (object, property, &value, NULL);
  return value;
}

static TuttiPwConnection *
connect_now (void)
{
  TuttiPwConnection *connection = tutti_pw_connection_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tutti_pw_connection_connect (connection, &error));
  g_assert_no_error (error);

  return connection;
}

static gboolean
node_has_id (TuttiPwNode *node)
{
  return get_uint (node, "node-id") != 0;
}

static gboolean
node_runs_64 (TuttiPwNode *node)
{
  return get_uint (node, "quantum") == 64;
}

static gboolean
node_runs_256 (TuttiPwNode *node)
{
  return get_uint (node, "quantum") == 256;
}

static gboolean
node_is_realtime (TuttiPwNode *node)
{
  return get_boolean (node, "realtime");
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
  TuttiPwConnection *connection = connect_now ();
  TuttiPwNode *node = tutti_pw_node_new (connection, &engine, "tutti-test", 3, 2, 64);
  guint cycles;
  gint64 begin;

  WAIT_FOR (node_has_id, node);
  WAIT_FOR (node_runs_64, node);
  g_assert_cmpuint (get_uint (node, "rate"), ==, 48000);
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
  TuttiPwConnection *connection = connect_now ();
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
  TuttiPwConnection *connection = connect_now ();
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
  TuttiPwConnection *connection = connect_now ();

  for (guint i = 0; i < 20; i++) {
    TuttiAudioEngine *engine = g_new0 (TuttiAudioEngine, 1);
    TuttiPwNode *node = tutti_pw_node_new (connection, engine, "tutti-test", 2, 2, 64);
    guint cycles;

    WAIT_FOR (node_runs_64, node);
    tutti_pw_node_close (node);
    cycles = g_atomic_int_get (&engine->cycles);
    g_assert_cmpuint (g_atomic_int_get (&engine->calls_running), ==, 0);
    g_assert_cmpuint (get_uint (node, "node-id"), ==, 0);
    g_usleep (5000);
    g_assert_cmpuint (g_atomic_int_get (&engine->cycles), ==, cycles);
    memset (engine, 0xff, sizeof *engine);
    g_free (engine);
    g_assert_finalize_object (node);
  }
  g_assert_finalize_object (connection);
}

typedef struct {
  TuttiPwConnection *connection;
  TuttiDeviceRegistry *registry;
  TuttiPwNode *node;
  TuttiAudioEngine engine;
  guint n_lost;
  gboolean core_at_lost;
} Rig;

static void
rig_link (Rig *rig)
{
  guint id = get_uint (rig->node, "node-id");

  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_INPUT, "vmic");
  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_OUTPUT, "vspk");
}

static void
rig_lost (Rig *rig)
{
  rig->n_lost++;
  rig->core_at_lost = tutti_pw_connection_get_core (rig->connection) != NULL;
  tutti_device_registry_set_core (rig->registry, NULL, NULL);
}

static void
rig_connected (Rig *rig)
{
  if (tutti_pw_connection_is_connected (rig->connection))
    tutti_device_registry_set_core (rig->registry, tutti_pw_connection_get_core (rig->connection),
                                    tutti_pw_connection_get_loop (rig->connection));
}

static void
rig_start (Rig *rig)
{
  pw_server_add_device (server, "vmic", "Microphone", "Audio/Source/Virtual", "FL FR", 1500);
  pw_server_add_device (server, "vspk", "Speaker", "Audio/Sink", "FL FR", 1500);
  rig->registry = tutti_device_registry_new ();
  rig->connection = tutti_pw_connection_new ();
  g_signal_connect_swapped (rig->connection, "lost", G_CALLBACK (rig_lost), rig);
  g_signal_connect_swapped (rig->connection, "notify::connected", G_CALLBACK (rig_connected), rig);
  g_assert_true (tutti_pw_connection_connect (rig->connection, NULL));
  rig->node = tutti_pw_node_new (rig->connection, &rig->engine, "tutti-test", 2, 2, 64);
  g_signal_connect_swapped (rig->node, "notify::node-id", G_CALLBACK (rig_link), rig);
}

static void
rig_stop (Rig *rig)
{
  tutti_pw_node_close (rig->node);
  g_assert_finalize_object (rig->node);
  tutti_device_registry_set_core (rig->registry, NULL, NULL);
  g_signal_handlers_disconnect_by_data (rig->connection, rig);
  g_assert_finalize_object (rig->connection);
  g_assert_finalize_object (rig->registry);
  pw_server_remove_device (server, "vmic");
  pw_server_remove_device (server, "vspk");
}

static gboolean
near_peak (float value, float expected)
{
  return fabsf (value - expected) < 0.05f * expected;
}

static gboolean
mic_is_heard (Rig *rig)
{
  return near_peak (rig->engine.in_peak[0], FEED_PEAK) &&
         near_peak (rig->engine.in_peak[1], FEED_PEAK / 2);
}

static gboolean
speaker_plays (PwPeer *peer)
{
  return near_peak (peer->heard_peak[0], PLAY_PEAK) &&
         near_peak (peer->heard_peak[1], PLAY_PEAK / 2);
}

static gboolean
both_linked (Rig *rig)
{
  return tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_INPUT) != NULL &&
         tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_OUTPUT) != NULL;
}

static void
sound_goes_through (Rig *rig)
{
  TuttiPwConnection *connection = connect_now ();
  PwPeer *peer;

  WAIT_FOR (both_linked, rig);
  peer = pw_peer_new (tutti_pw_connection_get_core (connection), FEED_PEAK, FEED_PEAK / 2);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link peer:out_2 vmic:input_FR");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  pw_server_run (server, "pw-link vspk:monitor_FR peer:in_2");
  WAIT_FOR (mic_is_heard, rig);
  WAIT_FOR (speaker_plays, peer);
  g_test_message ("engine hears %.3f %.3f, speaker plays %.3f %.3f", rig->engine.in_peak[0],
                  rig->engine.in_peak[1], peer->heard_peak[0], peer->heard_peak[1]);
  g_assert_cmpuint (get_uint (rig->node, "quantum"), ==, 64);
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
  TuttiPwConnection *connection = connect_now ();
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
  Rig rig = { 0 };

  rig_start (&rig);
  sound_goes_through (&rig);
  rig_stop (&rig);
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
  Rig rig = { 0 };
  guint cycles;

  rig_start (&rig);
  WAIT_FOR (both_linked, &rig);
  WAIT_FOR (many_cycles, &rig.engine);

  pw_server_kill (server);
  WAIT_FOR (is_disconnected, rig.connection);
  g_assert_cmpuint (rig.n_lost, ==, 1);
  g_assert_true (rig.core_at_lost);
  g_assert_cmpuint (get_uint (rig.node, "node-id"), ==, 0);
  g_assert_nonnull (tutti_pw_connection_get_error (rig.connection));
  cycles = g_atomic_int_get (&rig.engine.cycles);
  pw_run_for (800);
  g_assert_cmpuint (g_atomic_int_get (&rig.engine.cycles), ==, cycles);
  g_assert_false (tutti_pw_connection_is_connected (rig.connection));

  pw_server_start (server);
  WAIT_FOR (tutti_pw_connection_is_connected, rig.connection);
  g_assert_null (tutti_pw_connection_get_error (rig.connection));
  pw_server_add_device (server, "vmic", "Microphone", "Audio/Source/Virtual", "FL FR", 1500);
  pw_server_add_device (server, "vspk", "Speaker", "Audio/Sink", "FL FR", 1500);
  sound_goes_through (&rig);
  rig_stop (&rig);
}

/* Somebody destroys our node: it comes back. */
static void
test_node_destroyed (void)
{
  Rig rig = { 0 };
  guint id;

  rig_start (&rig);
  WAIT_FOR (both_linked, &rig);
  id = get_uint (rig.node, "node-id");
  pw_server_run (server, "pw-cli destroy tutti-test");
  while (get_uint (rig.node, "node-id") == id)
    pw_run_for (10);
  WAIT_FOR (node_has_id, rig.node);
  sound_goes_through (&rig);
  rig_stop (&rig);
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
