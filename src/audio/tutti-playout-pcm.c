/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <string.h>

/* What no sound needs, 12 dB above full scale: damaged or hostile packets decode to millions. */
#define LOUDEST 4.0f

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

  /* Having gone back, the reader may have more before it than would have been written. */
  return MAX (TUTTI_PLAYOUT_PCM - TUTTI_PLAYOUT_KEEP, write - read) - (write - read);
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

/* Written so that what is not a number becomes silence. */
static inline float
tame (float value)
{
  if (!(value > -LOUDEST))
    return value <= -LOUDEST ? -LOUDEST : 0;
  return value < LOUDEST ? value : LOUDEST;
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
 * seam what went before is carried on for a millisecond and faded into what comes, in place.
 */
void
tutti_playout_append (TuttiPlayout *self, float *pcm, guint n_samples)
{
  guint channels = self->channels;
  guint32 write = atomic_load_explicit (&self->pcm.write, memory_order_relaxed);
  guint32 space = tutti_pcm_space (&self->pcm); /* once: it grows while we look */

  n_samples = MIN (n_samples, space);
  if (n_samples == 0)
    return;
  for (guint i = 0; i < n_samples * channels; i++)
    pcm[i] = tame (pcm[i]);
  if (self->seam_ahead)
    tutti_concealer_conceal (self->joiner, pcm, 1);
  tutti_concealer_join (self->joiner, pcm + (self->seam_ahead ? channels : 0),
                        n_samples - (self->seam_ahead ? 1 : 0));
  self->seam_ahead = FALSE;
  for (guint i = 0; i < n_samples; i++) {
    float gain = self->envelope == self->envelope_target ? self->envelope : next_envelope (self);

    for (guint c = 0; c < channels; c++)
      self->pcm.samples[c][(write + i) & TUTTI_PLAYOUT_MASK] = pcm[i * channels + c] * gain;
  }
  atomic_store_explicit (&self->pcm.write, write + n_samples, memory_order_release);
}
