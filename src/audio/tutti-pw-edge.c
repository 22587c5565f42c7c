/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pw-edge.h"

#include <math.h>
#include <string.h>

#include "tutti-clock.h"
#include "tutti-vector.h"

#define MIN_RATE 8000
#define MAX_RATE 384000
/* 384 000 : 48 000 is 8 : 1, 11 025 Hz needs 640 phases; more is no device's rate. */
#define MAX_PHASES 1024
/* Taps at the lower rate, and the Kaiser window's β: 70 dB, a transition of 0.135 of that rate. */
#define TAPS 32
#define BETA 7.0
/* Where it is down by 6 dB, as a part of the lower rate: at 44.1 kHz what is let through that
 * should not be then lies above 20 kHz, where nobody hears it. */
#define CUTOFF 0.478

typedef struct {
  guint up; /* phases; output = input · up / down */
  guint down;
  guint taps;   /* even */
  float *table; /* up · taps */

  /* Data loop: where the next output lies, after sample @pos by @phase / up */
  guint pos;
  guint phase;
  guint fill; /* samples that are in each line */
} Direction;

struct _TuttiPwEdge {
  guint rate;
  guint max_frames;
  guint zeros; /* that playback begins with: how far it has to be behind to never run short */

  Direction capture;
  Direction playback;

  float *inputs[TUTTI_PW_EDGE_MAX_INPUTS];
  guint silent[TUTTI_PW_EDGE_MAX_INPUTS]; /* how long nothing has come; saturates */
  guint input_size;
  float planes[TUTTI_PW_EDGE_MAX_INPUTS][TUTTI_MAX_QUANTUM];
  guint n_frames; /* of the part that is under way */
  guint n_samples;
  gboolean has_position;
  guint64 next_position;
  guint64 engine_position;
};

static guint
greatest_common_divisor (guint a, guint b)
{
  while (b != 0) {
    guint rest = a % b;

    a = b;
    b = rest;
  }
  return a;
}

static double
bessel_i0 (double x)
{
  double sum = 1, term = 1;

  for (int k = 1; k < 32; k++) {
    term *= (x / (2 * k)) * (x / (2 * k));
    sum += term;
  }
  return sum;
}

/* One phase: the taps for an output that lies @frac after the input sample half - 1. */
static void
fill_phase (float *filter, guint taps, double frac, double cutoff)
{
  double half = taps / 2.0;
  double sum = 0;

  for (guint k = 0; k < taps; k++) {
    double x = k - (half - 1) - frac;
    double edge = x / half;
    double angle = 2 * G_PI * cutoff * x;
    double sinc = fabs (x) < 1e-9 ? 1 : sin (angle) / angle;
    double window = fabs (edge) < 1 ? bessel_i0 (BETA * sqrt (1 - edge * edge)) : 0;

    filter[k] = (float) (sinc * window);
    sum += filter[k];
  }
  /* The same gain in every phase, or the phases would be heard as a tone. */
  for (guint k = 0; k < taps; k++)
    filter[k] = (float) (filter[k] / sum);
}

static void
direction_init (Direction *self, guint from, guint to)
{
  guint divisor = greatest_common_divisor (from, to);
  double lower = MIN (from, to);

  self->up = to / divisor;
  self->down = from / divisor;
  self->taps = ((guint) ceil (TAPS * from / lower) + 3) / 4 * 4;
  self->table = g_new (float, (gsize) self->up * self->taps);
  for (guint phase = 0; phase < self->up; phase++)
    fill_phase (self->table + (gsize) phase * self->taps, self->taps, (double) phase / self->up,
                CUTOFF * lower / from);
  self->pos = self->taps / 2 - 1;
  self->fill = self->pos;
}

/* How many outputs can be made of what is there. */
static guint
direction_count (const Direction *self)
{
  guint64 end = (guint64) (self->fill - self->taps / 2) * self->up;
  guint64 at = (guint64) self->pos * self->up + self->phase;

  if (self->fill < self->taps / 2 || end <= at)
    return 0;
  return (guint) ((end - at - 1) / self->down + 1);
}

static void
direction_read (const Direction *self, const float *line, float *out, guint n)
{
  guint pos = self->pos - (self->taps / 2 - 1);
  guint phase = self->phase;

  for (guint i = 0; i < n; i++) {
    out[i] = tutti_vector_dot (self->table + (gsize) phase * self->taps, line + pos, self->taps);
    phase += self->down;
    pos += phase / self->up;
    phase %= self->up;
  }
}

/* What is not needed any more once @n outputs were made. */
static guint
direction_spent (const Direction *self, guint n)
{
  return self->pos + (guint) ((self->phase + (guint64) n * self->down) / self->up) -
         (self->taps / 2 - 1);
}

static void
direction_step (Direction *self, guint n)
{
  guint spent = direction_spent (self, n);

  self->phase = (guint) ((self->phase + (guint64) n * self->down) % self->up);
  self->pos = self->taps / 2 - 1;
  self->fill -= spent;
}

TuttiPwEdge *
tutti_pw_edge_new (guint rate)
{
  guint divisor;
  TuttiPwEdge *self;

  if (rate < MIN_RATE || rate > MAX_RATE || rate == TUTTI_SAMPLE_RATE)
    return NULL;
  divisor = greatest_common_divisor (rate, TUTTI_SAMPLE_RATE);
  if (rate / divisor > MAX_PHASES || TUTTI_SAMPLE_RATE / divisor > MAX_PHASES)
    return NULL;

  self = g_new0 (TuttiPwEdge, 1);
  self->rate = rate;
  direction_init (&self->capture, rate, TUTTI_SAMPLE_RATE);
  direction_init (&self->playback, TUTTI_SAMPLE_RATE, rate);
  self->max_frames =
      (guint) ((guint64) (TUTTI_MAX_QUANTUM - 1) * self->capture.down / self->capture.up);
  /* After I frames capture has made at least (I - half) · up / down samples, where half is half its
   * taps, and playback is to have made I. */
  self->zeros = self->playback.taps - 1 +
                (self->capture.taps / 2 * self->capture.up) / self->capture.down + 1;
  self->playback.fill = self->zeros;
  self->input_size = self->max_frames + 2 * self->capture.taps;
  for (guint i = 0; i < TUTTI_PW_EDGE_MAX_INPUTS; i++)
    self->inputs[i] = g_new0 (float, self->input_size);
  return self;
}

void
tutti_pw_edge_free (TuttiPwEdge *self)
{
  if (self == NULL)
    return;
  for (guint i = 0; i < TUTTI_PW_EDGE_MAX_INPUTS; i++)
    g_free (self->inputs[i]);
  g_free (self->capture.table);
  g_free (self->playback.table);
  g_free (self);
}

guint
tutti_pw_edge_get_rate (const TuttiPwEdge *self)
{
  return self->rate;
}

/* On average: the sample that leaves first lies up to one step later than that. */
gint64
tutti_pw_edge_get_capture_ns (const TuttiPwEdge *self)
{
  return (gint64) (self->capture.taps / 2) * TUTTI_NSEC_PER_SEC / self->rate -
         TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE / 2;
}

gint64
tutti_pw_edge_get_playback_ns (const TuttiPwEdge *self)
{
  gint64 both = (gint64) (self->zeros - (self->playback.taps / 2 - 1)) * TUTTI_NSEC_PER_SEC /
                TUTTI_SAMPLE_RATE;

  return both - tutti_pw_edge_get_capture_ns (self);
}

guint
tutti_pw_edge_get_max_frames (const TuttiPwEdge *self)
{
  return self->max_frames;
}

static void
follow_position (TuttiPwEdge *self, guint64 position, guint n_frames)
{
  gint64 jump = (gint64) (position - self->next_position);

  if (!self->has_position)
    self->engine_position = position / self->rate * TUTTI_SAMPLE_RATE +
                            position % self->rate * TUTTI_SAMPLE_RATE / self->rate;
  else if (jump != 0)
    self->engine_position +=
        (guint64) (jump / self->rate * TUTTI_SAMPLE_RATE +
                   jump % (gint64) self->rate * TUTTI_SAMPLE_RATE / (gint64) self->rate);
  self->has_position = TRUE;
  self->next_position = position + n_frames;
}

guint
tutti_pw_edge_capture (TuttiPwEdge *self,
                       const float *const *in,
                       guint n_in,
                       guint n_frames,
                       guint64 position,
                       const float **planes,
                       guint64 *engine_position)
{
  guint fill = self->capture.fill;
  guint n, spent;

  follow_position (self, position, n_frames);
  self->capture.fill += n_frames;
  n = direction_count (&self->capture);
  spent = direction_spent (&self->capture, n);
  for (guint i = 0; i < n_in; i++) {
    if (in[i] == NULL && self->silent[i] > self->input_size) {
      planes[i] = NULL; /* its line is all zeros, and stays so */
      continue;
    }
    self->silent[i] = in[i] == NULL ? self->silent[i] + n_frames : 0;
    if (in[i] != NULL)
      memcpy (self->inputs[i] + fill, in[i], n_frames * sizeof (float));
    else
      memset (self->inputs[i] + fill, 0, n_frames * sizeof (float));
    direction_read (&self->capture, self->inputs[i], self->planes[i], n);
    memmove (self->inputs[i], self->inputs[i] + spent,
             (self->capture.fill - spent) * sizeof (float));
    planes[i] = in[i] != NULL ? self->planes[i] : NULL;
  }
  direction_step (&self->capture, n);
  self->n_frames = n_frames;
  self->n_samples = n;
  *engine_position = self->engine_position;
  self->engine_position += n;
  return n;
}

void
tutti_pw_edge_play (TuttiPwEdge *self, TuttiPwLine *line, const float *in, float *out)
{
  const guint fill = self->playback.fill, n = self->n_samples;
  Direction after = self->playback;
  guint spent;

  if (line->edge != self) {
    line->edge = self;
    memset (line->samples, 0, fill * sizeof (float));
  }
  if (in != NULL)
    memcpy (line->samples + fill, in, n * sizeof (float));
  else
    memset (line->samples + fill, 0, n * sizeof (float));
  after.fill += n;
  if (out != NULL)
    direction_read (&after, line->samples, out, self->n_frames);
  spent = direction_spent (&after, self->n_frames);
  memmove (line->samples, line->samples + spent, (after.fill - spent) * sizeof (float));
}

void
tutti_pw_edge_advance (TuttiPwEdge *self)
{
  self->playback.fill += self->n_samples;
  direction_step (&self->playback, self->n_frames);
}

void
tutti_pw_edge_restart (TuttiPwEdge *self)
{
  self->has_position = FALSE;
}
