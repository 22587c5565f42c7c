/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <math.h>
#include <sndfile.h>

#include "model-test.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-sound-private.h"
#include "tutti-thread.h"

/* The sound without PipeWire: sources and sinks on the timer. */

static void
test_specs (void)
{
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tutti_sound_set_input_spec (sound, "device", &error));
  g_assert_true (tutti_sound_set_input_spec (sound, "device:alsa_input.usb", &error));
  g_assert_true (tutti_sound_set_input_spec (sound, "silence", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, "null", &error));
  g_assert_no_error (error);

  g_assert_false (tutti_sound_set_input_spec (sound, "blub:440", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (tutti_sound_set_output_spec (sound, "blub", &error));
  g_assert_nonnull (error);
  g_clear_error (&error);
  g_assert_false (tutti_sound_set_output_spec (sound, "/nonexistent/a.wav", &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);

  g_assert_finalize_object (sound);
}

static void
test_timer (void)
{
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;
  TuttiEngineStats engine;
  TuttiStripStats own;
  TuttiLevel level;
  guint quantum, rate;
  g_autofree char *reason = NULL;
  gboolean running, realtime;
  double latency;

  g_object_set (sound, "quantum", 128, "input-gain", -6.0, NULL);
  g_assert_true (tutti_sound_set_input_spec (sound, "tone:1000:-12", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, "null", &error));
  g_assert_true (tutti_sound_start (sound, &error));
  g_assert_true (tutti_sound_start (sound, &error));
  g_assert_no_error (error);
  model_test_run_ms (300);

  g_object_get (sound, "running", &running, "granted-quantum", &quantum, "rate", &rate,
                "local-latency-ms", &latency, NULL);
  g_assert_true (running);
  g_assert_cmpuint (quantum, ==, 128);
  g_assert_cmpuint (rate, ==, 48000);
  g_assert_cmpfloat_with_epsilon (latency, 2 * 128 / 48.0, 0.01);
  g_assert_cmpint (tutti_sound_get_capture_ns (sound), ==, 0);

  /* Worker and timer: what the kernel says of them. Brokers answer later than the first look. */
  tutti_sound_update (sound);
  g_object_get (sound, "realtime", &realtime, "realtime-reason", &reason, NULL);
  g_assert_cmpint (realtime, ==,
                   tutti_thread_check_realtime (NULL, NULL) == TUTTI_REALTIME_GRANTED);

  tutti_sound_get_engine_stats (sound, &engine);
  g_assert_cmpuint (engine.cycles, >, 50);

  /* The gain is in it, once it has risen. */
  tutti_sound_get_input_level (sound, &level);
  tutti_sound_get_own_stats (sound, &own);
  model_test_run_ms (200);

  /* Two readers, and neither takes the other's level away. */
  tutti_sound_get_input_level (sound, &level);
  tutti_sound_get_own_stats (sound, &own);
  g_assert_cmpfloat_with_epsilon (level.peak_db[0], -18, 0.3);
  g_assert_cmpfloat_with_epsilon (own.level.peak_db[0], -18, 0.3);

  tutti_sound_stop (sound);
  tutti_sound_stop (sound);
  g_object_get (sound, "running", &running, NULL);
  g_assert_false (running);
  g_assert_finalize_object (sound);
}

/* Peak of the first channel of the whole file. */
static double
read_peak (const char *path)
{
  SF_INFO info = { 0 };
  SNDFILE *file = sf_open (path, SFM_READ, &info);
  g_autofree float *samples = NULL;
  double peak = 0;

  g_assert_nonnull (file);
  g_assert_cmpint (info.channels, ==, 2);
  samples = g_new0 (float, info.frames * 2);
  g_assert_cmpint (sf_readf_float (file, samples, info.frames), ==, info.frames);
  sf_close (file);
  for (sf_count_t i = 0; i < info.frames; i++)
    peak = MAX (peak, fabs (samples[2 * i]));

  return peak;
}

static double
record (gboolean monitor, gboolean test_sound)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tutti-test-sound-XXXXXX.wav", NULL);
  int fd = g_mkstemp (path);
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;
  double peak;

  g_assert_true (g_close (fd, NULL));
  g_object_set (sound, "monitor", monitor, NULL);
  g_assert_true (tutti_sound_set_input_spec (sound, "tone:1000:-12", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, path, &error));
  g_assert_true (tutti_sound_start (sound, &error));
  if (test_sound)
    tutti_sound_play_test (sound);
  model_test_run_ms (500);
  tutti_sound_stop (sound);
  g_assert_true (tutti_sound_close_output (sound, &error));
  g_assert_no_error (error);
  g_assert_finalize_object (sound);

  peak = read_peak (path);
  g_unlink (path);

  return peak;
}

static void
test_output (void)
{
  g_assert_cmpfloat (record (FALSE, FALSE), <, 1e-4);
  g_assert_cmpfloat_with_epsilon (record (TRUE, FALSE), 0.251, 0.01);
}

static void
test_test_sound (void)
{
  g_assert_cmpfloat (record (FALSE, TRUE), >, 0.02);
}

static void
test_properties (void)
{
  TuttiSound *sound = tutti_sound_new ();
  g_autofree char *device = NULL;
  int mode;

  g_assert_cmpuint (tutti_sound_get_channels (sound), ==, 1);
  g_object_set (sound, "input-mode", TUTTI_INPUT_MODE_STEREO, "input-device", "x", NULL);
  g_object_get (sound, "input-mode", &mode, "input-device", &device, NULL);
  g_assert_cmpint (mode, ==, TUTTI_INPUT_MODE_STEREO);
  g_assert_cmpstr (device, ==, "x");
  g_assert_cmpuint (tutti_sound_get_channels (sound), ==, 2);
  g_assert_null (tutti_sound_get_error (sound));
  g_assert_cmpuint (g_list_model_get_n_items (tutti_sound_get_inputs (sound)), ==, 0);

  g_assert_finalize_object (sound);
}

/* Strips without PipeWire: a tone on the left and silence on the right are two strips. */
static void
test_own_strips (void)
{
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GListModel) list = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *label = NULL;
  TuttiOwnStrip *left, *both;
  TuttiStripStats stats;
  TuttiLevel level;

  g_object_get (sound, "own-strips", &list, NULL);
  g_assert_true (list == tutti_sound_get_own_strips (sound));
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
  left = tutti_sound_get_main_strip (sound);
  g_assert_cmpstr (tutti_own_strip_get_id (left), ==, TUTTI_OWN_STRIP_MAIN);
  g_assert_cmpuint (tutti_own_strip_get_index (left), ==, TUTTI_SOUND_STRIP);
  both = tutti_sound_add_own_strip (sound, "Both", &error);
  g_assert_no_error (error);
  g_object_set (both, "input-mode", TUTTI_INPUT_MODE_STEREO, "gain-db", -6.0, "label", "Two", NULL);
  g_object_get (both, "label", &label, NULL);
  g_assert_cmpstr (label, ==, "Two");

  g_assert_true (tutti_sound_set_input_spec (sound, "tone:1000:-12", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, "null", &error));
  g_assert_true (tutti_sound_start (sound, &error));
  model_test_run_ms (300);
  tutti_own_strip_get_level (both, &level);
  tutti_own_strip_get_stats (both, &stats);
  model_test_run_ms (300);
  tutti_own_strip_get_level (both, &level);
  tutti_own_strip_get_stats (both, &stats);
  g_assert_cmpfloat_with_epsilon (level.peak_db[0], -18, 0.3);
  g_assert_cmpfloat_with_epsilon (level.peak_db[1], -18, 0.3);
  g_assert_cmpfloat_with_epsilon (stats.level.peak_db[0], -18, 0.3);
  tutti_sound_get_input_level (sound, &level);
  g_assert_cmpfloat_with_epsilon (level.peak_db[0], -12, 0.3);
  tutti_sound_remove_own_strip (sound, both);
  g_assert_cmpuint (g_list_model_get_n_items (list), ==, 1);
  g_clear_object (&list);

  tutti_sound_stop (sound);
  g_assert_finalize_object (sound);
}

static void
deliver (const guint8 *rtp, gsize size, gpointer remote)
{
  tutti_audio_remote_receive (remote, 0, rtp, size, tutti_clock_now_ns ());
}

/* The others get the send level, our own meter does not. */
static void
test_send_level (void)
{
  const TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_OPUS, .frame_samples = 240, .channels = 1, .bitrate = 256000
  };
  TuttiSound *here = tutti_sound_new (), *there = tutti_sound_new ();
  g_autoptr (GError) error = NULL;
  TuttiAudioRemote *remote;
  TuttiRemoteStats heard;
  TuttiStripStats own;

  g_object_set (there, "fade-in", 0, NULL);
  remote = tutti_audio_engine_add_remote (tutti_sound_get_engine (there), &format, 96, &error);
  g_assert_no_error (error);
  g_assert_true (tutti_sound_set_input_spec (there, "silence", &error));
  g_assert_true (tutti_sound_set_output_spec (there, "null", &error));
  g_assert_true (tutti_sound_start (there, &error));
  g_object_set (tutti_sound_get_main_strip (here), "send-level", -20.0, NULL);
  g_assert_true (tutti_sound_set_input_spec (here, "tone:1000:-12", &error));
  g_assert_true (tutti_sound_set_output_spec (here, "null", &error));
  g_assert_true (tutti_audio_engine_send_strip (tutti_sound_get_engine (here), TUTTI_SOUND_STRIP, 0,
                                                &format, 96, 7, deliver, remote, NULL, &error));
  g_assert_true (tutti_sound_start (here, &error));
  model_test_run_ms (500);
  tutti_audio_remote_get_stats (remote, &heard);
  tutti_sound_get_own_stats (here, &own);
  model_test_run_ms (300);
  tutti_audio_remote_get_stats (remote, &heard);
  tutti_sound_get_own_stats (here, &own);
  g_assert_cmpfloat_with_epsilon (own.level.peak_db[0], -12, 0.3);
  g_assert_cmpfloat_with_epsilon (heard.level.peak_db[0], -32, 1);

  tutti_sound_stop (here);
  g_assert_finalize_object (here);
  tutti_sound_stop (there);
  g_assert_finalize_object (there);
}

static double
record_click (gboolean audible, guint count_in_bars, gboolean running)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tutti-test-sound-XXXXXX.wav", NULL);
  int fd = g_mkstemp (path);
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;
  /* What the model says of loudness and audibility does not count. */
  TuttiClick click = { .bpm = 240,
                       .beats_per_bar = 1,
                       .origin_ns = tutti_clock_now_ns () + 100 * TUTTI_NSEC_PER_MSEC,
                       .count_in_bars = count_in_bars,
                       .audible = TRUE,
                       .gain_db = 0 };
  double peak;

  g_assert_true (g_close (fd, NULL));
  g_object_set (sound, "click-audible", audible, "click-gain", -20.0, NULL);
  g_assert_true (tutti_sound_set_input_spec (sound, "silence", &error));
  g_assert_true (tutti_sound_set_output_spec (sound, path, &error));
  tutti_sound_set_click (sound, &click);
  if (!running)
    tutti_sound_set_click (sound, NULL);
  g_assert_true (tutti_sound_start (sound, &error));
  model_test_run_ms (700);
  tutti_sound_stop (sound);
  g_assert_true (tutti_sound_close_output (sound, &error));
  g_assert_finalize_object (sound);
  peak = read_peak (path);
  g_unlink (path);

  return peak;
}

static void
test_click (void)
{
  double heard = record_click (TRUE, 0, TRUE);

  g_test_message ("click at -20 dB: peak %.4f", heard);
  g_assert_cmpfloat (heard, >, 0.01);
  g_assert_cmpfloat (heard, <, 0.2);
  g_assert_cmpfloat (record_click (FALSE, 0, TRUE), <, 1e-4);
  g_assert_cmpfloat (record_click (FALSE, 1, TRUE), >, 0.01);
  g_assert_cmpfloat (record_click (TRUE, 0, FALSE), <, 1e-4);
}

static void
test_mix_properties (void)
{
  TuttiSound *sound = tutti_sound_new ();
  gboolean guard, audible, adapt, stems;
  double gain, feedback;
  g_autofree char *reason = NULL;
  TuttiEngineStats stats;

  g_object_get (sound, "feedback-guard", &guard, "feedback-db", &feedback, "click-audible",
                &audible, "click-gain", &gain, "adapt-quantum", &adapt, "stems", &stems,
                "quantum-reason", &reason, NULL);
  g_assert_true (guard);
  g_assert_cmpfloat (feedback, ==, 0);
  g_assert_false (audible);
  g_assert_cmpfloat_with_epsilon (gain, -12, 1e-6);
  g_assert_true (adapt);
  g_assert_false (stems);
  g_assert_null (reason);
  g_object_set (sound, "feedback-guard", FALSE, NULL);
  g_object_get (sound, "feedback-guard", &guard, NULL);
  g_assert_false (guard);
  tutti_sound_get_engine_stats (sound, &stats);
  g_assert_cmpuint (stats.cycles, ==, 0);
  g_assert_finalize_object (sound);
}

static void
test_no_pipewire (void)
{
  TuttiSound *sound = tutti_sound_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (tutti_sound_start (sound, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE);
  g_assert_error (tutti_sound_get_error (sound), TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE);

  /* It goes on trying; stopping ends that and the complaint. */
  model_test_run_ms (600);
  g_assert_error (tutti_sound_get_error (sound), TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE);
  tutti_sound_stop (sound);
  g_assert_null (tutti_sound_get_error (sound));

  g_assert_finalize_object (sound);
}

int
main (int argc, char **argv)
{
  g_autofree char *empty = g_dir_make_tmp ("tutti-test-XXXXXX", NULL);
  int result;

  /* Nobody's PipeWire is to hear this. */
  g_setenv ("XDG_RUNTIME_DIR", empty, TRUE);
  g_setenv ("PIPEWIRE_RUNTIME_DIR", empty, TRUE);
  g_unsetenv ("PIPEWIRE_REMOTE");

  tutti_thread_init_main ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/sound/specs", test_specs);
  g_test_add_func ("/sound/properties", test_properties);
  g_test_add_func ("/sound/timer", test_timer);
  g_test_add_func ("/sound/output", test_output);
  g_test_add_func ("/sound/test-sound", test_test_sound);
  g_test_add_func ("/sound/own-strips", test_own_strips);
  g_test_add_func ("/sound/send-level", test_send_level);
  g_test_add_func ("/sound/click", test_click);
  g_test_add_func ("/sound/mix-properties", test_mix_properties);
  g_test_add_func ("/sound/no-pipewire", test_no_pipewire);
  result = g_test_run ();
  g_rmdir (empty);

  return result;
}
