/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-plan-popover.h"

#include "tutti-plan-text.h"

/**
 * TuttiPlanPopover: how the room has everybody send their sound, and why not quicker. Main thread.
 */
struct _TuttiPlanPopover {
  GtkPopover parent_instance;

  /* Template */
  GtkLabel *format_label;
  GtkLabel *limit_label;
  GtkLabel *packets_label;
  GtkLabel *copies_label;

  /* Owned */
  TuttiSession *session;
};

G_DEFINE_FINAL_TYPE (TuttiPlanPopover, tutti_plan_popover, GTK_TYPE_POPOVER)

static void
take_text (GtkLabel *label, char *text)
{
  gtk_label_set_text (label, text);
  g_free (text);
}

static void
update (TuttiPlanPopover *self)
{
  g_autoptr (TuttiPlan) plan = NULL;
  g_autofree char *name = NULL;

  g_object_get (self->session, "plan", &plan, "plan-limit-name", &name, NULL);
  take_text (self->format_label, tutti_plan_describe_format (plan));
  take_text (self->limit_label, tutti_plan_describe_limit (plan, name));
  take_text (self->packets_label, tutti_plan_describe_packets (plan));
  take_text (self->copies_label, tutti_plan_describe_copies (plan));
}

/**
 * tutti_plan_popover_set_session:
 * @session: whose room's plan is shown; once only
 */
void
tutti_plan_popover_set_session (TuttiPlanPopover *self, TuttiSession *session)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::plan", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::plan-limit-name", G_CALLBACK (update), self,
                           G_CONNECT_SWAPPED);
  update (self);
}

static void
tutti_plan_popover_dispose (GObject *object)
{
  TuttiPlanPopover *self = TUTTI_PLAN_POPOVER (object);

  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_PLAN_POPOVER);

  G_OBJECT_CLASS (tutti_plan_popover_parent_class)->dispose (object);
}

static void
tutti_plan_popover_class_init (TuttiPlanPopoverClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_plan_popover_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-plan-popover.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiPlanPopover, format_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiPlanPopover, limit_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiPlanPopover, packets_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiPlanPopover, copies_label);
}

static void
tutti_plan_popover_init (TuttiPlanPopover *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
