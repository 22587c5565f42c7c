/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-row.h"

#include "tutti-i18n.h"

/**
 * TuttiDeviceRow: choose one of the sound devices that are there now, or the system's default.
 *
 * Properties: `devices` (GListModel of TuttiDevice; watched), `device-name` (char *: node.name of
 * the wanted one, NULL for the default). A wanted device that is unplugged keeps its place in the
 * list and stays chosen, so that it serves again when it comes back.
 */
struct _TuttiDeviceRow {
  AdwComboRow parent_instance;

  /* Owned */
  GListModel *devices;
  GtkStringList *labels;
  GStrv names;
  char *device_name;
  gboolean syncing;
};

enum { PROP_DEVICES = 1, PROP_DEVICE_NAME, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiDeviceRow, tutti_device_row, ADW_TYPE_COMBO_ROW)

static char *
get_default_label (TuttiDeviceRow *self)
{
  guint n = self->devices ? g_list_model_get_n_items (self->devices) : 0;

  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (self->devices, i);

    if (tutti_device_get_is_default (device))
      return g_strdup_printf (_ ("System default: %s"), tutti_device_get_description (device));
  }
  return g_strdup (_ ("System default"));
}

static void
sync_choices (TuttiDeviceRow *self)
{
  guint n = self->devices ? g_list_model_get_n_items (self->devices) : 0;
  g_autoptr (GStrvBuilder) labels = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_auto (GStrv) label_strv = NULL;
  guint selected = 0;

  g_strv_builder_take (labels, get_default_label (self));
  g_strv_builder_add (names, "");
  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (self->devices, i);
    const char *description = tutti_device_get_description (device);

    if (g_strcmp0 (tutti_device_get_name (device), self->device_name) == 0)
      selected = i + 1;
    g_strv_builder_add (labels, description ? description : tutti_device_get_name (device));
    g_strv_builder_add (names, tutti_device_get_name (device));
  }
  if (selected == 0 && self->device_name) {
    selected = n + 1;
    g_strv_builder_take (labels, g_strdup_printf (_ ("%s (not plugged in)"), self->device_name));
    g_strv_builder_add (names, self->device_name);
  }

  /* The list's change moves the selection, which is not the person's doing. */
  self->syncing = TRUE;
  label_strv = g_strv_builder_end (labels);
  g_strfreev (self->names);
  self->names = g_strv_builder_end (names);
  gtk_string_list_splice (self->labels, 0, g_list_model_get_n_items (G_LIST_MODEL (self->labels)),
                          (const char *const *) label_strv);
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), selected);
  self->syncing = FALSE;
}

static void
selected_cb (TuttiDeviceRow *self)
{
  guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));

  if (self->syncing || !self->names || selected >= g_strv_length (self->names))
    return;
  if (g_set_str (&self->device_name, *self->names[selected] ? self->names[selected] : NULL))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_DEVICE_NAME]);
}

static void
watch_items (TuttiDeviceRow *self, guint position, guint removed, guint added)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (TuttiDevice) device = g_list_model_get_item (self->devices, i);

    g_signal_connect_object (device, "notify::is-default", G_CALLBACK (sync_choices), self,
                             G_CONNECT_SWAPPED);
  }
  sync_choices (self);
}

static void
set_devices (TuttiDeviceRow *self, GListModel *devices)
{
  if (self->devices)
    g_signal_handlers_disconnect_by_func (self->devices, watch_items, self);
  if (!g_set_object (&self->devices, devices) || !devices)
    return;
  g_signal_connect_object (devices, "items-changed", G_CALLBACK (watch_items), self,
                           G_CONNECT_SWAPPED);
  watch_items (self, 0, 0, g_list_model_get_n_items (devices));
}

static void
tutti_device_row_set_property (GObject *object,
                               guint property_id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  TuttiDeviceRow *self = TUTTI_DEVICE_ROW (object);

  switch (property_id) {
  case PROP_DEVICES:
    set_devices (self, g_value_get_object (value));
    break;
  case PROP_DEVICE_NAME:
    if (g_set_str (&self->device_name, g_value_get_string (value)))
      sync_choices (self);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_device_row_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiDeviceRow *self = TUTTI_DEVICE_ROW (object);

  switch (property_id) {
  case PROP_DEVICES:
    g_value_set_object (value, self->devices);
    break;
  case PROP_DEVICE_NAME:
    g_value_set_string (value, self->device_name);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_device_row_dispose (GObject *object)
{
  TuttiDeviceRow *self = TUTTI_DEVICE_ROW (object);

  /* The combo's own teardown moves the selection, too. */
  self->syncing = TRUE;
  g_clear_object (&self->devices);

  G_OBJECT_CLASS (tutti_device_row_parent_class)->dispose (object);
}

static void
tutti_device_row_finalize (GObject *object)
{
  TuttiDeviceRow *self = TUTTI_DEVICE_ROW (object);

  g_clear_object (&self->labels);
  g_strfreev (self->names);
  g_free (self->device_name);

  G_OBJECT_CLASS (tutti_device_row_parent_class)->finalize (object);
}

static void
tutti_device_row_class_init (TuttiDeviceRowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = tutti_device_row_set_property;
  object_class->get_property = tutti_device_row_get_property;
  object_class->dispose = tutti_device_row_dispose;
  object_class->finalize = tutti_device_row_finalize;

  props[PROP_DEVICES] = g_param_spec_object ("devices", NULL, NULL, G_TYPE_LIST_MODEL,
                                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_DEVICE_NAME] = g_param_spec_string ("device-name", NULL, NULL, NULL,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tutti_device_row_init (TuttiDeviceRow *self)
{
  self->labels = gtk_string_list_new (NULL);
  adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (self->labels));
  g_signal_connect (self, "notify::selected", G_CALLBACK (selected_cb), NULL);
  sync_choices (self);
}
