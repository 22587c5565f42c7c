/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stage-banners.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-path-text.h"

#define FEEDBACK_SECONDS 10

/**
 * TuttiStageBanners: what is wrong while people play: the connection, the sound, a howl that was
 * caught, that a listener is not heard, and what a host did to the person here. Main thread.
 */
struct _TuttiStageBanners {
  AdwBin parent_instance;

  /* Children */
  AdwBanner *connection_banner;
  AdwBanner *sound_banner;
  AdwBanner *feedback_banner;
  AdwBanner *role_banner;
  AdwBanner *muted_banner;
  AdwBanner *side_room_banner;

  /* Owned */
  TuttiJam *jam;
  guint feedback_id;
  gboolean away; /* the room is lost, and we are on the way back */
};

G_DEFINE_FINAL_TYPE (TuttiStageBanners, tutti_stage_banners, ADW_TYPE_BIN)

static void
set_banner (AdwBanner *banner, const char *first, const char *second, const char *third)
{
  g_autofree char *text = g_strjoin (" ", first, second, third, NULL);

  adw_banner_set_title (banner, text);
  adw_banner_set_revealed (banner, TRUE);
}

static void
hide_banner (AdwBanner *banner)
{
  /* Its text is read out as long as it has one, shown or not. */
  adw_banner_set_title (banner, "");
  adw_banner_set_revealed (banner, FALSE);
}

static void
show_reconnecting (TuttiStageBanners *self, const GError *error)
{
  const char *advice = error ? tutti_error_get_advice (error) : NULL;

  /* What a person could do about a service of our own that died is being done already. */
  if (g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE))
    advice = _ ("It is being started again.");
  set_banner (self->connection_banner, _ ("Reconnecting…"),
              error ? error->message : _ ("The room was lost."), advice);
  adw_banner_set_button_label (self->connection_banner, _ ("_Leave"));
}

/* A banner that goes says nothing to who does not see it. */
static void
tell_back (TuttiStageBanners *self, TuttiJamState state)
{
  if (self->away && state == TUTTI_JAM_JOINED)
    gtk_accessible_announce (GTK_ACCESSIBLE (self), _ ("You are back in the room."),
                             GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  self->away = state == TUTTI_JAM_RECONNECTING;
}

static void
update_connection (TuttiStageBanners *self)
{
  g_autofree char *protocol = NULL;
  TuttiJamState state = tutti_jam_get_state (self->jam);
  gboolean draining;

  tell_back (self, state);
  g_object_get (tutti_jam_get_session (self->jam), "protocol", &protocol, "draining", &draining,
                NULL);
  if (state == TUTTI_JAM_RECONNECTING) {
    show_reconnecting (self, tutti_jam_get_error (self->jam));
  } else if (state == TUTTI_JAM_JOINED && draining) {
    set_banner (self->connection_banner,
                _ ("The room is about to be restarted: it will be silent for a moment."),
                _ ("You need not do anything: Tutti comes back by itself."), NULL);
    adw_banner_set_button_label (self->connection_banner, NULL);
  } else if (state == TUTTI_JAM_JOINED && tutti_path_advise (protocol)) {
    adw_banner_set_title (self->connection_banner, tutti_path_advise (protocol));
    adw_banner_set_button_label (self->connection_banner, NULL);
    adw_banner_set_revealed (self->connection_banner, TRUE);
  } else {
    hide_banner (self->connection_banner);
  }
}

static void
update_role (TuttiStageBanners *self)
{
  TuttiRole role;

  g_object_get (tutti_jam_get_session (self->jam), "role", &role, NULL);
  adw_banner_set_title (self->role_banner, role == TUTTI_ROLE_LISTENER
                                               ? _ ("You are here to listen: nobody hears you.")
                                               : "");
  adw_banner_set_revealed (self->role_banner, role == TUTTI_ROLE_LISTENER);
}

/* Its text is read out as long as it has one, shown or not. @text: (nullable): nothing to say. */
static void
show_or_hide (AdwBanner *banner, const char *text)
{
  adw_banner_set_title (banner, text ? text : "");
  adw_banner_set_revealed (banner, text != NULL);
}

static void
update_muted (TuttiStageBanners *self)
{
  g_autofree char *muted_by = NULL;
  g_autofree char *asked_by = NULL;
  g_autofree char *text = NULL;

  g_object_get (tutti_jam_get_session (self->jam), "muted-by", &muted_by, "unmute-asked-by",
                &asked_by, NULL);
  if (asked_by)
    text = g_strdup_printf (_ ("%s would like to hear you."), asked_by);
  else if (muted_by)
    text =
        g_strdup_printf (_ ("%s muted you for everybody. Only you can unmute yourself."), muted_by);
  show_or_hide (self->muted_banner, text);
}

static void
update_side_room (TuttiStageBanners *self)
{
  g_autofree char *with = NULL;
  g_autofree char *text = NULL;

  g_object_get (tutti_jam_get_session (self->jam), "isolated-with", &with, NULL);
  if (with && *with)
    /* Translators: %s is a name, or names */
    text = g_strdup_printf (_ ("A host moved you to a side room. Only you and %s hear each other."),
                            with);
  else if (with)
    text = g_strdup (_ ("A host moved you to a side room. Nobody hears you there."));
  show_or_hide (self->side_room_banner, text);
}

static void
update_sound (TuttiStageBanners *self)
{
  TuttiSound *sound = tutti_jam_get_sound (self->jam);
  const GError *error = tutti_sound_get_error (sound);
  g_autofree char *reason = NULL;
  guint granted;

  g_object_get (sound, "realtime-reason", &reason, "granted-quantum", &granted, NULL);
  if (error)
    set_banner (self->sound_banner, error->message, tutti_error_get_advice (error), NULL);
  else if (reason && granted > 0)
    set_banner (self->sound_banner,
                _ ("The sound does not run with real-time priority, so it may crackle."), reason,
                NULL);
  else
    hide_banner (self->sound_banner);
}

static void
hide_feedback (gpointer data)
{
  TuttiStageBanners *self = TUTTI_STAGE_BANNERS (data);

  self->feedback_id = 0;
  hide_banner (self->feedback_banner);
}

static void
feedback_cb (TuttiStageBanners *self)
{
  const char *text = _ ("Your speakers howled, so they were turned down for a moment. Use "
                        "headphones, or move the microphone away.");

  adw_banner_set_title (self->feedback_banner, text);
  adw_banner_set_revealed (self->feedback_banner, TRUE);
  gtk_accessible_announce (GTK_ACCESSIBLE (self), text, GTK_ACCESSIBLE_ANNOUNCEMENT_PRIORITY_HIGH);
  g_clear_handle_id (&self->feedback_id, g_source_remove);
  self->feedback_id = g_timeout_add_seconds_once (FEEDBACK_SECONDS, hide_feedback, self);
}

/**
 * tutti_stage_banners_set_jam:
 * @jam: what is watched from now on; once only
 */
void
tutti_stage_banners_set_jam (TuttiStageBanners *self, TuttiJam *jam)
{
  static const char *const of_connection[] = { "notify::protocol", "notify::draining" };
  TuttiSession *session = tutti_jam_get_session (jam);
  TuttiSound *sound = tutti_jam_get_sound (jam);

  g_return_if_fail (self->jam == NULL);

  self->jam = g_object_ref (jam);
  for (guint i = 0; i < G_N_ELEMENTS (of_connection); i++)
    g_signal_connect_object (session, of_connection[i], G_CALLBACK (update_connection), self,
                             G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::role", G_CALLBACK (update_role), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::muted-by", G_CALLBACK (update_muted), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::unmute-asked-by", G_CALLBACK (update_muted), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::isolated-with", G_CALLBACK (update_side_room), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::state", G_CALLBACK (update_connection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (jam, "notify::error", G_CALLBACK (update_connection), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::error", G_CALLBACK (update_sound), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::realtime-reason", G_CALLBACK (update_sound), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::granted-quantum", G_CALLBACK (update_sound), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::feedback-count", G_CALLBACK (feedback_cb), self,
                           G_CONNECT_SWAPPED);
  update_connection (self);
  update_role (self);
  update_sound (self);
}

static void
tutti_stage_banners_dispose (GObject *object)
{
  TuttiStageBanners *self = TUTTI_STAGE_BANNERS (object);

  g_clear_handle_id (&self->feedback_id, g_source_remove);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_stage_banners_parent_class)->dispose (object);
}

static void
tutti_stage_banners_class_init (TuttiStageBannersClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_stage_banners_dispose;
}

/* @action: what the button does; its label is set with the banner's text where it changes */
static AdwBanner *
add_banner (GtkBox *box, const char *label, const char *action)
{
  GtkWidget *banner = adw_banner_new ("");

  adw_banner_set_button_label (ADW_BANNER (banner), label);
  /* What an error says may look like markup. */
  adw_banner_set_use_markup (ADW_BANNER (banner), FALSE);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (banner), action);
  gtk_box_append (box, banner);
  return ADW_BANNER (banner);
}

static void
tutti_stage_banners_init (TuttiStageBanners *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);

  adw_bin_set_child (ADW_BIN (self), box);
  self->connection_banner = add_banner (GTK_BOX (box), NULL, "win.leave");
  self->role_banner = add_banner (GTK_BOX (box), NULL, NULL);
  self->muted_banner = add_banner (GTK_BOX (box), _ ("_Unmute"), "win.unmute");
  self->side_room_banner = add_banner (GTK_BOX (box), NULL, NULL);
  self->sound_banner = add_banner (GTK_BOX (box), _ ("Sound Check"), "win.sound-check");
  self->feedback_banner = add_banner (GTK_BOX (box), _ ("Sound Check"), "win.sound-check");
}
