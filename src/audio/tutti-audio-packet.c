/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include "tutti-clock.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

/* Going over to a slower format, both are sent for this long. */
#define OVERLAP TUTTI_SAMPLE_RATE

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

static const TuttiCodedFrame *
coded_frame (const TuttiStripCoder *coder, guint back)
{
  return &coder->history[(coder->n_coded - 1 - back) % TUTTI_CODED_FRAMES];
}

/* Older frames of this coder that are as long and as many samples away as the framing wants, as
 * many as there is room for. */
static void
add_copies (const TuttiStripCoder *coder, guint wanted, guint distance, TuttiPayload *payload)
{
  const TuttiCodedFrame *own = coded_frame (coder, 0);

  for (guint k = 1; k <= wanted && k <= TUTTI_PAYLOAD_MAX_COPIES; k++) {
    guint back = k * distance;
    const TuttiCodedFrame *copy;

    if (distance == 0 || back >= MIN (coder->n_coded, TUTTI_CODED_FRAMES) ||
        TUTTI_PAYLOAD_HEADER + (1 + k) * own->size > TUTTI_PAYLOAD_MAX_SIZE)
      return;
    copy = coded_frame (coder, back);
    if (copy->size != own->size ||
        own->timestamp - copy->timestamp != back * payload->frame_samples)
      return;
    payload->frames[k] = copy->data;
    payload->n_copies = k;
    payload->distance = distance;
  }
}

/* Returns the bytes that were written at @payload. */
static gsize
write_payload (const TuttiStripDestination *destination,
               const TuttiStripCoder *coder,
               guint8 *data,
               gsize size)
{
  const TuttiAudioFormat *format = &coder->encoder->format;
  const TuttiCodedFrame *own = coded_frame (coder, 0);
  TuttiPayload payload = {
    .wire = format->wire,
    .frame_samples = format->frame_samples,
    .channels = format->channels,
    .bits = format->wire == TUTTI_WIRE_RAW ? format->bits : 0,
    .size = own->size,
    .frames = { own->data },
  };

  if (!destination->framed) {
    if (own->size > size)
      return 0;
    memcpy (data, own->data, own->size);
    return own->size;
  }
  add_copies (coder, destination->copies, destination->distance, &payload);
  return tutti_payload_write (&payload, data, MIN (size, TUTTI_PAYLOAD_MAX_SIZE));
}

static void
send_packet (TuttiStrip *self, TuttiStripDestination *destination, const TuttiStripCoder *coder)
{
  guint8 packet[TUTTI_MAX_RTP_SIZE];
  guint8 *data = packet + TUTTI_RTP_HEADER_SIZE;
  /* Each with a number of its own: for SRTP the same one again would be an attack. */
  guint repeats = destination->distance == 0 ? destination->copies : 0;
  TuttiRtp rtp = {
    .payload_type = destination->payload_type,
    .timestamp = coder->timestamp - (destination->framed ? coder->encoder->lookahead : 0),
    .ssrc = destination->ssrc,
    .payload = data,
    .payload_size = write_payload (destination, coder, data, sizeof packet - TUTTI_RTP_HEADER_SIZE),
  };

  if (rtp.payload_size == 0)
    return;
  for (guint i = 0; i <= repeats; i++) {
    rtp.sequence = destination->sequence++;
    self->done.packets++;
    destination->func (packet, tutti_rtp_write (packet, sizeof packet, &rtp),
                       destination->user_data);
  }
}

/* The first packet of a new format has gone out: that says when the old one may end. What a codec
 * puts out before the first sample that it was given is not the music yet; the old format goes on
 * until it has said that, too, and a frame more in any case. */
static void
set_until (TuttiStripDestination *destination, const TuttiStripCoder *coder)
{
  const TuttiEncoder *new = coder->encoder;
  const TuttiEncoder *old = destination->leaving->encoder;
  gboolean slower =
      new->format.frame_samples + new->lookahead > old->format.frame_samples + old->lookahead;

  destination->until =
      coder->timestamp + (slower ? OVERLAP : MAX (old->lookahead, old->format.frame_samples));
  destination->has_until = TRUE;
}

/* The statistics tell of what is sent to the first destination, in its present format. */
static void
note_progress (TuttiStrip *self, const TuttiStripCoder *coder, gint64 sent_ns)
{
  const TuttiStripDestination *first = NULL;
  guint lookahead = coder->encoder->lookahead;

  for (guint i = 0; i < TUTTI_N_DESTINATIONS && first == NULL; i++)
    if (self->destinations[i].coder != NULL)
      first = &self->destinations[i];
  if (first == NULL || first->coder != coder)
    return;
  if (!first->framed)
    lookahead = 0;
  self->done.rtp_timestamp = coder->timestamp - lookahead;
  self->done.capture_ns =
      coder->capture_ns - (gint64) lookahead * TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE;
  self->done.sent_ns = sent_ns;
}

static gboolean
code (TuttiStripCoder *coder)
{
  TuttiEncoder *encoder = coder->encoder;
  TuttiCodedFrame *frame = &coder->history[coder->n_coded % TUTTI_CODED_FRAMES];
  int size = encoder->klass->encode (encoder, coder->pcm, frame->data, sizeof frame->data);

  if (size <= 0)
    return FALSE;
  frame->size = (guint) size;
  frame->timestamp = coder->timestamp;
  coder->n_coded++;
  return TRUE;
}

void
tutti_strip_send_frame (TuttiStrip *self, TuttiStripCoder *coder)
{
  gint64 sent_ns;

  if (!code (coder))
    return;
  sent_ns = tutti_clock_now_ns ();
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    TuttiStripDestination *destination = &self->destinations[i];

    if (destination->coder == coder) {
      send_packet (self, destination, coder);
      if (destination->leaving != NULL && !destination->has_until)
        set_until (destination, coder);
    } else if (destination->leaving == coder) {
      if (destination->has_until && (gint32) (coder->timestamp - destination->until) >= 0)
        destination->leaving = NULL;
      else
        send_packet (self, destination, coder);
    }
  }
  note_progress (self, coder, sent_ns);
  tutti_seqlock_write (&self->progress, &self->done, sizeof self->done);
}
