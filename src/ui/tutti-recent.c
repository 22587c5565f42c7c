/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-recent.h"

/* What is remembered between two evenings: rooms, and how I am called. Main thread. */

static void
store (GSettings *settings, const char *first, const char *without)
{
  g_auto (GStrv) rooms = g_settings_get_strv (settings, "recent-rooms");
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) result = NULL;
  guint n = 0;

  if (first) {
    g_strv_builder_add (builder, first);
    n++;
  }
  for (guint i = 0; rooms[i] && n < TUTTI_RECENT_MAX; i++) {
    if (g_strcmp0 (rooms[i], first) == 0 || g_strcmp0 (rooms[i], without) == 0)
      continue;
    g_strv_builder_add (builder, rooms[i]);
    n++;
  }
  result = g_strv_builder_end (builder);
  g_settings_set_strv (settings, "recent-rooms", (const char *const *) result);
}

/**
 * tutti_recent_add:
 * @link: of a room that was joined; moves to the front
 */
void
tutti_recent_add (GSettings *settings, const char *link)
{
  store (settings, link, NULL);
}

/**
 * tutti_recent_remove:
 * @link: of a room to forget
 */
void
tutti_recent_remove (GSettings *settings, const char *link)
{
  store (settings, NULL, link);
}

/**
 * tutti_recent_get_name:
 * @chosen: the name that the person gave, maybe empty
 *
 * Returns: (transfer full): @chosen, or else the account's real name, or else its login name
 */
char *
tutti_recent_get_name (const char *chosen)
{
  const char *real_name = g_get_real_name ();

  if (chosen && *chosen)
    return g_strdup (chosen);
  if (real_name && *real_name && !g_str_equal (real_name, "Unknown"))
    return g_strdup (real_name);
  return g_strdup (g_get_user_name ());
}
