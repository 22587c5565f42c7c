/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-own-strips-group.h"

#include "tutti-error.h"
#include "tutti-fader.h"
#include "tutti-i18n.h"

/**
 * TuttiOwnStripsGroup: my further strips, a voice beside an instrument say: one row that opens for
 * each, and a button that adds another. Main thread.
 */
struct _TuttiOwnStripsGroup {
  AdwPreferencesGroup parent_instance;

  GtkWidget *add_button; /* borrowed, child of the group */
  GPtrArray *rows;       /* borrowed, children of the group */
  TuttiSound *sound;
};

G_DEFINE_FINAL_TYPE (TuttiOwnStripsGroup, tutti_own_strips_group, ADW_TYPE_PREFERENCES_GROUP)

static const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

static gboolean
mode_to_index (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint (to, g_value_get_enum (from));
  return TRUE;
}

static gboolean
index_to_mode (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  if (g_value_get_uint (from) > TUTTI_INPUT_MODE_STEREO)
    return FALSE;
  g_value_set_enum (to, g_value_get_uint (from));
  return TRUE;
}

/* People count channels from 1. */
static gboolean
channel_to_number (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_double (to, g_value_get_uint (from) + 1);
  return TRUE;
}

static gboolean
number_to_channel (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint (to, (guint) g_value_get_double (from) - 1);
  return TRUE;
}

/**
 * tutti_own_strips_bind_channel:
 * @row: an AdwSpinRow, for the first channel of @strip
 */
void
tutti_own_strips_bind_channel (TuttiOwnStrip *strip, gpointer row)
{
  g_object_bind_property_full (strip, "first-channel", row, "value",
                               G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE, channel_to_number,
                               number_to_channel, NULL, NULL);
}

static gboolean
label_to_title (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  const char *label = g_value_get_string (from);

  g_value_set_string (to, label && *label ? label : _ ("Unnamed"));
  return TRUE;
}

static void
take_label (TuttiOwnStrip *strip, GtkEditable *row)
{
  g_object_set (strip, "label", gtk_editable_get_text (row), NULL);
}

static GtkWidget *
create_label_row (TuttiOwnStrip *strip)
{
  GtkWidget *row = adw_entry_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Name, Like Voice"));
  gtk_editable_set_text (GTK_EDITABLE (row), tutti_own_strip_get_label (strip));
  /* Each letter would be a message to everybody. */
  adw_entry_row_set_show_apply_button (ADW_ENTRY_ROW (row), TRUE);
  g_signal_connect_object (row, "apply", G_CALLBACK (take_label), strip, G_CONNECT_SWAPPED);
  return row;
}

static GtkWidget *
create_mode_row (TuttiOwnStrip *strip)
{
  GtkWidget *row = adw_combo_row_new ();
  const char *const modes[] = { _ ("Left"), _ ("Right"), _ ("Both as one"), _ ("Stereo"), NULL };
  g_autoptr (GtkStringList) list = gtk_string_list_new (modes);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Channels"));
  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  g_object_bind_property_full (strip, "input-mode", row, "selected", both, mode_to_index,
                               index_to_mode, NULL, NULL);
  return row;
}

static GtkWidget *
create_channel_row (TuttiOwnStrip *strip)
{
  GtkWidget *row = adw_spin_row_new_with_range (1, 8, 1);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("First Channel of the Input"));
  tutti_own_strips_bind_channel (strip, row);
  return row;
}

/* @subject: for screen readers */
static GtkWidget *
create_level_row (TuttiOwnStrip *strip,
                  const char *title,
                  const char *subject,
                  const char *property,
                  double lower,
                  double upper)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *fader = g_object_new (TUTTI_TYPE_FADER, "hexpand", TRUE, "width-request", 120,
                                   "valign", GTK_ALIGN_CENTER, "adjustment",
                                   gtk_adjustment_new (0, lower, upper, 0.5, 3, 0), NULL);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  tutti_fader_set_subject (TUTTI_FADER (fader), subject);
  g_object_bind_property (strip, property, fader, "position", both);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), fader);
  return row;
}

static GtkWidget *
create_gain_row (TuttiOwnStrip *strip)
{
  g_autofree char *subject = g_strdup_printf (_ ("Gain of %s"), tutti_own_strip_get_label (strip));

  return create_level_row (strip, _ ("Gain"), subject, "gain-db", -24, 24);
}

static GtkWidget *
create_send_row (TuttiOwnStrip *strip)
{
  g_autofree char *subject =
      g_strdup_printf (_ ("Level the others get of %s"), tutti_own_strip_get_label (strip));

  return create_level_row (strip, _ ("Level Sent"), subject, "send-level", -60, 12);
}

static GtkWidget *
create_monitor_row (TuttiOwnStrip *strip)
{
  GtkWidget *row = adw_switch_row_new ();

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), _ ("Hear Myself"));
  g_object_bind_property (strip, "monitor", row, "active", both);
  return row;
}

static void
remove_cb (TuttiOwnStripsGroup *self, GtkWidget *button)
{
  TuttiOwnStrip *strip = g_object_get_data (G_OBJECT (button), "tutti-strip");

  tutti_sound_remove_own_strip (self->sound, strip);
  gtk_widget_grab_focus (self->add_button);
}

static gboolean
label_to_tooltip (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  const char *label = g_value_get_string (from);

  g_value_take_string (to, g_strdup_printf (_ ("Remove %s"), label ? label : ""));
  return TRUE;
}

static GtkWidget *
create_remove_button (TuttiOwnStripsGroup *self, TuttiOwnStrip *strip)
{
  GtkWidget *button = gtk_button_new_from_icon_name ("user-trash-symbolic");

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_object_set_data_full (G_OBJECT (button), "tutti-strip", g_object_ref (strip), g_object_unref);
  /* A button without text is called by its tooltip. */
  g_object_bind_property_full (strip, "label", button, "tooltip-text", G_BINDING_SYNC_CREATE,
                               label_to_tooltip, NULL, NULL, NULL);
  g_signal_connect_object (button, "clicked", G_CALLBACK (remove_cb), self, G_CONNECT_SWAPPED);
  return button;
}

static GtkWidget *
create_row (TuttiOwnStripsGroup *self, TuttiOwnStrip *strip)
{
  GtkWidget *row = adw_expander_row_new ();
  AdwExpanderRow *expander = ADW_EXPANDER_ROW (row);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  g_object_set_data_full (G_OBJECT (row), "tutti-strip", g_object_ref (strip), g_object_unref);
  g_object_bind_property_full (strip, "label", row, "title", G_BINDING_SYNC_CREATE, label_to_title,
                               NULL, NULL, NULL);
  adw_expander_row_add_row (expander, create_label_row (strip));
  adw_expander_row_add_row (expander, create_mode_row (strip));
  adw_expander_row_add_row (expander, create_channel_row (strip));
  adw_expander_row_add_row (expander, create_gain_row (strip));
  adw_expander_row_add_row (expander, create_send_row (strip));
  adw_expander_row_add_row (expander, create_monitor_row (strip));
  adw_expander_row_add_suffix (expander, create_remove_button (self, strip));
  return row;
}

static GtkWidget *
find_row (TuttiOwnStripsGroup *self, TuttiOwnStrip *strip)
{
  for (guint i = 0; i < self->rows->len; i++) {
    GtkWidget *row = g_ptr_array_index (self->rows, i);

    if (g_object_get_data (G_OBJECT (row), "tutti-strip") == strip)
      return row;
  }
  return NULL;
}

/* Rows whose strips stay, stay: somebody may be typing in one. */
static void
sync_rows (TuttiOwnStripsGroup *self)
{
  AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP (self);
  GListModel *strips = tutti_sound_get_own_strips (self->sound);
  guint n = g_list_model_get_n_items (strips);
  g_autoptr (GPtrArray) wanted = g_ptr_array_new ();

  for (guint i = 1; i < n; i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);
    GtkWidget *row = find_row (self, strip);

    if (!row) {
      row = create_row (self, strip);
      adw_preferences_group_add (group, row);
    }
    g_ptr_array_add (wanted, row);
  }
  for (guint i = 0; i < self->rows->len; i++)
    if (!g_ptr_array_find (wanted, g_ptr_array_index (self->rows, i), NULL))
      adw_preferences_group_remove (group, g_ptr_array_index (self->rows, i));
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  self->rows = g_steal_pointer (&wanted);
  gtk_widget_set_sensitive (self->add_button, n < TUTTI_MAX_OWN_STRIPS);
}

static void
add_cb (TuttiOwnStripsGroup *self)
{
  g_autoptr (GError) error = NULL;
  GListModel *strips = tutti_sound_get_own_strips (self->sound);
  g_autofree char *label = g_strdup_printf (_ ("Strip %u"), g_list_model_get_n_items (strips) + 1);
  TuttiOwnStrip *strip = tutti_sound_add_own_strip (self->sound, label, &error);
  GtkWidget *row;

  if (!strip) {
    /* The button is not there for as many as may be: this is not the usual way. */
    adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self), error->message);
    return;
  }
  /* The other plug of the common two: whoever sings beside an instrument has the voice there. */
  g_object_set (strip, "input-mode", TUTTI_INPUT_MODE_RIGHT, NULL);
  row = find_row (self, strip);
  if (!row)
    return;
  adw_expander_row_set_expanded (ADW_EXPANDER_ROW (row), TRUE);
  gtk_widget_grab_focus (row);
}

/**
 * tutti_own_strips_group_set_sound:
 * @sound: whose strips are shown; once only
 */
void
tutti_own_strips_group_set_sound (TuttiOwnStripsGroup *self, TuttiSound *sound)
{
  g_return_if_fail (self->sound == NULL);

  self->sound = g_object_ref (sound);
  g_signal_connect_object (tutti_sound_get_own_strips (sound), "items-changed",
                           G_CALLBACK (sync_rows), self, G_CONNECT_SWAPPED);
  sync_rows (self);
}

static void
tutti_own_strips_group_dispose (GObject *object)
{
  TuttiOwnStripsGroup *self = TUTTI_OWN_STRIPS_GROUP (object);

  g_clear_object (&self->sound);

  G_OBJECT_CLASS (tutti_own_strips_group_parent_class)->dispose (object);
}

static void
tutti_own_strips_group_finalize (GObject *object)
{
  g_clear_pointer (&TUTTI_OWN_STRIPS_GROUP (object)->rows, g_ptr_array_unref);

  G_OBJECT_CLASS (tutti_own_strips_group_parent_class)->finalize (object);
}

static void
tutti_own_strips_group_class_init (TuttiOwnStripsGroupClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_own_strips_group_dispose;
  G_OBJECT_CLASS (klass)->finalize = tutti_own_strips_group_finalize;
}

static void
tutti_own_strips_group_init (TuttiOwnStripsGroup *self)
{
  self->rows = g_ptr_array_new ();
  self->add_button = gtk_button_new_from_icon_name ("list-add-symbolic");
  gtk_widget_set_tooltip_text (self->add_button, _ ("Add Another Strip"));
  gtk_widget_set_valign (self->add_button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (self->add_button, "flat");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->add_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Add Another Strip"), -1);
  g_signal_connect_object (self->add_button, "clicked", G_CALLBACK (add_cb), self,
                           G_CONNECT_SWAPPED);
  adw_preferences_group_set_header_suffix (ADW_PREFERENCES_GROUP (self), self->add_button);
}
