/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-plan-text.h"

#include "tutti-audio-types.h"
#include "tutti-i18n.h"

/**
 * tutti_plan_describe_format:
 * @plan: (nullable): %NULL where the room has none
 *
 * Returns: (transfer full): how sound is sent, and how much of it in a packet
 */
char *
tutti_plan_describe_format (const TuttiPlan *plan)
{
  double ms;

  if (!plan)
    return g_strdup (_ ("Standard Opus, which every room and browser understands"));
  ms = plan->frame_samples * 1000.0 / TUTTI_SAMPLE_RATE;
  if (g_str_equal (plan->wire, "raw"))
    return g_strdup_printf (_ ("Uncompressed, %u bits, %.1f ms in a packet"), plan->bits, ms);
  if (g_str_equal (plan->wire, "tight"))
    return g_strdup_printf (_ ("Tight compression, %.1f ms in a packet"), ms);
  return g_strdup_printf (_ ("Opus, %.1f ms in a packet"), ms);
}

/**
 * tutti_plan_describe_packets:
 * @plan: (nullable): %NULL where the room has none
 *
 * Returns: (transfer full): packets a second of one strip, and what the server forwards in all
 */
char *
tutti_plan_describe_packets (const TuttiPlan *plan)
{
  if (!plan || plan->frame_samples == 0)
    return g_strdup ("–");
  return g_strdup_printf (_ ("%u a second from each strip; the room’s server forwards %u of %u"),
                          TUTTI_SAMPLE_RATE / plan->frame_samples *
                              (plan->distance == 0 ? 1 + plan->copies : 1),
                          plan->packets_per_second, plan->budget);
}

/**
 * tutti_plan_describe_copies:
 * @plan: (nullable): %NULL where the room has none
 *
 * Returns: (transfer full): whether and why sound is sent more than once
 */
char *
tutti_plan_describe_copies (const TuttiPlan *plan)
{
  if (!plan || plan->copies == 0)
    return g_strdup (_ ("Off: hardly any packet gets lost"));
  if (plan->distance == 0)
    return g_strdup_printf (
        g_dngettext (
            GETTEXT_PACKAGE,
            "On: each packet is sent %u more time at once, because some of yours get lost",
            "On: each packet is sent %u more times at once, because some of yours get lost",
            plan->copies),
        plan->copies);
  return g_strdup_printf (
      g_dngettext (
          GETTEXT_PACKAGE, "On: each packet repeats %u older one, because some of yours get lost",
          "On: each packet repeats %u older ones, because some of yours get lost", plan->copies),
      plan->copies);
}

/**
 * tutti_plan_describe_limit:
 * @plan: (nullable): %NULL where the room has none
 * @name: (nullable): of the musician whom it is about
 *
 * Returns: (transfer full): why the room is not quicker
 */
char *
tutti_plan_describe_limit (const TuttiPlan *plan, const char *name)
{
  g_autofree char *who = g_strdup (name && *name ? name : _ ("somebody"));

  if (!plan)
    return g_strdup (_ ("This room cannot plan with quicker formats."));
  switch (plan->limit) {
  case TUTTI_PLAN_LIMIT_NONE:
    return g_strdup (_ ("This is the quickest there is."));
  case TUTTI_PLAN_LIMIT_FORMATS:
    return g_strdup_printf (_ ("The program of %s knows no quicker format."), who);
  case TUTTI_PLAN_LIMIT_PACKETS:
    return g_strdup (_ ("So many musicians are here that the room’s server could not forward "
                        "more packets."));
  case TUTTI_PLAN_LIMIT_CLIENT:
    return g_strdup_printf (_ ("The computer of %s could not take more packets."), who);
  case TUTTI_PLAN_LIMIT_UPLINK:
    return g_strdup_printf (_ ("The line from %s to the server carries no more."), who);
  case TUTTI_PLAN_LIMIT_DOWNLINK:
    return g_strdup_printf (_ ("The line from the server to %s carries no more."), who);
  case TUTTI_PLAN_LIMIT_TRIAL:
    return g_strdup (_ ("The room is still finding out what the lines carry."));
  case TUTTI_PLAN_LIMIT_OTHER:
  default:
    return g_strdup (_ ("The room has a reason that this version does not know."));
  }
}
