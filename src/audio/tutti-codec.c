/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-payload.h"

/* Below this Opus' own minimum would be asked to be undercut, above it nothing is gained. */
#define MIN_BITRATE 6000
/* A tight frame of fewer bytes is mostly its own header. */
#define MIN_TIGHT_BITRATE 32000
#define MAX_BITRATE       510000
#define MAX_DISTANCE      15

static void
refuse (GError **error, const char *sentence)
{
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_CODEC, sentence);
}

static gboolean
check_frame (const TuttiAudioFormat *format, GError **error)
{
  guint n = format->frame_samples;

  if (format->wire == TUTTI_WIRE_OPUS) {
    if (n == 120 || n == 240 || n == 480 || n == 960)
      return TRUE;
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("Opus frames last 2.5, 5, 10 or 20 ms, not %.2f ms."),
                 n * 1000.0 / TUTTI_SAMPLE_RATE);
    return FALSE;
  }
  if (n == 64 || n == 128)
    return TRUE;
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
               _ ("Frames of the raw and the tight format have 64 or 128 samples, not %u."), n);
  return FALSE;
}

static gboolean
check_rate (const TuttiAudioFormat *format, GError **error)
{
  guint least = format->wire == TUTTI_WIRE_TIGHT ? MIN_TIGHT_BITRATE : MIN_BITRATE;

  if (format->wire == TUTTI_WIRE_RAW) {
    if (format->bits == 16 || format->bits == 24)
      return TRUE;
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("Samples of the raw format have 16 or 24 bits, not %u."), format->bits);
    return FALSE;
  }
  if (format->bitrate >= least && format->bitrate <= MAX_BITRATE)
    return TRUE;
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
               _ ("The bitrate must be between %u and 510 kbit/s, not %.1f."), least / 1000,
               format->bitrate / 1000.0);
  return FALSE;
}

static gboolean
check_framing (const TuttiAudioFormat *format, GError **error)
{
  if (!format->framed) {
    if (format->wire != TUTTI_WIRE_OPUS) {
      refuse (error, _ ("The raw and the tight format can only be sent in Tutti's own framing."));
      return FALSE;
    }
    if (format->copies > 0) {
      refuse (error, _ ("Plain Opus packets have no room for copies of older frames."));
      return FALSE;
    }
    return TRUE;
  }
  if (format->copies > TUTTI_PAYLOAD_MAX_COPIES) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("A packet repeats at most %u older frames, not %u."), TUTTI_PAYLOAD_MAX_COPIES,
                 format->copies);
    return FALSE;
  }
  if (format->copies > 0 && format->distance > MAX_DISTANCE) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("A packet repeats frames that lie at most 15 frames apart, not %u."),
                 format->distance);
    return FALSE;
  }
  if (tutti_audio_format_get_frame_bytes (format) + TUTTI_PAYLOAD_HEADER > TUTTI_PAYLOAD_MAX_SIZE) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("At %.0f kbit/s a frame of %.1f ms does not fit into one packet."),
                 format->bitrate / 1000.0, format->frame_samples * 1000.0 / TUTTI_SAMPLE_RATE);
    return FALSE;
  }
  return TRUE;
}

gboolean
tutti_audio_format_check (const TuttiAudioFormat *format, GError **error)
{
  if (format->wire != TUTTI_WIRE_OPUS && format->wire != TUTTI_WIRE_TIGHT &&
      format->wire != TUTTI_WIRE_RAW) {
    refuse (error, _ ("This version of Tutti knows the audio formats raw, tight and Opus only."));
    return FALSE;
  }
  if (format->channels < 1 || format->channels > TUTTI_MAX_CHANNELS) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC,
                 _ ("A stream has one or two channels, not %u."), format->channels);
    return FALSE;
  }
  if (format->wire == TUTTI_WIRE_TIGHT && !tutti_codec_has_tight ()) {
    refuse (error, _ ("The Opus library of this system has no custom modes, so the tight audio "
                      "format cannot be sent or heard."));
    return FALSE;
  }
  return check_frame (format, error) && check_rate (format, error) && check_framing (format, error);
}

gboolean
tutti_audio_format_equal (const TuttiAudioFormat *a, const TuttiAudioFormat *b)
{
  if (a->wire != b->wire || a->frame_samples != b->frame_samples || a->channels != b->channels ||
      !a->framed != !b->framed)
    return FALSE;
  if (a->wire == TUTTI_WIRE_RAW ? a->bits != b->bits : a->bitrate != b->bitrate)
    return FALSE;
  return a->copies == b->copies && (a->copies == 0 || a->distance == b->distance);
}

gsize
tutti_audio_format_get_frame_bytes (const TuttiAudioFormat *format)
{
  guint64 n = format->frame_samples;

  if (format->wire == TUTTI_WIRE_RAW)
    return (gsize) n * format->channels * (format->bits / 8);
  n = (n * format->bitrate + 4 * TUTTI_SAMPLE_RATE) / (8 * TUTTI_SAMPLE_RATE);
  return (gsize) n;
}

TuttiEncoder *
tutti_encoder_new (const TuttiAudioFormat *format, GError **error)
{
  if (!tutti_audio_format_check (format, error))
    return NULL;
  switch (format->wire) {
  case TUTTI_WIRE_RAW:
    return tutti_raw_encoder_new (format, error);
  case TUTTI_WIRE_TIGHT:
    return tutti_tight_encoder_new (format, error);
  case TUTTI_WIRE_OPUS:
  default:
    return tutti_opus_encoder_new (format, error);
  }
}

TuttiDecoder *
tutti_decoder_new (const TuttiAudioFormat *format, GError **error)
{
  if (!tutti_audio_format_check (format, error))
    return NULL;
  switch (format->wire) {
  case TUTTI_WIRE_RAW:
    return tutti_raw_decoder_new (format, error);
  case TUTTI_WIRE_TIGHT:
    return tutti_tight_decoder_new (format, error);
  case TUTTI_WIRE_OPUS:
  default:
    return tutti_opus_decoder_new (format, error);
  }
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
