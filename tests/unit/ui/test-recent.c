/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-recent.h"
#include "tutti-sound.h"

#define assert_rooms(settings, ...)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    const char *const expected[] = { __VA_ARGS__, NULL };                                          \
    g_auto (GStrv) rooms = g_settings_get_strv (settings, "recent-rooms");                         \
    g_assert_cmpstrv (rooms, expected);                                                            \
  }                                                                                                \
  G_STMT_END

static GSettings *
new_settings (void)
{
  GSettings *settings = g_settings_new (TUTTI_APP_ID);

  g_settings_reset (settings, "recent-rooms");
  return settings;
}

static void
test_order (void)
{
  g_autoptr (GSettings) settings = new_settings ();

  tutti_recent_add (settings, "tutti://a/1");
  tutti_recent_add (settings, "tutti://b/2");
  assert_rooms (settings, "tutti://b/2", "tutti://a/1");
  tutti_recent_add (settings, "tutti://a/1");
  assert_rooms (settings, "tutti://a/1", "tutti://b/2");
  tutti_recent_remove (settings, "tutti://b/2");
  assert_rooms (settings, "tutti://a/1");
  tutti_recent_remove (settings, "tutti://nobody/knows");
  assert_rooms (settings, "tutti://a/1");
}

static void
test_limit (void)
{
  g_autoptr (GSettings) settings = new_settings ();
  g_auto (GStrv) rooms = NULL;

  for (int i = 0; i < TUTTI_RECENT_MAX + 3; i++) {
    g_autofree char *link = g_strdup_printf ("tutti://host/room-%d", i);

    tutti_recent_add (settings, link);
  }
  rooms = g_settings_get_strv (settings, "recent-rooms");
  g_assert_cmpuint (g_strv_length (rooms), ==, TUTTI_RECENT_MAX);
  g_assert_cmpstr (rooms[0], ==, "tutti://host/room-10");
  g_assert_cmpstr (rooms[TUTTI_RECENT_MAX - 1], ==, "tutti://host/room-3");
}

static void
test_name (void)
{
  g_autofree char *chosen = tutti_recent_get_name ("Ana");
  g_autofree char *none = tutti_recent_get_name ("");
  g_autofree char *null = tutti_recent_get_name (NULL);

  g_assert_cmpstr (chosen, ==, "Ana");
  g_assert_cmpstr (none, !=, "");
  g_assert_cmpstr (none, ==, null);
}

/* What the schema allows must be what the properties allow: a binding drops the rest without a
 * word. */
static void
test_schema (void)
{
  static const char *const keys[] = { "input-device", "output-device", "input-mode", "input-gain",
                                      "output-gain",  "monitor",       "quantum" };
  g_autoptr (GSettings) settings = new_settings ();
  g_autoptr (GTypeClass) klass = g_type_class_ref (TUTTI_TYPE_SOUND);
  g_autoptr (GTypeClass) modes = g_type_class_ref (TUTTI_TYPE_INPUT_MODE);

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++) {
    g_autoptr (GVariant) value = g_settings_get_default_value (settings, keys[i]);

    g_assert_nonnull (g_object_class_find_property (G_OBJECT_CLASS (klass), keys[i]));
    g_assert_nonnull (value);
  }
  for (int mode = TUTTI_INPUT_MODE_LEFT; mode <= TUTTI_INPUT_MODE_STEREO; mode++) {
    g_autofree char *nick = NULL;

    g_settings_set_enum (settings, "input-mode", mode);
    nick = g_settings_get_string (settings, "input-mode");
    g_assert_nonnull (g_enum_get_value_by_nick (G_ENUM_CLASS (modes), nick));
    g_assert_cmpint (g_enum_get_value_by_nick (G_ENUM_CLASS (modes), nick)->value, ==, mode);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/recent/order", test_order);
  g_test_add_func ("/ui/recent/limit", test_limit);
  g_test_add_func ("/ui/recent/name", test_name);
  g_test_add_func ("/ui/settings/schema", test_schema);
  return g_test_run ();
}
