/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-path-text.h"

#include <string.h>

/* Only a detour gets a sentence, and each its own. */
static void
test_advice (void)
{
  g_assert_null (tutti_path_advise (NULL));
  g_assert_null (tutti_path_advise ("udp"));
  g_assert_nonnull (strstr (tutti_path_advise ("tcp"), "blocks UDP"));
  g_assert_nonnull (strstr (tutti_path_advise ("relay"), "detour over a relay"));
}

static void
test_description (void)
{
  g_assert_cmpstr (tutti_path_describe (NULL), ==, "–");
  g_assert_cmpstr (tutti_path_describe ("udp"), ==, "Direct, UDP");
  g_assert_cmpstr (tutti_path_describe ("tcp"), ==, "Direct, TCP");
  g_assert_cmpstr (tutti_path_describe ("relay"), ==, "Over a relay");
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/path-text/advice", test_advice);
  g_test_add_func ("/path-text/description", test_description);

  return g_test_run ();
}
