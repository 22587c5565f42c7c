/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "synth.h"

#include <math.h>
#include <string.h>

#define RATE   48000.0
#define STRING 1024

static const double notes[] = { 146.83, 220.00, 174.61, 261.63, 196.00, 293.66, 329.63, 130.81 };

static double
noise (guint32 *state)
{
  *state = *state * 1664525u + 1013904223u;
  return (double) (gint32) *state / 2147483648.0;
}

static void
render_sines (float *samples, gsize n, const double *frequencies, guint count, double level)
{
  for (gsize i = 0; i < n; i++) {
    double sum = 0;

    for (guint k = 0; k < count; k++)
      sum += sin (2 * G_PI * frequencies[k] * (double) i / RATE + k);
    samples[i] = (float) (level * sum);
  }
}

/* Karplus and Strong's string with a fractional length. */
static void
render_pluck (float *samples, gsize n, guint which, gsize offset)
{
  double line[STRING] = { 0 }, low = 0;
  guint32 state = 7 + which;
  gsize at = 0;
  guint length = 0, count = which;

  memset (samples, 0, n * sizeof (float));
  for (gsize i = offset; i < n; i++) {
    if ((i - offset) % 24000 == 0) {
      length = (guint) (RATE / notes[count % G_N_ELEMENTS (notes)]);
      count += 3;
      for (guint k = 0; k < length; k++)
        line[k] = noise (&state) * 0.5;
      at = 0;
    }
    low = 0.5 * (line[at] + line[(at + 1) % length]);
    samples[i] = (float) (0.6 * line[at]);
    line[at] = 0.996 * low;
    at = (at + 1) % length;
  }
}

static void
render_plucks (float *samples, gsize n)
{
  g_autofree float *second = g_new (float, n);

  render_pluck (samples, n, 0, 0);
  render_pluck (second, n, 1, 12000);
  for (gsize i = 0; i < n; i++)
    samples[i] = 0.8f * (samples[i] + second[i]);
}

static void
render_drum (float *samples, gsize n)
{
  guint32 state = 1;
  double held = 0;

  for (gsize i = 0; i < n; i++) {
    double hat = (double) (i % 6000) / RATE, beat = (double) (i % 24000) / RATE;
    double snare = (double) ((i + 24000) % 48000) / RATE;
    double white = noise (&state), high = white - held;
    double kick = sin (2 * G_PI * (50 * beat + 8 * (1 - exp (-beat * 30)))) * exp (-beat * 9);

    held = white;
    samples[i] = (float) (0.35 * kick + 0.1 * high * exp (-hat * 90) +
                          exp (-snare * 18) * (0.15 * white + 0.1 * sin (2 * G_PI * 190 * snare)));
  }
}

/* Two poles each at a vowel's formants. */
static double
resonate (double x, double frequency, double width, double *state)
{
  double r = exp (-G_PI * width / RATE);
  double y = (1 - r) * x + 2 * r * cos (2 * G_PI * frequency / RATE) * state[0] - r * r * state[1];

  state[1] = state[0];
  state[0] = y;
  return y;
}

static void
render_voice (float *samples, gsize n)
{
  static const double vowels[3][3] = { { 730, 1090, 2440 },
                                       { 270, 2290, 3010 },
                                       { 570, 840, 2410 } };
  double states[3][2] = { { 0 } }, phase = 0, before = 0;
  guint32 state = 3;

  for (gsize i = 0; i < n; i++) {
    double t = (double) i / RATE, x, flow, sum = 0;
    double pitch = notes[(i / 24000) % 4] * (1 + 0.015 * sin (2 * G_PI * 5.5 * t));
    const double *vowel = vowels[(i / 16000) % 3];
    double envelope = 0.5 - 0.5 * cos (2 * G_PI * fmin (1, (double) (i % 24000) / 2400.0) / 2);

    phase = fmod (phase + pitch / RATE, 1);
    flow = phase < 0.6 ? phase * sin (G_PI * phase / 0.6) * sin (G_PI * phase / 0.6) : 0;
    x = 12 * (flow - before) + 0.02 * noise (&state);
    before = flow;
    for (guint k = 0; k < 3; k++)
      sum += resonate (x, vowel[k], 60 + 40.0 * k, states[k]) * (k == 0 ? 1 : 0.6);
    samples[i] = (float) (0.6 * sum * (0.3 + 0.7 * envelope));
  }
}

static void
render_organ (float *samples, gsize n)
{
  static const double partials[] = { 0.5, 1, 2, 3, 4, 6, 8 };

  for (gsize i = 0; i < n; i++) {
    gsize chord = i / 96000;
    double t = (double) i / RATE, sum = 0;
    double edge = fmin (1, (double) MIN (i % 96000, 96000 - i % 96000) / 1000.0);

    for (guint voice = 0; voice < 3; voice++)
      for (guint k = 0; k < G_N_ELEMENTS (partials); k++) {
        double f = notes[(chord + 2 * voice) % 8] * partials[k] * (1 + 0.0007 * (voice + 1) * k);

        sum += sin (2 * G_PI * f * t + voice + k) / (1 + k);
      }
    samples[i] = (float) (0.09 * sum * edge);
  }
}

const char *
synth_get_name (SynthSound sound)
{
  static const char *names[] = { "tone", "chord", "pluck", "drum", "voice", "organ" };

  return names[sound];
}

void
synth_render (SynthSound sound, float *samples, gsize n_samples)
{
  static const double tone[] = { 440 }, chord[] = { 233.1, 311.7, 523.9 };

  switch (sound) {
  case SYNTH_TONE:
    render_sines (samples, n_samples, tone, 1, 0.35);
    break;
  case SYNTH_CHORD:
    render_sines (samples, n_samples, chord, 3, 0.16);
    break;
  case SYNTH_PLUCK:
    render_plucks (samples, n_samples);
    break;
  case SYNTH_DRUM:
    render_drum (samples, n_samples);
    break;
  case SYNTH_VOICE:
    render_voice (samples, n_samples);
    break;
  case SYNTH_ORGAN:
    render_organ (samples, n_samples);
    break;
  case SYNTH_N_SOUNDS:
  default:
    memset (samples, 0, n_samples * sizeof (float));
  }
}
