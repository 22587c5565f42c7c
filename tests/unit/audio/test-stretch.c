/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <math.h>
#include <string.h>

#include "artefacts.h"
#include "synth.h"
#include "tutti-stretch.h"

#define N  (2 * TUTTI_STRETCH_SOUND)
#define AT (TUTTI_STRETCH_MAX + TUTTI_STRETCH_PAST)

static float sound[N];

static void
fill_tone (double hertz)
{
  for (guint i = 0; i < N; i++)
    sound[i] = (float) (0.3 * sin (2 * G_PI * hertz * i / 48000) +
                        0.1 * sin (2 * G_PI * hertz * 2.7 * i / 48000 + 1));
}

/* A whole number of periods, whichever way, of a tone of any pitch. */
static void
test_periods (void)
{
  for (double hertz = 45; hertz < 2000; hertz *= 1.31)
    for (guint past = 0; past < 2; past++) {
      float similarity;
      double periods;
      guint lag;

      for (guint i = 0; i < N; i++)
        sound[i] = (float) (0.3 * sin (2 * G_PI * hertz * i / 48000));
      lag = tutti_stretch_find (sound, AT, TUTTI_STRETCH_FADE, past == 1, TUTTI_STRETCH_MIN,
                                TUTTI_STRETCH_MAX, &similarity);
      periods = lag * hertz / 48000;
      g_assert_cmpfloat (similarity, >, 0.995);
      g_assert_cmpfloat (fabs (periods - round (periods)), <, 0.5 * hertz / 48000 + 0.01);
      g_assert_cmpuint (lag, >=, TUTTI_STRETCH_MIN);
      g_assert_cmpuint (lag, <=, TUTTI_STRETCH_MAX);
    }
}

/* Noise is like nothing, silence is like itself, and bounds are kept. */
static void
test_others (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (5);
  float similarity;

  for (guint i = 0; i < N; i++)
    sound[i] = (float) g_rand_double_range (rand, -0.5, 0.5);
  tutti_stretch_find (sound, AT, TUTTI_STRETCH_FADE, FALSE, 96, 1152, &similarity);
  g_assert_cmpfloat (similarity, <, 0.35);
  memset (sound, 0, sizeof sound);
  g_assert_cmpuint (tutti_stretch_find (sound, AT, TUTTI_STRETCH_FADE, TRUE, 96, 502, &similarity),
                    ==, 500);
  g_assert_cmpfloat (similarity, ==, 1);
  fill_tone (300);
  for (guint max = 96; max < 400; max += 7) {
    guint lag = tutti_stretch_find (sound, AT, 48, TRUE, 96, max, &similarity);

    g_assert_cmpuint (lag, >=, 96);
    g_assert_cmpuint (lag, <=, max);
  }
  g_assert_cmpuint (tutti_stretch_find (sound, AT, 48, TRUE, 96, 90, &similarity), ==, 0);
  g_assert_cmpuint (tutti_stretch_find (sound, AT, 48, TRUE, 97, 99, &similarity), ==, 0);
}

/* Where it begins is none. */
static guint
count_clicks (const float *samples, gsize n)
{
  g_autoptr (GArray) places = g_array_new (FALSE, FALSE, sizeof (guint));
  guint clicks = 0;

  artefacts_find_clicks (NULL, samples, n, places);
  for (guint i = 0; i < places->len; i++)
    clicks += g_array_index (places, guint, i) >= 2400 ? 1 : 0;
  return clicks;
}

/* Music of several kinds, moved every 200 ms where it is alike: no click that was not there, and
 * the level stays. */
static void
test_music (gconstpointer data)
{
  SynthSound kind = (SynthSound) GPOINTER_TO_UINT (data);
  gsize n = 48000 * 6, read = 4800, n_out = 0;
  g_autofree float *music = g_new0 (float, n);
  g_autofree float *out = g_new0 (float, n);
  guint moves = 0, clicks, before;

  synth_render (kind, music, n);
  while (read + 9600 + TUTTI_STRETCH_SOUND < n) {
    float similarity;
    guint lag;

    memcpy (out + n_out, music + read, 9600 * sizeof (float));
    n_out += 9600;
    read += 9600;
    lag = tutti_stretch_find (music + read - TUTTI_STRETCH_PAST, TUTTI_STRETCH_PAST,
                              TUTTI_STRETCH_FADE, FALSE, TUTTI_STRETCH_MIN, TUTTI_STRETCH_MAX,
                              &similarity);
    if (lag == 0 || similarity < 0.9f)
      continue;
    for (guint i = 0; i < TUTTI_STRETCH_FADE; i++) {
      float old, new;

      tutti_stretch_weigh ((i + 0.5f) / TUTTI_STRETCH_FADE, similarity, &old, &new);
      out[n_out++] = old * music[read + i] + new *music[read + lag + i];
    }
    read += lag + TUTTI_STRETCH_FADE;
    moves++;
  }
  clicks = count_clicks (out, n_out);
  before = count_clicks (music, n);
  g_test_message ("%s: %u moves, %u clicks, before %u", synth_get_name (kind), moves, clicks,
                  before);
  /* An onset now and then is on one side of the detector's threshold or the other. */
  g_assert_cmpuint (clicks, <=, before + before / 8);
  if (kind == SYNTH_TONE || kind == SYNTH_VOICE)
    g_assert_cmpuint (moves, >, 10);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/stretch/periods", test_periods);
  g_test_add_func ("/stretch/others", test_others);
  for (guint i = 0; i < SYNTH_N_SOUNDS; i++) {
    g_autofree char *path = g_strdup_printf ("/stretch/music/%s", synth_get_name ((SynthSound) i));

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_music);
  }
  return g_test_run ();
}
