/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define TUTTI_RECENT_MAX 8

void tutti_recent_add (GSettings *settings, const char *link);
void tutti_recent_remove (GSettings *settings, const char *link);
char *tutti_recent_get_name (const char *chosen);

G_END_DECLS
