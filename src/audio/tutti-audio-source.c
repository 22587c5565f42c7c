/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-source.h"

#include <math.h>
#include <string.h>

#include "tutti-audio-file.h"
#include "tutti-audio-types.h"
#include "tutti-error.h"
#include "tutti-groove.h"
#include "tutti-i18n.h"
#include "tutti-mixer.h"

#define CLICK_SAMPLES 48

/* Either a loop in memory, or a sine that is computed (any frequency loops for ever). */
struct _TuttiAudioSource {
  gatomicrefcount ref_count;
  guint channels;
  float *loop; /* interleaved; NULL: a tone */
  gsize length;
  gsize position;
  double phase;
  double phase_step;
  float gain;
};

static TuttiAudioSource *
source_new (guint channels, float *loop, gsize length)
{
  TuttiAudioSource *self = g_new0 (TuttiAudioSource, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->channels = channels;
  self->loop = loop;
  self->length = length;
  return self;
}

TuttiAudioSource *
tutti_audio_source_ref (TuttiAudioSource *self)
{
  g_atomic_ref_count_inc (&self->ref_count);
  return self;
}

void
tutti_audio_source_unref (TuttiAudioSource *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;
  g_free (self->loop);
  g_free (self);
}

guint
tutti_audio_source_get_channels (TuttiAudioSource *self)
{
  return self->channels;
}

static void
read_tone (TuttiAudioSource *self, float *plane, guint n_frames)
{
  for (guint i = 0; i < n_frames; i++) {
    plane[i] = self->gain * (float) sin (self->phase);
    self->phase += self->phase_step;
    if (self->phase >= 2 * G_PI)
      self->phase -= 2 * G_PI;
  }
}

void
tutti_audio_source_read (TuttiAudioSource *self, float *const *planes, guint n_frames)
{
  if (self->loop == NULL) {
    read_tone (self, planes[0], n_frames);
    return;
  }
  for (guint i = 0; i < n_frames; i++) {
    for (guint c = 0; c < self->channels; c++)
      planes[c][i] = self->loop[self->position * self->channels + c];
    if (++self->position == self->length)
      self->position = 0;
  }
}

/* Reads `:NUMBER`; leaves *text behind it. FALSE when something else than a number in range. */
static gboolean
read_number (const char **text, double min, double max, double *number)
{
  char *end = NULL;
  double value;

  if (**text == '\0')
    return TRUE;
  if (**text != ':')
    return FALSE;
  value = g_ascii_strtod (*text + 1, &end);
  if (end == *text + 1 || !(value >= min && value <= max))
    return FALSE;
  *text = end;
  *number = value;
  return TRUE;
}

static TuttiAudioSource *
tone_new (const char *arguments)
{
  TuttiAudioSource *self;
  double hertz = 440, db = -12;

  if (!read_number (&arguments, 1, 23999, &hertz) || !read_number (&arguments, -100, 0, &db) ||
      *arguments != '\0')
    return NULL;
  self = source_new (1, NULL, 0);
  self->gain = tutti_db_to_gain ((float) db);
  self->phase_step = 2 * G_PI * hertz / TUTTI_SAMPLE_RATE;
  return self;
}

/* A raised cosine of 1 ms that begins with the period and has its peak (−6 dBFS) 24 samples on:
 * short enough to tell the time by, and narrow enough in band to survive a codec. */
static TuttiAudioSource *
click_new (const char *arguments)
{
  double ms = 250;
  gsize length;
  float *loop;

  if (!read_number (&arguments, 5, 60000, &ms) || *arguments != '\0')
    return NULL;
  length = (gsize) llround (ms * TUTTI_SAMPLE_RATE / 1000);
  loop = g_new0 (float, length);
  for (guint i = 0; i < CLICK_SAMPLES; i++)
    loop[i] = 0.25f * (1 - cosf (2 * (float) G_PI * (float) i / CLICK_SAMPLES));
  return source_new (1, loop, length);
}

static TuttiAudioSource *
groove_new (const char *arguments)
{
  double bpm = 96;
  gsize length = 0;
  float *loop;

  if (!read_number (&arguments, 40, 240, &bpm) || *arguments != '\0')
    return NULL;
  loop = tutti_groove_new (bpm, &length);
  return source_new (2, loop, length);
}

static TuttiAudioSource *
silence_new (const char *arguments)
{
  return *arguments == '\0' ? source_new (1, g_new0 (float, 1), 1) : NULL;
}

static const struct {
  const char *word;
  TuttiAudioSource *(*make) (const char *arguments);
} words[] = {
  { "tone", tone_new },
  { "click", click_new },
  { "groove", groove_new },
  { "silence", silence_new },
};

static TuttiAudioSource *
file_new (const char *path, GError **error)
{
  guint channels = 0;
  gsize length = 0;
  float *loop = tutti_audio_file_load (path, &channels, &length, error);

  return loop != NULL ? source_new (channels, loop, length) : NULL;
}

gboolean
tutti_audio_source_spec_is_device (const char *spec)
{
  return spec == NULL || *spec == '\0' || strcmp (spec, "device") == 0 ||
         g_str_has_prefix (spec, "device:");
}

TuttiAudioSource *
tutti_audio_source_parse (const char *spec, GError **error)
{
  g_return_val_if_fail (spec != NULL, NULL);

  if (g_str_has_prefix (spec, "file:"))
    return file_new (spec + strlen ("file:"), error);
  for (gsize i = 0; i < G_N_ELEMENTS (words); i++) {
    gsize length = strlen (words[i].word);
    TuttiAudioSource *self;

    if (strncmp (spec, words[i].word, length) != 0 || (spec[length] != '\0' && spec[length] != ':'))
      continue;
    self = words[i].make (spec + length);
    if (self == NULL)
      g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                   _ ("“%s” is not a sound source: what follows “%s” is no number or out of range. "
                      "There are tone:HZ (1 to 23999), tone:HZ:DB (-100 to 0), click:MS (5 to "
                      "60000) and groove:BPM (40 to 240)."),
                   spec, words[i].word);
    return self;
  }
  if (strpbrk (spec, "/.") != NULL)
    return file_new (spec, error);
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
               _ ("“%s” is not a sound source. There are tone:HZ, tone:HZ:DB, click, click:MS, "
                  "groove, groove:BPM, silence and file:PATH."),
               spec);
  return NULL;
}
