/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The way of a packet through TuttiTransport: which threads it meets, what is told of its loss, and
 * what happens when everything is taken down around it. Through the real mediasoup worker; see
 * test-transport.c. */

#include <gst/gst.h>
#include <stdlib.h>
#include <string.h>

#include "musician.h"
#include "tutti-thread.h"
#include "tutti-transport-private.h"

#define N_STREAMS 8

/* Processor time of all threads of that name, in ns. */
static gint64
thread_time (const char *name)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;
  gint64 sum = 0;

  while ((tid = g_dir_read_name (dir)) != NULL) {
    g_autofree char *comm = g_build_filename ("/proc/self/task", tid, "comm", NULL);
    g_autofree char *stat = g_build_filename ("/proc/self/task", tid, "schedstat", NULL);
    g_autofree char *own = NULL, *times = NULL;

    if (g_file_get_contents (comm, &own, NULL, NULL) && g_str_has_prefix (own, name) &&
        g_file_get_contents (stat, &times, NULL, NULL))
      sum += g_ascii_strtoll (times, NULL, 10);
  }
  return sum;
}

/* Real-time where this user may have that. */
static void
assert_threads (TuttiTransport *transport, guint n)
{
  gboolean may_be_realtime = tutti_thread_make_realtime (1);
  TuttiTransportStats stats;

  tutti_thread_make_ordinary ();
  tutti_transport_get_stats (transport, &stats);
  g_assert_cmpuint (stats.path_threads, ==, n);
  g_assert_cmpuint (stats.realtime_threads, ==, may_be_realtime ? n : 0);
}

/* Eight streams on one transport, each pushed by a thread of its own: all arrive in
 * order; the queue's thread has no part in it, and no thread but the receiving one is woken. */
static void
test_threads (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  TuttiTransportStats stats;
  Sender *senders[N_STREAMS];
  Listener *listeners[N_STREAMS];
  guint64 pushed = 0, heard = 0;
  gint64 queue, nice;

  for (guint i = 0; i < N_STREAMS; i++) {
    senders[i] = sender_new (sfu, send, 120);
    listeners[i] = listener_new (sfu, receive, senders[i]->producer_id);
    g_assert_no_error (listeners[i]->error);
  }
  g_assert_true (wait_state (receive, TUTTI_TRANSPORT_CONNECTED, 5000));
  g_assert_true (wait_state (send, TUTTI_TRANSPORT_CONNECTED, 5000));
  for (guint i = 0; i < N_STREAMS; i++)
    sender_start (senders[i], 120);
  g_assert_true (listener_wait (listeners[0], 100, 5000));
  queue = thread_time ("queue");
  nice = thread_time ("nicesrc");
  wait_ms (3000);
  queue = thread_time ("queue") - queue;
  nice = thread_time ("nicesrc") - nice;
  g_test_message ("queues %.2f ms, nicesrc %.2f ms", queue / 1e6, nice / 1e6);
  g_assert_cmpint (queue * 20, <, nice);
  /* libnice's and rtpsession's, and nicesrc where something is received. */
  assert_threads (receive, 3);
  assert_threads (send, 2);

  for (guint i = 0; i < N_STREAMS; i++)
    sender_stop (senders[i]);
  wait_ms (300);
  for (guint i = 0; i < N_STREAMS; i++) {
    g_assert_cmpuint (listeners[i]->n_wrong, ==, 0);
    pushed += senders[i]->n_pushed;
    heard += listener_count (listeners[i]);
    listener_free (listeners[i]);
    sender_free (senders[i]);
  }
  g_test_message ("heard %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT, heard, pushed);
  g_assert_cmpuint (heard, >, pushed * 98 / 100);
  tutti_transport_close (receive);
  tutti_transport_get_stats (receive, &stats);
  g_assert_cmpuint (stats.path_threads, <=, 3);
  finish (send);
  finish (receive);
  assert_idle ();
}

/* -- loss -- */

static GstPad *
find_last_pad (GstElement *webrtc)
{
  g_autoptr (GstIterator) iterator = gst_bin_iterate_recurse (GST_BIN (webrtc));
  g_auto (GValue) value = G_VALUE_INIT;
  GstPad *pad = NULL;

  while (pad == NULL && gst_iterator_next (iterator, &value) == GST_ITERATOR_OK) {
    GstElement *element = g_value_get_object (&value);
    GstElementFactory *factory = gst_element_get_factory (element);

    if (factory != NULL && g_str_equal (GST_OBJECT_NAME (factory), "nicesink"))
      pad = gst_element_get_static_pad (element, "sink");
    g_value_reset (&value);
  }
  g_assert_nonnull (pad);
  return pad;
}

typedef struct {
  guint32 ssrc; /* network order; whose packets are lost */
  guint count;
  int every; /* atomic; 0: none */
} Loss;

/* Where the network begins. */
static GstPadProbeReturn
lose (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  Loss *loss = data;
  int every = g_atomic_int_get (&loss->every);
  guint8 header[12];

  if (gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, header, 12) < 12 || every == 0 ||
      header[1] == 200 || memcmp (header + 8, &loss->ssrc, 4) != 0)
    return GST_PAD_PROBE_OK;
  return ++loss->count % every == 0 ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

typedef struct {
  TuttiTransport *transport;
  double least, most;
} LossBounds;

static gboolean
is_told (gpointer data)
{
  LossBounds *bounds = data;
  TuttiTransportStats stats;

  tutti_transport_get_stats (bounds->transport, &stats);
  return stats.loss_percent >= bounds->least && stats.loss_percent <= bounds->most;
}

/* One of two streams loses each tenth packet: it is told, and it is over when it is over. */
static void
test_loss (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  Sender *senders[2] = { sender_new (sfu, send, 120), sender_new (sfu, send, 120) };
  LossBounds bounds = { send, 0, 0 };
  g_autoptr (GstPad) pad = NULL;
  TuttiTransportStats stats;
  Loss loss = { 0 };

  g_assert_true (wait_state (send, TUTTI_TRANSPORT_CONNECTED, 5000));
  tutti_transport_get_stats (send, &stats);
  g_assert_cmpfloat (stats.loss_percent, ==, -1);
  g_assert_cmpfloat (stats.rtt_ms, ==, -1);
  loss.ssrc = g_htonl (tutti_send_slot_get_ssrc (senders[0]->slot));
  pad = find_last_pad (send->webrtc);
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, lose, &loss, NULL);
  for (guint i = 0; i < 2; i++)
    sender_start (senders[i], 400);
  g_assert_true (wait_until (is_told, &bounds, 15000));
  tutti_transport_get_stats (send, &stats);
  g_assert_cmpint (stats.packets_lost, ==, 0);

  g_atomic_int_set (&loss.every, 10);
  bounds.least = 9;
  bounds.most = 11;
  g_assert_true (wait_until (is_told, &bounds, 20000));
  tutti_transport_get_stats (send, &stats);
  g_test_message ("lost %" G_GINT64_FORMAT " of %" G_GUINT64_FORMAT ", %.1f %%, round trip %.2f ms",
                  stats.packets_lost, stats.packets_sent, stats.loss_percent, stats.rtt_ms);
  g_assert_cmpint (stats.packets_lost, >=, 20);
  g_assert_cmpfloat (stats.rtt_ms, >=, 0);
  g_assert_cmpfloat (stats.rtt_ms, <, 200);

  g_atomic_int_set (&loss.every, 0);
  bounds.least = bounds.most = 0;
  g_assert_true (wait_until (is_told, &bounds, 20000));
  for (guint i = 0; i < 2; i++)
    sender_free (senders[i]);
  finish (send);
  assert_idle ();
}

/* -- teardown -- */

typedef enum { CLOSE_RECEIVE, CLOSE_SEND, CLOSE_BOTH, CLOSE_SERVER, N_WAYS } Way;

/* Everything flows; then it is taken down, in all orders and in the middle of packets. */
static void
tear_down (Sfu *sfu, Way way, guint wait)
{
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *senders[3];
  Listener *listeners[3];
  guint64 heard;

  for (guint i = 0; i < G_N_ELEMENTS (senders); i++) {
    senders[i] = sender_new (sfu, send, 120);
    sender_start (senders[i], 750);
    listeners[i] = listener_new (sfu, receive, senders[i]->producer_id);
    g_assert_no_error (listeners[i]->error);
  }
  g_assert_true (listener_wait (listeners[2], 20 + wait, 8000));
  if (way == CLOSE_SERVER)
    sfu_do (sfu, "closeTransport", "transportId", tutti_transport_get_id (receive));
  if (way == CLOSE_SEND || way == CLOSE_BOTH)
    tutti_transport_close (send);
  if (way == CLOSE_RECEIVE || way == CLOSE_BOTH)
    tutti_transport_close (receive);
  heard = listener_count (listeners[0]);
  wait_ms (wait);
  if (way == CLOSE_RECEIVE || way == CLOSE_BOTH)
    g_assert_cmpuint (listener_count (listeners[0]), ==, heard);
  for (guint i = 0; i < G_N_ELEMENTS (senders); i++) {
    g_assert_cmpuint (listeners[i]->n_wrong, ==, 0);
    listener_free (listeners[i]);
    sender_free (senders[i]);
  }
  finish (send);
  finish (receive);
}

static void
test_teardown (void)
{
  NEED_SFU (sfu);

  for (guint i = 0; i < 6 * N_WAYS; i++)
    tear_down (sfu, i % N_WAYS, i);
  assert_idle ();
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  tutti_net_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/path/threads", test_threads);
  g_test_add_func ("/path/loss", test_loss);
  g_test_add_func ("/path/teardown", test_teardown);
  return g_test_run ();
}
