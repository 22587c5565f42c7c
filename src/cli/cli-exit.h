/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The exit codes of tutti-cli; scripts and tests rely on them. */
typedef enum {
  CLI_OK = 0,
  CLI_FAILED = 1,      /* anything else */
  CLI_USAGE = 2,       /* the command line */
  CLI_UNREACHABLE = 3, /* nobody there, or no answer in time */
  CLI_REFUSED = 4,     /* refused, removed, replaced, room full */
  CLI_SOUND = 5,       /* no PipeWire, no device, a file */
  CLI_MEDIA = 6,       /* transport, fingerprint, codec */
  CLI_PROTOCOL = 7,    /* protocol, version, certificate */
  CLI_LOST = 8,        /* was in the room, lost it, gave up */
} CliExit;

CliExit cli_exit_from_error (const GError *error, gboolean was_in);
/* One line on stderr: what happened and why, and what to do. Returns the code. */
CliExit cli_fail (const GError *error, gboolean was_in);
CliExit cli_usage (const char *format, ...) G_GNUC_PRINTF (1, 2);

/* "500ms", "30s", "5m", "1h" or a number of seconds. */
gboolean cli_parse_duration (const char *text, guint *ms);

G_END_DECLS
