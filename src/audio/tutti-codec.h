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
 * decode: @pcm has room for @max_samples; returns samples, -1 when the payload is malformed. After
 *   conceal() or a reset() the first samples join what went before without a step.
 * conceal: invents the next @n_samples (a multiple of the codec's smallest frame)
 * get_duration: samples that a payload holds, 0 when malformed; looks at no state
 */
typedef struct {
  int (*encode) (TuttiEncoder *self, const float *pcm, guint8 *payload, gsize size);
  void (*reset) (TuttiEncoder *self);
  void (*free) (TuttiEncoder *self);
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
TuttiEncoder *tutti_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_decoder_new (const TuttiAudioFormat *format, GError **error);
void tutti_encoder_free (TuttiEncoder *self);
void tutti_decoder_free (TuttiDecoder *self);

/* The formats, each in a file of its own. */
TuttiEncoder *tutti_opus_encoder_new (const TuttiAudioFormat *format, GError **error);
TuttiDecoder *tutti_opus_decoder_new (const TuttiAudioFormat *format, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiEncoder, tutti_encoder_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDecoder, tutti_decoder_free)

G_END_DECLS
