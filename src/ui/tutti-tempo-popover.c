/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-tempo-popover.h"

#include <math.h>

#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-tap-tempo.h"
#include "tutti-ui-format.h"

/**
 * TuttiTempoPopover: the room's metronome, which is the same for everybody, and how I hear it.
 * Main thread.
 */
struct _TuttiTempoPopover {
  GtkPopover parent_instance;

  /* Template */
  GtkWidget *running;
  GtkAdjustment *bpm_adjustment;
  GtkAdjustment *beats_adjustment;
  GtkAdjustment *count_in_adjustment;
  GtkWidget *audible;
  TuttiFader *volume;

  TuttiTapTempo tap;
};

G_DEFINE_FINAL_TYPE (TuttiTempoPopover, tutti_tempo_popover, GTK_TYPE_POPOVER)

static char *
get_running_text (TuttiTempoPopover *self, gboolean running)
{
  return g_strdup (running ? _ ("Stop for Everybody") : _ ("Start for Everybody"));
}

static char *
format_db (TuttiTempoPopover *self, double db)
{
  return tutti_format_db (db);
}

static void
tap_cb (TuttiTempoPopover *self)
{
  double bpm = tutti_tap_tempo_tap (&self->tap, g_get_monotonic_time ());

  if (bpm > 0)
    gtk_adjustment_set_value (self->bpm_adjustment, round (bpm));
}

/**
 * tutti_tempo_popover_set_session:
 * @session: whose room's tempo it is; once only
 */
void
tutti_tempo_popover_set_session (TuttiTempoPopover *self, TuttiSession *session)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  TuttiSound *sound = tutti_session_get_sound (session);

  g_object_bind_property (session, "tempo-running", self->running, "active", both);
  g_object_bind_property (session, "bpm", self->bpm_adjustment, "value", both);
  g_object_bind_property (session, "beats-per-bar", self->beats_adjustment, "value", both);
  g_object_bind_property (session, "count-in", self->count_in_adjustment, "value", both);
  g_object_bind_property (sound, "click-audible", self->audible, "active", both);
  g_object_bind_property (sound, "click-gain", self->volume, "position", both);
}

static void
tutti_tempo_popover_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TUTTI_TYPE_TEMPO_POPOVER);

  G_OBJECT_CLASS (tutti_tempo_popover_parent_class)->dispose (object);
}

static void
tutti_tempo_popover_class_init (TuttiTempoPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_tempo_popover_dispose;

  g_type_ensure (TUTTI_TYPE_FADER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-tempo-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, running);
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, bpm_adjustment);
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, beats_adjustment);
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, count_in_adjustment);
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, audible);
  gtk_widget_class_bind_template_child (widget_class, TuttiTempoPopover, volume);
  gtk_widget_class_bind_template_callback (widget_class, get_running_text);
  gtk_widget_class_bind_template_callback (widget_class, format_db);
  gtk_widget_class_bind_template_callback (widget_class, tap_cb);
}

static void
tutti_tempo_popover_init (TuttiTempoPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  tutti_fader_set_subject (self->volume, _ ("Volume of the click"));
}
