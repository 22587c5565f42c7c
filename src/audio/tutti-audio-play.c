/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#define FADE 240 /* samples, 5 ms */

struct _TuttiPlay {
  TuttiAudioSource *source;
  float gain;
  guint n_frames;
  guint done; /* real-time thread */
};

void
tutti_play_free (TuttiPlay *self)
{
  tutti_audio_source_unref (self->source);
  g_free (self);
}

static float
fade_at (const TuttiPlay *self, guint position)
{
  guint edge = MIN (position, self->n_frames - 1 - position);

  return edge < FADE ? (float) edge / FADE : 1.0f;
}

void
tutti_play_process (TuttiPlay *self, TuttiAudioEngine *engine, guint n_samples)
{
  float *planes[TUTTI_MAX_CHANNELS] = { engine->planes[0], engine->planes[1] };
  guint n = MIN (n_samples, self->n_frames - self->done);
  gboolean stereo;

  if (n == 0)
    return;

  tutti_audio_source_read (self->source, planes, n);
  stereo = tutti_audio_source_get_channels (self->source) > 1;
  for (guint i = 0; i < n; i++) {
    float gain = self->gain * fade_at (self, self->done + i);

    engine->mix[0][i] += gain * planes[0][i];
    engine->mix[1][i] += gain * planes[stereo ? 1 : 0][i];
  }
  self->done += n;
}

void
tutti_audio_engine_play (TuttiAudioEngine *self,
                         TuttiAudioSource *source,
                         float gain_db,
                         guint n_frames)
{
  TuttiPlay *play = g_new0 (TuttiPlay, 1);
  TuttiCommand command = { .type = TUTTI_COMMAND_PLAY, .pointer = play };

  play->source = source;
  play->gain = tutti_db_to_gain (gain_db);
  play->n_frames = n_frames;
  tutti_engine_command (self, &command, TRUE);
  g_clear_pointer (&self->play, tutti_play_free);
  self->play = play;
}
