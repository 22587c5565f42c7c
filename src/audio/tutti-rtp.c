/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-rtp.h"

#include <string.h>

static guint16
read16 (const guint8 *data)
{
  return (guint16) (data[0] << 8 | data[1]);
}

static guint32
read32 (const guint8 *data)
{
  return (guint32) read16 (data) << 16 | read16 (data + 2);
}

gboolean
tutti_rtp_parse (const guint8 *data, gsize size, TuttiRtp *rtp)
{
  gsize offset = TUTTI_RTP_HEADER_SIZE;
  gsize end = size;

  if (data == NULL || size < TUTTI_RTP_HEADER_SIZE || data[0] >> 6 != 2)
    return FALSE;
  /* Packet types 192 … 223 on a multiplexed port are RTCP. */
  if (data[1] >= 192 && data[1] <= 223)
    return FALSE;

  offset += (gsize) (data[0] & 0x0f) * 4;
  if (offset > end)
    return FALSE;
  if ((data[0] & 0x10) != 0) {
    if (end - offset < 4)
      return FALSE;
    offset += 4 + (gsize) read16 (data + offset + 2) * 4;
    if (offset > end)
      return FALSE;
  }
  if ((data[0] & 0x20) != 0) {
    guint8 padding = data[size - 1];

    if (padding == 0 || padding > end - offset)
      return FALSE;
    end -= padding;
  }

  rtp->payload_type = data[1] & 0x7f;
  rtp->marker = (data[1] & 0x80) != 0;
  rtp->sequence = read16 (data + 2);
  rtp->timestamp = read32 (data + 4);
  rtp->ssrc = read32 (data + 8);
  rtp->payload = data + offset;
  rtp->payload_size = end - offset;
  return TRUE;
}

gsize
tutti_rtp_write (guint8 *data, gsize size, const TuttiRtp *rtp)
{
  guint32 words[2] = { GUINT32_TO_BE (rtp->timestamp), GUINT32_TO_BE (rtp->ssrc) };

  if (size < TUTTI_RTP_HEADER_SIZE || rtp->payload_size > size - TUTTI_RTP_HEADER_SIZE)
    return 0;
  data[0] = 2 << 6;
  data[1] = (guint8) ((rtp->marker ? 0x80 : 0) | (rtp->payload_type & 0x7f));
  data[2] = rtp->sequence >> 8;
  data[3] = rtp->sequence & 0xff;
  memcpy (data + 4, words, sizeof words);
  if (rtp->payload_size > 0)
    memmove (data + TUTTI_RTP_HEADER_SIZE, rtp->payload, rtp->payload_size);
  return TUTTI_RTP_HEADER_SIZE + rtp->payload_size;
}
