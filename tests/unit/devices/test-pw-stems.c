/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* TuttiSound on a real graph: the others' stems, and a graph of another rate. */

#include "pw-rig.h"
#include "tutti-thread.h"

#include <glib/gstdio.h>
#include <math.h>
#include <unistd.h>

static PwServer *server;

/* -- stems -- */

/* A musician elsewhere, without a network: an engine whose packets are handed over. */
typedef struct {
  TuttiAudioEngine *engine;
  TuttiTimerDriver *timer;
  TuttiAudioEngine *listener;
  TuttiAudioRemote *remote;
} Musician;

static void
deliver (const guint8 *rtp, gsize size, gpointer user_data)
{
  tutti_audio_remote_receive (user_data, 0, rtp, size, g_get_monotonic_time () * 1000);
}

static Musician *
musician_new (TuttiAudioEngine *listener, const char *spec, guint32 ssrc)
{
  const TuttiAudioFormat format = {
    .wire = TUTTI_WIRE_OPUS, .frame_samples = 240, .channels = 1, .bitrate = 256000
  };
  const TuttiStripConfig config = { .n_source_channels = 1, .channels = 1 };
  Musician *self = g_new0 (Musician, 1);
  g_autoptr (GError) error = NULL;
  int strip;

  self->engine = tutti_audio_engine_new ();
  self->listener = listener;
  self->remote = tutti_audio_engine_add_remote (listener, &format, 96, &error);
  g_assert_no_error (error);
  tutti_audio_engine_set_source (self->engine, tutti_audio_source_parse (spec, &error));
  g_assert_no_error (error);
  strip = tutti_audio_engine_add_strip (self->engine, &config, &error);
  g_assert_true (tutti_audio_engine_send_strip (self->engine, strip, 0, &format, 96, ssrc, deliver,
                                                self->remote, NULL, &error));
  self->timer = tutti_timer_driver_new (self->engine, 128);
  return self;
}

static void
musician_free (Musician *self)
{
  tutti_timer_driver_free (self->timer);
  tutti_audio_engine_free (self->engine);
  tutti_audio_engine_remove_remote (self->listener, self->remote);
  g_free (self);
}

static gboolean
hears_something (PwPeer *peer)
{
  return peer->heard_peak[0] > 0.1f;
}

static gboolean
links (const char *from)
{
  g_autofree char *command = g_strdup_printf ("pw-link %s peer:in_1", from);

  return pw_server_try (server, command);
}

static gboolean
lets_link (const char *from)
{
  return links (from);
}

#define WINDOW 480

/* Level of a tone in one window, dB. The playout may play half a percent faster or slower, so only
 * short windows tell the truth. */
static double
window_db (const float *stereo, double hz)
{
  double s = 0, c = 0;

  for (guint i = 0; i < WINDOW; i++) {
    double weight = 1 - cos (2 * G_PI * (i + 0.5) / WINDOW);

    s += weight * stereo[2 * i] * sin (2 * G_PI * hz * i / 48000) * 2 / WINDOW;
    c += weight * stereo[2 * i] * cos (2 * G_PI * hz * i / 48000) * 2 / WINDOW;
  }
  return 20 * log10 (hypot (s, c) + 1e-10);
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  return *(const double *) a < *(const double *) b ? -1 : *(const double *) a > *(const double *) b;
}

static double
median_db (const float *stereo, gsize n_windows, double hz, guint *gaps)
{
  g_autofree double *levels = g_new (double, n_windows);
  double median;

  for (gsize i = 0; i < n_windows; i++)
    levels[i] = window_db (stereo + i * 2 * WINDOW, hz);
  qsort (levels, n_windows, sizeof *levels, compare_doubles);
  median = levels[n_windows / 2];
  *gaps = 0;
  while (*gaps < n_windows && levels[*gaps] < median - 3)
    ++*gaps;
  return median;
}

/* What a recorder of the desktop gets from @target in its last second: the level of two tones.
 * Returns how many of its 100 windows were broken. */
static guint
record_once (const char *target, double *low_db, double *high_db)
{
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tutti-stem-XXXXXX.raw", NULL);
  g_autofree char *command = NULL, *quoted = NULL, *line = NULL, *bytes = NULL;
  const float *last;
  guint low_gaps, high_gaps;
  gsize size;

  g_assert_cmpint (close (g_mkstemp (path)), ==, 0);
  command = g_strdup_printf ("timeout -s INT 3 pw-record --raw --format f32 --rate 48000 "
                             "--channels 2 --target %s - > %s || true",
                             target, path);
  quoted = g_shell_quote (command);
  line = g_strdup_printf ("sh -c %s", quoted);
  pw_server_run (server, line);
  g_assert_true (g_file_get_contents (path, &bytes, &size, NULL));
  g_assert_no_errno (g_unlink (path));
  g_assert_cmpuint (size / 8, >, 72000);
  last = (const float *) (gpointer) bytes + (size / 8 - 48000) * 2;
  *low_db = median_db (last, 100, 440, &low_gaps);
  *high_db = median_db (last, 100, 1000, &high_gaps);
  g_test_message ("%s: 440 Hz %.1f dB, 1000 Hz %.1f dB, %u of 100 windows broken", target, *low_db,
                  *high_db, *low_db > *high_db ? low_gaps : high_gaps);

  return *low_db > *high_db ? low_gaps : high_gaps;
}

/* A recorder that the machine keeps waiting breaks a take; a stem that is broken breaks them all.
 */
static void
record (const char *target, double *low_db, double *high_db)
{
  for (guint take = 0; take < 4; take++)
    if (record_once (target, low_db, high_db) <= 5)
      return;
  g_assert_not_reached ();
}

static void
test_stems (void)
{
  PwRig rig = { 0 };
  Musician *anna, *bert;
  TuttiSoundStem *anna_stem, *bert_stem, *namesake;
  TuttiAudioEngine *engine;
  double low, high;

  pw_rig_start (&rig, server, "FL FR", 256);
  engine = tutti_sound_get_engine (rig.sound);
  tutti_audio_engine_set_fade_in (engine, 0);
  anna = musician_new (engine, "tone:440:-12", 1);
  bert = musician_new (engine, "tone:1000:-12", 2);
  anna_stem = tutti_sound_add_stem (rig.sound, anna->remote, "Änna B.");
  bert_stem = tutti_sound_add_stem (rig.sound, bert->remote, "Bert");
  /* Not there before they are switched on; before the fader, for that matter. */
  pw_run_for (300);
  g_assert_false (links ("tutti-stem-bert:output_FL"));
  g_object_set (rig.sound, "stems", TRUE, NULL);
  tutti_audio_remote_set_muted (bert->remote, TRUE);
  tutti_audio_remote_set_gain (anna->remote, -30);

  pw_wait_for ((PwCondition) lets_link, "tutti-stem-bert:output_FL", "the stem of Bert");
  WAIT_FOR (hears_something, rig.peer);
  pw_server_run (server, "pw-link -d tutti-stem-bert:output_FL peer:in_1");
  record ("tutti-stem-anna-b", &low, &high);
  g_assert_cmpfloat_with_epsilon (low, -12, 0.5);
  g_assert_cmpfloat (high, <, -50);
  record ("tutti-stem-bert", &low, &high);
  g_assert_cmpfloat_with_epsilon (high, -12, 0.5);
  g_assert_cmpfloat (low, <, -50);

  /* A second Bert gets a name of his own. */
  namesake = tutti_sound_add_stem (rig.sound, anna->remote, "BERT");
  pw_wait_for ((PwCondition) lets_link, "tutti-stem-bert-2:output_FL", "the second Bert");
  tutti_sound_remove_stem (rig.sound, namesake);

  tutti_sound_remove_stem (rig.sound, anna_stem);
  musician_free (anna);
  pw_run_for (300);
  g_assert_false (links ("tutti-stem-anna-b:output_FL"));
  g_object_set (rig.sound, "stems", FALSE, NULL);
  pw_run_for (300);
  g_assert_false (links ("tutti-stem-bert:output_FL"));
  tutti_sound_remove_stem (rig.sound, bert_stem);
  musician_free (bert);
  pw_rig_stop (&rig);
}

/* -- 44.1 kHz -- */

static gboolean
hears_monitored (PwPeer *peer)
{
  return peer->heard_peak[0] > 0.2f;
}

static guint
count_faults (gpointer data)
{
  PwRig *rig = data;

  return (guint) g_atomic_int_get (&rig->peer->faults) + tutti_pw_node_get_xruns (rig->sound->node);
}

static void
test_other_rate (void)
{
  PwRig rig = { 0 };
  double cents, peak, rest, latency, low, high;
  TuttiSoundStem *stem;
  Musician *anna;

  pw_server_set_rate (server, 44100, "44100");
  pw_rig_start (&rig, server, "FL FR", 64);
  g_object_set (rig.sound, "monitor", TRUE, "feedback-guard", FALSE, NULL);
  g_assert_cmpuint (pw_get_uint (rig.sound, "rate"), ==, 44100);
  g_assert_cmpuint (pw_get_uint (rig.sound, "granted-quantum"), ==, 64);
  g_object_get (rig.sound, "local-latency-ms", &latency, NULL);
  g_assert_cmpfloat_with_epsilon (latency, 2 * 64 / 44.1 + 0.75, 0.02);
  pw_server_run (server, "pw-link peer:out_1 vmic:input_FL");
  pw_server_run (server, "pw-link vspk:monitor_FL peer:in_1");
  WAIT_FOR (hears_monitored, rig.peer);
  pw_run_for (300);
  pw_take_wait (&rig.peer->take, count_faults, &rig);
  pw_take_fit (&rig.peer->take, 44100, 1000, &cents, &peak, &rest);
  g_test_message ("through and back: %+.4f cents, peak %.4f, everything else %.1f dB", cents, peak,
                  rest);
  g_assert_cmpfloat (fabs (cents), <, 1);
  g_assert_cmpfloat_with_epsilon (peak, 0.25, 0.005);
  g_assert_cmpfloat (rest, <, -60);

  anna = musician_new (tutti_sound_get_engine (rig.sound), "tone:440:-12", 1);
  stem = tutti_sound_add_stem (rig.sound, anna->remote, "Anna");
  g_object_set (rig.sound, "stems", TRUE, NULL);
  pw_run_for (500);
  record ("tutti-stem-anna", &low, &high);
  g_assert_cmpfloat_with_epsilon (low, -12, 0.5);
  g_assert_cmpfloat (high, <, -50);
  tutti_sound_remove_stem (rig.sound, stem);
  musician_free (anna);
  pw_rig_stop (&rig);
  pw_server_set_rate (server, 48000, "48000");
}

int
main (int argc, char **argv)
{
  int result;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  server = pw_server_new ();
  g_test_add_func ("/pw-stems/48000", test_stems);
  g_test_add_func ("/pw-stems/44100", test_other_rate);
  result = g_test_run ();
  pw_server_free (server);

  return result;
}
