/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-rtcp.h"

/* RFC 3550, section 6.4. What comes from outside is decrypted and authenticated, and trusted no
 * more for that. */

#define SENDER_REPORT   200
#define RECEIVER_REPORT 201
#define HEADER_SIZE     4
#define SENDER_SIZE     20 /* what a sender report has before its blocks, after the SSRC */
#define BLOCK_SIZE      24

typedef struct {
  guint8 type;
  guint count;
  const guint8 *body; /* behind the header */
  gsize size;         /* of the body */
} Packet;

static guint32
read_u32 (const guint8 *data)
{
  return (guint32) data[0] << 24 | (guint32) data[1] << 16 | (guint32) data[2] << 8 | data[3];
}

/* Takes the next packet of a compound one. */
static gboolean
next_packet (const guint8 **data, gsize *size, Packet *packet)
{
  gsize length;

  if (*size < HEADER_SIZE || (*data)[0] >> 6 != 2)
    return FALSE;
  length = HEADER_SIZE + 4 * (gsize) ((*data)[2] << 8 | (*data)[3]);
  if (length > *size)
    return FALSE;
  *packet = (Packet) { (*data)[1], (*data)[0] & 31, *data + HEADER_SIZE, length - HEADER_SIZE };
  *data += length;
  *size -= length;
  return TRUE;
}

static gint32
read_lost (const guint8 *data)
{
  guint32 value = (guint32) data[0] << 16 | (guint32) data[1] << 8 | data[2];

  /* 24 bits with a sign. */
  return (value & 0x800000) != 0 ? (gint32) value - 0x1000000 : (gint32) value;
}

static void
read_block (const guint8 *data, TuttiRtcpReport *report)
{
  report->ssrc = read_u32 (data);
  report->fraction_lost = data[4];
  report->lost = read_lost (data + 5);
  report->last_sr = read_u32 (data + 16);
  report->delay = read_u32 (data + 20);
}

gboolean
tutti_rtcp_foreach_report (const guint8 *data,
                           gsize size,
                           TuttiRtcpReportFunc func,
                           gpointer user_data)
{
  Packet packet;

  while (size > 0) {
    gsize begin;

    if (!next_packet (&data, &size, &packet))
      return FALSE;
    if (packet.type != SENDER_REPORT && packet.type != RECEIVER_REPORT)
      continue;
    begin = 4 + (packet.type == SENDER_REPORT ? SENDER_SIZE : 0);
    if (packet.size < begin + (gsize) packet.count * BLOCK_SIZE)
      return FALSE;
    for (guint i = 0; i < packet.count; i++) {
      TuttiRtcpReport report;

      read_block (packet.body + begin + i * BLOCK_SIZE, &report);
      func (&report, user_data);
    }
  }
  return TRUE;
}

gboolean
tutti_rtcp_get_sender_time (const guint8 *data, gsize size, guint32 *middle)
{
  Packet packet;

  while (size > 0 && next_packet (&data, &size, &packet))
    if (packet.type == SENDER_REPORT && packet.size >= 4 + SENDER_SIZE) {
      *middle = read_u32 (packet.body + 6);
      return TRUE;
    }
  return FALSE;
}
