/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Sounds with holes in them through every way to fill holes; one JSON object per line. */

#include <math.h>
#include <stdlib.h>

#include "artefacts.h"
#include "concealment.h"
#include "synth.h"

typedef struct {
  int seconds;
  int burst; /* frames of a hole */
  int seed;
} Options;

static int
compare_doubles (const void *a, const void *b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return (x > y) - (x < y);
}

static double
get_quantile (GArray *values, double part)
{
  if (values->len == 0)
    return 0;
  qsort (values->data, values->len, sizeof (double), compare_doubles);
  return g_array_index (values, double, (guint) (part * (values->len - 1)));
}

/* Holes of @burst frames, so that @percent of all frames are lost; the first second is whole. */
static void
lose (gboolean *lost, gsize n_frames, double percent, const Options *options)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed ((guint32) options->seed);
  gsize until = 0;

  for (gsize i = 0; i < n_frames; i++) {
    double draw = g_rand_double (rand);

    if (i >= 750 && draw < percent / 100 / options->burst)
      until = MAX (until, i + (gsize) options->burst);
    lost[i] = i < until;
  }
}

/* The hole, and the frame after it, in which systems fade. */
static void
mark (const gboolean *lost, gsize n_frames, guint8 *holes, guint8 *touched)
{
  for (gsize i = 0; i < n_frames * FRAME; i++) {
    gsize frame = i / FRAME;

    holes[i] = lost[frame];
    touched[i] = lost[frame] || (frame > 0 && lost[frame - 1]);
  }
}

static void
print_row (System system, SynthSound sound, double percent, const Options *options)
{
  gsize n_frames = (gsize) options->seconds * 48000 / FRAME, n = n_frames * FRAME;
  g_autofree float *input = g_new (float, n);
  g_autofree float *reference = g_new (float, n);
  g_autofree float *heard = g_new (float, n);
  g_autofree gboolean *lost = g_new (gboolean, n_frames);
  g_autofree guint8 *holes = g_new (guint8, n);
  g_autofree guint8 *touched = g_new (guint8, n);
  g_autoptr (GArray) us = g_array_new (FALSE, FALSE, sizeof (double));
  Run run = { reference, heard, us };
  ArtefactsSpectrum spectrum;
  guint clicks;

  synth_render (sound, input, n);
  lose (lost, n_frames, percent, options);
  mark (lost, n_frames, holes, touched);
  system_run (system, input, lost, n_frames, &run);
  clicks = artefacts_find_clicks (reference, heard, n, NULL);
  artefacts_compare_spectra (reference, heard, touched, n, &spectrum);
  g_print ("{\"system\":\"%s\",\"sound\":\"%s\",\"loss_percent\":%g,\"burst_frames\":%d,"
           "\"clicks_per_min\":%.1f,\"distance_db\":%.3f,\"flatness_db\":%.3f,\"buzz\":%.4f,"
           "\"snr_db\":%.2f,\"us_p50\":%.2f,\"us_p99\":%.2f,\"holes\":%u}\n",
           system_get_name (system), synth_get_name (sound), percent, options->burst,
           clicks * 60.0 / options->seconds, spectrum.distance_db, spectrum.flatness_db,
           spectrum.buzz, artefacts_get_snr (reference, heard, holes, n), get_quantile (us, 0.5),
           get_quantile (us, 0.99), us->len);
}

int
main (int argc, char **argv)
{
  Options options = { 20, 1, 1 };
  double percent = 1;
  const GOptionEntry entries[] = {
    { "seconds", 0, 0, G_OPTION_ARG_INT, &options.seconds, "Length of each sound", "S" },
    { "burst", 0, 0, G_OPTION_ARG_INT, &options.burst, "Frames of a hole", "N" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &options.seed, "Which holes", "N" },
    { "loss", 0, 0, G_OPTION_ARG_DOUBLE, &percent, "How many frames are lost", "PERCENT" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || options.seconds < 2 ||
      options.seconds > 600 || options.burst < 1 || options.burst > 750) {
    g_printerr ("%s\n", error != NULL ? error->message : "A number is out of range.");
    return 2;
  }
  for (guint system = 0; system < N_SYSTEMS; system++)
    for (guint sound = 0; sound < SYNTH_N_SOUNDS; sound++)
      print_row ((System) system, (SynthSound) sound, percent, &options);
  return 0;
}
