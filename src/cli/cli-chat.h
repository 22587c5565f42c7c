/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

/* Returns "" when the answer will be reported, else why it was not sent. */
const char *cli_chat_send (TuttiSession *session, CliReport *report, char **args);
/* From now on what is written is reported. */
void cli_chat_follow (TuttiSession *session, CliReport *report);

G_END_DECLS
