/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ortc-check.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

static gboolean
char_matches (TuttiCharset charset, guchar c)
{
  switch (charset) {
  case TUTTI_CHARSET_TOKEN:
    return g_ascii_isalnum (c) || (c != '\0' && strchr ("!#$%&'*+-.^_`{|}~", c) != NULL);
  case TUTTI_CHARSET_ICE:
    return g_ascii_isalnum (c) || c == '+' || c == '/';
  case TUTTI_CHARSET_HEX_COLON:
    return g_ascii_isxdigit (c) || c == ':';
  case TUTTI_CHARSET_URI:
    return c > 0x20 && c < 0x7f;
  case TUTTI_CHARSET_FMTP:
    return c > 0x20 && c < 0x7f && c != ';';
  case TUTTI_CHARSET_TEXT:
    return c >= 0x20 && c != 0x7f;
  default:
    return FALSE;
  }
}

gboolean
tutti_charset_matches (TuttiCharset charset, const char *text)
{
  for (const char *p = text; *p != '\0'; p++)
    if (!char_matches (charset, (guchar) *p))
      return FALSE;
  return charset != TUTTI_CHARSET_TEXT || g_utf8_validate (text, -1, NULL);
}

gboolean
tutti_check_fail (const char *what, GError **error)
{
  g_set_error (
      error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
      _ ("The room sent media settings that cannot be used: “%s” is missing or not valid."), what);
  return FALSE;
}

gboolean
tutti_check_has (JsonObject *object, const char *name)
{
  return json_object_has_member (object, name) && !json_object_get_null_member (object, name);
}

gboolean
tutti_check_string (JsonObject *object,
                    const char *name,
                    TuttiCharset charset,
                    gsize min,
                    gsize max,
                    const char **value,
                    GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  const char *text;
  gsize length;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_STRING)
    return tutti_check_fail (name, error);
  text = json_node_get_string (node);
  length = strlen (text);
  if (length < min || length > max || !tutti_charset_matches (charset, text))
    return tutti_check_fail (name, error);
  if (value != NULL)
    *value = text;
  return TRUE;
}

gboolean
tutti_check_uint (JsonObject *object,
                  const char *name,
                  guint64 min,
                  guint64 max,
                  guint64 *value,
                  GError **error)
{
  JsonNode *node = json_object_get_member (object, name);
  gint64 number;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) ||
      json_node_get_value_type (node) != G_TYPE_INT64)
    return tutti_check_fail (name, error);
  number = json_node_get_int (node);
  if (number < 0 || (guint64) number < min || (guint64) number > max)
    return tutti_check_fail (name, error);
  if (value != NULL)
    *value = (guint64) number;
  return TRUE;
}

gboolean
tutti_check_object (JsonObject *object, const char *name, JsonObject **value, GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return tutti_check_fail (name, error);
  *value = json_node_get_object (node);
  return TRUE;
}

gboolean
tutti_check_array (JsonObject *object,
                   const char *name,
                   guint min,
                   guint max,
                   JsonArray **value,
                   GError **error)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return tutti_check_fail (name, error);
  *value = json_node_get_array (node);
  if (json_array_get_length (*value) < min || json_array_get_length (*value) > max)
    return tutti_check_fail (name, error);
  return TRUE;
}

gboolean
tutti_check_item (JsonArray *array,
                  guint index,
                  const char *name,
                  JsonObject **value,
                  GError **error)
{
  JsonNode *node = json_array_get_element (array, index);

  if (node == NULL || !JSON_NODE_HOLDS_OBJECT (node))
    return tutti_check_fail (name, error);
  *value = json_node_get_object (node);
  return TRUE;
}
