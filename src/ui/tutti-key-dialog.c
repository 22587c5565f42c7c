/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-key-dialog.h"

#include "tutti-i18n.h"
#include "tutti-pedal.h"

/**
 * TuttiKeyDialog: takes the next key that is pressed for the pedal, and goes. Main thread.
 */
struct _TuttiKeyDialog {
  AdwDialog parent_instance;

  AdwStatusPage *page;
  GSettings *settings;
};

G_DEFINE_FINAL_TYPE (TuttiKeyDialog, tutti_key_dialog, ADW_TYPE_DIALOG)

static void
refuse (TuttiKeyDialog *self)
{
  const char *text = _ ("This key is needed to get around the window, or has no name. Press "
                        "another one.");

  adw_status_page_set_description (self->page, text);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static gboolean
pressed_cb (TuttiKeyDialog *self, guint keyval)
{
  if (keyval == GDK_KEY_Escape || tutti_pedal_is_on_the_way (keyval))
    return GDK_EVENT_PROPAGATE;
  if (!tutti_pedal_can_be (gdk_keyval_to_lower (keyval))) {
    refuse (self);
    return GDK_EVENT_STOP;
  }
  g_settings_set_string (self->settings, "pedal-key",
                         gdk_keyval_name (gdk_keyval_to_lower (keyval)));
  adw_dialog_close (ADW_DIALOG (self));
  return GDK_EVENT_STOP;
}

/**
 * tutti_key_dialog_new:
 * @settings: of the schema com.highloka.Tutti, in which the key is kept
 */
AdwDialog *
tutti_key_dialog_new (GSettings *settings)
{
  TuttiKeyDialog *self = g_object_new (TUTTI_TYPE_KEY_DIALOG, NULL);

  self->settings = g_object_ref (settings);
  return ADW_DIALOG (self);
}

static void
tutti_key_dialog_dispose (GObject *object)
{
  TuttiKeyDialog *self = TUTTI_KEY_DIALOG (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_KEY_DIALOG);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (tutti_key_dialog_parent_class)->dispose (object);
}

static void
tutti_key_dialog_class_init (TuttiKeyDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_key_dialog_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-key-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiKeyDialog, page);
}

static void
tutti_key_dialog_init (TuttiKeyDialog *self)
{
  GtkEventController *controller = gtk_event_controller_key_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (controller, "key-pressed", G_CALLBACK (pressed_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}
