/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <string.h>

static void
copy_samples (TuttiPlayout *self, guint channel, guint32 from, guint n, float *to)
{
  guint32 at = from & TUTTI_PLAYOUT_MASK;
  guint first = MIN (n, TUTTI_PLAYOUT_PCM - at);
  const float *samples = self->pcm.samples[channel];

  memcpy (to, samples + at, first * sizeof (float));
  memcpy (to + first, samples, (n - first) * sizeof (float));
}

/* @n_samples from position @at on, into @out. */
static void
resample (TuttiPlayout *self, guint channel, guint32 at, float *out, guint n_samples, double ratio)
{
  guint n = TUTTI_RESAMPLER_BACK + (guint) (self->frac + n_samples * ratio) + TUTTI_PLAYOUT_AHEAD;

  g_assert (n <= G_N_ELEMENTS (self->window));
  copy_samples (self, channel, at - TUTTI_RESAMPLER_BACK, n, self->window);
  tutti_resampler_read (self->window + TUTTI_RESAMPLER_BACK, self->frac, ratio, out, n_samples);
}

static void
join (TuttiPlayout *self, float *const *planes, guint n_samples)
{
  guint n = MIN (n_samples, self->join_left);

  for (guint i = 0; i < n; i++) {
    float old = (float) self->join_left-- / (float) TUTTI_PLAYOUT_JOIN;

    for (guint c = 0; c < self->channels; c++)
      planes[c][i] += (self->join_from[c] - planes[c][i]) * old;
  }
}

/* Fades from where the sound went on before into where it goes on now. */
static void
fade (TuttiPlayout *self, float *const *planes, guint32 read, guint n_samples, double ratio)
{
  guint n = MIN (n_samples, self->fade_left);
  guint done = self->fade_length - self->fade_left;

  for (guint c = 0; c < self->channels; c++) {
    resample (self, c, read + (guint32) self->fade_shift, self->faded, n, ratio);
    for (guint i = 0; i < n; i++) {
      float x = ((float) (done + i) + 0.5f) / (float) self->fade_length;
      float before, after;

      tutti_stretch_weigh (x, self->fade_similarity, &before, &after);
      planes[c][i] = planes[c][i] * after + self->faded[i] * before;
    }
  }
  self->fade_left -= n;
}

/*
 * tutti_playout_read:
 *
 * Plays @n_samples, of which floor (frac + n_samples · ratio) + AHEAD must be decoded.
 */
void
tutti_playout_read (TuttiPlayout *self, float *const *planes, guint n_samples, double ratio)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);
  double end = self->frac + n_samples * ratio;

  for (guint c = 0; c < self->channels; c++)
    resample (self, c, read, planes[c], n_samples, ratio);
  if (self->fade_left > 0)
    fade (self, planes, read, n_samples, ratio);
  self->frac = end - (guint) end;
  read += (guint32) end;
  atomic_store_explicit (&self->pcm.read, read, memory_order_release);
  if ((gint32) (read - self->furthest) > 0)
    self->furthest = read;

  if (self->join_left > 0)
    join (self, planes, n_samples);
  for (guint c = 0; c < self->channels; c++)
    self->last_out[c] = planes[c][n_samples - 1];
}

void
tutti_playout_skip (TuttiPlayout *self, guint n_samples)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);
  guint32 filled = tutti_pcm_filled (&self->pcm);
  guint32 n = MIN (n_samples, filled);

  atomic_store_explicit (&self->pcm.read, read + n, memory_order_release);
  self->fade_left = 0;
  memcpy (self->join_from, self->last_out, sizeof self->join_from);
  self->join_left = TUTTI_PLAYOUT_JOIN;
}

/*
 * tutti_playout_bridge:
 *
 * Without the lease and with too little decoded: the last value dies away, and what comes next is
 * joined to it.
 */
void
tutti_playout_bridge (TuttiPlayout *self, float *const *planes, guint n_samples)
{
  self->fade_left = 0;
  for (guint c = 0; c < self->channels; c++) {
    for (guint i = 0; i < n_samples; i++)
      planes[c][i] = i < TUTTI_PLAYOUT_JOIN
                         ? self->last_out[c] * (1 - (float) (i + 1) / TUTTI_PLAYOUT_JOIN)
                         : 0;
    self->last_out[c] = planes[c][n_samples - 1];
    self->join_from[c] = self->last_out[c];
  }
  self->join_left = TUTTI_PLAYOUT_JOIN;
  self->debt += n_samples;
}

/* How many samples behind the read position are still there. */
guint
tutti_playout_get_past (const TuttiPlayout *self)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);
  gint32 back = (gint32) (self->furthest - read);

  return TUTTI_PLAYOUT_KEEP - (guint) CLAMP (back, 0, TUTTI_PLAYOUT_KEEP);
}

void
tutti_playout_move (TuttiPlayout *self, gint32 shift, guint n_fade, float similarity)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);

  if ((gint32) (read - self->furthest) > 0)
    self->furthest = read;
  atomic_store_explicit (&self->pcm.read, read + (guint32) shift, memory_order_release);
  self->fade_shift = -shift;
  self->fade_left = n_fade;
  self->fade_length = n_fade;
  self->fade_similarity = similarity;
}

/* The sum of the channels around the read position, @past samples before and @n from it on. */
void
tutti_playout_copy_sound (TuttiPlayout *self, guint past, guint n)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);

  g_assert (past + n <= G_N_ELEMENTS (self->sound));
  copy_samples (self, 0, read - past, past + n, self->sound);
  for (guint i = 0; i < past + n && self->channels == 2; i++)
    /* Not quite the sum, or what is in one channel only the other way round would be silent. */
    self->sound[i] += 0.7f * self->pcm.samples[1][(read - past + i) & TUTTI_PLAYOUT_MASK];
}
