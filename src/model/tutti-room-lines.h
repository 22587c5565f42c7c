/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-link.h"

G_BEGIN_DECLS

/*< private >
 * What the room service prints, read. Pure.
 */

/* (nullable): a line of its log for people; NULL: it is no complaint. */
char *tutti_room_line_to_words (const char *line);
/* What comes after "ready ", with a placeholder for the room. */
TuttiLink *tutti_room_line_to_link (const char *address, GError **error);

G_END_DECLS
