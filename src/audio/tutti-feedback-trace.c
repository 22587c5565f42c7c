/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-feedback-trace.h"

#include <math.h>
#include <string.h>

/* Hops until the first level is whole */
#define SETTLED 4
/* What was turned up must have come round for so many hops. */
#define AFTER 6
/* The longest way round, 224 ms */
#define MAX_LAG 84
/* Levels are compared down to this much below the first. */
#define DEPTH_DB 30.0f
/* So close to the highest level the input may have clipped. */
#define NEAR_DB 1.0f

static void
band_start (TuttiFeedbackBand *self, double frequency)
{
  memset (self, 0, sizeof *self);
  self->cosine = 1;
  self->step_cosine = (float) cos (2 * G_PI * frequency);
  self->step_sine = (float) sin (2 * G_PI * frequency);
}

void
tutti_feedback_trace_start (TuttiFeedbackTrace *self, double frequency)
{
  band_start (&self->mixed, frequency);
  band_start (&self->played, frequency);
  self->lowest = -90;
  self->let_go = G_MAXUINT;
}

void
tutti_feedback_trace_let_go (TuttiFeedbackTrace *self)
{
  self->let_go = self->played.n_hops;
}

/* Takes no more than the hop needs, and returns how many samples those were. */
static guint
band_add (TuttiFeedbackBand *self, const float *left, const float *right, guint n_samples)
{
  guint n = MIN (n_samples, TUTTI_FEEDBACK_HOP - self->filled);
  guint at = self->n_hops % G_N_ELEMENTS (self->re);
  float cosine = self->cosine, sine = self->sine;
  float re = 0, im = 0;

  for (guint i = 0; i < n; i++) {
    float value = 0.5f * (left[i] + right[i]);
    float turned = cosine * self->step_cosine - sine * self->step_sine;

    value = fabsf (value) < 1e6f ? value : 0;
    re += value * cosine;
    im += value * sine;
    sine = cosine * self->step_sine + sine * self->step_cosine;
    cosine = turned;
  }
  self->cosine = cosine;
  self->sine = sine;
  self->re[at] += re;
  self->im[at] += im;
  self->filled += n;
  return n;
}

static void
band_end_hop (TuttiFeedbackBand *self, float lowest)
{
  /* A rotation in floats does not keep its length for long. */
  float length = sqrtf (self->cosine * self->cosine + self->sine * self->sine);
  float re = 0, im = 0;

  for (guint i = 0; i < G_N_ELEMENTS (self->re); i++) {
    re += self->re[i];
    im += self->im[i];
  }
  if (self->n_hops < TUTTI_FEEDBACK_HOPS)
    self->db[self->n_hops++] = MAX (10 * log10f (re * re + im * im + 1e-9f), lowest);
  self->re[self->n_hops % G_N_ELEMENTS (self->re)] = 0;
  self->im[self->n_hops % G_N_ELEMENTS (self->re)] = 0;
  self->filled = 0;
  self->cosine /= length;
  self->sine /= length;
}

void
tutti_feedback_trace_add_mixed (TuttiFeedbackTrace *self,
                                const float *left,
                                const float *right,
                                guint n_samples)
{
  for (guint done = 0; done < n_samples;) {
    done += band_add (&self->mixed, left + done, right + done, n_samples - done);
    if (self->mixed.filled < TUTTI_FEEDBACK_HOP)
      return;
    band_end_hop (&self->mixed, self->lowest);
    if (self->mixed.n_hops == SETTLED)
      self->lowest = self->mixed.db[SETTLED - 1] - DEPTH_DB;
  }
}

void
tutti_feedback_trace_add_played (TuttiFeedbackTrace *self,
                                 const float *left,
                                 const float *right,
                                 guint n_samples)
{
  for (guint done = 0; done < n_samples;) {
    done += band_add (&self->played, left + done, right + done, n_samples - done);
    if (self->played.filled == TUTTI_FEEDBACK_HOP)
      band_end_hop (&self->played, self->lowest);
  }
}

/* The mean square of the error at a delay of @lag hops. */
static float
misfit (const TuttiFeedbackTrace *self, guint lag, float most)
{
  const float *mixed = self->mixed.db + lag, *played = self->played.db;
  guint end = self->played.n_hops - lag, n = 0;
  float gain = 0, sum = 0;

  for (guint i = SETTLED; i < end; i++)
    if (mixed[i] < most - NEAR_DB) {
      gain += mixed[i] - played[i];
      n++;
    }
  if (n == 0)
    return INFINITY;
  gain /= (float) n;
  for (guint i = SETTLED; i < end; i++) {
    float expected = MIN (MAX (played[i] + gain, self->lowest), most);

    sum += (mixed[i] - expected) * (mixed[i] - expected);
  }
  return sum / (float) (end - SETTLED);
}

float
tutti_feedback_trace_get_error (const TuttiFeedbackTrace *self, float *spread)
{
  guint n = self->played.n_hops;
  float most = -INFINITY, least = INFINITY, sum = 0, squares = 0;

  *spread = 0;
  if (self->let_go >= n || self->let_go < SETTLED)
    return INFINITY;
  for (guint i = SETTLED; i < n; i++) {
    float level = self->mixed.db[i] - self->lowest;

    most = MAX (most, self->mixed.db[i]);
    sum += level;
    squares += level * level;
  }
  sum /= (float) (n - SETTLED);
  *spread = sqrtf (MAX (squares / (float) (n - SETTLED) - sum * sum, 0));
  for (guint lag = 1; lag <= MAX_LAG && lag + self->let_go + AFTER <= n; lag++) {
    float error = misfit (self, lag, most);

    least = MIN (least, error);
  }
  return sqrtf (least);
}
