/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

/* webrtcbin puts a queue, and with it a thread, between ICE and SRTP. Waking that thread costs more
 * than all that it does with a packet. So RTP and RTCP go from ICE to SRTP at once, in the thread
 * that received them; DTLS goes through the queue as ever.
 *
 * Why this is safe: SRTP takes the stream lock of its pad for each packet, whoever brings it. The
 * handshake went through the queue before, and with it all sticky events. And where SRTP is
 * flushing, it says so, and the receiving thread ends as it would have at the queue. */

typedef struct {
  TuttiTransportShared *shared;
  GstElement *queue;
  GstPad *srtp;      /* where the queue's RTP arrives in the end */
  gboolean is_clear; /* the receiving thread's: the queue was seen empty */
} Shortcut;

static void
shortcut_free (gpointer data)
{
  Shortcut *self = data;

  gst_object_unref (self->srtp);
  gst_object_unref (self->queue);
  tutti_transport_shared_unref (self->shared);
  g_free (self);
}

/* RFC 5764, section 5.1.2. */
static gboolean
is_rtp (GstBuffer *buffer)
{
  guint8 first = 0;

  return gst_buffer_extract (buffer, 0, &first, 1) == 1 && first >= 128 && first <= 191;
}

/* What came before must go before. */
static gboolean
is_clear (Shortcut *self)
{
  guint level = 0;

  if (!self->is_clear) {
    g_object_get (self->queue, "current-level-buffers", &level, NULL);
    self->is_clear = level == 0;
  }
  return self->is_clear;
}

/* The receiving thread. */
static GstPadProbeReturn
on_received (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Shortcut *self = data;

  if (!tutti_transport_shared_is_open (self->shared) ||
      !is_rtp (GST_PAD_PROBE_INFO_BUFFER (info)) || !is_clear (self))
    return GST_PAD_PROBE_OK;
  GST_PAD_PROBE_INFO_FLOW_RETURN (info) =
      gst_pad_chain (self->srtp, GST_PAD_PROBE_INFO_BUFFER (info));
  return GST_PAD_PROBE_HANDLED;
}

static GstElement *
find_child (GstObject *bin, const char *factory)
{
  g_autoptr (GstIterator) iterator = NULL;
  g_auto (GValue) value = G_VALUE_INIT;
  GstElement *found = NULL;

  if (!GST_IS_BIN (bin))
    return NULL;
  iterator = gst_bin_iterate_elements (GST_BIN (bin));
  while (found == NULL && gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&value);
    GstElementFactory *own = gst_element_get_factory (element);

    if (own != NULL && g_str_equal (GST_OBJECT_NAME (own), factory))
      found = gst_object_ref (element);
    g_value_reset (&value);
  }
  return found;
}

static GstPad *
find_pad (GstObject *bin, const char *factory, const char *pad)
{
  g_autoptr (GstElement) element = find_child (bin, factory);

  return element != NULL ? gst_element_get_static_pad (element, pad) : NULL;
}

/*< private >
 * tutti_transport_take_shortcut:
 * @queue: webrtcbin's own, between ICE and SRTP
 *
 * Does nothing when it does not find what it knows around the queue: then all goes through it.
 */
void
tutti_transport_take_shortcut (TuttiTransportShared *shared, GstElement *queue)
{
  g_autoptr (GstObject) bin = gst_object_get_parent (GST_OBJECT (queue));
  g_autoptr (GstElement) decoder = find_child (bin, "dtlssrtpdec");
  g_autoptr (GstPad) ice = find_pad (bin, "nicesrc", "src");
  g_autoptr (GstPad) srtp = find_pad (GST_OBJECT (decoder), "srtpdec", "rtp_sink");
  Shortcut *self;

  if (ice == NULL || srtp == NULL)
    return;
  self = g_new0 (Shortcut, 1);
  self->shared = tutti_transport_shared_ref (shared);
  self->queue = gst_object_ref (queue);
  self->srtp = g_steal_pointer (&srtp);
  gst_pad_add_probe (ice, GST_PAD_PROBE_TYPE_BUFFER, on_received, self, shortcut_free);
}
