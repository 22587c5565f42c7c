/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-chat.h"

static DexFuture *
sent_cb (DexFuture *future, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = dex_future_get_value (future, &error) != NULL;

  cli_report_control (user_data, "chat", ok, error ? error->message : NULL);

  return dex_future_new_true ();
}

const char *
cli_chat_send (TuttiSession *session, CliReport *report, char **args)
{
  dex_future_disown (
      dex_future_finally (tutti_session_send_chat (session, args[0]), sent_cb, report, NULL));
  return "";
}

static void
changed_cb (GListModel *chat, guint position, guint removed, guint added, CliReport *report)
{
  for (guint i = position; i < position + added; i++) {
    g_autoptr (TuttiChatMessage) message = g_list_model_get_item (chat, i);

    cli_report_chat (report, message);
  }
}

void
cli_chat_follow (TuttiSession *session, CliReport *report)
{
  g_signal_connect (tutti_session_get_chat (session), "items-changed", G_CALLBACK (changed_cb),
                    report);
}
