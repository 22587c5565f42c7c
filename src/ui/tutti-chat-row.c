/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-chat-row.h"

#include "tutti-chat-text.h"
#include "tutti-i18n.h"

/**
 * TuttiChatRow: one message
 */
struct _TuttiChatRow {
  GtkListBoxRow parent_instance;

  /* Template */
  GtkLabel *name_label;
  GtkLabel *time_label;
  GtkLabel *text_label;
};

G_DEFINE_FINAL_TYPE (TuttiChatRow, tutti_chat_row, GTK_TYPE_LIST_BOX_ROW)

/**
 * tutti_chat_row_new:
 *
 * Returns: (transfer floating): a row that shows @message, which never changes
 */
GtkWidget *
tutti_chat_row_new (TuttiChatMessage *message)
{
  TuttiChatRow *self = g_object_new (TUTTI_TYPE_CHAT_ROW, NULL);
  const char *name = tutti_chat_message_get_name (message);
  const char *text = tutti_chat_message_get_text (message);
  /* Translators: the time of a message of today */
  g_autofree char *time = g_date_time_format (tutti_chat_message_get_time (message), _ ("%H:%M"));
  g_autofree char *markup = tutti_chat_markup (text);
  /* Translators: who wrote, when, what; for screen readers */
  g_autofree char *spoken = g_strdup_printf (_ ("%1$s, %2$s: %3$s"), name, time, text);

  gtk_label_set_text (self->name_label, tutti_chat_message_is_mine (message) ? _ ("Me") : name);
  gtk_label_set_text (self->time_label, time);
  gtk_label_set_markup (self->text_label, markup);
  if (tutti_chat_message_is_mine (message))
    gtk_widget_add_css_class (GTK_WIDGET (self), "mine");
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, spoken, -1);

  return GTK_WIDGET (self);
}

static void
tutti_chat_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), TUTTI_TYPE_CHAT_ROW);

  G_OBJECT_CLASS (tutti_chat_row_parent_class)->dispose (object);
}

static void
tutti_chat_row_class_init (TuttiChatRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_chat_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-chat-row.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiChatRow, name_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatRow, text_label);
}

static void
tutti_chat_row_init (TuttiChatRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
