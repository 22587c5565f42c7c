/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-lines.h"

#include <json-glib/json-glib.h>
#include <string.h>

#define MAX_LAST_WORDS 300

/* A line of its log in human words: the `msg` of a JSON line, else the line itself. */
char *
tutti_room_line_to_words (const char *line)
{
  g_autoptr (JsonNode) node = json_from_string (line, NULL);
  const char *text = line;

  if (node && JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    JsonNode *level = json_object_get_member (object, "level");
    JsonNode *msg = json_object_get_member (object, "msg");

    if (!level || json_node_get_value_type (level) != G_TYPE_STRING || !msg ||
        json_node_get_value_type (msg) != G_TYPE_STRING)
      return NULL;
    if (!g_str_equal (json_node_get_string (level), "error") &&
        !g_str_equal (json_node_get_string (level), "fatal"))
      return NULL;
    text = json_node_get_string (msg);
  }

  return g_utf8_make_valid (text, (gssize) MIN (strlen (text), MAX_LAST_WORDS));
}

/* "tutti://HOST:PORT/?invite=…&fp=…" with a room name put in. */
TuttiLink *
tutti_room_line_to_link (const char *address, GError **error)
{
  const char *query = strstr (address, "/?");
  g_autofree char *text = NULL;

  if (query)
    text = g_strdup_printf ("%.*s/room%s", (int) (query - address), address, query + 1);
  else
    text = g_strdup_printf ("%s%sroom", address, g_str_has_suffix (address, "/") ? "" : "/");

  return tutti_link_parse (text, error);
}
