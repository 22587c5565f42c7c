/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <math.h>

/* Within the filter's look-ahead and the regulator's error everything is in time, in samples. */
#define MARGIN 2
/* The target falls by 2 ms a second, and what it is too high in a second. */
#define FALL      0.002
#define FALL_TIME TUTTI_SAMPLE_RATE
/* A musician hears half a percent only as a slightly warm tone. Faster (when the delay is too
 * long) there is no hurry. */
#define MAX_SLOWER 0.005
#define MAX_FASTER 0.003
/* Correction per sample of error: a time constant of 0.4 s; of 0.15 s where the delay is too short.
 */
#define CORRECTION      5e-5
#define CORRECTION_LACK 1.4e-4
/* The correction itself is smoothed over 50 ms. */
#define SMOOTHING 2400.0
#define DEAD_BAND 0.5
/* Averaged over 10 s the correction is the drift of the clocks. */
#define DRIFT_TIME (10.0 * TUTTI_SAMPLE_RATE)
/* From this error on the sound is stretched, in samples. */
#define STRETCH_FROM 120
/* Between two moves towards a shorter delay, 150 ms; when it is far too long (20 ms) 60 ms. */
#define CALM_PAUSE  7200
#define HURRY       960
#define HURRY_PAUSE 2880
/* Searching costs time: not more often than every 20 ms. */
#define SEARCH_PAUSE 960
/* How alike the sound must be to itself; the longer it is not, the less is asked. In the end, when
 * it is far too long, nothing: noise is never like itself, and does not mind. */
#define ALIKE       0.92
#define LEAST_ALIKE 0.5
#define PATIENCE    (2.0 * TUTTI_SAMPLE_RATE)
#define HURRIED     (0.3 * TUTTI_SAMPLE_RATE)
/* The shortest fade */
#define MIN_FADE 48

static double
extra_of_kinds (const TuttiPlayout *self)
{
  double extra = 0;

  for (guint i = 0; i < self->n_kinds; i++)
    extra = MAX (extra, self->kinds[i].extra);
  return extra;
}

void
tutti_playout_aim (TuttiPlayout *self, guint n_samples)
{
  float bias = atomic_load_explicit (&self->bias, memory_order_relaxed);
  double want;

  if (tutti_arrival_is_empty (&self->arrival))
    return;
  want = tutti_arrival_need (&self->arrival, bias, n_samples, self->cycle) + extra_of_kinds (self) +
         TUTTI_PLAYOUT_AHEAD + MARGIN;

  if (!self->has_target) {
    /* One packet says nothing about jitter: half a frame until more is known. */
    self->target = want + self->frame / 2.0;
    self->has_target = TRUE;
  } else if (want >= self->target) {
    self->target = want;
  } else if (self->cycle >= self->settle_end) {
    double fall = FALL * n_samples + (self->target - want) * n_samples / FALL_TIME;

    self->target -= MIN (self->target - want, fall);
  }
}

static double
alike_enough (TuttiPlayout *self, double patience, double least)
{
  double waited;

  if (isnan (self->stretch_wanted))
    self->stretch_wanted = self->cycle;
  waited = (self->cycle - self->stretch_wanted) / patience;
  return MAX (ALIKE - (ALIKE - LEAST_ALIKE) * waited, least);
}

/* What is decoded already must reach as far as the sound is to be moved; frames that are here are
 * decoded for it, a cycle's worth and one more in a cycle. */
static guint
decoded_for (TuttiPlayout *self, guint n_samples, guint wanted)
{
  guint before = tutti_pcm_filled (&self->pcm);
  guint filled = before;

  while (filled < wanted && filled <= before + n_samples &&
         tutti_pcm_space (&self->pcm) >= TUTTI_MAX_FRAME_SAMPLES &&
         tutti_playout_decode_next (self))
    filled = tutti_pcm_filled (&self->pcm);
  return filled;
}

static void
accelerate (TuttiPlayout *self, guint n_samples, double error)
{
  guint needed = tutti_playout_needed (self, n_samples) + 2;
  guint most = (guint) MIN (error, TUTTI_STRETCH_MAX);
  guint wanted = most + MAX (TUTTI_STRETCH_FADE, needed) + 8;
  guint before = tutti_pcm_filled (&self->pcm);
  guint filled = decoded_for (self, n_samples, wanted);
  double alike = alike_enough (self, error > HURRY ? HURRIED : PATIENCE, 0);
  float similarity;
  guint shift;

  /* There is more to decode: in the next cycle. A low note's period must fit in. */
  if (filled < wanted && filled > before + n_samples)
    return;
  if (filled < TUTTI_STRETCH_MIN + MAX (TUTTI_STRETCH_FADE, needed))
    return;
  most = MIN (most, filled - MAX (TUTTI_STRETCH_FADE, needed));
  tutti_playout_copy_sound (self, TUTTI_STRETCH_PAST, TUTTI_STRETCH_FADE + most);
  shift = tutti_stretch_find (self->sound, TUTTI_STRETCH_PAST, TUTTI_STRETCH_FADE, FALSE,
                              TUTTI_STRETCH_MIN, most, &similarity);
  self->stretch_next = self->cycle + SEARCH_PAUSE;
  if (similarity < LEAST_ALIKE && alike == 0) {
    shift = most;
    similarity = 0;
  }
  if (shift == 0 || similarity < alike)
    return;
  tutti_playout_move (self, (gint32) shift, TUTTI_STRETCH_FADE, similarity);
  self->stats.accelerated_samples += shift;
  self->stretch_next = self->cycle + (error > HURRY ? HURRY_PAUSE : CALM_PAUSE);
  /* Noise is not asked again how much it minds. */
  if (similarity >= LEAST_ALIKE || error <= HURRY)
    self->stretch_wanted = NAN;
}

static void
expand (TuttiPlayout *self, guint n_samples, double lack)
{
  guint filled = decoded_for (self, n_samples, TUTTI_STRETCH_FADE + TUTTI_PLAYOUT_AHEAD);
  guint kept = tutti_playout_get_past (self);
  guint past = MAX (kept, TUTTI_RESAMPLER_BACK + TUTTI_STRETCH_PAST) -
               (TUTTI_RESAMPLER_BACK + TUTTI_STRETCH_PAST);
  guint most = (guint) MIN (MAX (1.5 * lack, 3 * TUTTI_STRETCH_MIN), MIN (past, TUTTI_STRETCH_MAX));
  double alike = alike_enough (self, HURRIED, LEAST_ALIKE);
  float similarity;
  guint n_fade, shift;

  if (filled < MIN_FADE + TUTTI_PLAYOUT_AHEAD + 1 || most < TUTTI_STRETCH_MIN)
    return;
  n_fade = MIN (filled - TUTTI_PLAYOUT_AHEAD - 1, TUTTI_STRETCH_FADE) / 4 * 4;
  tutti_playout_copy_sound (self, TUTTI_STRETCH_PAST + most, n_fade);
  shift = tutti_stretch_find (self->sound, TUTTI_STRETCH_PAST + most, n_fade, TRUE,
                              TUTTI_STRETCH_MIN, most, &similarity);
  self->stretch_next = self->cycle + SEARCH_PAUSE;
  if (shift == 0 || similarity < alike)
    return;
  tutti_playout_move (self, -(gint32) shift, n_fade, similarity);
  self->stats.expanded_samples += shift;
  /* What was repeated is heard once before it may be again. */
  self->stretch_next = self->cycle + MAX (shift + n_fade, SEARCH_PAUSE);
  self->stretch_wanted = NAN;
}

/* Whole periods are left out or played twice, where the sound allows it. Not where it is invented.
 */
static void
stretch (TuttiPlayout *self, guint n_samples, double error)
{
  if (fabs (error) < STRETCH_FROM) {
    self->stretch_wanted = NAN;
    return;
  }
  /* A loss now and then must not let the patience begin anew each time. */
  if (self->concealed_run > 0 || self->fade_left > 0 || self->cycle < self->stretch_next ||
      self->debt >= 1)
    return;
  if (error < 0)
    expand (self, n_samples, -error);
  else if (self->cycle >= self->settle_end)
    accelerate (self, n_samples, error);
}

static void
resample (TuttiPlayout *self, guint n_samples, double error)
{
  double want = 1;

  if (fabs (error) > DEAD_BAND)
    want += CLAMP (error * (error < 0 ? CORRECTION_LACK : CORRECTION), -MAX_SLOWER,
                   self->cycle >= self->settle_end ? MAX_FASTER : 0);
  self->ratio += (want - self->ratio) * MIN (1, n_samples / SMOOTHING);
  /* Exactly one costs less. */
  if (want == 1 && fabs (self->ratio - 1) < 1e-6)
    self->ratio = 1;
  self->drift += ((1 - self->ratio) * TUTTI_SAMPLE_RATE - self->drift) * n_samples / DRIFT_TIME;
}

void
tutti_playout_steer (TuttiPlayout *self, guint n_samples)
{
  double error = tutti_playout_delay (self) - self->debt - self->target;

  stretch (self, n_samples, error);
  resample (self, n_samples, error);
  self->since_start += n_samples;
}
