/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What was written stays, once, whatever the room tells again. */

#include "tutti-chat-private.h"
#include "tutti-thread.h"

static TuttiChatMessage *
take (TuttiChat *chat, gint64 id, gint64 at_ms, const char *text)
{
  TuttiChatLine line = { id, (char *) "anna-0001", (char *) "Anna", (char *) text, at_ms };

  return tutti_chat_take (chat, &line, FALSE);
}

static guint
count (TuttiChat *chat)
{
  return g_list_model_get_n_items (tutti_chat_get_model (chat));
}

static void
test_message (void)
{
  g_autoptr (TuttiChat) chat = tutti_chat_new ();
  TuttiChatLine line = { 1, (char *) "p", (char *) "Ben", (char *) "Hi",
                         G_GINT64_CONSTANT (86400000) };
  TuttiChatMessage *message = tutti_chat_take (chat, &line, TRUE);
  g_autoptr (GDateTime) utc = g_date_time_to_utc (tutti_chat_message_get_time (message));
  g_autofree char *name = NULL;
  gboolean mine;

  g_object_get (message, "name", &name, "mine", &mine, NULL);
  g_assert_cmpstr (name, ==, "Ben");
  g_assert_cmpstr (tutti_chat_message_get_text (message), ==, "Hi");
  g_assert_true (mine);
  g_assert_cmpint (g_date_time_to_unix (utc), ==, 86400);
}

static void
test_told_again (void)
{
  g_autoptr (TuttiChat) chat = tutti_chat_new ();

  g_assert_nonnull (take (chat, 1, 1000, "One"));
  g_assert_nonnull (take (chat, 2, 2000, "Two"));
  /* Back in the room, that tells from the beginning. */
  g_assert_null (take (chat, 1, 1000, "One"));
  g_assert_null (take (chat, 2, 2000, "Two"));
  g_assert_nonnull (take (chat, 3, 2000, "Three"));
  /* The service was started anew. */
  g_assert_nonnull (take (chat, 1, 9000, "Hello again"));
  g_assert_cmpuint (count (chat), ==, 4);

  tutti_chat_clear (chat);
  g_assert_cmpuint (count (chat), ==, 0);
  g_assert_nonnull (take (chat, 1, 10, "Another room"));
}

static void
test_bounds (void)
{
  g_autoptr (TuttiChat) chat = tutti_chat_new ();

  for (int i = 1; i <= 1100; i++)
    g_assert_nonnull (take (chat, i, i, "la"));
  g_assert_cmpuint (count (chat), ==, 1000);
  /* Times at the end of the calendar, and beyond */
  g_assert_nonnull (take (chat, 1999, G_GINT64_CONSTANT (253402300799000), "Late"));
  g_assert_nonnull (take (chat, 2000, G_GINT64_CONSTANT (9007199254740991), "Later"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();

  g_test_add_func ("/chat/message", test_message);
  g_test_add_func ("/chat/told-again", test_told_again);
  g_test_add_func ("/chat/bounds", test_bounds);

  return g_test_run ();
}
