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

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sfu.h"
#include "tutti-clock.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"
#include "tutti-transport.h"

#define MAX_STREAMS  64
#define MAX_PACKET   1400
#define MAX_THREADS  512
#define WITNESS_SSRC 0x20000000u

typedef struct {
  gint64 *values; /* ns */
  guint64 n, size;
} Delays;

typedef struct {
  guint32 ssrc;
  guint16 seq;
  int fd;              /* plain */
  TuttiSendSlot *slot; /* or through a transport */
  guint8 payload_type;
} Stream;

typedef struct {
  Sfu *sfu;
  TuttiTransport *transport;
  Stream streams[MAX_STREAMS];
  Stream witness;
  Delays delays, witness_delays;
  int sink;         /* plain packets that come back */
  int is_measuring; /* atomic */
  int is_running;   /* atomic */
  pid_t excluded[2];
  guint64 n_pushed;
  gint64 push_cpu; /* ns of the pushing thread's */
  gint64 push_longest;
} Cost;

static int opt_streams = 10;
static int opt_rate = 200;
static int opt_payload = 80;
static int opt_seconds = 10;

static const GOptionEntry entries[] = {
  { "streams", 0, 0, G_OPTION_ARG_INT, &opt_streams, "How many", "N" },
  { "rate", 0, 0, G_OPTION_ARG_INT, &opt_rate, "Packets per second and stream", "N" },
  { "payload", 0, 0, G_OPTION_ARG_INT, &opt_payload, "Bytes", "N" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &opt_seconds, "How long", "S" },
  { NULL },
};

/* -- delays -- */

/* One writer at a time. */
static void
delays_add (Delays *self, gint64 value)
{
  if (self->n < self->size)
    self->values[self->n++] = value;
}

static int
compare (gconstpointer a, gconstpointer b)
{
  const gint64 *x = a, *y = b;

  return *x < *y ? -1 : *x > *y;
}

static double
quantile_us (Delays *self, double q)
{
  return self->n == 0 ? -1 : self->values[(guint64) (q * (self->n - 1))] / 1e3;
}

/* -- packets: RTP header, then the time of sending -- */

static gsize
write_packet (Stream *stream, guint8 *packet)
{
  guint16 seq = g_htons (stream->seq);
  guint32 ssrc = g_htonl (stream->ssrc);
  guint32 timestamp = g_htonl ((guint32) stream->seq * (48000 / opt_rate));
  gint64 now;

  stream->seq++;
  memset (packet, 0x55, 12 + opt_payload);
  packet[0] = 0x80;
  packet[1] = stream->payload_type;
  memcpy (packet + 2, &seq, 2);
  memcpy (packet + 4, &timestamp, 4);
  memcpy (packet + 8, &ssrc, 4);
  /* The worker gives SSRCs of its own: at the end stands whose it was. */
  memcpy (packet + 12 + opt_payload - 4, &stream->ssrc, 4);
  now = tutti_clock_now_ns ();
  memcpy (packet + 12, &now, 8);
  return 12 + opt_payload;
}

static void
take_packet (Cost *self, Delays *delays, const guint8 *rtp, gsize size, gint64 now)
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
  gint64 cpu = thread_time (), start = tutti_clock_now_ns ();

  tutti_send_slot_push (stream->slot, packet, size);
  if (!g_atomic_int_get (&self->is_measuring))
    return;
  self->push_longest = MAX (self->push_longest, tutti_clock_now_ns () - start);
  self->push_cpu += thread_time () - cpu;
}

static void
send_packet (Cost *self, Stream *stream)
{
  guint8 packet[MAX_PACKET];
  gsize size = write_packet (stream, packet);

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
  guint n = opt_streams + 1;
  gint64 start = tutti_clock_now_ns ();

  self->excluded[0] = gettid ();
  tutti_thread_make_realtime (15);
  for (guint64 i = 0; g_atomic_int_get (&self->is_running); i++) {
    gint64 due = start + (gint64) (i * TUTTI_NSEC_PER_SEC / ((guint64) opt_rate * n));
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
    take_packet (self, marker == WITNESS_SSRC ? &self->witness_delays : &self->delays, packet, size,
                 now);
  }
  return NULL;
}

static void
on_rtp (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data)
{
  Cost *self = user_data;

  take_packet (self, &self->delays, rtp, size, tutti_clock_now_ns ());
}

/* -- the room -- */

static int
open_socket (guint16 to_port, guint16 *own_port)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct timeval patience = { 0, 200000 };
  socklen_t length = sizeof address;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  g_assert_cmpint (fd, >=, 0);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  g_assert_cmpint (bind (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  getsockname (fd, (struct sockaddr *) &address, &length);
  if (own_port != NULL)
    *own_port = ntohs (address.sin_port);
  address.sin_port = htons (to_port);
  if (to_port != 0)
    g_assert_cmpint (connect (fd, (struct sockaddr *) &address, sizeof address), ==, 0);
  return fd;
}

static JsonObject *
plain_parameters (Cost *self, Stream *stream)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (self->sfu), "audio/opus", 240, 2, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  stream->payload_type = (guint8) json_object_get_int_member (codec, "preferredPayloadType");
  text = g_strdup_printf ("{\"codecs\":[{\"mimeType\":\"audio/opus\",\"payloadType\":%u,"
                          "\"clockRate\":48000,\"channels\":2}],\"encodings\":[{\"ssrc\":%u}]}",
                          stream->payload_type, stream->ssrc);
  return json_node_dup_object (json_from_string (text, NULL));
}

static char *
produce (Cost *self, const char *transport_id, JsonObject *rtp_parameters)
{
  JsonObject *data = json_object_new ();
  g_autoptr (JsonObject) answer = NULL;

  json_object_set_string_member (data, "transportId", transport_id);
  json_object_set_string_member (data, "kind", "audio");
  json_object_set_object_member (data, "rtpParameters", rtp_parameters);
  answer = sfu_call (self->sfu, "produce", data);
  return g_strdup (json_object_get_string_member (answer, "producerId"));
}

static JsonObject *
consume (Cost *self, const char *transport_id, const char *producer_id)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "transportId", transport_id);
  json_object_set_string_member (data, "producerId", producer_id);
  json_object_set_object_member (
      data, "rtpCapabilities",
      tutti_ortc_receive_capabilities (sfu_get_capabilities (self->sfu), FALSE));
  return sfu_call (self->sfu, "consume", data);
}

static JsonObject *
plain_transport (Cost *self, guint16 port)
{
  JsonObject *data = json_object_new ();

  json_object_set_int_member (data, "port", port);
  return sfu_call (self->sfu, "createPlainTransport", data);
}

/* A stream that is sent plain; returns its producer. */
static char *
add_plain (Cost *self, Stream *stream, guint32 ssrc)
{
  g_autoptr (JsonObject) transport = plain_transport (self, 0);

  stream->ssrc = ssrc;
  stream->fd = open_socket ((guint16) json_object_get_int_member (transport, "port"), NULL);
  return produce (self, json_object_get_string_member (transport, "transportId"),
                  plain_parameters (self, stream));
}

static void
hear_plain (Cost *self, const char *transport_id, const char *producer_id)
{
  g_autoptr (JsonObject) consumer = consume (self, transport_id, producer_id);

  sfu_do (self->sfu, "resumeConsumer", "consumerId",
          json_object_get_string_member (consumer, "consumerId"));
}

static void
on_consumed (GObject *source, GAsyncResult *result, gpointer data)
{
  g_autoptr (GError) error = NULL;

  tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &error);
  g_assert_no_error (error);
  *(gboolean *) data = TRUE;
}

static void
hear (Cost *self, const char *producer_id)
{
  g_autoptr (JsonObject) consumer =
      consume (self, tutti_transport_get_id (self->transport), producer_id);
  const char *id = json_object_get_string_member (consumer, "consumerId");
  gboolean is_done = FALSE;

  tutti_transport_consume_async (self->transport, id,
                                 json_object_get_object_member (consumer, "rtpParameters"), on_rtp,
                                 self, NULL, NULL, on_consumed, &is_done);
  while (!is_done)
    g_main_context_iteration (NULL, TRUE);
  sfu_do (self->sfu, "resumeConsumer", "consumerId", id);
}

typedef struct {
  TuttiSendSlot *slot;
  JsonObject *rtp_parameters;
} Produced;

static void
on_produced (GObject *source, GAsyncResult *result, gpointer data)
{
  Produced *produced = data;
  g_autoptr (GError) error = NULL;

  produced->slot = tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result,
                                                   &produced->rtp_parameters, &error);
  g_assert_no_error (error);
}

static char *
add_slot (Cost *self, Stream *stream)
{
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (self->sfu), "audio/opus", 240, 2, NULL);
  g_autoptr (JsonArray) extensions =
      tutti_ortc_send_extensions (sfu_get_capabilities (self->sfu), "audio");
  Produced produced = { NULL };

  tutti_transport_produce_async (self->transport, codec, extensions, NULL, on_produced, &produced);
  while (produced.slot == NULL)
    g_main_context_iteration (NULL, TRUE);
  stream->slot = produced.slot;
  stream->ssrc = tutti_send_slot_get_ssrc (produced.slot);
  stream->payload_type = tutti_send_slot_get_payload_type (produced.slot);
  return produce (self, tutti_transport_get_id (self->transport), produced.rtp_parameters);
}

static void
set_up (Cost *self, TuttiDirection direction)
{
  g_autoptr (JsonObject) back = NULL;
  g_autofree char *witness = NULL;
  const char *back_id;
  guint16 port;

  self->sink = open_socket (0, &port);
  back = plain_transport (self, port);
  back_id = json_object_get_string_member (back, "transportId");
  witness = add_plain (self, &self->witness, WITNESS_SSRC);
  hear_plain (self, back_id, witness);
  self->transport = sfu_make_transport (self->sfu, direction);
  for (int i = 0; i < opt_streams; i++) {
    g_autofree char *producer = direction == TUTTI_DIRECTION_RECEIVE
                                    ? add_plain (self, &self->streams[i], 0x10000000u + i)
                                    : add_slot (self, &self->streams[i]);

    if (direction == TUTTI_DIRECTION_RECEIVE)
      hear (self, producer);
    else
      hear_plain (self, back_id, producer);
  }
}

/* -- processor time -- */

typedef struct {
  pid_t tid;
  char name[32];
  gint64 ns;
} ThreadTime;

static guint
read_threads (ThreadTime *threads)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *name;
  guint n = 0;

  while (n < MAX_THREADS && (name = g_dir_read_name (dir)) != NULL) {
    g_autofree char *times = g_build_filename ("/proc/self/task", name, "schedstat", NULL);
    g_autofree char *comm = g_build_filename ("/proc/self/task", name, "comm", NULL);
    g_autofree char *text = NULL, *label = NULL;

    if (!g_file_get_contents (times, &text, NULL, NULL) ||
        !g_file_get_contents (comm, &label, NULL, NULL))
      continue;
    threads[n].tid = atoi (name);
    threads[n].ns = g_ascii_strtoll (text, NULL, 10);
    g_strlcpy (threads[n].name, g_strchomp (label), sizeof threads[n].name);
    n++;
  }
  return n;
}

static gint64
time_before (const ThreadTime *threads, guint n, pid_t tid)
{
  for (guint i = 0; i < n; i++)
    if (threads[i].tid == tid)
      return threads[i].ns;
  return 0;
}

/* Microseconds that all threads but the two of this program used; @list gets those that count. */
static double
sum_threads (Cost *self, const ThreadTime *before, guint n_before, guint *n_threads, GString *list)
{
  static ThreadTime after[MAX_THREADS];
  double total = 0;

  *n_threads = read_threads (after);
  for (guint i = 0; i < *n_threads; i++) {
    double used = (after[i].ns - time_before (before, n_before, after[i].tid)) / 1e3;
    double each = used / MAX (self->delays.n, 1);

    if (after[i].tid == self->excluded[0] || after[i].tid == self->excluded[1])
      continue;
    total += used;
    if (each > 0.1)
      g_string_append_printf (list, "%s\"%s %d\":%.2f", list->len > 0 ? "," : "", after[i].name,
                              after[i].tid, each);
  }
  return total;
}

static void
print_delays (const char *prefix, Delays *delays)
{
  if (delays->n > 0)
    qsort (delays->values, delays->n, sizeof (gint64), compare);
  g_print ("\"%sp50_us\":%.0f,\"%sp95_us\":%.0f,\"%sp99_us\":%.0f,", prefix,
           quantile_us (delays, 0.5), prefix, quantile_us (delays, 0.95), prefix,
           quantile_us (delays, 0.99));
}

static void
report (Cost *self, const char *direction, const ThreadTime *before, guint n_before, double seconds)
{
  double packets = MAX (self->delays.n, 1);
  g_autoptr (GString) list = g_string_new (NULL);
  guint n_threads;
  double total = self->push_cpu / 1e3 + sum_threads (self, before, n_before, &n_threads, list);

  g_print ("{\"direction\":\"%s\",\"streams\":%d,\"rate\":%d,\"payload\":%d,\"seconds\":%.2f,"
           "\"pushed\":%" G_GUINT64_FORMAT ",\"arrived\":%" G_GUINT64_FORMAT ",\"threads\":%u,",
           direction, opt_streams, opt_rate, opt_payload, seconds, self->n_pushed, self->delays.n,
           n_threads);
  g_print ("\"push_us\":%.2f,\"push_longest_us\":%.0f,\"cpu_us_per_packet\":%.2f,"
           "\"cpu_percent_per_stream\":%.3f,",
           self->push_cpu / 1e3 / packets, self->push_longest / 1e3, total / packets,
           total / 1e4 / seconds / opt_streams);
  print_delays ("", &self->delays);
  print_delays ("witness_", &self->witness_delays);
  g_print ("\"us_per_packet_by_thread\":{%s}}\n", list->str);
}

static void
measure (Cost *self, const char *direction)
{
  static ThreadTime before[MAX_THREADS];
  GThread *sink, *sender;
  gint64 start;
  guint n;

  self->delays.size = (guint64) opt_streams * opt_rate * (opt_seconds + 2);
  self->delays.values = g_new (gint64, self->delays.size);
  self->witness_delays.size = (guint64) opt_rate * (opt_seconds + 2);
  self->witness_delays.values = g_new (gint64, self->witness_delays.size);
  g_atomic_int_set (&self->is_running, 1);
  sink = g_thread_new ("sink", run_sink, self);
  sender = g_thread_new ("sender", run_sender, self);
  wait_ms (3000);

  n = read_threads (before);
  start = tutti_clock_now_ns ();
  g_atomic_int_set (&self->is_measuring, 1);
  g_usleep (opt_seconds * G_USEC_PER_SEC);
  g_atomic_int_set (&self->is_measuring, 0);
  report (self, direction, before, n, (tutti_clock_now_ns () - start) / 1e9);
  g_atomic_int_set (&self->is_running, 0);
  g_thread_join (sender);
  g_thread_join (sink);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new ("receive|send");
  g_autoptr (GError) error = NULL;
  Cost cost = { 0 };

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc != 2 ||
      !(g_str_equal (argv[1], "receive") || g_str_equal (argv[1], "send")) || opt_streams < 1 ||
      opt_streams > MAX_STREAMS || opt_rate < 1 || opt_payload < 12 ||
      opt_payload > MAX_PACKET - 12) {
    g_printerr ("transport-cost: %s\n", error ? error->message : "receive or send?");
    return 2;
  }
  tutti_thread_init_main ();
  tutti_net_init (&error);
  g_assert_no_error (error);
  cost.sfu = sfu_new ();
  if (cost.sfu == NULL) {
    g_printerr ("transport-cost: TUTTI_NODE or MEDIASOUP_WORKER_BIN is not set.\n");
    return 1;
  }
  set_up (&cost, g_str_equal (argv[1], "send") ? TUTTI_DIRECTION_SEND : TUTTI_DIRECTION_RECEIVE);
  measure (&cost, argv[1]);
  tutti_transport_close (cost.transport);
  g_object_unref (cost.transport);
  sfu_free (cost.sfu);
  return tutti_net_wait_idle (5000) ? 0 : 1;
}
