/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

static TuttiStripCoder *
coder_new (const TuttiAudioFormat *format, GError **error)
{
  TuttiEncoder *encoder = tutti_encoder_new (format, error);
  TuttiStripCoder *coder;

  if (encoder == NULL)
    return NULL;
  coder = g_new0 (TuttiStripCoder, 1);
  coder->encoder = encoder;
  return coder;
}

static void
coder_free (TuttiStripCoder *coder)
{
  tutti_encoder_free (coder->encoder);
  g_free (coder);
}

/* Main thread, which alone changes destinations: the coder that already makes @format, if any.
 * Opus frames build on one another, so only frames of one encoder can follow each other on
 * different roads. */
static TuttiStripCoder *
find_coder (TuttiStrip *self, const TuttiAudioFormat *format)
{
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    TuttiStripCoder *coder = self->destinations[i].coder;

    if (coder != NULL && tutti_audio_format_equal (&coder->encoder->format, format))
      return coder;
  }
  return NULL;
}

/* Main thread: puts @destination in place and takes down what stood there. */
static void
replace (TuttiAudioEngine *self, TuttiStrip *strip, guint index, TuttiStripDestination *destination)
{
  TuttiStripDestination old;
  gboolean active;

  tutti_engine_lock_worker (self);
  old = strip->destinations[index];
  if (old.coder != NULL)
    tutti_strip_keep_sequence (strip, &old);
  if (destination->coder != NULL)
    destination->sequence = tutti_strip_find_sequence (strip, destination->ssrc);
  strip->destinations[index] = *destination;
  active = strip->destinations[0].coder != NULL || strip->destinations[1].coder != NULL;
  if (!active)
    tutti_ring_read (&strip->blocks, NULL, tutti_ring_read_space (&strip->blocks));
  atomic_store_explicit (&strip->active, active, memory_order_relaxed);
  tutti_engine_unlock_worker (self);

  if (old.coder != NULL && old.coder != strip->destinations[0].coder &&
      old.coder != strip->destinations[1].coder)
    coder_free (old.coder);
  if (old.destroy != NULL)
    old.destroy (old.user_data);
}

gboolean
tutti_audio_engine_send_strip (TuttiAudioEngine *self,
                               guint strip,
                               guint destination,
                               const TuttiAudioFormat *format,
                               guint8 payload_type,
                               guint32 ssrc,
                               TuttiAudioSendFunc func,
                               gpointer user_data,
                               GDestroyNotify destroy,
                               GError **error)
{
  TuttiStripDestination next = { .coder = NULL };

  g_return_val_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL, FALSE);
  g_return_val_if_fail (destination < TUTTI_N_DESTINATIONS, FALSE);

  if (func != NULL) {
    next.coder = find_coder (self->strips[strip], format);
    if (next.coder == NULL)
      next.coder = coder_new (format, error);
    if (next.coder == NULL)
      return FALSE;
    next.payload_type = payload_type;
    next.ssrc = ssrc;
    next.func = func;
    next.user_data = user_data;
    next.destroy = destroy;
  }
  replace (self, self->strips[strip], destination, &next);
  return TRUE;
}
