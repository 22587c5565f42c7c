/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The whole local way with nothing replaced: microphone → PipeWire → the engine's strip, monitored
 * → PipeWire → speaker. */

#include "pw-peer.h"
#include "pw-server.h"
#include "tutti-device-registry.h"
#include "tutti-pw-node.h"
#include "tutti-thread.h"

#include <math.h>

static PwServer *server;

static gboolean
has_node_id (TuttiPwNode *node)
{
  return pw_get_uint (node, "node-id") != 0;
}

static gboolean
is_linked (TuttiDeviceRegistry *registry)
{
  return tutti_device_registry_get_linked (registry, TUTTI_DEVICE_INPUT) != NULL &&
         tutti_device_registry_get_linked (registry, TUTTI_DEVICE_OUTPUT) != NULL;
}

static gboolean
hears_left_and_right (PwPeer *peer)
{
  return fabsf (peer->heard_peak[0] - 0.25f) < 0.02f && fabsf (peer->heard_peak[1] - 0.25f) < 0.02f;
}

static gboolean
hears_nothing (PwPeer *peer)
{
  return peer->heard_peak[0] < 0.001f && peer->heard_peak[1] < 0.001f;
}

static void
test_monitor (void)
{
  const TuttiStripConfig config = {
    .first_channel = 0, .n_source_channels = 1, .channels = 1, .gain_db = 0
  };
  TuttiPwConnection *connection = tutti_pw_connection_new ();
  TuttiDeviceRegistry *registry = tutti_device_registry_new ();
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  g_autoptr (GError) error = NULL;
  TuttiEngineStats stats;
  TuttiPwNode *node;
  PwPeer *peer;
  guint id;
  int strip;

  pw_server_add_pair (server, "FL FR");
  g_assert_true (tutti_pw_connection_connect (connection, &error));
  g_assert_no_error (error);
  tutti_device_registry_set_core (registry, tutti_pw_connection_get_core (connection),
                                  tutti_pw_connection_get_loop (connection));
  node = tutti_pw_node_new (connection, engine, "tutti-test", 2, 2, 64);
  strip = tutti_audio_engine_add_strip (engine, &config, &error);
  g_assert_no_error (error);
  WAIT_FOR (has_node_id, node);
  id = pw_get_uint (node, "node-id");
  tutti_device_registry_link (registry, id, TUTTI_DEVICE_INPUT, "vmic");
  tutti_device_registry_link (registry, id, TUTTI_DEVICE_OUTPUT, NULL);
  WAIT_FOR (is_linked, registry);

  peer = pw_peer_new (tutti_pw_connection_get_core (connection), 0.25f, 0);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  pw_server_run (server, "pw-link vspk:monitor_FR peer:in_2");
  pw_run_for (300);
  WAIT_FOR (hears_nothing, peer);
  tutti_audio_engine_set_strip_monitor (engine, strip, TRUE);
  WAIT_FOR (hears_left_and_right, peer);
  tutti_audio_engine_get_stats (engine, &stats);
  g_assert_cmpuint (stats.quantum, ==, 64);
  g_assert_cmpuint (stats.rate, ==, 48000);
  tutti_audio_engine_set_strip_muted (engine, strip, TRUE);
  tutti_audio_engine_set_strip_monitor (engine, strip, FALSE);
  WAIT_FOR (hears_nothing, peer);

  pw_peer_free (peer);
  tutti_pw_node_close (node);
  tutti_audio_engine_free (engine);
  tutti_device_registry_set_core (registry, NULL, NULL);
  g_assert_finalize_object (node);
  g_assert_finalize_object (registry);
  g_assert_finalize_object (connection);
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  server = pw_server_new ();
  g_test_add_func ("/pw-engine/monitor", test_monitor);
  result = g_test_run ();
  pw_server_free (server);

  return result;
}
