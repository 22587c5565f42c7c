/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-chat-view.h"

#include "tutti-chat-row.h"
#include "tutti-i18n.h"

/**
 * TuttiChatView: what is written in the room, and where to write
 *
 * Properties: `open` (bool rw: it can be seen; what comes then counts as read), `unread` (uint: of
 * others, since it was seen last).
 * Signals: `failed` (char *message: what was written could not be sent, and is still in the entry).
 * Main thread.
 */
struct _TuttiChatView {
  AdwBin parent_instance;

  /* Template */
  GtkStack *pages;
  GtkListBox *list;
  GtkScrolledWindow *scroll;
  GtkEntry *entry;
  GtkWidget *send_button;

  /* Owned */
  TuttiSession *session;
  gboolean open;
  gboolean wants_focus;
  guint unread;
};

enum { PROP_OPEN = 1, PROP_UNREAD, N_PROPS };

static GParamSpec *props[N_PROPS];
static guint failed_signal;

G_DEFINE_FINAL_TYPE (TuttiChatView, tutti_chat_view, ADW_TYPE_BIN)

static void
set_unread (TuttiChatView *self, guint unread)
{
  if (self->unread == unread)
    return;

  self->unread = unread;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_UNREAD]);
}

/* What is not shown yet gets no focus. */
static void
take_focus (TuttiChatView *self)
{
  if (self->wants_focus)
    gtk_widget_grab_focus (GTK_WIDGET (self->entry));
  self->wants_focus = FALSE;
}

static void
tutti_chat_view_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tutti_chat_view_parent_class)->map (widget);
  take_focus (TUTTI_CHAT_VIEW (widget));
}

static void
set_open (TuttiChatView *self, gboolean open)
{
  if (self->open == open)
    return;

  self->open = open;
  self->wants_focus = open;
  if (open)
    set_unread (self, 0);
  if (gtk_widget_get_mapped (GTK_WIDGET (self)))
    take_focus (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_OPEN]);
}

/* Whoever has scrolled up to read is left there. */
static void
scroll_to_end (TuttiChatView *self, gboolean was_at_end)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroll);

  if (was_at_end)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

static gboolean
is_at_end (TuttiChatView *self)
{
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroll);

  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >=
         gtk_adjustment_get_upper (adjustment) - 1;
}

static void
upper_changed_cb (TuttiChatView *self)
{
  scroll_to_end (self, GPOINTER_TO_INT (g_object_get_data (G_OBJECT (self->scroll), "at-end")));
}

static void
announce (TuttiChatView *self, TuttiChatMessage *message)
{
  /* Translators: who wrote, and what; spoken by a screen reader */
  g_autofree char *text =
      g_strdup_printf (_ ("%1$s writes: %2$s"), tutti_chat_message_get_name (message),
                       tutti_chat_message_get_text (message));

  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
messages_changed_cb (TuttiChatView *self,
                     guint position,
                     guint removed,
                     guint added,
                     GListModel *messages)
{
  gboolean at_end = is_at_end (self);
  guint new_ones = 0;

  for (guint i = 0; i < removed; i++)
    gtk_list_box_remove (self->list,
                         GTK_WIDGET (gtk_list_box_get_row_at_index (self->list, (int) position)));
  for (guint i = position; i < position + added; i++) {
    g_autoptr (TuttiChatMessage) message = g_list_model_get_item (messages, i);

    gtk_list_box_insert (self->list, tutti_chat_row_new (message), (int) i);
    if (tutti_chat_message_is_mine (message)) {
      at_end = TRUE;
      continue;
    }
    new_ones++;
    /* What was written before is there to be read, not to be listened to. */
    if (tutti_session_get_state (self->session) == TUTTI_SESSION_JOINED)
      announce (self, message);
  }

  g_object_set_data (G_OBJECT (self->scroll), "at-end", GINT_TO_POINTER (at_end));
  gtk_stack_set_visible_child_name (self->pages,
                                    g_list_model_get_n_items (messages) > 0 ? "messages" : "empty");
  if (!self->open)
    set_unread (self, g_list_model_get_n_items (messages) > 0 ? self->unread + new_ones : 0);
}

static void
update_sensitive (TuttiChatView *self)
{
  gboolean can = self->session && tutti_session_can_chat (self->session);
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  gtk_widget_set_sensitive (self->send_button, can && *stripped);
}

static void
text_changed_cb (TuttiChatView *self)
{
  update_sensitive (self);
}

typedef struct {
  TuttiChatView *self; /* owned */
  char *text;
} Send;

static void
send_free (gpointer data)
{
  Send *sending = data;

  g_object_unref (sending->self);
  g_free (sending->text);
  g_free (sending);
}

static DexFuture *
sent_cb (DexFuture *future, gpointer user_data)
{
  Send *sending = user_data;
  TuttiChatView *self = sending->self;
  g_autoptr (GError) error = NULL;

  GtkEditable *editable;

  /* The view may have gone with its window meanwhile. */
  if (!self->session)
    return dex_future_new_true ();

  editable = GTK_EDITABLE (self->entry);
  if (!dex_future_get_value (future, &error)) {
    /* It is not lost; what was begun since goes behind it. */
    g_autofree char *text = g_strconcat (sending->text, gtk_editable_get_text (editable), NULL);

    gtk_editable_set_text (editable, text);
    g_signal_emit (self, failed_signal, 0, error->message);
  }
  update_sensitive (self);

  return dex_future_new_true ();
}

static void
send_cb (TuttiChatView *self)
{
  Send *sending;

  if (!gtk_widget_get_sensitive (self->send_button))
    return;

  sending = g_new (Send, 1);
  *sending =
      (Send) { g_object_ref (self), g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->entry))) };
  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  dex_future_disown (dex_future_finally (tutti_session_send_chat (self->session, sending->text),
                                         sent_cb, sending, send_free));
}

/**
 * tutti_chat_view_set_session:
 * @session: whose room it is; once only
 */
void
tutti_chat_view_set_session (TuttiChatView *self, TuttiSession *session)
{
  GListModel *messages = tutti_session_get_chat (session);

  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (messages, "items-changed", G_CALLBACK (messages_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (update_sensitive), self,
                           G_CONNECT_SWAPPED);
  messages_changed_cb (self, 0, 0, g_list_model_get_n_items (messages), messages);
  update_sensitive (self);
}

static void
tutti_chat_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  if (id == PROP_OPEN)
    set_open (TUTTI_CHAT_VIEW (object), g_value_get_boolean (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tutti_chat_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiChatView *self = TUTTI_CHAT_VIEW (object);

  if (id == PROP_OPEN)
    g_value_set_boolean (value, self->open);
  else if (id == PROP_UNREAD)
    g_value_set_uint (value, self->unread);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
tutti_chat_view_dispose (GObject *object)
{
  TuttiChatView *self = TUTTI_CHAT_VIEW (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_CHAT_VIEW);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (tutti_chat_view_parent_class)->dispose (object);
}

static void
tutti_chat_view_class_init (TuttiChatViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_chat_view_set_property;
  object_class->get_property = tutti_chat_view_get_property;
  object_class->dispose = tutti_chat_view_dispose;
  widget_class->map = tutti_chat_view_map;

  props[PROP_OPEN] =
      g_param_spec_boolean ("open", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_UNREAD] = g_param_spec_uint ("unread", NULL, NULL, 0, G_MAXUINT, 0,
                                          G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  failed_signal = g_signal_new ("failed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL,
                                NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-chat-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiChatView, pages);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatView, list);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatView, scroll);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatView, entry);
  gtk_widget_class_bind_template_child (widget_class, TuttiChatView, send_button);
  gtk_widget_class_bind_template_callback (widget_class, send_cb);
  gtk_widget_class_bind_template_callback (widget_class, text_changed_cb);
}

static void
tutti_chat_view_init (TuttiChatView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroll), "notify::upper",
                           G_CALLBACK (upper_changed_cb), self, G_CONNECT_SWAPPED);
}
