/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-invite-flow.h"

#include <adwaita.h>

#include "tutti-i18n.h"
#include "tutti-invite-dialog.h"
#include "tutti-lan.h"

/* A room's address stays while it runs: for others to reach it, it is started anew with another. */

typedef struct {
  TuttiJam *jam;
  GWeakRef parent;
  char *room;
  gboolean internet;
  gulong state_id;
} Reopening;

static void
reopening_free (gpointer data)
{
  Reopening *self = data;

  g_clear_signal_handler (&self->state_id, self->jam);
  g_object_unref (self->jam);
  g_weak_ref_clear (&self->parent);
  g_free (self->room);
  g_free (self);
}

static void
state_cb (TuttiJam *jam, GParamSpec *pspec, gpointer data)
{
  Reopening *self = data;
  TuttiJamState state = tutti_jam_get_state (jam);
  g_autoptr (GtkWidget) parent = NULL;

  if (state != TUTTI_JAM_JOINED && state != TUTTI_JAM_FAILED && state != TUTTI_JAM_IDLE)
    return;
  parent = g_weak_ref_get (&self->parent);
  if (state == TUTTI_JAM_JOINED && parent)
    adw_dialog_present (tutti_invite_dialog_new (jam), parent);
  reopening_free (self);
}

static DexFuture *
left_cb (DexFuture *future, gpointer data)
{
  Reopening *self = data;
  g_autoptr (TuttiJam) jam = g_object_ref (self->jam);
  g_autofree char *room = g_strdup (self->room);

  /* Somebody was quicker, and is in another room by now. */
  if (tutti_jam_get_state (self->jam) != TUTTI_JAM_IDLE) {
    reopening_free (self);
    return dex_future_new_true ();
  }
  tutti_jam_set_internet (jam, self->internet);
  /* It may fail at once, and then @self is gone. */
  self->state_id = g_signal_connect_after (jam, "notify::state", G_CALLBACK (state_cb), self);
  tutti_jam_start_local (jam, room);
  return dex_future_new_true ();
}

void
tutti_invite_flow_reopen (GtkWidget *parent, TuttiJam *jam, gboolean internet)
{
  const TuttiLink *link = tutti_jam_get_link (jam);
  Reopening *self;

  if (!link || !tutti_jam_is_hosting (jam))
    return;
  if (!internet)
    g_settings_set_boolean (tutti_jam_get_settings (jam), "open-to-network", TRUE);
  self = g_new0 (Reopening, 1);
  self->jam = g_object_ref (jam);
  g_weak_ref_init (&self->parent, parent);
  self->room = g_strdup (link->room);
  self->internet = internet;
  dex_future_disown (dex_future_finally (tutti_jam_leave (jam), left_cb, self, NULL));
}

typedef struct {
  TuttiJam *jam;
  GtkWidget *parent; /* outlives the dialog on it */
} Question;

static void
question_free (gpointer data, GClosure *closure)
{
  g_object_unref (((Question *) data)->jam);
  g_free (data);
}

static void
answer_cb (AdwAlertDialog *dialog, const char *answer, gpointer data)
{
  Question *question = data;
  const TuttiLink *link = tutti_jam_get_link (question->jam);

  if (g_str_equal (answer, "cancel") || !link)
    return;
  if (g_str_equal (answer, "network") && !tutti_lan_is_loopback (link->host))
    adw_dialog_present (tutti_invite_dialog_new (question->jam), question->parent);
  else
    tutti_invite_flow_reopen (question->parent, question->jam, g_str_equal (answer, "internet"));
}

static void
ask (GtkWidget *parent, TuttiJam *jam)
{
  AdwDialog *dialog = adw_alert_dialog_new (
      _ ("Who Is to Come?"),
      _ ("This room runs on your computer. For people on the internet your router is asked to let "
         "them in, as long as the room is open. The room may have to start again."));
  AdwAlertDialog *alert = ADW_ALERT_DIALOG (dialog);
  Question *question = g_new (Question, 1);

  *question = (Question) { g_object_ref (jam), parent };
  adw_alert_dialog_add_responses (alert, "cancel", _ ("_Cancel"), "network",
                                  _ ("People on My _Network"), "internet",
                                  _ ("People on the _Internet"), NULL);
  adw_alert_dialog_set_default_response (alert, "network");
  adw_alert_dialog_set_close_response (alert, "cancel");
  g_signal_connect_data (dialog, "response", G_CALLBACK (answer_cb), question, question_free, 0);
  adw_dialog_present (dialog, parent);
}

void
tutti_invite_flow_start (GtkWidget *parent, TuttiJam *jam)
{
  g_autoptr (TuttiOutside) outside = tutti_jam_dup_outside (jam);

  if (tutti_jam_is_hosting (jam) && !outside)
    ask (parent, jam);
  else
    adw_dialog_present (tutti_invite_dialog_new (jam), parent);
}
