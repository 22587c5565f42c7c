/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-delay-advice.h"

/* Two good computers on a quick line, far below what is felt. */
static TuttiDelayFacts
good_facts (void)
{
  return (TuttiDelayFacts) {
    .flowing = TRUE,
    .stages = { .delay_ms = 8,
                .capture_ms = 1.3,
                .encode_ms = 2.6,
                .network_ms = 1.5,
                .playout_ms = 2.6,
                .error_ms = 0.3,
                .split = TRUE },
    .jitter_ms = 0.2,
    .own_block_ms = 1.3,
  };
}

static void
sum_up (TuttiDelayFacts *facts)
{
  TuttiDelayStages *stages = &facts->stages;

  stages->delay_ms =
      stages->capture_ms + stages->encode_ms + stages->network_ms + stages->playout_ms;
}

static void
assert_cause (TuttiDelayFacts facts, TuttiDelayCause expected, const char *says)
{
  TuttiDelayCause cause = tutti_delay_find_cause (&facts);
  g_autofree char *text = tutti_delay_advise (cause, &facts, "Ana");

  g_assert_cmpint (cause, ==, expected);
  if (!strstr (text, says))
    g_error ("“%s” does not say “%s”", text, says);
}

static void
test_good (void)
{
  TuttiDelayFacts facts = good_facts ();

  assert_cause (facts, TUTTI_DELAY_CAUSE_NONE, "well");
  facts.flowing = FALSE;
  assert_cause (facts, TUTTI_DELAY_CAUSE_SILENT, "from Ana");
  facts.flowing = TRUE;
  facts.stages.delay_ms = -1;
  assert_cause (facts, TUTTI_DELAY_CAUSE_UNKNOWN, "measured");
  facts.stages.delay_ms = 40;
  facts.stages.split = FALSE;
  assert_cause (facts, TUTTI_DELAY_CAUSE_NONE, "not known");
}

static void
test_wifi (void)
{
  TuttiDelayFacts facts = good_facts ();

  facts.jitter_ms = 6;
  facts.stages.playout_ms = 22;
  facts.stages.network_ms = 5;
  sum_up (&facts);
  assert_cause (facts, TUTTI_DELAY_CAUSE_JITTER, "20.7 ms");
  assert_cause (facts, TUTTI_DELAY_CAUSE_JITTER, "network cable");
  /* The same wait on a line that does not need it: it is the slider's. */
  facts.jitter_ms = 0.3;
  facts.bias = 1;
  assert_cause (facts, TUTTI_DELAY_CAUSE_SAFE, "towards tight");
}

static void
test_far (void)
{
  TuttiDelayFacts facts = good_facts ();

  facts.stages.network_ms = 32;
  sum_up (&facts);
  assert_cause (facts, TUTTI_DELAY_CAUSE_NETWORK, "32.0 ms");
  facts.stages.network_ms = 6;
  facts.stages.playout_ms = 5;
  sum_up (&facts);
  assert_cause (facts, TUTTI_DELAY_CAUSE_NONE, "well");
}

static void
test_blocks (void)
{
  TuttiDelayFacts facts = good_facts ();

  facts.stages.capture_ms = 21.3;
  facts.stages.encode_ms = 4;
  sum_up (&facts);
  assert_cause (facts, TUTTI_DELAY_CAUSE_SENDER, "computer of Ana takes the most, 25.3 ms");

  facts = good_facts ();
  facts.own_block_ms = 21.3;
  facts.stages.playout_ms = 22;
  sum_up (&facts);
  assert_cause (facts, TUTTI_DELAY_CAUSE_OWN_BLOCK, "blocks of 21.3 ms");
}

static void
test_holes (void)
{
  TuttiDelayFacts facts = good_facts ();

  facts.stages.network_ms = 60;
  sum_up (&facts);
  facts.loss_percent = 3.4;
  facts.concealed_percent = 3;
  assert_cause (facts, TUTTI_DELAY_CAUSE_LOSS, "3.4 %");
  facts.loss_percent = 0.1;
  assert_cause (facts, TUTTI_DELAY_CAUSE_LATE, "towards safe");
  facts.concealed_percent = 0.1;
  assert_cause (facts, TUTTI_DELAY_CAUSE_NETWORK, "60.0 ms");
}

static void
test_summary (void)
{
  const TuttiDelayPoint points[] = {
    { 1, -1, 2, 0, 0 },
    { 2, 9.5, 2, 0, 0 },
    { 3, 12, 3, 4, 6 },
    { 4, 10, 3, 0, 0 },
  };
  g_autofree char *empty = tutti_delay_summarise (NULL, 0);
  g_autofree char *clean = tutti_delay_summarise (points, 2);
  g_autofree char *all = tutti_delay_summarise (points, 4);

  g_assert_cmpstr (empty, ==, "Nothing was measured in the last minute.");
  g_assert_cmpstr (clean, ==, "Between 9.5 and 9.5 ms, 9.5 ms now. No sound was made up.");
  g_assert_cmpstr (all, ==, "Between 9.5 and 12.0 ms, 10.0 ms now. Sound was made up in 1 second.");
  g_assert_cmpfloat (tutti_delay_get_loss_percent (points, 4), ==, 1.5);
  g_assert_cmpfloat (tutti_delay_get_concealed_percent (points, 4), ==, 1);
  g_assert_cmpfloat (tutti_delay_get_loss_percent (points, 0), ==, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/delay-advice/good", test_good);
  g_test_add_func ("/ui/delay-advice/wifi", test_wifi);
  g_test_add_func ("/ui/delay-advice/far", test_far);
  g_test_add_func ("/ui/delay-advice/blocks", test_blocks);
  g_test_add_func ("/ui/delay-advice/holes", test_holes);
  g_test_add_func ("/ui/delay-advice/summary", test_summary);
  return g_test_run ();
}
