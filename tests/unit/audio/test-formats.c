/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* From one engine to another: what a listener hears of a stream whose format changes. */

#include <math.h>
#include <string.h>

#include "sender-sim.h"
#include "tutti-clock.h"

#define Q    SENDER_QUANTUM
#define RATE TUTTI_SAMPLE_RATE

typedef struct {
  Sender sender;
  TuttiAudioEngine *engine;
  TuttiAudioRemote *remote;
  guint delay; /* cycles on the line */
  guint n_delivered;
  GArray *sent_at; /* number of packets that had gone out after each cycle */
  GArray *heard;   /* of float, left */
} Jam;

static void
jam_init (Jam *jam, const TuttiAudioFormat *format, guint delay)
{
  memset (jam, 0, sizeof *jam);
  sender_init (&jam->sender, 1);
  sender_send (&jam->sender, 0, format);
  jam->engine = tutti_audio_engine_new ();
  tutti_audio_engine_set_fade_in (jam->engine, 0);
  jam->remote = tutti_audio_engine_add_remote (jam->engine, format, SENDER_PT, NULL);
  jam->delay = delay;
  jam->sent_at = g_array_new (FALSE, FALSE, sizeof (guint));
  jam->heard = g_array_new (FALSE, FALSE, sizeof (float));
}

static void
jam_clear (Jam *jam)
{
  sender_clear (&jam->sender);
  tutti_audio_engine_free (jam->engine);
  g_array_unref (jam->sent_at);
  g_array_unref (jam->heard);
}

static void
jam_deliver (Jam *jam, gint64 now)
{
  Line *line = &jam->sender.lines[0];
  guint until;

  if (jam->sent_at->len <= jam->delay)
    return;
  until = g_array_index (jam->sent_at, guint, jam->sent_at->len - 1 - jam->delay);
  for (; jam->n_delivered < until; jam->n_delivered++) {
    Packet *packet = &g_array_index (line->packets, Packet, jam->n_delivered);

    tutti_audio_remote_receive (jam->remote, 0, packet->data, packet->size, now);
  }
}

static void
jam_run (Jam *jam, double seconds)
{
  for (guint c = 0; c < seconds * RATE / Q; c++) {
    gint64 now = SENDER_BASE_NS + (gint64) (jam->sender.cycle * Q) * TUTTI_NSEC_PER_SEC / RATE;
    guint64 position = jam->sender.cycle * Q;
    float left[Q];
    float *out[1] = { left };

    sender_cycle (&jam->sender);
    g_array_append_val (jam->sent_at, jam->sender.lines[0].packets->len);
    jam_deliver (jam, now);
    tutti_engine_lock_worker (jam->engine);
    tutti_audio_engine_process (jam->engine, NULL, 0, out, 1, Q, RATE, now, position);
    tutti_engine_unlock_worker (jam->engine);
    g_array_append_vals (jam->heard, left, Q);
  }
}

/* The greatest leap of the second difference, against the music's own: a click stands out. */
static double
roughest (const Jam *jam, guint from, guint to)
{
  const float *x = &g_array_index (jam->heard, float, 0);
  double worst = 0;

  for (guint i = MAX (from, 2); i < to; i++)
    worst = fmax (worst, fabs (x[i] - 2 * x[i - 1] + x[i - 2]));
  return worst;
}

/* The quietest 10 ms, dB. */
static double
quietest (const Jam *jam, guint from, guint to)
{
  const float *x = &g_array_index (jam->heard, float, 0);
  double least = 100;

  for (guint at = from; at + 480 < to; at += 120) {
    double sum = 0;

    for (guint i = at; i < at + 480; i++)
      sum += x[i] * x[i];
    least = fmin (least, 10 * log10 (sum / 480 + 1e-20));
  }
  return least;
}

static const TuttiAudioFormat formats[] = {
  { TUTTI_WIRE_RAW, 64, 1, 0, 16, TRUE },
  { TUTTI_WIRE_TIGHT, 64, 1, 128000, 0, TRUE },
  { TUTTI_WIRE_OPUS, 120, 1, 128000, 0, TRUE },
  { TUTTI_WIRE_OPUS, 960, 1, 128000, 0, TRUE },
};

/* One change, there and back: nothing is concealed, no hole, no click; the delay goes up and comes
 * down again. */
static void
test_change (gconstpointer data)
{
  const TuttiAudioFormat *quick = &formats[GPOINTER_TO_UINT (data) / 10];
  const TuttiAudioFormat *slow = &formats[GPOINTER_TO_UINT (data) % 10];
  TuttiRemoteStats stats = { 0 };
  double before, smooth, rough, least;
  guint n;
  Jam jam;

  if ((quick->wire == TUTTI_WIRE_TIGHT || slow->wire == TUTTI_WIRE_TIGHT) &&
      !tutti_codec_has_tight ()) {
    g_test_skip ("this libopus has no custom modes");
    return;
  }
  jam_init (&jam, quick, 4);
  jam_run (&jam, 3);
  n = jam.heard->len;
  smooth = roughest (&jam, n / 2, n);
  before = quietest (&jam, n / 2, n);
  tutti_audio_remote_get_stats (jam.remote, &stats);
  g_assert_cmpuint (stats.concealed_samples, ==, 0);
  sender_change (&jam.sender, 0, slow);
  jam_run (&jam, 4);
  sender_change (&jam.sender, 0, quick);
  jam_run (&jam, 4);
  rough = roughest (&jam, n, jam.heard->len);
  least = quietest (&jam, n, jam.heard->len);
  tutti_audio_remote_get_stats (jam.remote, &stats);
  g_test_message (
      "%u concealed, %u left out, %u put in; quietest %.1f (was %.1f) dB, roughest %.4f "
      "(was %.4f)",
      (guint) stats.concealed_samples, (guint) stats.accelerated_samples,
      (guint) stats.expanded_samples, least, before, rough, smooth);
  g_assert_cmpuint (stats.wire, ==, quick->wire);
  g_assert_cmpuint (stats.lost + stats.late + stats.malformed, ==, 0);
  g_assert_cmpuint (stats.concealed_samples, ==, 0);
  g_assert_cmpfloat (least, >, before - 2);
  g_assert_cmpfloat (rough, <, 2 * smooth);
  jam_clear (&jam);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  for (guint a = 0; a < G_N_ELEMENTS (formats); a++)
    for (guint b = a + 1; b < G_N_ELEMENTS (formats); b++) {
      g_autofree char *path = g_strdup_printf ("/formats/%u-%u", a, b);

      g_test_add_data_func (path, GUINT_TO_POINTER (a * 10 + b), test_change);
    }
  return g_test_run ();
}
