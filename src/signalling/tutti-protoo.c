/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-protoo.h"

#include <math.h>
#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-json.h"

static gboolean
fail (GError **error, const char *why)
{
  /* @why is for whoever repairs it, not for musicians: not translated. */
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
               _ ("The room sent something that Tutti cannot understand (%s)."), why);
  return FALSE;
}

/*
 * Looks at the bytes before a parser does. json-glib recurses for every level and knows comments
 * and other extras beyond JSON, in which brackets could hide from this count: so whatever is not
 * JSON's own alphabet outside of strings is refused here.
 */
static gboolean
check_shape (const char *text, gsize size, GError **error)
{
  gboolean in_string = FALSE;
  int depth = 0;

  if (!g_utf8_validate_len (text, size, NULL))
    return fail (error, "not UTF-8");

  for (gsize i = 0; i < size; i++) {
    guchar c = text[i];

    if (in_string) {
      if (c < 0x20)
        return fail (error, "control character in a string");
      if (c == '\\')
        i++;
      else if (c == '"')
        in_string = FALSE;
    } else if (c == '"') {
      in_string = TRUE;
    } else if (c == '{' || c == '[') {
      if (++depth > TUTTI_PROTOO_MAX_DEPTH)
        return fail (error, "nested too deep");
    } else if (c == '}' || c == ']') {
      if (--depth < 0)
        return fail (error, "brackets do not match");
    } else if (!g_ascii_isalnum (c) && !strchr (" \t\r\n:,+-.", c)) {
      return fail (error, "not JSON");
    }
  }

  return depth == 0 && !in_string ? TRUE : fail (error, "cut off");
}

/* A number like 1e999 is JSON, but nothing that anybody could count with, or write down again. */
static gboolean
is_finite (JsonNode *node)
{
  gboolean finite = TRUE;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObjectIter iter;
    JsonNode *member;

    json_object_iter_init (&iter, json_node_get_object (node));
    while (finite && json_object_iter_next (&iter, NULL, &member))
      finite = is_finite (member);
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; finite && i < json_array_get_length (array); i++)
      finite = is_finite (json_array_get_element (array, i));
  } else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_DOUBLE) {
    finite = isfinite (json_node_get_double (node));
  }
  return finite;
}

static gboolean
check_method (const char *method)
{
  size_t length = method ? strnlen (method, TUTTI_PROTOO_MAX_METHOD + 1) : 0;

  if (length == 0 || length > TUTTI_PROTOO_MAX_METHOD)
    return FALSE;

  for (const char *c = method; *c; c++) {
    if (!g_ascii_isalnum (*c) && !strchr ("-_.:", *c))
      return FALSE;
  }

  return TRUE;
}

static gboolean
read_kind (TuttiProtooMessage *self, JsonObject *root, GError **error)
{
  gboolean request = tutti_json_peek_true (root, "request");
  gboolean response = tutti_json_peek_true (root, "response");
  gboolean notification = tutti_json_peek_true (root, "notification");

  if (request + response + notification != 1)
    return fail (error, "neither request, response nor notification");

  if (request)
    self->kind = TUTTI_PROTOO_REQUEST;
  else
    self->kind = response ? TUTTI_PROTOO_RESPONSE : TUTTI_PROTOO_NOTIFICATION;

  return TRUE;
}

static gboolean
read_head (TuttiProtooMessage *self, JsonObject *root, GError **error)
{
  if (self->kind != TUTTI_PROTOO_NOTIFICATION &&
      !tutti_json_read_int (root, "id", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &self->id, NULL))
    return fail (error, "bad id");

  if (self->kind != TUTTI_PROTOO_RESPONSE) {
    const char *method = tutti_json_peek_string (root, "method");

    if (!check_method (method))
      return fail (error, "bad method");
    self->method = g_strdup (method);
    return TRUE;
  }

  self->ok = tutti_json_peek_true (root, "ok");
  if (!self->ok) {
    gint64 code = 500;

    tutti_json_read_int (root, "errorCode", 0, 9999, &code, NULL);
    self->error_code = code;
    self->error_reason = tutti_json_dup_text (root, "errorReason", TUTTI_PROTOO_MAX_REASON);
  }

  return TRUE;
}

static gboolean
read_data (TuttiProtooMessage *self, JsonObject *root, GError **error)
{
  JsonNode *node = json_object_get_member (root, "data");

  if (!node || JSON_NODE_HOLDS_NULL (node))
    self->data = json_object_new ();
  else if (JSON_NODE_HOLDS_OBJECT (node))
    self->data = json_object_ref (json_node_get_object (node));
  else
    return fail (error, "data is not an object");

  return TRUE;
}

/**
 * tutti_protoo_parse:
 * @text: a text frame's payload; need not end in a nul
 * @size: its length in bytes
 * @error: return location for a %TUTTI_ERROR_PROTOCOL
 *
 * Returns: (transfer full): the message, or %NULL with @error set
 */
TuttiProtooMessage *
tutti_protoo_parse (const char *text, gsize size, GError **error)
{
  g_autoptr (TuttiProtooMessage) self = NULL;
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root;

  if (size > TUTTI_PROTOO_MAX_SIZE) {
    fail (error, "too large");
    return NULL;
  }

  if (!check_shape (text, size, error))
    return NULL;

  parser = json_parser_new ();
  json_parser_set_strict (parser, TRUE);
  root =
      json_parser_load_from_data (parser, text, size, NULL) ? json_parser_get_root (parser) : NULL;
  if (!root || !JSON_NODE_HOLDS_OBJECT (root)) {
    fail (error, "not a JSON object");
    return NULL;
  }

  if (!is_finite (root)) {
    fail (error, "a number that is too large");
    return NULL;
  }

  self = g_new0 (TuttiProtooMessage, 1);
  if (!read_kind (self, json_node_get_object (root), error) ||
      !read_head (self, json_node_get_object (root), error) ||
      !read_data (self, json_node_get_object (root), error))
    return NULL;

  return g_steal_pointer (&self);
}

void
tutti_protoo_message_free (TuttiProtooMessage *self)
{
  if (!self)
    return;

  g_clear_pointer (&self->data, json_object_unref);
  g_free (self->method);
  g_free (self->error_reason);
  g_free (self);
}

static char *
build (JsonObject *message)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, message);
  return json_to_string (node, FALSE);
}

static void
set_data (JsonObject *message, JsonObject *data)
{
  json_object_set_object_member (message, "data",
                                 data ? json_object_ref (data) : json_object_new ());
}

/**
 * tutti_protoo_build_request:
 * @data: (nullable) (transfer none): empty when %NULL
 *
 * Returns: (transfer full): a text frame's payload
 */
char *
tutti_protoo_build_request (gint64 id, const char *method, JsonObject *data)
{
  JsonObject *message = json_object_new ();

  json_object_set_boolean_member (message, "request", TRUE);
  json_object_set_int_member (message, "id", id);
  json_object_set_string_member (message, "method", method);
  set_data (message, data);
  return build (message);
}

char *
tutti_protoo_build_notification (const char *method, JsonObject *data)
{
  JsonObject *message = json_object_new ();

  json_object_set_boolean_member (message, "notification", TRUE);
  json_object_set_string_member (message, "method", method);
  set_data (message, data);
  return build (message);
}

char *
tutti_protoo_build_accept (gint64 id, JsonObject *data)
{
  JsonObject *message = json_object_new ();

  json_object_set_boolean_member (message, "response", TRUE);
  json_object_set_int_member (message, "id", id);
  json_object_set_boolean_member (message, "ok", TRUE);
  set_data (message, data);
  return build (message);
}

char *
tutti_protoo_build_reject (gint64 id, int code, const char *reason)
{
  JsonObject *message = json_object_new ();

  json_object_set_boolean_member (message, "response", TRUE);
  json_object_set_int_member (message, "id", id);
  json_object_set_boolean_member (message, "ok", FALSE);
  json_object_set_int_member (message, "errorCode", code);
  json_object_set_string_member (message, "errorReason", reason ? reason : "");
  return build (message);
}
