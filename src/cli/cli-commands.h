/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-exit.h"

G_BEGIN_DECLS

/* The subcommands: argv[0] is the subcommand's name. */
CliExit cli_join (int argc, char **argv);
CliExit cli_devices (int argc, char **argv);
CliExit cli_serve (int argc, char **argv);

G_END_DECLS
