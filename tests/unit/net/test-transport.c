/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* TuttiTransport through the real mediasoup worker. Skipped where TUTTI_NODE or
 * MEDIASOUP_WORKER_BIN is not set. */

#include <gst/gst.h>

#include "musician.h"
#include "tutti-error.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"
#include "tutti-transport-private.h"

static guint
count_threads (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  guint n = 0;

  while (g_dir_read_name (dir) != NULL)
    n++;
  return n;
}

static void
assert_healthy (Sender *sender, Listener *listener)
{
  double loss = (double) listener->n_missing / MAX (1, listener_count (listener));

  g_test_message ("pushed %" G_GUINT64_FORMAT ", heard %" G_GUINT64_FORMAT
                  ", missing %" G_GUINT64_FORMAT
                  ", mean delay %.2f ms, longest %.1f ms, longest gap %.1f ms",
                  sender->n_pushed, listener_count (listener), listener->n_missing,
                  listener->delay_sum / MAX (1, listener_count (listener)), listener->delay_max,
                  listener->longest_gap / 1e6);
  g_assert_cmpuint (listener->n_wrong, ==, 0);
  g_assert_cmpfloat (loss, <, 0.01);
}

static gboolean
knows_round_trip (gpointer data)
{
  TuttiTransportStats stats;

  tutti_transport_get_stats (data, &stats);
  return stats.rtt_ms >= 0;
}

/* 400 packets a second each way, two musicians with two transports each. */
static void
test_both_ways (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send[2], *receive[2];
  Sender *sender[2];
  Listener *listener[2];
  TuttiTransportStats stats;

  for (guint i = 0; i < 2; i++) {
    send[i] = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
    receive[i] = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
    g_assert_cmpint (tutti_transport_get_state (send[i]), ==, TUTTI_TRANSPORT_NEW);
    sender[i] = sender_new (sfu, send[i], 120);
  }
  for (guint i = 0; i < 2; i++) {
    listener[i] = listener_new (sfu, receive[i], sender[1 - i]->producer_id);
    g_assert_no_error (listener[i]->error);
    g_assert_true (wait_state (send[i], TUTTI_TRANSPORT_CONNECTED, 5000));
    g_assert_true (wait_state (receive[i], TUTTI_TRANSPORT_CONNECTED, 5000));
    g_assert_cmpstr (tutti_transport_get_protocol (send[i]), ==, "udp");
    g_assert_cmpstr (tutti_transport_get_protocol (receive[i]), ==, "udp");
  }
  for (guint i = 0; i < 2; i++)
    sender_start (sender[i], 400);
  wait_ms (6000);
  for (guint i = 0; i < 2; i++)
    g_assert_true (wait_until (knows_round_trip, send[i], 15000));
  for (guint i = 0; i < 2; i++)
    sender_stop (sender[i]);
  wait_ms (300);

  for (guint i = 0; i < 2; i++) {
    assert_healthy (sender[1 - i], listener[i]);
    g_assert_cmpuint (listener_count (listener[i]), >, sender[1 - i]->n_pushed * 97 / 100);
    tutti_transport_get_stats (send[i], &stats);
    g_test_message ("sent %" G_GUINT64_FORMAT ", dropped %" G_GUINT64_FORMAT
                    ", lost %" G_GINT64_FORMAT ", rtt %.2f ms",
                    stats.packets_sent, stats.packets_dropped, stats.packets_lost, stats.rtt_ms);
    g_assert_cmpuint (stats.packets_sent, ==, sender[i]->n_pushed);
    g_assert_cmpint (stats.packets_lost, <, 20);
    g_assert_cmpfloat (stats.rtt_ms, <, 2000);
    tutti_transport_get_stats (receive[i], &stats);
    g_assert_cmpuint (stats.packets_received, ==, listener_count (listener[i]));
  }
  for (guint i = 0; i < 2; i++) {
    listener_free (listener[i]);
    sender_free (sender[i]);
    finish (send[i]);
    finish (receive[i]);
  }
  assert_idle ();
}

/* Somebody joins and leaves 40 times; who stays is heard all the time. */
static void
test_cycles (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *stays = sender_new (sfu, send, 240), *comes = sender_new (sfu, send, 240);
  Listener *listener;
  TuttiTransportStats stats;
  guint n_threads;

  g_assert_cmpuint (tutti_send_slot_get_ssrc (stays->slot), !=,
                    tutti_send_slot_get_ssrc (comes->slot));
  listener = listener_new (sfu, receive, stays->producer_id);
  g_assert_no_error (listener->error);
  sender_start (stays, 200);
  sender_start (comes, 200);
  g_assert_true (listener_wait (listener, 100, 10000));
  n_threads = count_threads ();

  for (guint i = 0; i < 40; i++) {
    guint64 before = listener_count (listener);
    Listener *extra = listener_new (sfu, receive, comes->producer_id);

    g_assert_no_error (extra->error);
    g_assert_true (listener_wait (extra, 20, 5000));
    g_assert_cmpuint (extra->n_wrong, ==, 0);
    listener_stop (extra, sfu);
    listener_free (extra);
    g_assert_true (listener_wait (listener, before + 20, 2000));
    g_assert_false (tutti_transport_wants_rebuild (receive));
  }
  wait_ms (1000);
  tutti_transport_get_stats (receive, &stats);
  g_test_message ("threads %u before, %u after 40 departures", n_threads, count_threads ());
  /* One m-line for who stays, one for all who came. */
  g_assert_cmpuint (stats.m_lines, ==, 2);
  g_assert_cmpuint (stats.departed, ==, 40);
  /* webrtcbin would make two for each stream that it ever sees; GStreamer's pool has some. */
  g_assert_cmpuint (count_threads (), <=, n_threads + 6);
  receive->departed = TUTTI_TRANSPORT_MAX_DEPARTED;
  g_assert_true (tutti_transport_wants_rebuild (receive));
  assert_healthy (stays, listener);
  g_assert_cmpint (listener->longest_gap, <, G_GINT64_CONSTANT (1000000000));

  listener_free (listener);
  sender_free (stays);
  sender_free (comes);
  finish (send);
  finish (receive);
  assert_idle ();
}

/* A second receive transport takes over while the first still plays: no packet is missed by both.
 */
static void
test_make_before_break (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *old = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  TuttiTransport *new = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *sender = sender_new (sfu, send, 120);
  Listener *before, *after;
  gint64 overlap;

  before = listener_new (sfu, old, sender->producer_id);
  sender_start (sender, 400);
  g_assert_true (listener_wait (before, 200, 8000));
  after = listener_new (sfu, new, sender->producer_id);
  g_assert_true (listener_wait (after, 40, 8000));
  /* The last of the old comes after the first of the new. */
  wait_ms (100);
  overlap =
      before->last_arrival - (after->last_arrival - (gint64) listener_count (after) * 2500000);
  g_assert_cmpint (overlap, >, 0);
  listener_stop (before, sfu);
  tutti_transport_close (old);
  g_assert_true (listener_wait (after, 400, 8000));
  assert_healthy (sender, before);
  assert_healthy (sender, after);

  listener_free (before);
  listener_free (after);
  sender_free (sender);
  finish (send);
  finish (old);
  finish (new);
  assert_idle ();
}

/* A slot is released and produced on again: same m-line, same SSRC, another frame length. */
static void
test_slot_reuse (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *sender = sender_new (sfu, send, 120);
  guint32 ssrc = tutti_send_slot_get_ssrc (sender->slot);
  Listener *listener;
  TuttiTransportStats stats;
  JsonObject *codec;

  listener = listener_new (sfu, receive, sender->producer_id);
  sender_start (sender, 400);
  g_assert_true (listener_wait (listener, 100, 8000));
  listener_stop (listener, sfu);
  listener_free (listener);
  sender_free (sender);

  sender = sender_new (sfu, send, 960);
  g_assert_cmpuint (tutti_send_slot_get_ssrc (sender->slot), ==, ssrc);
  codec = json_array_get_object_element (
      json_object_get_array_member (sender->rtp_parameters, "codecs"), 0);
  g_assert_cmpint (
      json_object_get_int_member (json_object_get_object_member (codec, "parameters"), "minptime"),
      ==, 20);
  listener = listener_new (sfu, receive, sender->producer_id);
  sender_start (sender, 50);
  g_assert_true (listener_wait (listener, 50, 8000));
  assert_healthy (sender, listener);
  tutti_transport_get_stats (send, &stats);
  g_assert_cmpuint (stats.m_lines, ==, 1);
  listener_free (listener);
  sender_free (sender);
  finish (send);
  finish (receive);
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
  g_test_add_func ("/transport/both-ways", test_both_ways);
  g_test_add_func ("/transport/cycles", test_cycles);
  g_test_add_func ("/transport/make-before-break", test_make_before_break);
  g_test_add_func ("/transport/slot-reuse", test_slot_reuse);
  return g_test_run ();
}
