/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* One row of ci/bench playout: a stream of a format over a line, in simulated time. Prints one JSON
 * object a row. */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "artefacts.h"
#include "playout-sim.h"
#include "sim-line.h"
#include "synth.h"

#define SOUND_SECONDS 10

static char *opt_lines;
static char *opt_formats;
static char *opt_sound;
static int opt_seconds = 120;
static int opt_quantum = 64;
static int opt_seed = 1;
static int opt_copies;
static int opt_distance = 1;
static double opt_drift;
static double opt_bias = 0.5;
static gboolean opt_list;

static const GOptionEntry entries[] = {
  { "lines", 0, 0, G_OPTION_ARG_STRING, &opt_lines, "lines, comma separated; file:PATH: recorded",
    "LIST" },
  { "formats", 0, 0, G_OPTION_ARG_STRING, &opt_formats, "raw64 raw128 tight64 tight128 opus120 …",
    "LIST" },
  { "sound", 0, 0, G_OPTION_ARG_STRING, &opt_sound, "tone, chord, pluck, drum, voice, organ",
    "NAME" },
  { "seconds", 0, 0, G_OPTION_ARG_INT, &opt_seconds, "simulated", "S" },
  { "quantum", 0, 0, G_OPTION_ARG_INT, &opt_quantum, "of the listener's graph", "N" },
  { "seed", 0, 0, G_OPTION_ARG_INT, &opt_seed, "of the line", "N" },
  { "copies", 0, 0, G_OPTION_ARG_INT, &opt_copies, "older frames in each packet", "N" },
  { "distance", 0, 0, G_OPTION_ARG_INT, &opt_distance,
    "of them, frames; 0: packets of their own, at once", "N" },
  { "drift", 0, 0, G_OPTION_ARG_DOUBLE, &opt_drift, "of the sender's clock", "PPM" },
  { "bias", 0, 0, G_OPTION_ARG_DOUBLE, &opt_bias, "0 tight … 1 safe", "B" },
  { "list", 0, 0, G_OPTION_ARG_NONE, &opt_list, "names the lines", NULL },
  { NULL },
};

static gboolean
parse_format (const char *name, TuttiAudioFormat *format)
{
  const char *wires[] = { "opus", "tight", "raw" };

  *format = (TuttiAudioFormat) { .channels = 1, .bitrate = 128000, .framed = TRUE };
  for (guint i = 0; i < G_N_ELEMENTS (wires); i++)
    if (g_str_has_prefix (name, wires[i])) {
      format->wire = (TuttiWireFormat) i;
      format->frame_samples = (guint) atoi (name + strlen (wires[i]));
      format->bits = format->wire == TUTTI_WIRE_RAW ? 16 : 0;
      format->copies = (guint) opt_copies;
      format->distance = opt_copies > 0 ? (guint) opt_distance : 0;
      return format->frame_samples > 0;
    }
  return FALSE;
}

static float *
render (const char *name)
{
  float *sound = g_new0 (float, SOUND_SECONDS *TUTTI_SAMPLE_RATE);

  for (guint i = 0; i < SYNTH_N_SOUNDS; i++)
    if (g_strcmp0 (name, synth_get_name ((SynthSound) i)) == 0) {
      synth_render ((SynthSound) i, sound, SOUND_SECONDS * TUTTI_SAMPLE_RATE);
      return sound;
    }
  g_free (sound);
  return NULL;
}

/* What the line and the playout added: onsets of the music itself are in the same sound over a
 * clean line. */
static guint
count_clicks (const Sim *sim)
{
  gsize from = 2 * TUTTI_SAMPLE_RATE;

  return artefacts_find_clicks (NULL, sim->out + from, sim->n_out - from, NULL);
}

static void
set_up (Sim *sim, const SimSegment *segment, const float *sound)
{
  sim_init (sim, segment->format.frame_samples, opt_seconds);
  sim->segments = segment;
  sim->n_segments = 1;
  sim->quantum = (guint) opt_quantum;
  sim->bias = (float) opt_bias;
  sim->drift_ppm = opt_drift;
  sim->sound = sound;
  sim->n_sound = SOUND_SECONDS * TUTTI_SAMPLE_RATE;
}

static void
print_row (Sim *sim, Sim *clean, const char *line, const char *source, const char *format)
{
  const TuttiRemoteStats *stats = &sim->stats;
  double minutes = opt_seconds / 60.0;
  double fixed_percent = 0;
  double mean = sim_mean_delay_ms (sim, 0, opt_seconds);
  double fixed = sim_fixed_delay_ms (sim, &fixed_percent);
  g_autofree char *fixed_text = g_strdup_printf ("%.2f", fixed);
  double clicks = (double) count_clicks (sim) - count_clicks (clean);

  g_print ("{\"line\": \"%s\", \"source\": \"%s\", \"format\": \"%s\", \"delay_mean_ms\": %.2f, "
           "\"delay_p95_ms\": %.2f, \"fixed_same_gaps_ms\": %s, \"concealed_percent\": %.3f, "
           "\"late_percent\": %.3f, \"missing_percent\": %.3f, \"recovered_percent\": %.3f, "
           "\"late_per_min\": %.1f, \"accelerated_ms_per_min\": %.1f, "
           "\"expanded_ms_per_min\": %.1f, \"clicks_per_min\": %.1f, \"cycle_us\": %.2f, "
           "\"cycle_max_us\": %.1f}\n",
           line, source, format, mean, sim_quantile_delay_ms (sim, 0.05),
           isfinite (fixed) ? fixed_text : "null", sim_concealed_percent (sim),
           100.0 * (double) stats->late / sim->n_sent,
           100.0 * (double) stats->packets_missing / sim->n_sent,
           100.0 * (double) stats->recovered / sim->n_sent, (double) stats->late / minutes,
           (double) stats->accelerated_samples / 48 / minutes,
           (double) stats->expanded_samples / 48 / minutes, clicks / minutes, sim->cpu_us,
           sim->cpu_max_us);
}

static gboolean
run (const char *line_name, const char *format_name, const float *sound, GError **error)
{
  g_autoptr (SimLine) line = sim_line_new (line_name, (guint) opt_seed, error);
  g_autoptr (SimLine) nothing = sim_line_new ("clean", 1, NULL);
  SimSegment segment = { .to = opt_seconds };
  Sim sim, clean;

  if (line == NULL)
    return FALSE;
  if (!parse_format (format_name, &segment.format)) {
    g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "There is no format '%s'",
                 format_name);
    return FALSE;
  }
  set_up (&sim, &segment, sound);
  set_up (&clean, &segment, sound);
  sim_line_install (line, &sim);
  sim_line_install (nothing, &clean);
  sim_run (&sim);
  sim_run (&clean);
  print_row (&sim, &clean, line_name, sim_line_get_source (line), format_name);
  sim_clear (&sim);
  sim_clear (&clean);
  return TRUE;
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) lines = NULL;
  g_auto (GStrv) formats = NULL;
  g_autofree float *sound = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error)) {
    g_printerr ("%s\n", error->message);
    return 2;
  }
  for (const char *const *name = sim_line_names (); opt_list && *name != NULL; name++)
    g_print ("%s\n", *name);
  if (opt_list)
    return 0;
  sound = render (opt_sound);
  lines =
      opt_lines != NULL ? g_strsplit (opt_lines, ",", -1) : g_strdupv ((char **) sim_line_names ());
  formats =
      g_strsplit (opt_formats != NULL ? opt_formats : "raw64,tight64,opus120,opus240", ",", -1);
  for (guint l = 0; lines[l] != NULL; l++)
    for (guint f = 0; formats[f] != NULL; f++)
      if (!run (lines[l], formats[f], sound, &error)) {
        g_printerr ("%s\n", error->message);
        return 1;
      }
  return 0;
}
