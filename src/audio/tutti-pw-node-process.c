/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The half of the node that runs on PipeWire's data loop: no allocation, no lock, no log. */

#include "tutti-pw-node-private.h"

#include <string.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-pw-port.h"
#include "tutti-rt-trap.h"

typedef struct {
  const float *in[TUTTI_PW_MAX_INPUTS];
  float *out[TUTTI_PW_MAX_OUTPUTS];
  guint n_frames;
  guint rate;
  gint64 start_ns;
  guint64 position;
} Cycle;

static void
publish (TuttiPwNode *self, guint n_frames, guint rate)
{
  if (G_LIKELY (self->rt_quantum == n_frames && self->rt_rate == rate && self->rt_tid != 0))
    return;

  /* The one system call per change: whose thread this is, so that main can look up its priority. */
  if (self->rt_tid == 0)
    g_atomic_int_set (&self->rt_tid, (int) gettid ());
  g_atomic_int_set (&self->rt_quantum, n_frames);
  g_atomic_int_set (&self->rt_rate, rate);
  pw_loop_signal_event (self->loop, self->changed);
}

/* Sound was lost before this cycle: the graph left some out, or the device says so. A cycle that we
 * counted as late ourselves is not counted again. Another clock begins anew. */
static gboolean
watch_begin (TuttiPwWatch *self, const struct spa_io_clock *clock)
{
  gboolean same = self->has_position && clock->id == self->clock_id &&
                  (clock->flags & SPA_IO_CLOCK_FLAG_FREEWHEEL) == 0;
  gboolean lost = same && !self->late &&
                  (clock->position > self->next_position || clock->xrun > self->clock_xrun ||
                   (clock->flags & SPA_IO_CLOCK_FLAG_XRUN_RECOVER) != 0);

  self->has_position = TRUE;
  self->clock_id = clock->id;
  self->next_position = clock->position + clock->duration;
  self->clock_xrun = clock->xrun;
  return lost;
}

/* Whoever comes after us gets our sound when its time is over already. */
static gboolean
watch_end (TuttiPwWatch *self, const Cycle *cycle)
{
  gint64 end = cycle->start_ns + cycle->n_frames * TUTTI_NSEC_PER_SEC / cycle->rate;

  self->late = tutti_clock_now_ns () > end;
  return self->late;
}

static void
fill_stems (TuttiPwNode *self, TuttiPwEdge *edge, guint offset, guint n_frames, guint n_samples)
{
  for (guint i = 0; i < self->n_rt_stems; i++)
    tutti_pw_stem_fill (self->rt_stems[i], edge, offset, n_frames, n_samples);
}

static gint64
part_ns (const Cycle *cycle, guint done)
{
  return cycle->start_ns + done * TUTTI_NSEC_PER_SEC / cycle->rate;
}

static void
process_direct (TuttiPwNode *self, const Cycle *cycle)
{
  guint done = 0;

  /* A graph may run a longer quantum than the engine takes in one go. */
  while (done < cycle->n_frames) {
    guint step = MIN (cycle->n_frames - done, TUTTI_MAX_QUANTUM);
    const float *in[TUTTI_PW_MAX_INPUTS];
    float *out[TUTTI_PW_MAX_OUTPUTS];

    for (guint i = 0; i < self->n_inputs; i++)
      in[i] = cycle->in[i] != NULL ? cycle->in[i] + done : NULL;
    for (guint i = 0; i < self->n_outputs; i++)
      out[i] = cycle->out[i] != NULL ? cycle->out[i] + done : NULL;
    tutti_audio_engine_process (self->engine, in, self->n_inputs, out, self->n_outputs, step,
                                TUTTI_SAMPLE_RATE, part_ns (cycle, done), cycle->position + done);
    fill_stems (self, NULL, done, step, step);
    done += step;
  }
}

static void
process_resampled (TuttiPwNode *self, TuttiPwEdge *edge, const Cycle *cycle)
{
  float *played[TUTTI_PW_MAX_OUTPUTS] = { self->played[0], self->played[1] };
  guint done = 0;

  while (done < cycle->n_frames) {
    guint step = MIN (cycle->n_frames - done, tutti_pw_edge_get_max_frames (edge));
    const float *in[TUTTI_PW_MAX_INPUTS];
    const float *planes[TUTTI_PW_MAX_INPUTS];
    guint64 position;
    guint n;

    for (guint i = 0; i < self->n_inputs; i++)
      in[i] = cycle->in[i] != NULL ? cycle->in[i] + done : NULL;
    n = tutti_pw_edge_capture (edge, in, self->n_inputs, step, cycle->position + done, planes,
                               &position);
    if (n > 0)
      tutti_audio_engine_process (self->engine, planes, self->n_inputs, played, self->n_outputs, n,
                                  TUTTI_SAMPLE_RATE, part_ns (cycle, done), position);
    for (guint i = 0; i < self->n_outputs; i++)
      tutti_pw_edge_play (edge, &self->lines[i], self->played[i],
                          cycle->out[i] != NULL ? cycle->out[i] + done : NULL);
    fill_stems (self, edge, done, step, n);
    tutti_pw_edge_advance (edge);
    done += step;
  }
}

/* A rate that main has not made an edge for yet (it does within milliseconds), or that no edge can
 * be made for: the engine goes on in silence, and says what rate it is. */
static void
process_nothing (TuttiPwNode *self, const Cycle *cycle)
{
  for (guint i = 0; i < self->n_outputs; i++)
    if (cycle->out[i] != NULL)
      memset (cycle->out[i], 0, cycle->n_frames * sizeof (float));
  tutti_audio_engine_process (self->engine, NULL, 0, NULL, 0, cycle->n_frames, cycle->rate,
                              cycle->start_ns, cycle->position);
}

static void
process_cycle (TuttiPwNode *self, const Cycle *cycle)
{
  TuttiPwEdge *edge = g_atomic_pointer_get (&self->edge);
  gboolean new_rate = self->last_rate != cycle->rate;

  self->last_rate = cycle->rate;
  for (guint i = 0; i < self->n_rt_stems; i++)
    tutti_pw_stem_begin (self->rt_stems[i], cycle->position + cycle->n_frames, cycle->n_frames);

  if (cycle->rate == TUTTI_SAMPLE_RATE) {
    process_direct (self, cycle);
  } else if (edge != NULL && tutti_pw_edge_get_rate (edge) == cycle->rate) {
    if (new_rate)
      tutti_pw_edge_restart (edge);
    process_resampled (self, edge, cycle);
  } else {
    self->last_rate = 0;
    process_nothing (self, cycle);
    return;
  }
  for (guint i = 0; i < self->n_rt_stems; i++)
    tutti_pw_stem_end (self->rt_stems[i]);
}

void
tutti_pw_node_process (void *data, struct spa_io_position *position)
{
  TuttiPwNode *self = data;
  Cycle cycle = { 0 };
  gboolean lost;

  if (position == NULL || position->clock.duration == 0 || position->clock.rate.denom == 0 ||
      position->clock.duration > TUTTI_PW_MAX_FRAMES)
    return;

  cycle.n_frames = position->clock.duration;
  cycle.rate = position->clock.rate.denom;
  cycle.start_ns = (gint64) position->clock.nsec;
  cycle.position = position->clock.position;
  lost = watch_begin (&self->watch, &position->clock);
  publish (self, cycle.n_frames, cycle.rate);

  tutti_rt_trap_begin (-1);
  for (guint i = 0; i < self->n_inputs; i++)
    cycle.in[i] = tutti_pw_port_take_input (self->inputs[i], cycle.n_frames);
  for (guint i = 0; i < self->n_outputs; i++)
    cycle.out[i] = tutti_pw_port_take_output (self->outputs[i], cycle.n_frames);
  process_cycle (self, &cycle);

  g_atomic_int_inc (&self->rt_cycles);
  lost |= watch_end (&self->watch, &cycle);
  if (lost)
    g_atomic_int_inc (&self->rt_xruns);
  tutti_rt_trap_end ();
}
