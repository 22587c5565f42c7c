/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-codec.h"

/* What decoding is concerned with. A raw decoder takes both frame lengths, the Opus decoder all of
 * its own, so that their memory of the sound survives a change of length. */
typedef enum { SLOT_RAW16, SLOT_RAW24, SLOT_TIGHT64, SLOT_TIGHT128, SLOT_OPUS, N_SLOTS } Slot;

struct _TuttiDecoderBank {
  TuttiDecoder *decoders[N_SLOTS];
};

static const TuttiAudioFormat formats[N_SLOTS] = {
  [SLOT_RAW16] = { TUTTI_WIRE_RAW, 64, .bits = 16, .framed = TRUE },
  [SLOT_RAW24] = { TUTTI_WIRE_RAW, 64, .bits = 24, .framed = TRUE },
  [SLOT_TIGHT64] = { TUTTI_WIRE_TIGHT, 64, .bitrate = 128000, .framed = TRUE },
  [SLOT_TIGHT128] = { TUTTI_WIRE_TIGHT, 128, .bitrate = 128000, .framed = TRUE },
  [SLOT_OPUS] = { TUTTI_WIRE_OPUS, 240, .bitrate = 128000, .framed = TRUE },
};

TuttiDecoderBank *
tutti_decoder_bank_new (guint channels, GError **error)
{
  g_autoptr (TuttiDecoderBank) self = g_new0 (TuttiDecoderBank, 1);

  for (guint slot = 0; slot < N_SLOTS; slot++) {
    TuttiAudioFormat format = formats[slot];

    if (format.wire == TUTTI_WIRE_TIGHT && !tutti_codec_has_tight ())
      continue;
    format.channels = channels;
    self->decoders[slot] = tutti_decoder_new (&format, error);
    if (self->decoders[slot] == NULL)
      return NULL;
  }
  return g_steal_pointer (&self);
}

void
tutti_decoder_bank_free (TuttiDecoderBank *self)
{
  if (self == NULL)
    return;
  for (guint slot = 0; slot < N_SLOTS; slot++)
    tutti_decoder_free (self->decoders[slot]);
  g_free (self);
}

static gboolean
find_slot (TuttiWireFormat wire, guint frame_samples, guint bits, Slot *slot)
{
  gboolean is_short = frame_samples == 64 || frame_samples == 128;

  switch (wire) {
  case TUTTI_WIRE_RAW:
    *slot = bits == 24 ? SLOT_RAW24 : SLOT_RAW16;
    return is_short && (bits == 16 || bits == 24);
  case TUTTI_WIRE_TIGHT:
    *slot = frame_samples == 64 ? SLOT_TIGHT64 : SLOT_TIGHT128;
    return is_short;
  case TUTTI_WIRE_OPUS:
    *slot = SLOT_OPUS;
    return frame_samples == 120 || frame_samples == 240 || frame_samples == 480 ||
           frame_samples == 960;
  default:
    return FALSE;
  }
}

TuttiDecoder *
tutti_decoder_bank_get (TuttiDecoderBank *self,
                        TuttiWireFormat wire,
                        guint frame_samples,
                        guint bits)
{
  Slot slot;

  return find_slot (wire, frame_samples, bits, &slot) ? self->decoders[slot] : NULL;
}
