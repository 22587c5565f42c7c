/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "artefacts.h"
#include "synth.h"

#define N (48000 * 4)

typedef struct {
  float reference[N];
  float sound[N];
} Pair;

static Pair *
make_pair (SynthSound sound)
{
  Pair *pair = g_new (Pair, 1);

  synth_render (sound, pair->reference, N);
  memcpy (pair->sound, pair->reference, sizeof pair->sound);
  return pair;
}

/* Every sound is itself, and has a decent level. */
static void
test_clean (void)
{
  for (guint sound = 0; sound < SYNTH_N_SOUNDS; sound++) {
    g_autofree Pair *pair = make_pair ((SynthSound) sound);
    ArtefactsSpectrum spectrum;
    float peak = 0;

    for (guint i = 0; i < N; i++)
      peak = MAX (peak, fabsf (pair->reference[i]));
    g_test_message ("%s: peak %.2f", synth_get_name ((SynthSound) sound), peak);
    g_assert_cmpfloat (peak, >, 0.25);
    g_assert_cmpfloat (peak, <, 0.75);
    g_assert_cmpuint (artefacts_find_clicks (pair->reference, pair->sound, N, NULL), ==, 0);
    artefacts_compare_spectra (pair->reference, pair->sound, NULL, N, &spectrum);
    g_assert_cmpfloat (spectrum.distance_db, ==, 0);
    g_assert_cmpfloat (spectrum.buzz, ==, 0);
    g_assert_cmpfloat (artefacts_get_snr (pair->reference, pair->sound, NULL, N), ==, 120);
  }
}

/* Holes of a frame filled with silence are found, all of them and where they are. */
static void
test_holes (void)
{
  static const SynthSound sounds[] = { SYNTH_TONE, SYNTH_CHORD, SYNTH_ORGAN };

  for (guint k = 0; k < G_N_ELEMENTS (sounds); k++) {
    g_autofree Pair *pair = make_pair (sounds[k]);
    g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));

    for (guint i = 1; i <= 10; i++)
      memset (pair->sound + i * 15000 + 17 * i, 0, 64 * sizeof (float));
    g_assert_cmpuint (artefacts_find_clicks (pair->reference, pair->sound, N, places), ==, 10);
    for (guint i = 1; i <= 10; i++)
      g_assert_cmpint (ABS ((int) g_array_index (places, guint, i - 1) - (int) (15017 * i)), <,
                       100);
  }
}

/* A step of the level's -26 dB is one; one at -70 dB is none; nor is a slow change of level. */
static void
test_threshold (void)
{
  static const struct {
    float step;
    guint found;
  } steps[] = { { 0.0125f, 1 }, { 0.00008f, 0 } };

  for (guint k = 0; k < G_N_ELEMENTS (steps); k++)
    for (guint with = 0; with < 2; with++) {
      g_autofree Pair *pair = make_pair (SYNTH_TONE);

      for (guint i = N / 2; i < N; i++)
        pair->sound[i] += steps[k].step;
      g_assert_cmpuint (artefacts_find_clicks (with ? pair->reference : NULL, pair->sound, N, NULL),
                        ==, steps[k].found);
    }
  for (guint with = 0; with < 2; with++) {
    g_autofree Pair *pair = make_pair (SYNTH_CHORD);

    for (guint i = 0; i < N; i++)
      pair->sound[i] *= (float) (0.7 + 0.3 * cos (2 * G_PI * 3 * i / 48000.0));
    g_assert_cmpuint (artefacts_find_clicks (with ? pair->reference : NULL, pair->sound, N, NULL),
                      ==, 0);
  }
}

/* A steady sound needs no reference, even when it runs 300 ppm fast. */
static void
test_without_reference (void)
{
  g_autofree float *sound = g_new (float, N);

  for (guint i = 0; i < N; i++)
    sound[i] = 0.3f * (float) sin (2 * G_PI * 440 * 1.0003 * i / 48000);
  g_assert_cmpuint (artefacts_find_clicks (NULL, sound, N, NULL), ==, 0);
  /* One sample left out: a step of phase. */
  memmove (sound + 70000, sound + 70001, (N - 70001) * sizeof (float));
  g_assert_cmpuint (artefacts_find_clicks (NULL, sound, N, NULL), ==, 1);
}

/* 40 ms of the same frame over and over buzz; 40 ms of noise in a tone make it flatter. */
static void
test_buzz (void)
{
  g_autofree Pair *pair = make_pair (SYNTH_ORGAN);
  g_autofree guint8 *where = g_new0 (guint8, N);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);
  ArtefactsSpectrum buzz, noise;

  for (guint at = 30000; at < 100000; at += 20000)
    for (guint i = 0; i < 1920; i++) {
      pair->sound[at + i] = pair->sound[at - 64 + i % 64];
      where[at + i] = 1;
    }
  artefacts_compare_spectra (pair->reference, pair->sound, where, N, &buzz);
  for (guint i = 0; i < N; i++)
    if (where[i])
      pair->sound[i] = pair->reference[i] + (float) g_rand_double_range (rand, -0.1, 0.1);
  artefacts_compare_spectra (pair->reference, pair->sound, where, N, &noise);
  g_test_message ("buzz %.3f %.3f, flatness %.1f %.1f dB, distance %.1f %.1f dB", buzz.buzz,
                  noise.buzz, buzz.flatness_db, noise.flatness_db, buzz.distance_db,
                  noise.distance_db);
  g_assert_cmpfloat (buzz.buzz, >, 0.1);
  g_assert_cmpfloat (noise.buzz, <, 0.02);
  g_assert_cmpfloat (noise.flatness_db, >, 10);
  g_assert_cmpfloat (buzz.distance_db, >, 10);
}

/* 6 dB softer is 6 dB of distance, and a signal-to-error ratio of 6 dB. */
static void
test_distance (void)
{
  g_autofree Pair *pair = g_new (Pair, 1);
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  ArtefactsSpectrum spectrum;

  for (guint i = 0; i < N; i++) {
    pair->reference[i] = (float) g_rand_double_range (rand, -0.5, 0.5);
    pair->sound[i] = 0.5f * pair->reference[i];
  }
  artefacts_compare_spectra (pair->reference, pair->sound, NULL, N, &spectrum);
  g_assert_cmpfloat_with_epsilon (spectrum.distance_db, 6.02, 0.01);
  g_assert_cmpfloat_with_epsilon (spectrum.flatness_db, 0, 0.1);
  g_assert_cmpfloat_with_epsilon (artefacts_get_snr (pair->reference, pair->sound, NULL, N), 6.02,
                                  0.01);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/artefacts/clean", test_clean);
  g_test_add_func ("/artefacts/holes", test_holes);
  g_test_add_func ("/artefacts/threshold", test_threshold);
  g_test_add_func ("/artefacts/without-reference", test_without_reference);
  g_test_add_func ("/artefacts/buzz", test_buzz);
  g_test_add_func ("/artefacts/distance", test_distance);
  return g_test_run ();
}
