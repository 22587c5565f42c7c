/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

#if TUTTI_HAVE_OPUS_CUSTOM

#  include <opus_custom.h>

#  include "tutti-conceal.h"

/* Without prediction more makes no difference that can be measured. */
#  define COMPLEXITY 5
/* libopus' control 10002 (CELT_SET_PREDICTION, the same since 1.0, in no public header): 0 makes
 * every frame understandable without those before it, but for the overlap. That costs 0 to 2 dB of
 * signal-to-noise ratio on music (7 dB on a lone sine) and saves half of the encoder's time, and a
 * lost frame does not spoil the ten after it. A library that refuses it works as well, only less
 * so. */
#  define SET_PREDICTION 10002
#  define MAX_FRAME      128
/* Of a frame for the decoder's own use, per channel: better than any that comes. */
#  define INVENTED_BYTES 80
/* Up to two bytes are a header, and what has less than two after that means a loss to libopus,
 * whose own concealment follows a null pointer in custom modes (1.5.2): nothing that comes from the
 * network may lead there. */
#  define MIN_BYTES 4
#  define MAX_BYTES 1275

typedef struct {
  TuttiEncoder parent;
  OpusCustomEncoder *opus;
  int n_bytes;
} TightEncoder;

typedef struct {
  TuttiDecoder parent;
  OpusCustomDecoder *opus;
  OpusCustomEncoder *inventor;
  TuttiConcealer *concealer;
} TightDecoder;

/* Modes are tables that nobody changes: one of each serves all coders for the life of the
 * process. NULL where libopus refuses, as one without custom modes does at run time. */
static const OpusCustomMode *
get_mode (guint frame_samples)
{
  static OpusCustomMode *modes[2];
  static gsize once;

  if (g_once_init_enter (&once)) {
    modes[0] = opus_custom_mode_create (TUTTI_SAMPLE_RATE, 64, NULL);
    modes[1] = opus_custom_mode_create (TUTTI_SAMPLE_RATE, 128, NULL);
    g_once_init_leave (&once, 1);
  }
  return frame_samples == 64 ? modes[0] : frame_samples == 128 ? modes[1] : NULL;
}

gboolean
tutti_codec_has_tight (void)
{
  return get_mode (64) != NULL && get_mode (128) != NULL;
}

static int
tight_encode (TuttiEncoder *encoder, const float *pcm, guint8 *payload, gsize size)
{
  TightEncoder *self = (TightEncoder *) encoder;

  if (size < (gsize) self->n_bytes)
    return -1;
  /* A custom encoder is constant in bitrate, and the bytes that it may use are the ones it uses.
   * OPUS_SET_BITRATE makes libopus 1.5 crash in the next encode. */
  return opus_custom_encode_float (self->opus, pcm, (int) encoder->format.frame_samples, payload,
                                   self->n_bytes) == self->n_bytes
             ? self->n_bytes
             : -1;
}

static void
tight_encoder_reset (TuttiEncoder *encoder)
{
  opus_custom_encoder_ctl (((TightEncoder *) encoder)->opus, OPUS_RESET_STATE);
}

static void
tight_encoder_free (TuttiEncoder *encoder)
{
  opus_custom_encoder_destroy (((TightEncoder *) encoder)->opus);
  g_free (encoder);
}

static void
tight_encoder_set_bitrate (TuttiEncoder *encoder, guint bitrate)
{
  encoder->format.bitrate = bitrate;
  ((TightEncoder *) encoder)->n_bytes = (int) tutti_audio_format_get_frame_bytes (&encoder->format);
}

static const TuttiEncoderClass encoder_class = {
  .encode = tight_encode,
  .reset = tight_encoder_reset,
  .free = tight_encoder_free,
  .set_bitrate = tight_encoder_set_bitrate,
};

static OpusCustomEncoder *
create_encoder (const TuttiAudioFormat *format, int *status)
{
  const OpusCustomMode *mode = get_mode (format->frame_samples);
  OpusCustomEncoder *opus = NULL;

  *status = OPUS_UNIMPLEMENTED;
  if (mode != NULL)
    opus = opus_custom_encoder_create (mode, (int) format->channels, status);
  if (opus != NULL) {
    opus_custom_encoder_ctl (opus, OPUS_SET_COMPLEXITY (COMPLEXITY));
    opus_custom_encoder_ctl (opus, SET_PREDICTION, 0);
  }
  return opus;
}

static void
set_start_error (GError **error, int status)
{
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
               _ ("The codec for the tight audio format did not start: %s."),
               opus_strerror (status));
}

TuttiEncoder *
tutti_tight_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  int status;
  OpusCustomEncoder *opus = create_encoder (format, &status);
  TightEncoder *self;

  if (opus == NULL) {
    set_start_error (error, status);
    return NULL;
  }
  self = g_new0 (TightEncoder, 1);
  self->parent.klass = &encoder_class;
  self->parent.format = *format;
  /* The windows of such short frames overlap by a whole frame. */
  self->parent.lookahead = format->frame_samples;
  self->opus = opus;
  self->n_bytes = (int) tutti_audio_format_get_frame_bytes (format);
  return &self->parent;
}

static guint
tight_get_duration (TuttiDecoder *decoder, const guint8 *payload, gsize size)
{
  return size >= MIN_BYTES && size <= MAX_BYTES ? decoder->format.frame_samples : 0;
}

/*
 * bridge:
 *
 * @ahead: gets what would be invented next, one frame
 *
 * A frame's sound is whole only together with the second half of the frame before. When that one is
 * missing, the decoder gets what was invented, coded as if it had come, and so goes over from it to
 * what is real by the codec's own overlap. libopus has a concealment for this, but see MIN_BYTES.
 */
static void
bridge (TightDecoder *self, float *ahead)
{
  int n = (int) self->parent.format.frame_samples;
  float pcm[MAX_FRAME * TUTTI_MAX_CHANNELS];
  guint8 payload[INVENTED_BYTES * TUTTI_MAX_CHANNELS];
  int size = INVENTED_BYTES * (int) self->parent.format.channels;

  opus_custom_encoder_ctl (self->inventor, OPUS_RESET_STATE);
  tutti_concealer_get_last (self->concealer, pcm, (guint) n);
  tutti_concealer_look_ahead (self->concealer, ahead, (guint) n);
  /* The first only fills the encoder's memory. */
  if (opus_custom_encode_float (self->inventor, pcm, n, payload, size) == size &&
      opus_custom_encode_float (self->inventor, ahead, n, payload, size) == size)
    (void) !opus_custom_decode_float (self->opus, payload, size, pcm, n);
}

static int
tight_decode (TuttiDecoder *decoder,
              const guint8 *payload,
              gsize size,
              float *pcm,
              guint max_samples)
{
  TightDecoder *self = (TightDecoder *) decoder;
  int n = (int) decoder->format.frame_samples;
  gboolean lost = tutti_concealer_is_lost (self->concealer);
  float ahead[MAX_FRAME * TUTTI_MAX_CHANNELS];

  if (tight_get_duration (decoder, payload, size) == 0 || max_samples < (guint) n)
    return -1;
  if (lost)
    bridge (self, ahead);
  if (opus_custom_decode_float (self->opus, payload, (int) size, pcm, n) != n)
    return -1;
  tutti_concealer_hear (self->concealer, lost ? ahead : NULL, pcm, (guint) n);
  return n;
}

static int
tight_conceal (TuttiDecoder *decoder, float *pcm, guint n_samples)
{
  tutti_concealer_conceal (((TightDecoder *) decoder)->concealer, pcm, n_samples);
  return (int) n_samples;
}

static void
tight_decoder_reset (TuttiDecoder *decoder)
{
  TightDecoder *self = (TightDecoder *) decoder;

  opus_custom_decoder_ctl (self->opus, OPUS_RESET_STATE);
  tutti_concealer_reset (self->concealer);
}

static void
tight_decoder_free (TuttiDecoder *decoder)
{
  TightDecoder *self = (TightDecoder *) decoder;

  opus_custom_decoder_destroy (self->opus);
  opus_custom_encoder_destroy (self->inventor);
  tutti_concealer_free (self->concealer);
  g_free (decoder);
}

static const TuttiDecoderClass decoder_class = {
  .decode = tight_decode,
  .conceal = tight_conceal,
  .get_duration = tight_get_duration,
  .reset = tight_decoder_reset,
  .free = tight_decoder_free,
};

TuttiDecoder *
tutti_tight_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  const OpusCustomMode *mode = get_mode (format->frame_samples);
  int status;
  OpusCustomEncoder *inventor = create_encoder (format, &status);
  OpusCustomDecoder *opus = NULL;
  TightDecoder *self;

  if (inventor != NULL)
    opus = opus_custom_decoder_create (mode, (int) format->channels, &status);
  if (opus == NULL) {
    if (inventor != NULL)
      opus_custom_encoder_destroy (inventor);
    set_start_error (error, status);
    return NULL;
  }
  self = g_new0 (TightDecoder, 1);
  self->parent.klass = &decoder_class;
  self->parent.format = *format;
  self->opus = opus;
  self->inventor = inventor;
  self->concealer = tutti_concealer_new (format->channels);
  return &self->parent;
}

#else /* without custom modes nobody can be offered this format, and nobody gets this far */

gboolean
tutti_codec_has_tight (void)
{
  return FALSE;
}

static void
set_absent_error (GError **error)
{
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                       _ ("The Opus library of this system has no custom modes, so the tight audio "
                          "format cannot be sent or heard."));
}

TuttiEncoder *
tutti_tight_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  set_absent_error (error);
  return NULL;
}

TuttiDecoder *
tutti_tight_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  set_absent_error (error);
  return NULL;
}

#endif
