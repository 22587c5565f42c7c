/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Main thread: what a strip is sent as, and to whom. */

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

void
tutti_strip_coder_free (TuttiStripCoder *coder)
{
  tutti_encoder_free (coder->encoder);
  g_free (coder);
}

/* Whether frames are coded alike, however they are packed. */
static gboolean
same_kind (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  return a->wire == b->wire && a->frame_samples == b->frame_samples && a->channels == b->channels &&
         (a->wire != TUTTI_WIRE_RAW || a->bits == b->bits);
}

static gboolean
same_coding (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  return same_kind (a, b) && (a->wire == TUTTI_WIRE_RAW || a->bitrate == b->bitrate);
}

/* The coder that already makes @format for somebody, or a new one. Frames of a codec build on one
 * another, so only frames of one encoder can follow each other on different roads. Destinations'
 * coders are changed by main alone. */
static TuttiStripCoder *
find_coder (TuttiStrip *self, const TuttiAudioFormat *format, GError **error)
{
  if (!tutti_audio_format_check (format, error))
    return NULL;
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    TuttiStripCoder *coder = self->destinations[i].coder;

    if (coder != NULL && same_coding (&coder->encoder->format, format))
      return coder;
  }
  return coder_new (format, error);
}

static guint
get_delay (const TuttiStripCoder *coder)
{
  return coder->encoder->format.frame_samples + coder->encoder->lookahead;
}

/* Under worker_lock. The quickest stands first, so that its packet does not wait for a slower
 * one's encoder. */
static void
keep_coder (TuttiStrip *self, TuttiStripCoder *coder)
{
  guint at = 0, end = 0;

  while (end < TUTTI_N_CODERS && self->coders[end] != NULL)
    if (self->coders[end++] == coder)
      return;
  g_assert (end < TUTTI_N_CODERS);
  while (at < end && get_delay (self->coders[at]) <= get_delay (coder))
    at++;
  for (guint i = end; i > at; i--)
    self->coders[i] = self->coders[i - 1];
  self->coders[at] = coder;
}

/* Under worker_lock: takes out what no destination uses any more. */
static GPtrArray *
take_unused (TuttiStrip *self)
{
  GPtrArray *unused = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_strip_coder_free);
  guint n = 0;

  for (guint i = 0; i < TUTTI_N_CODERS && self->coders[i] != NULL; i++) {
    TuttiStripCoder *coder = self->coders[i];
    gboolean used = FALSE;

    for (guint d = 0; d < TUTTI_N_DESTINATIONS; d++)
      used |= self->destinations[d].coder == coder || self->destinations[d].leaving == coder;
    self->coders[i] = NULL;
    if (used)
      self->coders[n++] = coder;
    else
      g_ptr_array_add (unused, coder);
  }
  return unused;
}

static void
set_packing (TuttiStripDestination *destination, const TuttiAudioFormat *format)
{
  destination->framed = format->framed;
  destination->copies = format->framed ? format->copies : 0;
  destination->distance = format->framed ? format->distance : 0;
}

/* Under worker_lock: a new coder must not sleep through its first frame. What lies behind is always
 * due. */
static void
wake_at_once (TuttiStrip *self)
{
  atomic_store_explicit (&self->wake_at, self->worked, memory_order_relaxed);
}

/* Puts @destination in place and takes down what stood there. */
static void
replace (TuttiAudioEngine *self, TuttiStrip *strip, guint index, TuttiStripDestination *destination)
{
  g_autoptr (GPtrArray) unused = NULL;
  TuttiStripDestination old;
  gboolean active = FALSE;

  tutti_engine_lock_worker (self);
  old = strip->destinations[index];
  if (old.coder != NULL)
    tutti_strip_keep_sequence (strip, &old);
  if (destination->coder != NULL)
    destination->sequence = tutti_strip_find_sequence (strip, destination->ssrc);
  strip->destinations[index] = *destination;
  if (destination->coder != NULL)
    keep_coder (strip, destination->coder);
  /* Nothing is waiting where nothing was sent. */
  if (destination->coder != NULL && !atomic_load_explicit (&strip->active, memory_order_relaxed))
    destination->coder->started = TRUE;
  unused = take_unused (strip);
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++)
    active |= strip->destinations[i].coder != NULL;
  if (!active)
    tutti_ring_read (&strip->blocks, NULL, tutti_ring_read_space (&strip->blocks));
  wake_at_once (strip);
  atomic_store_explicit (&strip->active, active, memory_order_relaxed);
  tutti_engine_unlock_worker (self);

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
    next.coder = find_coder (self->strips[strip], format, error);
    if (next.coder == NULL)
      return FALSE;
    set_packing (&next, format);
    next.payload_type = payload_type;
    next.ssrc = ssrc;
    next.func = func;
    next.user_data = user_data;
    next.destroy = destroy;
  }
  replace (self, self->strips[strip], destination, &next);
  return TRUE;
}

/* Whether @coder may go on at another bitrate: not where somebody gets its frames who did not ask
 * for that. */
static gboolean
can_set_bitrate (TuttiStrip *self, const TuttiStripCoder *coder, const TuttiAudioFormat *format)
{
  if (!same_kind (&coder->encoder->format, format) || coder->encoder->klass->set_bitrate == NULL)
    return FALSE;
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++)
    if (self->destinations[i].coder == coder && !self->destinations[i].framed)
      return FALSE;
  return TRUE;
}

/* Under worker_lock. Where the destination is still leaving a format, that one is what listeners
 * can rely on: what came after it goes at once, or it simply stays. */
static void
go_over (TuttiStrip *self, TuttiStripDestination *destination, TuttiStripCoder *coder)
{
  TuttiStripCoder *from = destination->leaving != NULL ? destination->leaving : destination->coder;

  keep_coder (self, coder);
  if (same_coding (&from->encoder->format, &coder->encoder->format))
    coder = from;
  destination->coder = coder;
  destination->leaving = from != coder ? from : NULL;
  destination->has_until = FALSE;
  wake_at_once (self);
}

static gboolean
check_change (const TuttiStripDestination *to, const TuttiAudioFormat *format, GError **error)
{
  if (to->coder != NULL && to->framed && format->framed &&
      to->coder->encoder->format.channels == format->channels)
    return tutti_audio_format_check (format, error);
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                       _ ("The audio format can only be changed where sound is already sent in "
                          "Tutti's own framing, and its channels must stay."));
  return FALSE;
}

gboolean
tutti_audio_engine_change_format (TuttiAudioEngine *self,
                                  guint strip,
                                  guint destination,
                                  const TuttiAudioFormat *format,
                                  GError **error)
{
  g_autoptr (GPtrArray) unused = NULL;
  TuttiStripDestination *to;
  TuttiStripCoder *coder;
  TuttiStrip *from;

  g_return_val_if_fail (strip < TUTTI_MAX_STRIPS && self->strips[strip] != NULL, FALSE);
  g_return_val_if_fail (destination < TUTTI_N_DESTINATIONS, FALSE);

  from = self->strips[strip];
  to = &from->destinations[destination];
  if (!check_change (to, format, error))
    return FALSE;
  coder = to->coder;
  if (!can_set_bitrate (from, coder, format))
    coder = find_coder (from, format, error);
  if (coder == NULL)
    return FALSE;

  tutti_engine_lock_worker (self);
  if (coder != to->coder)
    go_over (from, to, coder);
  else if (!same_coding (&coder->encoder->format, format))
    coder->encoder->klass->set_bitrate (coder->encoder, format->bitrate);
  set_packing (to, format);
  unused = take_unused (from);
  tutti_engine_unlock_worker (self);
  return TRUE;
}
