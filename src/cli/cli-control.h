/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

typedef void (*CliLeaveFunc) (gpointer user_data);

/* Reads commands from stdin, one a line, and answers each with a `control` event; the end of stdin
 * ends nothing. */
void cli_control_start (TuttiSession *session,
                        CliReport *report,
                        CliLeaveFunc leave,
                        gpointer user_data);

extern const char cli_control_help[];

G_END_DECLS
