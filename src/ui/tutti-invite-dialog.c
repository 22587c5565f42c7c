/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-invite-dialog.h"

#include "tutti-i18n.h"
#include "tutti-invite-flow.h"

#define DAY (24 * 3600)

/**
 * TuttiInviteDialog: the links by which people come into the room: new ones, and those that were
 * handed out. Of a host, while in the room. Main thread.
 */
struct _TuttiInviteDialog {
  AdwDialog parent_instance;

  /* Template */
  AdwToastOverlay *toasts;
  AdwPreferencesGroup *outside_group;
  GtkEditable *address_row;
  AdwComboRow *role_row;
  AdwComboRow *period_row;
  GtkEditable *name_row;
  GtkWidget *create_button;
  AdwPreferencesGroup *list_group;

  /* Owned */
  TuttiJam *jam;
  TuttiSession *session;
  GPtrArray *rows; /* owned, of rows that the group owns, too */
  gboolean asking; /* a question stands above the dialog, with the focus */
  guint focus_id;
};

G_DEFINE_FINAL_TYPE (TuttiInviteDialog, tutti_invite_dialog, ADW_TYPE_DIALOG)

static AdwToast *
tell (TuttiInviteDialog *self, const char *text)
{
  AdwToast *toast = adw_toast_new ("");

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_toast_set_timeout (toast, 3);
  adw_toast_overlay_add_toast (self->toasts, toast);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);

  return toast;
}

/* A toast's own title is cut off where it does not fit into one line. */
static void
tell_at_length (TuttiInviteDialog *self, const char *text)
{
  AdwToast *toast = tell (self, text);
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_widget_add_css_class (label, "heading");
  adw_toast_set_custom_title (toast, label);
  adw_toast_set_timeout (toast, 8);
}

static void
copy_text (TuttiInviteDialog *self, const char *text)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
}

static void
copy_for_browser (TuttiInviteDialog *self, const TuttiInvite *invite)
{
  g_autoptr (TuttiLink) link = tutti_session_make_link (self->session, invite);
  g_autofree char *text = tutti_link_to_web_string (link);

  copy_text (self, text);
  if (link->fingerprint)
    tell_at_length (self, _ ("Link for browsers copied. They will warn about this room’s "
                             "certificate first."));
  else
    tell (self, _ ("Link for browsers copied"));
}

static void
toast_pressed_cb (AdwToast *toast, gpointer user_data)
{
  copy_for_browser (TUTTI_INVITE_DIALOG (user_data),
                    g_object_get_data (G_OBJECT (toast), "invite"));
}

static void
copy_link (TuttiInviteDialog *self, const TuttiInvite *invite)
{
  g_autoptr (TuttiLink) link = tutti_session_make_link (self->session, invite);
  g_autofree char *text = tutti_link_to_string (link);
  AdwToast *toast;

  copy_text (self, text);
  toast = tell (self, _ ("Link copied"));
  adw_toast_set_timeout (toast, 10);
  adw_toast_set_button_label (toast, _ ("For a _Browser Instead"));
  g_object_set_data_full (G_OBJECT (toast), "invite", tutti_invite_copy (invite),
                          (GDestroyNotify) tutti_invite_free);
  g_signal_connect_object (toast, "button-clicked", G_CALLBACK (toast_pressed_cb), self, 0);
}

/* -- people on the internet -- */

static void
show_outside (TuttiInviteDialog *self)
{
  g_autoptr (TuttiOutside) outside = tutti_jam_dup_outside (self->jam);
  g_autofree char *text = outside ? tutti_outside_describe (outside) : NULL;
  g_autofree char *markup = text ? g_markup_escape_text (text, -1) : NULL;

  adw_preferences_group_set_description (self->outside_group, markup);
  gtk_widget_set_visible (GTK_WIDGET (self->outside_group), outside != NULL);
}

/* Nothing is one, too: then what the router says counts. */
static gboolean
is_address (const char *text)
{
  g_autoptr (TuttiLink) link = tutti_link_new (text, 1, "room", NULL, NULL);
  g_autofree char *link_text = tutti_link_to_string (link);
  g_autoptr (TuttiLink) parsed = tutti_link_parse (link_text, NULL);

  return !*text || (parsed && g_str_equal (parsed->host, text));
}

static void
address_cb (TuttiInviteDialog *self)
{
  g_autofree char *address = g_strstrip (g_strdup (gtk_editable_get_text (self->address_row)));
  g_autoptr (TuttiJam) jam = g_object_ref (self->jam);
  GtkWidget *parent = GTK_WIDGET (gtk_widget_get_root (GTK_WIDGET (self)));

  if (!is_address (address)) {
    tell (self, _ ("This is neither a name nor an address on the internet"));
    return;
  }
  g_settings_set_string (tutti_jam_get_settings (jam), "internet-address", address);
  adw_dialog_force_close (ADW_DIALOG (self));
  tutti_invite_flow_reopen (parent, jam, TRUE);
}

/* Rows come anew after every change, and what had the focus may be gone with them: then neither
 * Escape nor a screen reader would find the dialog. */
static void
keep_focus (gpointer user_data)
{
  TuttiInviteDialog *self = TUTTI_INVITE_DIALOG (user_data);
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));
  GtkWidget *focus = root ? gtk_root_get_focus (root) : NULL;

  self->focus_id = 0;
  if (root && !self->asking && (!focus || !gtk_widget_is_ancestor (focus, GTK_WIDGET (self))))
    gtk_widget_grab_focus (self->create_button);
}

static void
keep_focus_soon (TuttiInviteDialog *self)
{
  if (self->focus_id == 0)
    self->focus_id = g_idle_add_once (keep_focus, self);
}

static void
asked_cb (TuttiInviteDialog *self)
{
  self->asking = FALSE;
  keep_focus_soon (self);
}

/* -- a new one -- */

static guint
get_seconds (TuttiInviteDialog *self)
{
  static const guint days[] = { 1, 7, 30, 365 };
  guint selected = adw_combo_row_get_selected (self->period_row);

  return DAY * days[MIN (selected, G_N_ELEMENTS (days) - 1)];
}

static DexFuture *
created_cb (DexFuture *future, gpointer user_data)
{
  TuttiInviteDialog *self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (!self->session) /* the dialog went before the answer came */
    return dex_future_new_true ();

  gtk_widget_set_sensitive (self->create_button, TRUE);
  if (value) {
    copy_link (self, g_value_get_boxed (value));
    gtk_editable_set_text (self->name_row, "");
  } else {
    tell (self, error->message);
  }

  return dex_future_new_true ();
}

static void
create_cb (TuttiInviteDialog *self)
{
  static const TuttiRole roles[] = { TUTTI_ROLE_MUSICIAN, TUTTI_ROLE_LISTENER, TUTTI_ROLE_HOST };
  guint role = adw_combo_row_get_selected (self->role_row);

  gtk_widget_set_sensitive (self->create_button, FALSE);
  dex_future_disown (dex_future_finally (
      tutti_session_create_invite (self->session, roles[MIN (role, G_N_ELEMENTS (roles) - 1)],
                                   get_seconds (self), gtk_editable_get_text (self->name_row)),
      created_cb, g_object_ref (self), g_object_unref));
}

/* -- those that there are -- */

static const TuttiInvite *
get_invite (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "invite");
}

static DexFuture *
changed_cb (DexFuture *future, gpointer user_data)
{
  TuttiInviteDialog *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!dex_future_get_value (future, &error) && self->session)
    tell (self, error->message);

  return dex_future_new_true ();
}

static void
follow (TuttiInviteDialog *self, DexFuture *future)
{
  dex_future_disown (dex_future_finally (future, changed_cb, g_object_ref (self), g_object_unref));
}

static void
copy_cb (GtkWidget *row)
{
  copy_link (TUTTI_INVITE_DIALOG (gtk_widget_get_ancestor (row, TUTTI_TYPE_INVITE_DIALOG)),
             get_invite (row));
}

static void
copy_for_browser_cb (GtkWidget *row)
{
  copy_for_browser (TUTTI_INVITE_DIALOG (gtk_widget_get_ancestor (row, TUTTI_TYPE_INVITE_DIALOG)),
                    get_invite (row));
}

static void
renew_cb (GtkWidget *row)
{
  TuttiInviteDialog *self =
      TUTTI_INVITE_DIALOG (gtk_widget_get_ancestor (row, TUTTI_TYPE_INVITE_DIALOG));

  follow (self,
          tutti_session_renew_invite (self->session, get_invite (row)->id, get_seconds (self)));
}

static void
response_cb (GtkWidget *row, const char *response)
{
  TuttiInviteDialog *self =
      TUTTI_INVITE_DIALOG (gtk_widget_get_ancestor (row, TUTTI_TYPE_INVITE_DIALOG));

  if (self && !g_str_equal (response, "cancel"))
    follow (self, tutti_session_revoke_invite (self->session, get_invite (row)->id,
                                               g_str_equal (response, "remove")));
}

static void
revoke_cb (GtkWidget *row)
{
  TuttiInviteDialog *self =
      TUTTI_INVITE_DIALOG (gtk_widget_get_ancestor (row, TUTTI_TYPE_INVITE_DIALOG));
  AdwDialog *dialog = adw_alert_dialog_new (
      _ ("Take This Link Back?"),
      _ ("Nobody can come in by it any more. Who came by it can stay, or is sent away."));
  AdwAlertDialog *alert = ADW_ALERT_DIALOG (dialog);

  adw_alert_dialog_add_responses (alert, "cancel", _ ("_Cancel"), "remove", _ ("_Send Them Away"),
                                  "keep", _ ("_Let Them Stay"), NULL);
  adw_alert_dialog_set_response_appearance (alert, "remove", ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (alert, "keep");
  adw_alert_dialog_set_close_response (alert, "cancel");
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), row, G_CONNECT_SWAPPED);
  g_signal_connect_object (dialog, "closed", G_CALLBACK (asked_cb), self, G_CONNECT_SWAPPED);
  self->asking = TRUE;
  adw_dialog_present (dialog, row);
}

static const char *
role_text (TuttiRole role)
{
  switch (role) {
  case TUTTI_ROLE_HOST:
    return _ ("Host");
  case TUTTI_ROLE_LISTENER:
    return _ ("Listens");
  case TUTTI_ROLE_MUSICIAN:
  default:
    return _ ("Plays along");
  }
}

static char *
describe (const TuttiInvite *invite)
{
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_local (invite->expires_at);
  g_autofree char *date = end ? g_date_time_format (end, "%x") : g_strdup ("–");

  if (invite->revoked)
    return g_strdup (_ ("Taken back"));
  if (invite->expires_at <= g_get_real_time () / G_USEC_PER_SEC)
    /* TRANSLATORS: of a link; %s is a date */
    return g_strdup_printf (_ ("Expired on %s"), date);

  /* TRANSLATORS: of a link; %s is a date */
  return g_strdup_printf (_ ("Good until %s"), date);
}

static void
add_button (GtkWidget *row, const char *icon, const char *text, GCallback callback)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_set_tooltip_text (button, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  g_signal_connect_object (button, "clicked", callback, row, G_CONNECT_SWAPPED);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
}

static GtkWidget *
create_row (const TuttiInvite *invite)
{
  GtkWidget *row = adw_action_row_new ();
  g_autofree char *state = describe (invite);
  g_autofree char *subtitle = NULL;
  gboolean good = !invite->revoked && invite->expires_at > g_get_real_time () / G_USEC_PER_SEC;

  g_object_set_data_full (G_OBJECT (row), "invite", tutti_invite_copy (invite),
                          (GDestroyNotify) tutti_invite_free);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row),
                                 *invite->name ? invite->name : role_text (invite->role));
  subtitle = *invite->name ? g_strdup_printf ("%s · %s", role_text (invite->role), state)
                           : g_steal_pointer (&state);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
  if (good) {
    add_button (row, "edit-copy-symbolic", _ ("Copy This Link"), G_CALLBACK (copy_cb));
    add_button (row, "com.highloka.Tutti-browser-symbolic", _ ("Copy This Link for a Browser"),
                G_CALLBACK (copy_for_browser_cb));
  }
  add_button (row, "view-refresh-symbolic", _ ("Make It Good Again From Now On"),
              G_CALLBACK (renew_cb));
  if (good)
    add_button (row, "user-trash-symbolic", _ ("Take This Link Back"), G_CALLBACK (revoke_cb));

  return row;
}

static void
show (TuttiInviteDialog *self, GPtrArray *invites)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (self->list_group, g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);

  for (guint i = 0; i < invites->len; i++) {
    GtkWidget *row = create_row (g_ptr_array_index (invites, i));

    adw_preferences_group_add (self->list_group, row);
    g_ptr_array_add (self->rows, g_object_ref (row));
  }
  gtk_widget_set_visible (GTK_WIDGET (self->list_group), invites->len > 0);
  keep_focus_soon (self);
}

static DexFuture *
listed_cb (DexFuture *future, gpointer user_data)
{
  TuttiInviteDialog *self = user_data;
  g_autoptr (GError) error = NULL;
  const GValue *value = dex_future_get_value (future, &error);

  if (value && self->session)
    show (self, g_value_get_boxed (value));
  else if (self->session)
    tell (self, error->message);

  return dex_future_new_true ();
}

static void
refresh (TuttiInviteDialog *self)
{
  dex_future_disown (dex_future_finally (tutti_session_list_invites (self->session), listed_cb,
                                         g_object_ref (self), g_object_unref));
}

static void
tutti_invite_dialog_dispose (GObject *object)
{
  TuttiInviteDialog *self = TUTTI_INVITE_DIALOG (object);

  g_clear_handle_id (&self->focus_id, g_source_remove);
  g_ptr_array_set_size (self->rows, 0);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_INVITE_DIALOG);
  g_clear_object (&self->session);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_invite_dialog_parent_class)->dispose (object);
}

static void
tutti_invite_dialog_finalize (GObject *object)
{
  g_clear_pointer (&TUTTI_INVITE_DIALOG (object)->rows, g_ptr_array_unref);

  G_OBJECT_CLASS (tutti_invite_dialog_parent_class)->finalize (object);
}

static void
tutti_invite_dialog_class_init (TuttiInviteDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_invite_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = tutti_invite_dialog_finalize;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-invite-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, toasts);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, outside_group);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, address_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, role_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, period_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, name_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, create_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiInviteDialog, list_group);
  gtk_widget_class_bind_template_callback (widget_class, create_cb);
  gtk_widget_class_bind_template_callback (widget_class, address_cb);
}

static void
tutti_invite_dialog_init (TuttiInviteDialog *self)
{
  self->rows = g_ptr_array_new_with_free_func (g_object_unref);
  gtk_widget_init_template (GTK_WIDGET (self));
}

/**
 * tutti_invite_dialog_new:
 * @jam: in a room, as its host
 */
AdwDialog *
tutti_invite_dialog_new (TuttiJam *jam)
{
  TuttiInviteDialog *self = g_object_new (TUTTI_TYPE_INVITE_DIALOG, NULL);
  g_autofree char *address =
      g_settings_get_string (tutti_jam_get_settings (jam), "internet-address");

  self->jam = g_object_ref (jam);
  self->session = g_object_ref (tutti_jam_get_session (jam));
  gtk_editable_set_text (self->address_row, address);
  g_signal_connect_object (jam, "notify::outside", G_CALLBACK (show_outside), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "invites-changed", G_CALLBACK (refresh), self,
                           G_CONNECT_SWAPPED);
  show_outside (self);
  refresh (self);
  return ADW_DIALOG (self);
}
