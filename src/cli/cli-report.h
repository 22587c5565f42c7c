/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-session.h"

G_BEGIN_DECLS

typedef enum { CLI_FORMAT_NONE, CLI_FORMAT_TEXT, CLI_FORMAT_JSON } CliFormat;

/**
 * CliReport:
 *
 * Writes what happens in a session to stdout: one JSON object a line, or text for people, or
 * nothing.
 */
typedef struct _CliReport CliReport;

CliReport *cli_report_new (TuttiSession *session, CliFormat format);
void cli_report_free (CliReport *self);
void cli_report_stats (CliReport *self);
void cli_report_left (CliReport *self);
void cli_report_error (CliReport *self, const GError *error);
void cli_report_chat (CliReport *self, TuttiChatMessage *message);
void cli_report_invite (CliReport *self, const TuttiInvite *invite);
/* @message: nullable, why it was not done. */
void cli_report_control (CliReport *self, const char *command, gboolean ok, const char *message);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (CliReport, cli_report_free)

G_END_DECLS
