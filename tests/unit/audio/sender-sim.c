/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "sender-sim.h"

#include <math.h>
#include <string.h>

#include "tutti-clock.h"

#define Q    SENDER_QUANTUM
#define RATE TUTTI_SAMPLE_RATE

static void
line_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Line *line = user_data;
  Packet packet = { .size = size, .sent_ns = tutti_clock_now_ns () };

  memcpy (packet.data, rtp, size);
  pthread_mutex_lock (&line->mutex);
  g_array_append_val (line->packets, packet);
  pthread_mutex_unlock (&line->mutex);
}

void
sender_init (Sender *self, guint channels)
{
  TuttiStripConfig config = { 0, channels, channels, 0 };

  memset (self, 0, sizeof *self);
  self->engine = tutti_audio_engine_new ();
  self->channels = channels;
  self->strip = (guint) tutti_audio_engine_add_strip (self->engine, &config, NULL);
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    pthread_mutex_init (&self->lines[i].mutex, NULL);
    self->lines[i].packets = g_array_new (FALSE, FALSE, sizeof (Packet));
  }
}

void
sender_clear (Sender *self)
{
  tutti_audio_engine_free (self->engine);
  for (guint i = 0; i < TUTTI_N_DESTINATIONS; i++) {
    g_array_unref (self->lines[i].packets);
    pthread_mutex_destroy (&self->lines[i].mutex);
  }
}

void
sender_send (Sender *self, guint destination, const TuttiAudioFormat *format)
{
  g_autoptr (GError) error = NULL;

  tutti_audio_engine_send_strip (self->engine, self->strip, destination, format, SENDER_PT,
                                 SENDER_SSRC + destination, line_send, &self->lines[destination],
                                 NULL, &error);
  g_assert_no_error (error);
}

void
sender_change (Sender *self, guint destination, const TuttiAudioFormat *format)
{
  g_autoptr (GError) error = NULL;

  tutti_audio_engine_change_format (self->engine, self->strip, destination, format, &error);
  g_assert_no_error (error);
}

/* A chord that is never the same for long; the right channel is another one. */
static float
music (gint64 sample, guint channel)
{
  double t = (double) sample / RATE;
  double swell = 0.6 + 0.4 * sin (2 * G_PI * 1.3 * t + channel);
  double value = sin (2 * G_PI * (220 + 110 * channel) * t) + 0.5 * sin (2 * G_PI * 554.37 * t) +
                 0.3 * sin (2 * G_PI * 1318.5 * t);

  return (float) (0.2 * swell * value);
}

void
sender_cycle (Sender *self)
{
  TuttiStrip *strip = self->engine->strips[self->strip];
  gint64 until = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  gint64 now = SENDER_BASE_NS + (gint64) (self->cycle * Q) * TUTTI_NSEC_PER_SEC / RATE;
  float in[TUTTI_MAX_CHANNELS][Q];
  const float *planes[TUTTI_MAX_CHANNELS] = { in[0], in[1] };
  gboolean done = FALSE;

  for (guint c = 0; c < self->channels; c++)
    for (guint i = 0; i < Q; i++)
      in[c][i] = music ((gint64) (self->cycle * Q + i), c);
  tutti_audio_engine_process (self->engine, planes, self->channels, NULL, 0, Q, RATE, now,
                              self->cycle * Q);
  self->cycle++;
  while (self->engine->wake && !done) {
    tutti_engine_lock_worker (self->engine);
    done = strip->worked == strip->timestamp;
    tutti_engine_unlock_worker (self->engine);
    g_assert_cmpint (g_get_monotonic_time (), <, until);
    if (!done)
      g_usleep (5);
  }
}

void
sender_run (Sender *self, double seconds)
{
  for (guint i = 0; i < seconds * RATE / Q; i++)
    sender_cycle (self);
}

void
sender_parse (Line *line, guint index, TuttiRtp *rtp, TuttiPayload *payload)
{
  Packet *packet = &g_array_index (line->packets, Packet, index);

  g_assert_true (tutti_rtp_parse (packet->data, packet->size, rtp));
  if (payload != NULL)
    g_assert_true (tutti_payload_parse (payload, rtp->payload, rtp->payload_size));
}

static Kind *
find_kind (Listener *self, const TuttiPayload *payload)
{
  TuttiAudioFormat format = {
    payload->wire, payload->frame_samples, self->channels, 128000, payload->bits, TRUE,
  };
  Kind *kind;

  for (guint i = 0; i < self->n_kinds; i++)
    if (self->kinds[i].wire == payload->wire && self->kinds[i].frame == payload->frame_samples &&
        self->kinds[i].bits == payload->bits)
      return &self->kinds[i];
  g_assert_cmpuint (self->n_kinds, <, G_N_ELEMENTS (self->kinds));
  kind = &self->kinds[self->n_kinds++];
  *kind = (Kind) { payload->wire, payload->frame_samples, payload->bits };
  kind->decoder = tutti_decoder_new (&format, NULL);
  g_assert_nonnull (kind->decoder);
  kind->first = G_MAXINT64;
  kind->pcm = g_new (float, (gsize) self->n_samples * self->channels);
  for (gint64 i = 0; i < self->n_samples * self->channels; i++)
    kind->pcm[i] = NAN;
  return kind;
}

static void
listen_to (Listener *self, const TuttiRtp *rtp, const TuttiPayload *payload)
{
  float pcm[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  Kind *kind = find_kind (self, payload);
  TuttiDecoder *decoder = kind->decoder;
  gint64 at = (gint32) (rtp->timestamp - self->start);

  if (!kind->running || kind->next != rtp->timestamp)
    decoder->klass->reset (decoder);
  kind->running = TRUE;
  kind->next = rtp->timestamp + kind->frame;
  g_assert_cmpint (decoder->klass->decode (decoder, payload->frames[0], payload->size, pcm,
                                           TUTTI_MAX_FRAME_SAMPLES),
                   ==, kind->frame);
  for (gint64 i = 0; i < kind->frame; i++)
    for (guint c = 0; c < self->channels; c++)
      if (at + i >= 0 && at + i < self->n_samples)
        kind->pcm[(at + i) * self->channels + c] = pcm[i * self->channels + c];
  kind->first = MIN (kind->first, at);
  kind->last = at + kind->frame;
  kind->n_packets++;
}

void
listener_init (Listener *self, Sender *sender)
{
  Line *line = &sender->lines[0];
  guint16 sequence = 0;

  memset (self, 0, sizeof *self);
  self->channels = sender->channels;
  self->n_samples = (gint64) sender->cycle * Q;
  self->start = sender->engine->strips[sender->strip]->start;
  for (guint i = 0; i < line->packets->len; i++) {
    TuttiPayload payload;
    TuttiRtp rtp;

    sender_parse (line, i, &rtp, &payload);
    g_assert_cmpuint (rtp.ssrc, ==, SENDER_SSRC);
    if (i > 0)
      g_assert_cmpuint (rtp.sequence, ==, (guint16) (sequence + 1));
    sequence = rtp.sequence;
    listen_to (self, &rtp, &payload);
  }
}

void
listener_clear (Listener *self)
{
  for (guint i = 0; i < self->n_kinds; i++) {
    g_free (self->kinds[i].pcm);
    tutti_decoder_free (self->kinds[i].decoder);
  }
}

double
listener_judge (Listener *self)
{
  Kind *kind = &self->kinds[0];
  double worst = -200;

  for (gint64 at = 0; at + 48 <= self->n_samples - 2 * TUTTI_MAX_FRAME_SAMPLES; at += 48) {
    double error = 0;

    for (gint64 i = at; i < at + 48; i++) {
      for (guint k = 0; isnan (kind->pcm[i * self->channels]); k++) {
        g_assert_cmpuint (k, <, self->n_kinds);
        kind = &self->kinds[k];
      }
      for (guint c = 0; c < self->channels; c++)
        error += pow (kind->pcm[i * self->channels + c] - music (i, c), 2);
    }
    if (at > 480)
      worst = fmax (worst, 10 * log10 (error / (48 * self->channels) / (0.2 * 0.2 * 0.67) + 1e-20));
  }
  return worst;
}
