/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-clock.h"
#include "tutti-rtcp.h"
#include "tutti-thread.h"

/* What the other end reports about our streams, read from the RTCP itself: webrtcbin's own
 * statistics know only the last of several streams. */

/* Without a report for so long nothing is known any more; mediasoup's come every 0.5 to 5 s. */
#define REPORT_SECONDS 12

static TuttiStreamReport *
get_report (TuttiReports *self, guint32 ssrc)
{
  TuttiStreamReport *oldest = &self->streams[0];

  for (guint i = 0; i < G_N_ELEMENTS (self->streams); i++) {
    if (self->streams[i].time != 0 && self->streams[i].ssrc == ssrc)
      return &self->streams[i];
    if (self->streams[i].time < oldest->time)
      oldest = &self->streams[i];
  }
  *oldest = (TuttiStreamReport) { .ssrc = ssrc };
  return oldest;
}

static void
take_round_trip (TuttiReports *self, const TuttiRtcpReport *report, gint64 now)
{
  gint64 rtt;

  if (report->last_sr == 0)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (self->sent); i++)
    if (self->sent[i].time != 0 && self->sent[i].middle == report->last_sr) {
      rtt = now - self->sent[i].time -
            (gint64) ((guint64) report->delay * TUTTI_NSEC_PER_SEC / 65536);
      /* The delay is rounded to 15 µs. */
      self->rtt_ns = MAX (rtt, 0);
      self->rtt_time = now;
    }
}

typedef struct {
  TuttiReports *reports;
  gint64 now;
} Arrival;

static void
on_report (const TuttiRtcpReport *report, gpointer data)
{
  Arrival *arrival = data;
  TuttiStreamReport *stream = get_report (arrival->reports, report->ssrc);

  stream->time = arrival->now;
  stream->lost = report->lost;
  stream->fraction_lost = report->fraction_lost;
  take_round_trip (arrival->reports, report, arrival->now);
}

/*< private >
 * tutti_transport_shared_take_rtcp:
 * @is_ours: it is being sent (rtpsession's thread), else it was received (the receiving thread)
 */
void
tutti_transport_shared_take_rtcp (TuttiTransportShared *shared, GstBuffer *buffer, gboolean is_ours)
{
  Arrival arrival = { &shared->reports, tutti_clock_now_ns () };
  GstMapInfo map;
  guint32 middle;

  if (!gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  g_mutex_lock (&shared->reports_lock);
  if (!is_ours)
    tutti_rtcp_foreach_report (map.data, map.size, on_report, &arrival);
  else if (tutti_rtcp_get_sender_time (map.data, map.size, &middle)) {
    guint next = shared->reports.n_sent++ % G_N_ELEMENTS (shared->reports.sent);

    shared->reports.sent[next].middle = middle;
    shared->reports.sent[next].time = arrival.now;
  }
  g_mutex_unlock (&shared->reports_lock);
  gst_buffer_unmap (buffer, &map);
}

static void
read_reports (TuttiTransportShared *shared, TuttiTransportStats *stats)
{
  gint64 since = tutti_clock_now_ns () - REPORT_SECONDS * TUTTI_NSEC_PER_SEC;
  G_MUTEX_AUTO_LOCK (&shared->reports_lock, locker);
  const TuttiReports *reports = &shared->reports;

  stats->rtt_ms = stats->loss_percent = -1;
  stats->packets_lost = 0;
  if (reports->rtt_time > since)
    stats->rtt_ms = reports->rtt_ns / 1e6;
  for (guint i = 0; i < G_N_ELEMENTS (reports->streams); i++) {
    const TuttiStreamReport *stream = &reports->streams[i];

    stats->packets_lost += stream->lost;
    if (stream->time > since)
      stats->loss_percent = MAX (stats->loss_percent, stream->fraction_lost * 100 / 256.0);
  }
}

/**
 * tutti_transport_get_stats:
 *
 * Cheap. Counts are of this moment; rtt_ms, packets_lost and loss_percent (sending only) are as old
 * as the server's last report: up to 5 s.
 */
void
tutti_transport_get_stats (TuttiTransport *self, TuttiTransportStats *stats)
{
  TuttiTransportShared *shared;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self) && stats != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  shared = self->shared;
  *stats = (TuttiTransportStats) { 0 };
  read_reports (shared, stats);
  stats->packets_sent = __atomic_load_n (&shared->packets_sent, __ATOMIC_RELAXED);
  stats->packets_received = __atomic_load_n (&shared->packets_received, __ATOMIC_RELAXED);
  stats->packets_dropped = __atomic_load_n (&shared->packets_dropped, __ATOMIC_RELAXED);
  stats->m_lines = self->remote != NULL ? tutti_remote_sdp_get_n_media (self->remote) : 0;
  stats->departed = self->departed;
  tutti_transport_shared_count_threads (shared, &stats->path_threads, &stats->realtime_threads);
}
