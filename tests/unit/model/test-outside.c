/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-outside.h"

#include <string.h>

#define PORTS                                                                                      \
  "\"port\":47700,\"ports\":[{\"protocol\":\"tcp\",\"port\":47700},"                               \
  "{\"protocol\":\"udp\",\"port\":47701},{\"protocol\":\"tcp\",\"port\":47701}]"

static void
test_words (void)
{
  static const struct {
    const char *text;
    TuttiOutsideState state;
    const char *said[4];
  } cases[] = {
    { "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"address\":\"192.0.2.7\"," PORTS "}",
      TUTTI_OUTSIDE_OPEN,
      { "reach this room at 192.0.2.7, port 47700" } },
    { "{\"state\":\"closed\",\"local\":\"192.168.1.2\",\"address\":\"192.0.2.7\"," PORTS "}",
      TUTTI_OUTSIDE_CLOSED,
      { "192.168.1.2", "TCP 47700, UDP 47701", "at 192.0.2.7" } },
    { "{\"state\":\"closed\",\"local\":\"192.168.1.2\"," PORTS "}",
      TUTTI_OUTSIDE_CLOSED,
      { "192.168.1.2", "TCP 47700, UDP 47701", "did not say its address" } },
    { "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"address\":\"192.0.2.7\",\"reached\":"
      "{\"service\":true,\"mediaUdp\":true,\"mediaTcp\":true}," PORTS "}",
      TUTTI_OUTSIDE_OPEN,
      { "192.0.2.7, port 47700: this was tried" } },
    { "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"address\":\"192.0.2.7\",\"reached\":"
      "{\"service\":true,\"mediaUdp\":false,\"mediaTcp\":true}," PORTS "}",
      TUTTI_OUTSIDE_OPEN,
      { ": UDP 47701 did not answer" } },
    { "{\"state\":\"double-nat\",\"local\":\"192.168.1.2\",\"address\":\"100.64.3.4\"," PORTS "}",
      TUTTI_OUTSIDE_DOUBLE_NAT,
      { "cannot reach", "100.64.3.4" } },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (TuttiOutside) outside = tutti_outside_parse (cases[i].text);
    g_autoptr (TuttiOutside) copy = NULL;
    g_autofree char *text = NULL;

    g_assert_nonnull (outside);
    g_assert_cmpint (outside->state, ==, cases[i].state);
    copy = tutti_outside_copy (outside);
    text = tutti_outside_describe (copy);
    g_test_message ("%s", text);
    for (guint j = 0; j < G_N_ELEMENTS (cases[i].said) && cases[i].said[j]; j++)
      g_assert_nonnull (strstr (text, cases[i].said[j]));
  }
}

static void
test_nonsense (void)
{
  static const char *const texts[] = {
    "",
    "7",
    "{}",
    "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"port\":47700,\"ports\":[]}",
    "{\"state\":\"ajar\",\"local\":\"192.168.1.2\"," PORTS "}",
    "{\"state\":\"open\"," PORTS "}",
    "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"port\":0,"
    "\"ports\":[{\"protocol\":\"tcp\",\"port\":1}]}",
    "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"port\":1,\"ports\":[7]}",
    "{\"state\":\"open\",\"local\":\"192.168.1.2\",\"port\":1,\"ports\":[{\"protocol\":\"tcp\"}]}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++) {
    g_test_message ("%s", texts[i]);
    g_assert_null (tutti_outside_parse (texts[i]));
  }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/outside/words", test_words);
  g_test_add_func ("/outside/nonsense", test_nonsense);

  return g_test_run ();
}
