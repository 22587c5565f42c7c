/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>
#include <math.h>
#include <sndfile.h>
#include <string.h>
#include <unistd.h>

#include "tutti-audio-sink.h"
#include "tutti-audio-source.h"
#include "tutti-error.h"

static float left[480000], right[480000];

static guint
read_source (const char *spec, gsize n)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiAudioSource) source = tutti_audio_source_parse (spec, &error);
  guint channels;

  g_assert_no_error (error);
  channels = tutti_audio_source_get_channels (source);
  for (gsize at = 0; at < n; at += 64) {
    float *planes[2] = { left + at, right + at };

    tutti_audio_source_read (source, planes, (guint) MIN (64, n - at));
  }
  return channels;
}

static void
test_tone (void)
{
  double peak = 0, sum = 0;

  g_assert_cmpuint (read_source ("tone:441.5:-20", 96000), ==, 1);
  for (gsize i = 0; i < 96000; i++) {
    peak = fmax (peak, fabsf (left[i]));
    sum += left[i] * left[i];
    g_assert_cmpfloat_with_epsilon (
        left[i], 0.1f * (float) sin (2 * G_PI * 441.5 * (double) i / 48000), 1e-4);
  }
  g_assert_cmpfloat_with_epsilon (peak, 0.1, 0.001);
  read_source ("tone", 4800);
  peak = 0;
  for (gsize i = 0; i < 4800; i++)
    peak = fmax (peak, fabsf (left[i]));
  g_assert_cmpfloat_with_epsilon (20 * log10 (peak), -12, 0.05);
}

static void
test_click (void)
{
  read_source ("click:100", 48000);
  for (gsize i = 0; i < 48000; i++) {
    if (i % 4800 >= 48)
      g_assert_cmpfloat (left[i], ==, 0);
    else if (i % 4800 == 24)
      g_assert_cmpfloat_with_epsilon (left[i], 0.5f, 1e-6);
  }
}

static void
test_silence (void)
{
  memset (left, 1, sizeof left);
  read_source ("silence", 1000);
  for (gsize i = 0; i < 1000; i++)
    g_assert_cmpfloat (left[i], ==, 0);
}

/* Peak and level of music, all bands in it, and no seam where it loops. */
static void
test_groove (void)
{
  gsize length = 4 * 8 * 60 * 48000 / 240;
  double peak = 0, sum = 0, inside = 0, seam = 0;

  g_assert_cmpuint (read_source ("groove:240", 480000), ==, 2);
  for (gsize i = 0; i < length; i++) {
    peak = fmax (peak, fmax (fabsf (left[i]), fabsf (right[i])));
    sum += left[i] * left[i];
    if (i > 0)
      inside = fmax (inside, fabsf (left[i] - left[i - 1]));
  }
  seam = fabsf (left[length] - left[length - 1]);
  g_test_message ("peak %.1f dBFS, RMS %.1f dBFS, seam %.4f, biggest step inside %.4f",
                  20 * log10 (peak), 10 * log10 (sum / (double) length), seam, inside);
  g_assert_cmpfloat (20 * log10 (peak), <, -6);
  g_assert_cmpfloat (20 * log10 (peak), >, -9);
  g_assert_cmpfloat (10 * log10 (sum / (double) length), >, -30);
  g_assert_cmpfloat (seam, <, 0.05);
  for (gsize i = length; i < MIN (2 * length, 480000); i++)
    g_assert_cmpfloat (left[i], ==, left[i - length]);
}

static void
test_wrong (void)
{
  const char *specs[] = { "flute",      "tone:",     "tone:x",    "tone:0",      "tone:30000",
                          "tone:440:9", "tone:440:", "click:1",   "click:1:2",   "groove:10",
                          "groove:x",   "silence:1", "tone:nan",  "tones:440",   "",
                          "file:",      "file:/no",  "/no/where", "missing.wav", "tone:440:-3:4" };

  for (gsize i = 0; i < G_N_ELEMENTS (specs); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", specs[i]);
    g_assert_null (tutti_audio_source_parse (specs[i], &error));
    g_assert_nonnull (error);
    g_assert_true (error->domain == TUTTI_ERROR);
    g_assert_cmpuint (strlen (error->message), >, 10);
  }
}

static void
test_is_device (void)
{
  g_assert_true (tutti_audio_source_spec_is_device ("device"));
  g_assert_true (tutti_audio_source_spec_is_device ("device:USB Audio"));
  g_assert_true (tutti_audio_source_spec_is_device (NULL));
  g_assert_false (tutti_audio_source_spec_is_device ("devices"));
  g_assert_false (tutti_audio_source_spec_is_device ("tone:440"));
}

static char *
write_file (const char *dir, const char *name, int format, int rate, int channels)
{
  char *path = g_build_filename (dir, name, NULL);
  SF_INFO info = { .samplerate = rate, .channels = channels, .format = format };
  SNDFILE *file = sf_open (path, SFM_WRITE, &info);
  g_autofree float *samples = g_new (float, rate *channels);

  for (int i = 0; i < rate; i++)
    for (int c = 0; c < channels; c++)
      samples[i * channels + c] = (float) (0.5 / (c + 1) * sin (2 * G_PI * 1000 * i / rate));
  g_assert_cmpint (sf_writef_float (file, samples, rate), ==, rate);
  sf_close (file);
  return path;
}

static void
test_files (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tutti-XXXXXX", NULL);
  const struct {
    const char *name;
    int format, rate, channels;
  } cases[] = {
    { "a.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1 },
    { "b.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 96000, 2 },
    { "c.wav", SF_FORMAT_WAV | SF_FORMAT_FLOAT, 48000, 6 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autofree char *path =
        write_file (dir, cases[i].name, cases[i].format, cases[i].rate, cases[i].channels);
    g_autofree char *spec = g_strconcat ("file:", path, NULL);
    guint channels = read_source (i == 0 ? path : spec, 96000);

    g_assert_cmpuint (channels, ==, (guint) MIN (cases[i].channels, 2));
    for (gsize k = 1000; k < 40000; k++) {
      double expected = 0.5 * sin (2 * G_PI * 1000 * (double) k / 48000);

      g_assert_cmpfloat_with_epsilon (left[k], expected, 0.001);
      if (channels == 2)
        g_assert_cmpfloat_with_epsilon (right[k], expected / 2, 0.001);
      /* Once more from the start. */
      g_assert_cmpfloat (left[k], ==, left[k + 48000]);
    }
    g_unlink (path);
  }
  g_rmdir (dir);
}

static void
test_damaged (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tutti-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "damaged.wav", NULL);
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  guint8 bytes[400];

  for (guint round = 0; round < 200; round++) {
    g_autoptr (GError) error = NULL;
    TuttiAudioSource *source;

    for (gsize i = 0; i < sizeof bytes; i++)
      bytes[i] = (guint8) g_rand_int (rand);
    if (round % 2 == 0)
      memcpy (bytes, "RIFF\x88\x01\0\0WAVEfmt \x10\0\0\0\1\0", 22);
    g_assert_true (g_file_set_contents (path, (char *) bytes, sizeof bytes, NULL));
    source = tutti_audio_source_parse (path, &error);
    g_assert_true ((source == NULL) == (error != NULL));
    g_clear_pointer (&source, tutti_audio_source_unref);
  }
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_sink (gconstpointer data)
{
  const char *name = data;
  g_autofree char *dir = g_dir_make_tmp ("tutti-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiAudioSink) sink = tutti_audio_sink_new_file (path, &error);
  SF_INFO info = { 0 };
  g_autofree float *samples = g_new (float, 2 * 48000);
  SNDFILE *file;

  g_assert_no_error (error);
  for (gsize i = 0; i < 48000; i++) {
    left[i] = 0.5f * sinf ((float) i * 0.05f);
    right[i] = i == 100 ? 3 : -left[i]; /* too loud: clipped, not wrapped */
  }
  for (gsize i = 0; i < 48000; i += 300)
    tutti_audio_sink_write (sink, left + i, right + i, 300);
  g_assert_true (tutti_audio_sink_close (sink, &error));
  g_assert_true (tutti_audio_sink_close (sink, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (tutti_audio_sink_get_dropped (sink), ==, 0);

  file = sf_open (path, SFM_READ, &info);
  g_assert_nonnull (file);
  g_assert_cmpint (info.samplerate, ==, 48000);
  g_assert_cmpint (info.channels, ==, 2);
  g_assert_cmpint (info.frames, ==, 48000);
  g_assert_cmpint (info.format & SF_FORMAT_SUBMASK, ==, SF_FORMAT_PCM_24);
  g_assert_cmpint (sf_readf_float (file, samples, 48000), ==, 48000);
  sf_close (file);
  for (gsize i = 0; i < 48000; i++) {
    g_assert_cmpfloat_with_epsilon (samples[2 * i], left[i], 1e-6);
    g_assert_cmpfloat_with_epsilon (samples[2 * i + 1], MIN (right[i], 1), 1e-6);
  }
  g_unlink (path);
  g_rmdir (dir);
}

/* Nobody waits for a slow disk: what does not fit is counted, and close says so. */
static void
test_sink_overrun (void)
{
  g_autofree char *dir = g_dir_make_tmp ("tutti-XXXXXX", NULL);
  g_autofree char *path = g_build_filename (dir, "out.wav", NULL);
  guint64 dropped = 0;

  /* Twice what is kept, at once; a writer that wakes in between may still keep up. */
  for (guint round = 0; round < 10 && dropped == 0; round++) {
    g_autoptr (TuttiAudioSink) sink = tutti_audio_sink_new_file (path, NULL);
    g_autoptr (GError) error = NULL;

    tutti_audio_sink_write (sink, left, right, 480000);
    dropped = tutti_audio_sink_get_dropped (sink);
    g_assert_true (tutti_audio_sink_close (sink, &error) == (dropped == 0));
    if (dropped > 0)
      g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
  }
  if (dropped == 0)
    g_test_skip ("the disk kept up with all that this build could write");
  g_unlink (path);
  g_rmdir (dir);
}

static void
test_sink_wrong (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (tutti_audio_sink_new_file ("/tmp/x.mp3", &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
  g_clear_error (&error);
  g_assert_null (tutti_audio_sink_new_file ("/nowhere/at/all.wav", &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
  g_clear_error (&error);
  if (access ("/dev/full", W_OK) == 0) {
    g_autoptr (TuttiAudioSink) sink = NULL;
    g_autofree char *dir = g_dir_make_tmp ("tutti-XXXXXX", NULL);
    g_autofree char *path = g_build_filename (dir, "full.wav", NULL);

    /* A full disk: at opening or at closing, but not unsaid. */
    g_assert_cmpint (symlink ("/dev/full", path), ==, 0);
    sink = tutti_audio_sink_new_file (path, &error);
    if (sink != NULL) {
      tutti_audio_sink_write (sink, left, right, 48000);
      g_assert_false (tutti_audio_sink_close (sink, &error));
    }
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE);
    g_unlink (path);
    g_rmdir (dir);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/source/tone", test_tone);
  g_test_add_func ("/source/click", test_click);
  g_test_add_func ("/source/silence", test_silence);
  g_test_add_func ("/source/groove", test_groove);
  g_test_add_func ("/source/wrong", test_wrong);
  g_test_add_func ("/source/is-device", test_is_device);
  g_test_add_func ("/source/files", test_files);
  g_test_add_func ("/source/damaged", test_damaged);
  g_test_add_data_func ("/sink/wav", "out.wav", test_sink);
  g_test_add_data_func ("/sink/flac", "OUT.FLAC", test_sink);
  g_test_add_func ("/sink/overrun", test_sink_overrun);
  g_test_add_func ("/sink/wrong", test_sink_wrong);
  return g_test_run ();
}
