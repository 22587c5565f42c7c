/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Real-time priority: the kernel's, RealtimeKit's or the desktop portal's. */

#include "tutti-thread.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "tutti-i18n.h"
#include "tutti-realtime-broker.h"

/* -- who asked -- */

#define MAX_THREADS 64
/* Then nobody will answer any more: the message bus itself hangs. */
#define PATIENCE_US (10 * G_TIME_SPAN_SECOND)

typedef struct {
  pid_t tid;
  guint serial; /* tells this asking from others of the same thread, or of one with its number */
  guint priority;
  gint64 since_us;     /* when it asked */
  TuttiRealtime state; /* what came of it */
  gboolean by_broker;
} Thread;

/* Not GLib's own: the thread sanitizer does not know it. */
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static Thread threads[MAX_THREADS]; /* under threads_lock */
static guint n_threads_asked;       /* under threads_lock */

/* Under threads_lock. */
static Thread *
find_thread (pid_t tid)
{
  for (guint i = 0; i < n_threads_asked; i++)
    if (threads[i].tid == tid)
      return &threads[i];

  return NULL;
}

static void
forget_thread (gpointer tid)
{
  Thread *thread;

  pthread_mutex_lock (&threads_lock);
  thread = find_thread (GPOINTER_TO_INT (tid));
  if (thread)
    *thread = threads[--n_threads_asked];
  pthread_mutex_unlock (&threads_lock);
}

/* A thread that ends is forgotten. */
static GPrivate asked = G_PRIVATE_INIT (forget_thread);

/* -- who asks the brokers --
 * A thread that lives while there is somebody to ask for. */

static gboolean asker_runs;       /* under threads_lock */
static gboolean is_over;          /* under threads_lock: the program ends */
static GThread *asker;            /* under threads_lock; may have ended, is joined by the next */
static GCancellable *asker_calls; /* set once, before the first asker */

static gboolean
take_asking (Thread *thread)
{
  gboolean found = FALSE;

  pthread_mutex_lock (&threads_lock);
  for (guint i = 0; i < n_threads_asked && !found && !is_over; i++) {
    found = threads[i].state == TUTTI_REALTIME_ASKED;
    if (found)
      *thread = threads[i];
  }
  pthread_mutex_unlock (&threads_lock);

  return found;
}

/* The thread may have ended meanwhile, or left the path: whoever it serves now must not have the
 * priority that it was given too late. */
static void
settle (const Thread *asking, TuttiRealtime answer)
{
  const struct sched_param normal = { .sched_priority = 0 };
  Thread *thread;

  pthread_mutex_lock (&threads_lock);
  thread = find_thread (asking->tid);
  if (thread && thread->serial == asking->serial) {
    thread->state = answer;
    thread->by_broker = answer == TUTTI_REALTIME_GRANTED;
  } else if (answer == TUTTI_REALTIME_GRANTED) {
    sched_setscheduler (asking->tid, SCHED_OTHER | SCHED_RESET_ON_FORK, &normal);
  }
  pthread_mutex_unlock (&threads_lock);
}

/* Under the lock that asker_start() holds when it looks whether there is one. */
static gboolean
asker_may_end (void)
{
  gboolean may_end = TRUE;

  pthread_mutex_lock (&threads_lock);
  for (guint i = 0; i < n_threads_asked && !is_over; i++)
    may_end &= threads[i].state != TUTTI_REALTIME_ASKED;
  if (may_end)
    asker_runs = FALSE;
  pthread_mutex_unlock (&threads_lock);

  return may_end;
}

static gpointer
asker_run (gpointer data)
{
  do {
    TuttiBrokers *brokers = tutti_brokers_new (asker_calls);
    Thread thread;

    while (take_asking (&thread))
      settle (&thread, tutti_brokers_ask (brokers, thread.tid, thread.priority));
    tutti_brokers_free (brokers);
  } while (!asker_may_end ());

  return NULL;
}

/* A broker that hangs holds up nobody's end. */
static void
asker_stop (void)
{
  GThread *thread;

  pthread_mutex_lock (&threads_lock);
  is_over = TRUE;
  thread = g_steal_pointer (&asker);
  pthread_mutex_unlock (&threads_lock);

  g_cancellable_cancel (asker_calls);
  g_clear_pointer (&thread, g_thread_join);
}

/* Under threads_lock.
 *
 * Returns: (nullable): one that has ended, to be joined without the lock */
static GThread *
asker_start (void)
{
  GThread *ended;

  if (asker_runs || is_over)
    return NULL;
  if (!asker_calls) {
    asker_calls = g_cancellable_new ();
    atexit (asker_stop);
  }

  ended = g_steal_pointer (&asker);
  asker = g_thread_try_new ("tutti-realtime", asker_run, NULL, NULL);
  asker_runs = asker != NULL;

  return ended;
}

static void
remember_thread (TuttiRealtime state, guint priority)
{
  static guint serial; /* under threads_lock */
  pid_t tid = gettid ();
  GThread *ended = NULL;

  g_private_replace (&asked, NULL);
  pthread_mutex_lock (&threads_lock);
  if (state == TUTTI_REALTIME_ASKED) {
    ended = asker_start ();
    if (!asker_runs)
      state = TUTTI_REALTIME_NOBODY_GRANTS;
  }
  if (n_threads_asked < MAX_THREADS)
    threads[n_threads_asked++] =
        (Thread) { tid, ++serial, priority, g_get_monotonic_time (), state, FALSE };
  pthread_mutex_unlock (&threads_lock);

  g_private_set (&asked, GINT_TO_POINTER (tid));
  g_clear_pointer (&ended, g_thread_join);
}

/**
 * tutti_thread_make_realtime:
 * @priority: wanted SCHED_FIFO priority, 1 to 99; a broker may grant less
 *
 * Gives the calling thread real-time priority: directly where the kernel allows it. Otherwise
 * RealtimeKit and then the desktop portal are asked for it by a thread of its own: nobody waits
 * here, and the priority comes some milliseconds later, or not at all;
 * tutti_thread_check_realtime() tells. A grant that comes after the thread has ended or called
 * tutti_thread_make_ordinary() is given back. For the main thread no broker is asked.
 *
 * Returns: whether the calling thread has it now
 */
gboolean
tutti_thread_make_realtime (int priority)
{
  struct sched_param param = { .sched_priority = priority };

  g_return_val_if_fail (priority >= 1 && priority <= 99, FALSE);

  if (pthread_setschedparam (pthread_self (), SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0) {
    remember_thread (TUTTI_REALTIME_GRANTED, (guint) priority);
    return TRUE;
  }

  remember_thread (tutti_thread_is_main () ? TUTTI_REALTIME_NOBODY_GRANTS : TUTTI_REALTIME_ASKED,
                   (guint) priority);
  return FALSE;
}

/**
 * tutti_thread_make_ordinary:
 *
 * Gives the calling thread's real-time priority back; it is no longer one of those that
 * tutti_thread_check_realtime() looks at.
 */
void
tutti_thread_make_ordinary (void)
{
  const struct sched_param normal = { .sched_priority = 0 };

  /* First forgotten: what a broker grants from now on is given back. */
  g_private_replace (&asked, NULL);
  pthread_setschedparam (pthread_self (), SCHED_OTHER | SCHED_RESET_ON_FORK, &normal);
}

static gboolean
is_realtime (pid_t tid)
{
  int policy = sched_getscheduler (tid);

  return policy >= 0 && ((policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO ||
                         (policy & ~SCHED_RESET_ON_FORK) == SCHED_RR);
}

/**
 * tutti_thread_check_realtime:
 * @n_threads: (out) (optional): how many living threads have asked for real-time priority
 * @n_without: (out) (optional): how many of them do not have it now
 *
 * Looks at what the kernel says of each, now. A thread that was let by the kernel itself and runs
 * at ordinary priority now has left the path by its own will.
 *
 * Any thread.
 */
TuttiRealtime
tutti_thread_check_realtime (guint *n_threads, guint *n_without)
{
  TuttiRealtime worst = TUTTI_REALTIME_GRANTED;
  guint without = 0;

  pthread_mutex_lock (&threads_lock);
  for (guint i = 0; i < n_threads_asked; i++) {
    TuttiRealtime state = threads[i].state;

    if (is_realtime (threads[i].tid))
      continue;
    if (state == TUTTI_REALTIME_GRANTED && !threads[i].by_broker)
      continue;
    if (state == TUTTI_REALTIME_GRANTED)
      state = TUTTI_REALTIME_TAKEN_AWAY;
    if (state == TUTTI_REALTIME_ASKED &&
        g_get_monotonic_time () - threads[i].since_us > PATIENCE_US)
      state = TUTTI_REALTIME_NO_ANSWER;
    worst = MAX (worst, state);
    without++;
  }
  if (n_threads)
    *n_threads = n_threads_asked;
  pthread_mutex_unlock (&threads_lock);
  if (n_without)
    *n_without = without;

  return worst;
}

/**
 * tutti_thread_describe_realtime:
 *
 * Returns: (transfer full) (nullable): what is wrong and what to do about it, in a person's words;
 *   %NULL where nothing is, or nobody knows yet
 */
char *
tutti_thread_describe_realtime (TuttiRealtime state)
{
  gboolean sandboxed = g_file_test ("/.flatpak-info", G_FILE_TEST_EXISTS);

  switch (state) {
  case TUTTI_REALTIME_NOBODY_GRANTS:
    if (sandboxed)
      return g_strdup (_ ("The sound has no real-time priority, so it may crackle: neither the "
                          "Realtime portal nor RealtimeKit answers. Install “rtkit” and "
                          "“xdg-desktop-portal” on this computer and log in again."));
    return g_strdup (_ ("The sound has no real-time priority, so it may crackle: RealtimeKit, "
                        "which grants it, is not there. Install “rtkit”, or add yourself to the "
                        "group “pipewire” or “audio” if it may use real-time priority, and log in "
                        "again."));
  case TUTTI_REALTIME_NO_ANSWER:
    return g_strdup (_ ("The sound has no real-time priority, so it may crackle: RealtimeKit, "
                        "which grants it, does not answer. Restart this computer."));
  case TUTTI_REALTIME_REFUSED:
    return g_strdup (_ ("The sound has no real-time priority, so it may crackle: RealtimeKit "
                        "refused it. It grants it to few threads and to local users only: close "
                        "other sound programs and start Tutti again."));
  case TUTTI_REALTIME_TAKEN_AWAY:
    return g_strdup (_ ("The sound has lost its real-time priority, so it may crackle: RealtimeKit "
                        "took it away because the computer was overloaded. Close what keeps it "
                        "busy and start Tutti again."));
  case TUTTI_REALTIME_GRANTED:
  case TUTTI_REALTIME_ASKED:
  default:
    return NULL;
  }
}
