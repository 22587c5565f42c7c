/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-meter: how long sound takes from one PipeWire device to another, and what is lost on the way.
 *
 *   pw-meter --into vmic --from vspk --quantum 64 --seconds 60
 *            [--witness-into wmic --witness-from wspk]
 *
 * It sings 4 ms chirps and a 480 Hz sine into the capture device --into (a virtual one: it has
 * input ports) and records the ports of --from (a sink's monitor, or any node's outputs). Where a
 * chirp comes back is found with a matched filter; the way took from the graph cycle that carried
 * its first sample out of the meter to the one that brought it back. The meter itself costs
 * nothing: `--calibrate` links its two ends to each other, and reads 0.00 ms.
 *
 * The two may be in different daemons (--into-remote, --from-remote), each with a clock of its own;
 * `own_gaps` are dropouts where the meter itself was not called in time, and not among `gaps`.
 *
 * The witness is the least that a program can do on this machine: a pw_filter of a process of its
 * own that copies input to output, between two more devices of the same make, at the same time and
 * quantum. `loop_p50_ms` is what the devices themselves cost (one quantum with null-audio-sinks,
 * 1.33 ms at 64 samples, with the filter between them or a plain link: the filter adds none),
 * `above_loop_p50_ms` what the measured program adds to that, and `witness_gaps` how often the
 * machine stalled rather than the program.
 *
 * The last line on stdout is one JSON object. Exit code 0: measured; 1: could not; 2: wrong usage;
 * 3: no chirp came back. */

#include "meter-graph.h"
#include "meter-path.h"

#include <fcntl.h>
#include <pipewire/pipewire.h>
#include <signal.h>
#include <spa/node/io.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_SECONDS 15

typedef struct {
  char *into, *from;
  char *into_remote, *from_remote;
  char *witness_into, *witness_from, *witness_capture, *witness_playback;
  char *layout;
  int quantum, seed;
  double seconds, clicks, settle, max_latency;
  double into_clock, from_clock;
  gboolean separate, calibrate, list;
} Options;

static void
loop_process (gpointer user_data,
              const struct spa_io_position *position,
              const float *const *in,
              float *const *out)
{
  for (guint i = 0; i < METER_MAX_PORTS; i++) {
    gsize size = position->clock.duration * sizeof (float);

    if (out[i] != NULL && in[i] != NULL)
      memcpy (out[i], in[i], size);
    else if (out[i] != NULL)
      memset (out[i], 0, size);
  }
}

/* The witness, in its own process: with a data loop of its own, as every program has. */
static int
run_loop (const Options *options, const char *name, const char *group)
{
  g_autoptr (GError) error = NULL;
  MeterGraph *graph;
  MeterNode *node;

  prctl (PR_SET_PDEATHSIG, SIGTERM);
  pw_init (NULL, NULL);
  graph = meter_graph_new (NULL, NULL, &error);
  if (graph == NULL) {
    g_printerr ("%s.\n", error->message);
    return 1;
  }

  node = meter_graph_add (graph, name, group, options->quantum, 2, 2, loop_process, NULL);
  meter_graph_link (graph, options->witness_capture, name);
  meter_graph_link (graph, name, options->witness_playback);
  while (meter_graph_run (graph, 3600))
    ;
  meter_graph_remove (graph, node);
  meter_graph_free (graph);

  return 0;
}

/* Keeps the processor out of deep sleep, for the time that the descriptor stays open. */
static int
hold_latency (void)
{
  gint32 zero = 0;
  int fd = open ("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);

  if (fd >= 0 && write (fd, &zero, sizeof zero) != sizeof zero) {
    close (fd);
    fd = -1;
  }

  return fd;
}

static void
print_path (const char *prefix, const char *gaps_prefix, MeterPath *path, const MeterResult *r)
{
  const double values[] = { r->min_ms, r->p50_ms, r->p95_ms, r->p99_ms, r->max_ms };
  static const char *const names[] = { "min_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms" };

  printf ("\"%sclicks\":%u,\"%sn\":%u,\"%slost_clicks\":%u,", prefix, r->sent, prefix, r->n, prefix,
          r->sent - r->n);
  for (guint i = 0; i < G_N_ELEMENTS (values); i++) {
    if (r->n > 0)
      printf ("\"%s%s\":%.3f,", prefix, names[i], values[i]);
    else
      printf ("\"%s%s\":null,", prefix, names[i]);
  }
  if (r->has_sine)
    printf ("\"%sgaps\":%u,\"%sgap_ms\":%.2f,", gaps_prefix, r->gaps, gaps_prefix, r->gap_ms);
  else
    printf ("\"%sgaps\":null,\"%sgap_ms\":null,", gaps_prefix, gaps_prefix);
  printf ("\"%sown_gaps\":%u,\"%sown_missed_cycles\":%u,\"%schecked_s\":%.2f,", gaps_prefix,
          r->own_gaps, gaps_prefix, meter_path_get_misses (path), gaps_prefix, r->checked_s);
}

static void
print_list (const MeterResult *result)
{
  printf ("\"ways_ms\":[");
  for (guint i = 0; i < result->n; i++)
    printf ("%s%.3f", i > 0 ? "," : "", result->ways_ms[i]);
  /* [when it came back, CLOCK_MONOTONIC in ms; how long it took], in that order. */
  printf ("],\"came\":[");
  for (guint i = 0; i < result->n; i++)
    printf ("%s[%.1f,%.3f]", i > 0 ? "," : "", result->came[i].ns / 1e6, result->came[i].way_ms);
  printf ("],");
}

static void
print_result (const Options *options,
              MeterPath *path,
              const MeterResult *result,
              MeterPath *witness,
              const MeterResult *loop,
              gboolean held)
{
  guint min, max, rate;

  meter_path_get_quantum (path, &min, &max, &rate);
  printf ("{\"into\":\"%s\",\"from\":\"%s\",\"quantum\":%u,\"quantum_max\":%u,\"rate\":%u,"
          "\"layout\":\"%s\",\"seed\":%d,\"realtime\":%s,\"dma_latency_held\":%s,",
          options->into, options->from, min, max, rate,
          meter_path_is_mono (path) ? "mono" : "split", options->seed,
          meter_path_is_realtime (path) ? "true" : "false", held ? "true" : "false");
  print_path ("", "", path, result);
  if (witness != NULL) {
    print_path ("loop_", "witness_", witness, loop);
    meter_path_get_quantum (witness, &min, &max, &rate);
    printf ("\"loop_quantum\":%u,\"loop_quantum_max\":%u,", min, max);
    if (result->n > 0 && loop->n > 0)
      printf ("\"above_loop_p50_ms\":%.3f,", result->p50_ms - loop->p50_ms);
  }
  if (options->list)
    print_list (result);
  printf ("\"seconds\":%g}\n", options->seconds);
}

static gboolean
parse_layout (const char *text, MeterLayout *layout)
{
  static const char *const names[] = { "auto", "split", "mono" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (text == NULL || g_str_equal (text, names[i])) {
      *layout = (MeterLayout) i;
      return TRUE;
    }
  }

  return FALSE;
}

static void
options_clear (Options *options)
{
  /* The witness' two may be one and the same. */
  if (options->witness_capture != options->witness_into)
    g_free (options->witness_capture);
  if (options->witness_playback != options->witness_from)
    g_free (options->witness_playback);
  g_free (options->into);
  g_free (options->from);
  g_free (options->into_remote);
  g_free (options->from_remote);
  g_free (options->witness_into);
  g_free (options->witness_from);
  g_free (options->layout);
}

/* NULL where none is wanted. It is where --into is. */
static MeterPath *
make_witness (MeterGraph *graph, const Options *options, const MeterPathConfig *config)
{
  MeterPathConfig witness = *config;

  if (options->witness_into == NULL)
    return NULL;

  witness.into = options->witness_into;
  witness.from = options->witness_from;
  witness.far = NULL;
  witness.layout = METER_LAYOUT_AUTO;
  witness.separate = witness.calibrate = FALSE;
  witness.seed++;

  return meter_path_new (graph, "witness", &witness);
}

static void
run_paths (MeterGraph *graph, const Options *options, MeterPath *path, MeterPath *witness)
{
  if (!meter_graph_run (graph, options->settle))
    return;

  meter_path_arm (path);
  if (witness != NULL)
    meter_path_arm (witness);
  meter_graph_run (graph, options->seconds);
}

static int
measure (MeterGraph *graph, const Options *options, const MeterPathConfig *config)
{
  g_autoptr (GError) error = NULL;
  MeterPath *path = meter_path_new (graph, "main", config);
  MeterPath *witness = make_witness (graph, options, config);
  MeterResult result = { 0 }, loop = { 0 };
  gboolean linked = meter_graph_wait (graph, WAIT_SECONDS, &error) &&
                    (config->far == NULL || meter_graph_wait (config->far, WAIT_SECONDS, &error));
  int held = linked ? hold_latency () : -1;

  if (linked)
    run_paths (graph, options, path, witness);
  else
    g_printerr ("%s.\n", error->message);
  meter_path_stop (path);
  if (witness != NULL)
    meter_path_stop (witness);
  if (linked) {
    meter_path_analyse (path, &result);
    if (witness != NULL)
      meter_path_analyse (witness, &loop);
    print_result (options, path, &result, witness, &loop, held >= 0);
  }
  if (held >= 0)
    close (held);
  meter_result_clear (&result);
  meter_result_clear (&loop);
  meter_path_free (path);
  g_clear_pointer (&witness, meter_path_free);
  if (!linked)
    return 1;

  return result.n > 0 && (options->witness_into == NULL || loop.n > 0) ? 0 : 3;
}

/* Fills in what follows from the rest; says so where they make no sense. */
static gboolean
complete_options (Options *o)
{
  if (o->calibrate) {
    g_set_str (&o->into, "calibrate");
    g_set_str (&o->from, "calibrate");
  }
  if (o->into == NULL || o->from == NULL ||
      (o->witness_into == NULL) != (o->witness_from == NULL) || o->quantum < 16 ||
      o->quantum > 2048 || o->seconds < 2 || o->clicks < 40) {
    g_printerr ("Needed: --into and --from (and both or none of --witness-into, --witness-from), a "
                "quantum of 16 to "
                "2048, at least 2 seconds, at least 40 ms between clicks.\n");
    return FALSE;
  }
  if (o->witness_capture == NULL)
    o->witness_capture = o->witness_into;
  if (o->witness_playback == NULL)
    o->witness_playback = o->witness_from;
  /* The next chirp must not be taken for this one. */
  o->max_latency = MIN (o->max_latency, o->clicks * 0.9 - 10);

  return TRUE;
}

static gboolean
parse_options (int *argc, char ***argv, Options *o)
{
  const GOptionEntry entries[] = {
    { "into", 0, 0, G_OPTION_ARG_STRING, &o->into, "capture device to sing into", "NODE" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &o->from, "sink (its monitor) to listen at", "NODE" },
    { "into-remote", 0, 0, G_OPTION_ARG_STRING, &o->into_remote, "PipeWire socket --into is at",
      "NAME" },
    { "from-remote", 0, 0, G_OPTION_ARG_STRING, &o->from_remote, "PipeWire socket --from is at",
      "NAME" },
    { "into-clock", 0, 0, G_OPTION_ARG_DOUBLE, &o->into_clock,
      "how far the clock of --into-remote is ahead of ours (a time namespace)", "S" },
    { "from-clock", 0, 0, G_OPTION_ARG_DOUBLE, &o->from_clock,
      "how far the clock of --from-remote is ahead of ours", "S" },
    { "witness-into", 0, 0, G_OPTION_ARG_STRING, &o->witness_into, "the same for a bare filter",
      "NODE" },
    { "witness-from", 0, 0, G_OPTION_ARG_STRING, &o->witness_from, "the same for a bare filter",
      "NODE" },
    { "witness-capture", 0, 0, G_OPTION_ARG_STRING, &o->witness_capture,
      "what the bare filter hears, when not --witness-into (a pw-loopback's other half)", "NODE" },
    { "witness-playback", 0, 0, G_OPTION_ARG_STRING, &o->witness_playback,
      "where the bare filter plays, when not --witness-from", "NODE" },
    { "quantum", 0, 0, G_OPTION_ARG_INT, &o->quantum, "samples to ask for (64)", "N" },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &o->seconds, "how long (30)", "S" },
    { "clicks", 0, 0, G_OPTION_ARG_DOUBLE, &o->clicks, "mean time between chirps (260)", "MS" },
    { "max-latency", 0, 0, G_OPTION_ARG_DOUBLE, &o->max_latency,
      "longest way looked for (200, or less than --clicks allows)", "MS" },
    { "settle", 0, 0, G_OPTION_ARG_DOUBLE, &o->settle, "time before the measurement (1.5)", "S" },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &o->layout,
      "split: chirps left, sine right; mono: both in one; auto", "WORD" },
    { "calibrate", 0, 0, G_OPTION_ARG_NONE, &o->calibrate, "link the meter to itself, no device",
      NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &o->list, "print every chirp's way, too", NULL },
    { "separate-clocks", 0, 0, G_OPTION_ARG_NONE, &o->separate,
      "do not couple the two devices' graphs", NULL },
    { "seed", 0, 0, G_OPTION_ARG_INT, &o->seed, "of the chirps' times (1)", "N" },
    { NULL },
  };
  g_autoptr (GOptionContext) context =
      g_option_context_new ("- latency and dropouts between two devices");
  g_autoptr (GError) error = NULL;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    g_printerr ("%s.\n", error->message);
    return FALSE;
  }

  return complete_options (o);
}

static void
fill_config (const Options *options, MeterPathConfig *config)
{
  config->separate = options->separate;
  config->calibrate = options->calibrate;
  config->quantum = options->quantum;
  config->seconds = options->seconds;
  config->clicks_ms = options->clicks;
  config->max_latency_ms = options->max_latency;
  config->into_clock_s = options->into_clock;
  config->from_clock_s = options->from_clock;
  config->seed = options->seed;
  config->into = options->into;
  config->from = options->from;
}

static int
connect_and_measure (const Options *options, MeterPathConfig *config)
{
  g_autoptr (GError) error = NULL;
  MeterGraph *near;
  int status = 1;

  pw_init (NULL, NULL);
  near = meter_graph_new (options->into_remote, NULL, &error);
  if (near != NULL && options->from_remote != NULL)
    config->far = meter_graph_new (options->from_remote, near, &error);
  if (error == NULL)
    status = measure (near, options, config);
  else
    g_printerr ("%s.\n", error->message);
  g_clear_pointer (&config->far, meter_graph_free);
  g_clear_pointer (&near, meter_graph_free);

  return status;
}

int
main (int argc, char **argv)
{
  Options options = {
    .quantum = 64, .seed = 1, .seconds = 30, .clicks = 260, .settle = 1.5, .max_latency = 200
  };
  g_autofree char *loop_name = g_strdup_printf ("pw-meter-%d-loop", getpid ());
  g_autofree char *loop_group = g_strdup_printf ("pw-meter-%d-witness", getpid ());
  MeterPathConfig config = { 0 };
  pid_t child = 0;
  int status;

  if (!parse_options (&argc, &argv, &options) || !parse_layout (options.layout, &config.layout))
    return 2;

  if (options.witness_into != NULL) {
    child = fork ();
    if (child == 0) {
      status = run_loop (&options, loop_name, loop_group);
      options_clear (&options);
      return status;
    }
  }

  fill_config (&options, &config);
  status = connect_and_measure (&options, &config);
  if (child > 0) {
    kill (child, SIGTERM);
    waitpid (child, NULL, 0);
  }
  options_clear (&options);

  return status;
}
