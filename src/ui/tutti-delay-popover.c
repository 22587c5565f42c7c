/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay-popover.h"

#include "tutti-i18n.h"
#include "tutti-ui-format.h"

/**
 * TuttiDelayPopover: what the delay of one strip is made of, as measured, and the slider that
 * trades delay for dropouts. Reads once a second while it is open. Property: `strip`.
 */
struct _TuttiDelayPopover {
  GtkPopover parent_instance;

  /* Template */
  GtkLabel *total_label;
  GtkLabel *target_label;
  GtkLabel *jitter_label;
  GtkLabel *lost_label;
  GtkLabel *late_label;
  GtkLabel *quality_label;
  GtkAdjustment *bias_adjustment;

  /* Owned */
  TuttiStrip *strip;
  GBinding *bias_binding;
  guint timeout_id;
};

enum { PROP_STRIP = 1, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiDelayPopover, tutti_delay_popover, GTK_TYPE_POPOVER)

static void
take_text (GtkLabel *label, char *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

static char *
format_count (guint64 count, guint64 of)
{
  if (of == 0)
    return g_strdup ("–");
  return g_strdup_printf ("%" G_GUINT64_FORMAT, count);
}

static gboolean
update (gpointer data)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (data);
  TuttiRemoteStats stats = { 0 };
  double delay, error, quality;
  gboolean flowing;

  if (!self->strip)
    return G_SOURCE_CONTINUE;
  tutti_strip_get_stats (self->strip, &stats);
  g_object_get (self->strip, "delay-ms", &delay, "delay-error-ms", &error, "quality", &quality,
                "flowing", &flowing, NULL);
  take_text (self->total_label, tutti_format_ms_error (delay, error));
  take_text (self->target_label, tutti_format_ms (stats.received ? stats.target_ms : -1));
  take_text (self->jitter_label, tutti_format_ms (stats.received ? stats.jitter_ms : -1));
  take_text (self->lost_label, format_count (stats.lost, stats.received));
  take_text (self->late_label, format_count (stats.late, stats.received));
  take_text (self->quality_label, tutti_format_percent (flowing ? quality : -1));
  return G_SOURCE_CONTINUE;
}

static void
tutti_delay_popover_map (GtkWidget *widget)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (widget);

  GTK_WIDGET_CLASS (tutti_delay_popover_parent_class)->map (widget);
  update (self);
  if (!self->timeout_id)
    self->timeout_id = g_timeout_add_seconds (1, update, self);
}

static void
tutti_delay_popover_unmap (GtkWidget *widget)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (widget);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  GTK_WIDGET_CLASS (tutti_delay_popover_parent_class)->unmap (widget);
}

static void
set_strip (TuttiDelayPopover *self, TuttiStrip *strip)
{
  if (!g_set_object (&self->strip, strip))
    return;
  g_clear_pointer (&self->bias_binding, g_binding_unbind);
  if (strip)
    self->bias_binding = g_object_bind_property (strip, "bias", self->bias_adjustment, "value",
                                                 G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

static void
tutti_delay_popover_set_property (GObject *object,
                                  guint property_id,
                                  const GValue *value,
                                  GParamSpec *pspec)
{
  if (property_id == PROP_STRIP)
    set_strip (TUTTI_DELAY_POPOVER (object), g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_delay_popover_get_property (GObject *object,
                                  guint property_id,
                                  GValue *value,
                                  GParamSpec *pspec)
{
  if (property_id == PROP_STRIP)
    g_value_set_object (value, TUTTI_DELAY_POPOVER (object)->strip);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_delay_popover_dispose (GObject *object)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  set_strip (self, NULL);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_DELAY_POPOVER);

  G_OBJECT_CLASS (tutti_delay_popover_parent_class)->dispose (object);
}

static void
tutti_delay_popover_class_init (TuttiDelayPopoverClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_delay_popover_set_property;
  object_class->get_property = tutti_delay_popover_get_property;
  object_class->dispose = tutti_delay_popover_dispose;
  widget_class->map = tutti_delay_popover_map;
  widget_class->unmap = tutti_delay_popover_unmap;

  props[PROP_STRIP] = g_param_spec_object ("strip", NULL, NULL, TUTTI_TYPE_STRIP,
                                           G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-delay-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, total_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, target_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, jitter_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, lost_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, late_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, quality_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, bias_adjustment);
}

static void
tutti_delay_popover_init (TuttiDelayPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
