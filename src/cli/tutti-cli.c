/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include <libdex.h>

#include "cli-commands.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

static const char usage[] = N_ (
    "Usage: tutti-cli COMMAND [OPTION…]\n"
    "\n"
    "Plays music with others over the internet, without a window.\n"
    "\n"
    "Commands:\n"
    "  join LINK   play and listen in a room (tutti://HOST[:PORT]/ROOM…)\n"
    "  serve       run a room on this computer and print its link\n"
    "  devices     list the sound inputs and outputs\n"
    "\n"
    "tutti-cli COMMAND --help says more about each.\n"
    "\n"
    "With --stats json, join prints one JSON object a line, named by \"event\": state, joined,\n"
    "peer-joined, peer-left, stats, sound, control, left, error.\n"
    "\n"
    "Exit codes: 0 all well; 1 anything else; 2 command line; 3 nobody there or no answer in "
    "time;\n"
    "4 refused, removed, replaced or room full; 5 sound (no PipeWire, no device, a file);\n"
    "6 media (transport, fingerprint, codec); 7 protocol, version or certificate;\n"
    "8 lost the room and gave up. On failure one line on standard error says what happened, why,\n"
    "and what to do.\n"
    "\n"
    "Environment: TUTTI_ROOM_COMMAND is the room service that serve runs.\n");

static const struct {
  const char *name;
  CliExit (*run) (int argc, char **argv);
} commands[] = {
  { "join", cli_join },
  { "serve", cli_serve },
  { "devices", cli_devices },
};

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, TUTTI_LOCALEDIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  signal (SIGPIPE, SIG_IGN);

  tutti_thread_init_main ();
  dex_init ();

  if (argc < 2)
    return (int) cli_usage (_ ("A command is missing: join, serve or devices."));
  if (g_str_equal (argv[1], "--help") || g_str_equal (argv[1], "-h")) {
    g_print ("%s", _ (usage));
    return CLI_OK;
  }
  if (g_str_equal (argv[1], "--version")) {
    g_print ("tutti-cli %s\n", TUTTI_VERSION);
    return CLI_OK;
  }

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (argv[1], commands[i].name))
      return (int) commands[i].run (argc - 1, argv + 1);

  return (int) cli_usage (_ ("There is no command “%s”."), argv[1]);
}
