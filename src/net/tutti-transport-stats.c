/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-thread.h"

/* What the other end reports about our streams. Asked for at most once a second; webrtcbin's thread
 * collects it, the main thread reads what came last. */

typedef struct {
  double rtt; /* seconds; < 0 unknown */
  gint64 lost;
} Report;

static gboolean
read_field (const GstIdStr *name, const GValue *value, gpointer data)
{
  Report *report = data;
  const GstStructure *entry;
  GstWebRTCStatsType type;
  double rtt;
  int lost;

  if (!GST_VALUE_HOLDS_STRUCTURE (value))
    return TRUE;
  entry = gst_value_get_structure (value);
  if (!gst_structure_get (entry, "type", GST_TYPE_WEBRTC_STATS_TYPE, &type, NULL) ||
      type != GST_WEBRTC_STATS_REMOTE_INBOUND_RTP)
    return TRUE;
  if (gst_structure_get_double (entry, "round-trip-time", &rtt) && rtt > 0)
    report->rtt = MAX (report->rtt, rtt);
  if (gst_structure_get_int (entry, "packets-lost", &lost))
    report->lost += lost;
  return TRUE;
}

static void
on_report (TuttiTransport *self, gpointer data)
{
  Report *report = data;

  if (report->rtt >= 0)
    self->stats.rtt_ms = report->rtt * 1000;
  self->stats.packets_lost = report->lost;
}

/* webrtcbin's thread. */
static void
on_promise (GstPromise *promise, gpointer data)
{
  const GstStructure *reply = NULL;
  Report *report;

  if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    reply = gst_promise_get_reply (promise);
  if (reply == NULL)
    return;
  report = g_new0 (Report, 1);
  report->rtt = -1;
  gst_structure_foreach_id_str (reply, read_field, report);
  tutti_transport_shared_post (data, on_report, report, g_free);
}

void
tutti_transport_refresh_stats (TuttiTransport *self)
{
  gint64 now = g_get_monotonic_time ();
  GstPromise *promise;

  if (self->direction != TUTTI_DIRECTION_SEND || self->state != TUTTI_TRANSPORT_CONNECTED ||
      now - self->stats_time < G_TIME_SPAN_SECOND)
    return;
  self->stats_time = now;
  promise = gst_promise_new_with_change_func (on_promise, tutti_transport_shared_ref (self->shared),
                                              (GDestroyNotify) tutti_transport_shared_unref);
  g_signal_emit_by_name (self->webrtc, "get-stats", NULL, promise);
  gst_promise_unref (promise);
}

/**
 * tutti_transport_get_stats:
 *
 * Cheap; counts are of this moment, rtt_ms and packets_lost (sending only) up to some seconds old.
 */
void
tutti_transport_get_stats (TuttiTransport *self, TuttiTransportStats *stats)
{
  g_return_if_fail (TUTTI_IS_TRANSPORT (self) && stats != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  tutti_transport_refresh_stats (self);
  *stats = self->stats;
  stats->packets_sent = __atomic_load_n (&self->shared->packets_sent, __ATOMIC_RELAXED);
  stats->packets_received = __atomic_load_n (&self->shared->packets_received, __ATOMIC_RELAXED);
  stats->packets_dropped = __atomic_load_n (&self->shared->packets_dropped, __ATOMIC_RELAXED);
  stats->m_lines = self->remote != NULL ? tutti_remote_sdp_get_n_media (self->remote) : 0;
  stats->departed = self->departed;
}
