/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-meter against a real PipeWire daemon: 0.00 ms with itself, one quantum for the bare loop. */

#include "pw-server.h"
#include "tutti-device-registry.h"
#include "tutti-pw-node.h"
#include "tutti-thread.h"

#include <json-glib/json-glib.h>

static PwServer *server;
static const char *meter;

static void
on_output (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_subprocess_communicate_utf8_finish (G_SUBPROCESS (source), result, user_data, NULL, &error);
  g_assert_no_error (error);
}

/* The main context runs meanwhile: what is measured may live in this process. */
static JsonObject *
measure (const char *arguments)
{
  g_autofree char *command = g_strdup_printf ("%s %s", meter, arguments);
  g_auto (GStrv) argv = NULL;
  g_autofree char *output = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_shell_parse_argv (command, NULL, &argv, NULL));
  process = g_subprocess_newv ((const char *const *) argv, G_SUBPROCESS_FLAGS_STDOUT_PIPE, &error);
  g_assert_no_error (error);
  g_subprocess_communicate_utf8_async (process, NULL, NULL, on_output, &output);
  while (output == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (g_subprocess_wait_check (process, NULL, &error));
  g_assert_no_error (error);
  g_test_message ("%s", output);
  node = json_from_string (output, &error);
  g_assert_no_error (error);

  return json_object_ref (json_node_get_object (node));
}

static void
expect_way (JsonObject *result, const char *prefix, double ms)
{
  g_autofree char *p50 = g_strdup_printf ("%sp50_ms", prefix);
  g_autofree char *n = g_strdup_printf ("%sn", prefix);
  g_autofree char *clicks = g_strdup_printf ("%sclicks", prefix);

  g_assert_cmpint (json_object_get_int_member (result, clicks), >, 20);
  g_assert_cmpint (json_object_get_int_member (result, n), >,
                   json_object_get_int_member (result, clicks) / 2);
  g_assert_cmpfloat_with_epsilon (json_object_get_double_member (result, p50), ms, 0.022);
}

static void
test_calibrate (void)
{
  g_autoptr (JsonObject) result = measure ("--calibrate --quantum 64 --seconds 4 --clicks 100");

  expect_way (result, "", 0);
  g_assert_cmpint (json_object_get_int_member (result, "quantum"), ==, 64);
  g_assert_false (json_object_get_null_member (result, "gaps"));
}

static void
add_devices (void)
{
  static const char *const devices[] = { "vmic", "wmic", "vspk", "wspk" };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    pw_server_add_device (server, devices[i], devices[i],
                          i < 2 ? "Audio/Source/Virtual" : "Audio/Sink", "FL FR", 100);
  pw_run_for (500);
}

static void
remove_devices (void)
{
  pw_server_remove_device (server, "vmic");
  pw_server_remove_device (server, "wmic");
  pw_server_remove_device (server, "vspk");
  pw_server_remove_device (server, "wspk");
}

static void
test_loop (void)
{
  static const guint quanta[] = { 64, 256 };

  add_devices ();
  pw_server_run (server, "pw-link vmic:capture_FL vspk:playback_FL");
  pw_server_run (server, "pw-link vmic:capture_FR vspk:playback_FR");

  for (guint i = 0; i < G_N_ELEMENTS (quanta); i++) {
    g_autofree char *arguments = g_strdup_printf (
        "--into vmic --from vspk --witness-into wmic --witness-from wspk --quantum %u --seconds 4 "
        "--clicks 100",
        quanta[i]);
    g_autoptr (JsonObject) result = measure (arguments);

    expect_way (result, "", quanta[i] / 48.0);
    expect_way (result, "loop_", quanta[i] / 48.0);
    g_assert_false (json_object_get_null_member (result, "gaps"));
    g_assert_false (json_object_get_null_member (result, "witness_gaps"));
    g_assert_cmpint (json_object_get_int_member (result, "loop_quantum"), ==, quanta[i]);
  }
  remove_devices ();
}

typedef struct {
  TuttiPwConnection *connection;
  TuttiDeviceRegistry *registry;
  TuttiAudioEngine *engine;
  TuttiPwNode *node;
} Rig;

static gboolean
has_node_id (Rig *rig)
{
  guint id;

  g_object_get (rig->node, "node-id", &id, NULL);
  if (id == 0)
    return FALSE;

  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_INPUT, "vmic");
  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_OUTPUT, "vspk");
  return TRUE;
}

static gboolean
is_linked (Rig *rig)
{
  return tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_INPUT) != NULL &&
         tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_OUTPUT) != NULL;
}

/* Our own node and the real engine, monitoring: in time with the bare filter, not a quantum more.
 */
static void
test_node (void)
{
  const TuttiStripConfig config = { 0, 2, 2, 0 };
  Rig rig = { tutti_pw_connection_new (), tutti_device_registry_new (), tutti_audio_engine_new () };
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) error = NULL;
  int strip;

  add_devices ();
  g_assert_true (tutti_pw_connection_connect (rig.connection, &error));
  tutti_device_registry_set_core (rig.registry, tutti_pw_connection_get_core (rig.connection),
                                  tutti_pw_connection_get_loop (rig.connection));
  rig.node = tutti_pw_node_new (rig.connection, rig.engine, "tutti-test", 2, 2, 64);
  strip = tutti_audio_engine_add_strip (rig.engine, &config, &error);
  g_assert_no_error (error);
  tutti_audio_engine_set_strip_monitor (rig.engine, strip, TRUE);
  WAIT_FOR (has_node_id, &rig);
  WAIT_FOR (is_linked, &rig);

  result = measure ("--into vmic --from vspk --witness-into wmic --witness-from wspk --quantum 64 "
                    "--seconds 6 --clicks 100");
  expect_way (result, "", 64 / 48.0);
  expect_way (result, "loop_", 64 / 48.0);

  tutti_pw_node_close (rig.node);
  tutti_audio_engine_free (rig.engine);
  tutti_device_registry_set_core (rig.registry, NULL, NULL);
  g_assert_finalize_object (rig.node);
  g_assert_finalize_object (rig.registry);
  g_assert_finalize_object (rig.connection);
  remove_devices ();
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  meter = g_getenv ("PW_METER");
  g_assert_nonnull (meter);
  server = pw_server_new ();

  g_test_add_func ("/pw-meter/calibrate", test_calibrate);
  g_test_add_func ("/pw-meter/loop", test_loop);
  g_test_add_func ("/pw-meter/node", test_node);

  result = g_test_run ();
  pw_server_free (server);

  return result;
}
