/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The device registry against a real PipeWire daemon and session manager of its own. */

#include "pw-server.h"
#include "tutti-device-registry.h"
#include "tutti-pw-connection.h"
#include "tutti-thread.h"

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

static PwServer *server;

typedef struct {
  TuttiPwConnection *connection;
  TuttiDeviceRegistry *registry;
  struct pw_filter *filter; /* a node of ours, to be linked */
  guint lost;
  guint added;
  guint linked_changed;
  char *last_lost;
} Fixture;

static void
on_lost (TuttiDeviceRegistry *registry, TuttiDevice *device, Fixture *fixture)
{
  fixture->lost++;
  g_set_str (&fixture->last_lost, tutti_device_get_name (device));
}

static void
on_added (TuttiDeviceRegistry *registry, TuttiDevice *device, Fixture *fixture)
{
  fixture->added++;
}

static void
on_linked_changed (TuttiDeviceRegistry *registry, int kind, Fixture *fixture)
{
  fixture->linked_changed++;
}

static gboolean
has_both (Fixture *fixture)
{
  return tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, "vmic") != NULL &&
         tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_OUTPUT, "vspk") != NULL;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  pw_server_add_device (server, "vmic", "B microphone", "Audio/Source/Virtual", "FL FR", 1500);
  pw_server_add_device (server, "vspk", "Speaker", "Audio/Sink", "FL FR", 1500);

  fixture->connection = tutti_pw_connection_new ();
  g_assert_true (tutti_pw_connection_connect (fixture->connection, &error));
  g_assert_no_error (error);
  fixture->registry = tutti_device_registry_new ();
  g_signal_connect (fixture->registry, "device-lost", G_CALLBACK (on_lost), fixture);
  g_signal_connect (fixture->registry, "device-added", G_CALLBACK (on_added), fixture);
  g_signal_connect (fixture->registry, "linked-changed", G_CALLBACK (on_linked_changed), fixture);
  tutti_device_registry_set_core (fixture->registry,
                                  tutti_pw_connection_get_core (fixture->connection),
                                  tutti_pw_connection_get_loop (fixture->connection));
  WAIT_FOR (tutti_device_registry_is_ready, fixture->registry);
  WAIT_FOR (has_both, fixture);
  fixture->added = 0;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_clear_pointer (&fixture->filter, pw_filter_destroy);
  tutti_device_registry_set_core (fixture->registry, NULL, NULL);
  g_assert_finalize_object (fixture->registry);
  g_assert_finalize_object (fixture->connection);
  g_free (fixture->last_lost);
  pw_server_remove_device (server, "vmic");
  pw_server_remove_device (server, "vspk");
}

static gboolean
node_has_id (Fixture *fixture)
{
  return pw_filter_get_state (fixture->filter, NULL) >= PW_FILTER_STATE_PAUSED;
}

static guint
make_node (Fixture *fixture)
{
  static const char *const names[] = { "input_1", "input_2", "output_FL", "output_FR" };

  fixture->filter = pw_filter_new (
      tutti_pw_connection_get_core (fixture->connection), "probe",
      pw_properties_new (PW_KEY_NODE_NAME, "probe", PW_KEY_NODE_AUTOCONNECT, "false", NULL));
  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    struct pw_properties *props = pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                     PW_KEY_PORT_NAME, names[i], NULL);

    if (i >= 2)
      pw_properties_set (props, PW_KEY_AUDIO_CHANNEL, i == 2 ? "FL" : "FR");
    pw_filter_add_port (fixture->filter, i < 2 ? PW_DIRECTION_INPUT : PW_DIRECTION_OUTPUT,
                        PW_FILTER_PORT_FLAG_MAP_BUFFERS, 8, props, NULL, 0);
  }
  g_assert_cmpint (pw_filter_connect (fixture->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0), ==, 0);
  WAIT_FOR (node_has_id, fixture);

  return pw_filter_get_node_id (fixture->filter);
}

static int
compare_lines (gconstpointer a, gconstpointer b)
{
  return strcmp (*(char *const *) a, *(char *const *) b);
}

/* What PipeWire itself says is linked to our node: "out>in", sorted, with spaces between. */
static char *
links_of_probe (void)
{
  g_autofree char *output = NULL;
  g_autoptr (GPtrArray) list = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) lines = NULL;
  const char *left = "";

  g_assert_true (g_spawn_command_line_sync ("pw-link -l", &output, NULL, NULL, NULL));
  lines = g_strsplit (output, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    const char *arrow = strstr (lines[i], "|-> ");

    if (!g_ascii_isspace (lines[i][0]))
      left = lines[i];
    else if (arrow != NULL && (strstr (left, "probe:") != NULL || strstr (arrow, "probe:") != NULL))
      g_ptr_array_add (list, g_strdup_printf ("%s>%s", left, arrow + 4));
  }
  g_ptr_array_sort (list, compare_lines);
  g_ptr_array_add (list, NULL);

  return g_strjoinv (" ", (char **) list->pdata);
}

static gboolean
links_are (const char *expected)
{
  g_autofree char *links = links_of_probe ();

  return g_str_equal (links, expected);
}

#define MIC_LINKS(mic) mic ":capture_FL>probe:input_1 " mic ":capture_FR>probe:input_2"
#define SPEAKER_LINKS(speaker)                                                                     \
  "probe:output_FL>" speaker ":playback_FL probe:output_FR>" speaker ":playback_FR"

static void
expect_links (const char *expected)
{
  gint64 end = g_get_monotonic_time () + 10 * G_USEC_PER_SEC;

  while (!links_are (expected)) {
    if (g_get_monotonic_time () > end) {
      g_autofree char *links = links_of_probe ();

      g_assert_cmpstr (links, ==, expected);
    }
    pw_run_for (20);
  }
}

static const char *
linked_name (Fixture *fixture, TuttiDeviceKind kind)
{
  TuttiDevice *device = tutti_device_registry_get_linked (fixture->registry, kind);

  return device != NULL ? tutti_device_get_name (device) : NULL;
}

static gboolean
has_input (Fixture *fixture, const char *name)
{
  return tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, name) != NULL;
}

static gboolean
has_vmic2 (Fixture *fixture)
{
  return has_input (fixture, "vmic2");
}

static gboolean
vmic2_is_default (Fixture *fixture)
{
  TuttiDevice *device = tutti_device_registry_get_default (fixture->registry, TUTTI_DEVICE_INPUT);

  return device != NULL && g_str_equal (tutti_device_get_name (device), "vmic2");
}

static gboolean
vmic_is_default (Fixture *fixture)
{
  TuttiDevice *device = tutti_device_registry_get_default (fixture->registry, TUTTI_DEVICE_INPUT);

  return device != NULL && g_str_equal (tutti_device_get_name (device), "vmic");
}

static void
test_list (Fixture *fixture, gconstpointer data)
{
  GListModel *inputs = tutti_device_registry_get_inputs (fixture->registry);
  GListModel *outputs = tutti_device_registry_get_outputs (fixture->registry);
  TuttiDevice *device;
  guint channels, rate;
  guint64 serial;
  gboolean bluetooth;

  /* The speaker's monitor is no input. */
  g_assert_cmpuint (g_list_model_get_n_items (inputs), ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (outputs), ==, 1);

  device = tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, "vmic");
  g_assert_nonnull (device);
  g_assert_cmpstr (tutti_device_get_description (device), ==, "B microphone");
  g_assert_cmpint (tutti_device_get_kind (device), ==, TUTTI_DEVICE_INPUT);
  g_object_get (device, "channels", &channels, "rate", &rate, "serial", &serial, "bluetooth",
                &bluetooth, NULL);
  g_assert_cmpuint (channels, ==, 2);
  g_assert_cmpuint (rate, ==, 48000);
  g_assert_cmpuint (serial, >, 0);
  g_assert_false (bluetooth);
  g_assert_null (tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, "vspk"));
  g_assert_null (tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_OUTPUT, "vmic"));
}

static void
test_hot_plug (Fixture *fixture, gconstpointer data)
{
  GListModel *inputs = tutti_device_registry_get_inputs (fixture->registry);
  g_autoptr (TuttiDevice) first = NULL;

  g_assert_cmpuint (fixture->added, ==, 0);
  pw_server_add_device (server, "vmic2", "A microphone", "Audio/Source/Virtual", "MONO", 100);
  WAIT_FOR (has_vmic2, fixture);
  g_assert_cmpuint (fixture->added, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (inputs), ==, 2);
  first = g_list_model_get_item (inputs, 0);
  g_assert_cmpstr (tutti_device_get_name (first), ==, "vmic2"); /* sorted by description */
  g_assert_cmpuint (tutti_device_get_channels (first), ==, 1);

  pw_server_remove_device (server, "vmic2");
  while (has_input (fixture, "vmic2"))
    pw_run_for (10);
  g_assert_cmpuint (g_list_model_get_n_items (inputs), ==, 1);
  /* Nobody was linked to it. */
  g_assert_cmpuint (fixture->lost, ==, 0);
}

static gboolean
daemon_says (const char *name)
{
  g_autofree char *output = NULL;
  g_autofree char *needle = g_strdup_printf ("\"name\":\"%s\"", name);

  return g_spawn_command_line_sync ("pw-metadata -n default 0 default.audio.source", &output, NULL,
                                    NULL, NULL) &&
         strstr (output, needle) != NULL;
}

/* What the desktop's settings do. The session manager now and then overlooks a choice that falls
 * into its own rescan; that is not what is tested here, so it is told again. */
static void
choose_default (const char *name)
{
  g_autofree char *command =
      g_strdup_printf ("pw-metadata -n default 0 default.configured.audio.source "
                       "'{ \"name\": \"%s\" }' Spa:String:JSON",
                       name);

  for (guint try = 0; try < 10; try++) {
    pw_server_run (server, command);
    for (guint i = 0; i < 10; i++) {
      if (daemon_says (name))
        return;
      pw_run_for (100);
    }
  }
  g_error ("The session manager did not take %s for its default", name);
}

static void
test_default (Fixture *fixture, gconstpointer data)
{
  guint node = make_node (fixture);

  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, NULL);
  WAIT_FOR (vmic_is_default, fixture);
  expect_links (MIC_LINKS ("vmic"));
  g_assert_true (tutti_device_get_is_default (
      tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, "vmic")));

  /* The person chooses another default in the desktop's settings: we go with it. */
  pw_server_add_device (server, "vmic2", "A microphone", "Audio/Source/Virtual", "FL FR", 100);
  WAIT_FOR (has_vmic2, fixture);
  choose_default ("vmic2");
  WAIT_FOR (vmic2_is_default, fixture);
  expect_links (MIC_LINKS ("vmic2"));
  g_assert_cmpstr (linked_name (fixture, TUTTI_DEVICE_INPUT), ==, "vmic2");
  g_assert_false (tutti_device_get_is_default (
      tutti_device_registry_find (fixture->registry, TUTTI_DEVICE_INPUT, "vmic")));

  pw_server_run (server, "pw-metadata -n default -d 0 default.configured.audio.source");
  WAIT_FOR (vmic_is_default, fixture);
  expect_links (MIC_LINKS ("vmic"));
  g_assert_cmpuint (fixture->lost, ==, 0);
  pw_server_remove_device (server, "vmic2");
}

static void
test_unplug (Fixture *fixture, gconstpointer data)
{
  guint node = make_node (fixture);

  pw_server_add_device (server, "vmic2", "A microphone", "Audio/Source/Virtual", "FL FR", 100);
  WAIT_FOR (has_vmic2, fixture);
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "vmic2");
  expect_links (MIC_LINKS ("vmic2"));

  /* Unplugged while linked: said, and the default one serves. */
  pw_server_remove_device (server, "vmic2");
  expect_links (MIC_LINKS ("vmic"));
  g_assert_cmpuint (fixture->lost, ==, 1);
  g_assert_cmpstr (fixture->last_lost, ==, "vmic2");
  g_assert_cmpstr (linked_name (fixture, TUTTI_DEVICE_INPUT), ==, "vmic");

  /* Plugged in again: back. */
  pw_server_add_device (server, "vmic2", "A microphone", "Audio/Source/Virtual", "FL FR", 100);
  expect_links (MIC_LINKS ("vmic2"));
  g_assert_cmpstr (linked_name (fixture, TUTTI_DEVICE_INPUT), ==, "vmic2");
  g_assert_cmpuint (fixture->lost, ==, 1);
  g_assert_cmpuint (fixture->linked_changed, ==, 3);
  pw_server_remove_device (server, "vmic2");
}

static void
test_mono_and_none (Fixture *fixture, gconstpointer data)
{
  guint node = make_node (fixture);

  pw_server_add_device (server, "vmic2", "Mono mic", "Audio/Source/Virtual", "MONO", 100);
  pw_server_add_device (server, "vspk2", "Mono speaker", "Audio/Sink", "MONO", 100);
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "vmic2");
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_OUTPUT, "vspk2");
  expect_links ("probe:output_FL>vspk2:playback_MONO probe:output_FR>vspk2:playback_MONO "
                "vmic2:capture_MONO>probe:input_1");

  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "");
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_OUTPUT, "vspk");
  expect_links (SPEAKER_LINKS ("vspk"));
  g_assert_null (linked_name (fixture, TUTTI_DEVICE_INPUT));

  tutti_device_registry_link (fixture->registry, 0, TUTTI_DEVICE_OUTPUT, NULL);
  expect_links ("");
  g_assert_null (linked_name (fixture, TUTTI_DEVICE_OUTPUT));
  pw_server_remove_device (server, "vmic2");
  pw_server_remove_device (server, "vspk2");
}

static void
test_patch_bay (Fixture *fixture, gconstpointer data)
{
  guint node = make_node (fixture);

  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "vmic");
  expect_links (MIC_LINKS ("vmic"));
  /* Somebody takes a link away by hand: it is not put back behind their back … */
  pw_server_run (server, "pw-link -d vmic:capture_FR probe:input_2");
  pw_server_add_device (server, "vmic2", "A microphone", "Audio/Source/Virtual", "FL FR", 100);
  WAIT_FOR (has_vmic2, fixture);
  expect_links ("vmic:capture_FL>probe:input_1");
  /* … until a device is chosen anew. */
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "vmic");
  expect_links (MIC_LINKS ("vmic"));
  pw_server_remove_device (server, "vmic2");
}

static void
test_links_end_with_us (Fixture *fixture, gconstpointer data)
{
  guint node = make_node (fixture);

  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_INPUT, "vmic");
  tutti_device_registry_link (fixture->registry, node, TUTTI_DEVICE_OUTPUT, NULL);
  expect_links (SPEAKER_LINKS ("vspk") " " MIC_LINKS ("vmic"));
  tutti_device_registry_set_core (fixture->registry, NULL, NULL);
  g_assert_cmpuint (g_list_model_get_n_items (tutti_device_registry_get_inputs (fixture->registry)),
                    ==, 0);
  expect_links ("");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  server = pw_server_new ();

#define ADD(path, test) g_test_add (path, Fixture, NULL, set_up, test, tear_down)
  ADD ("/devices/list", test_list);
  ADD ("/devices/hot-plug", test_hot_plug);
  ADD ("/devices/default", test_default);
  ADD ("/devices/unplug", test_unplug);
  ADD ("/devices/mono-and-none", test_mono_and_none);
  ADD ("/devices/patch-bay", test_patch_bay);
  ADD ("/devices/links-end-with-us", test_links_end_with_us);

  result = g_test_run ();
  pw_server_free (server);

  return result;
}
