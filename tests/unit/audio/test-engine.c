/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One engine alone: what it takes, and how it changes while it runs. */

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-timer-driver.h"

#define PT      111
#define Q       64
#define BASE_NS (500 * TUTTI_NSEC_PER_SEC)

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
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/engine/other-rate", test_other_rate);
  g_test_add_func ("/engine/big-quantum", test_big_quantum);
  g_test_add_func ("/engine/full", test_full);
  g_test_add_func ("/engine/idle", test_idle);
  g_test_add_func ("/engine/changes-while-running", test_changes_while_running);
  return g_test_run ();
}
