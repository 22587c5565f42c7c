/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>
#include <time.h>

#include "concealment.h"
#include "tutti-codec.h"

/* JackTrip 2.x at 64 samples: four packets are learned from, the order is two less than their
 * samples, the energy is taken 0.0005 % too high, and the prediction's next packet is faded
 * linearly into the first real one. */
#define BURG_PACKETS 4
#define BURG_LENGTH  (BURG_PACKETS * FRAME)
#define BURG_ORDER   (BURG_LENGTH - 2)
#define BURG_DAMPING 1.000005

typedef struct {
  float past[BURG_LENGTH];
  float ahead[2 * FRAME];
  gboolean was_lost;
} Burg;

static double
now_us (void)
{
  struct timespec t;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e6 + (double) t.tv_nsec / 1e3;
}

static void
note_time (Run *run, double start)
{
  double took = now_us () - start;

  g_array_append_val (run->us, took);
}

/* Burg's recursion (J. P. Burg, Maximum Entropy Spectral Analysis, 1975), with the energy updated
 * rather than summed anew. */
static void
burg_train (const float *past, double *a)
{
  double f[BURG_LENGTH], b[BURG_LENGTH], energy = 0;

  memset (a, 0, (BURG_ORDER + 1) * sizeof (double));
  a[0] = 1;
  for (guint i = 0; i < BURG_LENGTH; i++) {
    f[i] = b[i] = past[i];
    energy += 2 * BURG_DAMPING * f[i] * f[i];
  }
  energy -= f[0] * f[0] + b[BURG_LENGTH - 1] * b[BURG_LENGTH - 1];
  for (guint m = 0; m < BURG_ORDER; m++) {
    guint n = BURG_LENGTH - m - 1;
    double k = 0;

    for (guint i = 0; i < n; i++)
      k += f[i + m + 1] * b[i];
    k *= -2 / (energy != 0 ? energy : 1e-7);
    for (guint i = 0; i <= (m + 1) / 2; i++) {
      double x = a[i], y = a[m + 1 - i];

      a[i] = x + k * y;
      a[m + 1 - i] = y + k * x;
    }
    for (guint i = 0; i < n; i++) {
      double x = f[i + m + 1], y = b[i];

      f[i + m + 1] = x + k * y;
      b[i] = y + k * x;
    }
    energy = (1 - k * k) * energy - f[m + 1] * f[m + 1] - b[n - 1] * b[n - 1];
  }
}

static void
burg_predict (Burg *self)
{
  double a[BURG_ORDER + 1];
  float all[BURG_LENGTH + 2 * FRAME];

  burg_train (self->past, a);
  memcpy (all, self->past, sizeof self->past);
  for (guint i = BURG_LENGTH; i < G_N_ELEMENTS (all); i++) {
    double sum = 0;

    for (guint k = 1; k <= BURG_ORDER; k++)
      sum -= a[k] * all[i - k];
    all[i] = (float) sum;
  }
  memcpy (self->ahead, all + BURG_LENGTH, sizeof self->ahead);
}

static void
burg_step (Burg *self, const float *in, gboolean lost, float *out, Run *run)
{
  if (lost) {
    double start = now_us ();

    burg_predict (self);
    memcpy (out, self->ahead, FRAME * sizeof (float));
    note_time (run, start);
  } else {
    for (guint i = 0; i < FRAME; i++) {
      float up = self->was_lost ? (float) i / FRAME : 1;

      out[i] = in[i] * up + (self->was_lost ? self->ahead[FRAME + i] * (1 - up) : 0);
    }
  }
  self->was_lost = lost;
  memmove (self->past, self->past + FRAME, (BURG_LENGTH - FRAME) * sizeof (float));
  memcpy (self->past + BURG_LENGTH - FRAME, out, FRAME * sizeof (float));
}

static void
run_burg (const float *input, const gboolean *lost, gsize n_frames, Run *run)
{
  Burg burg = { 0 };

  for (gsize frame = 0; frame < n_frames; frame++)
    burg_step (&burg, input + frame * FRAME, lost[frame], run->sound + frame * FRAME, run);
}

static void
run_simple (gboolean repeat, const float *input, const gboolean *lost, gsize n_frames, Run *run)
{
  for (gsize frame = 0; frame < n_frames; frame++) {
    float *out = run->sound + frame * FRAME;
    double start = now_us ();

    if (!lost[frame]) {
      memcpy (out, input + frame * FRAME, FRAME * sizeof (float));
      continue;
    }
    if (repeat && frame > 0)
      memcpy (out, out - FRAME, FRAME * sizeof (float));
    else
      memset (out, 0, FRAME * sizeof (float));
    note_time (run, start);
  }
}

/* Coded, and decoded with and without the loss. */
static void
run_codec (const TuttiAudioFormat *format,
           const float *input,
           const gboolean *lost,
           gsize n_frames,
           Run *run)
{
  g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (format, NULL);
  g_autoptr (TuttiDecoder) clean = tutti_decoder_new (format, NULL);
  g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (format, NULL);

  g_assert (encoder != NULL && clean != NULL && decoder != NULL);
  for (gsize frame = 0; frame < n_frames; frame++) {
    float *out = run->sound + frame * FRAME;
    guint8 payload[1500];
    int size = encoder->klass->encode (encoder, input + frame * FRAME, payload, sizeof payload);

    g_assert (size > 0);
    clean->klass->decode (clean, payload, (gsize) size, run->reference + frame * FRAME, FRAME);
    if (lost[frame]) {
      double start = now_us ();

      decoder->klass->conceal (decoder, out, FRAME);
      note_time (run, start);
    } else {
      decoder->klass->decode (decoder, payload, (gsize) size, out, FRAME);
    }
  }
}

const char *
system_get_name (System system)
{
  static const char *names[] = { "silence", "repeat", "burg", "raw", "tight" };

  return names[system];
}

void
system_run (System system, const float *input, const gboolean *lost, gsize n_frames, Run *run)
{
  const TuttiAudioFormat raw = { TUTTI_WIRE_RAW, FRAME, 1, .bits = 24, .framed = TRUE };
  const TuttiAudioFormat tight = { TUTTI_WIRE_TIGHT, FRAME, 1, 128000, .framed = TRUE };

  memcpy (run->reference, input, n_frames * FRAME * sizeof (float));
  switch (system) {
  case SYSTEM_BURG:
    run_burg (input, lost, n_frames, run);
    break;
  case SYSTEM_RAW:
    run_codec (&raw, input, lost, n_frames, run);
    break;
  case SYSTEM_TIGHT:
    run_codec (&tight, input, lost, n_frames, run);
    break;
  case SYSTEM_SILENCE:
  case SYSTEM_REPEAT:
  case N_SYSTEMS:
  default:
    run_simple (system == SYSTEM_REPEAT, input, lost, n_frames, run);
  }
}
