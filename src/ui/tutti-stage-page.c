/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stage-page.h"

#include "tutti-chat-view.h"
#include "tutti-camera-button.h"
#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-lan.h"
#include "tutti-own-strip-view.h"
#include "tutti-plan-popover.h"
#include "tutti-stage-banners.h"
#include "tutti-strip-view.h"
#include "tutti-tempo-popover.h"
#include "tutti-video-grid.h"

#define TICK_US        (28 * 1000)
#define TICK_SLOW_US   (60 * 1000)
#define NOTICE_SECONDS 3

/**
 * TuttiStagePage: the room as a mixing desk: own strips, then one strip per stream of the others.
 *
 * Properties: `compact` (rows in place of console strips; set by the breakpoint), `alone` (nobody
 * else is here). One tick callback moves all meters, only while the page is mapped.
 */
struct _TuttiStagePage {
  AdwNavigationPage parent_instance;

  /* Template */
  AdwWindowTitle *title;
  AdwToastOverlay *toasts;
  TuttiStageBanners *banners;
  GtkBox *own_box;
  GtkBox *remotes_box;
  AdwStatusPage *alone_page;
  GtkLabel *link_label;
  GtkWidget *network_button;
  GtkWidget *copy_link_button;
  GtkWidget *mute_button;
  TuttiFader *output_fader;
  TuttiPlanPopover *plan_popover;
  TuttiTempoPopover *tempo_popover;
  AdwOverlaySplitView *split;
  TuttiChatView *chat_view;
  GtkWidget *chat_button;
  GtkLabel *unread_label;
  TuttiCameraButton *camera_button;

  TuttiVideoGrid *videos; /* borrowed, over what scrolls */

  /* Owned */
  TuttiJam *jam;
  char *people; /* how many are here, in words */
  guint notice_id;
  guint tick_id;
  gint64 last_tick;
  gboolean compact;
  gboolean alone;
};

enum { PROP_COMPACT = 1, PROP_ALONE, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiStagePage, tutti_stage_page, ADW_TYPE_NAVIGATION_PAGE)

static GtkAlign
get_strips_align (TuttiStagePage *self, gboolean compact, gboolean alone)
{
  return compact || alone ? GTK_ALIGN_FILL : GTK_ALIGN_CENTER;
}

static char *
get_mute_icon (TuttiStagePage *self, gboolean muted)
{
  return g_strdup (muted ? "microphone-disabled-symbolic" : "audio-input-microphone-symbolic");
}

static char *
get_mute_text (TuttiStagePage *self, gboolean muted)
{
  return g_strdup (muted ? _ ("Muted") : _ ("Mute"));
}

/* An eye sees no more in a meter, and drawing costs what the sound may need: much, where no
 * graphics card draws, because then each frame is the whole window. */
static gint64
get_tick_us (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);
  GskRenderer *renderer = native ? gtk_native_get_renderer (native) : NULL;

  return renderer && GSK_IS_CAIRO_RENDERER (renderer) ? TICK_SLOW_US : TICK_US;
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  GtkWidget *child;

  if (now - self->last_tick < get_tick_us (widget))
    return G_SOURCE_CONTINUE;
  self->last_tick = now;
  for (child = gtk_widget_get_first_child (GTK_WIDGET (self->own_box)); child;
       child = gtk_widget_get_next_sibling (child))
    tutti_own_strip_view_tick (TUTTI_OWN_STRIP_VIEW (child), now);
  for (child = gtk_widget_get_first_child (GTK_WIDGET (self->remotes_box)); child;
       child = gtk_widget_get_next_sibling (child))
    tutti_strip_view_tick (TUTTI_STRIP_VIEW (child), now);
  return G_SOURCE_CONTINUE;
}

static void
tutti_stage_page_map (GtkWidget *widget)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (widget);

  GTK_WIDGET_CLASS (tutti_stage_page_parent_class)->map (widget);
  if (!self->tick_id)
    self->tick_id = gtk_widget_add_tick_callback (widget, tick_cb, NULL, NULL);
}

static void
tutti_stage_page_unmap (GtkWidget *widget)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (widget);

  if (self->tick_id)
    gtk_widget_remove_tick_callback (widget, self->tick_id);
  self->tick_id = 0;
  GTK_WIDGET_CLASS (tutti_stage_page_parent_class)->unmap (widget);
}

/* One view for each of my strips, in their order; those that stay keep their view. */
static void
sync_own (TuttiStagePage *self)
{
  TuttiSession *session = tutti_jam_get_session (self->jam);
  GListModel *strips = tutti_sound_get_own_strips (tutti_jam_get_sound (self->jam));
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self->own_box));
  guint n_strips = g_list_model_get_n_items (strips);
  TuttiRole role;

  /* A listener has none to show: nobody hears what goes in there. */
  g_object_get (session, "role", &role, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->own_box), role != TUTTI_ROLE_LISTENER);
  gtk_widget_set_visible (self->mute_button, role != TUTTI_ROLE_LISTENER);

  for (guint i = 0; i < n_strips; i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    while (child && tutti_own_strip_view_get_strip (TUTTI_OWN_STRIP_VIEW (child)) != strip) {
      GtkWidget *gone = child;

      child = gtk_widget_get_next_sibling (child);
      gtk_box_remove (self->own_box, gone);
    }
    if (child) {
      child = gtk_widget_get_next_sibling (child);
    } else {
      GtkWidget *view = tutti_own_strip_view_new (session, strip);

      g_object_bind_property (self, "compact", view, "compact", G_BINDING_SYNC_CREATE);
      gtk_box_append (self->own_box, view);
    }
  }
  while (child) {
    GtkWidget *gone = child;

    child = gtk_widget_get_next_sibling (child);
    gtk_box_remove (self->own_box, gone);
  }
}

/* -- the chat -- */

static void
update_chat (TuttiStagePage *self)
{
  TuttiSession *session = tutti_jam_get_session (self->jam);

  /* It stays, with what is being written, while the room is lost for a moment. */
  if (tutti_session_get_state (session) == TUTTI_SESSION_RECONNECTING)
    return;

  gtk_widget_set_visible (self->chat_button, tutti_session_can_chat (session));
  if (!tutti_session_can_chat (session))
    adw_overlay_split_view_set_show_sidebar (self->split, FALSE);
}

static void
unread_changed_cb (TuttiStagePage *self)
{
  g_autofree char *number = NULL, *spoken = NULL;
  guint unread;

  g_object_get (self->chat_view, "unread", &unread, NULL);
  number = g_strdup_printf ("%u", unread);
  if (unread > 0)
    spoken = g_strdup_printf (ngettext ("Chat, %u unread", "Chat, %u unread", unread), unread);
  gtk_label_set_text (self->unread_label, number);
  gtk_widget_set_visible (GTK_WIDGET (self->unread_label), unread > 0);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->chat_button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  spoken ? spoken : _ ("Chat"), -1);
}

static void
chat_failed_cb (TuttiStagePage *self, const char *message)
{
  AdwToast *toast = adw_toast_new ("");

  adw_toast_set_use_markup (toast, FALSE);
  adw_toast_set_title (toast, message);
  tutti_stage_page_toast (self, toast);
}

/**
 * tutti_stage_page_toggle_chat:
 *
 * Opens the chat, or closes it.
 */
void
tutti_stage_page_toggle_chat (TuttiStagePage *self)
{
  if (gtk_widget_get_visible (self->chat_button))
    adw_overlay_split_view_set_show_sidebar (
        self->split, !adw_overlay_split_view_get_show_sidebar (self->split));
}

static GtkWidget *
find_view (TuttiStagePage *self, TuttiStrip *strip)
{
  GtkWidget *child;

  for (child = gtk_widget_get_first_child (GTK_WIDGET (self->remotes_box)); child;
       child = gtk_widget_get_next_sibling (child))
    if (tutti_strip_view_get_strip (TUTTI_STRIP_VIEW (child)) == strip)
      return child;
  return NULL;
}

static GtkWidget *
add_view (TuttiStagePage *self, TuttiParticipant *participant, TuttiStrip *strip)
{
  GtkWidget *view = tutti_strip_view_new (tutti_jam_get_session (self->jam), participant, strip);

  g_object_bind_property (self, "compact", view, "compact", G_BINDING_SYNC_CREATE);
  gtk_box_append (self->remotes_box, view);
  return view;
}

/* Views are kept where their strip is kept: a fader must not vanish under the finger. */
static void
sync_strips (TuttiStagePage *self)
{
  GListModel *people = tutti_session_get_participants (tutti_jam_get_session (self->jam));
  guint n = g_list_model_get_n_items (people);
  g_autoptr (GHashTable) present = g_hash_table_new (NULL, NULL);
  GtkWidget *last = NULL;
  GtkWidget *child;

  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (people, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);
      GtkWidget *view = find_view (self, strip);

      if (!view)
        view = add_view (self, participant, strip);
      gtk_box_reorder_child_after (self->remotes_box, view, last);
      g_hash_table_add (present, view);
      last = view;
    }
  }

  child = gtk_widget_get_first_child (GTK_WIDGET (self->remotes_box));
  while (child) {
    GtkWidget *next = gtk_widget_get_next_sibling (child);

    if (!g_hash_table_contains (present, child))
      gtk_box_remove (self->remotes_box, child);
    child = next;
  }
}

static char *
describe_people (TuttiStagePage *self, GListModel *people)
{
  guint n = g_list_model_get_n_items (people), n_listeners;
  g_autofree char *musicians = NULL;
  g_autofree char *listeners = NULL;
  TuttiRole role;

  if (n == 0)
    return g_strdup (_ ("Just you"));

  g_object_get (tutti_jam_get_session (self->jam), "role", &role, NULL);
  n_listeners = role == TUTTI_ROLE_LISTENER;
  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (people, i);

    n_listeners += tutti_participant_get_role (participant) == TUTTI_ROLE_LISTENER;
  }

  n = n + 1 - n_listeners;
  musicians = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%u musician", "%u musicians", n), n);
  if (n_listeners == 0)
    return g_steal_pointer (&musicians);
  listeners = g_strdup_printf (
      g_dngettext (GETTEXT_PACKAGE, "%u listener", "%u listeners", n_listeners), n_listeners);
  return g_strdup_printf ("%s · %s", musicians, listeners);
}

/* Below the room's name: who is here, and whether anybody else can come. */
static void
update_subtitle (TuttiStagePage *self)
{
  TuttiSession *session = tutti_jam_get_session (self->jam);
  g_autofree char *people = describe_people (self, tutti_session_get_participants (session));
  gboolean locked;

  g_object_get (session, "locked", &locked, NULL);
  g_free (self->people);
  /* Translators: a room whose door is shut */
  self->people =
      locked ? g_strdup_printf ("%s · %s", people, _ ("locked")) : g_steal_pointer (&people);
  if (!self->notice_id)
    adw_window_title_set_subtitle (self->title, self->people);
}

static void
sync_people (TuttiStagePage *self)
{
  GListModel *people = tutti_session_get_participants (tutti_jam_get_session (self->jam));
  guint n = g_list_model_get_n_items (people);

  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (people, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    g_signal_handlers_disconnect_by_func (strips, sync_strips, self);
    g_signal_connect_object (strips, "items-changed", G_CALLBACK (sync_strips), self,
                             G_CONNECT_SWAPPED);
    g_signal_handlers_disconnect_by_func (participant, update_subtitle, self);
    g_signal_connect_object (participant, "notify::role", G_CALLBACK (update_subtitle), self,
                             G_CONNECT_SWAPPED);
  }
  sync_strips (self);

  update_subtitle (self);
  if (self->alone != (n == 0)) {
    self->alone = n == 0;
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_ALONE]);
  }
}

static void
update_link (TuttiStagePage *self)
{
  const TuttiLink *link = tutti_jam_get_link (self->jam);
  const TuttiLink *shared = tutti_jam_get_shared_link (self->jam);
  gboolean closed = link && tutti_lan_is_loopback (link->host);
  g_autofree char *text = shared ? tutti_link_to_string (shared) : g_strdup ("");

  adw_window_title_set_title (self->title, link ? link->room : "");
  adw_navigation_page_set_title (ADW_NAVIGATION_PAGE (self),
                                 link && *link->room ? link->room : _ ("Stage"));
  gtk_label_set_text (self->link_label, text);
  adw_status_page_set_description (
      self->alone_page,
      closed ? _ ("This room can be reached from this computer only.")
             : _ ("Send this link to the others. They hear you as soon as they open it."));
  gtk_widget_set_visible (self->network_button, closed && tutti_jam_is_hosting (self->jam));
  if (closed)
    gtk_widget_remove_css_class (self->copy_link_button, "suggested-action");
  else
    gtk_widget_add_css_class (self->copy_link_button, "suggested-action");
}

/**
 * tutti_stage_page_set_jam:
 * @jam: what is shown from now on; once only
 */
void
tutti_stage_page_set_jam (TuttiStagePage *self, TuttiJam *jam)
{
  TuttiSession *session = tutti_jam_get_session (jam);
  TuttiSound *sound = tutti_jam_get_sound (jam);

  g_return_if_fail (self->jam == NULL);

  self->jam = g_object_ref (jam);
  tutti_stage_banners_set_jam (self->banners, jam);
  tutti_plan_popover_set_session (self->plan_popover, session);
  tutti_tempo_popover_set_session (self->tempo_popover, session);
  tutti_chat_view_set_session (self->chat_view, session);
  g_signal_connect_object (session, "notify::state", G_CALLBACK (update_chat), self,
                           G_CONNECT_SWAPPED);
  tutti_video_grid_set_session (self->videos, session);
  tutti_camera_button_set_jam (self->camera_button, jam);
  g_object_bind_property (sound, "output-gain", self->output_fader, "position",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_signal_connect_object (tutti_session_get_participants (session), "items-changed",
                           G_CALLBACK (sync_people), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::link", G_CALLBACK (update_link), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::shared-link", G_CALLBACK (update_link), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::role", G_CALLBACK (sync_own), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::role", G_CALLBACK (update_subtitle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::locked", G_CALLBACK (update_subtitle), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_sound_get_own_strips (sound), "items-changed",
                           G_CALLBACK (sync_own), self, G_CONNECT_SWAPPED);
  sync_own (self);
  sync_people (self);
  update_link (self);
  update_chat (self);
}

static void
end_notice (gpointer data)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (data);

  self->notice_id = 0;
  adw_window_title_set_subtitle (self->title, self->people);
}

/**
 * tutti_stage_page_notice:
 * @text: what happened in the room without our doing
 *
 * Shown for a moment below the room's name: a toast would lie over the buttons that somebody who
 * comes in loud makes one reach for.
 */
void
tutti_stage_page_notice (TuttiStagePage *self, const char *text)
{
  g_clear_handle_id (&self->notice_id, g_source_remove);
  adw_window_title_set_subtitle (self->title, text);
  self->notice_id = g_timeout_add_seconds_once (NOTICE_SECONDS, end_notice, self);
}

/**
 * tutti_stage_page_toast:
 * @toast: (transfer full): shown over the strips, clear of the bar with the mute button
 */
void
tutti_stage_page_toast (TuttiStagePage *self, AdwToast *toast)
{
  adw_toast_overlay_add_toast (self->toasts, toast);
}

static void
tutti_stage_page_set_property (GObject *object,
                               guint property_id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (object);

  if (property_id == PROP_COMPACT) {
    if (self->compact != g_value_get_boolean (value)) {
      self->compact = g_value_get_boolean (value);
      g_object_notify_by_pspec (object, pspec);
    }
  } else {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_stage_page_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (object);

  if (property_id == PROP_COMPACT)
    g_value_set_boolean (value, self->compact);
  else if (property_id == PROP_ALONE)
    g_value_set_boolean (value, self->alone);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_stage_page_dispose (GObject *object)
{
  TuttiStagePage *self = TUTTI_STAGE_PAGE (object);

  g_clear_handle_id (&self->notice_id, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_STAGE_PAGE);
  g_clear_object (&self->jam);
  g_clear_pointer (&self->people, g_free);

  G_OBJECT_CLASS (tutti_stage_page_parent_class)->dispose (object);
}

static void
tutti_stage_page_class_init (TuttiStagePageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_stage_page_set_property;
  object_class->get_property = tutti_stage_page_get_property;
  object_class->dispose = tutti_stage_page_dispose;
  widget_class->map = tutti_stage_page_map;
  widget_class->unmap = tutti_stage_page_unmap;

  props[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_ALONE] =
      g_param_spec_boolean ("alone", NULL, NULL, TRUE, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_CHAT_VIEW);
  g_type_ensure (TUTTI_TYPE_FADER);
  g_type_ensure (TUTTI_TYPE_PLAN_POPOVER);
  g_type_ensure (TUTTI_TYPE_STAGE_BANNERS);
  g_type_ensure (TUTTI_TYPE_TEMPO_POPOVER);
  g_type_ensure (TUTTI_TYPE_CAMERA_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-stage-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, title);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, toasts);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, banners);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, plan_popover);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, tempo_popover);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, split);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, chat_view);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, chat_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, unread_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, camera_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, own_box);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, remotes_box);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, link_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, network_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, copy_link_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, mute_button);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, alone_page);
  gtk_widget_class_bind_template_child (widget_class, TuttiStagePage, output_fader);
  gtk_widget_class_bind_template_callback (widget_class, chat_failed_cb);
  gtk_widget_class_bind_template_callback (widget_class, unread_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, get_strips_align);
  gtk_widget_class_bind_template_callback (widget_class, get_mute_icon);
  gtk_widget_class_bind_template_callback (widget_class, get_mute_text);
}

/* Pictures stay where they are while the strips scroll below them, and take what these leave. */
static void
add_videos (TuttiStagePage *self)
{
  g_autoptr (GtkWidget) strips = g_object_ref (adw_toast_overlay_get_child (self->toasts));
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  self->videos = g_object_new (TUTTI_TYPE_VIDEO_GRID, "vexpand", TRUE, "margin-top", 8,
                               "margin-start", 8, "margin-end", 8, NULL);
  adw_toast_overlay_set_child (self->toasts, box);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->videos));
  gtk_box_append (GTK_BOX (box), strips);
  /* All the room where nobody shows anything, as ever. */
  g_object_bind_property (self->videos, "visible", strips, "vexpand",
                          G_BINDING_SYNC_CREATE | G_BINDING_INVERT_BOOLEAN);
}

static void
tutti_stage_page_init (TuttiStagePage *self)
{
  self->alone = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  add_videos (self);
  tutti_fader_set_subject (self->output_fader, _ ("Volume of your headphones"));
}
