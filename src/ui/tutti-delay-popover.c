/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay-popover.h"

#include "tutti-delay-advice.h"
#include "tutti-delay-plot.h"
#include "tutti-i18n.h"
#include "tutti-path-text.h"
#include "tutti-ui-format.h"

/**
 * TuttiDelayPopover: why one musician is late or crackles: the delay both ways, what it is made of,
 * the last minute, a sentence that says what to do, and the slider that trades delay for dropouts.
 * Reads once a second while it is open. Properties: `strip`, `participant` (whose it is),
 * `session` (ours).
 */
struct _TuttiDelayPopover {
  GtkPopover parent_instance;

  /* Template */
  GtkLabel *total_label;
  GtkLabel *advice_label;
  TuttiDelayPlot *plot;
  GtkLabel *heard_label;
  GtkLabel *both_label;
  GtkLabel *capture_label;
  GtkLabel *encode_label;
  GtkLabel *network_label;
  GtkLabel *playout_label;
  GtkLabel *path_label;
  GtkLabel *jitter_label;
  GtkLabel *lost_label;
  GtkLabel *late_label;
  GtkLabel *concealed_label;
  GtkAdjustment *bias_adjustment;

  /* Owned */
  TuttiStrip *strip;
  TuttiParticipant *participant;
  TuttiSession *session;
  GBinding *bias_binding;
  guint timeout_id;
};

enum { PROP_STRIP = 1, PROP_PARTICIPANT, PROP_SESSION, N_PROPS };

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

/* The little that there is must not look like nothing. */
static char *
format_share (double percent, gboolean known)
{
  if (known && percent > 0 && percent < 0.1)
    return g_strdup (_ ("< 0.1 %"));
  return tutti_format_percent (known ? percent / 100 : -1);
}

/* Clocks that are not quite right may make the shortest way take less than nothing. */
static char *
format_stage (double ms, gboolean known)
{
  return tutti_format_ms (known ? MAX (ms, 0.0) : -1);
}

static void
show_both_ways (TuttiDelayPopover *self, double delay_ms)
{
  double heard = -1, error = -1;

  if (self->participant)
    g_object_get (self->participant, "heard-delay-ms", &heard, "heard-error-ms", &error, NULL);
  take_text (self->heard_label, tutti_format_ms_error (heard, error));
  take_text (self->both_label,
             tutti_format_ms (delay_ms >= 0 && heard >= 0 ? delay_ms + heard : -1));
}

static void
show_stages (TuttiDelayPopover *self, const TuttiDelayStages *stages)
{
  gboolean known = stages->delay_ms >= 0 && stages->split;

  take_text (self->capture_label, format_stage (stages->capture_ms, known));
  take_text (self->encode_label, format_stage (stages->encode_ms, known));
  take_text (self->network_label, format_stage (stages->network_ms, known));
  take_text (self->playout_label, format_stage (stages->playout_ms, known));
}

static void
show_line (TuttiDelayPopover *self, const TuttiDelayFacts *facts, const TuttiRemoteStats *stats)
{
  gboolean known = stats->received > 0;

  take_text (self->jitter_label, tutti_format_ms (known ? stats->jitter_ms : -1));
  take_text (self->lost_label, format_share (facts->loss_percent, known));
  take_text (self->late_label, format_count (stats->late, stats->received));
  take_text (self->concealed_label, format_share (facts->concealed_percent, known));
}

/* Where both ways differ, how we hear is what this is about. */
static void
show_path (TuttiDelayPopover *self)
{
  g_autofree char *path = NULL;

  if (self->session)
    g_object_get (self->session, "receive-path", &path, NULL);
  gtk_label_set_text (self->path_label, tutti_path_describe (path));
}

static double
get_own_block_ms (TuttiDelayPopover *self)
{
  guint granted = 0, rate = 0;

  if (self->session)
    g_object_get (tutti_session_get_sound (self->session), "granted-quantum", &granted, "rate",
                  &rate, NULL);
  return granted && rate ? granted * 1000.0 / rate : 0;
}

static void
collect (TuttiDelayPopover *self,
         TuttiDelayFacts *facts,
         const TuttiRemoteStats *stats,
         const TuttiDelayPoint *points,
         guint n)
{
  g_autoptr (TuttiDelayStages) stages = NULL;

  g_object_get (self->strip, "flowing", &facts->flowing, "delay-stages", &stages, "bias",
                &facts->bias, NULL);
  if (stages)
    facts->stages = *stages;
  else
    g_object_get (self->strip, "delay-ms", &facts->stages.delay_ms, "delay-error-ms",
                  &facts->stages.error_ms, NULL);
  facts->jitter_ms = stats->jitter_ms;
  facts->loss_percent = tutti_delay_get_loss_percent (points, n);
  facts->concealed_percent = tutti_delay_get_concealed_percent (points, n);
  facts->own_block_ms = get_own_block_ms (self);
}

static void
show_advice (TuttiDelayPopover *self, const TuttiDelayFacts *facts)
{
  const char *name =
      self->participant ? tutti_participant_get_display_name (self->participant) : NULL;
  g_autofree char *text = tutti_delay_advise (tutti_delay_find_cause (facts), facts,
                                              name && *name ? name : _ ("this musician"));
  g_autofree char *path = NULL, *both = NULL;

  if (self->session)
    g_object_get (self->session, "protocol", &path, NULL);
  both = g_strjoin ("\n\n", text, tutti_path_advise (path), NULL);
  gtk_label_set_text (self->advice_label, both);
}

static gboolean
update (gpointer data)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (data);
  TuttiDelayPoint points[TUTTI_DELAY_HISTORY];
  TuttiRemoteStats stats = { 0 };
  TuttiDelayFacts facts = { 0 };
  guint n;

  if (!self->strip)
    return G_SOURCE_CONTINUE;
  n = tutti_strip_get_history (self->strip, points, G_N_ELEMENTS (points));
  tutti_strip_get_stats (self->strip, &stats);
  collect (self, &facts, &stats, points, n);
  take_text (self->total_label,
             tutti_format_ms_error (facts.stages.delay_ms, facts.stages.error_ms));
  show_both_ways (self, facts.stages.delay_ms);
  show_stages (self, &facts.stages);
  show_line (self, &facts, &stats);
  show_path (self);
  show_advice (self, &facts);
  tutti_delay_plot_set_points (self->plot, points, n, facts.stages.error_ms,
                               g_get_monotonic_time () * 1000);
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
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (object);

  if (property_id == PROP_STRIP)
    set_strip (self, g_value_get_object (value));
  else if (property_id == PROP_PARTICIPANT)
    g_set_object (&self->participant, g_value_get_object (value));
  else if (property_id == PROP_SESSION)
    g_set_object (&self->session, g_value_get_object (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_delay_popover_get_property (GObject *object,
                                  guint property_id,
                                  GValue *value,
                                  GParamSpec *pspec)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (object);

  if (property_id == PROP_STRIP)
    g_value_set_object (value, self->strip);
  else if (property_id == PROP_PARTICIPANT)
    g_value_set_object (value, self->participant);
  else if (property_id == PROP_SESSION)
    g_value_set_object (value, self->session);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_delay_popover_dispose (GObject *object)
{
  TuttiDelayPopover *self = TUTTI_DELAY_POPOVER (object);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  set_strip (self, NULL);
  g_clear_object (&self->participant);
  g_clear_object (&self->session);
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
  props[PROP_PARTICIPANT] = g_param_spec_object ("participant", NULL, NULL, TUTTI_TYPE_PARTICIPANT,
                                                 G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_SESSION] = g_param_spec_object ("session", NULL, NULL, TUTTI_TYPE_SESSION,
                                             G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_DELAY_PLOT);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-delay-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, total_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, advice_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, plot);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, heard_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, both_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, capture_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, encode_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, network_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, playout_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, path_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, jitter_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, lost_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, late_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, concealed_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiDelayPopover, bias_adjustment);
}

static void
tutti_delay_popover_init (TuttiDelayPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
