/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Numbers as people read them. Every function returns a new string; an unknown value is “–”, never
 * an invented one. Any thread. */
char *tutti_format_db (double db);
char *tutti_format_db_spoken (double db);
char *tutti_format_pan (double pan);
char *tutti_format_ms (double ms);
char *tutti_format_ms_error (double ms, double error_ms);
char *tutti_format_percent (double share);
double tutti_level_position (double db);

G_END_DECLS
