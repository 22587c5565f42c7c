/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "artefacts.h"
#include "synth.h"
#include "tutti-codec.h"
#include "tutti-conceal.h"

#define FRAME 64
#define N     (48000 * 6)

typedef struct {
  float input[N];
  float heard[N];
  guint8 where[N];
  guint holes;
} Run;

/* Holes of @burst frames with a chance of @percent for each frame to be in one. */
static Run *
run_mono (SynthSound sound, double percent, guint burst)
{
  Run *run = g_new0 (Run, 1);
  g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (17);
  guint left = 0;

  synth_render (sound, run->input, N);
  memcpy (run->heard, run->input, sizeof run->heard);
  for (guint at = 0; at < N; at += FRAME) {
    if (at > 9600 && g_rand_double (rand) < percent / 100 / burst) {
      left = MAX (left, burst);
      run->holes++;
    }
    if (left > 0) {
      left--;
      memset (run->where + at, 1, FRAME);
      tutti_concealer_conceal (concealer, run->heard + at, FRAME);
    } else {
      tutti_concealer_join (concealer, run->heard + at, FRAME);
    }
  }
  return run;
}

/* One frame in twenty lost: at most one hole in a hundred is heard as a click, and what is in the
 * holes resembles what was there. Silence or repetition click at half of all holes and more. */
static void
test_single_frames (void)
{
  static const double least_snr[SYNTH_N_SOUNDS] = { 55, 30, 1, 4, 10, 4 };
  static const double most_distance[SYNTH_N_SOUNDS] = { 0.1, 0.3, 1.5, 1.8, 1.6, 2.2 };

  for (guint sound = 0; sound < SYNTH_N_SOUNDS; sound++) {
    g_autofree Run *run = run_mono ((SynthSound) sound, 5, 1);
    guint clicks = artefacts_find_clicks (run->input, run->heard, N, NULL);
    double snr = artefacts_get_snr (run->input, run->heard, run->where, N);
    ArtefactsSpectrum spectrum;

    artefacts_compare_spectra (run->input, run->heard, run->where, N, &spectrum);
    g_test_message ("%s: %u holes, %u clicks, %.1f dB, distance %.2f dB",
                    synth_get_name ((SynthSound) sound), run->holes, clicks, snr,
                    spectrum.distance_db);
    g_assert_cmpuint (run->holes, >, 150);
    g_assert_cmpuint (clicks * 100, <=, run->holes);
    g_assert_cmpfloat (snr, >, least_snr[sound]);
    g_assert_cmpfloat (spectrum.distance_db, <, most_distance[sound]);
  }
}

/* 40 ms at a time: no buzz, no pop on the way back. */
static void
test_long_holes (void)
{
  for (guint sound = 0; sound < SYNTH_N_SOUNDS; sound++) {
    g_autofree Run *run = run_mono ((SynthSound) sound, 5, 30);
    guint clicks = artefacts_find_clicks (run->input, run->heard, N, NULL);
    ArtefactsSpectrum spectrum;

    artefacts_compare_spectra (run->input, run->heard, run->where, N, &spectrum);
    g_test_message ("%s: %u holes, %u clicks, buzz %.3f, flatness %.2f dB",
                    synth_get_name ((SynthSound) sound), run->holes, clicks, spectrum.buzz,
                    spectrum.flatness_db);
    g_assert_cmpuint (run->holes, >, 4);
    g_assert_cmpuint (clicks, <=, 1);
    g_assert_cmpfloat (spectrum.buzz, <, 0.05);
    g_assert_cmpfloat (fabs (spectrum.flatness_db), <, 5);
  }
}

/* It gets quieter after 10 ms and is silent after 100, for as long as it is asked. */
static void
test_fade (void)
{
  g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (1);
  g_autofree float *pcm = g_new (float, 48000);
  double before = 1;

  synth_render (SYNTH_TONE, pcm, 48000);
  tutti_concealer_join (concealer, pcm, 48000);
  for (guint round = 0; round < 100; round++) {
    double energy = 0;

    tutti_concealer_conceal (concealer, pcm, 480);
    for (guint i = 0; i < 480; i++)
      energy += pcm[i] * pcm[i] / 480;
    if (round == 0)
      g_assert_cmpfloat (energy, >, 0.9 * 0.35 * 0.35 / 2);
    g_assert_cmpfloat (energy, <=, before * 1.01);
    if (round >= 10)
      g_assert_cmpfloat (energy, ==, 0);
    before = energy;
  }
}

/* Both ears, each with its own sound, and two channels give what one gives twice. */
static void
test_stereo (void)
{
  g_autofree Run *left = run_mono (SYNTH_VOICE, 5, 2), *right = run_mono (SYNTH_ORGAN, 5, 2);
  g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (2);

  for (guint at = 0; at < N; at += FRAME) {
    float pcm[FRAME * 2];

    for (guint i = 0; i < FRAME; i++) {
      pcm[2 * i] = left->input[at + i];
      pcm[2 * i + 1] = right->input[at + i];
    }
    if (left->where[at])
      tutti_concealer_conceal (concealer, pcm, FRAME);
    else
      tutti_concealer_join (concealer, pcm, FRAME);
    for (guint i = 0; i < FRAME; i++) {
      g_assert_cmpfloat (pcm[2 * i], ==, left->heard[at + i]);
      g_assert_cmpfloat (pcm[2 * i + 1], ==, right->heard[at + i]);
    }
  }
}

/* The length of the pieces it is asked in makes no difference. */
static void
test_pieces (void)
{
  g_autofree float *sound = g_new (float, 9600);
  float whole[960], parts[960], after[2][128];

  synth_render (SYNTH_CHORD, sound, 9600);
  for (guint how = 0; how < 2; how++) {
    g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (1);
    g_autofree float *copy = g_memdup2 (sound, 9600 * sizeof (float));

    tutti_concealer_join (concealer, copy, 9472);
    if (how == 0)
      tutti_concealer_conceal (concealer, whole, 960);
    for (guint at = 0; how == 1 && at < 960; at += 32)
      tutti_concealer_conceal (concealer, parts + at, 32);
    memcpy (after[how], sound + 9472, sizeof after[how]);
    for (guint at = 0; at < 128; at += how == 0 ? 128 : 16)
      tutti_concealer_join (concealer, after[how] + at, how == 0 ? 128 : 16);
  }
  g_assert_cmpmem (whole, sizeof whole, parts, sizeof parts);
  g_assert_cmpmem (after[0], sizeof after[0], after[1], sizeof after[1]);
  /* The second 64 are past the fade. */
  g_assert_cmpmem (after[0] + 64, 256, sound + 9472 + 64, 256);
}

static float
get_worst (guint kind, guint i)
{
  switch (kind) {
  case 0:
    return 0;
  case 1:
    return 1;
  case 2:
    return i / 50 % 2 != 0 ? 1 : -1;
  case 3:
    return i % 2 != 0 ? 1 : -1;
  case 4:
    return i % 1344 == 1000 ? 1 : 0;
  case 5:
    return 1e-38f * (float) (i % 3);
  case 6:
    return (float) i / 9600 - 1;
  default:
    return (float) exp (i / 700.0 - 13.8);
  }
}

/* What there is of strange sounds: it never gets louder than they were, and stays a number. */
static void
test_strange_sounds (void)
{
  for (guint kind = 0; kind < 8; kind++) {
    g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (1);
    g_autofree float *pcm = g_new (float, 9600);
    float peak = 0;

    for (guint i = 0; i < 9600; i++) {
      pcm[i] = get_worst (kind, i);
      peak = MAX (peak, fabsf (pcm[i]));
    }
    tutti_concealer_join (concealer, pcm, 9600);
    tutti_concealer_conceal (concealer, pcm, 9600);
    for (guint i = 0; i < 9600; i++) {
      g_assert_true (isfinite (pcm[i]));
      g_assert_cmpfloat (fabsf (pcm[i]), <=, 2 * peak + 1e-6f);
    }
  }
}

/* A tight frame is lost: the decoder is led over the hole, and the sound is right again two frames
 * later. */
static void
test_tight (void)
{
  for (guint channels = 1; channels <= 2; channels++)
    for (guint frame = 64; frame <= 128; frame *= 2) {
      TuttiAudioFormat format = { TUTTI_WIRE_TIGHT, frame, channels, 128000 * channels,
                                  .framed = TRUE };
      g_autoptr (TuttiEncoder) encoder = tutti_encoder_new (&format, NULL);
      g_autoptr (TuttiDecoder) clean = tutti_decoder_new (&format, NULL);
      g_autoptr (TuttiDecoder) decoder = tutti_decoder_new (&format, NULL);
      g_autofree float *sound = g_new (float, 48000);
      g_autofree float *in = g_new (float, 48000 * 2), *a = g_new (float, 48000 * 2),
                       *b = g_new (float, 48000 * 2);
      guint n = 48000 / frame, since = 0;

      if (encoder == NULL) {
        g_test_skip ("libopus has no custom modes");
        return;
      }
      synth_render (SYNTH_CHORD, sound, 48000);
      for (guint i = 0; i < 48000 * channels; i++)
        in[i] = sound[i / channels];
      for (guint k = 0; k < n; k++) {
        guint at = k * frame * channels;
        guint8 payload[400];
        int size = encoder->klass->encode (encoder, in + at, payload, sizeof payload);

        clean->klass->decode (clean, payload, (gsize) size, a + at, frame);
        since++;
        if (k > 100 && k % 37 < 2) {
          g_assert_cmpint (decoder->klass->conceal (decoder, b + at, frame), ==, (int) frame);
          since = 0;
        } else {
          decoder->klass->decode (decoder, payload, (gsize) size, b + at, frame);
        }
        if (since > 2)
          g_assert_cmpfloat (artefacts_get_snr (a + at, b + at, NULL, frame * channels), >, 60);
      }
      g_assert_cmpfloat (artefacts_get_snr (a, b, NULL, n * frame * channels), >, 30);
      if (channels == 1)
        g_assert_cmpuint (artefacts_find_clicks (a, b, n * frame, NULL), <=, 1);
    }
}

/* What repeats exactly is foretold with poles next to the unit circle: it must not grow. */
static void
test_exact_periods (void)
{
  g_autoptr (TuttiConcealer) concealer = tutti_concealer_new (1);
  float peak = 0;

  for (guint cut = 3000; cut < 4096; cut += 37) {
    float pcm[64], out[4800];

    tutti_concealer_reset (concealer);
    for (guint i = 0; i + 64 <= cut; i += 64) {
      for (guint k = 0; k < 64; k++)
        pcm[k] = (float) ((i + k) % 100) / 50 - 1;
      tutti_concealer_join (concealer, pcm, 64);
    }
    tutti_concealer_conceal (concealer, out, 4800);
    for (guint i = 0; i < 4800; i++)
      peak = MAX (peak, fabsf (out[i]));
  }
  g_test_message ("peak %.2f", (double) peak);
  g_assert_cmpfloat (peak, >, 0.5);
  g_assert_cmpfloat (peak, <=, 1.5);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/conceal/single-frames", test_single_frames);
  g_test_add_func ("/conceal/long-holes", test_long_holes);
  g_test_add_func ("/conceal/fade", test_fade);
  g_test_add_func ("/conceal/stereo", test_stereo);
  g_test_add_func ("/conceal/pieces", test_pieces);
  g_test_add_func ("/conceal/strange-sounds", test_strange_sounds);
  g_test_add_func ("/conceal/tight", test_tight);
  g_test_add_func ("/conceal/exact-periods", test_exact_periods);
  return g_test_run ();
}
