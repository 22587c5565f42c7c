/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-timer-driver.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"
#include "tutti-thread.h"

/* Above the engine's worker, as PipeWire's data loop is. */
#define PRIORITY 18
/* Later than this (the computer slept) the time is not made up for but left out. */
#define GIVE_UP_NS (200 * TUTTI_NSEC_PER_MSEC)

struct _TuttiTimerDriver {
  TuttiAudioEngine *engine;
  guint quantum;
  _Atomic gboolean quit;
  GThread *thread;
};

static gint64
position_to_ns (guint64 position)
{
  guint64 seconds = position / TUTTI_SAMPLE_RATE;
  guint64 rest = position % TUTTI_SAMPLE_RATE;

  return (gint64) (seconds * TUTTI_NSEC_PER_SEC + rest * TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE);
}

static void
sleep_until (gint64 ns)
{
  struct timespec ts = { .tv_sec = ns / TUTTI_NSEC_PER_SEC, .tv_nsec = ns % TUTTI_NSEC_PER_SEC };

  while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
    ;
}

static gpointer
driver_run (gpointer data)
{
  TuttiTimerDriver *self = data;
  gint64 start = tutti_clock_now_ns ();
  gint64 period = position_to_ns (self->quantum);
  guint64 position = 0;

  if (!tutti_thread_make_realtime (PRIORITY))
    g_info ("The timer driver has no real-time priority yet");
  while (!atomic_load_explicit (&self->quit, memory_order_acquire)) {
    gint64 due = start + position_to_ns (position);
    gint64 late;

    sleep_until (due);
    late = tutti_clock_now_ns () - due;
    if (late > GIVE_UP_NS) {
      /* The engine sees the jump in position, and counts it. */
      position += (guint64) (late / period) * self->quantum;
      continue;
    }
    if (late > period)
      atomic_fetch_add_explicit (&self->engine->xruns, 1, memory_order_relaxed);
    tutti_audio_engine_process (self->engine, NULL, 0, NULL, 0, self->quantum, TUTTI_SAMPLE_RATE,
                                due, position);
    position += self->quantum;
  }
  return NULL;
}

/**
 * tutti_timer_driver_new:
 * @engine: outlives the driver
 * @quantum: samples a cycle, 16 … TUTTI_MAX_QUANTUM
 */
TuttiTimerDriver *
tutti_timer_driver_new (TuttiAudioEngine *engine, guint quantum)
{
  TuttiTimerDriver *self = g_new0 (TuttiTimerDriver, 1);

  self->engine = engine;
  self->quantum = CLAMP (quantum, 16, TUTTI_MAX_QUANTUM);
  self->thread = g_thread_new ("tutti-timer", driver_run, self);
  return self;
}

void
tutti_timer_driver_free (TuttiTimerDriver *self)
{
  if (self == NULL)
    return;
  atomic_store_explicit (&self->quit, TRUE, memory_order_release);
  g_thread_join (self->thread);
  g_free (self);
}
