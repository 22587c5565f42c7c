/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-error.h"
#include "tutti-lan.h"

static void
test_loopback (void)
{
  g_assert_true (tutti_lan_is_loopback ("127.0.0.1"));
  g_assert_true (tutti_lan_is_loopback ("127.9.9.9"));
  g_assert_true (tutti_lan_is_loopback ("::1"));
  g_assert_true (tutti_lan_is_loopback ("localhost"));
  g_assert_false (tutti_lan_is_loopback ("192.168.1.7"));
  g_assert_false (tutti_lan_is_loopback ("fe80::1"));
  g_assert_false (tutti_lan_is_loopback ("jam.example.org"));
}

/* With a network or without: an address that others can use, or a sentence that says why not. */
static void
test_address (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *address = tutti_lan_get_address (&error);

  if (address) {
    g_autoptr (GInetAddress) parsed = g_inet_address_new_from_string (address);

    g_assert_no_error (error);
    g_assert_nonnull (parsed);
    g_assert_false (g_inet_address_get_is_any (parsed));
    g_assert_false (g_inet_address_get_is_loopback (parsed));
  } else {
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/lan/loopback", test_loopback);
  g_test_add_func ("/ui/lan/address", test_address);
  return g_test_run ();
}
