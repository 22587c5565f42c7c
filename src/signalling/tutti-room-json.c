/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-json.h"

#include <math.h>
#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-types.h"

/* Says that @key is missing or wrong; always %FALSE. */
gboolean
tutti_json_fail (GError **error, const char *key)
{
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
               _ ("The room sent a message whose “%s” is missing or wrong."), key);
  return FALSE;
}

static JsonNode *
peek (JsonObject *object, const char *key, GType type)
{
  JsonNode *node = json_object_get_member (object, key);

  if (!node || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != type)
    return NULL;

  return node;
}

const char *
tutti_json_peek_string (JsonObject *object, const char *key)
{
  JsonNode *node = peek (object, key, G_TYPE_STRING);
  const char *text = node ? json_node_get_string (node) : NULL;

  return text && g_utf8_validate (text, -1, NULL) ? text : NULL;
}

JsonObject *
tutti_json_peek_object (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
tutti_json_peek_array (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

gboolean
tutti_json_peek_true (JsonObject *object, const char *key)
{
  JsonNode *node = peek (object, key, G_TYPE_BOOLEAN);

  return node && json_node_get_boolean (node);
}

/* A number that is only a hint: out of range counts as absent. */
guint
tutti_json_peek_uint (JsonObject *object, const char *key, guint min, guint max, guint fallback)
{
  JsonNode *node = peek (object, key, G_TYPE_INT64);
  gint64 value = node ? json_node_get_int (node) : -1;

  return value >= min && value <= max ? (guint) value : fallback;
}

/**
 * tutti_json_read_id:
 * @id: (out): set to a copy; left alone when the member is optional and absent or null
 *
 * An id is 1 to %TUTTI_ROOM_MAX_ID printable ASCII characters.
 *
 * Returns: %FALSE with %TUTTI_ERROR_PROTOCOL when it is missing or malformed
 */
gboolean
tutti_json_read_id (JsonObject *object,
                    const char *key,
                    TuttiJsonPresence presence,
                    char **id,
                    GError **error)
{
  JsonNode *node = json_object_get_member (object, key);
  const char *text;
  size_t length;

  if (presence == TUTTI_JSON_OPTIONAL && (!node || JSON_NODE_HOLDS_NULL (node)))
    return TRUE;

  text = tutti_json_peek_string (object, key);
  length = text ? strnlen (text, TUTTI_ROOM_MAX_ID + 1) : 0;
  if (length == 0 || length > TUTTI_ROOM_MAX_ID)
    return tutti_json_fail (error, key);

  for (const char *c = text; *c; c++) {
    if (!g_ascii_isgraph (*c))
      return tutti_json_fail (error, key);
  }

  g_set_str (id, text);
  return TRUE;
}

gboolean
tutti_json_read_int (JsonObject *object,
                     const char *key,
                     gint64 min,
                     gint64 max,
                     gint64 *value,
                     GError **error)
{
  JsonNode *node = peek (object, key, G_TYPE_INT64);

  if (!node || json_node_get_int (node) < min || json_node_get_int (node) > max)
    return tutti_json_fail (error, key);

  *value = json_node_get_int (node);
  return TRUE;
}

gboolean
tutti_json_read_double (JsonObject *object,
                        const char *key,
                        double min,
                        double max,
                        double *value,
                        GError **error)
{
  JsonNode *node = json_object_get_member (object, key);
  double number = NAN;

  if (node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_INT64)
    number = (double) json_node_get_int (node);
  else if (node && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE)
    number = json_node_get_double (node);
  if (!(number >= min && number <= max))
    return tutti_json_fail (error, key);

  *value = number;
  return TRUE;
}

/* Direction overrides could make one name look like another, or turn the line around it. */
static gboolean
is_shown (gunichar c)
{
  if (g_unichar_iscntrl (c) || c == 0x2028 || c == 0x2029 || c == 0xfeff)
    return FALSE;

  return !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0x200e &&
         c != 0x200f;
}

static char *
clean_text (const char *text, guint max_chars, gboolean keep_lines)
{
  g_autofree char *valid = g_utf8_make_valid (text ? text : "", -1);
  GString *clean = g_string_new (NULL);
  guint n_chars = 0;

  for (const char *c = g_strchug (valid); *c && n_chars < max_chars; c = g_utf8_next_char (c)) {
    gunichar character = g_utf8_get_char (c);

    if (!is_shown (character) && !(keep_lines && character == '\n'))
      continue;
    g_string_append_unichar (clean, character);
    n_chars++;
  }

  return g_strstrip (g_string_free (clean, FALSE));
}

/**
 * tutti_text_clean:
 * @text: (nullable): text that a person wrote, from anywhere
 * @max_chars: it is cut after so many characters
 *
 * Returns: (transfer full): valid UTF-8 without control and direction characters and without white
 *   space around it; may be empty
 */
char *
tutti_text_clean (const char *text, guint max_chars)
{
  return clean_text (text, max_chars, FALSE);
}

/* The same, and line ends stay. */
char *
tutti_text_clean_lines (const char *text, guint max_chars)
{
  return clean_text (text, max_chars, TRUE);
}

/* Text for people; never %NULL, empty when it is missing. */
char *
tutti_json_dup_text (JsonObject *object, const char *key, guint max_chars)
{
  return tutti_text_clean (tutti_json_peek_string (object, key), max_chars);
}
