/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

/* What a host decides. Each returns "" when the answer will be reported, else why it was not asked.
 */
const char *cli_decide_lock (TuttiSession *session, CliReport *report, gboolean locked);
const char *cli_decide_remove (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_mute (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_ask_unmute (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_isolate (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_unisolate (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_spotlight (TuttiSession *session, CliReport *report, char **args);
const char *cli_decide_role (TuttiSession *session, CliReport *report, char **args);

G_END_DECLS
