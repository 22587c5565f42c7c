/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include <string.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-rt-trap.h"

/* Longer holes are not filled: nobody waits for what comes after them. */
#define MAX_GAP    (10 * TUTTI_SAMPLE_RATE)
#define MAX_GAP_NS (10 * (gint64) TUTTI_NSEC_PER_SEC)
/* A quantum of 2048 samples; more is no beat, but a clock that was set. */
#define MAX_EARLY_NS (43 * (gint64) TUTTI_NSEC_PER_SEC / 1000)
/* By so many samples a cycle may begin earlier or later than its place, 10 ms. */
#define MAX_CLOCK_ERROR 480
/* The limiter takes a decibel off. */
#define LIMITED 0.891f

static void
run_command (TuttiAudioEngine *self, const TuttiCommand *command)
{
  switch (command->type) {
  case TUTTI_COMMAND_STRIP:
    self->rt_strips[command->index] = command->pointer;
    if (command->pointer != NULL)
      tutti_strip_install (command->pointer);
    break;
  case TUTTI_COMMAND_CONFIGURE:
    if (self->rt_strips[command->index] != NULL)
      tutti_strip_turn (self->rt_strips[command->index], &command->config);
    break;
  case TUTTI_COMMAND_REMOTE:
    self->rt_remotes[command->index] = command->pointer;
    if (command->pointer != NULL)
      tutti_remote_install (command->pointer);
    break;
  case TUTTI_COMMAND_SOURCE:
    self->rt_source = command->pointer;
    break;
  case TUTTI_COMMAND_SINK:
    self->rt_sink = command->pointer;
    break;
  case TUTTI_COMMAND_PLAY:
    self->rt_play = command->pointer;
    break;
  case TUTTI_COMMAND_CLICK:
    tutti_clicker_set (&self->clicker, command->index == 1 ? &command->click : NULL);
    break;
  case TUTTI_COMMAND_FEEDBACK_GUARD:
    tutti_feedback_set_enabled (&self->feedback, command->index == 1);
    break;
  default:
    break;
  }
}

/* Holder of cycle_lease. */
void
tutti_engine_run_commands (TuttiAudioEngine *self)
{
  TuttiCommand command;

  while (tutti_command_ring_pop (&self->commands, &command)) {
    run_command (self, &command);
    tutti_command_ring_ack (&self->commands);
  }
}

static void
silence (float *const *out, guint n_out, guint offset, guint n_samples)
{
  for (guint i = 0; i < n_out; i++)
    if (out[i] != NULL)
      memset (out[i] + offset, 0, n_samples * sizeof (float));
}

/* Samples that were left out before this cycle. The graph's position says so exactly, unless
 * another device has become its driver: positions then begin anew, and only the clock tells the
 * truth. */
static guint
missed_samples (const TuttiAudioEngine *self, guint64 position, gint64 cycle_ns)
{
  gint64 by_position = (gint64) (position - self->next_position);
  /* Cut off before it is multiplied: the graph may have stood still for days. */
  gint64 ns = CLAMP (cycle_ns - self->next_cycle_ns, -2 * MAX_GAP_NS, 2 * MAX_GAP_NS);
  gint64 by_clock = ns * TUTTI_SAMPLE_RATE / (gint64) TUTTI_NSEC_PER_SEC;

  if (by_position > 0 && ABS (by_position - by_clock) <= MAX_CLOCK_ERROR)
    return (guint) MIN (by_position, MAX_GAP);
  return (guint) CLAMP (by_clock, 0, MAX_GAP);
}

/* Samples by which the first cycle of another driver begins before the last one of the old is over:
 * the two have the same beat, and not at the same time. */
static guint
early_samples (const TuttiAudioEngine *self, gint64 cycle_ns)
{
  gint64 ns = CLAMP (self->next_cycle_ns - cycle_ns, 0, MAX_EARLY_NS);

  return (guint) (ns * TUTTI_SAMPLE_RATE / (gint64) TUTTI_NSEC_PER_SEC);
}

static guint
follow_position (TuttiAudioEngine *self, guint64 position, gint64 cycle_ns, guint n_samples)
{
  guint gap = 0;

  self->early = 0;
  if (self->has_position && position != self->next_position) {
    gap = missed_samples (self, position, cycle_ns);
    self->early = early_samples (self, cycle_ns);
    atomic_fetch_add_explicit (&self->xruns, MAX (1, gap / MAX (n_samples, 1)),
                               memory_order_relaxed);
  }
  self->has_position = TRUE;
  self->next_position = position + n_samples;
  self->next_cycle_ns =
      cycle_ns + (gint64) n_samples * TUTTI_NSEC_PER_SEC / (gint64) TUTTI_SAMPLE_RATE;
  return gap;
}

static void
process_strips (TuttiAudioEngine *self,
                const float *const *in,
                guint n_in,
                guint n_samples,
                gint64 cycle_ns,
                guint gap)
{
  const float *planes[TUTTI_MAX_CHANNELS];

  if (self->rt_source != NULL) {
    float *fill[TUTTI_MAX_CHANNELS] = { self->source_planes[0], self->source_planes[1] };

    tutti_audio_source_read (self->rt_source, fill, n_samples);
    planes[0] = fill[0];
    planes[1] = fill[1];
    in = planes;
    n_in = MIN (tutti_audio_source_get_channels (self->rt_source), TUTTI_MAX_CHANNELS);
  }
  for (guint i = 0; i < TUTTI_MAX_STRIPS; i++)
    if (self->rt_strips[i] != NULL)
      tutti_strip_process (self->rt_strips[i], self, in, n_in, n_samples, cycle_ns, gap);
}

static gboolean
process_remotes (TuttiAudioEngine *self, guint n_samples, gint64 cycle_ns, guint gap)
{
  gboolean any_solo = FALSE;
  gboolean more = FALSE;

  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++)
    if (self->rt_remotes[i] != NULL)
      any_solo |= atomic_load_explicit (&self->rt_remotes[i]->solo, memory_order_relaxed);
  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++)
    if (self->rt_remotes[i] != NULL)
      more |= tutti_remote_process (self->rt_remotes[i], self, any_solo, n_samples, cycle_ns, gap);
  return more;
}

/* Returns the limiter's gain where it was lowest. */
static float
limit (TuttiAudioEngine *self, guint n_samples)
{
  float least;

  tutti_limiter_process (&self->limiter, self->mix[0], self->mix[1], n_samples);
  least = tutti_limiter_take_reduction (&self->limiter);
  if (least < atomic_load_explicit (&self->limiter_least, memory_order_relaxed))
    atomic_store_explicit (&self->limiter_least, least, memory_order_relaxed);
  return least;
}

static void
guard_feedback (TuttiAudioEngine *self, guint n_samples)
{
  tutti_feedback_listen (&self->feedback, self->captured, self->mix[0], self->mix[1], n_samples,
                         self->limited);
  self->limited = limit (self, n_samples) < LIMITED;
  tutti_feedback_apply (&self->feedback, self->mix[0], self->mix[1], n_samples);
  atomic_store_explicit (&self->howls, self->feedback.n_caught, memory_order_relaxed);
  atomic_store_explicit (&self->feedback_gain, self->feedback.gain, memory_order_relaxed);
}

static void
finish_mix (TuttiAudioEngine *self, guint n_samples)
{
  TuttiRamp ramp;

  tutti_ramp_set (&self->output, atomic_load_explicit (&self->output_gain, memory_order_relaxed));
  ramp = self->output;
  tutti_ramp_apply (&ramp, self->mix[0], n_samples);
  tutti_ramp_apply (&self->output, self->mix[1], n_samples);
  guard_feedback (self, n_samples);
  tutti_meter_add (&self->output_meter, self->mix[0], self->mix[1], n_samples);
  if (self->rt_sink != NULL)
    tutti_audio_sink_write (self->rt_sink, self->mix[0], self->mix[1], n_samples);
}

static void
wake_worker (TuttiAudioEngine *self)
{
  guint64 one = 1;

  /* Not blocking: fails only when 2^64 − 2 wakes are pending. */
  if (write (self->event_fd, &one, sizeof one) < 0)
    return;
}

/* Through their gates, in place. */
static void
take_inputs (TuttiAudioEngine *self, const float **in, guint n_in, guint n_samples)
{
  gboolean open = !atomic_load_explicit (&self->shut[TUTTI_ENGINE_INPUT], memory_order_acquire);
  gboolean quiet = TRUE;

  for (guint i = 0; i < n_in; i++) {
    in[i] = tutti_gate_take (&self->inputs[i], in[i], open, self->input_planes[i], n_samples);
    quiet &= tutti_gate_is_quiet (&self->inputs[i]);
  }
  atomic_store_explicit (&self->quiet[TUTTI_ENGINE_INPUT], quiet, memory_order_relaxed);
}

static void
give_outputs (TuttiAudioEngine *self, float *const *out, guint n_out, guint offset, guint n_samples)
{
  gboolean open = !atomic_load_explicit (&self->shut[TUTTI_ENGINE_OUTPUT], memory_order_acquire);
  gboolean quiet = TRUE;

  for (guint i = 0; i < MIN (n_out, TUTTI_MAX_CHANNELS); i++) {
    tutti_gate_give (&self->outputs[i], self->mix[i], open, out[i] != NULL ? out[i] + offset : NULL,
                     n_samples);
    quiet &= tutti_gate_is_quiet (&self->outputs[i]);
  }
  atomic_store_explicit (&self->quiet[TUTTI_ENGINE_OUTPUT], quiet, memory_order_relaxed);
}

/* At most TUTTI_MAX_QUANTUM samples. Capture first, so that the worker encodes while this thread
 * mixes; it is woken at most once. */
static void
process_part (TuttiAudioEngine *self,
              const float **in,
              guint n_in,
              float *const *out,
              guint n_out,
              guint offset,
              guint n_samples,
              gint64 cycle_ns,
              guint gap)
{
  gboolean more;

  memset (self->mix[0], 0, n_samples * sizeof (float));
  memset (self->mix[1], 0, n_samples * sizeof (float));
  memset (self->captured, 0, n_samples * sizeof (float));
  self->wake = FALSE;
  take_inputs (self, in, n_in, n_samples);
  process_strips (self, in, n_in, n_samples, cycle_ns, gap);
  if (self->wake) {
    atomic_store_explicit (&self->to_send, TRUE, memory_order_release);
    wake_worker (self);
  }
  more = process_remotes (self, n_samples, cycle_ns, gap);
  if (more && !self->wake)
    wake_worker (self);
  if (self->rt_play != NULL)
    tutti_play_process (self->rt_play, self, n_samples);
  tutti_clicker_process (&self->clicker, self->mix[0], self->mix[1], n_samples, cycle_ns);
  finish_mix (self, n_samples);
  give_outputs (self, out, n_out, offset, n_samples);
}

static void
note_cycle (TuttiAudioEngine *self, guint n_frames, guint rate, gint64 start)
{
  gint64 now = tutti_clock_now_ns ();

  atomic_store_explicit (&self->quantum, n_frames, memory_order_relaxed);
  atomic_store_explicit (&self->rate, rate, memory_order_relaxed);
  atomic_fetch_add_explicit (&self->cycles, 1, memory_order_relaxed);
  if (now - start > atomic_load_explicit (&self->cycle_max_ns, memory_order_relaxed))
    atomic_store_explicit (&self->cycle_max_ns, now - start, memory_order_relaxed);
}

static void
process_cycle (TuttiAudioEngine *self,
               const float *const *in,
               guint n_in,
               float *const *out,
               guint n_out,
               guint n_frames,
               guint rate,
               gint64 cycle_ns,
               guint64 position)
{
  gint64 start = tutti_clock_now_ns ();
  const float *part_in[TUTTI_MAX_INPUTS];
  guint gap;

  silence (out, n_out, 0, n_frames);
  atomic_store_explicit (&self->last_cycle_ns, start, memory_order_relaxed);
  /* Taken only when no driver had run for a while: this one's first cycle may then be silent. */
  if (atomic_exchange_explicit (&self->cycle_lease, 1, memory_order_acquire) != 0)
    return;
  tutti_engine_run_commands (self);
  gap = follow_position (self, position, cycle_ns, n_frames);
  n_in = MIN (n_in, G_N_ELEMENTS (part_in));
  /* At any other rate everything would be out of tune and time: silence, and rate in the stats. */
  for (guint offset = 0; rate == TUTTI_SAMPLE_RATE && offset < n_frames;) {
    guint n = MIN (n_frames - offset, TUTTI_MAX_QUANTUM);

    for (guint i = 0; i < n_in; i++)
      part_in[i] = in[i] != NULL ? in[i] + offset : NULL;
    process_part (self, part_in, n_in, out, n_out, offset, n,
                  cycle_ns + (gint64) offset * TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE,
                  offset == 0 ? gap : 0);
    offset += n;
    self->early = 0;
  }
  note_cycle (self, n_frames, rate, start);
  atomic_store_explicit (&self->cycle_lease, 0, memory_order_release);
}

void
tutti_audio_engine_process (TuttiAudioEngine *self,
                            const float *const *in,
                            guint n_in,
                            float *const *out,
                            guint n_out,
                            guint n_frames,
                            guint rate,
                            gint64 cycle_ns,
                            guint64 position)
{
  tutti_rt_trap_begin (self->event_fd);
  process_cycle (self, in, n_in, out, n_out, n_frames, rate, cycle_ns, position);
  tutti_rt_trap_end ();
}
