/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay-advice.h"

#include "tutti-i18n.h"

/* Below this, musicians do not feel a delay more than the width of a stage. */
#define COMFORTABLE_MS 15.0
/* A stage that costs less beyond what it has to is not worth a sentence. */
#define WORTH_MS         3.0
#define AUDIBLE_PERCENT  1.0
#define LATE_PERCENT     0.5
#define GOOD_NETWORK_MS  4.0
#define GOOD_SENDER_MS   4.5
#define GOOD_BLOCK_MS    1.4
#define GOOD_WAIT_MS     2.0
#define SAFE_BIAS        0.6
#define JITTERS_PER_WAIT 4.0

typedef struct {
  TuttiDelayCause cause;
  double ms; /* beyond what a good one costs */
} Excess;

static double
get_wait_ms (const TuttiDelayFacts *facts)
{
  return MAX (facts->stages.playout_ms - facts->own_block_ms, 0.0);
}

/* What waits here does so because packets come unevenly, or because we asked for it. */
static TuttiDelayCause
get_wait_cause (const TuttiDelayFacts *facts)
{
  gboolean more_than_needed = get_wait_ms (facts) > JITTERS_PER_WAIT * facts->jitter_ms;

  return facts->bias >= SAFE_BIAS && more_than_needed ? TUTTI_DELAY_CAUSE_SAFE
                                                      : TUTTI_DELAY_CAUSE_JITTER;
}

static TuttiDelayCause
find_longest (const TuttiDelayFacts *facts)
{
  const TuttiDelayStages *stages = &facts->stages;
  Excess excesses[] = {
    { TUTTI_DELAY_CAUSE_NETWORK, stages->network_ms - GOOD_NETWORK_MS },
    { TUTTI_DELAY_CAUSE_SENDER, stages->capture_ms + stages->encode_ms - GOOD_SENDER_MS },
    { TUTTI_DELAY_CAUSE_OWN_BLOCK, facts->own_block_ms - GOOD_BLOCK_MS },
    { get_wait_cause (facts), get_wait_ms (facts) - GOOD_WAIT_MS },
  };
  Excess longest = { TUTTI_DELAY_CAUSE_NONE, WORTH_MS };

  for (guint i = 0; i < G_N_ELEMENTS (excesses); i++)
    if (excesses[i].ms >= longest.ms)
      longest = excesses[i];
  return longest.cause;
}

/**
 * tutti_delay_find_cause:
 * @facts: what is known of one musician's sound
 *
 * What is heard as dropouts comes first: a short delay is no good with holes in it. Then the stage
 * that costs most beyond what a good one would.
 */
TuttiDelayCause
tutti_delay_find_cause (const TuttiDelayFacts *facts)
{
  if (!facts->flowing)
    return TUTTI_DELAY_CAUSE_SILENT;
  if (facts->loss_percent >= AUDIBLE_PERCENT)
    return TUTTI_DELAY_CAUSE_LOSS;
  if (facts->concealed_percent >= LATE_PERCENT)
    return TUTTI_DELAY_CAUSE_LATE;
  if (facts->stages.delay_ms < 0)
    return TUTTI_DELAY_CAUSE_UNKNOWN;
  if (facts->stages.delay_ms <= COMFORTABLE_MS || !facts->stages.split)
    return TUTTI_DELAY_CAUSE_NONE;
  return find_longest (facts);
}

/* Without stages there is only the sum to speak of. */
static char *
describe_sum (const TuttiDelayFacts *facts)
{
  if (facts->stages.delay_ms > COMFORTABLE_MS)
    return facts->stages.split
               ? g_strdup (_ ("No stage stands out: each takes a little more than it might."))
               : g_strdup (_ ("Where the time goes is not known for this musician."));
  return g_strdup (_ ("All is well: this is as close as a few metres on a stage."));
}

static char *
advise_wait (TuttiDelayCause cause, const TuttiDelayFacts *facts)
{
  if (cause == TUTTI_DELAY_CAUSE_SAFE)
    return g_strdup_printf (_ ("%.1f ms are spent waiting because the slider below stands towards "
                               "safe. Move it towards tight."),
                            get_wait_ms (facts));
  return g_strdup_printf (
      _ ("Packets come unevenly, as they do over Wi-Fi, and waiting for the slow "
         "ones takes %.1f ms. Use a network cable, here and there."),
      get_wait_ms (facts));
}

/**
 * tutti_delay_advise:
 * @cause: of tutti_delay_find_cause()
 * @facts: what it was found from
 * @name: whose sound it is
 *
 * Returns: (transfer full): which stage is the problem and what to do, for people
 */
char *
tutti_delay_advise (TuttiDelayCause cause, const TuttiDelayFacts *facts, const char *name)
{
  switch (cause) {
  case TUTTI_DELAY_CAUSE_SILENT:
    return g_strdup_printf (_ ("Nothing comes from %s at the moment."), name);
  case TUTTI_DELAY_CAUSE_UNKNOWN:
    return g_strdup (_ ("The delay is still being measured."));
  case TUTTI_DELAY_CAUSE_LOSS:
    return g_strdup_printf (_ ("%.1f %% of the packets get lost on the way. Use a network cable "
                               "in place of Wi-Fi, and stop downloads, here and there."),
                            facts->loss_percent);
  case TUTTI_DELAY_CAUSE_LATE:
    return g_strdup (_ ("Some packets come too late to be played. Move the slider below towards "
                        "safe, and use a network cable in place of Wi-Fi."));
  case TUTTI_DELAY_CAUSE_JITTER:
  case TUTTI_DELAY_CAUSE_SAFE:
    return advise_wait (cause, facts);
  case TUTTI_DELAY_CAUSE_NETWORK:
    return g_strdup_printf (_ ("The network takes the most, %.1f ms: the way is long. A room on a "
                               "server between you would shorten it."),
                            facts->stages.network_ms);
  case TUTTI_DELAY_CAUSE_SENDER:
    return g_strdup_printf (_ ("The computer of %s takes the most, %.1f ms, before anything is "
                               "sent. A smaller block size in their sound check helps."),
                            name, facts->stages.capture_ms + facts->stages.encode_ms);
  case TUTTI_DELAY_CAUSE_OWN_BLOCK:
    return g_strdup_printf (_ ("Your own computer plays in blocks of %.1f ms. Choose a smaller "
                               "block size in the sound check."),
                            facts->own_block_ms);
  case TUTTI_DELAY_CAUSE_NONE:
  default:
    return describe_sum (facts);
  }
}

/**
 * tutti_delay_get_loss_percent:
 *
 * Returns: the mean over @points; 0 without any
 */
double
tutti_delay_get_loss_percent (const TuttiDelayPoint *points, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += MAX (points[i].loss_percent, 0.0);
  return n ? sum / n : 0;
}

/**
 * tutti_delay_get_concealed_percent:
 *
 * Returns: the mean over @points; 0 without any
 */
double
tutti_delay_get_concealed_percent (const TuttiDelayPoint *points, guint n)
{
  double sum = 0;

  for (guint i = 0; i < n; i++)
    sum += MAX (points[i].concealed_percent, 0.0);
  return n ? sum / n : 0;
}

/**
 * tutti_delay_summarise:
 * @points: oldest first
 *
 * Returns: (transfer full): what a plot of them shows, in words
 */
char *
tutti_delay_summarise (const TuttiDelayPoint *points, guint n)
{
  double low = G_MAXDOUBLE, high = -1, last = -1;
  guint gaps = 0;
  g_autofree char *range = NULL;

  for (guint i = 0; i < n; i++) {
    gaps += points[i].concealed_percent > 0;
    if (points[i].delay_ms < 0)
      continue;
    last = points[i].delay_ms;
    low = MIN (low, last);
    high = MAX (high, last);
  }
  if (last < 0)
    return g_strdup (_ ("Nothing was measured in the last minute."));
  range = g_strdup_printf (_ ("Between %.1f and %.1f ms, %.1f ms now."), low, high, last);
  if (gaps == 0)
    return g_strdup_printf (_ ("%s No sound was made up."), range);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "%s Sound was made up in %u second.",
                                       "%s Sound was made up in %u seconds.", gaps),
                          range, gaps);
}
