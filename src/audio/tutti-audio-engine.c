/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "tutti-clock.h"

/* No cycle for this long: no driver runs, and main may do the real-time side's work itself. */
#define IDLE_NS (100 * TUTTI_NSEC_PER_MSEC)

void
tutti_engine_lock_worker (TuttiAudioEngine *self)
{
  pthread_mutex_lock (&self->worker_lock);
}

void
tutti_engine_unlock_worker (TuttiAudioEngine *self)
{
  pthread_mutex_unlock (&self->worker_lock);
}

/* Main may hold the worker's lock for a moment when a real-time worker wants it: with priority
 * inheritance nothing of middle priority can get in between. */
static void
init_lock (pthread_mutex_t *mutex)
{
  pthread_mutexattr_t attributes;

  pthread_mutexattr_init (&attributes);
  pthread_mutexattr_setprotocol (&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init (mutex, &attributes);
  pthread_mutexattr_destroy (&attributes);
}

TuttiAudioEngine *
tutti_audio_engine_new (void)
{
  TuttiAudioEngine *self = g_new (TuttiAudioEngine, 1);

  /* Touched now: g_new0() would leave that to the first cycles, a page fault each. */
  memset (self, 0, sizeof *self);
  tutti_command_ring_init (&self->commands);
  tutti_limiter_init (&self->limiter);
  tutti_clicker_init (&self->clicker);
  tutti_feedback_init (&self->feedback);
  tutti_ramp_jump (&self->output, 1);
  for (guint i = 0; i < TUTTI_MAX_INPUTS; i++)
    self->inputs[i].gain = 1;
  for (guint i = 0; i < TUTTI_MAX_CHANNELS; i++)
    self->outputs[i].gain = 1;
  atomic_init (&self->output_gain, 1.0f);
  atomic_init (&self->limiter_least, 1.0f);
  atomic_init (&self->feedback_gain, 1.0f);
  self->fade_in_ms = 1000;
  self->event_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (self->event_fd < 0)
    g_error ("No eventfd for the audio worker: %s", g_strerror (errno));
  init_lock (&self->worker_lock);
  tutti_worker_start (self);
  return self;
}

/**
 * tutti_audio_engine_free:
 *
 * Main thread. No driver may run any more and nobody may call tutti_audio_remote_receive().
 */
void
tutti_audio_engine_free (TuttiAudioEngine *self)
{
  if (self == NULL)
    return;
  tutti_worker_stop (self);
  for (guint i = 0; i < TUTTI_MAX_STRIPS; i++)
    g_clear_pointer (&self->strips[i], tutti_strip_free);
  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++)
    g_clear_pointer (&self->remotes[i], tutti_remote_free);
  g_clear_pointer (&self->play, tutti_play_free);
  g_clear_pointer (&self->source, tutti_audio_source_unref);
  g_clear_pointer (&self->sink, tutti_audio_sink_unref);
  tutti_command_ring_clear (&self->commands);
  pthread_mutex_destroy (&self->worker_lock);
  close (self->event_fd);
  g_free (self);
}

/* Main thread: where no driver runs, main stands in for it. */
static void
stand_in (TuttiAudioEngine *self)
{
  gint64 last = atomic_load_explicit (&self->last_cycle_ns, memory_order_relaxed);

  if (last != 0 && tutti_clock_now_ns () - last < IDLE_NS)
    return;
  if (atomic_exchange_explicit (&self->cycle_lease, 1, memory_order_acquire) != 0)
    return;
  tutti_engine_run_commands (self);
  atomic_store_explicit (&self->cycle_lease, 0, memory_order_release);
}

/*
 * tutti_engine_command:
 *
 * Main thread. With @wait, returns when the real-time side has executed it and so has let go of
 * what the command took away.
 */
void
tutti_engine_command (TuttiAudioEngine *self, const TuttiCommand *command, gboolean wait)
{
  guint64 number;

  while ((number = tutti_command_ring_push (&self->commands, command)) == 0) {
    stand_in (self);
    g_usleep (200);
  }
  while (wait && !tutti_command_ring_is_done (&self->commands, number)) {
    stand_in (self);
    if (!tutti_command_ring_is_done (&self->commands, number))
      g_usleep (200);
  }
}

void
tutti_audio_engine_set_source (TuttiAudioEngine *self, TuttiAudioSource *source)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_SOURCE, .pointer = source };

  tutti_engine_command (self, &command, TRUE);
  g_clear_pointer (&self->source, tutti_audio_source_unref);
  self->source = source;
}

void
tutti_audio_engine_set_sink (TuttiAudioEngine *self, TuttiAudioSink *sink)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_SINK, .pointer = sink };

  tutti_engine_command (self, &command, TRUE);
  g_clear_pointer (&self->sink, tutti_audio_sink_unref);
  self->sink = sink;
}

void
tutti_audio_engine_set_output_gain (TuttiAudioEngine *self, float gain_db)
{
  atomic_store_explicit (&self->output_gain, tutti_db_to_gain (gain_db), memory_order_relaxed);
}

void
tutti_audio_engine_shut (TuttiAudioEngine *self, TuttiEngineSide side, gboolean shut)
{
  /* What was quiet before this was asked for says nothing. */
  if (shut)
    atomic_store_explicit (&self->quiet[side], FALSE, memory_order_relaxed);
  atomic_store_explicit (&self->shut[side], shut, memory_order_release);
}

gboolean
tutti_audio_engine_is_quiet (TuttiAudioEngine *self, TuttiEngineSide side)
{
  return atomic_load_explicit (&self->quiet[side], memory_order_relaxed);
}

void
tutti_audio_engine_set_fade_in (TuttiAudioEngine *self, guint ms)
{
  self->fade_in_ms = MIN (ms, 60000);
}

guint
tutti_audio_engine_get_fade_in (TuttiAudioEngine *self)
{
  return self->fade_in_ms;
}

void
tutti_audio_engine_set_click (TuttiAudioEngine *self, const TuttiClick *click)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_CLICK, .index = click != NULL };

  if (click != NULL)
    command.click = *click;
  tutti_engine_command (self, &command, FALSE);
}

void
tutti_audio_engine_set_feedback_guard (TuttiAudioEngine *self, gboolean enabled)
{
  TuttiCommand command = { .type = TUTTI_COMMAND_FEEDBACK_GUARD, .index = enabled ? 1 : 0 };

  tutti_engine_command (self, &command, FALSE);
}

void
tutti_audio_engine_get_stats (TuttiAudioEngine *self, TuttiEngineStats *stats)
{
  float least = atomic_exchange_explicit (&self->limiter_least, 1.0f, memory_order_relaxed);
  gint64 max = atomic_exchange_explicit (&self->cycle_max_ns, 0, memory_order_relaxed);

  stats->cycles = atomic_load_explicit (&self->cycles, memory_order_relaxed);
  stats->xruns = atomic_load_explicit (&self->xruns, memory_order_relaxed);
  stats->quantum = atomic_load_explicit (&self->quantum, memory_order_relaxed);
  stats->rate = atomic_load_explicit (&self->rate, memory_order_relaxed);
  stats->cycle_max_us = (double) max / TUTTI_NSEC_PER_USEC;
  stats->limiter_db = tutti_gain_to_db (least);
  stats->feedback = atomic_load_explicit (&self->howls, memory_order_relaxed);
  stats->feedback_db =
      tutti_gain_to_db (atomic_load_explicit (&self->feedback_gain, memory_order_relaxed));
  tutti_meter_take (&self->output_meter, &stats->output);
}
