/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-mix.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-json.h"
#include "tutti-strip-private.h"

#define VERSION     1
#define MAX_ROOMS   100
#define MAX_STRIPS  256
#define MAX_SIZE    (4 * 1024 * 1024)
#define FOLDER_MODE 0700

char *
tutti_mix_room_key (const TuttiLink *link)
{
  return g_strdup_printf ("%s:%u/%s", link->host, (guint) link->port, link->room);
}

static gboolean
refuse (const char *path, const char *why, GError **error)
{
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE, "%s: %s", path, why);

  return FALSE;
}

/* -- reading -- */

/*< private >
 * Reading: what came of it
 * @READING_DONE: it is one of ours
 * @READING_NO_FILE: there is none
 * @READING_DAMAGED: there is one, but nobody can read it any more, of whatever version
 * @READING_REFUSED: it is not ours to replace: of a later version, no ordinary file, or unread for
 * a reason that may pass
 */
typedef enum {
  READING_DONE,
  READING_NO_FILE,
  READING_DAMAGED,
  READING_REFUSED,
} Reading;

/* Will not pass by itself, unlike a disk that fails or a process that has too many files open. */
static gboolean
is_lasting (const GError *error)
{
  return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_ACCES) ||
         g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_PERM) ||
         g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_LOOP);
}

static Reading
read_text (const char *path, char **text, gsize *size, GError **error)
{
  g_autoptr (GError) local = NULL;
  GStatBuf info = { 0 };
  gboolean exists = g_stat (path, &info) == 0;
  Reading failed;

  /* A pipe would hold us up, and a device is not to be renamed. */
  if (exists && !S_ISREG (info.st_mode)) {
    refuse (path, _ ("This is no ordinary file."), error);
    return READING_REFUSED;
  }
  if (exists && info.st_size > MAX_SIZE) {
    refuse (path, _ ("The file is too large to be one of ours."), error);
    return READING_DAMAGED;
  }
  if (g_file_get_contents (path, text, size, &local))
    return READING_DONE;
  if (g_error_matches (local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
    return READING_NO_FILE;

  failed = is_lasting (local) ? READING_DAMAGED : READING_REFUSED;
  g_propagate_error (error, g_steal_pointer (&local));

  return failed;
}

static Reading
check_root (const char *path, JsonNode *node, GError **error)
{
  JsonObject *root = node && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
  gint64 version = 0;

  if (!root || !tutti_json_read_int (root, "version", 1, G_MAXINT64, &version, NULL)) {
    refuse (path, _ ("The file is damaged."), error);
    return READING_DAMAGED;
  }
  if (version > VERSION) {
    refuse (path, _ ("The file was written by a later version of Tutti."), error);
    return READING_REFUSED;
  }
  if (json_object_has_member (root, "rooms") && !tutti_json_peek_object (root, "rooms")) {
    refuse (path, _ ("The file is damaged."), error);
    return READING_DAMAGED;
  }

  return READING_DONE;
}

static Reading
read_file (const char *path, JsonObject **root, GError **error)
{
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize size = 0;
  Reading reading = read_text (path, &text, &size, error);

  if (reading != READING_DONE)
    return reading;

  if (!json_parser_load_from_data (parser, text, (gssize) size, &local)) {
    refuse (path, local->message, error);
    return READING_DAMAGED;
  }

  reading = check_root (path, json_parser_get_root (parser), error);
  if (reading == READING_DONE)
    *root = json_object_ref (json_node_get_object (json_parser_get_root (parser)));

  return reading;
}

/* What is damaged is kept for whoever can mend it, the first such file only: a later one may hold
 * no more than what was set since. */
static gboolean
set_aside (const char *path, const char *why, GError **error)
{
  g_autofree char *broken = g_strconcat (path, ".broken", NULL);
  GStatBuf info;

  if (g_lstat (broken, &info) == 0) {
    g_warning ("%s — The file is written anew; an earlier one is kept as %s", why, broken);
    return TRUE;
  }
  if (g_rename (path, broken) != 0)
    return refuse (path, g_strerror (errno), error);

  g_warning ("%s — It is kept as %s, and written anew", why, broken);

  return TRUE;
}

/* What is kept; %NULL without @error where there is nothing, and a new file may be written. */
static JsonObject *
read_kept (const char *path, GError **error)
{
  g_autoptr (GError) local = NULL;
  JsonObject *root = NULL;

  switch (read_file (path, &root, &local)) {
  case READING_DAMAGED:
    set_aside (path, local->message, error);
    break;
  case READING_REFUSED:
    g_propagate_error (error, g_steal_pointer (&local));
    break;
  case READING_DONE:
  case READING_NO_FILE:
  default:
    break;
  }

  return root;
}

/* A member that is an object; made where there is none. */
static JsonObject *
ensure_object (JsonObject *object, const char *key)
{
  JsonObject *member = tutti_json_peek_object (object, key);

  if (!member) {
    member = json_object_new ();
    json_object_set_object_member (object, key, member);
  }

  return member;
}

static void
read_strip (JsonObject *object, TuttiStripSettings *settings)
{
  *settings = (TuttiStripSettings) { .bias = 0.5 };
  tutti_json_read_double (object, "gainDb", TUTTI_SILENCE_DB, 12, &settings->gain_db, NULL);
  tutti_json_read_double (object, "pan", -1, 1, &settings->pan, NULL);
  tutti_json_read_double (object, "bias", 0, 1, &settings->bias, NULL);
  settings->muted = tutti_json_peek_true (object, "muted");
}

static void
recall_cb (JsonObject *strips, const char *who, JsonNode *node, gpointer roster)
{
  TuttiStripSettings settings;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;

  read_strip (json_node_get_object (node), &settings);
  tutti_roster_set_remembered (roster, who, &settings);
}

gboolean
tutti_mix_load (const char *path, const char *room, TuttiRoster *roster, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = read_kept (path, &local);
  JsonObject *rooms, *ours, *strips;

  tutti_roster_forget (roster);
  if (!root) {
    if (!local)
      return TRUE;
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }

  rooms = tutti_json_peek_object (root, "rooms");
  ours = rooms ? tutti_json_peek_object (rooms, room) : NULL;
  strips = ours ? tutti_json_peek_object (ours, "strips") : NULL;
  if (strips)
    json_object_foreach_member (strips, recall_cb, roster);
  tutti_roster_take_changed (roster);

  return TRUE;
}

static void
write_strip_cb (const char *who, const TuttiStripSettings *settings, gpointer user_data)
{
  JsonObject *strips = user_data;
  JsonObject *strip;

  if (json_object_get_size (strips) >= MAX_STRIPS && !json_object_has_member (strips, who))
    return;

  strip = ensure_object (strips, who);
  json_object_set_double_member (strip, "gainDb", settings->gain_db);
  json_object_set_double_member (strip, "pan", settings->pan);
  json_object_set_double_member (strip, "bias", settings->bias);
  json_object_set_boolean_member (strip, "muted", settings->muted);
}

/* The room that was not visited for the longest. */
static void
remove_oldest (JsonObject *rooms)
{
  g_autoptr (GList) names = json_object_get_members (rooms);
  const char *oldest = names->data;
  gint64 oldest_used = G_MAXINT64;

  for (GList *l = names; l; l = l->next) {
    JsonObject *room = tutti_json_peek_object (rooms, l->data);
    gint64 used = 0;

    if (room)
      tutti_json_read_int (room, "used", 0, G_MAXINT64, &used, NULL);
    if (used < oldest_used) {
      oldest_used = used;
      oldest = l->data;
    }
  }
  json_object_remove_member (rooms, oldest);
}

static gboolean
write_file (const char *path, JsonObject *root, JsonObject *rooms, GError **error)
{
  g_autoptr (JsonNode) node = json_node_init_object (json_node_alloc (), root);
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *text = json_to_string (node, TRUE);

  /* What is larger would never be read again. */
  while (strlen (text) > MAX_SIZE && json_object_get_size (rooms) > 1) {
    remove_oldest (rooms);
    g_free (text);
    text = json_to_string (node, TRUE);
  }
  if (g_mkdir_with_parents (folder, FOLDER_MODE) != 0)
    return refuse (folder, g_strerror (errno), error);

  return g_file_set_contents_full (
      path, text, -1, G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600, error);
}

gboolean
tutti_mix_save (const char *path, const char *room, TuttiRoster *roster, GError **error)
{
  g_autoptr (GError) local = NULL;
  g_autoptr (JsonObject) root = read_kept (path, &local);
  JsonObject *rooms, *ours;

  if (local) {
    g_propagate_error (error, g_steal_pointer (&local));
    return FALSE;
  }
  if (!root) {
    root = json_object_new ();
    json_object_set_int_member (root, "version", VERSION);
  }

  rooms = ensure_object (root, "rooms");
  ours = ensure_object (rooms, room);
  json_object_set_int_member (ours, "used", g_get_real_time () / G_USEC_PER_SEC);
  tutti_roster_foreach_remembered (roster, write_strip_cb, ensure_object (ours, "strips"));
  while (json_object_get_size (rooms) > MAX_ROOMS)
    remove_oldest (rooms);

  return write_file (path, root, rooms, error);
}
