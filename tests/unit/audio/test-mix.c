/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the engine mixes beside remotes: our own monitoring, click, stems, the feedback guard. */

#include <math.h>
#include <string.h>

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"

#define Q       64
#define RATE    48000
#define PT      111
#define BASE_NS (500 * TUTTI_NSEC_PER_SEC)

typedef struct {
  TuttiAudioEngine *engine;
  guint64 position;
  float in[2][TUTTI_MAX_QUANTUM];
  float out[2][TUTTI_MAX_QUANTUM];
} Graph;

static gint64
ns_at (guint64 sample)
{
  return BASE_NS + (gint64) (sample * 62500 / 3);
}

static void
graph_init (Graph *graph)
{
  memset (graph, 0, sizeof *graph);
  graph->engine = tutti_audio_engine_new ();
  tutti_audio_engine_set_fade_in (graph->engine, 0);
}

static void
graph_cycle (Graph *graph, guint quantum)
{
  const float *in[2] = { graph->in[0], graph->in[1] };
  float *out[2] = { graph->out[0], graph->out[1] };

  tutti_audio_engine_process (graph->engine, in, 2, out, 2, quantum, RATE, ns_at (graph->position),
                              graph->position);
  graph->position += quantum;
}

/* Own monitoring adds no buffer: what comes in is in the output of the same cycle, sample for
 * sample, whatever the quantum, mono and stereo. */
static void
test_monitor (gconstpointer data)
{
  guint quantum = GPOINTER_TO_UINT (data);
  TuttiStripConfig mono = { 0, 1, 1, 0 }, stereo = { 0, 2, 2, 0 };
  guint seed = 1;
  Graph graph;

  for (guint channels = 1; channels <= 2; channels++) {
    int strip;

    graph_init (&graph);
    strip = tutti_audio_engine_add_strip (graph.engine, channels == 1 ? &mono : &stereo, NULL);
    tutti_audio_engine_set_strip_monitor (graph.engine, (guint) strip, TRUE);
    for (guint c = 0; c < 100; c++) {
      for (guint i = 0; i < quantum; i++) {
        seed = seed * 1664525u + 1013904223u;
        graph.in[0][i] = (float) (gint32) seed / 2147483648.0f * 0.4f;
        graph.in[1][i] = -0.5f * graph.in[0][i];
      }
      graph_cycle (&graph, quantum);
      for (guint i = 0; i < quantum; i++) {
        g_assert_cmpfloat (graph.out[0][i], ==, graph.in[0][i]);
        g_assert_cmpfloat (graph.out[1][i], ==, graph.in[channels - 1][i]);
      }
    }
    tutti_audio_engine_free (graph.engine);
  }
}

/* The click sounds in the cycle that plays at its time, to the sample, and is not sent, nor part of
 * what the strips hear. */
static void
test_click (void)
{
  TuttiClick click = { 131, 4, BASE_NS + 77777777, 0, TRUE, -20 };
  TuttiEngineStats stats;
  guint beat = 0, quiet = 1000;
  Graph graph;

  graph_init (&graph);
  tutti_audio_engine_set_click (graph.engine, &click);
  while (graph.position < 20 * RATE) {
    guint64 from = graph.position;

    graph_cycle (&graph, 48 + 16 * (graph.position % 7));
    for (guint64 i = from; i < graph.position; i++) {
      gboolean sounds = graph.out[0][i - from] != 0;

      g_assert_cmpfloat (graph.out[0][i - from], ==, graph.out[1][i - from]);
      if (sounds && quiet > 500) {
        g_assert_cmpint (ABS ((gint64) i - llround ((77777777 + 60e9 / 131 * beat) * 48e-6)), <=,
                         1);
        beat++;
      }
      quiet = sounds ? 0 : quiet + 1;
    }
  }
  g_assert_cmpuint (beat, ==, 44);
  tutti_audio_engine_get_stats (graph.engine, &stats);
  g_assert_cmpfloat_with_epsilon (stats.output.peak_db[0], -20, 0.1);
  tutti_audio_engine_set_click (graph.engine, NULL);
  for (guint i = 0; i < 100; i++)
    graph_cycle (&graph, Q);
  tutti_audio_engine_get_stats (graph.engine, &stats);
  for (guint i = 0; i < RATE / Q; i++)
    graph_cycle (&graph, Q);
  tutti_audio_engine_get_stats (graph.engine, &stats);
  g_assert_cmpfloat (stats.output.peak_db[0], ==, TUTTI_SILENCE_DB);
  tutti_audio_engine_free (graph.engine);
}

typedef struct {
  TuttiAudioRemote *remote;
  gint64 now_ns;
} Echo;

static void
echo_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Echo *echo = user_data;

  tutti_audio_remote_receive (echo->remote, 0, rtp, size, echo->now_ns);
}

/* A stem is what was played of the remote, before fader, pan, mute and solo, in the same cycle. */
static void
test_stem (void)
{
  TuttiAudioFormat format = { TUTTI_WIRE_OPUS, 120, 2, 128000 };
  TuttiStripConfig config = { 0, 2, 2, 0 };
  float left[Q], right[Q];
  float *planes[2] = { left, right };
  double sum = 0;
  Echo echo;
  Graph graph;

  graph_init (&graph);
  echo.remote = tutti_audio_engine_add_remote (graph.engine, &format, PT, NULL);
  tutti_audio_engine_add_strip (graph.engine, &config, NULL);
  g_assert_true (tutti_audio_engine_send_strip (graph.engine, 0, 0, &format, PT, 1, echo_send,
                                                &echo, NULL, NULL));
  g_assert_false (tutti_audio_remote_read_stem (echo.remote, planes, Q));
  tutti_audio_remote_set_stem (echo.remote, TRUE);
  g_assert_true (tutti_audio_remote_read_stem (echo.remote, planes, Q));
  for (guint c = 0; c < 2 * RATE / Q; c++) {
    for (guint i = 0; i < Q; i++) {
      graph.in[0][i] = 0.2f * sinf ((float) (c * Q + i) * 0.06f);
      graph.in[1][i] = 0.1f * sinf ((float) (c * Q + i) * 0.04f);
    }
    if (c == RATE / Q)
      tutti_audio_remote_set_muted (echo.remote, TRUE);
    tutti_engine_lock_worker (graph.engine);
    echo.now_ns = ns_at (graph.position);
    graph_cycle (&graph, Q);
    tutti_engine_unlock_worker (graph.engine);
    g_assert_true (tutti_audio_remote_read_stem (echo.remote, planes, Q));
    for (guint i = 0; i < Q && c < RATE / Q; i++) {
      g_assert_cmpfloat_with_epsilon (left[i], graph.out[0][i], 1e-6);
      g_assert_cmpfloat_with_epsilon (right[i], graph.out[1][i], 1e-6);
    }
    for (guint i = 0; i < Q && c > RATE / Q + 20; i++) {
      g_assert_cmpfloat (graph.out[0][i], ==, 0);
      sum += left[i] * left[i];
    }
    g_usleep (100);
  }
  g_assert_cmpfloat (10 * log10 (sum / RATE), >, -22);
  tutti_audio_remote_set_stem (echo.remote, FALSE);
  g_assert_false (tutti_audio_remote_read_stem (echo.remote, planes, Q));
  tutti_audio_engine_free (graph.engine);
}

/* Our monitoring in a loudspeaker 12 ms away, 6 dB too loud. @guarded FALSE is the witness. */
static double
howl (gboolean guarded, TuttiEngineStats *stats)
{
  TuttiStripConfig config = { 0, 1, 1, 0 };
  static float past[1 << 14];
  double y1 = 0, y2 = 0, loud = 0;
  guint32 seed = 1;
  Graph graph;

  memset (past, 0, sizeof past);
  graph_init (&graph);
  tutti_audio_engine_add_strip (graph.engine, &config, NULL);
  tutti_audio_engine_set_strip_monitor (graph.engine, 0, TRUE);
  tutti_audio_engine_set_feedback_guard (graph.engine, guarded);
  while (graph.position < 3 * RATE) {
    for (guint i = 0; i < Q; i++) {
      /* A room that likes 800 Hz. */
      double x = 2 * past[(graph.position + i - 576) % G_N_ELEMENTS (past)];
      double y = 0.0174 * x + 1.9543 * y1 - 0.9652 * y2;

      y2 = y1;
      y1 = y;
      seed = seed * 1664525u + 1013904223u;
      graph.in[0][i] = (float) (CLAMP (y, -1, 1) + (gint32) seed / 2147483648.0 * 1e-3);
    }
    graph_cycle (&graph, Q);
    for (guint i = 0; i < Q; i++)
      past[(graph.position - Q + i) % G_N_ELEMENTS (past)] = graph.out[0][i];
    if (graph.position > RATE * 2)
      loud = fmax (loud, fabsf (graph.out[0][0]));
  }
  tutti_audio_engine_get_stats (graph.engine, stats);
  tutti_audio_engine_free (graph.engine);
  return loud;
}

static void
test_feedback (void)
{
  TuttiEngineStats stats;

  g_assert_cmpfloat (howl (FALSE, &stats), >, 0.5);
  g_assert_cmpuint (stats.feedback, ==, 0);
  g_assert_cmpfloat (stats.feedback_db, ==, 0);
  g_test_message ("with the guard the peak is %.2f", howl (TRUE, &stats));
  g_assert_cmpuint (stats.feedback, >=, 1);
  g_assert_cmpfloat (stats.feedback_db, <, -11);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_data_func ("/mix/monitor/64", GUINT_TO_POINTER (64), test_monitor);
  g_test_add_data_func ("/mix/monitor/128", GUINT_TO_POINTER (128), test_monitor);
  g_test_add_data_func ("/mix/monitor/1000", GUINT_TO_POINTER (1000), test_monitor);
  g_test_add_func ("/mix/click", test_click);
  g_test_add_func ("/mix/stem", test_stem);
  g_test_add_func ("/mix/feedback", test_feedback);
  return g_test_run ();
}
