/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* One JSON object a line on stdout: begin, add, emit. */
JsonBuilder *cli_json_begin (const char *event);
void cli_json_emit (JsonBuilder *builder);

void cli_json_add_string (JsonBuilder *builder, const char *name, const char *value);
void cli_json_add_int (JsonBuilder *builder, const char *name, gint64 value);
void cli_json_add_double (JsonBuilder *builder, const char *name, double value);
void cli_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value);
void cli_json_add_error (JsonBuilder *builder, const char *name, const GError *error);
/* To be ended with json_builder_end_object() or _end_array(). */
void cli_json_begin_member (JsonBuilder *builder, const char *name);
void cli_json_begin_list (JsonBuilder *builder, const char *name);

G_END_DECLS
