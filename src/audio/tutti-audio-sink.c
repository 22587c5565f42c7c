/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-sink.h"

#include <sndfile.h>
#include <stdatomic.h>

#include "tutti-audio-types.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ring.h"

#define CHANNELS  2
#define PART      256
#define RING_SIZE (1 << 21) /* 5.4 s */
#define PERIOD_US 20000

struct _TuttiAudioSink {
  gatomicrefcount ref_count;
  TuttiRing ring;
  _Atomic guint64 dropped;
  char *path;

  /* Writer thread, until it is joined */
  SNDFILE *file;
  GError *error;

  GThread *writer;
  _Atomic gboolean quit;
};

static void
write_what_is_there (TuttiAudioSink *self)
{
  float part[PART * CHANNELS];
  gsize size;

  /* MIN() would ask twice, and the real-time side writes in between. */
  while ((size = tutti_ring_read_space (&self->ring)) > 0) {
    size = MIN (size, sizeof part);
    sf_count_t n = (sf_count_t) (size / (CHANNELS * sizeof (float)));

    tutti_ring_read (&self->ring, part, size);
    if (self->error == NULL && sf_writef_float (self->file, part, n) != n)
      g_set_error (&self->error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                   _ ("The recording “%s” could not be written: %s"), self->path,
                   sf_strerror (self->file));
  }
}

/* Polls: the real-time side must not have to wake anybody. */
static gpointer
writer_run (gpointer data)
{
  TuttiAudioSink *self = data;

  while (!atomic_load_explicit (&self->quit, memory_order_acquire)) {
    g_usleep (PERIOD_US);
    write_what_is_there (self);
  }
  write_what_is_there (self);
  return NULL;
}

static int
format_of (const char *path)
{
  g_autofree char *lower = g_ascii_strdown (path, -1);

  if (g_str_has_suffix (lower, ".wav"))
    return SF_FORMAT_WAV | SF_FORMAT_PCM_24;
  if (g_str_has_suffix (lower, ".flac"))
    return SF_FORMAT_FLAC | SF_FORMAT_PCM_24;
  return 0;
}

TuttiAudioSink *
tutti_audio_sink_new_file (const char *path, GError **error)
{
  SF_INFO info = { .samplerate = TUTTI_SAMPLE_RATE, .channels = CHANNELS };
  TuttiAudioSink *self;
  SNDFILE *file;

  info.format = format_of (path);
  if (info.format == 0) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                 _ ("“%s” cannot be recorded to: its name must end in .wav or .flac."), path);
    return NULL;
  }
  file = sf_open (path, SFM_WRITE, &info);
  if (file == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FILE, _ ("“%s” cannot be recorded to: %s"), path,
                 sf_strerror (NULL));
    return NULL;
  }
  sf_command (file, SFC_SET_CLIPPING, NULL, SF_TRUE);
  /* A program that is killed leaves a file that can be read. */
  sf_command (file, SFC_SET_UPDATE_HEADER_AUTO, NULL, SF_TRUE);

  self = g_new0 (TuttiAudioSink, 1);
  g_atomic_ref_count_init (&self->ref_count);
  tutti_ring_init (&self->ring, RING_SIZE);
  self->path = g_strdup (path);
  self->file = file;
  self->writer = g_thread_new ("tutti-sink", writer_run, self);
  return self;
}

TuttiAudioSink *
tutti_audio_sink_ref (TuttiAudioSink *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

static void
finish (TuttiAudioSink *self)
{
  if (self->writer == NULL)
    return;
  atomic_store_explicit (&self->quit, TRUE, memory_order_release);
  g_clear_pointer (&self->writer, g_thread_join);
  if (sf_close (self->file) != 0 && self->error == NULL)
    g_set_error (&self->error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                 _ ("The end of the recording “%s” could not be written."), self->path);
  self->file = NULL;
}

void
tutti_audio_sink_unref (TuttiAudioSink *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  finish (self);
  tutti_ring_clear (&self->ring);
  g_clear_error (&self->error);
  g_free (self->path);
  g_free (self);
}

void
tutti_audio_sink_write (TuttiAudioSink *self, const float *left, const float *right, guint n_frames)
{
  float part[PART * CHANNELS];

  for (guint done = 0; done < n_frames;) {
    guint n = MIN (n_frames - done, PART);

    for (guint i = 0; i < n; i++) {
      part[2 * i] = left[done + i];
      part[2 * i + 1] = right[done + i];
    }
    if (!tutti_ring_write (&self->ring, part, n * CHANNELS * sizeof (float)))
      atomic_fetch_add_explicit (&self->dropped, n, memory_order_relaxed);
    done += n;
  }
}

gboolean
tutti_audio_sink_close (TuttiAudioSink *self, GError **error)
{
  guint64 dropped;

  finish (self);
  dropped = tutti_audio_sink_get_dropped (self);
  if (self->error == NULL && dropped > 0)
    g_set_error (&self->error, TUTTI_ERROR, TUTTI_ERROR_FILE,
                 _ ("The disk was too slow for the recording “%s”: %.2f seconds are missing."),
                 self->path, (double) dropped / TUTTI_SAMPLE_RATE);
  if (self->error == NULL)
    return TRUE;
  g_propagate_error (error, g_error_copy (self->error));
  return FALSE;
}

guint64
tutti_audio_sink_get_dropped (TuttiAudioSink *self)
{
  return atomic_load_explicit (&self->dropped, memory_order_relaxed);
}
