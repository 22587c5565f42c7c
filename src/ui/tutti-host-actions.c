/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-host-actions.h"

#include <adwaita.h>

#include "tutti-i18n.h"

/* What a host can do from the window, and what everybody is told of what hosts do. */

#define TUTTI_TYPE_HOST_ACTIONS (tutti_host_actions_get_type ())
G_DECLARE_FINAL_TYPE (TuttiHostActions, tutti_host_actions, TUTTI, HOST_ACTIONS, GObject)

struct _TuttiHostActions {
  GObject parent_instance;

  GtkWidget *widget; /* weak */
  TuttiSession *session;
  GSimpleActionGroup *group;
  TuttiTellFunc toast;
  TuttiTellFunc notice;
};

G_DEFINE_FINAL_TYPE (TuttiHostActions, tutti_host_actions, G_TYPE_OBJECT)

static void
tell (TuttiHostActions *self, TuttiTellFunc func, const char *text)
{
  if (self->widget)
    func (self->widget, text);
}

/* -- asking the room -- */

static DexFuture *
answered_cb (DexFuture *future, gpointer data)
{
  g_autoptr (GError) error = NULL;

  if (!dex_future_get_value (future, &error))
    tell (data, ((TuttiHostActions *) data)->toast, error->message);

  return dex_future_new_true ();
}

static void
follow (TuttiHostActions *self, DexFuture *future)
{
  dex_future_disown (dex_future_finally (future, answered_cb, g_object_ref (self), g_object_unref));
}

static TuttiParticipant *
find (TuttiHostActions *self, const char *peer_id)
{
  GListModel *people = tutti_session_get_participants (self->session);

  for (guint i = 0; i < g_list_model_get_n_items (people); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (people, i);

    if (g_str_equal (tutti_participant_get_peer_id (participant), peer_id))
      return participant; /* the list holds it */
  }

  return NULL;
}

static const char *
find_name (TuttiHostActions *self, const char *peer_id)
{
  TuttiParticipant *participant = find (self, peer_id);

  return participant ? tutti_participant_get_display_name (participant) : _ ("Someone");
}

static gboolean
is_me (TuttiHostActions *self, const char *peer_id)
{
  g_autofree char *own = NULL;

  g_object_get (self->session, "peer-id", &own, NULL);

  return g_strcmp0 (own, peer_id) == 0;
}

/* The state follows when the room has said so. */
static void
lock_cb (GSimpleAction *action, GVariant *value, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_lock_room (self->session, g_variant_get_boolean (value)));
}

static void
gather_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;
  GListModel *people = tutti_session_get_participants (self->session);

  for (guint i = 0; i < g_list_model_get_n_items (people); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (people, i);

    if (tutti_participant_is_isolated (participant))
      follow (self, tutti_session_isolate_peer (
                        self->session, tutti_participant_get_peer_id (participant), FALSE, NULL));
  }
}

static void
mute_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_mute_peer (self->session, g_variant_get_string (parameter, NULL)));
}

static void
ask_unmute_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;
  const char *peer_id = g_variant_get_string (parameter, NULL);
  g_autofree char *text = g_strdup_printf (_ ("%s was asked to unmute"), find_name (self, peer_id));

  follow (self, tutti_session_ask_unmute (self->session, peer_id));
  tell (self, self->toast, text);
}

static void
isolate_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_isolate_peer (self->session, g_variant_get_string (parameter, NULL),
                                            TRUE, NULL));
}

static void
release_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_isolate_peer (self->session, g_variant_get_string (parameter, NULL),
                                            FALSE, NULL));
}

static void
spotlight_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;
  const char *peer_id = g_variant_get_string (parameter, NULL);

  follow (self, tutti_session_set_spotlight (self->session, *peer_id ? peer_id : NULL));
}

static void
make_host_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_set_role (self->session, g_variant_get_string (parameter, NULL),
                                        TUTTI_ROLE_HOST));
}

static void
make_musician_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;

  follow (self, tutti_session_set_role (self->session, g_variant_get_string (parameter, NULL),
                                        TUTTI_ROLE_MUSICIAN));
}

typedef struct {
  TuttiHostActions *self;
  char *peer_id;
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  Question *question = data;

  g_object_unref (question->self);
  g_free (question->peer_id);
  g_free (question);
}

static void
remove_answer_cb (AdwAlertDialog *dialog, const char *answer, gpointer data)
{
  Question *question = data;

  if (g_str_equal (answer, "remove"))
    follow (question->self, tutti_session_remove_peer (question->self->session, question->peer_id));
}

static void
remove_cb (GSimpleAction *action, GVariant *parameter, gpointer data)
{
  TuttiHostActions *self = data;
  const char *peer_id = g_variant_get_string (parameter, NULL);
  g_autofree char *heading = g_strdup_printf (_ ("Remove %s?"), find_name (self, peer_id));
  AdwDialog *dialog;
  Question *question;

  if (!self->widget)
    return;

  dialog = adw_alert_dialog_new (
      heading, _ ("They leave the room at once, and are kept out until they are invited anew. The "
                  "link they came by lets nobody else in any more; who came by it and is here "
                  "stays."));
  question = g_new (Question, 1);
  *question = (Question) { g_object_ref (self), g_strdup (peer_id) };
  adw_alert_dialog_add_responses (ADW_ALERT_DIALOG (dialog), "cancel", _ ("_Cancel"), "remove",
                                  _ ("_Remove"), NULL);
  adw_alert_dialog_set_response_appearance (ADW_ALERT_DIALOG (dialog), "remove",
                                            ADW_RESPONSE_DESTRUCTIVE);
  adw_alert_dialog_set_default_response (ADW_ALERT_DIALOG (dialog), "cancel");
  adw_alert_dialog_set_close_response (ADW_ALERT_DIALOG (dialog), "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (remove_answer_cb), question, question_free,
                         0);
  adw_dialog_present (dialog, self->widget);
}

/* -- what everybody is told -- */

static void
role_changed_cb (TuttiHostActions *self, const char *peer_id, TuttiRole role, const char *by)
{
  gboolean mine = is_me (self, peer_id);
  g_autofree char *text = NULL;

  if (mine && role == TUTTI_ROLE_HOST && !by)
    text = g_strdup (_ ("The host is gone: you are the host now"));
  else if (mine && role == TUTTI_ROLE_HOST)
    text = g_strdup_printf (_ ("%s made you a host"), by);
  else if (mine && role == TUTTI_ROLE_MUSICIAN)
    text = g_strdup (_ ("You are a musician now: you can play along"));
  else if (mine)
    text = g_strdup (_ ("You are a listener now"));
  else if (role == TUTTI_ROLE_HOST)
    text = g_strdup_printf (_ ("%s is a host now"), find_name (self, peer_id));
  else if (role == TUTTI_ROLE_MUSICIAN)
    text = g_strdup_printf (_ ("%s is a musician now"), find_name (self, peer_id));
  else
    text = g_strdup_printf (_ ("%s is a listener now"), find_name (self, peer_id));
  tell (self, mine ? self->toast : self->notice, text);
}

static gboolean
is_joined (TuttiHostActions *self)
{
  return tutti_session_get_state (self->session) == TUTTI_SESSION_JOINED;
}

static void
locked_cb (TuttiHostActions *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->group), "lock");
  gboolean locked;

  g_object_get (self->session, "locked", &locked, NULL);
  g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (locked));
  if (is_joined (self))
    tell (self, self->notice,
          locked ? _ ("The room is locked: nobody new comes in") : _ ("The room is open again"));
}

static void
spotlight_changed_cb (TuttiHostActions *self)
{
  g_autofree char *peer_id = NULL;

  g_object_get (self->session, "spotlight", &peer_id, NULL);
  if (peer_id && is_joined (self) && is_me (self, peer_id))
    tell (self, self->toast, _ ("You are in the spotlight"));
}

static void
hosting_cb (TuttiHostActions *self)
{
  g_auto (GStrv) names = g_action_group_list_actions (G_ACTION_GROUP (self->group));
  gboolean hosting;
  guint side_rooms;

  g_object_get (self->session, "hosting", &hosting, "side-rooms", &side_rooms, NULL);
  for (guint i = 0; names[i]; i++) {
    GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self->group), names[i]);

    g_simple_action_set_enabled (G_SIMPLE_ACTION (action),
                                 hosting && (side_rooms > 0 || !g_str_equal (names[i], "gather")));
  }
}

/* -- the object -- */

static void
tutti_host_actions_dispose (GObject *object)
{
  TuttiHostActions *self = TUTTI_HOST_ACTIONS (object);

  g_clear_weak_pointer (&self->widget);
  g_clear_object (&self->session);
  g_clear_object (&self->group);

  G_OBJECT_CLASS (tutti_host_actions_parent_class)->dispose (object);
}

static void
tutti_host_actions_class_init (TuttiHostActionsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_host_actions_dispose;
}

static void
tutti_host_actions_init (TuttiHostActions *self)
{
  static const GActionEntry entries[] = {
    { .name = "lock", .state = "false", .change_state = lock_cb },
    { .name = "gather", .activate = gather_cb },
    { .name = "mute", .activate = mute_cb, .parameter_type = "s" },
    { .name = "ask-unmute", .activate = ask_unmute_cb, .parameter_type = "s" },
    { .name = "isolate", .activate = isolate_cb, .parameter_type = "s" },
    { .name = "release", .activate = release_cb, .parameter_type = "s" },
    { .name = "spotlight", .activate = spotlight_cb, .parameter_type = "s" },
    { .name = "make-host", .activate = make_host_cb, .parameter_type = "s" },
    { .name = "make-musician", .activate = make_musician_cb, .parameter_type = "s" },
    { .name = "remove", .activate = remove_cb, .parameter_type = "s" },
  };

  self->group = g_simple_action_group_new ();
  g_action_map_add_action_entries (G_ACTION_MAP (self->group), entries, G_N_ELEMENTS (entries),
                                   self);
}

void
tutti_host_actions_install (GtkWidget *widget,
                            TuttiSession *session,
                            TuttiTellFunc toast,
                            TuttiTellFunc notice)
{
  TuttiHostActions *self = g_object_new (TUTTI_TYPE_HOST_ACTIONS, NULL);

  g_set_weak_pointer (&self->widget, widget);
  self->session = g_object_ref (session);
  self->toast = toast;
  self->notice = notice;
  g_signal_connect_object (session, "notify::locked", G_CALLBACK (locked_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::spotlight", G_CALLBACK (spotlight_changed_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::hosting", G_CALLBACK (hosting_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::side-rooms", G_CALLBACK (hosting_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "role-changed", G_CALLBACK (role_changed_cb), self,
                           G_CONNECT_SWAPPED);
  hosting_cb (self);
  gtk_widget_insert_action_group (widget, "host", G_ACTION_GROUP (self->group));
  /* They go with it. */
  g_object_set_data_full (G_OBJECT (widget), "tutti-host-actions", self, g_object_unref);
}
