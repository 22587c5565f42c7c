/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-route.h"

/* Addresses of which it is known on every computer whether they are ours: the loopback's, and those
 * that are for documentation (RFC 5737, RFC 3849). */

static GSocketAddress *
address (const char *text)
{
  return g_inet_socket_address_new_from_string (text, 4443);
}

static void
test_source (void)
{
  g_autoptr (GSocketAddress) loopback = address ("127.0.0.1");
  g_autofree char *source = tutti_route_source (loopback);

  g_assert_cmpstr (source, ==, "127.0.0.1");
}

static void
test_is_ours (void)
{
  static const struct {
    const char *text;
    gboolean ours;
  } rows[] = {
    { "127.0.0.1", TRUE },
    { "203.0.113.9", FALSE },
    { "2001:db8::9", FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GSocketAddress) local = address (rows[i].text);

    g_assert_true (tutti_route_is_ours (local) == rows[i].ours);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/route/source", test_source);
  g_test_add_func ("/route/is-ours", test_is_ours);
  return g_test_run ();
}
