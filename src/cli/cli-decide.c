/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-decide.h"

#include "tutti-i18n.h"

typedef struct {
  TuttiSession *session; /* owned */
  CliReport *report;
  const char *command; /* static */
} Call;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_object_unref (call->session);
  g_free (call);
}

static DexFuture *
answered_cb (DexFuture *future, gpointer user_data)
{
  Call *call = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = dex_future_get_value (future, &error) != NULL;

  cli_report_control (call->report, call->command, ok, error ? error->message : NULL);

  return dex_future_new_true ();
}

static const char *
follow (TuttiSession *session, CliReport *report, const char *command, DexFuture *future)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { g_object_ref (session), report, command };
  dex_future_disown (dex_future_finally (future, answered_cb, call, call_free));

  return "";
}

/* (transfer full) (nullable): the peer id of who is called @name; "" is me */
static char *
find_person (TuttiSession *session, const char *name)
{
  GListModel *participants = tutti_session_get_participants (session);
  char *own;

  if (*name == '\0') {
    g_object_get (session, "peer-id", &own, NULL);
    return own;
  }
  for (guint i = 0; i < g_list_model_get_n_items (participants); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (participants, i);
    const char *id = tutti_participant_get_peer_id (participant);

    if (g_strcmp0 (tutti_participant_get_display_name (participant), name) == 0 ||
        g_str_equal (id, name))
      return g_strdup (id);
  }

  return NULL;
}

static const char *
nobody (void)
{
  return _ ("Nobody of that name is here.");
}

const char *
cli_decide_lock (TuttiSession *session, CliReport *report, gboolean locked)
{
  return follow (session, report, locked ? "lock" : "unlock",
                 tutti_session_lock_room (session, locked));
}

const char *
cli_decide_remove (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);

  return id ? follow (session, report, "remove", tutti_session_remove_peer (session, id))
            : nobody ();
}

const char *
cli_decide_mute (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);

  return id ? follow (session, report, "mute-there", tutti_session_mute_peer (session, id))
            : nobody ();
}

const char *
cli_decide_ask_unmute (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);

  return id ? follow (session, report, "ask-unmute", tutti_session_ask_unmute (session, id))
            : nobody ();
}

const char *
cli_decide_isolate (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) names = g_strsplit (args[1], ",", 0);
  g_auto (GStrv) with = NULL;

  for (guint i = 0; names[i]; i++) {
    char *other = find_person (session, names[i]);

    if (!other)
      return nobody ();
    g_strv_builder_take (builder, other);
  }
  with = g_strv_builder_end (builder);
  if (!id)
    return nobody ();

  return follow (
      session, report, "isolate",
      tutti_session_isolate_peer (session, id, TRUE, with[0] ? (const char *const *) with : NULL));
}

const char *
cli_decide_unisolate (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);

  return id ? follow (session, report, "unisolate",
                      tutti_session_isolate_peer (session, id, FALSE, NULL))
            : nobody ();
}

const char *
cli_decide_spotlight (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = g_str_equal (args[0], "-") ? NULL : find_person (session, args[0]);

  if (!id && !g_str_equal (args[0], "-"))
    return nobody ();

  return follow (session, report, "spotlight", tutti_session_set_spotlight (session, id));
}

const char *
cli_decide_role (TuttiSession *session, CliReport *report, char **args)
{
  g_autofree char *id = find_person (session, args[0]);
  TuttiRole role;

  if (!tutti_role_from_string (args[1], &role))
    return _ ("A role is host, musician or listener.");
  if (!id)
    return nobody ();

  return follow (session, report, "role", tutti_session_set_role (session, id, role));
}
