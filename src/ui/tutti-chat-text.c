/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-chat-text.h"

#include <string.h>

/* Up to where a link may reach that begins at @text: what closes the sentence is not of it. */
static gsize
link_length (const char *text)
{
  gsize length = strcspn (text, " \n\t\"<>");

  while (length > 0 && strchr (".,;:!?)]}'", text[length - 1]))
    length--;

  return length;
}

static gsize
scheme_length (const char *text)
{
  static const char *schemes[] = { "https://", "http://" };

  for (gsize i = 0; i < G_N_ELEMENTS (schemes); i++)
    if (g_ascii_strncasecmp (text, schemes[i], strlen (schemes[i])) == 0)
      return strlen (schemes[i]);

  return 0;
}

/**
 * tutti_chat_markup:
 * @text: what somebody wrote, from anywhere
 *
 * Only links of the web can be opened by a click, and what is shown is where they lead. Any thread.
 *
 * Returns: (transfer full): Pango markup
 */
char *
tutti_chat_markup (const char *text)
{
  GString *markup = g_string_new (NULL);
  const char *plain = text;

  for (const char *c = text; *c;) {
    gsize scheme = c == text || !g_ascii_isalnum (c[-1]) ? scheme_length (c) : 0;
    gsize length = scheme > 0 ? link_length (c) : 0;

    if (length <= scheme) {
      c++;
      continue;
    }

    g_autofree char *before = g_markup_escape_text (plain, c - plain);
    g_autofree char *link = g_markup_escape_text (c, (gssize) length);

    g_string_append_printf (markup, "%s<a href=\"%s\">%s</a>", before, link, link);
    c += length;
    plain = c;
  }

  g_autofree char *rest = g_markup_escape_text (plain, -1);

  g_string_append (markup, rest);
  return g_string_free (markup, FALSE);
}
