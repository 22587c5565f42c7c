/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-clock.h"

/* -- shared -- */

TuttiTransportShared *
tutti_transport_shared_new (TuttiDirection direction, const char *fingerprint)
{
  TuttiTransportShared *self = g_atomic_rc_box_new0 (TuttiTransportShared);

  g_weak_ref_init (&self->transport, NULL);
  self->context = g_main_context_ref_thread_default ();
  self->direction = direction;
  self->fingerprint = g_strdup (fingerprint);
  g_mutex_init (&self->lock);
  self->taps = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) tutti_tap_unref);
  return self;
}

TuttiTransportShared *
tutti_transport_shared_ref (TuttiTransportShared *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
shared_clear (gpointer data)
{
  TuttiTransportShared *self = data;

  g_weak_ref_clear (&self->transport);
  g_main_context_unref (self->context);
  g_free (self->fingerprint);
  g_mutex_clear (&self->lock);
  g_hash_table_unref (self->taps);
}

void
tutti_transport_shared_unref (TuttiTransportShared *self)
{
  g_atomic_rc_box_release_full (self, shared_clear);
}

void
tutti_transport_shared_closure_notify (gpointer data, GClosure *closure)
{
  tutti_transport_shared_unref (data);
}

typedef struct {
  TuttiTransportShared *shared;
  TuttiTransportPostFunc func;
  gpointer data;
  GDestroyNotify destroy;
} Post;

static void
post_free (gpointer data)
{
  Post *post = data;

  if (post->destroy != NULL)
    post->destroy (post->data);
  tutti_transport_shared_unref (post->shared);
  g_free (post);
}

static gboolean
post_run (gpointer data)
{
  Post *post = data;
  g_autoptr (TuttiTransport) transport = g_weak_ref_get (&post->shared->transport);

  if (transport != NULL && !tutti_transport_is_over (transport))
    post->func (transport, post->data);
  return G_SOURCE_REMOVE;
}

void
tutti_transport_shared_post (TuttiTransportShared *self,
                             TuttiTransportPostFunc func,
                             gpointer data,
                             GDestroyNotify destroy)
{
  g_autoptr (GSource) source = g_idle_source_new ();
  Post *post = g_new (Post, 1);

  *post = (Post) { tutti_transport_shared_ref (self), func, data, destroy };
  /* An idle source of its own and not g_main_context_invoke(): the order is kept, and nothing runs
   * on the caller's stack when the caller happens to be the main thread. */
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, post_run, post, post_free);
  g_source_attach (source, self->context);
}

static void
fail_on_main (TuttiTransport *transport, gpointer data)
{
  tutti_transport_fail (transport, data);
}

void
tutti_transport_shared_fail (TuttiTransportShared *self, GError *error)
{
  tutti_transport_shared_post (self, fail_on_main, error, (GDestroyNotify) g_error_free);
}

/* -- taps -- */

struct _TuttiTap {
  GMutex lock; /* held while func runs: streaming threads only, and main for a moment */
  TuttiRtpFunc func;
  gpointer func_data;
  GDestroyNotify func_destroy;
};

static void
tap_clear (gpointer data)
{
  TuttiTap *self = data;

  tutti_tap_close (self);
  g_mutex_clear (&self->lock);
}

void
tutti_tap_unref (TuttiTap *self)
{
  g_atomic_rc_box_release_full (self, tap_clear);
}

/* Whoever comes first, the consumer (main thread) or its first packet, makes the tap. */
TuttiTap *
tutti_transport_shared_get_tap (TuttiTransportShared *self, guint32 ssrc)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);
  TuttiTap *tap = g_hash_table_lookup (self->taps, GUINT_TO_POINTER (ssrc));

  if (tap == NULL) {
    tap = g_atomic_rc_box_new0 (TuttiTap);
    g_mutex_init (&tap->lock);
    g_hash_table_insert (self->taps, GUINT_TO_POINTER (ssrc), tap);
  }
  return g_atomic_rc_box_acquire (tap);
}

gboolean
tutti_tap_open (TuttiTap *self, TuttiRtpFunc func, gpointer func_data, GDestroyNotify func_destroy)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  if (self->func != NULL)
    return FALSE;
  self->func = func;
  self->func_data = func_data;
  self->func_destroy = func_destroy;
  return TRUE;
}

void
tutti_tap_close (TuttiTap *self)
{
  GDestroyNotify destroy;
  gpointer data;

  g_mutex_lock (&self->lock);
  destroy = g_steal_pointer (&self->func_destroy);
  data = g_steal_pointer (&self->func_data);
  self->func = NULL;
  g_mutex_unlock (&self->lock);

  if (destroy != NULL)
    destroy (data);
}

typedef struct {
  TuttiTap *tap;
  TuttiTransportShared *shared;
} TapProbe;

static void
tap_probe_free (gpointer data)
{
  TapProbe *probe = data;

  tutti_tap_unref (probe->tap);
  tutti_transport_shared_unref (probe->shared);
  g_free (probe);
}

static void
tap_deliver (TapProbe *probe, GstBuffer *buffer, gint64 now)
{
  GstMapInfo map;

  if (!tutti_transport_shared_is_open (probe->shared) ||
      !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  g_mutex_lock (&probe->tap->lock);
  /* Asked again under the lock: close() shuts the valve first and then every tap. */
  if (probe->tap->func != NULL && tutti_transport_shared_is_open (probe->shared)) {
    __atomic_fetch_add (&probe->shared->packets_received, 1, __ATOMIC_RELAXED);
    probe->tap->func (map.data, map.size, now, probe->tap->func_data);
  }
  g_mutex_unlock (&probe->tap->lock);
  gst_buffer_unmap (buffer, &map);
}

/* Streaming thread. Nothing ever gets into the jitter buffer: no pad is added, nothing waits. */
static GstPadProbeReturn
on_packet (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  gint64 now = tutti_clock_now_ns ();

  if ((GST_PAD_PROBE_INFO_TYPE (info) & GST_PAD_PROBE_TYPE_BUFFER) != 0) {
    tap_deliver (data, GST_PAD_PROBE_INFO_BUFFER (info), now);
  } else {
    GstBufferList *list = GST_PAD_PROBE_INFO_BUFFER_LIST (info);

    for (guint i = 0; i < gst_buffer_list_length (list); i++)
      tap_deliver (data, gst_buffer_list_get (list, i), now);
  }
  return GST_PAD_PROBE_DROP;
}

void
tutti_tap_attach (TuttiTap *self, TuttiTransportShared *shared, GstElement *jitter_buffer)
{
  g_autoptr (GstPad) pad = gst_element_get_static_pad (jitter_buffer, "sink");
  TapProbe *probe = g_new (TapProbe, 1);

  probe->tap = g_atomic_rc_box_acquire (self);
  probe->shared = tutti_transport_shared_ref (shared);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, on_packet,
                     probe, tap_probe_free);
}
