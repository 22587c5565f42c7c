/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

#include <opus.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

/* Complexity 10 costs about 15 µs per 5 ms frame; the worker can afford it. */
#define COMPLEXITY 10

typedef struct {
  TuttiEncoder parent;
  OpusEncoder *opus;
} OpusTuttiEncoder;

typedef struct {
  TuttiDecoder parent;
  OpusDecoder *opus;
} OpusTuttiDecoder;

static int
opus_encode_frame (TuttiEncoder *encoder, const float *pcm, guint8 *payload, gsize size)
{
  OpusTuttiEncoder *self = (OpusTuttiEncoder *) encoder;
  int n = opus_encode_float (self->opus, pcm, (int) encoder->format.frame_samples, payload,
                             (opus_int32) MIN (size, 1500));

  return n > 0 ? n : -1;
}

static void
opus_encoder_reset (TuttiEncoder *encoder)
{
  opus_encoder_ctl (((OpusTuttiEncoder *) encoder)->opus, OPUS_RESET_STATE);
}

static void
opus_encoder_free (TuttiEncoder *encoder)
{
  opus_encoder_destroy (((OpusTuttiEncoder *) encoder)->opus);
  g_free (encoder);
}

static void
opus_encoder_set_bitrate (TuttiEncoder *encoder, guint bitrate)
{
  opus_encoder_ctl (((OpusTuttiEncoder *) encoder)->opus, OPUS_SET_BITRATE ((opus_int32) bitrate));
  encoder->format.bitrate = bitrate;
}

static const TuttiEncoderClass encoder_class = {
  .encode = opus_encode_frame,
  .reset = opus_encoder_reset,
  .free = opus_encoder_free,
  .set_bitrate = opus_encoder_set_bitrate,
};

TuttiEncoder *
tutti_opus_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  OpusTuttiEncoder *self;
  opus_int32 lookahead = 0;
  int status = OPUS_OK;
  OpusEncoder *opus = opus_encoder_create (TUTTI_SAMPLE_RATE, (int) format->channels,
                                           OPUS_APPLICATION_RESTRICTED_LOWDELAY, &status);

  if (opus == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC, _ ("The Opus encoder did not start: %s."),
                 opus_strerror (status));
    return NULL;
  }
  /* Constant bitrate and no DTX: a packet every frame, all alike, is what keeps time. */
  opus_encoder_ctl (opus, OPUS_SET_BITRATE ((opus_int32) format->bitrate));
  opus_encoder_ctl (opus, OPUS_SET_VBR (0));
  opus_encoder_ctl (opus, OPUS_SET_DTX (0));
  opus_encoder_ctl (opus, OPUS_SET_INBAND_FEC (0));
  opus_encoder_ctl (opus, OPUS_SET_COMPLEXITY (COMPLEXITY));
  opus_encoder_ctl (opus, OPUS_SET_SIGNAL (OPUS_SIGNAL_MUSIC));
  opus_encoder_ctl (opus, OPUS_GET_LOOKAHEAD (&lookahead));

  self = g_new0 (OpusTuttiEncoder, 1);
  self->parent.klass = &encoder_class;
  self->parent.format = *format;
  self->parent.lookahead = (guint) lookahead;
  self->opus = opus;
  return &self->parent;
}

static int
opus_decode_frame (TuttiDecoder *decoder,
                   const guint8 *payload,
                   gsize size,
                   float *pcm,
                   guint max_samples)
{
  OpusTuttiDecoder *self = (OpusTuttiDecoder *) decoder;
  int n = opus_decode_float (self->opus, payload, (opus_int32) size, pcm, (int) max_samples, 0);

  return n > 0 ? n : -1;
}

static int
opus_conceal (TuttiDecoder *decoder, float *pcm, guint n_samples)
{
  OpusTuttiDecoder *self = (OpusTuttiDecoder *) decoder;
  int n = opus_decode_float (self->opus, NULL, 0, pcm, (int) n_samples, 0);

  return n > 0 ? n : -1;
}

static guint
opus_get_duration (TuttiDecoder *decoder, const guint8 *payload, gsize size)
{
  int n;

  if (size == 0 || size > 1500)
    return 0;
  n = opus_packet_get_nb_samples (payload, (opus_int32) size, TUTTI_SAMPLE_RATE);
  return n > 0 && n <= TUTTI_MAX_FRAME_SAMPLES ? (guint) n : 0;
}

static void
opus_decoder_reset (TuttiDecoder *decoder)
{
  opus_decoder_ctl (((OpusTuttiDecoder *) decoder)->opus, OPUS_RESET_STATE);
}

static void
opus_decoder_free (TuttiDecoder *decoder)
{
  opus_decoder_destroy (((OpusTuttiDecoder *) decoder)->opus);
  g_free (decoder);
}

static const TuttiDecoderClass decoder_class = {
  .decode = opus_decode_frame,
  .conceal = opus_conceal,
  .get_duration = opus_get_duration,
  .reset = opus_decoder_reset,
  .free = opus_decoder_free,
};

TuttiDecoder *
tutti_opus_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  OpusTuttiDecoder *self;
  int status = OPUS_OK;
  OpusDecoder *opus = opus_decoder_create (TUTTI_SAMPLE_RATE, (int) format->channels, &status);

  if (opus == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC, _ ("The Opus decoder did not start: %s."),
                 opus_strerror (status));
    return NULL;
  }
  self = g_new0 (OpusTuttiDecoder, 1);
  self->parent.klass = &decoder_class;
  self->parent.format = *format;
  self->opus = opus;
  return &self->parent;
}
