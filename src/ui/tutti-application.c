/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-application.h"

#include "tutti-i18n.h"
#include "tutti-pedal.h"
#include "tutti-window.h"

/**
 * TuttiApplication: one per person and session. Opens `tutti://` links, and on the command line
 * `--start-jam [--room NAME]`. Whoever starts a room gets its link on standard output, as
 * `link tutti://…`, once it is joined.
 */
struct _TuttiApplication {
  AdwApplication parent_instance;

  GSettings *settings;
  TuttiJam *jam;
  char *printed_link;
  guint inhibit_id; /* 0: the computer may sleep */
};

G_DEFINE_FINAL_TYPE (TuttiApplication, tutti_application, ADW_TYPE_APPLICATION)

/* Nobody touches mouse or keyboard for an hour while they play the cello. */
static void
update_inhibit (TuttiApplication *self)
{
  GtkApplication *application = GTK_APPLICATION (self);
  TuttiJamState state = tutti_jam_get_state (self->jam);
  gboolean playing = state == TUTTI_JAM_JOINED || state == TUTTI_JAM_RECONNECTING;

  if (playing && !self->inhibit_id) {
    self->inhibit_id = gtk_application_inhibit (
        application, gtk_application_get_active_window (application),
        GTK_APPLICATION_INHIBIT_SUSPEND | GTK_APPLICATION_INHIBIT_IDLE, _ ("Playing in a room"));
  } else if (!playing && self->inhibit_id) {
    gtk_application_uninhibit (application, self->inhibit_id);
    self->inhibit_id = 0;
  }
}

static void
jam_state_cb (TuttiApplication *self)
{
  const TuttiLink *link = tutti_jam_get_shared_link (self->jam);
  g_autofree char *text = NULL;

  if (tutti_jam_get_state (self->jam) != TUTTI_JAM_JOINED || !tutti_jam_is_hosting (self->jam) ||
      !link)
    return;
  text = tutti_link_to_string (link);
  /* Once: it stays the same when the room is lost and found again. */
  if (!g_set_str (&self->printed_link, text))
    return;
  g_print ("link %s\n", text);
  fflush (stdout);
}

static TuttiWindow *
ensure_window (TuttiApplication *self)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (self));

  if (!window)
    window = GTK_WINDOW (tutti_window_new (GTK_APPLICATION (self), self->jam));
  return TUTTI_WINDOW (window);
}

static void
tutti_application_activate (GApplication *application)
{
  gtk_window_present (GTK_WINDOW (ensure_window (TUTTI_APPLICATION (application))));
}

static void
tutti_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  TuttiWindow *window = ensure_window (TUTTI_APPLICATION (application));
  g_autofree char *uri = g_file_get_uri (files[0]);

  gtk_window_present (GTK_WINDOW (window));
  tutti_window_open_link (window, uri);
}

static void
start_jam_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiWindow *window = ensure_window (TUTTI_APPLICATION (data));
  const char *room = g_variant_get_string (parameter, NULL);

  gtk_window_present (GTK_WINDOW (window));
  /* Whoever asks for it on the command line wants to be in the room, not asked questions. */
  tutti_window_start_jam (window, *room ? room : NULL, FALSE);
}

static void
quit_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));

  /* By way of the window, which leaves the room. */
  if (window)
    gtk_window_close (window);
  else
    g_application_quit (G_APPLICATION (data));
}

static void
about_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));
  AdwDialog *dialog = adw_about_dialog_new ();

  g_object_set (dialog, "application-name", TUTTI_APP_NAME, "application-icon", TUTTI_APP_ID,
                "version", TUTTI_VERSION, "developer-name", _ ("The Tutti authors"), "copyright",
                "© 2026 The Tutti authors", "license-type", GTK_LICENSE_GPL_3_0, "comments",
                _ ("Play music together over the internet, in time."), "translator-credits",
                /* Translators: your names, one a line */
                _ ("translator-credits"), NULL);
  adw_dialog_present (dialog, GTK_WIDGET (window));
}

static void
shortcuts_action (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (data));
  g_autoptr (GtkBuilder) builder =
      gtk_builder_new_from_resource ("/com/highloka/Tutti/tutti-shortcuts.ui");
  g_autofree char *pedal = tutti_pedal_dup_label (TUTTI_APPLICATION (data)->settings);

  gtk_label_set_text (GTK_LABEL (gtk_builder_get_object (builder, "pedal_label")),
                      pedal ? pedal : _ ("None"));
  adw_dialog_present (ADW_DIALOG (gtk_builder_get_object (builder, "dialog")), GTK_WIDGET (window));
}

static AdwStyleManager *
get_style (TuttiApplication *self)
{
  return adw_application_get_style_manager (ADW_APPLICATION (self));
}

static void
color_scheme_cb (TuttiApplication *self)
{
  static const AdwColorScheme schemes[] = { ADW_COLOR_SCHEME_DEFAULT, ADW_COLOR_SCHEME_FORCE_LIGHT,
                                            ADW_COLOR_SCHEME_FORCE_DARK };
  int scheme = g_settings_get_enum (self->settings, "color-scheme");

  adw_style_manager_set_color_scheme (get_style (self), schemes[CLAMP (scheme, 0, 2)]);
}

static void
add_accelerators (TuttiApplication *self)
{
  static const struct {
    const char *action;
    const char *accels[3];
  } table[] = {
    { "app.quit", { "<Control>q" } },
    { "app.shortcuts", { "<Control>question" } },
    { "win.mute", { "<Control>m" } },
    { "win.copy-link", { "<Control><Shift>c" } },
    { "win.leave", { "<Control>w" } },
    { "win.sound-check", { "<Control>k" } },
    { "win.invite", { "<Control>i" } },
    { "win.chat", { "F9" } },
    { "win.preferences", { "<Control>comma" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (table); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), table[i].action,
                                           table[i].accels);
}

static void
tutti_application_startup (GApplication *application)
{
  TuttiApplication *self = TUTTI_APPLICATION (application);
  static const GActionEntry entries[] = {
    { "start-jam", start_jam_action, "s" },
    { "quit", quit_action },
    { "about", about_action },
    { "shortcuts", shortcuts_action },
  };

  G_APPLICATION_CLASS (tutti_application_parent_class)->startup (application);

  self->settings = g_settings_new (TUTTI_APP_ID);
  self->jam = tutti_jam_new (self->settings);
  g_signal_connect_object (self->jam, "notify::state", G_CALLBACK (jam_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->jam, "notify::state", G_CALLBACK (update_inhibit), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->jam, "notify::shared-link", G_CALLBACK (jam_state_cb), self,
                           G_CONNECT_SWAPPED);
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
  g_signal_connect_object (self->settings, "changed::color-scheme", G_CALLBACK (color_scheme_cb),
                           self, G_CONNECT_SWAPPED);
  color_scheme_cb (self);
  add_accelerators (self);
}

static void
tutti_application_shutdown (GApplication *application)
{
  TuttiApplication *self = TUTTI_APPLICATION (application);

  g_clear_object (&self->jam);
  g_clear_object (&self->settings);
  g_clear_pointer (&self->printed_link, g_free);

  G_APPLICATION_CLASS (tutti_application_parent_class)->shutdown (application);
}

static int
start_jam_from_options (GApplication *application, GVariantDict *options)
{
  g_autoptr (GError) error = NULL;
  const char *room = "";

  g_variant_dict_lookup (options, "room", "&s", &room);
  /* Registered here, so that the wish reaches whichever process already is Tutti. */
  if (!g_application_register (application, NULL, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  g_action_group_activate_action (G_ACTION_GROUP (application), "start-jam",
                                  g_variant_new_string (room));
  if (!g_application_get_is_remote (application))
    return -1;
  g_dbus_connection_flush_sync (g_application_get_dbus_connection (application), NULL, NULL);
  return 0;
}

static int
tutti_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (g_variant_dict_contains (options, "version")) {
    g_print ("%s %s\n", TUTTI_APP_NAME, TUTTI_VERSION);
    return 0;
  }
  if (g_variant_dict_contains (options, "start-jam"))
    return start_jam_from_options (application, options);
  return -1;
}

/**
 * tutti_application_new:
 *
 * Returns: (transfer full): the application
 */
TuttiApplication *
tutti_application_new (void)
{
  return g_object_new (TUTTI_TYPE_APPLICATION, "application-id", TUTTI_APP_ID, "flags",
                       G_APPLICATION_HANDLES_OPEN, "resource-base-path", "/com/highloka/Tutti",
                       NULL);
}

static void
tutti_application_class_init (TuttiApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->startup = tutti_application_startup;
  application_class->shutdown = tutti_application_shutdown;
  application_class->activate = tutti_application_activate;
  application_class->open = tutti_application_open;
  application_class->handle_local_options = tutti_application_handle_local_options;
}

static void
tutti_application_init (TuttiApplication *self)
{
  const GOptionEntry options[] = {
    { "start-jam", 0, 0, G_OPTION_ARG_NONE, NULL, _ ("Start a room on this computer and join it"),
      NULL },
    { "room", 0, 0, G_OPTION_ARG_STRING, NULL, _ ("Name of the room to start"), _ ("NAME") },
    { "version", 0, 0, G_OPTION_ARG_NONE, NULL, _ ("Show the version"), NULL },
    { 0 },
  };

  g_application_add_main_option_entries (G_APPLICATION (self), options);
  g_application_set_option_context_parameter_string (G_APPLICATION (self), _ ("[LINK]"));
}
