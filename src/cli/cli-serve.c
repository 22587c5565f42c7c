/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>

#include "cli-commands.h"
#include "tutti-i18n.h"
#include "tutti-local-room.h"

typedef struct {
  TuttiLocalRoom *room; /* borrowed */
  gboolean done;
  GError *error;
  guint period_ms;
} Serve;

static gboolean
signal_cb (gpointer user_data)
{
  ((Serve *) user_data)->done = TRUE;

  return G_SOURCE_CONTINUE;
}

static void
period_cb (gpointer user_data)
{
  ((Serve *) user_data)->done = TRUE;
}

static void
outside_cb (Serve *serve)
{
  g_autoptr (TuttiOutside) outside = NULL;
  g_autofree char *text = NULL;

  g_object_get (serve->room, "outside", &outside, NULL);
  if (!outside)
    return;
  text = tutti_outside_describe (outside);
  g_printerr ("tutti-cli: %s\n", text);
}

static DexFuture *
started_cb (DexFuture *future, gpointer user_data)
{
  Serve *serve = user_data;
  const GValue *value = dex_future_get_value (future, &serve->error);
  g_autofree char *text = NULL;
  g_autofree char *web = NULL;

  if (!value) {
    serve->done = TRUE;
    return dex_future_new_true ();
  }

  text = tutti_link_to_string (g_value_get_boxed (value));
  web = tutti_link_to_web_string (g_value_get_boxed (value));
  printf ("link %s\nweb %s\n", text, web);
  fflush (stdout);
  g_printerr ("tutti-cli: %s\n", _ ("This link is the host's. Join by it, and make invitations for "
                                    "the others."));
  if (serve->period_ms > 0)
    g_timeout_add_once (serve->period_ms, period_cb, serve);

  return dex_future_new_true ();
}

static void
died_cb (TuttiLocalRoom *room, const GError *error, gpointer user_data)
{
  g_printerr ("tutti-cli: %s %s\n", error->message, _ ("It is started again."));
}

static CliExit
run (TuttiLocalRoom *room, const char *name, guint period_ms)
{
  Serve serve = { .room = room, .period_ms = period_ms };
  CliExit code = CLI_OK;

  g_signal_connect (room, "died", G_CALLBACK (died_cb), NULL);
  g_signal_connect_swapped (room, "notify::outside", G_CALLBACK (outside_cb), &serve);
  g_unix_signal_add (SIGINT, signal_cb, &serve);
  g_unix_signal_add (SIGTERM, signal_cb, &serve);
  dex_future_disown (
      dex_future_finally (tutti_local_room_start (room, name), started_cb, &serve, NULL));
  while (!serve.done)
    g_main_context_iteration (NULL, TRUE);

  g_signal_handlers_disconnect_by_data (room, &serve);
  tutti_local_room_stop (room);
  if (serve.error)
    code = cli_fail (serve.error, FALSE);
  g_clear_error (&serve.error);

  return code;
}

CliExit
cli_serve (int argc, char **argv)
{
  g_autofree char *name = NULL;
  g_autofree char *listen = NULL;
  g_autofree char *announce = NULL;
  g_autofree char *period = NULL;
  g_autofree char *helper = NULL;
  gboolean internet = FALSE;
  int port = 0;
  const GOptionEntry entries[] = {
    { "room", 0, 0, G_OPTION_ARG_STRING, &name, N_ ("Name of the room in the link"), "NAME" },
    { "listen", 0, 0, G_OPTION_ARG_STRING, &listen, N_ ("Address to listen on (127.0.0.1)"),
      "ADDRESS" },
    { "announce", 0, 0, G_OPTION_ARG_STRING, &announce, N_ ("Address that others reach"),
      "ADDRESS" },
    { "internet", 0, 0, G_OPTION_ARG_NONE, &internet,
      N_ ("Ask the router to let people in from the internet"), NULL },
    { "reach-helper", 0, 0, G_OPTION_ARG_STRING, &helper,
      N_ ("Room service elsewhere that tries whether they get in"), "URL" },
    { "port", 0, 0, G_OPTION_ARG_INT, &port, N_ ("Port (any free one)"), "PORT" },
    { "for", 0, 0, G_OPTION_ARG_STRING, &period, N_ ("End after 500ms, 30s, 5m, 1h"), "TIME" },
    G_OPTION_ENTRY_NULL,
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (TuttiLocalRoom) room = NULL;
  g_autoptr (GError) error = NULL;
  guint period_ms = 0;

  g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, _ ("Runs a room on this computer and prints its link."));
  if (!g_option_context_parse (context, &argc, &argv, &error))
    return cli_usage ("%s.", error->message);
  if (argc != 1)
    return cli_usage (_ ("serve takes no arguments."));
  if (port < 0 || port > 65535)
    return cli_usage (_ ("--port has to be from 1 to 65535."));
  if (period && !cli_parse_duration (period, &period_ms))
    return cli_usage (_ ("--for has to be a time like 30s or 5m, not “%s”."), period);

  room = tutti_local_room_new ();
  tutti_local_room_set_address (room, listen, announce, (guint) port);
  tutti_local_room_set_internet (room, internet, helper);

  return run (room, name ? name : "jam", period_ms);
}
