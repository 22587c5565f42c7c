/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-invites.h"

#include "tutti-i18n.h"

#define DAY_SECONDS (24 * 3600)
#define MAX_DAYS    366

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
  const GValue *value = dex_future_get_value (future, &error);

  if (value && G_VALUE_HOLDS (value, TUTTI_TYPE_INVITE)) {
    cli_report_invite (call->report, g_value_get_boxed (value));
  } else if (value && G_VALUE_HOLDS (value, G_TYPE_PTR_ARRAY)) {
    GPtrArray *invites = g_value_get_boxed (value);

    for (guint i = 0; i < invites->len; i++)
      cli_report_invite (call->report, g_ptr_array_index (invites, i));
  }
  cli_report_control (call->report, call->command, value != NULL, error ? error->message : NULL);

  return dex_future_new_true ();
}

static void
follow (TuttiSession *session, CliReport *report, const char *command, DexFuture *future)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { g_object_ref (session), report, command };
  dex_future_disown (dex_future_finally (future, answered_cb, call, call_free));
}

static gboolean
parse_days (const char *text, guint *seconds)
{
  char *end = NULL;
  double days = g_ascii_strtod (text, &end);

  *seconds = (guint) (CLAMP (days, 0, MAX_DAYS) * DAY_SECONDS);

  return end != text && *end == '\0' && *seconds >= 60 && days <= MAX_DAYS;
}

const char *
cli_invites_create (TuttiSession *session, CliReport *report, char **args)
{
  TuttiRole role;
  guint seconds;

  if (!tutti_role_from_string (args[0], &role))
    return _ ("A role is host, musician or listener.");
  if (!parse_days (args[1], &seconds))
    return _ ("The number is missing or out of range.");

  follow (session, report, "invite", tutti_session_create_invite (session, role, seconds, args[2]));
  return "";
}

const char *
cli_invites_list (TuttiSession *session, CliReport *report)
{
  follow (session, report, "invites", tutti_session_list_invites (session));
  return "";
}

const char *
cli_invites_renew (TuttiSession *session, CliReport *report, char **args)
{
  guint seconds;

  if (!parse_days (args[1], &seconds))
    return _ ("The number is missing or out of range.");

  follow (session, report, "renew-invite", tutti_session_renew_invite (session, args[0], seconds));
  return "";
}

const char *
cli_invites_revoke (TuttiSession *session, CliReport *report, char **args)
{
  if (!g_str_equal (args[1], "0") && !g_str_equal (args[1], "1"))
    return _ ("This has to be 0 or 1.");

  follow (session, report, "revoke-invite",
          tutti_session_revoke_invite (session, args[0], args[1][0] == '1'));
  return "";
}
