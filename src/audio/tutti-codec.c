/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

/* Below this Opus' own minimum would be asked to be undercut, above it nothing is gained. */
#define MIN_BITRATE 6000
#define MAX_BITRATE 510000

gboolean
tutti_audio_format_check (const TuttiAudioFormat *format, GError **error)
{
  gboolean known = format->frame_samples == 120 || format->frame_samples == 240 ||
                   format->frame_samples == 480 || format->frame_samples == 960;

  if (format->wire != TUTTI_WIRE_OPUS) {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                         _ ("This version of Tutti can only send and hear the Opus audio format."));
    return FALSE;
  }
  if (!known) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("Opus frames last 2.5, 5, 10 or 20 ms, not %.2f ms."),
                 format->frame_samples * 1000.0 / TUTTI_SAMPLE_RATE);
    return FALSE;
  }
  if (format->channels < 1 || format->channels > TUTTI_MAX_CHANNELS) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("A stream has one or two channels, not %u."), format->channels);
    return FALSE;
  }
  if (format->bitrate < MIN_BITRATE || format->bitrate > MAX_BITRATE) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("The bitrate must be between 6 and 510 kbit/s, not %.1f."),
                 format->bitrate / 1000.0);
    return FALSE;
  }
  return TRUE;
}

gboolean
tutti_audio_format_equal (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  return a->wire == b->wire && a->frame_samples == b->frame_samples && a->channels == b->channels &&
         a->bitrate == b->bitrate;
}

TuttiEncoder *
tutti_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  if (!tutti_audio_format_check (format, error))
    return NULL;
  return tutti_opus_encoder_new (format, error);
}

TuttiDecoder *
tutti_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  if (!tutti_audio_format_check (format, error))
    return NULL;
  return tutti_opus_decoder_new (format, error);
}

void
tutti_encoder_free (TuttiEncoder *self)
{
  if (self != NULL)
    self->klass->free (self);
}

void
tutti_decoder_free (TuttiDecoder *self)
{
  if (self != NULL)
    self->klass->free (self);
}
