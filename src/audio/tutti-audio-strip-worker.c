/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include "tutti-clock.h"

/* A hole of up to this is filled with silence, so that frames stay on their grid and the far end
 * need not conceal; after a longer one the stream goes on as after a pause. */
#define MAX_HOLE (TUTTI_SAMPLE_RATE / 10)
/* Silence is sent for this long after muting: the far end's concealment must have nothing to
 * repeat when packets stop. */
#define SILENT_SENT (TUTTI_SAMPLE_RATE / 10)

static gint64
samples_to_ns (gint64 samples)
{
  return samples * TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE;
}

static void
put_sample (float *to, guint to_channels, const float *from, guint from_channels)
{
  float left = from != NULL ? from[0] : 0;
  float right = from != NULL ? from[from_channels - 1] : 0;

  to[0] = to_channels == 1 && from_channels == 2 ? 0.5f * (left + right) : left;
  if (to_channels == 2)
    to[1] = right;
}

/* @samples NULL: silence */
static void
feed (TuttiStrip *self,
      TuttiStripCoder *coder,
      const float *samples,
      guint channels,
      guint32 timestamp,
      guint n_samples,
      gint64 ns)
{
  const TuttiAudioFormat *format = &coder->encoder->format;

  for (guint i = 0; i < n_samples; i++) {
    if (coder->filled == 0) {
      /* Frames begin on one grid for all destinations and formats. */
      if ((timestamp + i - self->start) % format->frame_samples != 0)
        continue;
      coder->timestamp = timestamp + i;
      coder->capture_ns = ns + samples_to_ns (i);
    }
    put_sample (&coder->pcm[coder->filled * format->channels], format->channels,
                samples != NULL ? &samples[i * channels] : NULL, channels);
    if (++coder->filled == format->frame_samples) {
      tutti_strip_send_frame (self, coder);
      coder->filled = 0;
    }
  }
}

static void
code_block (TuttiStrip *self, TuttiStripCoder *coder, const TuttiBlock *block, const float *samples)
{
  guint32 hole = block->timestamp - coder->next;

  if (coder->running && hole != 0) {
    if (hole <= MAX_HOLE)
      feed (self, coder, NULL, 1, coder->next, hole, block->cycle_ns - samples_to_ns (hole));
    else
      coder->filled = 0;
  }
  feed (self, coder, samples, block->channels, block->timestamp, block->n_samples, block->cycle_ns);
  coder->started = TRUE;
  coder->running = TRUE;
  coder->next = block->timestamp + block->n_samples;
}

static gboolean
is_used (const TuttiStrip *self, const TuttiStripCoder *coder)
{
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++)
    if (self->destinations[i].coder == coder || self->destinations[i].leaving == coder)
      return TRUE;
  return FALSE;
}

/* Nothing is sent any more. No format need overlap another in silence. */
static void
pause_coders (TuttiStrip *self)
{
  for (guint i = 0; i < TUTTI_N_CODERS && self->coders[i] != NULL; i++) {
    self->coders[i]->filled = 0;
    self->coders[i]->running = FALSE;
  }
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++)
    self->destinations[i].leaving = NULL;
}

/* @newest: no block waits behind this one. A coder that begins does so with the newest: frames of
 * what has been waiting would go out late. */
static void
code_block_everywhere (TuttiStrip *self,
                       const TuttiBlock *block,
                       const float *samples,
                       gboolean newest)
{
  for (guint i = 0; i < TUTTI_N_CODERS && self->coders[i] != NULL; i++) {
    TuttiStripCoder *coder = self->coders[i];

    if ((coder->started || newest) && is_used (self, coder))
      code_block (self, coder, block, samples);
  }
}

static void
set_wake (TuttiStrip *self, guint32 now)
{
  gint32 soonest = G_MAXINT32;

  for (guint i = 0; i < TUTTI_N_CODERS && self->coders[i] != NULL; i++) {
    TuttiStripCoder *coder = self->coders[i];

    if (is_used (self, coder))
      soonest = MIN (soonest, (gint32) (coder->encoder->format.frame_samples - coder->filled));
  }
  if (soonest != G_MAXINT32)
    atomic_store_explicit (&self->wake_at, now + (guint32) soonest, memory_order_relaxed);
}

/* Encodes and sends everything that the real-time thread handed on. */
void
tutti_strip_work (TuttiStrip *self)
{
  float samples[TUTTI_MAX_QUANTUM * TUTTI_MAX_CHANNELS];
  TuttiBlock block;

  while (tutti_ring_read (&self->blocks, &block, sizeof block)) {
    tutti_ring_read (&self->blocks, samples,
                     (gsize) block.n_samples * block.channels * sizeof (float));
    self->silent_sent = block.silent ? self->silent_sent + block.n_samples : 0;
    if (self->silent_sent > SILENT_SENT) {
      self->silent_sent = SILENT_SENT + 1;
      pause_coders (self);
    } else {
      code_block_everywhere (self, &block, samples, tutti_ring_read_space (&self->blocks) == 0);
    }
    self->worked = block.timestamp + block.n_samples;
    set_wake (self, self->worked);
  }
}
