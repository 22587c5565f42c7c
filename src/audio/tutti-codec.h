/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

/**
 * TuttiEncoder, TuttiDecoder:
 *
 * One wire format each behind one interface. Made and freed on the main thread; everything else
 * may run on a real-time thread (no allocation, lock or system call), one thread at a time.
 * Samples are interleaved floats at 48 kHz.
 */
typedef struct _TuttiEncoder TuttiEncoder;
typedef struct _TuttiDecoder TuttiDecoder;

/*
 * encode: @pcm holds format.frame_samples; returns bytes, -1 on failure
 * set_bitrate: (nullable) the next frame has another size, and joins what went before all the same;
 *   also keeps it in format
 * decode: @pcm has room for @max_samples; returns samples, -1 when the payload is malformed. After
 *   conceal() or a reset() the first samples join what went before without a step.
 * conceal: invents the next @n_samples (a multiple of the codec's smallest frame)
 * get_duration: samples that a payload holds, 0 when malformed; looks at no state
 */
typedef struct {
  int (*encode) (TuttiEncoder *self, const float *pcm, guint8 *payload, gsize size);
  void (*reset) (TuttiEncoder *self);
  void (*free) (TuttiEncoder *self);
  void (*set_bitrate) (TuttiEncoder *self, guint bitrate);
} TuttiEncoderClass;

typedef struct {
  int (*decode) (TuttiDecoder *self,
                 const guint8 *payload,
                 gsize size,
                 float *pcm,
                 guint max_samples);
  int (*conceal) (TuttiDecoder *self, float *pcm, guint n_samples);
  guint (*get_duration) (TuttiDecoder *self, const guint8 *payload, gsize size);
  void (*reset) (TuttiDecoder *self);
  void (*free) (TuttiDecoder *self);
} TuttiDecoderClass;

/* @lookahead: samples by which decoded sound lags behind what was encoded */
struct _TuttiEncoder {
  const TuttiEncoderClass *klass;
  TuttiAudioFormat format;
  guint lookahead;
};

struct _TuttiDecoder {
  const TuttiDecoderClass *klass;
  TuttiAudioFormat format;
};

gboolean tutti_audio_format_check (const TuttiAudioFormat *format, GError **error);
gboolean tutti_audio_format_equal (const TuttiAudioFormat *a, const TuttiAudioFormat *b);
/* Bytes of one coded frame, without framing and copies. */
gsize tutti_audio_format_get_frame_bytes (const TuttiAudioFormat *format);
TuttiEncoder *tutti_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_decoder_new (const TuttiAudioFormat *format, GError **error);
void tutti_encoder_free (TuttiEncoder *self);
void tutti_decoder_free (TuttiDecoder *self);

/**
 * TuttiDecoderBank:
 *
 * The decoders of one framed stream: one for every kind of frame that this build can decode, made
 * at once on the main thread, so that a real-time thread can go from one to another in the middle
 * of a stream. Decoders of another kind than was heard last must be reset (or be given the frame
 * before) first.
 */
typedef struct _TuttiDecoderBank TuttiDecoderBank;

TuttiDecoderBank *tutti_decoder_bank_new (guint channels, GError **error);
void tutti_decoder_bank_free (TuttiDecoderBank *self);
/* Real-time safe. Its decoder takes the bare frames of a payload (tutti-payload.h), not the framing
 * around them. %NULL for a kind that we cannot decode. @wire, @frame_samples, @bits as parsed. */
TuttiDecoder *tutti_decoder_bank_get (TuttiDecoderBank *self,
                                      TuttiWireFormat wire,
                                      guint frame_samples,
                                      guint bits);
/* Whether this build's libopus has custom modes: without them nobody can be offered `tight`. */
gboolean tutti_codec_has_tight (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDecoderBank, tutti_decoder_bank_free)

/* The formats, each in a file of its own. */
TuttiEncoder *tutti_raw_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_raw_decoder_new (const TuttiAudioFormat *format, GError **error);
TuttiEncoder *tutti_tight_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_tight_decoder_new (const TuttiAudioFormat *format, GError **error);
TuttiEncoder *tutti_opus_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_opus_decoder_new (const TuttiAudioFormat *format, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiEncoder, tutti_encoder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDecoder, tutti_decoder_free)

G_END_DECLS
