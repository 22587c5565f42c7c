/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-link.h"
#include "tutti-roster.h"

G_BEGIN_DECLS

/* What I set on everybody's strips, kept in a small JSON file by room and musician:
 *
 *   {"version":1,"rooms":{"HOST:PORT/ROOM":{"used":UNIX,"strips":{"NAME/STRIP":
 *     {"gainDb":-6,"pan":0,"bias":0.5,"muted":false}}}}}
 *
 * A solo is of the moment and not kept. Members that a later program added are kept as they are; a
 * file with a later version number is neither read nor touched, so that who comes back to the later
 * program finds it whole. A damaged file is warned of and counts as none; it is kept beside as
 * PATH.broken, unless there is one already, and the next save writes a good one. Main thread. */

/* (transfer full): "HOST:PORT/ROOM", without what of a link is secret. */
char *tutti_mix_room_key (const TuttiLink *link);
/* Forgets what @roster remembers and fills it with what is kept of @room. A file that is not there
 * is no error, and neither is a damaged one. */
gboolean tutti_mix_load (const char *path, const char *room, TuttiRoster *roster, GError **error);
/* Replaces the file as a whole: who reads it meanwhile reads the one or the other. */
gboolean tutti_mix_save (const char *path, const char *room, TuttiRoster *roster, GError **error);

G_END_DECLS
