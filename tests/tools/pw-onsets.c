/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-onsets REMOTE NODE CLOCK_S SECONDS
 *
 * Listens at NODE (a sink's monitor, or outputs) of the PipeWire daemon REMOTE for SECONDS, and
 * tells when sound begins there: a first sample above THRESHOLD after at least SILENCE_MS below it.
 * The daemon's clock is CLOCK_S ahead of ours (a time namespace). The last line is one JSON object:
 * {"onsets_ms": [CLOCK_MONOTONIC], "peaks": [of the 20 ms after each], "missed_cycles": N}. */

#include "meter-graph.h"

#include <math.h>
#include <pipewire/pipewire.h>
#include <spa/node/io.h>
#include <stdio.h>
#include <unistd.h>

#define THRESHOLD    0.003f
#define SILENCE_MS   60
#define PEAK_MS      20
#define MAX_ONSETS   4096
#define WAIT_SECONDS 15

typedef struct {
  double clock_ms;
  guint quiet; /* samples since the last one above */
  guint64 next_position;
  guint missed;
  guint n;
  double onsets_ms[MAX_ONSETS];
  float peaks[MAX_ONSETS];
} Listener;

static void
on_process (gpointer user_data,
            const struct spa_io_position *position,
            const float *const *in,
            float *const *out)
{
  Listener *self = user_data;
  const struct spa_io_clock *clock = &position->clock;
  double rate = clock->rate.denom;
  double begin_ms = (double) clock->nsec / 1e6 - self->clock_ms;

  if (self->next_position != 0 && clock->position > self->next_position)
    self->missed++;
  self->next_position = clock->position + clock->duration;
  for (guint i = 0; i < clock->duration; i++) {
    float value = in[0] != NULL ? fabsf (in[0][i]) : 0;
    double now_ms = begin_ms + 1000.0 * i / rate;

    if (value > THRESHOLD && self->quiet > SILENCE_MS * rate / 1000 && self->n < MAX_ONSETS)
      self->onsets_ms[self->n++] = now_ms;
    self->quiet = value > THRESHOLD ? 0 : self->quiet + 1;
    if (self->n > 0 && now_ms < self->onsets_ms[self->n - 1] + PEAK_MS)
      self->peaks[self->n - 1] = fmaxf (self->peaks[self->n - 1], value);
  }
}

static void
print_result (const Listener *self)
{
  printf ("{\"onsets_ms\":[");
  for (guint i = 0; i < self->n; i++)
    printf ("%s%.3f", i > 0 ? "," : "", self->onsets_ms[i]);
  printf ("],\"peaks\":[");
  for (guint i = 0; i < self->n; i++)
    printf ("%s%.4f", i > 0 ? "," : "", (double) self->peaks[i]);
  printf ("],\"missed_cycles\":%u}\n", self->missed);
}

int
main (int argc, char **argv)
{
  g_autofree char *name = g_strdup_printf ("pw-onsets-%d", getpid ());
  g_autofree Listener *self = g_new0 (Listener, 1);
  g_autoptr (GError) error = NULL;
  MeterGraph *graph;
  MeterNode *node;
  gboolean linked;

  if (argc != 5) {
    g_printerr ("Usage: pw-onsets REMOTE NODE CLOCK_S SECONDS\n");
    return 2;
  }
  self->clock_ms = 1000 * g_ascii_strtod (argv[3], NULL);
  pw_init (NULL, NULL);
  graph = meter_graph_new (argv[1], NULL, &error);
  if (graph == NULL) {
    g_printerr ("%s.\n", error->message);
    return 1;
  }
  node = meter_graph_add (graph, name, NULL, 64, 1, 0, on_process, self);
  meter_graph_link (graph, argv[2], name);
  linked = meter_graph_wait (graph, WAIT_SECONDS, &error);
  if (linked)
    meter_graph_run (graph, g_ascii_strtod (argv[4], NULL));
  else
    g_printerr ("%s.\n", error->message);
  meter_graph_remove (graph, node);
  if (linked)
    print_result (self);
  meter_graph_free (graph);

  return linked ? 0 : 1;
}
