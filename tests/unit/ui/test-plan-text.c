/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-plan-text.h"

#define assert_text(call, expected)                                                                \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *text = (call);                                                                \
    g_assert_cmpstr (text, ==, expected);                                                          \
  }                                                                                                \
  G_STMT_END

static void
test_format (void)
{
  TuttiPlan plan = { .wire = (char *) "raw",
                     .frame_samples = 64,
                     .bits = 16,
                     .packets_per_second = 1500,
                     .budget = 50000 };

  assert_text (tutti_plan_describe_format (&plan), "Uncompressed, 16 bits, 1.3 ms in a packet");
  assert_text (tutti_plan_describe_packets (&plan),
               "750 a second from each strip; the room’s server forwards 1500 of 50000");
  plan.wire = (char *) "tight";
  plan.frame_samples = 128;
  assert_text (tutti_plan_describe_format (&plan), "Tight compression, 2.7 ms in a packet");
  plan.wire = (char *) "opus";
  plan.frame_samples = 240;
  assert_text (tutti_plan_describe_format (&plan), "Opus, 5.0 ms in a packet");
  assert_text (tutti_plan_describe_packets (NULL), "–");
}

static void
test_copies (void)
{
  TuttiPlan plan = { .wire = (char *) "raw" };

  assert_text (tutti_plan_describe_copies (&plan), "Off: hardly any packet gets lost");
  plan.copies = 1;
  plan.distance = 1;
  assert_text (tutti_plan_describe_copies (&plan),
               "On: each packet repeats 1 older one, because some of yours get lost");
  plan.copies = 2;
  assert_text (tutti_plan_describe_copies (&plan),
               "On: each packet repeats 2 older ones, because some of yours get lost");
  plan.distance = 0;
  assert_text (tutti_plan_describe_copies (&plan),
               "On: each packet is sent 2 more times at once, because some of yours get lost");
  plan.frame_samples = 64;
  plan.packets_per_second = 4500;
  plan.budget = 50000;
  assert_text (tutti_plan_describe_packets (&plan),
               "2250 a second from each strip; the room’s server forwards 4500 of 50000");
}

static void
test_limits (void)
{
  TuttiPlan plan = { .wire = (char *) "tight" };

  for (int limit = TUTTI_PLAN_LIMIT_NONE; limit <= TUTTI_PLAN_LIMIT_OTHER; limit++) {
    g_autofree char *text = NULL;

    plan.limit = (TuttiPlanLimit) limit;
    text = tutti_plan_describe_limit (&plan, "Ana");
    g_assert_true (g_str_has_suffix (text, "."));
  }
  plan.limit = TUTTI_PLAN_LIMIT_UPLINK;
  assert_text (tutti_plan_describe_limit (&plan, "Ana"),
               "The line from Ana to the server carries no more.");
  assert_text (tutti_plan_describe_limit (&plan, NULL),
               "The line from somebody to the server carries no more.");
  assert_text (tutti_plan_describe_limit (NULL, NULL),
               "This room cannot plan with quicker formats.");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/plan-text/format", test_format);
  g_test_add_func ("/ui/plan-text/copies", test_copies);
  g_test_add_func ("/ui/plan-text/limits", test_limits);
  return g_test_run ();
}
