/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"
#include "tutti-link.h"

/* What people paste. What is good is understood again when it is handed on. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiLink) link = tutti_link_parse (text, &error);
  g_autoptr (TuttiLink) again = NULL;
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;

  g_assert ((link != NULL) == (error == NULL));
  if (!link)
    return 0;

  first = tutti_link_to_string (link);
  again = tutti_link_parse (first, NULL);
  g_assert (again);
  second = tutti_link_to_string (again);
  g_assert_cmpstr (first, ==, second);

  return 0;
}
