/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-groove.h"

#include <math.h>

#include "tutti-audio-types.h"

#define BARS  8
#define STEPS 16 /* sixteenths of a bar */
#define PEAK  0.398f
#define RATE  ((double) TUTTI_SAMPLE_RATE)

typedef struct {
  float *samples;
  gsize length;
  double step; /* samples of a sixteenth */
  guint32 seed;
} Groove;

static const char kick_pattern[2][STEPS + 1] = { "x..x..x...x.....", "x..x..x...x..x.x" };
static const char snare_pattern[2][STEPS + 1] = { "....X..g.g..X...", "....X..g.g..X.gX" };
static const char hat_pattern[STEPS + 1] = "x.Xxx.Xxx.Xxx.Xo";

/* Semitones above the E below the bass clef; -1 rests. One bar each: Em, Em, C, D. */
static const gint8 bass_pattern[4][STEPS] = {
  { 0, -1, -1, 12, -1, -1, 10, -1, 0, -1, 7, -1, -1, 3, 5, 7 },
  { 0, -1, -1, 12, -1, -1, 10, -1, 7, -1, 5, -1, 3, -1, 5, -1 },
  { 8, -1, -1, 20, -1, -1, 15, -1, 8, -1, 12, -1, -1, 8, 10, 12 },
  { 10, -1, -1, 22, -1, -1, 17, -1, 10, -1, 14, -1, 10, -1, 5, 2 },
};

static float
noise (Groove *self)
{
  self->seed = self->seed * 1664525u + 1013904223u;
  return (float) ((gint32) self->seed) / 2147483648.0f;
}

/* Writing wraps: what rings over the end rings into the beginning. */
static void
put (Groove *self, gsize at, float left, float right)
{
  at %= self->length;
  self->samples[2 * at] += left;
  self->samples[2 * at + 1] += right;
}

/* No sound starts or ends with a step. */
static double
edges (gsize i, gsize length, gsize attack)
{
  double rise = i < attack ? (double) i / (double) attack : 1;
  double fall = length - i < 240 ? (double) (length - i) / 240 : 1;

  return rise * fall;
}

static void
kick (Groove *self, gsize at)
{
  gsize length = (gsize) (0.35 * RATE);
  double phase = 0;

  for (gsize i = 0; i < length; i++) {
    double t = (double) i / RATE;
    double body = sin (phase) * exp (-t * 11);
    double beater = sin (2 * G_PI * 1400 * t) * exp (-t * 260) * 0.25;
    float value = (float) ((body + beater) * edges (i, length, 20) * 0.9);

    phase += 2 * G_PI * (47 + 130 * exp (-t * 42)) / RATE;
    put (self, at + i, value, value);
  }
}

static void
snare (Groove *self, gsize at, double level)
{
  gsize length = (gsize) (0.25 * RATE);
  float low = 0, high = 0;

  for (gsize i = 0; i < length; i++) {
    double t = (double) i / RATE;
    float raw = noise (self);
    double shell = (sin (2 * G_PI * 188 * t) + 0.6 * sin (2 * G_PI * 331 * t)) * exp (-t * 26);
    float value;

    low += (raw - low) * 0.55f;
    high += (low - high) * 0.08f;
    value = (float) ((0.45 * shell + 0.8 * (low - high) * exp (-t * 19)) * edges (i, length, 16) *
                     level);
    put (self, at + i, value * 0.95f, value * 1.05f);
  }
}

static void
hat (Groove *self, gsize at, double level, double decay)
{
  gsize length = (gsize) (MIN (0.3, 6 / decay) * RATE);
  float smooth = 0, smoother = 0;

  for (gsize i = 0; i < length; i++) {
    float raw = noise (self);
    float value;

    smooth += (raw - smooth) * 0.7f;
    smoother += (smooth - smoother) * 0.6f;
    value = (float) ((smooth - smoother) * exp (-(double) i / RATE * decay) *
                     edges (i, length, 10) * level);
    put (self, at + i, value * 0.7f, value * 1.2f);
  }
}

static void
bass (Groove *self, gsize at, gsize length, int semitones)
{
  double hertz = 41.203 * pow (2, semitones / 12.0);

  for (gsize i = 0; i < length; i++) {
    double t = (double) i / RATE;
    double bright = 0.35 + 0.65 * exp (-t * 7);
    double sum = 0;
    double partial = 1;
    float value;

    for (int k = 1; k <= 7; k++) {
      sum += partial * sin (2 * G_PI * hertz * k * t) / k;
      partial *= bright;
    }
    value = (float) (sum * exp (-t * 2.2) * edges (i, length, 120) * 0.42);
    put (self, at + i, value * 1.04f, value * 0.96f);
  }
}

static gsize
place (Groove *self, guint bar, guint step)
{
  /* A little swing on every second sixteenth. */
  double swing = (step & 1) != 0 ? 0.12 : 0;

  return (gsize) ((bar * STEPS + step + swing) * self->step);
}

static void
play_bass (Groove *self, guint bar)
{
  const gint8 *notes = bass_pattern[bar % 4];

  for (guint step = 0; step < STEPS; step++) {
    guint rest = step + 1;

    if (notes[step] < 0)
      continue;
    while (rest < STEPS && notes[rest] < 0)
      rest++;
    bass (self, place (self, bar, step), (gsize) ((MIN (rest - step, 3) - 0.12) * self->step),
          notes[step]);
  }
}

static void
play_drums (Groove *self, guint bar)
{
  guint fill = bar % 4 == 3;

  for (guint step = 0; step < STEPS; step++) {
    gsize at = place (self, bar, step);

    if (kick_pattern[fill][step] == 'x')
      kick (self, at);
    if (snare_pattern[fill][step] == 'X')
      snare (self, at, 0.7);
    else if (snare_pattern[fill][step] == 'g')
      snare (self, at, 0.12);
    if (hat_pattern[step] == 'o')
      hat (self, at, 0.45, 22);
    else if (hat_pattern[step] != '.')
      hat (self, at, hat_pattern[step] == 'X' ? 0.5 : 0.28, 75);
  }
}

float *
tutti_groove_new (double bpm, gsize *n_samples)
{
  Groove self = { .seed = 20261122 };
  float peak = 0;

  self.step = RATE * 60 / bpm / 4;
  self.length = (gsize) llround (self.step * STEPS * BARS);
  self.samples = g_new0 (float, 2 * self.length);
  for (guint bar = 0; bar < BARS; bar++) {
    play_drums (&self, bar);
    play_bass (&self, bar);
  }
  for (gsize i = 0; i < 2 * self.length; i++) {
    /* Gentle saturation glues the parts together. */
    self.samples[i] = tanhf (self.samples[i] * 0.9f);
    peak = fmaxf (peak, fabsf (self.samples[i]));
  }
  for (gsize i = 0; i < 2 * self.length; i++)
    self.samples[i] *= PEAK / peak;
  *n_samples = self.length;
  return self.samples;
}
