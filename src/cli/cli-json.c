/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-json.h"

#include <math.h>
#include <stdio.h>

#include "tutti-error.h"

void
cli_json_emit (JsonBuilder *builder)
{
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *text = NULL;

  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  text = json_to_string (node, FALSE);
  puts (text);
  fflush (stdout);
}

JsonBuilder *
cli_json_begin (const char *event)
{
  JsonBuilder *builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "event");
  json_builder_add_string_value (builder, event);

  return builder;
}

void
cli_json_add_string (JsonBuilder *builder, const char *name, const char *value)
{
  json_builder_set_member_name (builder, name);
  if (value)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

void
cli_json_add_int (JsonBuilder *builder, const char *name, gint64 value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, value);
}

/* Rounded to 1/1000: nothing here is known better, and the lines stay readable. */
void
cli_json_add_double (JsonBuilder *builder, const char *name, double value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_double_value (builder, isfinite (value) ? round (value * 1000) / 1000 : -1);
}

void
cli_json_add_boolean (JsonBuilder *builder, const char *name, gboolean value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

void
cli_json_add_error (JsonBuilder *builder, const char *name, const GError *error)
{
  json_builder_set_member_name (builder, name);
  if (!error) {
    json_builder_add_null_value (builder);
    return;
  }
  json_builder_begin_object (builder);
  cli_json_add_string (builder, "code", tutti_error_get_nick (error));
  cli_json_add_string (builder, "message", error->message);
  cli_json_add_string (builder, "advice", tutti_error_get_advice (error));
  json_builder_end_object (builder);
}

void
cli_json_begin_member (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_object (builder);
}

void
cli_json_begin_list (JsonBuilder *builder, const char *name)
{
  json_builder_set_member_name (builder, name);
  json_builder_begin_array (builder);
}
