/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

#include "tutti-error.h"
#include "tutti-mix.h"
#include "tutti-roster.h"
#include "tutti-thread.h"

/* Mixes on disk. */

#define ROOM "h:1/r"

typedef struct {
  TuttiRoster *roster;
  char *folder;
  char *path;
  char *broken;
} Fixture;

static void
roster_cb (TuttiParticipant *participant, gboolean joined, gpointer user_data)
{
}

/* Anna plays in a room, and I have turned her down by that much. */
static void
turn_down (Fixture *f, double gain)
{
  const TuttiPeerInfo info = { (char *) "anna-0001", (char *) "Anna", (char *) "bass" };

  tutti_roster_add (f->roster, &info);
  g_object_set (tutti_roster_ensure_strip (f->roster, "anna-0001", "main", ""), "gain-db", gain,
                "solo", TRUE, NULL);
  tutti_roster_remember_all (f->roster);
}

static void
set_up (Fixture *f, gconstpointer data)
{
  f->roster = tutti_roster_new (roster_cb, NULL);
  f->folder = g_dir_make_tmp ("tutti-mix-XXXXXX", NULL);
  f->path = g_build_filename (f->folder, "mixes.json", NULL);
  f->broken = g_strconcat (f->path, ".broken", NULL);
}

static void
tear_down (Fixture *f, gconstpointer data)
{
  tutti_roster_free (f->roster);
  g_remove (f->path);
  g_remove (f->broken);
  g_assert_no_errno (g_rmdir (f->folder)); /* nothing else is left behind */
  g_free (f->folder);
  g_free (f->path);
  g_free (f->broken);
}

static void
write_bytes (const char *path, const char *bytes, gssize size)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, bytes, size, &error);
  g_assert_no_error (error);
}

static void
assert_content (const char *path, const char *bytes, gssize size)
{
  const gsize expected = size < 0 ? strlen (bytes) : (gsize) size;
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;
  gsize length;

  g_file_get_contents (path, &text, &length, &error);
  g_assert_no_error (error);
  g_assert_cmpmem (text, length, bytes, expected);
}

static double
recalled_gain (const char *path, const char *room, const char *name)
{
  TuttiRoster *roster = tutti_roster_new (roster_cb, NULL);
  const TuttiPeerInfo info = { (char *) "new-0001", (char *) name, (char *) "" };
  g_autoptr (GError) error = NULL;
  double gain;

  g_assert_true (tutti_mix_load (path, room, roster, &error));
  g_assert_no_error (error);
  tutti_roster_add (roster, &info);
  g_object_get (tutti_roster_ensure_strip (roster, "new-0001", "main", ""), "gain-db", &gain, NULL);
  tutti_roster_free (roster);

  return gain;
}

static void
save (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (tutti_mix_save (f->path, ROOM, f->roster, &error));
  g_assert_no_error (error);
}

static void
test_kept (Fixture *f, gconstpointer data)
{
  g_autofree char *state = g_build_filename (f->folder, "state", NULL);
  g_autofree char *path = g_build_filename (state, "mixes.json", NULL);
  g_autofree char *text = NULL;
  g_autofree char *key = NULL;
  g_autoptr (TuttiLink) link =
      tutti_link_parse ("tutti://example.org:4443/jam?invite=SECRET1234", NULL);
  g_autoptr (GError) error = NULL;

  key = tutti_mix_room_key (link);
  g_assert_cmpstr (key, ==, "example.org:4443/jam");

  g_assert_true (tutti_mix_load (path, key, f->roster, &error)); /* none yet */
  turn_down (f, -7.5);
  g_assert_true (tutti_roster_take_changed (f->roster));
  g_assert_false (tutti_roster_take_changed (f->roster));
  g_assert_true (tutti_mix_save (path, key, f->roster, &error));
  g_assert_no_error (error);

  g_assert_cmpfloat (recalled_gain (path, key, "Anna"), ==, -7.5);
  g_assert_cmpfloat (recalled_gain (path, key, "Bert"), ==, 0);
  g_assert_cmpfloat (recalled_gain (path, "example.org:4443/other", "Anna"), ==, 0);

  /* Nothing secret, nothing of the moment. */
  g_assert_true (g_file_get_contents (path, &text, NULL, NULL));
  g_assert_null (strstr (text, "SECRET"));
  g_assert_null (strstr (text, "solo"));

  g_remove (path);
  g_rmdir (state);
}

/* -- of another program -- */

/* What a newer version added stays, rubbish is bounded. */
static void
test_foreign_members (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;

  write_bytes (f->path,
               "{\"version\":1,\"more\":{\"a\":1},\"rooms\":{\"h:1/r\":{\"colour\":3,"
               "\"strips\":{\"Anna/main\":{\"gainDb\":1e99,\"pan\":\"x\",\"eq\":[1]},"
               "\"Bert/main\":{\"gainDb\":-3},\"Cora/main\":7}},\"x\":5}}",
               -1);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, 0);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Bert"), ==, -3);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Cora"), ==, 0);
  g_assert_cmpfloat (recalled_gain (f->path, "x", "Bert"), ==, 0);

  g_assert_true (tutti_mix_load (f->path, ROOM, f->roster, &error));
  turn_down (f, -9);
  save (f);
  g_assert_true (g_file_get_contents (f->path, &text, NULL, NULL));
  g_assert_nonnull (strstr (text, "more"));
  g_assert_nonnull (strstr (text, "colour"));
  g_assert_nonnull (strstr (text, "eq"));
  g_assert_nonnull (strstr (text, "\"x\""));
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -9);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Bert"), ==, -3);
}

static void
test_later_version (Fixture *f, gconstpointer data)
{
  static const char *const later[] = {
    "{\"version\":2,\"rooms\":{}}",
    "{\"version\":2,\"rooms\":[\"quite otherwise\"]}",
    "{\"version\":1099511627776}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (later); i++) {
    g_autoptr (GError) error = NULL;

    write_bytes (f->path, later[i], -1);
    g_assert_false (tutti_mix_load (f->path, ROOM, f->roster, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
    g_clear_error (&error);
    turn_down (f, -3);
    g_assert_false (tutti_mix_save (f->path, ROOM, f->roster, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
    assert_content (f->path, later[i], -1);
    g_assert_false (g_file_test (f->broken, G_FILE_TEST_EXISTS));
  }
}

/* -- damaged -- */

static void
expect_warning (const char *pattern)
{
  g_test_expect_message ("tutti-model", G_LOG_LEVEL_WARNING, pattern);
}

static void
load_damaged (Fixture *f)
{
  g_autoptr (GError) error = NULL;

  expect_warning ("*mixes.json*.broken*");
  g_assert_true (tutti_mix_load (f->path, ROOM, f->roster, &error));
  g_assert_no_error (error);
  g_test_assert_expected_messages ();
}

/* Whatever is in that file: it is set aside as it is, nothing of it is believed, and the next save
 * mends all. */
static void
assert_mended (Fixture *f, const char *bytes, gssize size)
{
  g_remove (f->broken); /* of the one before */
  write_bytes (f->path, bytes, size);
  turn_down (f, -1);
  load_damaged (f);
  assert_content (f->broken, bytes, size);
  g_assert_false (g_file_test (f->path, G_FILE_TEST_EXISTS));
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, 0);

  turn_down (f, -4.5);
  save (f);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -4.5);
  assert_content (f->broken, bytes, size);
}

static void
test_damaged (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = {
    "",
    " \n",
    "\"\"",
    "null",
    "[]",
    "7",
    "no JSON at all",
    "{\"version\":1",
    "{\"version\":1,\"rooms\":{}} and more",
    "{\"version\":1,\"rooms\":{}}{\"version\":1}",
    "{\"version\":1,\"rooms\":{\"h:1/r\":{\"strips\":{\"\xff\xfe/main\":{\"gainDb\":-3}}}}}",
  };
  static const char nul[512];
  static const char cut_by_nul[] = "{\"version\":1,\"rooms\":{}}\0\0\0";

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("text %u", i);
    assert_mended (f, texts[i], -1);
  }
  assert_mended (f, nul, sizeof nul);
  assert_mended (f, cut_by_nul, sizeof cut_by_nul);
}

static void
test_wrong_types (Fixture *f, gconstpointer data)
{
  static const char *const texts[] = {
    "{}",
    "{\"rooms\":{}}",
    "{\"version\":\"1\",\"rooms\":{}}",
    "{\"version\":1.5,\"rooms\":{}}",
    "{\"version\":0,\"rooms\":{}}",
    "{\"version\":-2,\"rooms\":{}}",
    "{\"version\":true,\"rooms\":{}}",
    "{\"version\":null,\"rooms\":{}}",
    "{\"version\":[1],\"rooms\":{}}",
    "{\"version\":{\"version\":1},\"rooms\":{}}",
    "{\"version\":1,\"rooms\":[]}",
    "{\"version\":1,\"rooms\":\"h:1/r\"}",
    "{\"version\":1,\"rooms\":3}",
    "{\"version\":1,\"rooms\":null}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    assert_mended (f, texts[i], -1);
  }
}

/* Deeper down only the one value is lost that cannot be read. */
static void
test_wrong_types_inside (Fixture *f, gconstpointer data)
{
  static const char *const ours[] = {
    "[]",
    "null",
    "\"r\"",
    "{\"used\":\"never\",\"strips\":[]}",
    "{\"strips\":{\"Anna/main\":[]}}",
    "{\"strips\":{\"Anna/main\":{\"gainDb\":\"loud\",\"muted\":1}}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (ours); i++) {
    g_autofree char *text = g_strdup_printf ("{\"version\":1,\"rooms\":{\"h:1/r\":%s,\"h:1/s\":"
                                             "{\"strips\":{\"Bert/main\":{\"gainDb\":-2}}}}}",
                                             ours[i]);

    g_test_message ("%s", ours[i]);
    write_bytes (f->path, text, -1);
    g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, 0);
    turn_down (f, -6);
    save (f);
    g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -6);
    g_assert_cmpfloat (recalled_gain (f->path, "h:1/s", "Bert"), ==, -2);
    g_assert_false (g_file_test (f->broken, G_FILE_TEST_EXISTS));
  }
}

/* As a computer without power leaves it, wherever that was. */
static void
test_truncated (Fixture *f, gconstpointer data)
{
  g_autofree char *whole = NULL;
  gsize size;

  turn_down (f, -7.5);
  save (f);
  g_assert_true (g_file_get_contents (f->path, &whole, &size, NULL));
  g_assert_cmpuint (size, >, 50);
  for (gsize length = 0; length < size; length++)
    assert_mended (f, whole, (gssize) length);
}

static void
test_huge (Fixture *f, gconstpointer data)
{
  const off_t size = 5 * 1024 * 1024;
  g_autofree char *deep = g_malloc (1 << 20);
  GStatBuf info;

  write_bytes (f->path, "{\"version\":1,", -1);
  g_assert_no_errno (truncate (f->path, size));
  load_damaged (f);
  g_assert_no_errno (g_stat (f->broken, &info));
  g_assert_cmpint (info.st_size, ==, size);
  turn_down (f, -2);
  save (f);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -2);

  /* Small enough to be read, but nested deeper than any stack. */
  memset (deep, '[', 1 << 20);
  assert_mended (f, deep, 1 << 20);
}

/* Only the first is kept: what was set since then is little. */
static void
test_damaged_again (Fixture *f, gconstpointer data)
{
  assert_mended (f, "the first", -1);

  write_bytes (f->path, "the second", -1);
  load_damaged (f);
  assert_content (f->broken, "the first", -1);
  assert_content (f->path, "the second", -1); /* until something is to be saved */

  turn_down (f, -8);
  expect_warning ("*mixes.json*.broken*");
  save (f);
  g_test_assert_expected_messages ();
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -8);
  assert_content (f->broken, "the first", -1);
}

/* Between loading and saving, in the same session. */
static void
test_damaged_later (Fixture *f, gconstpointer data)
{
  turn_down (f, -5);
  save (f);
  write_bytes (f->path, "{", -1);
  expect_warning ("*mixes.json*.broken*");
  save (f);
  g_test_assert_expected_messages ();
  assert_content (f->broken, "{", -1);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -5);
}

/* What is no file of ours is neither waited for nor moved; a link that leads to itself is. */
static void
test_no_file (Fixture *f, gconstpointer data)
{
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (mkfifo (f->path, 0600));
  g_assert_false (tutti_mix_load (f->path, ROOM, f->roster, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
  g_clear_error (&error);
  g_assert_false (tutti_mix_save (f->path, ROOM, f->roster, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
  g_assert_false (g_file_test (f->broken, G_FILE_TEST_EXISTS));
  g_assert_no_errno (g_remove (f->path));

  g_assert_no_errno (symlink ("mixes.json", f->path));
  load_damaged (f);
  g_assert_true (g_file_test (f->broken, G_FILE_TEST_IS_SYMLINK));
  turn_down (f, -6);
  save (f);
  g_assert_cmpfloat (recalled_gain (f->path, ROOM, "Anna"), ==, -6);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  g_test_init (&argc, &argv, NULL);

#define ADD(name, func) g_test_add (name, Fixture, NULL, set_up, func, tear_down)
  ADD ("/mixes/kept", test_kept);
  ADD ("/mixes/foreign-members", test_foreign_members);
  ADD ("/mixes/later-version", test_later_version);
  ADD ("/mixes/damaged", test_damaged);
  ADD ("/mixes/wrong-types", test_wrong_types);
  ADD ("/mixes/wrong-types-inside", test_wrong_types_inside);
  ADD ("/mixes/truncated", test_truncated);
  ADD ("/mixes/huge", test_huge);
  ADD ("/mixes/damaged-again", test_damaged_again);
  ADD ("/mixes/damaged-later", test_damaged_later);
  ADD ("/mixes/no-file", test_no_file);
#undef ADD

  return g_test_run ();
}
