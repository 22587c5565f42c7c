/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-preferences-dialog.h"

#include "tutti-device-row.h"
#include "tutti-i18n.h"
#include "tutti-key-dialog.h"
#include "tutti-pedal.h"

/**
 * TuttiPreferencesDialog: devices, pedal, appearance. While it is shown the sound runs, or there
 * would be no devices to choose from. Main thread.
 */
struct _TuttiPreferencesDialog {
  AdwPreferencesDialog parent_instance;

  /* Template */
  TuttiDeviceRow *input_row;
  TuttiDeviceRow *output_row;
  AdwActionRow *key_row;
  GtkWidget *forget_button;
  AdwComboRow *mode_row;
  AdwComboRow *style_row;

  /* Owned */
  TuttiJam *jam;
  gboolean listening;
};

G_DEFINE_FINAL_TYPE (TuttiPreferencesDialog, tutti_preferences_dialog, ADW_TYPE_PREFERENCES_DIALOG)

static void
sound_check_cb (TuttiPreferencesDialog *self)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.sound-check", NULL);
  adw_dialog_close (ADW_DIALOG (self));
}

static void
set_key_cb (TuttiPreferencesDialog *self)
{
  adw_dialog_present (tutti_key_dialog_new (tutti_jam_get_settings (self->jam)), GTK_WIDGET (self));
}

static void
forget_cb (TuttiPreferencesDialog *self)
{
  g_settings_reset (tutti_jam_get_settings (self->jam), "pedal-key");
}

static void
update_key (TuttiPreferencesDialog *self)
{
  g_autofree char *label = tutti_pedal_dup_label (tutti_jam_get_settings (self->jam));

  adw_action_row_set_subtitle (self->key_row, label ? label : _ ("None"));
  gtk_widget_set_visible (self->forget_button, label != NULL);
  gtk_widget_set_sensitive (GTK_WIDGET (self->mode_row), label != NULL);
}

static gboolean
enum_to_index (GValue *value, GVariant *variant, gpointer data)
{
  const char *const *nicks = data;
  const char *nick = g_variant_get_string (variant, NULL);

  for (guint i = 0; nicks[i]; i++)
    if (g_str_equal (nicks[i], nick))
      g_value_set_uint (value, i);
  return TRUE;
}

static GVariant *
index_to_enum (const GValue *value, const GVariantType *type, gpointer data)
{
  const char *const *nicks = data;
  guint index = g_value_get_uint (value);

  return index < g_strv_length ((char **) nicks) ? g_variant_new_string (nicks[index]) : NULL;
}

static void
bind (TuttiPreferencesDialog *self)
{
  static const char *const modes[] = { "toggle", "talk", "cough", NULL };
  static const char *const styles[] = { "follow", "light", "dark", NULL };
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  GSettings *settings = tutti_jam_get_settings (self->jam);
  TuttiSound *sound = tutti_jam_get_sound (self->jam);

  g_object_set (self->input_row, "devices", tutti_sound_get_inputs (sound), NULL);
  g_object_set (self->output_row, "devices", tutti_sound_get_outputs (sound), NULL);
  g_object_bind_property (sound, "input-device", self->input_row, "device-name", both);
  g_object_bind_property (sound, "output-device", self->output_row, "device-name", both);
  g_settings_bind_with_mapping (settings, "pedal-mode", self->mode_row, "selected",
                                G_SETTINGS_BIND_DEFAULT | G_SETTINGS_BIND_NO_SENSITIVITY,
                                enum_to_index, index_to_enum, (gpointer) modes, NULL);
  g_settings_bind_with_mapping (settings, "color-scheme", self->style_row, "selected",
                                G_SETTINGS_BIND_DEFAULT, enum_to_index, index_to_enum,
                                (gpointer) styles, NULL);
  g_signal_connect_object (settings, "changed::pedal-key", G_CALLBACK (update_key), self,
                           G_CONNECT_SWAPPED);
  update_key (self);
}

static void
set_listening (TuttiPreferencesDialog *self, gboolean listening)
{
  if (self->listening == listening)
    return;
  self->listening = listening;
  tutti_jam_listen (self->jam, listening);
}

/**
 * tutti_preferences_dialog_new:
 * @jam: whose settings and devices
 */
AdwDialog *
tutti_preferences_dialog_new (TuttiJam *jam)
{
  TuttiPreferencesDialog *self = g_object_new (TUTTI_TYPE_PREFERENCES_DIALOG, NULL);

  self->jam = g_object_ref (jam);
  bind (self);
  set_listening (self, TRUE);
  return ADW_DIALOG (self);
}

static void
tutti_preferences_dialog_closed (AdwDialog *dialog)
{
  set_listening (TUTTI_PREFERENCES_DIALOG (dialog), FALSE);
  if (ADW_DIALOG_CLASS (tutti_preferences_dialog_parent_class)->closed)
    ADW_DIALOG_CLASS (tutti_preferences_dialog_parent_class)->closed (dialog);
}

static void
tutti_preferences_dialog_dispose (GObject *object)
{
  TuttiPreferencesDialog *self = TUTTI_PREFERENCES_DIALOG (object);

  if (self->jam)
    set_listening (self, FALSE);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_PREFERENCES_DIALOG);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_preferences_dialog_parent_class)->dispose (object);
}

static void
tutti_preferences_dialog_class_init (TuttiPreferencesDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_preferences_dialog_dispose;
  ADW_DIALOG_CLASS (klass)->closed = tutti_preferences_dialog_closed;

  g_type_ensure (TUTTI_TYPE_DEVICE_ROW);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-preferences-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, input_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, output_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, key_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, forget_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, mode_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiPreferencesDialog, style_row);
  gtk_widget_class_bind_template_callback (widget_class, sound_check_cb);
  gtk_widget_class_bind_template_callback (widget_class, set_key_cb);
  gtk_widget_class_bind_template_callback (widget_class, forget_cb);
}

static void
tutti_preferences_dialog_init (TuttiPreferencesDialog *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
