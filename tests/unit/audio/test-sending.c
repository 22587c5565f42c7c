/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What a strip sends in Tutti's own framing: formats that change in the middle of a stream, copies,
 * and a second destination in plain Opus. */

#include <math.h>
#include <string.h>

#include "sender-sim.h"
#include "tutti-clock.h"
#include "tutti-error.h"

#define Q    SENDER_QUANTUM
#define RATE TUTTI_SAMPLE_RATE

static const TuttiAudioFormat ladder[] = {
  { TUTTI_WIRE_RAW, 64, 1, 0, 24, TRUE },        { TUTTI_WIRE_OPUS, 120, 1, 128000, 0, TRUE },
  { TUTTI_WIRE_TIGHT, 64, 1, 192000, 0, TRUE },  { TUTTI_WIRE_RAW, 128, 1, 0, 16, TRUE },
  { TUTTI_WIRE_OPUS, 960, 1, 128000, 0, TRUE },  { TUTTI_WIRE_OPUS, 240, 1, 128000, 0, TRUE },
  { TUTTI_WIRE_TIGHT, 128, 1, 160000, 0, TRUE }, { TUTTI_WIRE_RAW, 64, 1, 0, 16, TRUE },
};

static guint
lookahead (const TuttiAudioFormat *format)
{
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (format, NULL);

  return encoder->lookahead;
}

/* Every pair of neighbours of the ladder, up and down: no sample missing, none wrong. */
static void
test_ladder (void)
{
  const guint n = G_N_ELEMENTS (ladder);
  Listener listener;
  Sender sender;
  double worst;

  if (!tutti_codec_has_tight ()) {
    g_test_skip ("this libopus has no custom modes");
    return;
  }
  sender_init (&sender, 1);
  sender_send (&sender, 0, &ladder[0]);
  for (guint i = 0; i < n; i++) {
    guint before = sender.lines[0].packets->len;
    guint packets;

    if (i > 0)
      sender_change (&sender, 0, &ladder[i]);
    /* Odd lengths: changes come anywhere in a frame. */
    sender_run (&sender, 1.7 + 0.0043 * i);
    packets = sender.lines[0].packets->len - before;
    g_test_message ("%u packets of %u samples in 1.7 s", packets, ladder[i].frame_samples);
  }
  listener_init (&listener, &sender);
  worst = listener_judge (&listener);
  g_test_message ("worst millisecond: error %.1f dB below the music", -worst);
  g_assert_cmpuint (listener.n_kinds, ==, n);
  g_assert_cmpfloat (worst, <, -18);
  listener_clear (&listener);
  sender_clear (&sender);
}

/* Going to a slower format both are sent for a second, going to a faster one a frame or two. */
static void
test_overlap (void)
{
  for (guint a = 0; a < G_N_ELEMENTS (ladder); a++)
    for (guint b = 0; b < G_N_ELEMENTS (ladder); b++) {
      guint delay_a, delay_b;
      gint64 overlap;
      Listener listener;
      Sender sender;
      Kind *from, *to;

      if (a == b || ((ladder[a].wire == TUTTI_WIRE_TIGHT || ladder[b].wire == TUTTI_WIRE_TIGHT) &&
                     !tutti_codec_has_tight ()))
        continue;
      delay_a = ladder[a].frame_samples + lookahead (&ladder[a]);
      delay_b = ladder[b].frame_samples + lookahead (&ladder[b]);
      sender_init (&sender, 1);
      sender_send (&sender, 0, &ladder[a]);
      sender_run (&sender, 0.1111);
      sender_change (&sender, 0, &ladder[b]);
      sender_run (&sender, 1.3);
      listener_init (&listener, &sender);
      from = &listener.kinds[0];
      to = &listener.kinds[1];
      g_assert_cmpuint (to->wire, ==, ladder[b].wire);
      /* From where the new one's own sound begins: before it puts out its look-ahead. */
      overlap = from->last - (to->first + (gint64) lookahead (&ladder[b]));
      if (delay_b > delay_a) {
        g_assert_cmpint (overlap, >=, RATE - (gint64) delay_a);
        g_assert_cmpint (overlap, <=, RATE + TUTTI_MAX_FRAME_SAMPLES);
      } else {
        g_assert_cmpint (overlap, >=, 0);
        g_assert_cmpint (overlap, <=, 2 * ladder[a].frame_samples + lookahead (&ladder[a]));
      }
      /* It begins soon: at the next place of its grid, seen in the cycle that follows. */
      g_assert_cmpint (to->first, <=, (gint64) (0.1111 * RATE) + Q + ladder[b].frame_samples);
      listener_clear (&listener);
      sender_clear (&sender);
    }
}

/* Changes that follow each other faster than the overlap, back to the first among them. */
static void
test_hasty (void)
{
  static const guint path[] = { 0, 1, 4, 0, 5, 3, 4, 1, 0 };
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  Listener listener;
  Sender sender;
  double worst;

  sender_init (&sender, 1);
  sender_send (&sender, 0, &ladder[0]);
  sender_run (&sender, 0.2);
  for (guint i = 0; i < 60; i++) {
    sender_change (&sender, 0, &ladder[path[i % G_N_ELEMENTS (path)]]);
    sender_run (&sender, g_rand_double_range (rand, 0.002, 0.25));
  }
  sender_run (&sender, 1.5);
  listener_init (&listener, &sender);
  worst = listener_judge (&listener);
  g_test_message ("worst millisecond: error %.1f dB below the music", -worst);
  g_assert_cmpfloat (worst, <, -15);
  listener_clear (&listener);
  sender_clear (&sender);
}

/* Whether a packet before @index held copy @k of @payload as its own frame, at @timestamp. */
static gboolean
was_sent (Line *line, guint index, guint32 timestamp, const TuttiPayload *payload, guint k)
{
  for (guint i = 0; i < index; i++) {
    TuttiPayload earlier;
    TuttiRtp rtp;

    sender_parse (line, i, &rtp, &earlier);
    if (rtp.timestamp == timestamp && earlier.wire == payload->wire &&
        earlier.size == payload->size &&
        memcmp (earlier.frames[0], payload->frames[k], payload->size) == 0)
      return TRUE;
  }
  return FALSE;
}

/* Copies are what earlier packets held, at the distance that was asked for, only of the same kind,
 * and not where they do not fit. */
static void
test_copies (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_RAW, 64, 1, 0, 16, TRUE, 2, 3 };
  guint most = 0, n_changed = 0;
  Sender sender;
  Line *line;

  sender_init (&sender, 1);
  line = &sender.lines[0];
  sender_send (&sender, 0, &format);
  sender_run (&sender, 0.1);
  format.distance = 15;
  sender_change (&sender, 0, &format);
  sender_run (&sender, 0.1);
  sender_change (&sender, 0, &(TuttiAudioFormat) { TUTTI_WIRE_OPUS, 120, 1, 96000, 0, TRUE, 1, 2 });
  sender_run (&sender, 0.2);
  for (guint i = 0; i < line->packets->len; i++) {
    TuttiPayload payload;
    TuttiRtp rtp;

    sender_parse (line, i, &rtp, &payload);
    most = MAX (most, payload.n_copies);
    if (payload.wire == TUTTI_WIRE_OPUS && payload.n_copies == 0)
      n_changed++;
    for (guint k = 1; k <= payload.n_copies; k++)
      g_assert_true (was_sent (
          line, i, rtp.timestamp - k * payload.distance * payload.frame_samples, &payload, k));
  }
  g_assert_cmpuint (most, ==, 2);
  /* The first two of the new kind have nothing to repeat. */
  g_assert_cmpuint (n_changed, ==, 2);
  sender_clear (&sender);
}

/* At distance 0 it is the packet that is sent again, with a number of its own. */
static void
test_repeats (void)
{
  const TuttiAudioFormat format = { TUTTI_WIRE_RAW, 64, 2, 0, 24, TRUE, 2, 0 };
  Sender sender;
  Line *line;

  sender_init (&sender, 2);
  line = &sender.lines[0];
  sender_send (&sender, 0, &format);
  sender_run (&sender, 0.1);
  g_assert_cmpuint (line->packets->len, >, 30);
  g_assert_cmpuint (line->packets->len % 3, ==, 0);
  for (guint i = 0; i < line->packets->len; i++) {
    TuttiPayload first, payload;
    TuttiRtp before, rtp;

    sender_parse (line, i - i % 3, &before, &first);
    sender_parse (line, i, &rtp, &payload);
    g_assert_cmpuint (payload.n_copies, ==, 0);
    g_assert_cmpuint (rtp.sequence, ==, (guint16) (before.sequence + i % 3));
    g_assert_cmpuint (rtp.timestamp, ==, before.timestamp);
    g_assert_cmpmem (rtp.payload, rtp.payload_size, before.payload, before.payload_size);
  }
  sender_clear (&sender);
}

static void
test_too_big (void)
{
  /* 768 bytes a frame: one fits, two do not. */
  TuttiAudioFormat format = { TUTTI_WIRE_RAW, 128, 2, 0, 24, TRUE, 2, 1 };
  guint n_small = 0;
  Sender sender;

  sender_init (&sender, 2);
  sender_send (&sender, 0, &format);
  sender_run (&sender, 0.1);
  format.bits = 16; /* 512: two fit, three do not */
  sender_change (&sender, 0, &format);
  sender_run (&sender, 0.1);
  for (guint i = 0; i < sender.lines[0].packets->len; i++) {
    TuttiPayload payload;
    TuttiRtp rtp;

    sender_parse (&sender.lines[0], i, &rtp, &payload);
    g_assert_cmpuint (rtp.payload_size, <=, TUTTI_PAYLOAD_MAX_SIZE);
    g_assert_cmpuint (payload.n_copies, ==, payload.bits == 16 && n_small > 0 ? 1 : 0);
    n_small += payload.bits == 16;
  }
  g_assert_cmpuint (n_small, ==, 37);
  sender_clear (&sender);
}

/* Plain Opus beside it shares the encoder: the same bytes, each at its own label. */
static void
test_two_kinds_of_listeners (void)
{
  TuttiAudioFormat framed = { TUTTI_WIRE_OPUS, 120, 1, 128000, 0, TRUE, 1, 1 };
  TuttiAudioFormat plain = { TUTTI_WIRE_OPUS, 120, 1, 128000 };
  Sender sender;
  guint matched = 0;

  sender_init (&sender, 1);
  sender_send (&sender, 0, &framed);
  sender_send (&sender, 3, &plain);
  g_assert_true (sender.engine->strips[sender.strip]->destinations[0].coder ==
                 sender.engine->strips[sender.strip]->destinations[3].coder);
  sender_run (&sender, 0.5);
  g_assert_cmpuint (sender.lines[0].packets->len, ==, 200);
  g_assert_cmpuint (sender.lines[3].packets->len, ==, 200);
  for (guint i = 0; i < 200; i++) {
    TuttiPayload payload;
    TuttiRtp a, b;

    sender_parse (&sender.lines[0], i, &a, &payload);
    sender_parse (&sender.lines[3], i, &b, NULL);
    g_assert_cmpuint (b.timestamp, ==, a.timestamp + 120);
    g_assert_cmpuint (b.ssrc, ==, SENDER_SSRC + 3);
    g_assert_cmpmem (payload.frames[0], payload.size, b.payload, b.payload_size);
    matched++;
  }
  g_assert_cmpuint (matched, ==, 200);

  /* The framed one leaves, the plain one does not notice. */
  sender_change (&sender, 0, &ladder[0]);
  sender_run (&sender, 0.5);
  g_assert_cmpuint (sender.lines[3].packets->len, ==, 400);
  for (guint i = 1; i < 400; i++) {
    TuttiRtp a, b;

    sender_parse (&sender.lines[3], i - 1, &a, NULL);
    sender_parse (&sender.lines[3], i, &b, NULL);
    g_assert_cmpuint (b.timestamp, ==, a.timestamp + 120);
    g_assert_cmpuint (b.sequence, ==, (guint16) (a.sequence + 1));
  }
  sender_clear (&sender);
}

/* Another bitrate is no other format: nothing is sent twice, and nothing is heard. */
static void
test_bitrate (gconstpointer data)
{
  TuttiAudioFormat format = *(const TuttiAudioFormat *) data;
  Listener listener;
  Sender sender;
  gsize before, after;
  TuttiPayload payload;
  double worst;
  TuttiRtp rtp;

  if (format.wire == TUTTI_WIRE_TIGHT && !tutti_codec_has_tight ()) {
    g_test_skip ("this libopus has no custom modes");
    return;
  }
  sender_init (&sender, 1);
  sender_send (&sender, 0, &format);
  sender_run (&sender, 0.5);
  sender_parse (&sender.lines[0], sender.lines[0].packets->len - 1, &rtp, &payload);
  before = payload.size;
  format.bitrate = format.bitrate * 3 / 4;
  sender_change (&sender, 0, &format);
  sender_run (&sender, 0.5);
  sender_parse (&sender.lines[0], sender.lines[0].packets->len - 1, &rtp, &payload);
  after = payload.size;
  g_assert_cmpuint (after, ==, before * 3 / 4);
  g_assert_cmpuint (sender.lines[0].packets->len, ==, sender.cycle * Q / format.frame_samples);
  listener_init (&listener, &sender);
  worst = listener_judge (&listener);
  g_test_message ("%zu, then %zu bytes; error %.1f dB below the music", before, after, -worst);
  g_assert_cmpfloat (worst, <, -15);
  listener_clear (&listener);
  sender_clear (&sender);
}

static void
test_refused (void)
{
  TuttiAudioFormat plain = { TUTTI_WIRE_OPUS, 120, 1, 96000 };
  TuttiAudioFormat stereo = { TUTTI_WIRE_RAW, 64, 2, 0, 16, TRUE };
  TuttiAudioFormat odd = { TUTTI_WIRE_RAW, 65, 1, 0, 16, TRUE };
  g_autoptr (GError) error = NULL;
  Sender sender;

  sender_init (&sender, 1);
  g_assert_false (
      tutti_audio_engine_change_format (sender.engine, sender.strip, 0, &ladder[0], &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
  g_clear_error (&error);
  sender_send (&sender, 1, &plain);
  g_assert_false (
      tutti_audio_engine_change_format (sender.engine, sender.strip, 1, &ladder[0], &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
  g_clear_error (&error);
  sender_send (&sender, 0, &ladder[0]);
  for (guint i = 0; i < 3; i++) {
    const TuttiAudioFormat *format = i == 0 ? &plain : i == 1 ? &stereo : &odd;

    g_assert_false (
        tutti_audio_engine_change_format (sender.engine, sender.strip, 0, format, &error));
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_CODEC);
    g_clear_error (&error);
  }
  sender_run (&sender, 0.1);
  g_assert_cmpuint (sender.lines[0].packets->len, ==, 75);
  sender_clear (&sender);
}

/* The pair that the read-out is made of: what the newest packet is labelled, when that sound was
 * captured, and when the packet went. */
static void
test_progress (void)
{
  TuttiStripStats stats;
  TuttiRtp rtp;
  Sender sender;

  for (guint i = 0; i < G_N_ELEMENTS (ladder); i++) {
    gint64 place;
    gint64 before = tutti_clock_now_ns ();

    if (ladder[i].wire == TUTTI_WIRE_TIGHT && !tutti_codec_has_tight ())
      continue;
    sender_init (&sender, 1);
    sender_send (&sender, 0, &ladder[i]);
    sender_run (&sender, 0.2);
    tutti_audio_engine_get_strip_stats (sender.engine, sender.strip, &stats);
    sender_parse (&sender.lines[0], sender.lines[0].packets->len - 1, &rtp, NULL);
    place = (gint32) (rtp.timestamp - sender.engine->strips[sender.strip]->start);
    g_assert_cmpuint (stats.rtp_timestamp, ==, rtp.timestamp);
    g_assert_cmpint (ABS (stats.capture_ns - SENDER_BASE_NS - place * TUTTI_NSEC_PER_SEC / RATE),
                     <=, 3);
    g_assert_cmpint (stats.sent_ns, >, before);
    g_assert_cmpint (stats.sent_ns, <=, tutti_clock_now_ns ());
    sender_clear (&sender);
  }
}

static int
compare (gconstpointer a, gconstpointer b)
{
  gint64 x = *(const gint64 *) a, y = *(const gint64 *) b;

  return x < y ? -1 : x > y;
}

/* In real time: with raw of 64 samples on a quantum of 64 every cycle's packet leaves in that very
 * cycle, from the worker, without waiting for anything. */
static void
test_same_cycle (void)
{
  gint64 took[1000];
  Sender sender;

  sender_init (&sender, 1);
  sender_send (&sender, 0, &ladder[0]);
  for (guint i = 0; i < G_N_ELEMENTS (took); i++) {
    gint64 start = tutti_clock_now_ns ();

    sender_cycle (&sender);
    pthread_mutex_lock (&sender.lines[0].mutex);
    g_assert_cmpuint (sender.lines[0].packets->len, ==, i + 1);
    took[i] = g_array_index (sender.lines[0].packets, Packet, i).sent_ns - start;
    pthread_mutex_unlock (&sender.lines[0].mutex);
    g_usleep (500);
  }
  qsort (took, G_N_ELEMENTS (took), sizeof took[0], compare);
  g_test_message ("from the cycle's start to the send function: median %.1f µs, 95 %% %.1f µs",
                  took[500] / 1e3, took[950] / 1e3);
  g_assert_cmpint (took[500], <, Q * TUTTI_NSEC_PER_SEC / RATE);
  sender_clear (&sender);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sending/ladder", test_ladder);
  g_test_add_func ("/sending/overlap", test_overlap);
  g_test_add_func ("/sending/hasty", test_hasty);
  g_test_add_func ("/sending/copies", test_copies);
  g_test_add_func ("/sending/repeats", test_repeats);
  g_test_add_func ("/sending/too-big", test_too_big);
  g_test_add_func ("/sending/two-kinds-of-listeners", test_two_kinds_of_listeners);
  g_test_add_data_func ("/sending/bitrate/opus", &ladder[1], test_bitrate);
  g_test_add_data_func ("/sending/bitrate/tight", &ladder[2], test_bitrate);
  g_test_add_func ("/sending/refused", test_refused);
  g_test_add_func ("/sending/progress", test_progress);
  g_test_add_func ("/sending/same-cycle", test_same_cycle);
  return g_test_run ();
}
