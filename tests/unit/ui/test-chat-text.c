/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-chat-text.h"

static void
test_markup (void)
{
  static const struct {
    const char *text;
    const char *markup;
  } cases[] = {
    { "", "" },
    { "a < b & c", "a &lt; b &amp; c" },
    { "<a href=\"https://x.y\">z</a>",
      "&lt;a href=&quot;<a href=\"https://x.y\">https://x.y</a>&quot;&gt;z&lt;/a&gt;" },
    { "See https://a.example/b?c=1&d=2.",
      "See <a href=\"https://a.example/b?c=1&amp;d=2\">https://a.example/b?c=1&amp;d=2</a>." },
    { "(HTTP://A.example)\nhttps://b.example",
      "(<a href=\"HTTP://A.example\">HTTP://A.example</a>)\n"
      "<a href=\"https://b.example\">https://b.example</a>" },
    /* No link: nothing behind it, in a word, another scheme */
    { "https:// https://. xhttp://a.b", "https:// https://. xhttp://a.b" },
    { "javascript:alert(1) file:///etc/passwd", "javascript:alert(1) file:///etc/passwd" },
    { "https://é.example/ü 🎺", "<a href=\"https://é.example/ü\">https://é.example/ü</a> 🎺" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *markup = tutti_chat_markup (cases[i].text);

    g_assert_cmpstr (markup, ==, cases[i].markup);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/chat-text/markup", test_markup);

  return g_test_run ();
}
