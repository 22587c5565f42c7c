/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <string.h>

void
tutti_pcm_init (TuttiPcm *self, guint channels)
{
  self->channels = channels;
  for (guint c = 0; c < channels; c++) {
    self->samples[c] = g_new (float, TUTTI_PLAYOUT_PCM);
    memset (self->samples[c], 0, TUTTI_PLAYOUT_PCM * sizeof (float));
  }
  atomic_init (&self->write, 0);
  atomic_init (&self->read, 0);
}

void
tutti_pcm_clear (TuttiPcm *self)
{
  for (guint c = 0; c < TUTTI_MAX_CHANNELS; c++)
    g_clear_pointer (&self->samples[c], g_free);
}

guint32
tutti_pcm_filled (const TuttiPcm *self)
{
  guint32 write = atomic_load_explicit (&self->write, memory_order_acquire);

  return write - atomic_load_explicit (&self->read, memory_order_relaxed);
}

guint32
tutti_pcm_space (const TuttiPcm *self)
{
  guint32 read = atomic_load_explicit (&self->read, memory_order_acquire);
  guint32 write = atomic_load_explicit (&self->write, memory_order_relaxed);

  return TUTTI_PLAYOUT_PCM - TUTTI_PLAYOUT_KEEP - (write - read);
}

void
tutti_pcm_silence (TuttiPcm *self, guint n_samples)
{
  guint32 write = atomic_load_explicit (&self->write, memory_order_relaxed);
  guint32 space = tutti_pcm_space (self); /* once: it grows while we look */

  n_samples = MIN (n_samples, space);
  for (guint i = 0; i < n_samples; i++)
    for (guint c = 0; c < self->channels; c++)
      self->samples[c][(write + i) & TUTTI_PLAYOUT_MASK] = 0;
  atomic_store_explicit (&self->write, write + n_samples, memory_order_release);
}

void
tutti_pcm_cut (TuttiPcm *self, guint n_samples)
{
  guint32 read = atomic_load_explicit (&self->read, memory_order_relaxed);
  guint32 filled = tutti_pcm_filled (self);
  guint32 n = MIN (filled, n_samples);

  for (guint32 i = 0; i < n; i++)
    for (guint c = 0; c < self->channels; c++)
      self->samples[c][(read + i) & TUTTI_PLAYOUT_MASK] *= (float) (n - 1 - i) / (float) n;
  atomic_store_explicit (&self->write, read + n, memory_order_release);
}

static float
next_envelope (TuttiPlayout *self)
{
  float value = self->envelope + self->envelope_step;

  if ((self->envelope_step > 0) == (value > self->envelope_target))
    value = self->envelope_target;
  self->envelope = value;
  return value;
}

/*
 * tutti_playout_append:
 *
 * Lease's holder. Hands interleaved samples to the real-time thread, through the envelope. At a
 * seam (a frame off the grid) the step is spread over a millisecond.
 */
void
tutti_playout_append (TuttiPlayout *self, const float *pcm, guint n_samples)
{
  guint channels = self->channels;
  guint32 write = atomic_load_explicit (&self->pcm.write, memory_order_relaxed);
  guint32 space = tutti_pcm_space (&self->pcm); /* once: it grows while we look */

  n_samples = MIN (n_samples, space);
  if (n_samples == 0)
    return;
  if (self->seam_ahead) {
    for (guint c = 0; c < channels; c++)
      self->seam[c] = self->last_in[c] - pcm[c];
    self->seam_left = TUTTI_PLAYOUT_JOIN;
    self->seam_ahead = FALSE;
  }
  for (guint i = 0; i < n_samples; i++) {
    float gain = self->envelope == self->envelope_target ? self->envelope : next_envelope (self);
    float seam = self->seam_left > 0 ? (float) self->seam_left-- / TUTTI_PLAYOUT_JOIN : 0;

    for (guint c = 0; c < channels; c++) {
      self->last_in[c] = pcm[i * channels + c] + self->seam[c] * seam;
      self->pcm.samples[c][(write + i) & TUTTI_PLAYOUT_MASK] = self->last_in[c] * gain;
    }
  }
  atomic_store_explicit (&self->pcm.write, write + n_samples, memory_order_release);
}

static void
copy_window (TuttiPlayout *self, guint channel, guint32 from, guint n)
{
  guint32 at = from & TUTTI_PLAYOUT_MASK;
  guint first = MIN (n, TUTTI_PLAYOUT_PCM - at);
  const float *samples = self->pcm.samples[channel];

  memcpy (self->window, samples + at, first * sizeof (float));
  memcpy (self->window + first, samples, (n - first) * sizeof (float));
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

/*
 * tutti_playout_read:
 *
 * Real-time thread. There must be enough decoded: floor (frac + n_samples · ratio) + AHEAD.
 */
void
tutti_playout_read (TuttiPlayout *self, float *const *planes, guint n_samples, double ratio)
{
  guint32 read = atomic_load_explicit (&self->pcm.read, memory_order_relaxed);
  guint behind = TUTTI_RESAMPLER_HALF - 1;
  double end = self->frac + n_samples * ratio;
  guint n = behind + (guint) end + TUTTI_PLAYOUT_AHEAD;

  g_assert (n <= G_N_ELEMENTS (self->window));
  for (guint c = 0; c < self->channels; c++) {
    copy_window (self, c, read - behind, n);
    tutti_resampler_read (self->window + behind, self->frac, ratio, planes[c], n_samples);
  }
  self->frac = end - (guint) end;
  atomic_store_explicit (&self->pcm.read, read + (guint32) end, memory_order_release);

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
  memcpy (self->join_from, self->last_out, sizeof self->join_from);
  self->join_left = TUTTI_PLAYOUT_JOIN;
}

/*
 * tutti_playout_bridge:
 *
 * Real-time thread without the lease and with too little decoded: the last value dies away, and
 * what comes next is joined to it.
 */
void
tutti_playout_bridge (TuttiPlayout *self, float *const *planes, guint n_samples)
{
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
