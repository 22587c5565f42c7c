/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiRtcpReport: a report block of RFC 3550, section 6.4.1
 * @ssrc: of the stream that it is about
 * @fraction_lost: in 1/256, since the last report
 * @lost: since the stream began; negative when packets came twice
 * @last_sr: the middle 32 bits of the NTP time of the last sender report that was seen, 0: none
 * @delay: since then, in 1/65536 s
 */
typedef struct {
  guint32 ssrc;
  guint8 fraction_lost;
  gint32 lost;
  guint32 last_sr;
  guint32 delay;
} TuttiRtcpReport;

typedef void (*TuttiRtcpReportFunc) (const TuttiRtcpReport *report, gpointer user_data);

/* Pure, any thread. Every report block of a compound packet, sender and receiver reports alike.
 * FALSE when it is malformed; what came before that has been told then. */
gboolean tutti_rtcp_foreach_report (const guint8 *data,
                                    gsize size,
                                    TuttiRtcpReportFunc func,
                                    gpointer user_data);
/* The middle 32 bits of the NTP time of the first sender report; FALSE when there is none. */
gboolean tutti_rtcp_get_sender_time (const guint8 *data, gsize size, guint32 *middle);

G_END_DECLS
