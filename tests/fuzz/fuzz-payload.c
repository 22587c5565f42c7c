/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "fuzz.h"
#include "tutti-codec.h"
#include "tutti-payload.h"
#include "tutti-rtp.h"

/* A packet: header, framing, and each frame in its decoder. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  TuttiRtp rtp;
  TuttiPayload payload;
  guint8 written[2000];
  float pcm[2 * TUTTI_MAX_FRAME_SAMPLES];

  if (!tutti_rtp_parse (data, size, &rtp))
    return 0;
  g_assert (rtp.payload >= data && rtp.payload + rtp.payload_size <= data + size);
  if (!tutti_payload_parse (&payload, rtp.payload, rtp.payload_size))
    return 0;

  /* What was understood is written as it came. */
  g_assert (payload.n_copies <= TUTTI_PAYLOAD_MAX_COPIES);
  if (rtp.payload_size <= sizeof written) {
    gsize n = tutti_payload_write (&payload, written, sizeof written);

    g_assert (n == 0 || (n == rtp.payload_size && memcmp (written, rtp.payload, n) == 0));
  }

  for (guint k = 0; k <= payload.n_copies; k++) {
    TuttiAudioFormat format = { .wire = payload.wire,
                                .frame_samples = payload.frame_samples,
                                .channels = payload.channels,
                                .bits = payload.bits,
                                .framed = TRUE };
    TuttiDecoder *decoder = tutti_decoder_new (&format, NULL);

    if (!decoder)
      break;
    decoder->klass->decode (decoder, payload.frames[k], payload.size, pcm, TUTTI_MAX_FRAME_SAMPLES);
    tutti_decoder_free (decoder);
  }

  return 0;
}
