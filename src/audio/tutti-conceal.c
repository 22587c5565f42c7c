/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-conceal.h"

#include <math.h>
#include <string.h>

#include "tutti-audio-types.h"
#include "tutti-predictor.h"

#define HISTORY 2048 /* a power of two */
#define MASK    (HISTORY - 1)
/* From here on it gets quieter, and here it is silent, in samples. */
#define HOLD 480
#define END  4800
/* Samples of the fade into what is real again. */
#define JOIN 64
/* What is invented gets no louder than that times the peak of what was heard: of a sound that
 * repeats exactly the prediction's poles lie so close to the unit circle that it may grow. */
#define LOUDEST 1.5f

G_STATIC_ASSERT (HISTORY >= TUTTI_PREDICTOR_PAST);

struct _TuttiConcealer {
  guint channels;
  guint position; /* in history, of the next sample */
  guint lost;     /* samples invented since the last real one */
  guint joined;   /* samples of the fade that are done; not 0: the predictors are ahead */
  TuttiPredictor predictors[TUTTI_MAX_CHANNELS];
  float loudest[TUTTI_MAX_CHANNELS];
  float history[TUTTI_MAX_CHANNELS][HISTORY];
};

TuttiConcealer *
tutti_concealer_new (guint channels)
{
  TuttiConcealer *self = g_new0 (TuttiConcealer, 1);

  tutti_predictor_prepare ();
  self->channels = MIN (channels, TUTTI_MAX_CHANNELS);
  return self;
}

void
tutti_concealer_free (TuttiConcealer *self)
{
  g_free (self);
}

void
tutti_concealer_reset (TuttiConcealer *self)
{
  memset (self->history, 0, sizeof self->history);
  self->lost = 0;
  self->joined = 0;
}

gboolean
tutti_concealer_is_lost (const TuttiConcealer *self)
{
  return self->lost > 0;
}

static void
remember (TuttiConcealer *self, const float *pcm, guint n_samples)
{
  for (guint i = 0; i < n_samples; i++) {
    for (guint c = 0; c < self->channels; c++)
      self->history[c][self->position & MASK] = pcm[i * self->channels + c];
    self->position++;
  }
}

static void
analyse (TuttiConcealer *self)
{
  float past[TUTTI_PREDICTOR_PAST];
  guint from = self->position - TUTTI_PREDICTOR_PAST;

  for (guint c = 0; c < self->channels; c++) {
    float peak = 0;

    for (guint i = 0; i < TUTTI_PREDICTOR_PAST; i++) {
      past[i] = self->history[c][(from + i) & MASK];
      peak = MAX (peak, fabsf (past[i]));
    }
    self->loudest[c] = LOUDEST * peak;
    tutti_predictor_train (&self->predictors[c], past);
  }
}

static float
get_gain (guint lost)
{
  float x;

  if (lost <= HOLD)
    return 1;
  if (lost >= END)
    return 0;
  x = (float) (END - lost) / (END - HOLD);
  return x * x;
}

static float
foretell (TuttiConcealer *self, guint channel)
{
  float loudest = self->loudest[channel];
  float value = tutti_predictor_next (&self->predictors[channel]);

  return CLAMP (value, -loudest, loudest);
}

static void
invent (TuttiConcealer *self, float *pcm, guint n_samples)
{
  for (guint i = 0; i < n_samples; i++) {
    float gain = get_gain (self->lost);

    if (self->lost < END)
      self->lost++;
    for (guint c = 0; c < self->channels; c++)
      *pcm++ = gain > 0 ? gain * foretell (self, c) : 0;
  }
}

/* The part of what is real, @done of @length into a fade. */
static float
get_part (guint done, guint length)
{
  float x = ((float) done + 0.5f) / (float) length;

  return x * x * (3 - 2 * x);
}

static void
fade_frame (float *real, const float *invented, float part, guint channels)
{
  for (guint c = 0; c < channels; c++)
    real[c] = real[c] * part + invented[c] * (1 - part);
}

void
tutti_concealer_hear (TuttiConcealer *self, const float *invented, float *pcm, guint n_samples)
{
  if (invented != NULL)
    for (guint i = 0, at = 0; i < n_samples; i++, at += self->channels)
      fade_frame (pcm + at, invented + at, get_part (i, n_samples), self->channels);
  self->lost = 0;
  self->joined = 0;
  remember (self, pcm, n_samples);
}

void
tutti_concealer_join (TuttiConcealer *self, float *pcm, guint n_samples)
{
  guint n = self->lost > 0 ? MIN (n_samples, JOIN - self->joined) : 0;
  float invented[JOIN * TUTTI_MAX_CHANNELS];

  invent (self, invented, n);
  for (guint i = 0, at = 0; i < n; i++, at += self->channels)
    fade_frame (pcm + at, invented + at, get_part (self->joined++, JOIN), self->channels);
  if (self->joined == JOIN) {
    self->lost = 0;
    self->joined = 0;
  }
  remember (self, pcm, n_samples);
}

void
tutti_concealer_conceal (TuttiConcealer *self, float *pcm, guint n_samples)
{
  /* In the middle of a fade, too: what was heard last is what it goes on from. */
  if (self->lost == 0 || self->joined > 0) {
    analyse (self);
    self->lost = 0;
    self->joined = 0;
  }
  invent (self, pcm, n_samples);
  remember (self, pcm, n_samples);
}

void
tutti_concealer_look_ahead (TuttiConcealer *self, float *pcm, guint n_samples)
{
  invent (self, pcm, n_samples);
  /* Should what comes next be lost, too, then conceal() has to begin anew where we were. */
  self->joined = 1;
}

void
tutti_concealer_get_last (const TuttiConcealer *self, float *pcm, guint n_samples)
{
  for (guint i = 0; i < n_samples; i++)
    for (guint c = 0; c < self->channels; c++)
      *pcm++ = self->history[c][(self->position - n_samples + i) & MASK];
}
