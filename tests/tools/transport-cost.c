/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What TuttiTransport itself costs: processor time per packet and thread, and the time that it adds
 * to a packet, beside plain UDP through the same mediasoup worker in the same moment.
 *
 * transport-cost receive|send [--streams N] [--rate PACKETS_PER_S] [--payload BYTES] [--seconds S]
 *
 * receive: N streams are sent as plain RTP and taken from one receiving transport.
 * send: N slots are pushed, and what comes through is received as plain RTP.
 * Beside them goes one stream that is plain on both ends, the witness. Prints one JSON object.
 * Needs TUTTI_NODE and MEDIASOUP_WORKER_BIN. */

#include "transport-cost.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tutti-thread.h"

#define MAX_PACKET 1400

/* One writer at a time. */
static void
delays_add (Delays *self, gint64 value)
{
  if (self->n < self->size)
    self->values[self->n++] = value;
}

/* -- packets: RTP header, then the time of sending -- */

static gsize
write_packet (Cost *self, Stream *stream, guint8 *packet)
{
  guint16 seq = g_htons (stream->seq);
  guint32 ssrc = g_htonl (stream->ssrc);
  guint32 timestamp = g_htonl ((guint32) stream->seq * (48000 / self->rate));
  gint64 now;

  stream->seq++;
  memset (packet, 0x55, 12 + self->payload);
  packet[0] = 0x80;
  packet[1] = stream->payload_type;
  memcpy (packet + 2, &seq, 2);
  memcpy (packet + 4, &timestamp, 4);
  memcpy (packet + 8, &ssrc, 4);
  /* The worker gives SSRCs of its own: at the end stands whose it was. */
  memcpy (packet + 12 + self->payload - 4, &stream->ssrc, 4);
  now = tutti_clock_now_ns ();
  memcpy (packet + 12, &now, 8);
  return 12 + self->payload;
}

void
cost_take_packet (Cost *self, Delays *delays, const guint8 *rtp, gsize size, gint64 now)
{
  gsize header = 12;
  gint64 sent;

  if ((rtp[0] & 0x10) != 0 && size >= 16)
    header += 4 + 4 * (gsize) (rtp[14] << 8 | rtp[15]);
  if (size < header + 8 || !g_atomic_int_get (&self->is_measuring))
    return;
  memcpy (&sent, rtp + header, 8);
  delays_add (delays, now - sent);
}

static gint64
thread_time (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &ts);
  return ts.tv_sec * TUTTI_NSEC_PER_SEC + ts.tv_nsec;
}

static void
push_packet (Cost *self, Stream *stream, const guint8 *packet, gsize size)
{
  gint64 cpu = thread_time (), start = tutti_clock_now_ns (), took;

  tutti_send_slot_push (stream->slot, packet, size);
  took = tutti_clock_now_ns () - start;
  if (!g_atomic_int_get (&self->is_measuring))
    return;
  self->push_longest = MAX (self->push_longest, took);
  self->push_cpu += thread_time () - cpu;
}

static void
send_packet (Cost *self, Stream *stream)
{
  guint8 packet[MAX_PACKET];
  gsize size = write_packet (self, stream, packet);

  if (stream->slot != NULL)
    push_packet (self, stream, packet, size);
  else if (send (stream->fd, packet, size, 0) < 0)
    g_printerr ("transport-cost: %s\n", g_strerror (errno));
}

/* Thread: all streams and the witness, evenly spread. */
static gpointer
run_sender (gpointer data)
{
  Cost *self = data;
  guint n = self->n_streams + 1;
  gint64 start = tutti_clock_now_ns ();

  self->excluded[0] = gettid ();
  tutti_thread_make_realtime (15);
  for (guint64 i = 0; g_atomic_int_get (&self->is_running); i++) {
    gint64 due = start + (gint64) (i * TUTTI_NSEC_PER_SEC / ((guint64) self->rate * n));
    struct timespec ts = { due / TUTTI_NSEC_PER_SEC, due % TUTTI_NSEC_PER_SEC };

    clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
    send_packet (self, i % n == 0 ? &self->witness : &self->streams[i % n - 1]);
    if (i % n != 0 && g_atomic_int_get (&self->is_measuring))
      self->n_pushed++;
  }
  return NULL;
}

/* Thread: what the worker sends as plain RTP. */
static gpointer
run_sink (gpointer data)
{
  Cost *self = data;
  guint8 packet[2048];

  self->excluded[1] = gettid ();
  tutti_thread_make_realtime (15);
  while (g_atomic_int_get (&self->is_running)) {
    gssize size = recv (self->sink, packet, sizeof packet, 0);
    gint64 now = tutti_clock_now_ns ();
    guint32 marker;

    if (size < 12 || (packet[1] >= 192 && packet[1] <= 223))
      continue;
    memcpy (&marker, packet + size - 4, 4);
    cost_take_packet (self, marker == COST_WITNESS_SSRC ? &self->witness_delays : &self->delays,
                      packet, size, now);
  }
  return NULL;
}

/* -- the run -- */

static void
measure (Cost *self, const char *direction)
{
  static ThreadTime before[COST_MAX_THREADS];
  GThread *sink, *sender;
  gint64 start;
  guint n;

  self->delays.size = (guint64) self->n_streams * self->rate * (self->seconds + 2);
  self->delays.values = g_new (gint64, self->delays.size);
  self->witness_delays.size = (guint64) self->rate * (self->seconds + 2);
  self->witness_delays.values = g_new (gint64, self->witness_delays.size);
  g_atomic_int_set (&self->is_running, 1);
  sink = g_thread_new ("sink", run_sink, self);
  sender = g_thread_new ("sender", run_sender, self);
  wait_ms (3000);

  n = cost_read_threads (before);
  start = tutti_clock_now_ns ();
  g_atomic_int_set (&self->is_measuring, 1);
  g_usleep (self->seconds * G_USEC_PER_SEC);
  g_atomic_int_set (&self->is_measuring, 0);
  cost_report (self, direction, before, n, (tutti_clock_now_ns () - start) / 1e9);
  g_atomic_int_set (&self->is_running, 0);
  g_thread_join (sender);
  g_thread_join (sink);
}

/* Whether they make sense; says so if not. */
static gboolean
parse_options (Cost *self, int *argc, char ***argv)
{
  const GOptionEntry entries[] = {
    { "streams", 0, 0, G_OPTION_ARG_INT, &self->n_streams, "How many", "N" },
    { "rate", 0, 0, G_OPTION_ARG_INT, &self->rate, "Packets per second and stream", "N" },
    { "payload", 0, 0, G_OPTION_ARG_INT, &self->payload, "Bytes", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &self->seconds, "How long", "S" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("receive|send");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (g_option_context_parse (context, argc, argv, &error) && *argc == 2 &&
      (g_str_equal ((*argv)[1], "receive") || g_str_equal ((*argv)[1], "send")) &&
      self->n_streams >= 1 && self->n_streams <= COST_MAX_STREAMS && self->rate >= 1 &&
      self->payload >= 12 && self->payload <= MAX_PACKET - 12)
    return TRUE;
  g_printerr ("transport-cost: %s\n", error ? error->message : "receive or send?");
  return FALSE;
}

int
main (int argc, char *argv[])
{
  Cost cost = { .n_streams = 10, .rate = 200, .payload = 80, .seconds = 10 };
  g_autoptr (GError) error = NULL;

  if (!parse_options (&cost, &argc, &argv))
    return 2;
  tutti_thread_init_main ();
  tutti_net_init (&error);
  g_assert_no_error (error);
  cost.sfu = sfu_new ();
  if (cost.sfu == NULL) {
    g_printerr ("transport-cost: TUTTI_NODE or MEDIASOUP_WORKER_BIN is not set.\n");
    return 1;
  }
  cost_set_up (&cost,
               g_str_equal (argv[1], "send") ? TUTTI_DIRECTION_SEND : TUTTI_DIRECTION_RECEIVE);
  measure (&cost, argv[1]);
  tutti_transport_close (cost.transport);
  g_object_unref (cost.transport);
  sfu_free (cost.sfu);
  return tutti_net_wait_idle (5000) ? 0 : 1;
}
