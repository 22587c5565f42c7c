/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "cli-report.h"
#include "cli-video.h"

G_BEGIN_DECLS

struct _CliReport {
  TuttiSession *session; /* owned */
  CliFormat format;
  CliVideos *videos; /* owned */
  gint64 start_ns;
  gint64 stats_ns;
  double stats_cpu_s;
};

const char *cli_report_state_nick (TuttiSession *session);

G_END_DECLS
