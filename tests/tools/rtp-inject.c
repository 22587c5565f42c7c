/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Musicians without a client: sends RTP with real sound (a tone each) to plain transports of a
 * mediasoup worker on loopback, and counts what comes back to it.
 *
 * rtp-inject --frame SAMPLES --seconds S --payload-type PT [--wire WIRE] [--copies N]
 *            [--distance N] [--lead] [--sink-port PORT] PORT:SSRC…
 *
 * --wire: opus (RFC 7587), or in Tutti's framing framed-opus, tight, raw (16 bit), raw24.
 * Every musician sends from a socket of its own, evenly spread over the frame time; what the worker
 * sends to all of them together comes to the sink's port. They play at −60 dBFS: the same packets,
 * and nothing that covers what is measured; with --lead the first plays 3000 Hz at −20 dBFS, to be
 * listened for. Ends by itself; prints one JSON object a second: packets sent and received until
 * then, the latest that a packet was sent (ms). */

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-codec.h"
#include "tutti-payload.h"
#include "tutti-thread.h"

#define MAX_MUSICIANS 64
#define TONE_FRAMES   400
#define WARM_UP       50
#define RATE          48000
#define BITRATE       128000
#define BATCH         64

typedef struct {
  int fd;
  guint32 ssrc;
  guint32 timestamp;
  guint16 seq;
} Musician;

/* Packets of a tone that goes on without a step when it begins again. */
typedef struct {
  guint8 payloads[TONE_FRAMES][TUTTI_PAYLOAD_MAX_SIZE];
  gsize sizes[TONE_FRAMES];
} Tone;

static Tone lead, rest;
static guint64 received; /* atomic */

static int opt_frame = 240;
static int opt_seconds = 10;
static int opt_payload_type = 100;
static int opt_sink_port = 0;
static int opt_copies = 0;
static int opt_distance = 1;
static char *opt_wire = NULL;
static gboolean opt_lead = FALSE;
static char **opt_targets = NULL;

static const GOptionEntry entries[] = {
  { "frame", 0, 0, G_OPTION_ARG_INT, &opt_frame, "Samples per packet at 48 kHz", "N" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &opt_seconds, "How long", "S" },
  { "payload-type", 0, 0, G_OPTION_ARG_INT, &opt_payload_type, "RTP payload type", "PT" },
  { "sink-port", 0, 0, G_OPTION_ARG_INT, &opt_sink_port, "UDP port to receive on", "PORT" },
  { "wire", 0, 0, G_OPTION_ARG_STRING, &opt_wire, "opus, framed-opus, tight, raw or raw24",
    "WIRE" },
  { "copies", 0, 0, G_OPTION_ARG_INT, &opt_copies, "Older frames in each packet", "N" },
  { "distance", 0, 0, G_OPTION_ARG_INT, &opt_distance, "Frames between them", "N" },
  { "lead", 0, 0, G_OPTION_ARG_NONE, &opt_lead, "The first is loud", NULL },
  { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_STRING_ARRAY, &opt_targets, NULL, "PORT:SSRC…" },
  { NULL },
};

static gboolean
choose_format (TuttiAudioFormat *format)
{
  const char *wire = opt_wire != NULL ? opt_wire : "opus";

  *format = (TuttiAudioFormat) { .frame_samples = (guint) opt_frame,
                                 .channels = 1,
                                 .bitrate = BITRATE,
                                 .framed = TRUE,
                                 .copies = (guint) opt_copies,
                                 .distance = (guint) opt_distance };
  if (g_str_equal (wire, "opus") || g_str_equal (wire, "framed-opus")) {
    format->wire = TUTTI_WIRE_OPUS;
    format->framed = g_str_equal (wire, "framed-opus");
  } else if (g_str_equal (wire, "tight")) {
    format->wire = TUTTI_WIRE_TIGHT;
  } else if (g_str_equal (wire, "raw") || g_str_equal (wire, "raw24")) {
    format->wire = TUTTI_WIRE_RAW;
    format->bits = g_str_equal (wire, "raw") ? 16 : 24;
  } else {
    return FALSE;
  }
  return format->framed || format->copies == 0;
}

/* Packet @index with the frames that it repeats. */
static void
frame_packet (Tone *tone,
              const TuttiAudioFormat *format,
              guint index,
              guint8 *const *frames,
              gsize size)
{
  TuttiPayload payload = { .wire = format->wire,
                           .frame_samples = format->frame_samples,
                           .channels = format->channels,
                           .bits = format->bits,
                           .n_copies = format->copies,
                           .distance = format->copies > 0 ? format->distance : 0,
                           .size = size };

  for (guint k = 0; k <= format->copies; k++)
    payload.frames[k] = frames[(index + TONE_FRAMES - k * format->distance) % TONE_FRAMES];
  tone->sizes[index] =
      tutti_payload_write (&payload, tone->payloads[index], sizeof tone->payloads[index]);
  g_assert (tone->sizes[index] > 0);
}

/* @hz must have a whole number of periods in 400 frames. */
static void
encode_tone (Tone *tone, const TuttiAudioFormat *format, double hz, double amplitude)
{
  g_autoptr (GError) error = NULL;
  TuttiEncoder *encoder = tutti_encoder_new (format, &error);
  g_autofree float *pcm = g_new (float, opt_frame);
  g_autoptr (GPtrArray) frames = g_ptr_array_new_with_free_func (g_free);
  guint64 sample = 0;
  int size = 0;

  if (encoder == NULL) {
    g_printerr ("rtp-inject: %s\n", error->message);
    exit (2);
  }
  for (guint i = 0; i < WARM_UP + TONE_FRAMES; i++) {
    guint8 *frame = g_malloc (TUTTI_PAYLOAD_MAX_SIZE);

    for (int k = 0; k < opt_frame; k++, sample++)
      pcm[k] = (float) (amplitude * sin (2 * G_PI * hz * (double) sample / RATE));
    size = encoder->klass->encode (encoder, pcm, frame, TUTTI_PAYLOAD_MAX_SIZE);
    g_assert (size > 0);
    if (i < WARM_UP) {
      g_free (frame);
      continue;
    }
    g_ptr_array_add (frames, frame);
    tone->sizes[i - WARM_UP] = (gsize) size;
    memcpy (tone->payloads[i - WARM_UP], frame, (gsize) size);
  }
  for (guint i = 0; format->framed && i < TONE_FRAMES; i++)
    frame_packet (tone, format, i, (guint8 *const *) frames->pdata, (gsize) size);
  tutti_encoder_free (encoder);
}

static gboolean
open_musician (Musician *musician, const char *target)
{
  g_auto (GStrv) parts = g_strsplit (target, ":", 2);
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };

  if (g_strv_length (parts) != 2)
    return FALSE;
  address.sin_port = htons ((guint16) g_ascii_strtoull (parts[0], NULL, 10));
  musician->ssrc = (guint32) g_ascii_strtoull (parts[1], NULL, 10);
  musician->timestamp = g_random_int ();
  musician->seq = (guint16) g_random_int ();
  musician->fd = socket (AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  return musician->fd >= 0 &&
         connect (musician->fd, (struct sockaddr *) &address, sizeof address) == 0;
}

static gboolean
send_frame (Musician *musician, const Tone *tone, guint64 index)
{
  guint8 packet[12 + TUTTI_PAYLOAD_MAX_SIZE];
  gsize size = tone->sizes[index % TONE_FRAMES];
  guint16 seq = g_htons (musician->seq);
  guint32 timestamp = g_htonl (musician->timestamp);
  guint32 ssrc = g_htonl (musician->ssrc);

  packet[0] = 0x80;
  packet[1] = (guint8) opt_payload_type;
  memcpy (packet + 2, &seq, 2);
  memcpy (packet + 4, &timestamp, 4);
  memcpy (packet + 8, &ssrc, 4);
  memcpy (packet + 12, tone->payloads[index % TONE_FRAMES], size);
  musician->seq++;
  musician->timestamp += opt_frame;
  return send (musician->fd, packet, 12 + size, 0) >= 0;
}

/* Thread: counts what the worker sends, until the socket has been silent for a while. */
static gpointer
count_received (gpointer data)
{
  int fd = GPOINTER_TO_INT (data);
  static guint8 payloads[BATCH][256]; /* what is longer is cut: it is only counted */
  struct iovec vectors[BATCH];
  struct mmsghdr messages[BATCH] = { 0 };
  int n;

  for (guint i = 0; i < BATCH; i++) {
    vectors[i] = (struct iovec) { payloads[i], sizeof payloads[i] };
    messages[i].msg_hdr.msg_iov = &vectors[i];
    messages[i].msg_hdr.msg_iovlen = 1;
  }
  while ((n = recvmmsg (fd, messages, BATCH, MSG_WAITFORONE, NULL)) > 0)
    __atomic_fetch_add (&received, (guint64) n, __ATOMIC_RELAXED);
  close (fd);
  return NULL;
}

static GThread *
start_sink (void)
{
  struct sockaddr_in address = { .sin_family = AF_INET,
                                 .sin_addr.s_addr = htonl (INADDR_LOOPBACK) };
  struct timeval patience = { opt_seconds > 3 ? 3 : 1, 0 };
  int size = 4 << 20;
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  address.sin_port = htons ((guint16) opt_sink_port);
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (fd < 0 || bind (fd, (struct sockaddr *) &address, sizeof address) < 0) {
    g_printerr ("rtp-inject: port %d is taken: %s.\n", opt_sink_port, g_strerror (errno));
    exit (1);
  }
  return g_thread_new ("sink", count_received, GINT_TO_POINTER (fd));
}

static void
report (guint n_musicians, guint64 sent, guint64 failed, gint64 latest)
{
  g_print ("{\"musicians\":%u,\"sent\":%" G_GUINT64_FORMAT ",\"failed\":%" G_GUINT64_FORMAT
           ",\"received\":%" G_GUINT64_FORMAT ",\"latest_ms\":%.3f}\n",
           n_musicians, sent, failed, __atomic_load_n (&received, __ATOMIC_RELAXED), latest / 1e6);
}

static void
play (Musician *musicians, guint n_musicians)
{
  gint64 frame_ns = opt_frame * TUTTI_NSEC_PER_SEC / RATE;
  gint64 start = tutti_clock_now_ns () + TUTTI_NSEC_PER_MSEC;
  gint64 latest = 0, reported = start;
  guint64 sent = 0, failed = 0;

  for (guint64 index = 0; (gint64) index * frame_ns < opt_seconds * TUTTI_NSEC_PER_SEC; index++) {
    for (guint i = 0; i < n_musicians; i++) {
      gint64 due = start + (gint64) index * frame_ns + frame_ns * i / n_musicians;
      struct timespec ts = { due / TUTTI_NSEC_PER_SEC, due % TUTTI_NSEC_PER_SEC };

      clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
      latest = MAX (latest, tutti_clock_now_ns () - due);
      if (send_frame (&musicians[i], i == 0 && opt_lead ? &lead : &rest, index))
        sent++;
      else
        failed++;
    }
    if (tutti_clock_now_ns () - reported > TUTTI_NSEC_PER_SEC) {
      reported += TUTTI_NSEC_PER_SEC;
      report (n_musicians, sent, failed, latest);
    }
  }
  report (n_musicians, sent, failed, latest);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  Musician musicians[MAX_MUSICIANS];
  TuttiAudioFormat format;
  GThread *sink;
  guint n_musicians;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || opt_targets == NULL) {
    g_printerr ("rtp-inject: %s\n", error ? error->message : "name at least one PORT:SSRC.");
    return 2;
  }
  if (!choose_format (&format) || !tutti_audio_format_check (&format, &error)) {
    g_printerr ("rtp-inject: %s\n", error ? error->message : "there is no such format.");
    return 2;
  }
  n_musicians = MIN (g_strv_length (opt_targets), MAX_MUSICIANS);
  for (guint i = 0; i < n_musicians; i++)
    if (!open_musician (&musicians[i], opt_targets[i])) {
      g_printerr ("rtp-inject: “%s” cannot be reached: %s.\n", opt_targets[i], g_strerror (errno));
      return 1;
    }

  sink = opt_sink_port > 0 ? start_sink () : NULL;
  encode_tone (&lead, &format, 3000, 0.1);
  encode_tone (&rest, &format, 375, 0.001);
  tutti_thread_make_realtime (10);
  play (musicians, n_musicians);

  g_clear_pointer (&sink, g_thread_join);
  for (guint i = 0; i < n_musicians; i++)
    close (musicians[i].fd);
  g_strfreev (opt_targets);
  return 0;
}
