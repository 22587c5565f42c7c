/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-click.h"

#include <math.h>
#include <string.h>

#include "tutti-clock.h"
#include "tutti-mixer.h"

/* A clock that was measured better moves the origin by less than this. */
#define SMALL_MOVE_NS (2 * TUTTI_NSEC_PER_MSEC)
/* A beat that is later than this (the graph stood still) is left out. */
#define TOO_LATE_NS (20 * TUTTI_NSEC_PER_MSEC)
/* An upper bound so that nothing overflows: 100 years. */
#define FAR_NS (G_GINT64_CONSTANT (3155760000) * TUTTI_NSEC_PER_SEC)

/* A struck piece of wood: two partials of a bar that is free at both ends (1 : 2.76), the upper one
 * dying sooner, and an attack of a third of a millisecond that keeps it from being a mere crack. */
static void
make_sound (float *sound, double hertz)
{
  double peak = 0;

  for (guint i = 0; i < TUTTI_CLICK_SAMPLES; i++) {
    double t = (double) i / TUTTI_SAMPLE_RATE;
    double body = sin (2 * G_PI * hertz * t) * exp (-t / 0.008);
    double knock = 0.45 * sin (2 * G_PI * 2.76 * hertz * t) * exp (-t / 0.003);
    double attack = i < 16 ? 0.5 - 0.5 * cos (G_PI * (i + 1) / 16) : 1;
    double end = MIN (1, (TUTTI_CLICK_SAMPLES - 1 - i) / 240.0);

    /* A quarter of a period on, so that the first sample already says something. */
    body += 0.25 * cos (2 * G_PI * hertz * t) * exp (-t / 0.002);
    sound[i] = (float) ((body + knock) * attack * end);
    peak = fmax (peak, fabs (sound[i]));
  }
  for (guint i = 0; i < TUTTI_CLICK_SAMPLES; i++)
    sound[i] /= (float) peak;
}

void
tutti_clicker_init (TuttiClicker *self)
{
  memset (self, 0, sizeof *self);
  make_sound (self->sounds[0], 1175);
  make_sound (self->sounds[1], 1760);
  self->played_ns = G_MININT64;
}

static double
get_period_ns (const TuttiClick *click)
{
  return 60e9 / click->bpm;
}

static gint64
get_beat_ns (const TuttiClick *click, gint64 beat)
{
  return click->origin_ns + (gint64) llround ((double) beat * get_period_ns (click));
}

/* The first beat that is still to come at @now_ns, and none that was heard already: after a change
 * of tempo or origin, what lies within a quarter of a beat of the last one is the same beat. */
static gint64
find_next (const TuttiClicker *self, gint64 now_ns)
{
  double period = get_period_ns (&self->click);
  gint64 next =
      (gint64) ceil ((double) (now_ns - SMALL_MOVE_NS - self->click.origin_ns) / period - 1e-9);

  if (self->played_ns != G_MININT64)
    while ((double) get_beat_ns (&self->click, next) < (double) self->played_ns + period / 4)
      next++;
  return MAX (next, 0);
}

static TuttiClick
checked (const TuttiClick *click)
{
  TuttiClick copy = *click;

  copy.bpm = copy.bpm >= 20 ? MIN (copy.bpm, 400) : 20;
  copy.beats_per_bar = CLAMP (copy.beats_per_bar, 1, 16);
  copy.origin_ns = CLAMP (copy.origin_ns, -FAR_NS, FAR_NS);
  copy.count_in_bars = MIN (copy.count_in_bars, 16);
  return copy;
}

void
tutti_clicker_set (TuttiClicker *self, const TuttiClick *click)
{
  TuttiClick old = self->click;
  gboolean was_on = self->on;
  gint64 moved;

  self->on = click != NULL;
  if (click == NULL)
    return;
  self->click = checked (click);
  self->gain = tutti_db_to_gain (self->click.gain_db);
  moved = self->click.origin_ns - old.origin_ns;
  if (!was_on || self->click.bpm != old.bpm || ABS (moved) >= SMALL_MOVE_NS)
    self->lost = TRUE;
}

static void
start_voice (TuttiClicker *self, const float *sound, guint at)
{
  guint voice = 0;

  for (guint i = 1; i < TUTTI_CLICK_VOICES && self->voices[voice].sound != NULL; i++)
    if (self->voices[i].sound == NULL || self->voices[i].position > self->voices[voice].position)
      voice = i;
  self->voices[voice].sound = sound;
  /* Positions wrap round: @at samples from now on it is 0. */
  self->voices[voice].position = 0u - at;
  self->voices[voice].gain = self->gain;
}

static void
begin_beat (TuttiClicker *self, guint at)
{
  guint64 counted = (guint64) self->click.count_in_bars * self->click.beats_per_bar;

  if (!self->click.audible && (guint64) self->next >= counted)
    return;
  start_voice (self, self->sounds[self->next % self->click.beats_per_bar == 0 ? 1 : 0], at);
}

static void
find_beats (TuttiClicker *self, guint n_samples, gint64 cycle_ns)
{
  if (self->lost)
    self->next = find_next (self, cycle_ns);
  self->lost = FALSE;
  for (;;) {
    gint64 due = get_beat_ns (&self->click, self->next);
    gint64 late = cycle_ns - due;
    gint64 at;

    if (late > TOO_LATE_NS) {
      self->next = MAX (self->next + 1, find_next (self, cycle_ns));
      continue;
    }
    if (late < -TUTTI_NSEC_PER_SEC)
      return;
    /* Due a little before this cycle began: the clock moved under it. */
    at = late >= 0 ? 0 : (-late * TUTTI_SAMPLE_RATE + TUTTI_NSEC_PER_SEC / 2) / TUTTI_NSEC_PER_SEC;
    if (at >= n_samples)
      return;
    begin_beat (self, (guint) at);
    self->played_ns = due;
    self->next++;
  }
}

static void
mix_voice (TuttiClicker *self, guint voice, float *left, float *right, guint n_samples)
{
  const float *sound = self->voices[voice].sound;
  float gain = self->voices[voice].gain;

  for (guint i = 0; i < n_samples; i++) {
    guint position = self->voices[voice].position++;

    if (position < TUTTI_CLICK_SAMPLES) {
      left[i] += sound[position] * gain;
      right[i] += sound[position] * gain;
    }
  }
  if (self->voices[voice].position >= TUTTI_CLICK_SAMPLES)
    self->voices[voice].sound = NULL;
}

void
tutti_clicker_process (TuttiClicker *self,
                       float *left,
                       float *right,
                       guint n_samples,
                       gint64 cycle_ns)
{
  if (self->on)
    find_beats (self, n_samples, cycle_ns);
  for (guint i = 0; i < TUTTI_CLICK_VOICES; i++)
    if (self->voices[i].sound != NULL)
      mix_voice (self, i, left, right, n_samples);
}
