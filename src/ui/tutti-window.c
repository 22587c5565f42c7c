/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-window.h"

#include "tutti-connect-page.h"
#include "tutti-device-offers.h"
#include "tutti-error.h"
#include "tutti-host-actions.h"
#include "tutti-i18n.h"
#include "tutti-invite-flow.h"
#include "tutti-pedal.h"
#include "tutti-preferences-dialog.h"
#include "tutti-recent.h"
#include "tutti-sound-page.h"
#include "tutti-stage-page.h"
#include "tutti-start-page.h"

#define DEFAULT_ROOM  "jam"
#define LEAVE_SECONDS 3

/**
 * TuttiWindow: start, sound check, connecting, stage: which page fits the state of the jam, and the
 * actions that go with it.
 *
 * Property: `muted` (bool: of the sound; here because an action hangs on it).
 */
struct _TuttiWindow {
  AdwApplicationWindow parent_instance;

  /* Template */
  AdwToastOverlay *toasts;
  AdwNavigationView *navigation;
  TuttiStartPage *start_page;
  TuttiSoundPage *sound_page;
  TuttiConnectPage *connect_page;
  TuttiStagePage *stage_page;

  /* Owned */
  TuttiJam *jam;
  TuttiLink *pending_link; /* to be joined after the sound check */
  char *pending_room;      /* to be started after it */
  TuttiDeviceOffers *offers;
  TuttiPedal *pedal;
  gboolean muted;
};

enum { PROP_MUTED = 1, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiWindow, tutti_window, ADW_TYPE_APPLICATION_WINDOW)

static gboolean
is_visible (TuttiWindow *self, const char *tag)
{
  return g_strcmp0 (adw_navigation_view_get_visible_page_tag (self->navigation), tag) == 0;
}

static void
clear_pending (TuttiWindow *self)
{
  g_clear_pointer (&self->pending_link, tutti_link_free);
  g_clear_pointer (&self->pending_room, g_free);
}

static void
go_to_pending (TuttiWindow *self)
{
  g_autoptr (TuttiLink) link = g_steal_pointer (&self->pending_link);
  g_autofree char *room = g_steal_pointer (&self->pending_room);

  if (link)
    tutti_jam_join (self->jam, link);
  else if (room) {
    /* Who wants people on the internet in says so when they are invited. */
    tutti_jam_set_internet (self->jam, FALSE);
    tutti_jam_start_local (self->jam, room);
  }
}

/* What the button at the end of the sound check leads to. */
static void
update_done_label (TuttiWindow *self)
{
  const GError *error = tutti_sound_get_error (tutti_jam_get_sound (self->jam));
  const char *label = _ ("_Done");

  if (self->pending_link || self->pending_room)
    label = g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE)
                ? _ ("_Join Without Sound")
                : _ ("_Join the Jam");
  tutti_sound_page_set_done_label (self->sound_page, label);
}

static void
show_sound_check (TuttiWindow *self)
{
  update_done_label (self);
  if (!is_visible (self, "sound"))
    adw_navigation_view_push_by_tag (self->navigation, "sound");
}

static void
enter (TuttiWindow *self, gboolean check_sound)
{
  GSettings *settings = tutti_jam_get_settings (self->jam);

  if (check_sound && !g_settings_get_boolean (settings, "sound-check-done"))
    show_sound_check (self);
  else
    go_to_pending (self);
}

static gboolean
is_busy (TuttiWindow *self)
{
  TuttiJamState state = tutti_jam_get_state (self->jam);

  return state != TUTTI_JAM_IDLE && state != TUTTI_JAM_FAILED;
}

static void
join_link (TuttiWindow *self, const TuttiLink *link)
{
  clear_pending (self);
  self->pending_link = tutti_link_copy (link);
  enter (self, TRUE);
}

static void
join_cb (TuttiWindow *self, TuttiLink *link)
{
  join_link (self, link);
}

static void
start_jam_cb (TuttiWindow *self)
{
  tutti_window_start_jam (self, NULL, TRUE);
}

static void
sound_done_cb (TuttiWindow *self)
{
  g_settings_set_boolean (tutti_jam_get_settings (self->jam), "sound-check-done", TRUE);
  if (self->pending_link || self->pending_room)
    go_to_pending (self);
  else
    adw_navigation_view_pop (self->navigation);
}

static void
popped_cb (TuttiWindow *self, AdwNavigationPage *page)
{
  /* Whoever goes back from the sound check has changed their mind about the room. */
  if (page == ADW_NAVIGATION_PAGE (self->sound_page))
    clear_pending (self);
}

static void
show_tag (TuttiWindow *self, const char *tag)
{
  const char *tags[] = { "start", tag };
  AdwNavigationPage *below = adw_navigation_view_get_previous_page (
      self->navigation, ADW_NAVIGATION_PAGE (self->sound_page));

  if (is_visible (self, tag))
    return;
  /* A sound check opened from the stage stays open when the room comes and goes below it. */
  if (is_visible (self, "sound") && g_str_equal (tag, "stage") &&
      below == ADW_NAVIGATION_PAGE (self->stage_page))
    return;
  adw_navigation_view_replace_with_tags (self->navigation, tags,
                                         g_str_equal (tag, "start") ? 1 : 2);
}

static void
update_actions (TuttiWindow *self)
{
  TuttiJamState state = tutti_jam_get_state (self->jam);
  gboolean in_room = state == TUTTI_JAM_JOINED || state == TUTTI_JAM_RECONNECTING;
  TuttiSession *session = tutti_jam_get_session (self->jam);
  TuttiRole role;

  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.leave", state != TUTTI_JAM_IDLE);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.retry", state == TUTTI_JAM_FAILED);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.copy-link",
                                 in_room && tutti_jam_get_shared_link (self->jam));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.chat", in_room);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.invite",
                                 state == TUTTI_JAM_JOINED && tutti_session_can_invite (session));
  g_object_get (session, "role", &role, NULL);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "win.mute",
                                 in_room && role != TUTTI_ROLE_LISTENER);
  tutti_pedal_set_active (self->pedal, in_room && role != TUTTI_ROLE_LISTENER);
}

static void
remember_room (TuttiWindow *self)
{
  const TuttiLink *link = tutti_jam_get_link (self->jam);
  g_autofree char *text = link ? tutti_link_to_string (link) : NULL;

  /* A room of our own ends with us: its link is good for nothing later. */
  if (text && !tutti_jam_is_hosting (self->jam))
    tutti_recent_add (tutti_jam_get_settings (self->jam), text);
}

static void
state_changed_cb (TuttiWindow *self)
{
  TuttiJamState state = tutti_jam_get_state (self->jam);

  update_actions (self);
  switch (state) {
  case TUTTI_JAM_IDLE:
    show_tag (self, "start");
    break;
  case TUTTI_JAM_STARTING:
  case TUTTI_JAM_CONNECTING:
  case TUTTI_JAM_JOINING:
  case TUTTI_JAM_FAILED:
    show_tag (self, "connect");
    break;
  case TUTTI_JAM_JOINED:
    remember_room (self);
    show_tag (self, "stage");
    break;
  case TUTTI_JAM_RECONNECTING:
    show_tag (self, "stage");
    break;
  default:
    g_assert_not_reached ();
  }
}

/* @toast: (transfer full) */
static void
show_toast (AdwToast *toast, const char *text, gpointer data)
{
  TuttiWindow *self = TUTTI_WINDOW (data);

  if (is_visible (self, "stage"))
    tutti_stage_page_toast (self->stage_page, toast);
  else
    adw_toast_overlay_add_toast (self->toasts, toast);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
tell_for (TuttiWindow *self, const char *text, guint seconds)
{
  AdwToast *toast = adw_toast_new ("");

  /* A name may hold what looks like markup. */
  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, text);
  adw_toast_set_timeout (toast, seconds);
  show_toast (toast, text, self);
}

static void
tell (TuttiWindow *self, const char *text)
{
  tell_for (self, text, 2);
}

/* What the others do: it comes unasked, so it must not lie over anything. */
static void
tell_of_others (TuttiWindow *self, const char *text)
{
  if (!is_visible (self, "stage")) {
    tell (self, text);
    return;
  }
  tutti_stage_page_notice (self->stage_page, text);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text,
                           GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_MEDIUM);
}

static void
peer_joined_cb (TuttiWindow *self, TuttiParticipant *participant)
{
  g_autofree char *text =
      g_strdup_printf (_ ("%s joined"), tutti_participant_get_display_name (participant));

  /* Who was there before us, or comes back with us, is no news. */
  if (tutti_jam_get_state (self->jam) == TUTTI_JAM_JOINED)
    tell_of_others (self, text);
}

static char *
tell_why_gone (TuttiParticipant *participant)
{
  const char *name = tutti_participant_get_display_name (participant);
  const char *reason = tutti_participant_get_leave_reason (participant);

  if (g_strcmp0 (reason, "lost") == 0)
    return g_strdup_printf (_ ("%s lost the connection"), name);
  if (g_strcmp0 (reason, "replaced") == 0)
    return g_strdup_printf (_ ("%s is connecting anew"), name);
  if (g_strcmp0 (reason, "removed") == 0)
    return g_strdup_printf (_ ("%s was removed from the room"), name);
  if (g_strcmp0 (reason, "asleep") == 0)
    return g_strdup_printf (_ ("%s is away: their computer sleeps"), name);

  return g_strdup_printf (_ ("%s left"), name);
}

static void
peer_left_cb (TuttiWindow *self, TuttiParticipant *participant)
{
  g_autofree char *text = tell_why_gone (participant);

  if (tutti_jam_get_state (self->jam) == TUTTI_JAM_JOINED)
    tell_of_others (self, text);
}

static void
toast_cb (GtkWidget *widget, const char *text)
{
  /* With an instrument in one's hands reading takes a while. */
  tell_for (TUTTI_WINDOW (widget), text, 6);
}

static void
notice_cb (GtkWidget *widget, const char *text)
{
  tell_of_others (TUTTI_WINDOW (widget), text);
}

static void
leave_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TuttiWindow *self = TUTTI_WINDOW (widget);

  clear_pending (self);
  dex_future_disown (tutti_jam_leave (self->jam));
}

static void
retry_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tutti_jam_retry (TUTTI_WINDOW (widget)->jam);
}

static void
sound_check_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  show_sound_check (TUTTI_WINDOW (widget));
}

static void
chat_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tutti_stage_page_toggle_chat (TUTTI_WINDOW (widget)->stage_page);
}

static void
preferences_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  adw_dialog_present (tutti_preferences_dialog_new (TUTTI_WINDOW (widget)->jam), widget);
}

static void
copy_link_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TuttiWindow *self = TUTTI_WINDOW (widget);
  const TuttiLink *link = tutti_jam_get_shared_link (self->jam);
  g_autofree char *text = link ? tutti_link_to_string (link) : NULL;

  if (!text)
    return;
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), text);
  tell (self, _ ("Link copied"));
}

/* Whoever muted me: nobody else can end it. */
static void
unmute_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  tutti_session_unmute (tutti_jam_get_session (TUTTI_WINDOW (widget)->jam));
}

static void
invite_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TuttiWindow *self = TUTTI_WINDOW (widget);

  tutti_invite_flow_start (widget, self->jam);
}

static DexFuture *
start_again (DexFuture *future, gpointer data)
{
  go_to_pending (TUTTI_WINDOW (data));
  return dex_future_new_true ();
}

/* A room's address stays while it runs: it is started anew with another. */
static void
open_to_network_action (GtkWidget *widget, const char *name, GVariant *parameter)
{
  TuttiWindow *self = TUTTI_WINDOW (widget);
  const TuttiLink *link = tutti_jam_get_link (self->jam);

  if (!link || !tutti_jam_is_hosting (self->jam))
    return;
  g_settings_set_boolean (tutti_jam_get_settings (self->jam), "open-to-network", TRUE);
  clear_pending (self);
  self->pending_room = g_strdup (link->room);
  dex_future_disown (dex_future_finally (tutti_jam_leave (self->jam), start_again,
                                         g_object_ref (self), g_object_unref));
}

/**
 * tutti_window_open_link:
 * @text: a room link from outside, such as one clicked in a chat
 *
 * Joins it; what is wrong with it shows at the link entry.
 */
void
tutti_window_open_link (TuttiWindow *self, const char *text)
{
  g_autoptr (TuttiLink) link = tutti_link_parse (text, NULL);

  if (is_busy (self)) {
    tell (self, _ ("Leave this room before you open another"));
    return;
  }
  show_tag (self, "start");
  tutti_start_page_set_link (self->start_page, text);
  if (link)
    join_link (self, link);
}

/**
 * tutti_window_start_jam:
 * @room: (nullable): the room's name
 * @check_sound: whether the sound check comes first when it was never done
 */
void
tutti_window_start_jam (TuttiWindow *self, const char *room, gboolean check_sound)
{
  if (is_busy (self)) {
    tell (self, _ ("Leave this room before you open another"));
    return;
  }
  clear_pending (self);
  self->pending_room = g_strdup (room ? room : DEFAULT_ROOM);
  enter (self, check_sound);
}

static void
set_jam (TuttiWindow *self, TuttiJam *jam)
{
  GSettings *settings = tutti_jam_get_settings (jam);
  TuttiSession *session = tutti_jam_get_session (jam);
  TuttiSound *sound = tutti_jam_get_sound (jam);

  self->jam = g_object_ref (jam);
  self->pedal = tutti_pedal_new (ADW_APPLICATION_WINDOW (self), settings, sound);
  self->offers = tutti_device_offers_new (sound, show_toast, self);
  tutti_start_page_set_settings (self->start_page, settings);
  tutti_sound_page_set_jam (self->sound_page, jam);
  tutti_connect_page_set_jam (self->connect_page, jam);
  tutti_stage_page_set_jam (self->stage_page, jam);
  g_signal_connect_object (sound, "notify::error", G_CALLBACK (update_done_label), self,
                           G_CONNECT_SWAPPED);
  g_object_bind_property (sound, "muted", self, "muted",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_settings_bind (settings, "window-width", self, "default-width", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-height", self, "default-height", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind (settings, "window-maximized", self, "maximized", G_SETTINGS_BIND_DEFAULT);
  g_signal_connect_object (jam, "notify::state", G_CALLBACK (state_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::shared-link", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "peer-joined", G_CALLBACK (peer_joined_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "peer-left", G_CALLBACK (peer_left_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::role", G_CALLBACK (update_actions), self,
                           G_CONNECT_SWAPPED);
  tutti_host_actions_install (GTK_WIDGET (self), session, toast_cb, notice_cb);
  g_signal_connect_object (self->navigation, "popped", G_CALLBACK (popped_cb), self,
                           G_CONNECT_SWAPPED);
  state_changed_cb (self);
}

/**
 * tutti_window_new:
 * @jam: what the window is about
 */
TuttiWindow *
tutti_window_new (GtkApplication *application, TuttiJam *jam)
{
  TuttiWindow *self = g_object_new (TUTTI_TYPE_WINDOW, "application", application, NULL);

  set_jam (self, jam);
  return self;
}

static DexFuture *
release_application (DexFuture *future, gpointer data)
{
  g_application_release (G_APPLICATION (data));
  return dex_future_new_true ();
}

static gboolean
tutti_window_close_request (GtkWindow *window)
{
  TuttiWindow *self = TUTTI_WINDOW (window);

  if (tutti_jam_get_state (self->jam) != TUTTI_JAM_IDLE) {
    GtkApplication *application = gtk_window_get_application (window);

    /* The others should see us leave, not vanish: the program stays until they were told. */
    g_application_hold (G_APPLICATION (application));
    dex_future_disown (
        dex_future_finally (dex_future_first (tutti_jam_leave (self->jam),
                                              dex_timeout_new_seconds (LEAVE_SECONDS), NULL),
                            release_application, g_object_ref (application), g_object_unref));
  }
  return GTK_WINDOW_CLASS (tutti_window_parent_class)->close_request (window);
}

static void
tutti_window_set_property (GObject *object,
                           guint property_id,
                           const GValue *value,
                           GParamSpec *pspec)
{
  TuttiWindow *self = TUTTI_WINDOW (object);

  if (property_id != PROP_MUTED) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    return;
  }
  if (self->muted != g_value_get_boolean (value)) {
    self->muted = g_value_get_boolean (value);
    g_object_notify_by_pspec (object, pspec);
  }
}

static void
tutti_window_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_MUTED)
    g_value_set_boolean (value, TUTTI_WINDOW (object)->muted);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_window_dispose (GObject *object)
{
  TuttiWindow *self = TUTTI_WINDOW (object);

  clear_pending (self);
  g_clear_pointer (&self->offers, tutti_device_offers_free);
  g_clear_pointer (&self->pedal, tutti_pedal_free);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_WINDOW);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_window_parent_class)->dispose (object);
}

static void
tutti_window_class_init (TuttiWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->set_property = tutti_window_set_property;
  G_OBJECT_CLASS (klass)->get_property = tutti_window_get_property;
  G_OBJECT_CLASS (klass)->dispose = tutti_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = tutti_window_close_request;

  props[PROP_MUTED] =
      g_param_spec_boolean ("muted", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_START_PAGE);
  g_type_ensure (TUTTI_TYPE_SOUND_PAGE);
  g_type_ensure (TUTTI_TYPE_CONNECT_PAGE);
  g_type_ensure (TUTTI_TYPE_STAGE_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/com/highloka/Tutti/tutti-window.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, navigation);
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, start_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, sound_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, connect_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiWindow, stage_page);
  gtk_widget_class_bind_template_callback (widget_class, join_cb);
  gtk_widget_class_bind_template_callback (widget_class, start_jam_cb);
  gtk_widget_class_bind_template_callback (widget_class, sound_done_cb);

  gtk_widget_class_install_action (widget_class, "win.leave", NULL, leave_action);
  gtk_widget_class_install_action (widget_class, "win.retry", NULL, retry_action);
  gtk_widget_class_install_action (widget_class, "win.sound-check", NULL, sound_check_action);
  gtk_widget_class_install_action (widget_class, "win.chat", NULL, chat_action);
  gtk_widget_class_install_action (widget_class, "win.preferences", NULL, preferences_action);
  gtk_widget_class_install_action (widget_class, "win.copy-link", NULL, copy_link_action);
  gtk_widget_class_install_action (widget_class, "win.invite", NULL, invite_action);
  gtk_widget_class_install_action (widget_class, "win.unmute", NULL, unmute_action);
  gtk_widget_class_install_action (widget_class, "win.open-to-network", NULL,
                                   open_to_network_action);
  gtk_widget_class_install_property_action (widget_class, "win.mute", "muted");
}

static void
tutti_window_init (TuttiWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
