/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "tutti-payload.h"
#include "tutti-playout.h"
#include "tutti-rtp.h"

#define PAYLOAD_TYPE 100
#define QUANTUM      64
#define MAX_CYCLES   200

static void
fill (guint8 *sound, gsize size, guint8 seed)
{
  for (gsize i = 0; i < size; i++)
    sound[i] = (guint8) (i * 37 + seed);
}

static gsize
make_packet (const guint8 *step, guint32 *timestamp, guint16 *sequence, guint8 *packet)
{
  static const guint frames[] = { 64, 128, 64, 128 };
  guint8 data[1300], sound[600];
  TuttiPayload payload = { .wire = TUTTI_WIRE_RAW,
                           .frame_samples = frames[step[0] & 1],
                           .channels = 1,
                           .bits = 16,
                           .n_copies = (step[0] >> 1) % 3,
                           .size = 2 * frames[step[0] & 1] };
  TuttiRtp rtp = { .payload_type = PAYLOAD_TYPE, .ssrc = 7, .payload = data };

  fill (sound, sizeof sound, step[0]);
  payload.distance = payload.n_copies ? 1 + (step[0] >> 4) % 3 : 0;
  for (guint k = 0; k <= payload.n_copies; k++)
    payload.frames[k] = sound + k;
  *sequence = (guint16) (*sequence + (gint8) step[1] / 16 + 1);
  *timestamp += payload.frame_samples * (guint32) ((gint8) step[2] / 8 + 1);
  if (step[3] == 255)
    *timestamp ^= (guint32) step[2] << 24;
  rtp.sequence = *sequence;
  rtp.timestamp = *timestamp;
  rtp.payload_size = tutti_payload_write (&payload, data, sizeof data);

  return tutti_rtp_write (packet, 1400, &rtp);
}

/* Any order, any gaps, any time stamps, in any pace: it ends, and what comes out is sound. Five
 * bytes make a packet and say how much later it comes. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  const TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_RAW, .frame_samples = 64, .channels = 1, .framed = TRUE, .bits = 16
  };
  g_autoptr (TuttiPlayout) playout = tutti_playout_new (&format, PAYLOAD_TYPE, NULL);
  gint64 now = 1000000000;
  guint32 timestamp = 48000;
  guint16 sequence = 100;
  float out[QUANTUM];
  float *planes[1] = { out };
  TuttiRemoteStats stats;
  guint n_cycles = 0;

  for (; size >= 5 && n_cycles < MAX_CYCLES; data += 5, size -= 5) {
    guint8 packet[1400];
    gsize n = make_packet (data, &timestamp, &sequence, packet);

    if (data[4] == 254 && n > 0)
      packet[data[3] % n] ^= data[2]; /* one that was damaged on the way */
    tutti_playout_push (playout, data[3] & 1, packet, n, now);
    for (guint i = 0; i < (guint) data[4] % 8; i++, n_cycles++) {
      now += 1333333;
      tutti_playout_process (playout, planes, QUANTUM, now);
      for (guint j = 0; j < QUANTUM; j++)
        g_assert (isfinite (out[j]) && fabsf (out[j]) < 8);
    }
  }
  tutti_playout_get_stats (playout, &stats);
  g_assert (stats.concealed_samples <= stats.played_samples + 48000);

  return 0;
}
