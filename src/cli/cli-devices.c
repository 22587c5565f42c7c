/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <json-glib/json-glib.h>

#include "cli-commands.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-sound.h"

#define WAIT_MS 3000
#define STEP_MS 50

/* Lists the sound devices. The registry fills as PipeWire answers: wait until both lists stand
 * still. */
static void
wait_for_devices (TuttiSound *sound)
{
  guint last = G_MAXUINT, still = 0;

  for (guint t = 0; t < WAIT_MS && still < 6; t += STEP_MS) {
    gint64 until = g_get_monotonic_time () + STEP_MS * 1000;
    guint n;

    while (g_get_monotonic_time () < until)
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (5000);
    n = g_list_model_get_n_items (tutti_sound_get_inputs (sound)) +
        g_list_model_get_n_items (tutti_sound_get_outputs (sound));
    still = n == last && n > 0 ? still + 1 : 0;
    last = n;
  }
}

static void
print_text (GListModel *devices, const char *title)
{
  g_print ("%s\n", title);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (devices, i);

    g_print ("%s %s\n    device:%s, %u ch\n", tutti_device_get_is_default (device) ? "*" : " ",
             tutti_device_get_description (device), tutti_device_get_name (device),
             tutti_device_get_channels (device));
  }
}

static void
add_json (JsonBuilder *builder, GListModel *devices, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
  for (guint i = 0; i < g_list_model_get_n_items (devices); i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (devices, i);

    json_builder_begin_object (builder);
    json_builder_set_member_name (builder, "name");
    json_builder_add_string_value (builder, tutti_device_get_name (device));
    json_builder_set_member_name (builder, "description");
    json_builder_add_string_value (builder, tutti_device_get_description (device));
    json_builder_set_member_name (builder, "channels");
    json_builder_add_int_value (builder, tutti_device_get_channels (device));
    json_builder_set_member_name (builder, "default");
    json_builder_add_boolean_value (builder, tutti_device_get_is_default (device));
    json_builder_end_object (builder);
  }
  json_builder_end_array (builder);
}

static void
print_json (TuttiSound *sound)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *text = NULL;

  json_builder_begin_object (builder);
  add_json (builder, tutti_sound_get_inputs (sound), "inputs");
  add_json (builder, tutti_sound_get_outputs (sound), "outputs");
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  text = json_to_string (root, FALSE);
  g_print ("%s\n", text);
}

CliExit
cli_devices (int argc, char **argv)
{
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("One JSON object"), NULL },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (TuttiSound) sound = NULL;
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("Lists the sound inputs and outputs."));
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return cli_usage ("%s.", error->message);
  if (argc != 1)
    return cli_usage (_ ("devices takes no arguments."));

  /* Wanting no device: the node stays unlinked, only the lists are of interest. */
  sound = tutti_sound_new ();
  g_object_set (sound, "input-device", "", "output-device", "", NULL);
  if (!tutti_sound_start (sound, &error))
    return cli_fail (error, FALSE);

  wait_for_devices (sound);
  if (json) {
    print_json (sound);
  } else {
    print_text (tutti_sound_get_inputs (sound), _ ("Inputs"));
    print_text (tutti_sound_get_outputs (sound), _ ("Outputs"));
  }
  tutti_sound_stop (sound);

  return CLI_OK;
}
