/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Timestamps and sequence numbers of what one engine sends: they go on, whatever becomes of
 * destinations, of the graph and of the day. */

#include "engine-pair.h"
#include "tutti-rtp.h"

#include <math.h>

static void
parse_all (Line *line, GArray *headers)
{
  pthread_mutex_lock (&line->mutex);
  for (guint i = 0; i < line->packets->len; i++) {
    Packet *packet = &g_array_index (line->packets, Packet, i);
    TuttiRtp rtp;

    g_assert_true (tutti_rtp_parse (packet->data, packet->size, &rtp));
    /* Kept as a checksum: the payload itself goes with the packet. */
    rtp.marker = 0;
    for (gsize k = 0; k < rtp.payload_size; k++)
      rtp.marker = (gboolean) ((guint) rtp.marker * 31u + rtp.payload[k]);
    rtp.payload = NULL;
    g_array_append_val (headers, rtp);
  }
  g_array_set_size (line->packets, 0);
  pthread_mutex_unlock (&line->mutex);
}

/* @headers: one stream's, without a hole in its numbers. */
static void
assert_in_sequence (GArray *headers, guint frame)
{
  TuttiRtp *first = &g_array_index (headers, TuttiRtp, 0);

  for (guint i = 1; i < headers->len; i++) {
    TuttiRtp *rtp = &g_array_index (headers, TuttiRtp, i);

    g_assert_cmpuint (rtp->sequence, ==, (guint16) (rtp[-1].sequence + 1));
    g_assert_cmpuint ((rtp->timestamp - first->timestamp) % frame, ==, 0);
  }
}

/* Frames that both have; they must be the same. */
static guint
count_common (GArray *a, GArray *b)
{
  guint n = 0;

  for (guint i = 0; i < a->len; i++)
    for (guint k = 0; k < b->len; k++) {
      TuttiRtp *x = &g_array_index (a, TuttiRtp, i), *y = &g_array_index (b, TuttiRtp, k);

      if (x->timestamp != y->timestamp)
        continue;
      g_assert_cmpint (y->marker, ==, x->marker);
      n++;
    }
  return n;
}

/* Make before break: two destinations get the same frames at the same timestamps; sequence numbers
 * go on when a stream comes back; no call after a stop. */
static void
test_destinations (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 96000 };
  TuttiStripConfig config = { 0, 1, 1, 0 };
  g_autoptr (GArray) a = g_array_new (FALSE, FALSE, sizeof (TuttiRtp));
  g_autoptr (GArray) b = g_array_new (FALSE, FALSE, sizeof (TuttiRtp));
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  int strip = tutti_audio_engine_add_strip (engine, &config, NULL);
  float in[PAIR_QUANTUM];
  const float *planes[1] = { in };
  Line one, two;
  guint n_at_stop = 0;

  line_init (&one, 0);
  line_init (&two, 0);
  tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PAIR_PT, 1, line_send, &one,
                                 line_destroyed, NULL);
  for (guint c = 0; c < 400; c++) {
    for (guint i = 0; i < PAIR_QUANTUM; i++)
      in[i] = 0.2f * sinf ((float) (c * PAIR_QUANTUM + i) * 0.05f);
    if (c == 100)
      tutti_audio_engine_send_strip (engine, (guint) strip, 1, &format, PAIR_PT, 2, line_send, &two,
                                     line_destroyed, NULL);
    if (c == 200) {
      tutti_audio_engine_send_strip (engine, (guint) strip, 0, NULL, 0, 0, NULL, NULL, NULL, NULL);
      g_assert_cmpuint (one.destroyed, ==, 1);
      n_at_stop = one.n_sent;
    }
    if (c == 300) {
      g_assert_cmpuint (one.n_sent, ==, n_at_stop);
      tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PAIR_PT, 1, line_send, &one,
                                     line_destroyed, NULL);
    }
    tutti_audio_engine_process (engine, planes, 1, NULL, 0, PAIR_QUANTUM, 48000,
                                pair_cycle_time (c), c * PAIR_QUANTUM);
    g_usleep (400);
  }
  g_usleep (20000);
  tutti_audio_engine_free (engine);
  g_assert_cmpuint (one.destroyed, ==, 2);
  g_assert_cmpuint (two.destroyed, ==, 1);
  parse_all (&one, a);
  parse_all (&two, b);
  g_assert_cmpuint (a->len, >, 150);
  g_assert_cmpuint (b->len, >, 150);
  assert_in_sequence (a, format.frame_samples);
  g_assert_cmpuint (count_common (a, b), >, 80);
  line_clear (&one);
  line_clear (&two);
}

static gint64
ns_at (guint64 sample)
{
  return PAIR_BASE_NS + (gint64) (sample * 62500 / 3);
}

/* Half a day in which nothing is sent, then somebody joins: the worker is woken all the same. */
static void
test_half_a_day (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiStripConfig config = { 0, 1, 1, 0 };
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 64000 };
  const guint64 jump = 10 * 48000;
  guint64 position = 0;
  guint n_sent = 0;
  Line line;
  int strip = tutti_audio_engine_add_strip (engine, &config, NULL);

  line_init (&line, 0);
  for (; position < G_MAXINT32 + 60 * jump; position += jump)
    tutti_audio_engine_process (engine, NULL, 0, NULL, 0, PAIR_QUANTUM, 48000, ns_at (position),
                                position);
  g_assert_true (tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PAIR_PT, 1,
                                                line_send, &line, NULL, NULL));
  for (guint i = 0; i < 1000 && n_sent == 0; i++, position += PAIR_QUANTUM) {
    tutti_audio_engine_process (engine, NULL, 0, NULL, 0, PAIR_QUANTUM, 48000, ns_at (position),
                                position);
    g_usleep (1000);
    pthread_mutex_lock (&line.mutex);
    n_sent = line.n_sent;
    pthread_mutex_unlock (&line.mutex);
  }
  g_assert_cmpuint (n_sent, >, 0);
  tutti_audio_engine_free (engine);
  line_clear (&line);
}

/* Another device becomes the graph's driver: positions begin anew, and that is no time. */
static void
test_driver_change (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiStripConfig config = { 0, 1, 1, 0 };
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 64000 };
  static const gint64 offsets[] = { 0, 4800, -3000, 4800 }; /* of the position */
  static const guint pauses[] = { 0, 0, 0, 4800 };          /* samples that really passed */
  guint n_sent = 0;
  guint64 sample = 48000;
  guint32 first = 0, last = 0;
  Line line;
  int strip = tutti_audio_engine_add_strip (engine, &config, NULL);

  line_init (&line, 0);
  g_assert_true (tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PAIR_PT, 1,
                                                line_send, &line, NULL, NULL));
  for (guint leg = 0; leg < G_N_ELEMENTS (offsets); leg++) {
    sample += pauses[leg];
    for (guint i = 0; i < 150; i++, sample += PAIR_QUANTUM) {
      tutti_audio_engine_process (engine, NULL, 0, NULL, 0, PAIR_QUANTUM, 48000, ns_at (sample),
                                  sample + (guint64) offsets[leg]);
      g_usleep (200);
    }
  }
  /* Whole frames of what went in, but for the one that is still being filled. */
  for (guint wait = 0; wait < 2000; wait++) {
    pthread_mutex_lock (&line.mutex);
    n_sent = line.n_sent;
    pthread_mutex_unlock (&line.mutex);
    if (n_sent >= 4 * 150 * PAIR_QUANTUM / 120 - 1)
      break;
    g_usleep (1000);
  }
  pthread_mutex_lock (&line.mutex);
  for (guint i = 0; i < line.packets->len; i++) {
    Packet *packet = &g_array_index (line.packets, Packet, i);
    TuttiRtp rtp;

    g_assert_true (tutti_rtp_parse (packet->data, packet->size, &rtp));
    if (i == 0)
      first = rtp.timestamp;
    last = rtp.timestamp;
  }
  pthread_mutex_unlock (&line.mutex);
  g_assert_cmpint ((gint32) (last - first), >, 4 * 150 * PAIR_QUANTUM + 4800 - 2 * 120 - 1);
  g_assert_cmpint ((gint32) (last - first), <=, 4 * 150 * PAIR_QUANTUM + 4800);
  tutti_audio_engine_free (engine);
  line_clear (&line);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/timeline/destinations", test_destinations);
  g_test_add_func ("/engine/timeline/half-a-day", test_half_a_day);
  g_test_add_func ("/engine/timeline/driver-change", test_driver_change);
  return g_test_run ();
}
