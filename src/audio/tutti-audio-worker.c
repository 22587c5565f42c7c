/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-audio-engine-private.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-thread.h"

/* Below PipeWire's data loop, above everything that is not in the path. */
#define PRIORITY 15

/* Nothing is decoded ahead this shortly before the next cycle. */
#define MAX_MARGIN_NS (150 * TUTTI_NSEC_PER_USEC)

static void
work_strips (TuttiAudioEngine *self)
{
  /* Before looking: what comes from now on is seen in the next round. */
  atomic_store_explicit (&self->to_send, FALSE, memory_order_seq_cst);
  for (guint i = 0; i < TUTTI_MAX_STRIPS; i++) {
    tutti_engine_lock_worker (self);
    if (self->strips[i] != NULL)
      tutti_strip_work (self->strips[i]);
    tutti_engine_unlock_worker (self);
  }
}

/* The next cycle is near or overdue: it will decode what it needs by itself, and must not find a
 * decoder taken. */
static gboolean
cycle_is_near (TuttiAudioEngine *self)
{
  gint64 last = atomic_load_explicit (&self->last_cycle_ns, memory_order_relaxed);
  gint64 period = (gint64) atomic_load_explicit (&self->quantum, memory_order_relaxed) *
                  TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE;

  return tutti_clock_now_ns () > last + period - MIN (period / 4, MAX_MARGIN_NS);
}

/* One frame of each remote. What is to be sent goes before what is to be decoded ahead, and waits
 * for one frame at most. TRUE when there is more to do, of either kind. */
static gboolean
work_remotes (TuttiAudioEngine *self)
{
  gboolean more = FALSE;

  for (guint i = 0; i < TUTTI_MAX_REMOTES; i++) {
    if (atomic_load_explicit (&self->to_send, memory_order_acquire))
      return TRUE;
    tutti_engine_lock_worker (self);
    if (self->remotes[i] != NULL && cycle_is_near (self)) {
      tutti_engine_unlock_worker (self);
      return FALSE;
    }
    if (self->remotes[i] != NULL)
      more |= tutti_playout_decode_ahead (self->remotes[i]->playout);
    tutti_engine_unlock_worker (self);
  }
  return more;
}

static void
wait_for_work (TuttiAudioEngine *self)
{
  struct pollfd poll_fd = { .fd = self->event_fd, .events = POLLIN };
  guint64 count;

  while (poll (&poll_fd, 1, -1) < 0 && errno == EINTR)
    ;
  if (read (self->event_fd, &count, sizeof count) < 0)
    return;
}

static gpointer
worker_run (gpointer data)
{
  TuttiAudioEngine *self = data;

  if (!tutti_thread_make_realtime (PRIORITY))
    g_info ("The audio worker has no real-time priority yet");
  while (!atomic_load_explicit (&self->quit, memory_order_acquire)) {
    gboolean more = TRUE;

    wait_for_work (self);
    work_strips (self);
    while (more && !atomic_load_explicit (&self->quit, memory_order_acquire)) {
      more = work_remotes (self);
      if (more)
        work_strips (self);
    }
  }
  return NULL;
}

void
tutti_worker_start (TuttiAudioEngine *self)
{
  self->worker = g_thread_new ("tutti-audio", worker_run, self);
}

void
tutti_worker_stop (TuttiAudioEngine *self)
{
  guint64 one = 1;

  atomic_store_explicit (&self->quit, TRUE, memory_order_release);
  if (write (self->event_fd, &one, sizeof one) < 0)
    g_warning ("The audio worker cannot be woken: %s", g_strerror (errno));
  g_clear_pointer (&self->worker, g_thread_join);
}
