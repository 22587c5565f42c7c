/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include <sched.h>
#include <unistd.h>

#include "tutti-thread.h"

/* Which threads of a transport get real-time priority: the one that receives, and those that hold a
 * lock which a packet on its way needs (libnice's, and the one that sends RTCP); without it,
 * whoever is more important than they would keep packets waiting, too. Sending has no thread of its
 * own: tutti_send_slot_push() does it all. What a sending transport receives is RTCP, and nobody
 * waits for that. */

/*< private >
 * tutti_transport_shared_enter_path:
 *
 * Any of a transport's threads: asks for real-time priority, without waiting for whoever grants it,
 * and lets the thread be counted.
 */
void
tutti_transport_shared_enter_path (TuttiTransportShared *self)
{
  int tid = gettid ();

  if (self->for_pictures)
    return;
  tutti_thread_make_realtime (TUTTI_NET_PRIORITY);
  for (guint i = 0; i < TUTTI_TRANSPORT_MAX_PATH_THREADS; i++) {
    int expected = 0;

    if (__atomic_compare_exchange_n (&self->path_threads[i], &expected, tid, FALSE,
                                     __ATOMIC_ACQ_REL, __ATOMIC_RELAXED))
      return;
  }
}

/*< private >
 * tutti_transport_shared_leave_path:
 *
 * The thread goes back to a pool that lends it to whoever comes next, at ordinary priority.
 */
void
tutti_transport_shared_leave_path (TuttiTransportShared *self)
{
  int tid = gettid ();

  if (self->for_pictures)
    return;
  for (guint i = 0; i < TUTTI_TRANSPORT_MAX_PATH_THREADS; i++) {
    int expected = tid;

    __atomic_compare_exchange_n (&self->path_threads[i], &expected, 0, FALSE, __ATOMIC_ACQ_REL,
                                 __ATOMIC_RELAXED);
  }
  tutti_thread_make_ordinary ();
}

/*< private >
 * tutti_transport_shared_count_threads:
 *
 * Any thread. Asks the kernel each time: a broker may take back what it granted.
 */
void
tutti_transport_shared_count_threads (TuttiTransportShared *self, guint *path, guint *realtime)
{
  *path = *realtime = 0;
  for (guint i = 0; i < TUTTI_TRANSPORT_MAX_PATH_THREADS; i++) {
    int tid = __atomic_load_n (&self->path_threads[i], __ATOMIC_ACQUIRE);
    int policy;

    if (tid == 0)
      continue;
    policy = sched_getscheduler (tid);
    if (policy < 0) /* it ended */
      continue;
    policy &= ~SCHED_RESET_ON_FORK;
    *path += 1;
    *realtime += policy == SCHED_FIFO || policy == SCHED_RR;
  }
}

/* -- streaming threads, known by what they serve -- */

void
tutti_transport_shared_on_stream_status (TuttiTransportShared *self, GstMessage *message)
{
  GstElementFactory *factory;
  GstStreamStatusType type;
  GstElement *owner = NULL;

  gst_message_parse_stream_status (message, &type, &owner);
  if (type == GST_STREAM_STATUS_TYPE_LEAVE)
    tutti_transport_shared_leave_path (self);
  if (type != GST_STREAM_STATUS_TYPE_ENTER || owner == NULL ||
      self->direction != TUTTI_DIRECTION_RECEIVE)
    return;
  factory = gst_element_get_factory (owner);
  if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "nicesrc"))
    tutti_transport_shared_enter_path (self);
}

/* -- libnice's -- */

static gboolean
on_nice_thread (gpointer data)
{
  tutti_transport_shared_enter_path (data);
  return G_SOURCE_REMOVE;
}

void
tutti_transport_shared_watch_context (TuttiTransportShared *self, GMainContext *context)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_nice_thread, tutti_transport_shared_ref (self),
                         (GDestroyNotify) tutti_transport_shared_unref);
  g_source_attach (source, context);
}
