/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fixtures.h"

#include <string.h>

JsonObject *
fixture_load (const char *name)
{
  g_autofree char *file = g_strdup_printf ("%s.json", name);
  g_autofree char *path =
      g_build_filename (TUTTI_TEST_SOURCE_DIR, "tests", "oracle", "fixtures", file, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);
  return json_object_ref (json_node_get_object (json_parser_get_root (parser)));
}

static void
set_member (JsonNode *parent, const char *key, JsonNode *value)
{
  if (JSON_NODE_HOLDS_OBJECT (parent)) {
    JsonObject *object = json_node_get_object (parent);

    if (value == NULL)
      json_object_remove_member (object, key);
    else
      json_object_set_member (object, key, value);
  } else {
    JsonArray *array = json_node_get_array (parent);
    guint index = (guint) g_ascii_strtoull (key, NULL, 10);
    g_autoptr (JsonArray) rest = json_array_new ();

    /* There is no way to put an element in the middle. */
    while (json_array_get_length (array) > index) {
      json_array_add_element (rest, json_node_copy (json_array_get_element (array, index)));
      json_array_remove_element (array, index);
    }
    if (value != NULL)
      json_array_add_element (array, value);
    for (guint i = 1; i < json_array_get_length (rest); i++)
      json_array_add_element (array, json_node_copy (json_array_get_element (rest, i)));
  }
}

void
fixture_set (JsonObject *object, const char *pointer, const char *value)
{
  g_auto (GStrv) keys = g_strsplit (pointer + 1, "/", -1);
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  g_autoptr (GError) error = NULL;
  JsonNode *node = root, *new_node = NULL;
  gsize i;

  for (i = 0; keys[i + 1] != NULL; i++) {
    node = JSON_NODE_HOLDS_OBJECT (node)
               ? json_object_get_member (json_node_get_object (node), keys[i])
               : json_array_get_element (json_node_get_array (node),
                                         (guint) g_ascii_strtoull (keys[i], NULL, 10));
    g_assert_nonnull (node);
  }
  if (!g_str_equal (value, "-")) {
    new_node = json_from_string (value, &error);
    g_assert_no_error (error);
  }
  set_member (node, keys[i], new_node);
}

static const char *const nasties[] = {
  "-",
  "null",
  "true",
  "0",
  "-1",
  "1",
  "127",
  "128",
  "65536",
  "4294967296",
  "9223372036854775807",
  "1.5",
  "1e300",
  "{}",
  "[]",
  "[[]]",
  "[null]",
  "\"\"",
  "\"audio/opus\\r\\na=candidate:1 1 udp 1 6.6.6.6 6 typ host\"",
  "\"x\\na=inactive\"",
  "\"\\u0000\"",
  "\"a b\"",
  "\"a;b=c\"",
  "\"\xc3\xa4\"",
  "\"%s%n\"",
  "\"udp\"",
  "\"audio/rtx\"",
  "\"host\"",
  "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  "aaaaaaaaaaaaaaaaaa"
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  "aaaaaaaaaaaaaaa"
  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
  "aaaaaaaaaaa\"",
};

char *
fixture_spoil (JsonObject *object, GRand *random)
{
  g_autoptr (GString) pointer = g_string_new (NULL);
  g_autoptr (JsonNode) root = json_node_init_object (json_node_alloc (), object);
  const char *value = nasties[g_rand_int_range (random, 0, G_N_ELEMENTS (nasties))];
  JsonNode *node = root;

  /* Down some branch, stopping anywhere. */
  for (;;) {
    guint n = JSON_NODE_HOLDS_OBJECT (node)  ? json_object_get_size (json_node_get_object (node))
              : JSON_NODE_HOLDS_ARRAY (node) ? json_array_get_length (json_node_get_array (node))
                                             : 0;
    guint k;

    if (n == 0 || (pointer->len > 0 && g_rand_int_range (random, 0, 5) == 0))
      break;
    k = g_rand_int_range (random, 0, n);
    if (JSON_NODE_HOLDS_OBJECT (node)) {
      g_autoptr (GList) names = json_object_get_members (json_node_get_object (node));
      const char *name = g_list_nth_data (names, k);

      if (strchr (name, '/') != NULL || *name == '\0')
        break;
      g_string_append_printf (pointer, "/%s", name);
      node = json_object_get_member (json_node_get_object (node), name);
    } else {
      g_string_append_printf (pointer, "/%u", k);
      node = json_array_get_element (json_node_get_array (node), k);
    }
  }
  if (pointer->len == 0)
    return g_strdup ("nothing");
  /* Sometimes a new member with a nasty name. */
  if (JSON_NODE_HOLDS_OBJECT (node) && g_rand_boolean (random)) {
    json_object_set_string_member (json_node_get_object (node), "a\r\nb=x", "y");
    return g_strdup_printf ("%s: a name with a line break", pointer->str);
  }
  fixture_set (object, pointer->str, value);
  return g_strdup_printf ("%s: %s", pointer->str, value);
}
