/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-delay.h"

G_BEGIN_DECLS

/**
 * TuttiDelayCause: what is most in the way of playing in time with somebody
 * @TUTTI_DELAY_CAUSE_UNKNOWN: not measured yet
 * @TUTTI_DELAY_CAUSE_SILENT: no packets come
 * @TUTTI_DELAY_CAUSE_NONE: nothing worth a word
 * @TUTTI_DELAY_CAUSE_LOSS: packets get lost
 * @TUTTI_DELAY_CAUSE_LATE: packets come too late, so that sound has to be made up
 * @TUTTI_DELAY_CAUSE_JITTER: the wait for slow packets is long because they come unevenly
 * @TUTTI_DELAY_CAUSE_SAFE: the wait is long because our slider says so
 * @TUTTI_DELAY_CAUSE_NETWORK: the way is long
 * @TUTTI_DELAY_CAUSE_SENDER: their computer collects large blocks
 * @TUTTI_DELAY_CAUSE_OWN_BLOCK: ours does
 */
typedef enum {
  TUTTI_DELAY_CAUSE_UNKNOWN,
  TUTTI_DELAY_CAUSE_SILENT,
  TUTTI_DELAY_CAUSE_NONE,
  TUTTI_DELAY_CAUSE_LOSS,
  TUTTI_DELAY_CAUSE_LATE,
  TUTTI_DELAY_CAUSE_JITTER,
  TUTTI_DELAY_CAUSE_SAFE,
  TUTTI_DELAY_CAUSE_NETWORK,
  TUTTI_DELAY_CAUSE_SENDER,
  TUTTI_DELAY_CAUSE_OWN_BLOCK,
} TuttiDelayCause;

/**
 * TuttiDelayFacts:
 * @flowing: whether packets came within the last second
 * @stages: where the time goes; delay_ms negative: unknown
 * @jitter_ms: spread of arrivals
 * @loss_percent, @concealed_percent: over the last minute
 * @own_block_ms: what a cycle of our own graph lasts; 0 unknown
 * @bias: our slider, 0 tight … 1 safe
 */
typedef struct {
  gboolean flowing;
  TuttiDelayStages stages;
  double jitter_ms;
  double loss_percent;
  double concealed_percent;
  double own_block_ms;
  double bias;
} TuttiDelayFacts;

/* Pure. */
TuttiDelayCause tutti_delay_find_cause (const TuttiDelayFacts *facts);
char *tutti_delay_advise (TuttiDelayCause cause, const TuttiDelayFacts *facts, const char *name);
double tutti_delay_get_loss_percent (const TuttiDelayPoint *points, guint n);
double tutti_delay_get_concealed_percent (const TuttiDelayPoint *points, guint n);
char *tutti_delay_summarise (const TuttiDelayPoint *points, guint n);

G_END_DECLS
