/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_RTP_HEADER_SIZE 12

/**
 * TuttiRtp: the fields of an RTP packet (RFC 3550 §5.1)
 * @payload: points into the packet, behind CSRCs and header extensions (RFC 8285, skipped unread)
 * @payload_size: without padding
 */
typedef struct {
  guint8 payload_type;
  gboolean marker;
  guint16 sequence;
  guint32 timestamp;
  guint32 ssrc;
  const guint8 *payload;
  gsize payload_size;
} TuttiRtp;

/* FALSE for anything that is not a whole RTP packet, RTCP (RFC 5761 §4) included. Any thread. */
gboolean tutti_rtp_parse (const guint8 *data, gsize size, TuttiRtp *rtp);
/* Writes header and payload; returns the size, 0 when it does not fit. @payload may already stand
 * at its place in @data. */
gsize tutti_rtp_write (guint8 *data, gsize size, const TuttiRtp *rtp);

G_END_DECLS
