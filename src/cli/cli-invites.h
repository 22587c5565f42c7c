/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-report.h"

G_BEGIN_DECLS

/* The control commands of a host. Each returns "" when the answer will be reported, else why it was
 * not asked. */
const char *cli_invites_create (TuttiSession *session, CliReport *report, char **args);
const char *cli_invites_list (TuttiSession *session, CliReport *report);
const char *cli_invites_renew (TuttiSession *session, CliReport *report, char **args);
const char *cli_invites_revoke (TuttiSession *session, CliReport *report, char **args);

G_END_DECLS
