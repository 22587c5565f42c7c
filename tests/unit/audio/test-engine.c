/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-rtp.h"
#include "tutti-timer-driver.h"

#define PT      111
#define Q       64
#define RATE    48000.0
#define BASE_NS (500 * TUTTI_NSEC_PER_SEC)

/* Two engines joined by a line with a delay, both driven cycle by cycle in simulated time. The
 * workers are real threads: the sender's is waited for. */
typedef struct {
  pthread_mutex_t mutex; /* not GLib's: the thread sanitizer knows this one */
  GArray *packets;       /* of Packet, under mutex */
  guint n_sent;          /* under mutex */
  gint64 now_ns;         /* under mutex */
  gint64 delay_ns;
  guint destroyed;
} Line;

typedef struct {
  gint64 arrival_ns;
  gsize size;
  guint8 data[TUTTI_MAX_RTP_SIZE];
} Packet;

static void
line_init (Line *line, double delay_ms)
{
  memset (line, 0, sizeof *line);
  pthread_mutex_init (&line->mutex, NULL);
  line->packets = g_array_new (FALSE, FALSE, sizeof (Packet));
  line->delay_ns = (gint64) (delay_ms * 1e6);
}

static void
line_clear (Line *line)
{
  g_array_unref (line->packets);
  pthread_mutex_destroy (&line->mutex);
}

static void
line_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Line *line = user_data;
  Packet packet = { .size = size };

  memcpy (packet.data, rtp, size);
  pthread_mutex_lock (&line->mutex);
  packet.arrival_ns = line->now_ns + line->delay_ns;
  g_array_append_val (line->packets, packet);
  line->n_sent++;
  pthread_mutex_unlock (&line->mutex);
}

static void
line_destroyed (gpointer user_data)
{
  ((Line *) user_data)->destroyed++;
}

static void
line_set_time (Line *line, gint64 now_ns)
{
  pthread_mutex_lock (&line->mutex);
  line->now_ns = now_ns;
  pthread_mutex_unlock (&line->mutex);
}

static void
line_wait (Line *line, guint n_sent)
{
  gint64 until = g_get_monotonic_time () + 5 * G_USEC_PER_SEC;
  guint n;

  do {
    pthread_mutex_lock (&line->mutex);
    n = line->n_sent;
    pthread_mutex_unlock (&line->mutex);
    g_assert_cmpint (g_get_monotonic_time (), <, until);
    if (n < n_sent)
      g_usleep (10);
  } while (n < n_sent);
  g_assert_cmpuint (n, ==, n_sent);
}

static void
line_deliver (Line *line, TuttiAudioRemote *remote, guint lane, gint64 now_ns)
{
  pthread_mutex_lock (&line->mutex);
  while (line->packets->len > 0) {
    Packet *packet = &g_array_index (line->packets, Packet, 0);

    if (packet->arrival_ns > now_ns)
      break;
    tutti_audio_remote_receive (remote, lane, packet->data, packet->size, packet->arrival_ns);
    g_array_remove_index (line->packets, 0);
  }
  pthread_mutex_unlock (&line->mutex);
}

static gint64
cycle_time (guint64 cycle)
{
  return BASE_NS + (gint64) (cycle * Q * 1e9 / RATE);
}

typedef struct {
  TuttiAudioEngine *sender;
  TuttiAudioEngine *listener;
  TuttiAudioRemote *remote;
  int strip;
  TuttiAudioFormat format;
  Line line;
  float *in;
  float *out[2];
  guint64 n_cycles;
} Pair;

static void
pair_init (Pair *pair, guint frame, guint channels, double delay_ms, double seconds)
{
  TuttiStripConfig config = { 0, channels, channels, 0 };
  g_autoptr (GError) error = NULL;

  memset (pair, 0, sizeof *pair);
  pair->format = (TuttiAudioFormat) { TUTTI_WIRE_OPUS, frame, channels, 128000 };
  line_init (&pair->line, delay_ms);
  pair->sender = tutti_audio_engine_new ();
  pair->listener = tutti_audio_engine_new ();
  tutti_audio_engine_set_fade_in (pair->listener, 0);
  pair->strip = tutti_audio_engine_add_strip (pair->sender, &config, &error);
  g_assert_no_error (error);
  g_assert_true (tutti_audio_engine_send_strip (pair->sender, (guint) pair->strip, 0, &pair->format,
                                                PT, 1234, line_send, &pair->line, line_destroyed,
                                                &error));
  g_assert_no_error (error);
  pair->remote = tutti_audio_engine_add_remote (pair->listener, &pair->format, PT, &error);
  g_assert_no_error (error);
  pair->n_cycles = (guint64) (seconds * RATE / Q);
  pair->in = g_new0 (float, pair->n_cycles *Q);
  pair->out[0] = g_new0 (float, pair->n_cycles *Q);
  pair->out[1] = g_new0 (float, pair->n_cycles *Q);
}

static void
pair_clear (Pair *pair)
{
  tutti_audio_engine_free (pair->sender);
  tutti_audio_engine_free (pair->listener);
  g_assert_cmpuint (pair->line.destroyed, ==, 1);
  line_clear (&pair->line);
  g_free (pair->in);
  g_free (pair->out[0]);
  g_free (pair->out[1]);
}

/* In simulated time cycles follow each other so closely that a worker that is preempted while it
 * decodes would be met over and over: it is kept out for the length of the cycle. */
static void
pair_listen (Pair *pair, float *const *out, guint64 cycle)
{
  gint64 now = cycle_time (cycle);

  line_deliver (&pair->line, pair->remote, 0, now);
  tutti_engine_lock_worker (pair->listener);
  tutti_audio_engine_process (pair->listener, NULL, 0, out, 2, Q, 48000, now, cycle * Q);
  tutti_engine_unlock_worker (pair->listener);
}

static void
pair_cycle (Pair *pair, guint64 cycle)
{
  const float *in[2] = { pair->in + cycle * Q, pair->in + cycle * Q };
  float *out[2] = { pair->out[0] + cycle * Q, pair->out[1] + cycle * Q };
  gint64 now = cycle_time (cycle);

  line_set_time (&pair->line, now);
  tutti_audio_engine_process (pair->sender, in, 2, NULL, 0, Q, 48000, now, cycle * Q);
  line_wait (&pair->line, (guint) ((cycle + 1) * Q / pair->format.frame_samples));
  pair_listen (pair, out, cycle);
}

static double
rms_db (const float *samples, gsize n)
{
  double sum = 0;

  for (gsize i = 0; i < n; i++)
    sum += samples[i] * samples[i];
  return 10 * log10 (sum / (double) n + 1e-20);
}

static void
test_tone (gconstpointer data)
{
  guint code = GPOINTER_TO_UINT (data);
  TuttiRemoteStats stats = { 0 };
  TuttiStripStats strip_stats;
  TuttiEngineStats engine_stats;
  Pair pair;
  gsize n;

  pair_init (&pair, code % 10000, code / 10000, 10, 2);
  n = pair.n_cycles * Q;
  for (gsize i = 0; i < n; i++)
    pair.in[i] = 0.25f * (float) sin (2 * G_PI * 440 * (double) i / RATE);
  for (guint64 c = 0; c < pair.n_cycles; c++) {
    pair_cycle (&pair, c);
    /* The tone's sudden beginning overshoots in the codec: levels are read after it. */
    if (c == pair.n_cycles / 2)
      tutti_audio_remote_get_stats (pair.remote, &stats);
  }
  /* Level in = level out, left and right, ±0.5 dB. */
  for (guint c = 0; c < 2; c++)
    g_assert_cmpfloat_with_epsilon (rms_db (pair.out[c] + n / 2, n / 2),
                                    rms_db (pair.in + n / 2, n / 2), 0.5);
  tutti_audio_remote_get_stats (pair.remote, &stats);
  tutti_audio_engine_get_strip_stats (pair.sender, (guint) pair.strip, &strip_stats);
  tutti_audio_engine_get_stats (pair.listener, &engine_stats);
  g_test_message ("left %.2f dB, meters: remote %.2f dB, output %.2f dB, %" G_GUINT64_FORMAT
                  " samples played",
                  rms_db (pair.out[0] + n / 2, n / 2), stats.level.rms_db[0],
                  engine_stats.output.rms_db[0], stats.played_samples);
  g_assert_cmpuint (stats.lost + stats.late + stats.malformed + stats.duplicates, ==, 0);
  g_assert_cmpuint (stats.concealed_samples, ==, 0);
  g_assert_cmpuint (strip_stats.overruns, ==, 0);
  g_assert_cmpuint (strip_stats.packets, ==, n / pair.format.frame_samples);
  g_assert_cmpfloat_with_epsilon (stats.level.peak_db[0], -12.04, 0.5);
  g_assert_cmpfloat_with_epsilon (stats.level.rms_db[1], -15.05, 0.5);
  g_assert_cmpfloat_with_epsilon (strip_stats.level.rms_db[0], -15.05, 0.1);
  g_assert_cmpfloat_with_epsilon (engine_stats.output.rms_db[0], -15.05, 0.5);
  g_assert_cmpuint (engine_stats.cycles, ==, pair.n_cycles);
  g_assert_cmpuint (engine_stats.xruns, ==, 0);
  g_assert_cmpuint (engine_stats.rate, ==, 48000);
  pair_clear (&pair);
}

/* A click's way from plane to plane takes what the statistics say, and the playout adds no more
 * than a quantum and a bit. */
static void
test_click (gconstpointer data)
{
  guint frame = GPOINTER_TO_UINT (data);
  TuttiRemoteStats stats = { 0 };
  TuttiStripStats strip;
  const double delay_ms = 7;
  double told, worst = 0, least = 1e9;
  Pair pair;
  gsize period = 12000 + 37;

  pair_init (&pair, frame, 1, delay_ms, 8);
  for (gsize i = 0; i < pair.n_cycles * Q; i++)
    if (i % period < 48)
      pair.in[i] = 0.25f * (1 - cosf (2 * (float) G_PI * (float) (i % period) / 48));
  for (guint64 c = 0; c < pair.n_cycles; c++)
    pair_cycle (&pair, c);
  tutti_audio_remote_get_stats (pair.remote, &stats);
  tutti_audio_engine_get_strip_stats (pair.sender, (guint) pair.strip, &strip);
  told = (stats.playback_ns - strip.capture_ns) / 1e6 -
         (gint32) (stats.rtp_timestamp - strip.rtp_timestamp) * 1000.0 / RATE;
  for (gsize click = period * 20; click + period < pair.n_cycles * Q; click += period) {
    double peak = 0, ms;
    gsize at = 0;

    for (gsize i = click; i < click + 6000; i++)
      if (fabsf (pair.out[0][i]) > peak) {
        peak = fabsf (pair.out[0][i]);
        at = i;
      }
    g_assert_cmpfloat (peak, >, 0.35);
    ms = (double) (at - click - 24) * 1000 / RATE;
    worst = fmax (worst, ms);
    least = fmin (least, ms);
  }
  g_test_message ("frame %.1f ms, line %.1f ms: click after %.2f … %.2f ms, told %.2f + 2.5",
                  frame * 1000 / RATE, delay_ms, least, worst, told);
  g_assert_cmpfloat (fabs (worst - told - 2.5), <, 0.15);
  g_assert_cmpfloat (worst - least, <, 0.2);
  /* Frame, line, codec, playout of at most 1.5 quanta. */
  g_assert_cmpfloat (worst, <, frame * 1000 / RATE + delay_ms + 2.5 + 2);
  pair_clear (&pair);
}

static void
test_fader (void)
{
  const float db = -20;
  Pair pair;
  gsize n;

  pair_init (&pair, 240, 1, 3, 3);
  n = pair.n_cycles * Q;
  for (gsize i = 0; i < n; i++)
    pair.in[i] = 0.25f * (float) sin (2 * G_PI * 440 * (double) i / RATE);
  for (guint64 c = 0; c < pair.n_cycles; c++) {
    if (c == pair.n_cycles / 3)
      tutti_audio_remote_set_gain (pair.remote, db);
    if (c == 2 * pair.n_cycles / 3)
      tutti_audio_remote_set_muted (pair.remote, TRUE);
    pair_cycle (&pair, c);
  }
  g_assert_cmpfloat_with_epsilon (
      rms_db (pair.out[0] + n / 2, n / 8) - rms_db (pair.out[0] + n / 4, n / 16), db, 0.1);
  g_assert_cmpfloat (rms_db (pair.out[0] + n * 3 / 4, n / 4), <, -190);
  pair_clear (&pair);
}

/* Mute: silence goes out for a moment, then nothing; timestamps go on, the listener counts no loss
 * and hears no repetition. */
static void
test_mute (void)
{
  TuttiRemoteStats stats = { 0 };
  guint at_mute, at_end;
  Pair pair;
  gsize n;

  pair_init (&pair, 120, 1, 3, 4);
  n = pair.n_cycles * Q;
  for (gsize i = 0; i < n; i++)
    pair.in[i] = 0.25f * (float) sin (2 * G_PI * 440 * (double) i / RATE);
  for (guint64 c = 0; c < pair.n_cycles / 4; c++)
    pair_cycle (&pair, c);
  tutti_audio_engine_set_strip_muted (pair.sender, (guint) pair.strip, TRUE);
  at_mute = pair.line.n_sent;
  for (guint64 c = pair.n_cycles / 4; c < pair.n_cycles; c++) {
    const float *in[1] = { pair.in + c * Q };
    float *out[2] = { pair.out[0] + c * Q, pair.out[1] + c * Q };

    if (c == pair.n_cycles * 3 / 4) {
      at_end = pair.line.n_sent;
      g_assert_cmpuint (at_end, >=, at_mute + 35);
      g_assert_cmpuint (at_end, <=, at_mute + 50);
      tutti_audio_engine_set_strip_muted (pair.sender, (guint) pair.strip, FALSE);
    }
    line_set_time (&pair.line, cycle_time (c));
    tutti_audio_engine_process (pair.sender, in, 1, NULL, 0, Q, 48000, cycle_time (c), c * Q);
    g_usleep (300);
    pair_listen (&pair, out, c);
  }
  tutti_audio_remote_get_stats (pair.remote, &stats);
  g_assert_cmpuint (stats.lost, ==, 0);
  g_assert_cmpfloat (rms_db (pair.out[0] + n * 5 / 16, n / 4), <, -80);
  g_assert_cmpfloat_with_epsilon (rms_db (pair.out[0] + n * 7 / 8, n / 8), -15.05, 0.5);
  pair_clear (&pair);
}

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
  float in[Q];
  const float *planes[1] = { in };
  Line one, two;
  guint matched = 0;
  guint n_at_stop = 0;

  line_init (&one, 0);
  line_init (&two, 0);
  tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PT, 1, line_send, &one,
                                 line_destroyed, NULL);
  for (guint c = 0; c < 400; c++) {
    for (guint i = 0; i < Q; i++)
      in[i] = 0.2f * sinf ((float) (c * Q + i) * 0.05f);
    if (c == 100)
      tutti_audio_engine_send_strip (engine, (guint) strip, 1, &format, PT, 2, line_send, &two,
                                     line_destroyed, NULL);
    if (c == 200) {
      tutti_audio_engine_send_strip (engine, (guint) strip, 0, NULL, 0, 0, NULL, NULL, NULL, NULL);
      g_assert_cmpuint (one.destroyed, ==, 1);
      n_at_stop = one.n_sent;
    }
    if (c == 300) {
      g_assert_cmpuint (one.n_sent, ==, n_at_stop);
      tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PT, 1, line_send, &one,
                                     line_destroyed, NULL);
    }
    tutti_audio_engine_process (engine, planes, 1, NULL, 0, Q, 48000, cycle_time (c), c * Q);
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
  for (guint i = 0; i < a->len; i++) {
    TuttiRtp *x = &g_array_index (a, TuttiRtp, i);

    if (i > 0) {
      g_assert_cmpuint (x->sequence, ==,
                        (guint16) (g_array_index (a, TuttiRtp, i - 1).sequence + 1));
      g_assert_cmpuint ((x->timestamp - g_array_index (a, TuttiRtp, 0).timestamp) % 120, ==, 0);
    }
    for (guint k = 0; k < b->len; k++)
      if (g_array_index (b, TuttiRtp, k).timestamp == x->timestamp) {
        g_assert_cmpint (g_array_index (b, TuttiRtp, k).marker, ==, x->marker);
        matched++;
      }
  }
  g_assert_cmpuint (matched, >, 80);
  line_clear (&one);
  line_clear (&two);
}

static gint64
ns_at (guint64 sample)
{
  return BASE_NS + (gint64) (sample * 62500 / 3);
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
    tutti_audio_engine_process (engine, NULL, 0, NULL, 0, Q, 48000, ns_at (position), position);
  g_assert_true (tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PT, 1, line_send,
                                                &line, NULL, NULL));
  for (guint i = 0; i < 1000 && n_sent == 0; i++, position += Q) {
    tutti_audio_engine_process (engine, NULL, 0, NULL, 0, Q, 48000, ns_at (position), position);
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
  g_assert_true (tutti_audio_engine_send_strip (engine, (guint) strip, 0, &format, PT, 1, line_send,
                                                &line, NULL, NULL));
  for (guint leg = 0; leg < G_N_ELEMENTS (offsets); leg++) {
    sample += pauses[leg];
    for (guint i = 0; i < 150; i++, sample += Q) {
      tutti_audio_engine_process (engine, NULL, 0, NULL, 0, Q, 48000, ns_at (sample),
                                  sample + (guint64) offsets[leg]);
      g_usleep (200);
    }
  }
  /* Whole frames of what went in, but for the one that is still being filled. */
  for (guint wait = 0; wait < 2000; wait++) {
    pthread_mutex_lock (&line.mutex);
    n_sent = line.n_sent;
    pthread_mutex_unlock (&line.mutex);
    if (n_sent >= 4 * 150 * Q / 120 - 1)
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
  g_assert_cmpint ((gint32) (last - first), >, 4 * 150 * Q + 4800 - 2 * 120 - 1);
  g_assert_cmpint ((gint32) (last - first), <=, 4 * 150 * Q + 4800);
  tutti_audio_engine_free (engine);
  line_clear (&line);
}

/* What the graph skips is time all the same. */
static void
test_skipped_cycles (void)
{
  TuttiEngineStats stats;
  TuttiRemoteStats remote = { 0 };
  double before, after;
  TuttiStripStats strip;
  Pair pair;
  gsize n;

  pair_init (&pair, 120, 1, 3, 3);
  n = pair.n_cycles * Q;
  for (gsize i = 0; i < n; i++)
    pair.in[i] = 0.25f * (float) sin (2 * G_PI * 440 * (double) i / RATE);
  for (guint64 c = 0; c < pair.n_cycles / 2; c++)
    pair_cycle (&pair, c);
  tutti_audio_remote_get_stats (pair.remote, &remote);
  tutti_audio_engine_get_strip_stats (pair.sender, (guint) pair.strip, &strip);
  before = (remote.playback_ns - strip.capture_ns) / 1e6 -
           (gint32) (remote.rtp_timestamp - strip.rtp_timestamp) * 1000.0 / RATE;
  /* Both graphs leave out 5 cycles: 320 samples, of which the hole's frames are sent as silence. */
  for (guint64 c = pair.n_cycles / 2 + 5; c < pair.n_cycles; c++)
    pair_cycle (&pair, c);
  tutti_audio_remote_get_stats (pair.remote, &remote);
  tutti_audio_engine_get_strip_stats (pair.sender, (guint) pair.strip, &strip);
  after = (remote.playback_ns - strip.capture_ns) / 1e6 -
          (gint32) (remote.rtp_timestamp - strip.rtp_timestamp) * 1000.0 / RATE;
  tutti_audio_engine_get_stats (pair.listener, &stats);
  g_test_message ("delay before %.2f ms, after %.2f ms", before, after);
  g_assert_cmpuint (stats.xruns, ==, 5);
  /* The frames of the hole came late, which the target remembers for two seconds. */
  g_assert_cmpfloat (fabs (after - before), <, 1);
  g_assert_cmpuint (remote.lost, ==, 0);
  g_assert_cmpfloat_with_epsilon (rms_db (pair.out[0] + n * 3 / 4, n / 4), -15.05, 0.5);
  pair_clear (&pair);
}

static void
test_other_rate (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  float left[Q], right[Q];
  float *out[3] = { left, NULL, right };
  TuttiEngineStats stats;

  for (guint i = 0; i < Q; i++)
    left[i] = right[i] = 1;
  tutti_audio_engine_process (engine, NULL, 0, out, 3, Q, 44100, BASE_NS, 0);
  for (guint i = 0; i < Q; i++) {
    g_assert_cmpfloat (left[i], ==, 0);
    g_assert_cmpfloat (right[i], ==, 0);
  }
  tutti_audio_engine_get_stats (engine, &stats);
  g_assert_cmpuint (stats.rate, ==, 44100);
  tutti_audio_engine_free (engine);
}

/* A graph of 8192 samples: in parts, none of them lost. */
static void
test_big_quantum (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiStripConfig config = { 0, 1, 1, -6 };
  g_autofree float *in = g_new (float, 8192);
  g_autofree float *left = g_new (float, 8192);
  const float *ins[1] = { in };
  float *out[1] = { left };
  int strip = tutti_audio_engine_add_strip (engine, &config, NULL);

  for (guint i = 0; i < 8192; i++)
    in[i] = 0.5f;
  tutti_audio_engine_set_strip_monitor (engine, (guint) strip, TRUE);
  tutti_audio_engine_process (engine, ins, 1, out, 1, 8192, 48000, BASE_NS, 0);
  tutti_audio_engine_process (engine, ins, 1, out, 1, 8192, 48000, BASE_NS, 8192);
  for (guint i = 0; i < 8192; i++)
    g_assert_cmpfloat_with_epsilon (left[i], 0.2506f, 0.001f);
  tutti_audio_engine_free (engine);
}

static void
test_full (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 240, 1, 64000 };
  TuttiStripConfig config = { 0, 1, 1, 0 };
  TuttiAudioRemote *remotes[TUTTI_MAX_REMOTES];
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();

  for (guint i = 0; i < TUTTI_MAX_STRIPS; i++)
    g_assert_cmpint (tutti_audio_engine_add_strip (engine, &config, NULL), ==, (int) i);
  g_assert_cmpint (tutti_audio_engine_add_strip (engine, &config, &error), ==, -1);
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED);
  g_clear_error (&error);
  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++)
    g_assert_nonnull ((remotes[i] = tutti_audio_engine_add_remote (engine, &format, PT, NULL)));
  g_assert_null (tutti_audio_engine_add_remote (engine, &format, PT, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_ROOM_FULL);
  /* No driver has ever run: nothing waits for one. */
  for (guint round = 0; round < 20; round++)
    for (guint i = 0; i < TUTTI_MAX_STRIPS; i++) {
      tutti_audio_engine_remove_strip (engine, i);
      g_assert_cmpint (tutti_audio_engine_add_strip (engine, &config, NULL), ==, (int) i);
    }
  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++)
    tutti_audio_engine_remove_remote (engine, remotes[i]);
  g_assert_cmpint (g_get_monotonic_time () - start, <, 4 * G_USEC_PER_SEC);
  tutti_audio_engine_free (engine);
}

/* A driver that stopped without a word: remove must come back all the same. */
static void
test_idle (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 240, 1, 64000 };
  TuttiAudioRemote *remote = tutti_audio_engine_add_remote (engine, &format, PT, NULL);
  gint64 start;

  tutti_audio_engine_process (engine, NULL, 0, NULL, 0, Q, 48000, BASE_NS, 0);
  start = g_get_monotonic_time ();
  tutti_audio_engine_remove_remote (engine, remote);
  g_assert_cmpint (g_get_monotonic_time () - start, <, G_USEC_PER_SEC / 2);
  tutti_audio_engine_free (engine);
}

typedef struct {
  TuttiAudioRemote *remotes[2];
  pthread_mutex_t mutex;
} Hub;

static void
hub_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Hub *hub = user_data;

  pthread_mutex_lock (&hub->mutex);
  for (guint i = 0; i < 2; i++)
    if (hub->remotes[i] != NULL)
      tutti_audio_remote_receive (hub->remotes[i], 0, rtp, size, tutti_clock_now_ns ());
  pthread_mutex_unlock (&hub->mutex);
}

/* Everything at once, in real time, for the thread sanitizer: sends to itself while remotes,
 * strips, source and settings change. */
static void
test_changes_while_running (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 1, 64000 };
  TuttiStripConfig config = { 0, 1, 1, 0 };
  g_autoptr (TuttiTimerDriver) driver = tutti_timer_driver_new (engine, Q);
  TuttiAudioRemote *stay = tutti_audio_engine_add_remote (engine, &format, PT, NULL);
  TuttiRemoteStats stats = { 0 };
  TuttiEngineStats engine_stats;
  Hub hub = { .remotes = { stay, NULL } };
  gint64 slowest = 0;

  pthread_mutex_init (&hub.mutex, NULL);
  tutti_audio_engine_set_source (engine, tutti_audio_source_parse ("tone:440", NULL));
  for (guint round = 0; round < 60; round++) {
    int strip = tutti_audio_engine_add_strip (engine, &config, NULL);
    TuttiAudioRemote *remote = tutti_audio_engine_add_remote (engine, &format, PT, NULL);
    TuttiStripStats strip_stats;
    gint64 start;

    tutti_audio_engine_send_strip (engine, (guint) strip, round % 2, &format, PT, round, hub_send,
                                   &hub, NULL, NULL);
    pthread_mutex_lock (&hub.mutex);
    hub.remotes[1] = remote;
    pthread_mutex_unlock (&hub.mutex);
    tutti_audio_remote_set_gain (remote, -(float) round);
    tutti_audio_remote_set_solo (remote, round % 3 == 0);
    tutti_audio_remote_set_bias (remote, (float) (round % 5) / 4);
    tutti_audio_engine_set_strip_monitor (engine, (guint) strip, round % 2 == 0);
    g_usleep (15000);
    tutti_audio_remote_get_stats (remote, &stats);
    tutti_audio_engine_get_strip_stats (engine, (guint) strip, &strip_stats);
    tutti_audio_engine_get_stats (engine, &engine_stats);
    if (round % 10 == 5)
      tutti_audio_engine_set_source (engine, tutti_audio_source_parse ("click", NULL));
    pthread_mutex_lock (&hub.mutex);
    hub.remotes[1] = NULL;
    pthread_mutex_unlock (&hub.mutex);
    start = g_get_monotonic_time ();
    tutti_audio_engine_remove_remote (engine, remote);
    slowest = MAX (slowest, g_get_monotonic_time () - start);
    tutti_audio_engine_remove_strip (engine, (guint) strip);
  }
  tutti_audio_remote_get_stats (stay, &stats);
  g_assert_cmpuint (stats.received, >, 100);
  g_test_message ("slowest removal %" G_GINT64_FORMAT " µs, %" G_GUINT64_FORMAT " packets", slowest,
                  stats.received);
  g_clear_pointer (&driver, tutti_timer_driver_free);
  tutti_audio_engine_free (engine);
  pthread_mutex_destroy (&hub.mutex);
}

int
main (int argc, char **argv)
{
  const guint frames[] = { 120, 240, 480, 960 };

  g_test_init (&argc, &argv, NULL);
  for (guint channels = 1; channels <= 2; channels++)
    for (gsize i = 0; i < G_N_ELEMENTS (frames); i++) {
      g_autofree char *path = g_strdup_printf ("/engine/tone/%u/%u", channels, frames[i]);

      g_test_add_data_func (path, GUINT_TO_POINTER (channels * 10000 + frames[i]), test_tone);
    }
  g_test_add_data_func ("/engine/click/120", GUINT_TO_POINTER (120), test_click);
  g_test_add_data_func ("/engine/click/240", GUINT_TO_POINTER (240), test_click);
  g_test_add_data_func ("/engine/click/960", GUINT_TO_POINTER (960), test_click);
  g_test_add_func ("/engine/fader", test_fader);
  g_test_add_func ("/engine/mute", test_mute);
  g_test_add_func ("/engine/destinations", test_destinations);
  g_test_add_func ("/engine/half-a-day", test_half_a_day);
  g_test_add_func ("/engine/driver-change", test_driver_change);
  g_test_add_func ("/engine/skipped-cycles", test_skipped_cycles);
  g_test_add_func ("/engine/other-rate", test_other_rate);
  g_test_add_func ("/engine/big-quantum", test_big_quantum);
  g_test_add_func ("/engine/full", test_full);
  g_test_add_func ("/engine/idle", test_idle);
  g_test_add_func ("/engine/changes-while-running", test_changes_while_running);
  return g_test_run ();
}
