/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-fader.h"

#include "tutti-audio-types.h"
#include "tutti-ui-format.h"

/**
 * TuttiFader: a GtkScale for a gain or a pan. It has a mark at 0, a double click goes back there,
 * and a screen reader hears the value with its unit.
 *
 * Properties: `kind`, `position` (double: the value, but the lowest end of a gain that reaches
 * −60 dB is TUTTI_SILENCE_DB, so that a fader drawn down is silent). `vertical` turns it upright
 * with the loud end on top.
 */
struct _TuttiFader {
  GtkScale parent_instance;

  TuttiFaderKind kind;
};

enum { PROP_KIND = 1, PROP_POSITION, PROP_VERTICAL, N_PROPS };

static GParamSpec *props[N_PROPS];

#define SILENT_FROM_DB (-60.0)

G_DEFINE_ENUM_TYPE (TuttiFaderKind,
                    tutti_fader_kind,
                    G_DEFINE_ENUM_VALUE (TUTTI_FADER_GAIN, "gain"),
                    G_DEFINE_ENUM_VALUE (TUTTI_FADER_PAN, "pan"))

G_DEFINE_FINAL_TYPE (TuttiFader, tutti_fader, GTK_TYPE_SCALE)

static double
get_position (TuttiFader *self)
{
  double value = gtk_range_get_value (GTK_RANGE (self));

  if (self->kind == TUTTI_FADER_GAIN && value <= SILENT_FROM_DB)
    return TUTTI_SILENCE_DB;
  return value;
}

static void
set_position (TuttiFader *self, double position)
{
  /* What lies below the end of the scale stays as it is in the model. */
  if (position != get_position (self))
    gtk_range_set_value (GTK_RANGE (self), position);
}

static void
update_spoken (TuttiFader *self)
{
  double position = get_position (self);
  g_autofree char *text = self->kind == TUTTI_FADER_PAN ? tutti_format_pan (position)
                                                        : tutti_format_db_spoken (position);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text,
                                  -1);
}

static void
tutti_fader_value_changed (GtkRange *range)
{
  if (GTK_RANGE_CLASS (tutti_fader_parent_class)->value_changed)
    GTK_RANGE_CLASS (tutti_fader_parent_class)->value_changed (range);
  update_spoken (TUTTI_FADER (range));
  g_object_notify_by_pspec (G_OBJECT (range), props[PROP_POSITION]);
}

static void
pressed_cb (TuttiFader *self, int n_press, double x, double y, GtkGestureClick *gesture)
{
  if (n_press != 2)
    return;
  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_range_set_value (GTK_RANGE (self), 0);
}

static void
set_vertical (TuttiFader *self, gboolean vertical)
{
  gtk_range_set_inverted (GTK_RANGE (self), vertical);
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self),
                                  vertical ? GTK_ORIENTATION_VERTICAL : GTK_ORIENTATION_HORIZONTAL);
  gtk_scale_clear_marks (GTK_SCALE (self));
  gtk_scale_add_mark (GTK_SCALE (self), 0, vertical ? GTK_POS_RIGHT : GTK_POS_BOTTOM, NULL);
}

/**
 * tutti_fader_set_subject:
 * @label: what is moved, like “Volume of Ana”
 *
 * Names the fader for assistive technology and in its tooltip.
 */
void
tutti_fader_set_subject (TuttiFader *self, const char *label)
{
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), label);
}

static void
tutti_fader_set_property (GObject *object,
                          guint property_id,
                          const GValue *value,
                          GParamSpec *pspec)
{
  TuttiFader *self = TUTTI_FADER (object);

  switch (property_id) {
  case PROP_KIND:
    self->kind = g_value_get_enum (value);
    update_spoken (self);
    break;
  case PROP_POSITION:
    set_position (self, g_value_get_double (value));
    break;
  case PROP_VERTICAL:
    set_vertical (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_fader_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiFader *self = TUTTI_FADER (object);

  switch (property_id) {
  case PROP_KIND:
    g_value_set_enum (value, self->kind);
    break;
  case PROP_POSITION:
    g_value_set_double (value, get_position (self));
    break;
  case PROP_VERTICAL:
    g_value_set_boolean (value, gtk_orientable_get_orientation (GTK_ORIENTABLE (self)) ==
                                    GTK_ORIENTATION_VERTICAL);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_fader_constructed (GObject *object)
{
  G_OBJECT_CLASS (tutti_fader_parent_class)->constructed (object);

  /* Only now has the range an adjustment to put a mark on. */
  set_vertical (TUTTI_FADER (object), FALSE);
}

static void
tutti_fader_class_init (TuttiFaderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = tutti_fader_set_property;
  object_class->get_property = tutti_fader_get_property;
  object_class->constructed = tutti_fader_constructed;
  GTK_RANGE_CLASS (klass)->value_changed = tutti_fader_value_changed;

  props[PROP_KIND] = g_param_spec_enum ("kind", NULL, NULL, TUTTI_TYPE_FADER_KIND, TUTTI_FADER_GAIN,
                                        G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_POSITION] =
      g_param_spec_double ("position", NULL, NULL, -G_MAXDOUBLE, G_MAXDOUBLE, 0,
                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  props[PROP_VERTICAL] = g_param_spec_boolean ("vertical", NULL, NULL, FALSE,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
}

static void
tutti_fader_init (TuttiFader *self)
{
  GtkGesture *click = gtk_gesture_click_new ();

  gtk_scale_set_draw_value (GTK_SCALE (self), FALSE);
  gtk_range_set_round_digits (GTK_RANGE (self), -1);
  gtk_event_controller_set_propagation_phase (GTK_EVENT_CONTROLLER (click), GTK_PHASE_CAPTURE);
  g_signal_connect_object (click, "pressed", G_CALLBACK (pressed_cb), self, G_CONNECT_SWAPPED);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (click));
}
