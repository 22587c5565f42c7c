/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-clock.h"

/* What is read off the pads of webrtcbin's rtpsession. Received RTP ends here: rtpsession has seen
 * it (statistics, receiver reports), and what would come behind it, a jitter buffer with two
 * threads for each stream, is never made. */

static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gint64 now = tutti_clock_now_ns ();

  if ((GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    tutti_transport_shared_deliver (data, GST_PAD_PROBE_INFO_BUFFER (info), now);
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      tutti_transport_shared_deliver (data, gst_buffer_list_get (list, i), now);
  }
  return GST_PAD_PROBE_DROP;
}

/* A sender report would have a jitter buffer made, too. */
static GstPadProbeReturn
drop (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

static void
take_rtcp (TuttiTransportShared *shared, GstPadProbeInfo *info, gboolean is_ours)
{
  GstBufferList *list;

  if ((GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    tutti_transport_shared_take_rtcp (shared, GST_PAD_PROBE_INFO_BUFFER (info), is_ours);
    return;
  }
  list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);
  for (guint i = 0; i < gst_buffer_list_length (list); i++)
    tutti_transport_shared_take_rtcp (shared, gst_buffer_list_get (list, i), is_ours);
}

static GstPadProbeReturn
on_rtcp_sent (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  take_rtcp (data, info, TRUE);
  return GST_PAD_PROBE_OK;
}

static GstPadProbeReturn
on_rtcp_received (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  take_rtcp (data, info, FALSE);
  return GST_PAD_PROBE_OK;
}

/* rtpsession's own thread says nothing of itself, but its first packet comes in it. */
static GstPadProbeReturn
on_first_rtcp (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  tutti_transport_shared_enter_path (data);
  return GST_PAD_PROBE_REMOVE;
}

static void
add_probe (TuttiTransportShared *shared, GstPad *pad, GstPadProbeCallback func)
{
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, func,
                     tutti_transport_shared_ref (shared),
                     (GDestroyNotify) tutti_transport_shared_unref);
}

/* Whatever thread negotiates. */
static void
on_pad_added (GstElement *session, GstPad *pad, gpointer data)
{
  TuttiTransportShared *shared = data;
  const char *name = GST_PAD_NAME (pad);

  if (g_str_equal (name, "recv_rtp_src")) {
    add_probe (shared, pad, on_packet);
    g_weak_ref_set (&shared->receive_pad, pad);
  } else if (g_str_equal (name, "sync_src")) {
    add_probe (shared, pad, drop);
  } else if (g_str_equal (name, "send_rtcp_src")) {
    add_probe (shared, pad, on_rtcp_sent);
    add_probe (shared, pad, on_first_rtcp);
  } else if (g_str_equal (name, "recv_rtcp_sink")) {
    add_probe (shared, pad, on_rtcp_received);
  }
}

/* -- asking the sender; any thread -- */

static void
ask (TuttiAsker *self, GstStructure *structure)
{
  g_autoptr (GstPad) pad = g_weak_ref_get (&self->receive_pad);
  GstEvent *event = gst_event_new_custom (GST_EVENT_CUSTOM_UPSTREAM, structure);

  /* rtpsession makes RTCP of it. */
  if (pad != NULL && tutti_transport_shared_is_open (self))
    gst_pad_send_event (pad, event);
  else
    gst_event_unref (event);
}

void
tutti_asker_ask_key_frame (TuttiAsker *self, guint32 ssrc, guint8 payload_type)
{
  ask (self,
       gst_structure_new ("GstForceKeyUnit", "ssrc", G_TYPE_UINT, ssrc, "payload", G_TYPE_UINT,
                          (guint) payload_type, "all-headers", G_TYPE_BOOLEAN, FALSE, NULL));
}

void
tutti_asker_ask_again (TuttiAsker *self, guint32 ssrc, guint16 seq)
{
  ask (self, gst_structure_new ("GstRTPRetransmissionRequest", "ssrc", G_TYPE_UINT, ssrc, "seqnum",
                                G_TYPE_UINT, (guint) seq, "delay", G_TYPE_UINT, 0u, "deadline",
                                G_TYPE_UINT, 200u, "packet-spacing", G_TYPE_UINT, 5u, NULL));
}

TuttiAsker *
tutti_transport_dup_asker (TuttiTransport *self)
{
  return tutti_transport_shared_ref (self->shared);
}

void
tutti_asker_unref (TuttiAsker *self)
{
  tutti_transport_shared_unref (self);
}

/*< private >
 * tutti_transport_shared_watch_session:
 * @session: an rtpsession that has no pads yet
 */
void
tutti_transport_shared_watch_session (TuttiTransportShared *self, GstElement *session)
{
  g_signal_connect_data (session, "pad-added", G_CALLBACK (on_pad_added),
                         tutti_transport_shared_ref (self), tutti_transport_shared_closure_notify,
                         0);
}
