/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

#include <math.h>

#include "tutti-conceal.h"

typedef struct {
  TuttiEncoder parent;
  guint32 random;
} RawEncoder;

typedef struct {
  TuttiDecoder parent;
  TuttiConcealer *concealer;
} RawDecoder;

#define SEED 0x2545f491u

/* Two uniform numbers added: triangular noise of ± one step makes the rounding error independent
 * of the sound. A generator of our own, so that the same sound always gives the same bytes. */
static float
dither (RawEncoder *self)
{
  gint32 sum = 0;

  for (int i = 0; i < 2; i++) {
    self->random = self->random * 1664525u + 1013904223u;
    sum += (gint32) (self->random >> 16);
  }
  return (float) (sum - 65535) * (1.0f / 65536);
}

static gint32
quantize (float sample, float scale)
{
  float value = sample * scale;

  /* Written so that what is not a number becomes silence. */
  if (!(value > -scale))
    return value <= -scale ? (gint32) -scale : 0;
  return value < scale - 1 ? (gint32) lrintf (value) : (gint32) (scale - 1);
}

static void
encode_16 (RawEncoder *self, const float *pcm, guint8 *payload, guint n)
{
  for (guint i = 0; i < n; i++) {
    /* Digital silence stays silent. */
    float noise = pcm[i] == 0 ? 0 : dither (self) * (1.0f / 32768);
    gint32 value = quantize (pcm[i] + noise, 32768);

    payload[2 * i] = (guint8) (value >> 8);
    payload[2 * i + 1] = (guint8) value;
  }
}

static void
encode_24 (const float *pcm, guint8 *payload, guint n)
{
  for (guint i = 0; i < n; i++) {
    gint32 value = quantize (pcm[i], 8388608);

    payload[3 * i] = (guint8) (value >> 16);
    payload[3 * i + 1] = (guint8) (value >> 8);
    payload[3 * i + 2] = (guint8) value;
  }
}

static int
raw_encode (TuttiEncoder *encoder, const float *pcm, guint8 *payload, gsize size)
{
  guint n = encoder->format.frame_samples * encoder->format.channels;
  gsize n_bytes = tutti_audio_format_get_frame_bytes (&encoder->format);

  if (size < n_bytes)
    return -1;
  if (encoder->format.bits == 24)
    encode_24 (pcm, payload, n);
  else
    encode_16 ((RawEncoder *) encoder, pcm, payload, n);
  return (int) n_bytes;
}

static void
raw_encoder_reset (TuttiEncoder *encoder)
{
  ((RawEncoder *) encoder)->random = SEED;
}

static void
raw_encoder_free (TuttiEncoder *encoder)
{
  g_free (encoder);
}

static const TuttiEncoderClass encoder_class = {
  .encode = raw_encode,
  .reset = raw_encoder_reset,
  .free = raw_encoder_free,
};

TuttiEncoder *
tutti_raw_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  RawEncoder *self = g_new0 (RawEncoder, 1);

  self->parent.klass = &encoder_class;
  self->parent.format = *format;
  self->random = SEED;
  return &self->parent;
}

/* Both frame lengths are understood, whichever is expected: PCM has no state that would mind. */
static guint
raw_get_duration (TuttiDecoder *decoder, const guint8 *payload, gsize size)
{
  gsize step = decoder->format.channels * (decoder->format.bits / 8);

  return size == 64 * step ? 64 : size == 128 * step ? 128 : 0;
}

static int
raw_decode (TuttiDecoder *decoder, const guint8 *payload, gsize size, float *pcm, guint max_samples)
{
  RawDecoder *self = (RawDecoder *) decoder;
  guint n_samples = raw_get_duration (decoder, payload, size);
  guint n = n_samples * decoder->format.channels;

  if (n_samples == 0 || n_samples > max_samples)
    return -1;
  if (decoder->format.bits == 24) {
    for (guint i = 0; i < n; i++, payload += 3) {
      guint32 word =
          (guint32) payload[0] << 24 | (guint32) payload[1] << 16 | (guint32) payload[2] << 8;

      pcm[i] = (float) (gint32) word * (1.0f / 2147483648.0f);
    }
  } else {
    for (guint i = 0; i < n; i++, payload += 2)
      pcm[i] = (float) (gint16) (payload[0] << 8 | payload[1]) * (1.0f / 32768);
  }
  tutti_concealer_join (self->concealer, pcm, n_samples);
  return (int) n_samples;
}

static int
raw_conceal (TuttiDecoder *decoder, float *pcm, guint n_samples)
{
  tutti_concealer_conceal (((RawDecoder *) decoder)->concealer, pcm, n_samples);
  return (int) n_samples;
}

static void
raw_decoder_reset (TuttiDecoder *decoder)
{
  tutti_concealer_reset (((RawDecoder *) decoder)->concealer);
}

static void
raw_decoder_free (TuttiDecoder *decoder)
{
  tutti_concealer_free (((RawDecoder *) decoder)->concealer);
  g_free (decoder);
}

static const TuttiDecoderClass decoder_class = {
  .decode = raw_decode,
  .conceal = raw_conceal,
  .get_duration = raw_get_duration,
  .reset = raw_decoder_reset,
  .free = raw_decoder_free,
};

TuttiDecoder *
tutti_raw_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  RawDecoder *self = g_new0 (RawDecoder, 1);

  self->parent.klass = &decoder_class;
  self->parent.format = *format;
  self->concealer = tutti_concealer_new (format->channels);
  return &self->parent;
}
