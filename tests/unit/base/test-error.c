/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-error.h"

#define N_CODES (TUTTI_ERROR_VIDEO + 1)

static void
test_every_code (void)
{
  g_autoptr (GHashTable) nicks = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GHashTable) advices = g_hash_table_new (g_str_hash, g_str_equal);

  for (int code = 0; code < N_CODES; code++) {
    g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, code, "x.");
    const char *nick = tutti_error_get_nick (error);
    const char *advice = tutti_error_get_advice (error);

    g_assert_nonnull (nick);
    g_assert_true (g_hash_table_add (nicks, (gpointer) nick));
    g_assert_cmpint (strspn (nick, "abcdefghijklmnopqrstuvwxyz-"), ==, strlen (nick));

    g_assert_nonnull (advice);
    g_assert_true (g_hash_table_add (advices, (gpointer) advice));
    g_assert_true (g_str_has_suffix (advice, "."));
    g_assert_true (g_ascii_isupper (*advice));
  }
}

static void
test_nicks (void)
{
  g_autoptr (GError) pipewire = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE, "x");
  g_autoptr (GError) file = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_FILE, "x");
  g_autoptr (GError) unknown = g_error_new_literal (TUTTI_ERROR, N_CODES, "x");
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "x");
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");

  g_assert_cmpstr (tutti_error_get_nick (pipewire), ==, "no-pipewire");
  g_assert_cmpstr (tutti_error_get_nick (file), ==, "file");
  g_assert_cmpstr (tutti_error_get_nick (unknown), ==, "failed");
  g_assert_cmpstr (tutti_error_get_nick (foreign), ==, "failed");
  g_assert_cmpstr (tutti_error_get_nick (cancelled), ==, "cancelled");
  g_assert_cmpstr (tutti_error_get_nick (NULL), ==, "failed");
  g_assert_nonnull (tutti_error_get_advice (foreign));
}

static void
test_fatal (void)
{
  const TuttiError fatal[] = {
    TUTTI_ERROR_BAD_LINK,  TUTTI_ERROR_CERTIFICATE, TUTTI_ERROR_REFUSED,  TUTTI_ERROR_PROTOCOL,
    TUTTI_ERROR_VERSION,   TUTTI_ERROR_FINGERPRINT, TUTTI_ERROR_REPLACED, TUTTI_ERROR_REMOVED,
    TUTTI_ERROR_ROOM_FULL, TUTTI_ERROR_CODEC,       TUTTI_ERROR_FILE,     TUTTI_ERROR_LOCKED,
  };
  g_autoptr (GError) foreign = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "x");
  g_autoptr (GError) cancelled = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");
  guint n_fatal = 0;

  for (size_t i = 0; i < G_N_ELEMENTS (fatal); i++) {
    g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, fatal[i], "x");

    g_assert_true (tutti_error_is_fatal (error));
  }

  for (int code = 0; code < N_CODES; code++) {
    g_autoptr (GError) error = g_error_new_literal (TUTTI_ERROR, code, "x");

    n_fatal += tutti_error_is_fatal (error);
  }

  g_assert_cmpuint (n_fatal, ==, G_N_ELEMENTS (fatal));
  g_assert_false (tutti_error_is_fatal (foreign));
  g_assert_true (tutti_error_is_fatal (cancelled));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/error/every-code", test_every_code);
  g_test_add_func ("/error/nicks", test_nicks);
  g_test_add_func ("/error/fatal", test_fatal);
  return g_test_run ();
}
