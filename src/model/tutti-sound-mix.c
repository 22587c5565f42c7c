/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-clock.h"
#include "tutti-thread.h"

/* What TuttiSound does with the mix: click, feedback guard, test sound, and what the engine says
 * about it. */

#define TEST_SPEC    "groove:120"
#define TEST_GAIN_DB (-12.0f)

void
tutti_sound_init_mix (TuttiSound *self)
{
  self->feedback_guard = TRUE;
  tutti_audio_engine_set_feedback_guard (self->engine, TRUE);
  self->engine_read_ns = tutti_clock_now_ns ();
  tutti_level_tap_init (&self->output_tap);
}

/* -- click -- */

static void
apply_click (TuttiSound *self)
{
  tutti_audio_engine_set_click (self->engine, self->has_click ? &self->click : NULL);
}

void
tutti_sound_set_click (TuttiSound *self, const TuttiClick *click)
{
  gboolean audible = self->click.audible;
  float gain_db = self->click.gain_db;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_SOUND (self));

  if (!click && !self->has_click)
    return;

  self->has_click = click != NULL;
  if (click)
    self->click = *click;
  self->click.audible = audible;
  self->click.gain_db = gain_db;
  apply_click (self);
}

void
tutti_sound_set_click_gain (TuttiSound *self, double gain_db)
{
  if (G_APPROX_VALUE (self->click.gain_db, gain_db, 1e-6))
    return;

  self->click.gain_db = (float) gain_db;
  if (self->has_click)
    apply_click (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_CLICK_GAIN);
}

void
tutti_sound_set_click_audible (TuttiSound *self, gboolean audible)
{
  if (self->click.audible == audible)
    return;

  self->click.audible = audible;
  if (self->has_click)
    apply_click (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_CLICK_AUDIBLE);
}

/* -- feedback -- */

void
tutti_sound_set_feedback_guard (TuttiSound *self, gboolean guard)
{
  if (self->feedback_guard == guard)
    return;

  self->feedback_guard = guard;
  tutti_audio_engine_set_feedback_guard (self->engine, guard);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_FEEDBACK_GUARD);
}

static void
take_feedback (TuttiSound *self, const TuttiEngineStats *stats)
{
  if (!G_APPROX_VALUE (self->feedback_db, stats->feedback_db, 0.05)) {
    self->feedback_db = MIN (stats->feedback_db, 0);
    tutti_sound_notify (self, TUTTI_SOUND_PROP_FEEDBACK_DB);
  }
  if (self->feedback_count != stats->feedback) {
    self->feedback_count = (guint) stats->feedback;
    tutti_sound_notify (self, TUTTI_SOUND_PROP_FEEDBACK_COUNT);
  }
}

/* -- statistics: the engine says some "since the last read", and we read it for ourselves, too --
 */

void
tutti_sound_read_engine (TuttiSound *self)
{
  gint64 now = tutti_clock_now_ns ();
  TuttiEngineStats stats;

  tutti_audio_engine_get_stats (self->engine, &stats);
  tutti_level_tap_add (&self->output_tap, &stats.output,
                       (double) (now - self->engine_read_ns) / 1e9);
  self->engine_read_ns = now;
  stats.cycle_max_us = MAX (stats.cycle_max_us, self->engine_stats.cycle_max_us);
  stats.limiter_db = MIN (stats.limiter_db, self->engine_stats.limiter_db);
  self->engine_stats = stats;
  take_feedback (self, &stats);
}

void
tutti_sound_get_engine_stats (TuttiSound *self, TuttiEngineStats *stats)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_SOUND (self));

  tutti_sound_read_engine (self);
  *stats = self->engine_stats;
  tutti_level_tap_take (&self->output_tap, &stats->output);
  self->engine_stats.cycle_max_us = 0;
  self->engine_stats.limiter_db = 0;
}

void
tutti_sound_play_test (TuttiSound *self)
{
  g_autoptr (GError) error = NULL;
  TuttiAudioSource *source;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_SOUND (self));

  source = tutti_audio_source_parse (TEST_SPEC, &error);
  if (source)
    tutti_audio_engine_play (self->engine, source, TEST_GAIN_DB, TUTTI_SAMPLE_RATE);
  else
    tutti_sound_take_error (self, g_steal_pointer (&error));
}
