/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include <string.h>

/* -- shared -- */

TuttiTransportShared *
tutti_transport_shared_new (TuttiDirection direction,
                            gboolean for_pictures,
                            const char *fingerprint)
{
  TuttiTransportShared *self = g_atomic_rc_box_new0 (TuttiTransportShared);

  g_weak_ref_init (&self->transport, NULL);
  self->context = g_main_context_ref_thread_default ();
  self->direction = direction;
  self->for_pictures = for_pictures;
  g_weak_ref_init (&self->receive_pad, NULL);
  self->fingerprint = g_strdup (fingerprint);
  g_mutex_init (&self->lock);
  g_mutex_init (&self->reports_lock);
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
  g_weak_ref_clear (&self->receive_pad);
  g_main_context_unref (self->context);
  g_free (self->fingerprint);
  g_mutex_clear (&self->lock);
  g_mutex_clear (&self->reports_lock);
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
  guint32 ssrc; /* read-only */
  GMutex lock;  /* held while func runs: streaming threads only, and main for a moment */
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

/*< private >
 * tutti_transport_shared_add_tap:
 *
 * Returns: (transfer full): a tap for packets of @ssrc, which takes the place of an older one
 */
TuttiTap *
tutti_transport_shared_add_tap (TuttiTransportShared *self,
                                guint32 ssrc,
                                TuttiRtpFunc func,
                                gpointer func_data,
                                GDestroyNotify func_destroy)
{
  TuttiTap *tap = g_atomic_rc_box_new0 (TuttiTap);
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  g_mutex_init (&tap->lock);
  tap->ssrc = ssrc;
  tap->func = func;
  tap->func_data = func_data;
  tap->func_destroy = func_destroy;
  g_hash_table_replace (self->taps, GUINT_TO_POINTER (ssrc), g_atomic_rc_box_acquire (tap));
  return tap;
}

void
tutti_transport_shared_remove_tap (TuttiTransportShared *self, TuttiTap *tap)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  if (g_hash_table_lookup (self->taps, GUINT_TO_POINTER (tap->ssrc)) == tap)
    g_hash_table_remove (self->taps, GUINT_TO_POINTER (tap->ssrc));
}

static TuttiTap *
find_tap (TuttiTransportShared *self, guint32 ssrc)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);
  TuttiTap *tap = g_hash_table_lookup (self->taps, GUINT_TO_POINTER (ssrc));

  return tap != NULL ? g_atomic_rc_box_acquire (tap) : NULL;
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

static void
tap_deliver (TuttiTap *tap, TuttiTransportShared *shared, const GstMapInfo *map, gint64 now)
{
  g_mutex_lock (&tap->lock);
  /* Asked again under the lock: close() shuts the valve first and then every tap. */
  if (tap->func != NULL && tutti_transport_shared_is_open (shared)) {
    __atomic_fetch_add (&shared->packets_received, 1, __ATOMIC_RELAXED);
    tap->func (map->data, map->size, now, tap->func_data);
  }
  g_mutex_unlock (&tap->lock);
}

/*< private >
 * tutti_transport_shared_deliver:
 * @buffer: an RTP packet, decrypted
 *
 * The receiving thread: gives the packet to whoever consumes its SSRC, if anybody does.
 */
void
tutti_transport_shared_deliver (TuttiTransportShared *self, GstBuffer *buffer, gint64 now)
{
  TuttiTap *tap = NULL;
  GstMapInfo map;
  guint32 ssrc;

  if (!tutti_transport_shared_is_open (self) || !gst_buffer_map (buffer, &map, GST_MAP_READ))
    return;
  if (map.size >= 12) {
    memcpy (&ssrc, map.data + 8, sizeof ssrc);
    tap = find_tap (self, g_ntohl (ssrc));
  }
  if (tap != NULL) {
    tap_deliver (tap, self, &map, now);
    tutti_tap_unref (tap);
  }
  gst_buffer_unmap (buffer, &map);
}
