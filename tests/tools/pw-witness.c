/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The least that a program can do on this machine: a bare pw_filter that copies its input to its
 * output. What it misses, the machine missed.
 *
 * pw-witness QUANTUM [GROUP]
 *
 * Every 200 ms a line {"cycles":N,"missed":N,"late":N,"latest_ms":X,"hole_ms":X}: cycles run,
 * cycles that the graph's position skipped, cycles that began more than one quantum after their
 * time, by how much the latest did, and the longest time between the end of a cycle and the
 * beginning of the next since the line before, by the graph's clock. In the node.group GROUP it
 * runs on the same driver as the program whose group that is. Ends with SIGTERM or when stdout is
 * closed. */

#include <pipewire/filter.h>
#include <pipewire/pipewire.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tutti-clock.h"

#define REPORT_MS 200

typedef struct {
  struct pw_main_loop *loop;
  struct pw_filter *filter;
  void *in;
  void *out;
  uint64_t next_position; /* data loop only */
  int64_t next_ns;        /* data loop only */
  /* The data loop writes, the main loop reads. */
  _Atomic uint64_t cycles;
  _Atomic uint64_t missed;
  _Atomic uint64_t late;
  _Atomic int64_t latest_ns;
  _Atomic int64_t hole_ns; /* the main loop takes it away */
} Witness;

/* Data loop. */
static void
on_process (void *data, struct spa_io_position *position)
{
  Witness *self = data;
  uint64_t n = position->clock.duration;
  int64_t quantum_ns = (int64_t) (n * TUTTI_NSEC_PER_SEC / position->clock.rate.denom);
  int64_t delay = tutti_clock_now_ns () - (int64_t) position->clock.nsec;
  float *in = pw_filter_get_dsp_buffer (self->in, (uint32_t) n);
  float *out = pw_filter_get_dsp_buffer (self->out, (uint32_t) n);

  if (out != NULL && in != NULL)
    memcpy (out, in, n * sizeof (float));
  else if (out != NULL)
    memset (out, 0, n * sizeof (float));

  atomic_fetch_add (&self->cycles, 1);
  if (self->next_position != 0 && position->clock.position > self->next_position)
    atomic_fetch_add (&self->missed, (position->clock.position - self->next_position) / n);
  self->next_position = position->clock.position + n;
  if (self->next_ns != 0 &&
      (int64_t) position->clock.nsec - self->next_ns > atomic_load (&self->hole_ns))
    atomic_store (&self->hole_ns, (int64_t) position->clock.nsec - self->next_ns);
  self->next_ns = (int64_t) position->clock.nsec + quantum_ns;
  if (delay > quantum_ns)
    atomic_fetch_add (&self->late, 1);
  if (delay > atomic_load (&self->latest_ns))
    atomic_store (&self->latest_ns, delay);
}

static void
on_timer (void *data, uint64_t expirations)
{
  Witness *self = data;

  printf ("{\"cycles\":%llu,\"missed\":%llu,\"late\":%llu,\"latest_ms\":%.3f,"
          "\"hole_ms\":%.3f}\n",
          (unsigned long long) atomic_load (&self->cycles),
          (unsigned long long) atomic_load (&self->missed),
          (unsigned long long) atomic_load (&self->late),
          (double) atomic_load (&self->latest_ns) / TUTTI_NSEC_PER_MSEC,
          (double) atomic_exchange (&self->hole_ns, 0) / TUTTI_NSEC_PER_MSEC);
  if (fflush (stdout) != 0)
    pw_main_loop_quit (self->loop);
}

static void
on_signal (void *data, int number)
{
  pw_main_loop_quit (((Witness *) data)->loop);
}

static const struct pw_filter_events events = {
  PW_VERSION_FILTER_EVENTS,
  .process = on_process,
};

static void *
add_port (Witness *self, enum pw_direction direction, const char *name)
{
  return pw_filter_add_port (self->filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS,
                             sizeof (void *),
                             pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                PW_KEY_PORT_NAME, name, NULL),
                             NULL, 0);
}

int
main (int argc, char *argv[])
{
  Witness self = { 0 };
  int quantum = argc == 2 || argc == 3 ? atoi (argv[1]) : 0;
  struct timespec interval = { 0, REPORT_MS * TUTTI_NSEC_PER_MSEC };
  struct pw_properties *properties;
  struct pw_loop *loop;

  if (quantum < 16 || quantum > 8192) {
    fprintf (stderr, "Usage: pw-witness QUANTUM [GROUP] (16 to 8192 samples at 48 kHz).\n");
    return 2;
  }
  pw_init (NULL, NULL);
  signal (SIGPIPE, SIG_IGN);
  self.loop = pw_main_loop_new (NULL);
  loop = pw_main_loop_get_loop (self.loop);
  properties = pw_properties_new (PW_KEY_NODE_NAME, "tutti-witness", PW_KEY_MEDIA_TYPE, "Audio",
                                  PW_KEY_NODE_AUTOCONNECT, "false", PW_KEY_NODE_ALWAYS_PROCESS,
                                  "true", NULL);
  pw_properties_setf (properties, PW_KEY_NODE_LATENCY, "%d/48000", quantum);
  if (argc == 3)
    pw_properties_set (properties, PW_KEY_NODE_GROUP, argv[2]);
  self.filter = pw_filter_new_simple (loop, "tutti-witness", properties, &events, &self);
  self.in = add_port (&self, PW_DIRECTION_INPUT, "in");
  self.out = add_port (&self, PW_DIRECTION_OUTPUT, "out");
  if (pw_filter_connect (self.filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0) < 0) {
    fprintf (stderr, "pw-witness: PipeWire does not answer.\n");
    return 1;
  }
  pw_loop_add_signal (loop, SIGTERM, on_signal, &self);
  pw_loop_add_signal (loop, SIGINT, on_signal, &self);
  pw_loop_update_timer (loop, pw_loop_add_timer (loop, on_timer, &self), &interval, &interval,
                        false);
  pw_main_loop_run (self.loop);

  pw_filter_destroy (self.filter);
  pw_main_loop_destroy (self.loop);
  pw_deinit ();
  return 0;
}
