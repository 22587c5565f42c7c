/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-start-page.h"

#include "tutti-i18n.h"
#include "tutti-recent.h"

/**
 * TuttiStartPage: who am I, and into which room? A link is checked while it is typed; what is wrong
 * with it is said once it is longer than a beginning.
 */
struct _TuttiStartPage {
  AdwNavigationPage parent_instance;

  /* Template */
  AdwEntryRow *name_row;
  AdwEntryRow *instrument_row;
  AdwEntryRow *link_row;
  GtkLabel *error_label;
  GtkWidget *join_button;
  AdwSwitchRow *network_row;
  AdwPreferencesGroup *recent_group;

  /* Owned */
  GSettings *settings;
  TuttiLink *link;
  GPtrArray *recent_rows; /* borrowed, children of the group */
};

enum { JOIN, START_JAM, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiStartPage, tutti_start_page, ADW_TYPE_NAVIGATION_PAGE)

static gboolean
is_text (TuttiStartPage *self, const char *text)
{
  return text && *text;
}

/* Whoever has typed “tut” so far has done nothing wrong yet. */
static gboolean
is_beginning (const char *text)
{
  static const char *const schemes[] = { "tutti://", "https://" };

  for (guint i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_str_has_prefix (schemes[i], text))
      return TRUE;
  return FALSE;
}

static void
link_changed_cb (TuttiStartPage *self)
{
  g_autofree char *text =
      g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->link_row))));
  g_autoptr (GError) error = NULL;
  gboolean wrong;

  g_clear_pointer (&self->link, tutti_link_free);
  if (!is_beginning (text))
    self->link = tutti_link_parse (text, &error);
  wrong = error != NULL;
  gtk_label_set_text (self->error_label, wrong ? error->message : "");
  gtk_widget_set_sensitive (self->join_button, self->link != NULL);
  if (wrong)
    gtk_widget_add_css_class (GTK_WIDGET (self->link_row), "error");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->link_row), "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (self->link_row), GTK_ACCESSIBLE_STATE_INVALID,
                               wrong ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE,
                               -1);
}

static void
join_cb (TuttiStartPage *self)
{
  if (self->link) {
    g_autoptr (TuttiLink) link = tutti_link_copy (self->link);

    g_signal_emit (self, signals[JOIN], 0, link);
  }
}

static void
start_jam_cb (TuttiStartPage *self)
{
  g_signal_emit (self, signals[START_JAM], 0);
}

static void
pasted_cb (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (TuttiStartPage) self = data;
  g_autoptr (GError) error = NULL;
  g_autofree char *text = gdk_clipboard_read_text_finish (GDK_CLIPBOARD (source), result, &error);

  if (!text) {
    gtk_label_set_text (self->error_label, _ ("There is no text to paste. Copy the link first."));
    return;
  }
  tutti_start_page_set_link (self, text);
}

static void
paste_cb (TuttiStartPage *self)
{
  gdk_clipboard_read_text_async (gtk_widget_get_clipboard (GTK_WIDGET (self)), NULL, pasted_cb,
                                 g_object_ref (self));
}

static void
recent_activated_cb (TuttiStartPage *self, GtkWidget *row)
{
  tutti_start_page_set_link (self, g_object_get_data (G_OBJECT (row), "link"));
  join_cb (self);
}

static void
recent_remove_cb (TuttiStartPage *self, GtkWidget *button)
{
  tutti_recent_remove (self->settings, g_object_get_data (G_OBJECT (button), "link"));
}

static GtkWidget *
create_recent_row (TuttiStartPage *self, const TuttiLink *link, const char *text)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *remove = gtk_button_new_from_icon_name ("user-trash-symbolic");
  g_autofree char *label = g_strdup_printf (_ ("Forget %s"), link->room);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), link->room);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), link->host);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (row), TRUE);
  g_object_set_data_full (G_OBJECT (row), "link", g_strdup (text), g_free);
  g_object_set_data_full (G_OBJECT (remove), "link", g_strdup (text), g_free);
  gtk_widget_set_valign (remove, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (remove, "flat");
  gtk_widget_set_tooltip_text (remove, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (remove), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
                                  -1);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), remove);
  g_signal_connect_object (row, "activated", G_CALLBACK (recent_activated_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (remove, "clicked", G_CALLBACK (recent_remove_cb), self,
                           G_CONNECT_SWAPPED);
  return row;
}

static void
sync_recent (TuttiStartPage *self)
{
  g_auto (GStrv) rooms = g_settings_get_strv (self->settings, "recent-rooms");

  for (guint i = 0; i < self->recent_rows->len; i++)
    adw_preferences_group_remove (self->recent_group, g_ptr_array_index (self->recent_rows, i));
  g_ptr_array_set_size (self->recent_rows, 0);
  for (guint i = 0; rooms[i]; i++) {
    g_autoptr (TuttiLink) link = tutti_link_parse (rooms[i], NULL);
    GtkWidget *row;

    /* Kept by an older or newer version that read links differently: not ours to throw away. */
    if (!link)
      continue;
    row = create_recent_row (self, link, rooms[i]);
    adw_preferences_group_add (self->recent_group, row);
    g_ptr_array_add (self->recent_rows, row);
  }
  gtk_widget_set_visible (GTK_WIDGET (self->recent_group), self->recent_rows->len > 0);
}

static gboolean
name_from_settings (GValue *value, GVariant *variant, gpointer data)
{
  g_value_take_string (value, tutti_recent_get_name (g_variant_get_string (variant, NULL)));
  return TRUE;
}

static GVariant *
name_to_settings (const GValue *value, const GVariantType *type, gpointer data)
{
  return g_variant_new_string (g_value_get_string (value));
}

/**
 * tutti_start_page_set_settings:
 * @settings: where name, instrument and recent rooms are kept; once only
 */
void
tutti_start_page_set_settings (TuttiStartPage *self, GSettings *settings)
{
  g_return_if_fail (self->settings == NULL);

  self->settings = g_object_ref (settings);
  /* The name goes in once: bound both ways, an emptied entry would refill itself while one types.
   */
  g_settings_bind_with_mapping (settings, "display-name", self->name_row, "text",
                                G_SETTINGS_BIND_DEFAULT | G_SETTINGS_BIND_GET_NO_CHANGES,
                                name_from_settings, name_to_settings, NULL, NULL);
  g_settings_bind (settings, "open-to-network", self->network_row, "active",
                   G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "instrument", self->instrument_row, "text", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (settings, "changed::recent-rooms", G_CALLBACK (sync_recent), self,
                           G_CONNECT_SWAPPED);
  sync_recent (self);
}

/**
 * tutti_start_page_set_link:
 * @text: what is put into the link entry
 */
void
tutti_start_page_set_link (TuttiStartPage *self, const char *text)
{
  g_autofree char *stripped = g_strstrip (g_strdup (text));

  gtk_editable_set_text (GTK_EDITABLE (self->link_row), stripped);
}

static void
tutti_start_page_dispose (GObject *object)
{
  TuttiStartPage *self = TUTTI_START_PAGE (object);

  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_START_PAGE);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (tutti_start_page_parent_class)->dispose (object);
}

static void
tutti_start_page_finalize (GObject *object)
{
  TuttiStartPage *self = TUTTI_START_PAGE (object);

  g_clear_pointer (&self->link, tutti_link_free);
  g_clear_pointer (&self->recent_rows, g_ptr_array_unref);

  G_OBJECT_CLASS (tutti_start_page_parent_class)->finalize (object);
}

static void
tutti_start_page_class_init (TuttiStartPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = tutti_start_page_dispose;
  object_class->finalize = tutti_start_page_finalize;

  signals[JOIN] = g_signal_new ("join", TUTTI_TYPE_START_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 1, TUTTI_TYPE_LINK);
  signals[START_JAM] = g_signal_new ("start-jam", TUTTI_TYPE_START_PAGE, G_SIGNAL_RUN_LAST, 0, NULL,
                                     NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-start-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, name_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, instrument_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, link_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, error_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, join_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, network_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiStartPage, recent_group);
  gtk_widget_class_bind_template_callback (widget_class, is_text);
  gtk_widget_class_bind_template_callback (widget_class, link_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, join_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_jam_cb);
  gtk_widget_class_bind_template_callback (widget_class, paste_cb);
}

static void
tutti_start_page_init (TuttiStartPage *self)
{
  self->recent_rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}
