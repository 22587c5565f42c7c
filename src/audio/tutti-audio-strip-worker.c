/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include <string.h>

#include "tutti-clock.h"
#include "tutti-rtp.h"

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

void
tutti_strip_keep_sequence (TuttiStrip *self, const TuttiStripDestination *destination)
{
  guint at = 0;

  while (at < TUTTI_N_SEQUENCES &&
         !(self->sequences[at].used && self->sequences[at].ssrc == destination->ssrc))
    at++;
  if (at == TUTTI_N_SEQUENCES)
    at = self->next_sequence++ % TUTTI_N_SEQUENCES;
  self->sequences[at].used = TRUE;
  self->sequences[at].ssrc = destination->ssrc;
  self->sequences[at].next = destination->sequence;
}

guint16
tutti_strip_find_sequence (TuttiStrip *self, guint32 ssrc)
{
  for (guint i = 0; i < TUTTI_N_SEQUENCES; i++)
    if (self->sequences[i].used && self->sequences[i].ssrc == ssrc)
      return self->sequences[i].next;
  /* Kept below the middle, as RFC 3711 §3.3.1 advises for the first rollover. */
  return (guint16) g_random_int_range (0, 1 << 15);
}

static void
send_frame (TuttiStrip *self, TuttiStripCoder *coder)
{
  guint8 packet[TUTTI_MAX_RTP_SIZE];
  TuttiEncoder *encoder = coder->encoder;
  int size = encoder->klass->encode (encoder, coder->pcm, packet + TUTTI_RTP_HEADER_SIZE,
                                     sizeof packet - TUTTI_RTP_HEADER_SIZE);

  if (size < 0)
    return;
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    TuttiStripDestination *destination = &self->destinations[i];
    TuttiRtp rtp = {
      .payload_type = destination->payload_type,
      .sequence = destination->sequence,
      .timestamp = coder->timestamp,
      .ssrc = destination->ssrc,
      .payload = packet + TUTTI_RTP_HEADER_SIZE,
      .payload_size = (gsize) size,
    };

    if (destination->coder != coder)
      continue;
    destination->sequence++;
    self->done.packets++;
    destination->func (packet, tutti_rtp_write (packet, sizeof packet, &rtp),
                       destination->user_data);
  }
  self->done.rtp_timestamp = coder->timestamp;
  self->done.capture_ns = coder->capture_ns;
  tutti_seqlock_write (&self->progress, &self->done, sizeof self->done);
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
      send_frame (self, coder);
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
  coder->running = TRUE;
  coder->next = block->timestamp + block->n_samples;
}

static void
pause_coder (TuttiStripCoder *coder)
{
  if (coder == NULL)
    return;
  coder->filled = 0;
  coder->running = FALSE;
}

static void
set_wake (TuttiStrip *self, guint32 now)
{
  gint32 soonest = G_MAXINT32;

  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    TuttiStripCoder *coder = self->destinations[i].coder;

    if (coder != NULL)
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
    TuttiStripCoder *first = self->destinations[0].coder;
    TuttiStripCoder *second = self->destinations[1].coder;

    tutti_ring_read (&self->blocks, samples,
                     (gsize) block.n_samples * block.channels * sizeof (float));
    self->silent_sent = block.silent ? self->silent_sent + block.n_samples : 0;
    if (self->silent_sent > SILENT_SENT) {
      self->silent_sent = SILENT_SENT + 1;
      pause_coder (first);
      pause_coder (second);
    } else {
      if (first != NULL)
        code_block (self, first, &block, samples);
      if (second != NULL && second != first)
        code_block (self, second, &block, samples);
    }
    set_wake (self, block.timestamp + block.n_samples);
  }
}
