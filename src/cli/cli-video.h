/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

#include "tutti-session.h"

G_BEGIN_DECLS

/**
 * CliVideos:
 *
 * Looks at every picture in the session as a person would, and reads the pattern of test pictures.
 * Events: `video` with `action` "added", "removed" or "first-frame".
 */
typedef struct _CliVideos CliVideos;

/* @report: emits events, too */
CliVideos *cli_videos_new (TuttiSession *session, gboolean report);
void cli_videos_free (CliVideos *self);
/* The member `videos` of statistics. */
void cli_videos_add (CliVideos *self, JsonBuilder *builder);

/* Commands: NULL when done, else why not. */
const char *cli_videos_show (TuttiSession *session, const char *device);
const char *cli_videos_set_shown (TuttiSession *session, const char *name, gboolean shown);

G_END_DECLS
