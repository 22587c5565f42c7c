/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "playout-sim-sender.h"

#include <math.h>
#include <string.h>

#include "tutti-codec.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

#define RATE     48000.0
#define N_BEFORE 32

typedef struct {
  SimSegment segment;
  TuttiEncoder *encoder;
  guint64 next; /* sample */
  guint n_frames;
  struct {
    gsize size;
    guint8 payload[TUTTI_MAX_RTP_SIZE];
  } before[N_BEFORE]; /* frames that were coded, frame i at i % N_BEFORE */
} Source;

struct _SimSender {
  Sim *sim;
  SimSegment plain;
  Source *sources;
  guint n_sources;
  guint index;
  guint seed;
  guint32 offset; /* that timestamps have jumped by */
  guint16 sequence[2];
  double latest[2];
  GQueue way; /* SimPacket, by arrival */
};

static void
add_source (SimSender *self, const SimSegment *segment)
{
  Source *source = &self->sources[self->n_sources++];
  TuttiAudioFormat format = segment->format;
  g_autoptr (GError) error = NULL;

  source->segment = *segment;
  source->encoder = tutti_encoder_new (&format, &error);
  g_assert_no_error (error);
  source->next = (guint64) (segment->from * RATE);
}

SimSender *
sim_sender_new (Sim *sim)
{
  SimSender *self = g_new0 (SimSender, 1);
  guint n = MAX (sim->n_segments, 1);

  self->sim = sim;
  self->seed = sim->seed;
  self->sequence[0] = 65000;
  self->sequence[1] = 100;
  self->plain.format = (TuttiAudioFormat) { TUTTI_WIRE_OPUS, sim->frame, 1, 128000 };
  self->plain.to = sim->seconds;
  self->sources = g_new0 (Source, n);
  for (guint i = 0; i < n; i++)
    add_source (self, sim->segments != NULL ? &sim->segments[i] : &self->plain);
  g_queue_init (&self->way);
  return self;
}

void
sim_sender_free (SimSender *self)
{
  for (guint i = 0; i < self->n_sources; i++)
    tutti_encoder_free (self->sources[i].encoder);
  g_queue_clear_full (&self->way, g_free);
  g_free (self->sources);
  g_free (self);
}

static float
sound_at (Sim *sim, guint64 sample)
{
  if (sim->sound != NULL)
    return sim->sound[sample % sim->n_sound];
  return (float) (SIM_TONE_PEAK *
                  sin (2 * G_PI * fmod (SIM_TONE_HERTZ * (double) sample / RATE, 1)));
}

static gsize
encode (SimSender *self, Source *source, guint8 *payload, gsize size)
{
  const TuttiAudioFormat *format = &source->segment.format;
  guint at = source->n_frames % N_BEFORE;
  float pcm[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  TuttiPayload framed = { format->wire, format->frame_samples, format->channels,
                          format->bits, format->copies,        format->distance };
  int n;

  for (guint k = 0; k < format->frame_samples; k++)
    for (guint c = 0; c < format->channels; c++)
      pcm[k * format->channels + c] = sound_at (self->sim, source->next + k);
  n = source->encoder->klass->encode (source->encoder, pcm, source->before[at].payload,
                                      sizeof source->before[at].payload);
  g_assert_cmpint (n, >, 0);
  source->before[at].size = (gsize) n;
  source->n_frames++;
  if (!format->framed) {
    memcpy (payload, source->before[at].payload, (gsize) n);
    return (gsize) n;
  }
  framed.size = (gsize) n;
  /* With a distance of 0 they are packets of their own. */
  if (framed.distance == 0)
    framed.n_copies = 0;
  while (framed.n_copies * framed.distance >= source->n_frames)
    framed.n_copies--;
  framed.distance = framed.n_copies > 0 ? framed.distance : 0;
  for (guint k = 0; k <= framed.n_copies; k++)
    framed.frames[k] = source->before[(at + N_BEFORE - k * framed.distance) % N_BEFORE].payload;
  size = tutti_payload_write (&framed, payload, size);
  g_assert_cmpuint (size, >, 0);
  return size;
}

static double
line_delay (SimSender *self, double seconds)
{
  Sim *sim = self->sim;
  double delay = sim->base_ms + sim->sigma_ms * fabs (sim_gauss (&self->seed));

  /* Normal around a mean, cut off at no delay at all. */
  if (sim->sigma_ms > 0)
    delay = MAX (0, sim->base_ms + 3 * sim->sigma_ms + sim->sigma_ms * sim_gauss (&self->seed));
  return sim->delay_ms != NULL ? sim->delay_ms (sim, self->index, seconds) : delay;
}

static void
put_on_way (SimSender *self, SimPacket *packet)
{
  GList *link = self->way.tail;

  while (link != NULL && ((SimPacket *) link->data)->arrival > packet->arrival)
    link = link->prev;
  g_queue_insert_after (&self->way, link, packet);
}

/* Up to the graph cycle that can use it. */
static void
note_transit (SimSender *self, guint64 sample, double arrival)
{
  Sim *sim = self->sim;
  double cycle = ceil (arrival * RATE / sim->quantum - 1e-9) * sim->quantum;
  double transit =
      isinf (arrival) ? SIM_LOST : cycle - (double) (gint64) sample / (1 + sim->drift_ppm * 1e-6);

  g_array_append_val (sim->transits, transit);
}

static void
transmit (SimSender *self,
          guint lane,
          const TuttiRtp *rtp,
          guint64 sample,
          double sent,
          gboolean is_repeat)
{
  Sim *sim = self->sim;
  double arrival = sent + line_delay (self, sent) / 1000;
  gboolean lost = isinf (arrival) || (sim->lost != NULL && sim->lost (sim, self->index, sent)) ||
                  sim_uniform (&self->seed) < sim->loss;
  SimPacket *packet;

  sim->n_sent++;
  if (!lost && sim->in_order)
    arrival = self->latest[lane] = MAX (arrival, self->latest[lane]);
  if (!is_repeat)
    note_transit (self, sample, lost ? SIM_LOST : arrival);
  if (lost)
    return;
  packet = g_new (SimPacket, 1);
  packet->arrival = arrival;
  packet->index = self->index;
  packet->lane = lane;
  packet->size = (guint) tutti_rtp_write (packet->data, sizeof packet->data, rtp);
  put_on_way (self, packet);
}

static void
send_frame (SimSender *self, Source *source, double sent)
{
  Sim *sim = self->sim;
  guint8 payload[TUTTI_MAX_RTP_SIZE];
  guint64 sample = source->next;
  guint lane = sim->lane != NULL ? sim->lane (sim, self->index) : 0;
  const TuttiAudioFormat *format = &source->segment.format;
  guint n_repeats = format->framed && format->distance == 0 ? format->copies : 0;
  gsize size = encode (self, source, payload, TUTTI_PAYLOAD_MAX_SIZE);

  if (sim->jump != NULL)
    self->offset += (guint32) sim->jump (sim, self->index);
  if (source->segment.format.framed)
    sample -= source->encoder->lookahead;
  for (guint l = 0; l < 2; l++) {
    TuttiRtp rtp = { .payload_type = SIM_PAYLOAD_TYPE,
                     .timestamp = sim->first_timestamp + self->offset + (guint32) sample,
                     .ssrc = 77 + l,
                     .payload = payload,
                     .payload_size = size };

    if ((lane != l && lane != 2) || (sim->paused != NULL && sim->paused (sim, self->index, sent)))
      continue;
    for (guint i = 0; i <= n_repeats; i++) {
      rtp.sequence = self->sequence[l]++;
      transmit (self, l, &rtp, sample, sent, i > 0);
    }
  }
  self->index++;
  source->next += source->segment.format.frame_samples;
}

void
sim_sender_send (SimSender *self, double seconds)
{
  double rate = RATE * (1 + self->sim->drift_ppm * 1e-6);

  for (;;) {
    Source *first = NULL;
    double earliest = INFINITY;

    for (guint i = 0; i < self->n_sources; i++) {
      Source *source = &self->sources[i];
      /* Sent when its last sample was captured. */
      double sent = (double) (source->next + source->segment.format.frame_samples) / rate;

      if (sent <= source->segment.to && sent < earliest) {
        earliest = sent;
        first = source;
      }
    }
    if (first == NULL || earliest > seconds)
      return;
    send_frame (self, first, earliest);
  }
}

SimPacket *
sim_sender_receive (SimSender *self, double seconds)
{
  SimPacket *packet = g_queue_peek_head (&self->way);

  if (packet == NULL || packet->arrival > seconds)
    return NULL;
  return g_queue_pop_head (&self->way);
}
