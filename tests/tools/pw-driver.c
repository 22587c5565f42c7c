/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-driver: a sound card's clock that is not the computer's.
 *
 *   pw-driver [--quantum N] [--ppm P]
 *
 * A node that drives its graph at 48 kHz · (1 + P/10⁶) of CLOCK_MONOTONIC, as a real card's crystal
 * does: the graph's cycles begin at times of a timer that is off by that much, and the graph's
 * clock says so truthfully (nsec: when the cycle began; rate_diff). It has one output, which plays
 * silence: linked into a node (tutti-driver:output_1) it drives that one's graph, since it outranks
 * other drivers. Prints "ready" with the first cycle that it drives, and ends with SIGTERM. */

#include <glib.h>
#include <math.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>
#include <signal.h>
#include <spa/node/io.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RATE     48000
#define PRIORITY "20000"
#define WAKE_NS  20000000 /* until it is known that nobody drives */

typedef struct {
  struct pw_main_loop *loop;
  struct pw_filter *filter;
  struct spa_source *timer; /* data loop */
  struct spa_io_position *position;
  void *port;
  guint quantum;
  double cycle_ns;
  /* Data loop */
  double next_ns;
  guint64 samples;
  gboolean driving;
  _Atomic gboolean started;
  gboolean said;
} Driver;

static double
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);

  return (double) ts.tv_sec * 1e9 + (double) ts.tv_nsec;
}

/* Data loop. */
static void
set_timer (Driver *self)
{
  struct timespec value = { (time_t) (self->next_ns / 1e9), (long) fmod (self->next_ns, 1e9) };

  pw_loop_update_timer (pw_filter_get_data_loop (self->filter), self->timer, &value, NULL, true);
}

/* Data loop: the clock of the cycle that is about to begin. */
static void
set_clock (Driver *self)
{
  struct spa_io_clock *clock = &self->position->clock;

  clock->nsec = (uint64_t) self->next_ns;
  clock->rate = SPA_FRACTION (1, RATE);
  clock->duration = self->quantum;
  clock->position = self->samples;
  clock->delay = 0;
  clock->rate_diff = self->quantum * 1e9 / RATE / self->cycle_ns;
  clock->next_nsec = (uint64_t) (self->next_ns + self->cycle_ns);
}

/* Data loop. */
static void
on_timer (void *data, uint64_t expirations)
{
  Driver *self = data;

  if (self->position != NULL && pw_filter_is_driving (self->filter)) {
    set_clock (self);
    self->samples += self->quantum;
    pw_filter_trigger_process (self->filter);
    atomic_store (&self->started, TRUE);
    self->next_ns += self->cycle_ns;
    /* A computer that stood still: cycles are lost, as with a real card. */
    while (self->next_ns + 10 * self->cycle_ns < now_ns ()) {
      self->next_ns += self->cycle_ns;
      self->samples += self->quantum;
    }
  } else {
    self->next_ns = now_ns () + WAKE_NS;
  }
  set_timer (self);
}

/* Data loop. */
static void
on_process (void *data, struct spa_io_position *position)
{
  Driver *self = data;
  float *samples = pw_filter_get_dsp_buffer (self->port, (uint32_t) position->clock.duration);

  if (samples != NULL)
    memset (samples, 0, position->clock.duration * sizeof (float));
}

static void
on_io (void *data, void *port_data, uint32_t id, void *area, uint32_t size)
{
  Driver *self = data;

  if (port_data == NULL && id == SPA_IO_Position)
    self->position = size >= sizeof (struct spa_io_position) ? area : NULL;
}

static const struct pw_filter_events events = {
  PW_VERSION_FILTER_EVENTS,
  .process = on_process,
  .io_changed = on_io,
};

static int
start_timer (struct spa_loop *loop,
             bool async,
             uint32_t seq,
             const void *d,
             size_t size,
             void *data)
{
  Driver *self = data;

  self->timer = pw_loop_add_timer (pw_filter_get_data_loop (self->filter), on_timer, self);
  self->next_ns = now_ns () + WAKE_NS;
  set_timer (self);

  return 0;
}

static void
on_look (void *data, uint64_t expirations)
{
  Driver *self = data;

  if (self->said || !atomic_load (&self->started))
    return;

  self->said = TRUE;
  printf ("ready\n");
  fflush (stdout);
}

static void
on_signal (void *data, int number)
{
  pw_main_loop_quit (((Driver *) data)->loop);
}

static gboolean
make_filter (Driver *self)
{
  struct pw_properties *properties =
      pw_properties_new (PW_KEY_NODE_NAME, "tutti-driver", PW_KEY_NODE_AUTOCONNECT, "false",
                         PW_KEY_NODE_ALWAYS_PROCESS, "true", PW_KEY_PRIORITY_DRIVER, PRIORITY,
                         PW_KEY_NODE_DRIVER, "true", NULL);

  pw_properties_setf (properties, PW_KEY_NODE_LATENCY, "%u/%u", self->quantum, RATE);
  self->filter = pw_filter_new_simple (pw_main_loop_get_loop (self->loop), "tutti-driver",
                                       properties, &events, self);
  if (self->filter == NULL)
    return FALSE;

  self->port = pw_filter_add_port (self->filter, PW_DIRECTION_OUTPUT,
                                   PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof (void *),
                                   pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                      PW_KEY_PORT_NAME, "output_1", NULL),
                                   NULL, 0);

  return pw_filter_connect (self->filter, PW_FILTER_FLAG_DRIVER | PW_FILTER_FLAG_RT_PROCESS, NULL,
                            0) >= 0;
}

int
main (int argc, char **argv)
{
  int quantum = 64;
  double ppm = 0;
  const GOptionEntry entries[] = {
    { "quantum", 0, 0, G_OPTION_ARG_INT, &quantum, "samples a cycle (64)", "N" },
    { "ppm", 0, 0, G_OPTION_ARG_DOUBLE, &ppm, "how much too fast", "P" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("- a clock for a PipeWire graph");
  g_autoptr (GError) error = NULL;
  struct timespec interval = { 0, 50000000 };
  Driver self = { 0 };
  struct pw_loop *loop;
  struct spa_source *look;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || quantum < 16 || quantum > 2048) {
    g_printerr ("%s.\n", error != NULL ? error->message : "A quantum has 16 to 2048 samples");
    return 2;
  }

  pw_init (NULL, NULL);
  self.quantum = (guint) quantum;
  self.cycle_ns = quantum * 1e9 / RATE / (1 + ppm * 1e-6);
  self.loop = pw_main_loop_new (NULL);
  loop = pw_main_loop_get_loop (self.loop);
  pw_loop_add_signal (loop, SIGTERM, on_signal, &self);
  pw_loop_add_signal (loop, SIGINT, on_signal, &self);
  look = pw_loop_add_timer (loop, on_look, &self);
  pw_loop_update_timer (loop, look, &interval, &interval, false);
  if (!make_filter (&self)) {
    g_printerr ("There is no PipeWire to drive.\n");
    return 1;
  }

  pw_loop_invoke (pw_filter_get_data_loop (self.filter), start_timer, 0, NULL, 0, false, &self);
  pw_main_loop_run (self.loop);
  pw_filter_destroy (self.filter);
  pw_main_loop_destroy (self.loop);
  pw_deinit ();

  return 0;
}
