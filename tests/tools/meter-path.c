/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "meter-path.h"

#include <math.h>
#include <sched.h>
#include <spa/node/io.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MAX_MISSES 65536

/* One end of the way: what the data loop keeps about its cycles. */
typedef struct {
  gint64 clock_ns; /* by how much its clock is ahead of ours */
  guint64 next_position;
  MeterMisses misses;
  guint missed;
} End;

struct _MeterPath {
  MeterGraph *near, *far;
  MeterPathConfig config;
  char *group;
  MeterNode *feed, *catch;
  gboolean mono;
  gboolean armed; /* atomic */

  /* Data loop only, until the nodes are gone. */
  float chirp[METER_CHIRP_SAMPLES];
  guint64 sine_sample;
  gint64 until_chirp;
  guint chirp_sample;
  guint32 random;
  gint64 *sent;
  gsize n_sent, max_sent;
  End feed_end, catch_end;
  MeterRecording recording;
  gsize max_samples, max_cycles;
  guint min_quantum, max_quantum, rate;
  gboolean realtime;
};

static guint32
next_random (guint32 *state)
{
  *state ^= *state << 13;
  *state ^= *state >> 17;
  *state ^= *state << 5;

  return *state;
}

/* Not at a fixed beat: it must not fall into step with frames or quanta. */
static gint64
next_interval (MeterPath *self)
{
  double part = 0.9 + 0.2 * (next_random (&self->random) / (double) G_MAXUINT32);

  return (gint64) (self->config.clicks_ms * METER_RATE / 1000 * part);
}

/* When a cycle began, by our own clock. */
static gint64
get_ns (const End *end, const struct spa_io_position *position)
{
  return (gint64) position->clock.nsec - end->clock_ns;
}

/* A cycle that was skipped, or that began more than its own length late: the machine's doing. */
static void
note_cycle (End *end, const struct spa_io_position *position)
{
  gint64 length = position->clock.duration * G_GINT64_CONSTANT (1000000000) / METER_RATE;
  gboolean skipped = end->next_position != 0 && position->clock.position != end->next_position;
  struct timespec now;

  clock_gettime (CLOCK_MONOTONIC, &now);
  if (skipped ||
      now.tv_sec * G_GINT64_CONSTANT (1000000000) + now.tv_nsec - get_ns (end, position) > length) {
    end->missed++;
    if (end->misses.n < MAX_MISSES)
      end->misses.ns[end->misses.n++] = get_ns (end, position);
  }
  end->next_position = position->clock.position + position->clock.duration;
}

static float
next_chirp_sample (MeterPath *self, gint64 ns)
{
  if (self->chirp_sample < METER_CHIRP_SAMPLES)
    return self->chirp[self->chirp_sample++];

  if (self->until_chirp-- > 0 || self->n_sent >= self->max_sent)
    return 0;

  self->until_chirp = next_interval (self);
  self->sent[self->n_sent++] = ns;
  self->chirp_sample = 1;

  return self->chirp[0];
}

static void
feed_process (gpointer user_data,
              const struct spa_io_position *position,
              const float *const *in,
              float *const *out)
{
  MeterPath *self = user_data;
  gboolean armed = g_atomic_int_get (&self->armed);

  if (armed)
    note_cycle (&self->feed_end, position);
  for (guint i = 0; i < position->clock.duration; i++) {
    gint64 ns = get_ns (&self->feed_end, position) + (gint64) i * 1000000000 / METER_RATE;
    float sine = METER_SINE_PEAK * (float) sin (2 * G_PI * (self->sine_sample % METER_SINE_PERIOD) /
                                                METER_SINE_PERIOD);
    float chirp = armed ? next_chirp_sample (self, ns) : 0;

    self->sine_sample++;
    if (out[0] != NULL)
      out[0][i] = self->mono ? sine + chirp : chirp;
    if (out[1] != NULL)
      out[1][i] = self->mono ? sine + chirp : sine;
  }
}

static void
record (float *where, const float *samples, guint n)
{
  if (samples != NULL)
    memcpy (where, samples, n * sizeof (float));
  else
    memset (where, 0, n * sizeof (float));
}

static void
catch_process (gpointer user_data,
               const struct spa_io_position *position,
               const float *const *in,
               float *const *out)
{
  MeterPath *self = user_data;
  MeterRecording *recording = &self->recording;
  guint n = position->clock.duration;

  if (!g_atomic_int_get (&self->armed) || recording->n_samples + n > self->max_samples ||
      recording->n_cycles >= self->max_cycles)
    return;

  if (recording->n_cycles == 0) {
    int policy = sched_getscheduler (0) & ~SCHED_RESET_ON_FORK;

    self->realtime = policy == SCHED_FIFO || policy == SCHED_RR;
  }
  note_cycle (&self->catch_end, position);
  self->min_quantum = MIN (self->min_quantum, n);
  self->max_quantum = MAX (self->max_quantum, n);
  self->rate = position->clock.rate.denom;
  recording->cycles[recording->n_cycles++] =
      (MeterCycle) { get_ns (&self->catch_end, position), recording->n_samples };
  record (recording->clicks + recording->n_samples, in[0], n);
  if (!self->mono)
    record (recording->sine + recording->n_samples, in[1], n);
  recording->n_samples += n;
}

/* Touched now: no page fault while it runs. */
static gpointer
make_memory (gsize n, gsize size)
{
  gpointer memory = g_malloc_n (n, size);

  memset (memory, 0x55, n * size);
  memset (memory, 0, n * size);

  return memory;
}

static void
make_buffers (MeterPath *self)
{
  double seconds = self->config.seconds + 1;

  self->max_samples = (gsize) (seconds * METER_RATE);
  self->max_cycles = self->max_samples / 16;
  self->max_sent = (gsize) (self->config.seconds * 1000 / self->config.clicks_ms * 1.2) + 2;
  self->recording.clicks = make_memory (self->max_samples, sizeof (float));
  self->recording.sine = make_memory (self->max_samples, sizeof (float));
  self->recording.cycles = make_memory (self->max_cycles, sizeof (MeterCycle));
  self->sent = make_memory (self->max_sent, sizeof (gint64));
  self->feed_end.clock_ns = (gint64) (self->config.into_clock_s * 1e9);
  self->catch_end.clock_ns = (gint64) (self->config.from_clock_s * 1e9);
  self->feed_end.misses.ns = make_memory (MAX_MISSES, sizeof (gint64));
  self->catch_end.misses.ns = make_memory (MAX_MISSES, sizeof (gint64));
}

MeterPath *
meter_path_new (MeterGraph *graph, const char *label, const MeterPathConfig *config)
{
  MeterPath *self = g_new0 (MeterPath, 1);
  g_autofree char *feed = g_strdup_printf ("pw-meter-%d-%s-feed", getpid (), label);
  g_autofree char *catch = g_strdup_printf ("pw-meter-%d-%s-catch", getpid (), label);
  const char *group;

  self->near = graph;
  self->far = config->far != NULL ? config->far : graph;
  self->config = *config;
  self->group = g_strdup_printf ("pw-meter-%d-%s", getpid (), label);
  self->random = config->seed * 2654435761u | 1;
  self->min_quantum = G_MAXUINT;
  self->chirp_sample = METER_CHIRP_SAMPLES;
  self->until_chirp = next_interval (self);
  self->mono = config->layout == METER_LAYOUT_MONO;
  meter_make_chirp (self->chirp);
  make_buffers (self);

  group = config->separate ? NULL : self->group;
  self->feed = meter_graph_add (self->near, feed, group, config->quantum, 0, 2, feed_process, self);
  self->catch =
      meter_graph_add (self->far, catch, group, config->quantum, 2, 0, catch_process, self);
  if (config->calibrate) {
    meter_graph_link (graph, feed, catch);
  } else {
    meter_graph_link (self->near, feed, config->into);
    meter_graph_link (self->far, config->from, catch);
  }

  return self;
}

void
meter_path_free (MeterPath *self)
{
  g_clear_pointer (&self->recording.clicks, g_free);
  g_clear_pointer (&self->recording.sine, g_free);
  g_free (self->recording.cycles);
  g_free (self->sent);
  g_free (self->feed_end.misses.ns);
  g_free (self->catch_end.misses.ns);
  g_free (self->group);
  g_free (self);
}

void
meter_path_arm (MeterPath *self)
{
  if (self->config.layout == METER_LAYOUT_AUTO && !self->config.calibrate)
    self->mono = meter_graph_count_ports (self->near, self->config.into, FALSE) < 2 ||
                 meter_graph_count_ports (self->far, self->config.from, TRUE) < 2;
  g_atomic_int_set (&self->armed, TRUE);
}

void
meter_path_stop (MeterPath *self)
{
  g_atomic_int_set (&self->armed, FALSE);
  meter_graph_remove (self->near, g_steal_pointer (&self->feed));
  meter_graph_remove (self->far, g_steal_pointer (&self->catch));
}

void
meter_path_analyse (MeterPath *self, MeterResult *result)
{
  MeterRecording recording = self->recording;

  if (self->mono)
    recording.sine = recording.clicks;
  meter_analyse (&recording, self->sent, self->n_sent, &self->feed_end.misses,
                 &self->catch_end.misses, self->config.max_latency_ms, result);
}

gboolean
meter_path_is_mono (MeterPath *self)
{
  return self->mono;
}

guint
meter_path_get_misses (MeterPath *self)
{
  return self->feed_end.missed + self->catch_end.missed;
}

void
meter_path_get_quantum (MeterPath *self, guint *min, guint *max, guint *rate)
{
  *min = self->min_quantum;
  *max = self->max_quantum;
  *rate = self->rate;
}

gboolean
meter_path_is_realtime (MeterPath *self)
{
  return self->realtime;
}
