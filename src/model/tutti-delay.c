/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay.h"

#include <math.h>

#define SAMPLES_PER_MS 48.0
#define MAX_DELAY_MS   60000.0

G_DEFINE_BOXED_TYPE (TuttiDelayStages, tutti_delay_stages, tutti_delay_stages_copy, g_free)

TuttiDelayStages *
tutti_delay_stages_copy (const TuttiDelayStages *self)
{
  return g_memdup2 (self, sizeof *self);
}

/* From what happened to sample @from at @from_us to what happened to sample @to at @to_us, seen on
 * one and the same sample. RTP time wraps: the signed difference is right for ± 12 hours. */
static double
between (guint32 from, gint64 from_us, guint32 to, gint64 to_us)
{
  gint32 ahead = (gint32) (to - from);

  return (double) (to_us - from_us) / 1000.0 - ahead / SAMPLES_PER_MS;
}

double
tutti_delay_ms (const TuttiCaptureClock *capture,
                guint32 rtp_timestamp,
                gint64 playback_room_us,
                guint lookahead_samples)
{
  return between (capture->rtp_timestamp, capture->room_time_us, rtp_timestamp, playback_room_us) +
         lookahead_samples / SAMPLES_PER_MS;
}

gboolean
tutti_delay_measure (const TuttiDelayInput *input, TuttiDelayStages *stages)
{
  const TuttiCaptureClock *capture = &input->capture;
  double lookahead_ms = input->lookahead_samples / SAMPLES_PER_MS;
  double there, here;

  *stages = (TuttiDelayStages) { 0 };
  /* A sender that does not tell its error is taken to be as good as we are. */
  stages->error_ms = input->clock_error_ms +
                     (capture->error_us >= 0 ? capture->error_us / 1000.0 : input->clock_error_ms);
  stages->delay_ms = tutti_delay_ms (capture, input->playback.rtp_timestamp,
                                     input->playback.room_time_us, input->lookahead_samples);
  if (!(stages->delay_ms >= -stages->error_ms && stages->delay_ms <= MAX_DELAY_MS))
    return FALSE;

  if (capture->sent_us < 0 || input->arrival.room_time_us <= 0)
    return TRUE;

  there = (double) (capture->sent_us - capture->room_time_us) / 1000.0;
  here = between (input->arrival.rtp_timestamp, input->arrival.room_time_us,
                  input->playback.rtp_timestamp, input->playback.room_time_us);
  if (there < 0 || there > MAX_DELAY_MS || fabs (here) > MAX_DELAY_MS)
    return TRUE;

  stages->split = TRUE;
  stages->capture_ms = MIN (there, input->frame_samples / SAMPLES_PER_MS);
  stages->encode_ms = there - stages->capture_ms + lookahead_ms;
  stages->playout_ms = here;
  stages->network_ms = stages->delay_ms - there - lookahead_ms - here;

  return TRUE;
}

void
tutti_delay_history_add (TuttiDelayHistory *self, const TuttiDelayPoint *point)
{
  self->points[self->next] = *point;
  self->next = (self->next + 1) % TUTTI_DELAY_HISTORY;
  self->n = MIN (self->n + 1, TUTTI_DELAY_HISTORY);
}

guint
tutti_delay_history_get (const TuttiDelayHistory *self, TuttiDelayPoint *points, guint n)
{
  guint count = MIN (n, self->n);

  for (guint i = 0; i < count; i++)
    points[i] = self->points[(self->next + TUTTI_DELAY_HISTORY - count + i) % TUTTI_DELAY_HISTORY];

  return count;
}
