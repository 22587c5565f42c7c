/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pedal.h"

#include "tutti-i18n.h"

/**
 * TuttiPedal: a key of the person's choice mutes them, whatever has the focus: foot switches and
 * page turners are keyboards with few keys. Main thread.
 *
 * A key that is held repeats itself, and counts once. What was done for as long as it is held ends
 * with the focus of the window, too, because nobody tells of its release then.
 */
struct _TuttiPedal {
  AdwApplicationWindow *window;   /* borrowed: it owns us */
  GtkEventController *controller; /* the window's */
  GSettings *settings;
  TuttiSound *sound;
  guint keyval;    /* 0: none */
  gboolean active; /* in a room, and heard there */
  gboolean held;
};

static TuttiPedalMode
get_mode (TuttiPedal *self)
{
  return (TuttiPedalMode) g_settings_get_enum (self->settings, "pedal-mode");
}

static void
set_muted (TuttiPedal *self, gboolean muted)
{
  g_object_set (self->sound, "muted", muted, NULL);
}

/* Between presses. */
static void
rest (TuttiPedal *self)
{
  gboolean held = self->held;

  self->held = FALSE;
  if (!self->active || !self->keyval)
    return;
  if (get_mode (self) == TUTTI_PEDAL_TALK)
    set_muted (self, TRUE);
  else if (get_mode (self) == TUTTI_PEDAL_COUGH && held)
    set_muted (self, FALSE);
}

static void
press (TuttiPedal *self)
{
  gboolean muted;

  if (self->held)
    return;
  self->held = TRUE;
  switch (get_mode (self)) {
  case TUTTI_PEDAL_TALK:
    set_muted (self, FALSE);
    break;
  case TUTTI_PEDAL_COUGH:
    set_muted (self, TRUE);
    break;
  case TUTTI_PEDAL_TOGGLE:
  default:
    g_object_get (self->sound, "muted", &muted, NULL);
    set_muted (self, !muted);
  }
}

/* A letter belongs to whoever types. */
static gboolean
is_being_typed (TuttiPedal *self)
{
  GtkWidget *focus = gtk_root_get_focus (GTK_ROOT (self->window));

  return focus && GTK_IS_EDITABLE (focus) && gdk_keyval_to_unicode (self->keyval) != 0;
}

static gboolean
is_ours (TuttiPedal *self, guint keyval)
{
  return self->active && self->keyval && gdk_keyval_to_lower (keyval) == self->keyval &&
         !adw_application_window_get_visible_dialog (self->window) && !is_being_typed (self);
}

static gboolean
pressed_cb (TuttiPedal *self, guint keyval, guint keycode, GdkModifierType state)
{
  if (!is_ours (self, keyval) || (state & (GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK)) != 0)
    return GDK_EVENT_PROPAGATE;
  press (self);
  return GDK_EVENT_STOP;
}

static void
released_cb (TuttiPedal *self, guint keyval)
{
  if (self->held && gdk_keyval_to_lower (keyval) == self->keyval)
    rest (self);
}

static void
focus_cb (TuttiPedal *self)
{
  if (self->held && !gtk_window_is_active (GTK_WINDOW (self->window)))
    rest (self);
}

static void
settings_cb (TuttiPedal *self)
{
  g_autofree char *key = g_settings_get_string (self->settings, "pedal-key");
  guint keyval = *key ? gdk_keyval_from_name (key) : 0;

  self->keyval = keyval != GDK_KEY_VoidSymbol ? keyval : 0;
  rest (self);
}

/**
 * tutti_pedal_new:
 * @window: whose keys are listened to; outlives the pedal
 * @settings: of the schema com.highloka.Tutti
 * @sound: what is muted
 */
TuttiPedal *
tutti_pedal_new (AdwApplicationWindow *window, GSettings *settings, TuttiSound *sound)
{
  TuttiPedal *self = g_new0 (TuttiPedal, 1);

  self->window = window;
  self->settings = g_object_ref (settings);
  self->sound = g_object_ref (sound);
  self->controller = gtk_event_controller_key_new ();
  /* Before whatever has the focus: a pedal must not turn a fader. */
  gtk_event_controller_set_propagation_phase (self->controller, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (self->controller, "key-pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect_swapped (self->controller, "key-released", G_CALLBACK (released_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (window), self->controller);
  g_signal_connect_swapped (window, "notify::is-active", G_CALLBACK (focus_cb), self);
  g_signal_connect_swapped (settings, "changed::pedal-key", G_CALLBACK (settings_cb), self);
  g_signal_connect_swapped (settings, "changed::pedal-mode", G_CALLBACK (settings_cb), self);
  settings_cb (self);
  return self;
}

void
tutti_pedal_free (TuttiPedal *self)
{
  g_signal_handlers_disconnect_by_data (self->window, self);
  g_signal_handlers_disconnect_by_data (self->settings, self);
  gtk_widget_remove_controller (GTK_WIDGET (self->window), self->controller);
  g_object_unref (self->settings);
  g_object_unref (self->sound);
  g_free (self);
}

/**
 * tutti_pedal_set_active:
 * @active: whether there is anybody who could hear us
 */
void
tutti_pedal_set_active (TuttiPedal *self, gboolean active)
{
  if (self->active == active)
    return;

  /* What is held stays so over a reconnect, and nobody is left muted by a pedal that is gone. */
  if (!active)
    rest (self);
  self->active = active;
  if (active)
    rest (self);
}

/**
 * tutti_pedal_is_on_the_way:
 *
 * Returns: whether that key is pressed on the way to others, as Shift is
 */
gboolean
tutti_pedal_is_on_the_way (guint keyval)
{
  return (keyval >= GDK_KEY_Shift_L && keyval <= GDK_KEY_Hyper_R) || keyval == GDK_KEY_Num_Lock ||
         (keyval >= GDK_KEY_ISO_Lock && keyval <= GDK_KEY_ISO_Level5_Lock);
}

/**
 * tutti_pedal_can_be:
 *
 * Returns: whether that key may be a pedal: not those that one gets around the window with
 */
gboolean
tutti_pedal_can_be (guint keyval)
{
  return keyval != 0 && keyval != GDK_KEY_VoidSymbol && keyval != GDK_KEY_Escape &&
         keyval != GDK_KEY_Tab && keyval != GDK_KEY_ISO_Left_Tab &&
         !tutti_pedal_is_on_the_way (keyval) && gdk_keyval_name (keyval);
}

/**
 * tutti_pedal_dup_label:
 *
 * Returns: (transfer full) (nullable): what people call the key, %NULL where there is none
 */
char *
tutti_pedal_dup_label (GSettings *settings)
{
  g_autofree char *key = g_settings_get_string (settings, "pedal-key");
  guint keyval = *key ? gdk_keyval_from_name (key) : GDK_KEY_VoidSymbol;

  return keyval != GDK_KEY_VoidSymbol ? gtk_accelerator_get_label (keyval, 0) : NULL;
}
