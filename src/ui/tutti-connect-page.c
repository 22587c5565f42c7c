/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-connect-page.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

/**
 * TuttiConnectPage: on the way into a room, or why it did not work and what to do.
 */
struct _TuttiConnectPage {
  AdwNavigationPage parent_instance;

  /* Template */
  GtkStack *stack;
  AdwStatusPage *waiting_page;
  AdwStatusPage *failed_page;
  GtkWidget *cancel_button;
  GtkWidget *retry_button;

  /* Owned */
  TuttiJam *jam;
};

G_DEFINE_FINAL_TYPE (TuttiConnectPage, tutti_connect_page, ADW_TYPE_NAVIGATION_PAGE)

static const char *
get_waiting_title (TuttiJamState state)
{
  switch (state) {
  case TUTTI_JAM_STARTING:
    return _ ("Starting a Room on This Computer…");
  case TUTTI_JAM_JOINING:
    return _ ("Setting Up the Sound…");
  case TUTTI_JAM_CONNECTING:
  case TUTTI_JAM_IDLE:
  case TUTTI_JAM_JOINED:
  case TUTTI_JAM_RECONNECTING:
  case TUTTI_JAM_FAILED:
  default:
    return _ ("Reaching the Room…");
  }
}

static void
show_failure (TuttiConnectPage *self)
{
  const GError *error = tutti_jam_get_error (self->jam);
  gboolean dead = g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE);
  const char *advice = error ? tutti_error_get_advice (error) : NULL;
  g_autofree char *text = NULL;
  g_autofree char *escaped = NULL;

  /* Whoever is the host cannot ask the host. */
  if (tutti_jam_is_hosting (self->jam) && !dead)
    advice = NULL;
  text = g_strjoin (advice && *advice ? "\n\n" : "",
                    error ? error->message : _ ("The room could not be joined."),
                    advice ? advice : "", NULL);
  escaped = g_markup_escape_text (text, -1);
  adw_status_page_set_title (self->failed_page,
                             dead ? _ ("The Room Is Not Running") : _ ("Not in the Room"));
  adw_status_page_set_description (self->failed_page, escaped);
  gtk_stack_set_visible_child_name (self->stack, "failed");
  gtk_widget_grab_focus (self->retry_button);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
}

static void
update (TuttiConnectPage *self)
{
  TuttiJamState state = tutti_jam_get_state (self->jam);
  const TuttiLink *link = tutti_jam_get_link (self->jam);

  if (state == TUTTI_JAM_FAILED) {
    show_failure (self);
    return;
  }
  adw_status_page_set_title (self->waiting_page, get_waiting_title (state));
  adw_status_page_set_description (self->waiting_page, link ? link->room : NULL);
  gtk_stack_set_visible_child_name (self->stack, "waiting");
}

/**
 * tutti_connect_page_set_jam:
 * @jam: what is joined; once only
 */
void
tutti_connect_page_set_jam (TuttiConnectPage *self, TuttiJam *jam)
{
  g_return_if_fail (self->jam == NULL);

  self->jam = g_object_ref (jam);
  g_signal_connect_object (jam, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::error", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::link", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}

static void
tutti_connect_page_dispose (GObject *object)
{
  TuttiConnectPage *self = TUTTI_CONNECT_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_CONNECT_PAGE);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_connect_page_parent_class)->dispose (object);
}

static void
tutti_connect_page_class_init (TuttiConnectPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_connect_page_dispose;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-connect-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiConnectPage, stack);
  gtk_widget_class_bind_template_child (widget_class, TuttiConnectPage, waiting_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiConnectPage, failed_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiConnectPage, cancel_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiConnectPage, retry_button);
}

static void
tutti_connect_page_init (TuttiConnectPage *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
