/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-feedback.h"

#include <math.h>
#include <string.h>

#define N         TUTTI_FEEDBACK_BLOCK
#define LOG2_N    11
#define FIRST_BIN 4   /* 94 Hz */
#define LAST_BIN  512 /* 12 kHz */
#define WIDTH     2   /* bins to both sides that belong to a tone under a Hann window */
#define PORTION   64  /* samples for each step of the transform */

/* A tone is what holds more than half of all power. */
#define TONE_SHARE 0.5f
/* Nobody minds a howl below that. */
#define LEAST_MIXED_DB    (-50.0f)
#define LEAST_CAPTURED_DB (-70.0f)
/* 5 dB a second and more is growth. */
#define GROWTH_DB 0.2f
/* In the limiter there is no growth, but no tremolo either. */
#define STEADY_DB 1.2f
/* A third of a second. */
#define SUSPECT_BLOCKS 8
/* How long what we are about to play may take to follow a probe down and up again; the way round
 * over a room may take 150 ms. */
#define DOWN_BLOCKS 5
#define UP_BLOCKS   8
#define PROBE_GAIN  0.596f /* −4.5 dB */
/* Where the input is driven so hard that it clips, it would not show so little. */
#define DEEP_PROBE_GAIN 0.063f /* −24 dB */
#define DEEP_FALL_DB    8.0f
#define DEEP_RISE_DB    6.0f
#define DEEP_UP_BLOCKS  14
#define CLIPPING_DB     (-6.0f)
#define FALL_DB         2.0f
#define RISE_DB         0.4f /* in two blocks, each of them */
#define GONE_DB         24.0f
/* A howl comes back as it grew before, and as much more as it was turned down by. What comes back
 * faster is the next note. */
#define REBOUND_DB   5.5f
#define ONSET_BLOCKS 3
/* How far from what was played a while ago it may be; after a deep probe, which overtaxes the
 * input, it must only be something like it. */
#define ERROR_DB   1.1f
#define DEEP_ERROR 0.9f
/* Two seconds; if it still howls after half of one, as much again. */
#define CAUGHT_BLOCKS 47
#define AGAIN_BLOCKS  12
#define CAUGHT_GAIN   0.251f
#define MAX_DEPTH     3
/* Blocks of patience after a suspicion that was none: half a second … 40 s. */
#define FIRST_PATIENCE 12
#define MAX_PATIENCE   972
/* 1 − exp (−1 / (τ · 48000 Hz)), τ = 5 ms, and 100 ms for what was caught */
#define QUICK  0.00415802f
#define SLOWLY 0.00020831f

/* Written once by main, before any real-time thread reads. */
static float window[N];
static float cosines[N / 2], sines[N / 2];
static guint16 reversed[N];

static void
make_tables (void)
{
  for (guint i = 0; i < N; i++) {
    /* Scaled so that a sine of amplitude 1 adds up to 1 over its main lobe. */
    window[i] = (float) ((0.5 - 0.5 * cos (2 * G_PI * i / N)) * sqrt (8.0 / 3) / N);
    reversed[i] = 0;
    for (guint bit = 0; bit < LOG2_N; bit++)
      if ((i & (1u << bit)) != 0)
        reversed[i] |= (guint16) (1u << (LOG2_N - 1 - bit));
  }
  for (guint i = 0; i < N / 2; i++) {
    cosines[i] = (float) cos (2 * G_PI * i / N);
    sines[i] = (float) -sin (2 * G_PI * i / N);
  }
}

static void
start_over (TuttiFeedback *self)
{
  self->filled = self->step = self->run = 0;
  self->is_tone = FALSE;
  self->wants_trace = self->tracing = FALSE;
  self->state = TUTTI_FEEDBACK_LISTENING;
  self->n_blocks = self->patience = 0;
  self->backoff = FIRST_PATIENCE;
  self->target = 1;
}

void
tutti_feedback_init (TuttiFeedback *self)
{
  static gsize once;

  if (g_once_init_enter (&once)) {
    make_tables ();
    g_once_init_leave (&once, 1);
  }
  memset (self, 0, sizeof *self);
  self->enabled = TRUE;
  self->probed_bin = FIRST_BIN;
  self->gain = 1;
  start_over (self);
}

void
tutti_feedback_set_enabled (TuttiFeedback *self, gboolean enabled)
{
  if (self->enabled == enabled)
    return;
  self->enabled = enabled;
  start_over (self);
}

/* Both signals at once: one as the real part, the other as the imaginary. */
static void
load_block (TuttiFeedback *self)
{
  for (guint i = 0; i < N; i++) {
    self->real[reversed[i]] = self->captured[i] * window[i];
    self->imaginary[reversed[i]] = self->mixed[i] * window[i];
  }
  self->limited = self->limited_now;
  self->limited_now = FALSE;
  self->filled = 0;
  self->step = 1;
}

/* One stage of a transform by decimation in time, on input in bit-reversed order. */
static void
transform_stage (TuttiFeedback *self, guint stage)
{
  guint half = 1u << (stage - 1);
  guint stride = N / 2 / half;

  for (guint from = 0; from < N; from += 2 * half)
    for (guint i = 0; i < half; i++) {
      guint a = from + i, b = a + half;
      float c = cosines[i * stride], s = sines[i * stride];
      float re = self->real[b] * c - self->imaginary[b] * s;
      float im = self->real[b] * s + self->imaginary[b] * c;

      self->real[b] = self->real[a] - re;
      self->imaginary[b] = self->imaginary[a] - im;
      self->real[a] += re;
      self->imaginary[a] += im;
    }
}

/* Takes the two spectra apart again: real[] becomes the power of what was captured, imaginary[] of
 * what is mixed, up to N / 2. */
static void
make_powers (TuttiFeedback *self)
{
  for (guint k = 1; k < N / 2; k++) {
    float ar = self->real[k], ai = self->imaginary[k];
    float br = self->real[N - k], bi = self->imaginary[N - k];
    float cr = ar + br, ci = ai - bi, mr = ai + bi, mi = br - ar;

    self->real[k] = (cr * cr + ci * ci) / 2;
    self->imaginary[k] = (mr * mr + mi * mi) / 2;
  }
  self->real[0] = self->imaginary[0] = 0;
}

static guint
find_peak (const float *powers)
{
  guint peak = FIRST_BIN;

  for (guint k = FIRST_BIN; k <= LAST_BIN; k++)
    if (powers[k] > powers[peak])
      peak = k;
  return peak;
}

static float
sum_powers (const float *powers, guint from, guint to)
{
  float sum = 0;

  for (guint k = from; k <= to; k++)
    sum += powers[k];
  return sum;
}

static float
tone_power (const float *powers, guint bin)
{
  return sum_powers (powers, bin - WIDTH, bin + WIDTH);
}

static float
power_db (float power)
{
  return 10 * log10f (power + 1e-15f);
}

static gboolean
is_near (guint a, guint b)
{
  return a <= b + 1 && b <= a + 1;
}

/* The block's tone, if it has one, and whether it goes on growing. */
static void
find_tone (TuttiFeedback *self)
{
  guint bin = find_peak (self->imaginary);
  float mixed = tone_power (self->imaginary, bin);
  float captured = tone_power (self->real, bin);
  float mixed_db = power_db (mixed), captured_db = power_db (captured);
  gboolean was_tone = self->is_tone && is_near (bin, self->bin);
  gboolean grows =
      mixed_db - self->mixed_db >= GROWTH_DB && captured_db - self->captured_db >= GROWTH_DB;
  gboolean stays = self->limited && mixed_db - self->mixed_db >= -STEADY_DB &&
                   captured_db - self->captured_db >= -STEADY_DB;

  self->is_tone = is_near (bin, find_peak (self->real)) && mixed_db > LEAST_MIXED_DB &&
                  captured_db > LEAST_CAPTURED_DB &&
                  mixed > TONE_SHARE * sum_powers (self->imaginary, 1, N / 2 - 1) &&
                  captured > TONE_SHARE * sum_powers (self->real, 1, N / 2 - 1);
  self->run = self->is_tone && was_tone && (grows || stays) ? self->run + 1 : 0;
  if (self->state == TUTTI_FEEDBACK_LISTENING) {
    float growth = mixed_db - self->mixed_db;

    /* Not how the tone began. */
    self->steepest = self->run > ONSET_BLOCKS ? MAX (self->steepest, growth) : MAX (growth, 0);
    self->was_limited = self->limited || (self->run > ONSET_BLOCKS && self->was_limited);
  }
  self->bin = bin;
  self->mixed_db = mixed_db;
  self->captured_db = captured_db;
}

static void
enter (TuttiFeedback *self, TuttiFeedbackState state)
{
  self->state = state;
  self->n_blocks = 0;
  self->run = 0;
  if (state == TUTTI_FEEDBACK_LISTENING || state == TUTTI_FEEDBACK_CAUGHT)
    self->wants_trace = FALSE;
}

static void
probe (TuttiFeedback *self, gboolean deep)
{
  self->deep = deep;
  self->probed_bin = self->bin;
  self->level_before = self->mixed_db;
  self->target = deep ? DEEP_PROBE_GAIN : PROBE_GAIN;
  enter (self, TUTTI_FEEDBACK_PROBE_DOWN);
}

static void
catch_it (TuttiFeedback *self, guint depth)
{
  self->depth = MIN (depth, MAX_DEPTH);
  self->target = 1;
  for (guint i = 0; i < self->depth; i++)
    self->target *= CAUGHT_GAIN;
  self->backoff = FIRST_PATIENCE;
  enter (self, TUTTI_FEEDBACK_CAUGHT);
}

static void
let_go (TuttiFeedback *self)
{
  self->target = 1;
  self->patience = self->backoff;
  self->backoff = MIN (3 * self->backoff, MAX_PATIENCE);
  enter (self, TUTTI_FEEDBACK_LISTENING);
}

/* As soon as it falls it is let go, before nothing is left of it that could rise again. The first
 * block was begun before. */
static void
probe_down (TuttiFeedback *self, float level)
{
  if (self->n_blocks > 1 && level <= self->level_before - (self->deep ? DEEP_FALL_DB : FALL_DB)) {
    self->target = 1;
    tutti_feedback_trace_let_go (&self->trace);
    self->level_fallen = self->level = self->level_earlier = self->level_lowest = level;
    enter (self, TUTTI_FEEDBACK_PROBE_UP);
  } else if (self->n_blocks >= DOWN_BLOCKS) {
    /* A deep one would be heard, and is tried once only. */
    if (!self->deep && self->backoff == FIRST_PATIENCE && self->is_tone &&
        self->captured_db > CLIPPING_DB)
      probe (self, TRUE);
    else
      let_go (self);
  }
}

/* Notes fall and rise, too. */
static gboolean
goes_round (const TuttiFeedback *self)
{
  float spread;
  float error = tutti_feedback_trace_get_error (&self->trace, &spread);

  return error < (self->deep ? DEEP_ERROR * spread : ERROR_DB);
}

static void
probe_up (TuttiFeedback *self, float level)
{
  gboolean rises = level > self->level && self->level > self->level_earlier &&
                   level >= self->level_earlier + RISE_DB && level >= self->level_before - GONE_DB;

  self->level_lowest = MIN (self->level_lowest, level);
  if (!self->deep && !self->was_limited &&
      level - self->level_lowest > REBOUND_DB + self->steepest * (float) self->n_blocks) {
    let_go (self);
    return;
  }
  /* On a long way round it does not rise evenly but in bursts. */
  if (self->deep)
    rises = level >= self->level_fallen + DEEP_RISE_DB;
  self->level_earlier = self->level;
  self->level = level;
  if (rises) {
    if (!goes_round (self)) {
      let_go (self);
      return;
    }
    self->n_caught++;
    catch_it (self, 1);
  } else if (self->n_blocks >= (self->deep ? DEEP_UP_BLOCKS : UP_BLOCKS)) {
    let_go (self);
  }
}

/* The trace begins a block before the probe, to know what was before. */
static void
suspect (TuttiFeedback *self)
{
  if (self->run >= SUSPECT_BLOCKS - 1 && self->wants_trace) {
    probe (self, FALSE);
  } else if (self->run >= SUSPECT_BLOCKS - 2) {
    self->wants_trace = TRUE;
    tutti_feedback_trace_start (&self->trace, (double) self->bin / N);
  } else {
    self->wants_trace = FALSE;
    /* A minute without suspicion: trust is restored. */
    if (self->n_blocks > 1400)
      self->backoff = FIRST_PATIENCE;
  }
}

static void
decide (TuttiFeedback *self)
{
  float level = power_db (tone_power (self->imaginary, self->probed_bin));

  self->n_blocks++;
  switch (self->state) {
  case TUTTI_FEEDBACK_LISTENING:
    if (self->patience > 0)
      self->patience--;
    else
      suspect (self);
    break;
  case TUTTI_FEEDBACK_PROBE_DOWN:
    probe_down (self, level);
    break;
  case TUTTI_FEEDBACK_PROBE_UP:
    probe_up (self, level);
    break;
  case TUTTI_FEEDBACK_CAUGHT:
    if (self->n_blocks >= AGAIN_BLOCKS && self->run >= SUSPECT_BLOCKS && self->depth < MAX_DEPTH) {
      catch_it (self, self->depth + 1);
    } else if (self->n_blocks >= CAUGHT_BLOCKS) {
      self->target = 1;
      enter (self, TUTTI_FEEDBACK_LISTENING);
    }
    break;
  default:
    break;
  }
}

static void
do_step (TuttiFeedback *self)
{
  if (self->step <= LOG2_N) {
    transform_stage (self, self->step++);
    return;
  }
  make_powers (self);
  find_tone (self);
  decide (self);
  self->step = 0;
}

static inline float
sane (float value)
{
  return fabsf (value) < 1e6f ? value : 0;
}

void
tutti_feedback_listen (TuttiFeedback *self,
                       const float *captured,
                       const float *left,
                       const float *right,
                       guint n_samples,
                       gboolean limited)
{
  if (!self->enabled)
    return;
  self->limited_now |= limited;
  self->tracing = self->wants_trace;
  if (self->tracing)
    tutti_feedback_trace_add_mixed (&self->trace, left, right, n_samples);
  for (guint done = 0; done < n_samples;) {
    guint n = MIN (MIN (n_samples - done, PORTION), N - self->filled);

    for (guint i = 0; i < n; i++) {
      self->captured[self->filled + i] = sane (captured[done + i]);
      self->mixed[self->filled + i] = sane (0.5f * (left[done + i] + right[done + i]));
    }
    self->filled += n;
    done += n;
    if (self->filled == N)
      load_block (self);
    else if (self->step > 0)
      do_step (self);
  }
}

void
tutti_feedback_apply (TuttiFeedback *self, float *left, float *right, guint n_samples)
{
  float gain = self->gain;
  gboolean quick = self->target < gain || self->state == TUTTI_FEEDBACK_PROBE_UP;

  if (gain != 1 || self->target != 1) {
    for (guint i = 0; i < n_samples; i++) {
      gain += (self->target - gain) * (quick ? QUICK : SLOWLY);
      left[i] *= gain;
      right[i] *= gain;
    }
    /* Its steps get too small for a float before it is there. */
    self->gain = fabsf (gain - self->target) < 1e-3f ? self->target : gain;
  }
  if (self->tracing)
    tutti_feedback_trace_add_played (&self->trace, left, right, n_samples);
}
