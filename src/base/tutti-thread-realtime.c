/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Real-time priority: the kernel's, RealtimeKit's or the desktop portal's. */

#include "tutti-thread.h"

#include <gio/gio.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tutti-i18n.h"

/* One call to the broker; a thread that starts without real-time priority is better than one that
 * starts late. */
#define BROKER_TIMEOUT_MS 500

/*< private >
 * Broker: who may give a thread real-time priority when the kernel does not let us take it.
 */
typedef struct {
  GBusType bus;
  const char *name;
  const char *path;
  const char *interface;
  gboolean is_portal; /* takes our process id too, since it sees us from outside the sandbox */
} Broker;

static const Broker brokers[] = {
  { G_BUS_TYPE_SYSTEM, "org.freedesktop.RealtimeKit1", "/org/freedesktop/RealtimeKit1",
    "org.freedesktop.RealtimeKit1", FALSE },
  { G_BUS_TYPE_SESSION, "org.freedesktop.portal.Desktop", "/org/freedesktop/portal/desktop",
    "org.freedesktop.portal.Realtime", TRUE },
};

static gint64
get_broker_number (GDBusConnection *bus, const Broker *broker, const char *property, GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;

  reply = g_dbus_connection_call_sync (
      bus, broker->name, broker->path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", broker->interface, property), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, BROKER_TIMEOUT_MS, NULL, error);
  if (!reply)
    return -1;

  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT32))
    return g_variant_get_int32 (value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_INT64))
    return g_variant_get_int64 (value);

  return -1;
}

/* The broker refuses processes whose real-time threads could run for ever. */
static void
limit_realtime_cpu (gint64 max_us)
{
  struct rlimit limit;

  if (getrlimit (RLIMIT_RTTIME, &limit) != 0 || limit.rlim_max <= (rlim_t) max_us)
    return;

  limit.rlim_cur = limit.rlim_max = max_us;
  setrlimit (RLIMIT_RTTIME, &limit);
}

/* A connection of its own: the shared one would end the process when the bus goes. */
static GDBusConnection *
open_bus (GBusType type, GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (type, NULL, error);

  if (!address)
    return NULL;

  return g_dbus_connection_new_for_address_sync (address,
                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                 NULL, NULL, error);
}

static gboolean
call_broker (GDBusConnection *bus, const Broker *broker, guint priority, GError **error)
{
  gint64 max_us = get_broker_number (bus, broker, "RTTimeUSecMax", error);
  gint64 max_priority =
      max_us > 0 ? get_broker_number (bus, broker, "MaxRealtimePriority", error) : -1;
  g_autoptr (GVariant) reply = NULL;
  guint wanted;

  if (max_priority <= 0)
    return FALSE;

  limit_realtime_cpu (max_us);
  wanted = MIN (priority, max_priority);
  reply = g_dbus_connection_call_sync (
      bus, broker->name, broker->path, broker->interface,
      broker->is_portal ? "MakeThreadRealtimeWithPID" : "MakeThreadRealtime",
      broker->is_portal ? g_variant_new ("(ttu)", (guint64) getpid (), (guint64) gettid (), wanted)
                        : g_variant_new ("(tu)", (guint64) gettid (), wanted),
      NULL, G_DBUS_CALL_FLAGS_NONE, BROKER_TIMEOUT_MS, NULL, error);

  return reply != NULL;
}

/* Not there at all, rather than there and unwilling. */
static gboolean
is_absent (const GError *error)
{
  return error == NULL || error->domain != G_DBUS_ERROR ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_SERVER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_FILE_NOT_FOUND) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_INTERFACE) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_OBJECT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_UNKNOWN_METHOD) ||
         g_str_has_prefix (error->message, "GDBus.Error:org.freedesktop.DBus.Error.Spawn");
}

static TuttiRealtime
ask_broker (const Broker *broker, guint priority)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = open_bus (broker->bus, &error);
  gboolean granted = FALSE;

  if (bus) {
    granted = call_broker (bus, broker, priority, &error);
    g_dbus_connection_close_sync (bus, NULL, NULL);
  }
  if (granted)
    return TUTTI_REALTIME_GRANTED;

  g_debug ("%s gives no real-time priority: %s", broker->name,
           error ? error->message : "it has no limits");
  return is_absent (error) ? TUTTI_REALTIME_NOBODY_GRANTS : TUTTI_REALTIME_REFUSED;
}

/* -- who asked -- */

#define MAX_THREADS 64

typedef struct {
  pid_t tid;
  TuttiRealtime state; /* what came of asking */
  gboolean by_broker;
} Thread;

/* Not GLib's own: the thread sanitizer does not know it. */
static pthread_mutex_t threads_lock = PTHREAD_MUTEX_INITIALIZER;
static Thread threads[MAX_THREADS]; /* under threads_lock */
static guint n_threads_asked;       /* under threads_lock */

static void
forget_thread (gpointer tid)
{
  pthread_mutex_lock (&threads_lock);
  for (guint i = 0; i < n_threads_asked; i++) {
    if (threads[i].tid == GPOINTER_TO_INT (tid)) {
      threads[i] = threads[--n_threads_asked];
      break;
    }
  }
  pthread_mutex_unlock (&threads_lock);
}

/* A thread that ends is forgotten. */
static GPrivate asked = G_PRIVATE_INIT (forget_thread);

static void
remember_thread (TuttiRealtime state, gboolean by_broker)
{
  pid_t tid = gettid ();

  g_private_replace (&asked, NULL);
  forget_thread (GINT_TO_POINTER (tid));
  pthread_mutex_lock (&threads_lock);
  if (n_threads_asked < MAX_THREADS)
    threads[n_threads_asked++] = (Thread) { tid, state, by_broker };
  pthread_mutex_unlock (&threads_lock);
  g_private_set (&asked, GINT_TO_POINTER (tid));
}

/**
 * tutti_thread_make_realtime:
 * @priority: wanted SCHED_FIFO priority, 1 to 99; a broker may grant less
 *
 * Gives the calling thread real-time priority: directly where the kernel allows it, else through
 * RealtimeKit, else through the desktop portal. May wait for a broker for up to some seconds when
 * one hangs, so it belongs at the start of a thread of its own; on the main thread no broker is
 * asked.
 *
 * Returns: whether it was granted. Going on without is possible, with more drop-outs under load.
 */
gboolean
tutti_thread_make_realtime (int priority)
{
  struct sched_param param = { .sched_priority = priority };
  TuttiRealtime state = TUTTI_REALTIME_NOBODY_GRANTS;

  g_return_val_if_fail (priority >= 1 && priority <= 99, FALSE);

  if (pthread_setschedparam (pthread_self (), SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0) {
    remember_thread (TUTTI_REALTIME_GRANTED, FALSE);
    return TRUE;
  }

  for (size_t i = 0; i < G_N_ELEMENTS (brokers) && !tutti_thread_is_main (); i++) {
    TuttiRealtime answer = ask_broker (&brokers[i], priority);

    if (answer == TUTTI_REALTIME_GRANTED) {
      remember_thread (answer, TRUE);
      return TRUE;
    }
    if (answer == TUTTI_REALTIME_REFUSED)
      state = answer;
  }

  remember_thread (state, FALSE);
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

  pthread_setschedparam (pthread_self (), SCHED_OTHER | SCHED_RESET_ON_FORK, &normal);
  g_private_replace (&asked, NULL);
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
 *   %NULL where nothing is
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
  case TUTTI_REALTIME_REFUSED:
    return g_strdup (_ ("The sound has no real-time priority, so it may crackle: RealtimeKit "
                        "refused it. It grants it to few threads and to local users only: close "
                        "other sound programs and start Tutti again."));
  case TUTTI_REALTIME_TAKEN_AWAY:
    return g_strdup (_ ("The sound has lost its real-time priority, so it may crackle: RealtimeKit "
                        "took it away because the computer was overloaded. Close what keeps it "
                        "busy and start Tutti again."));
  case TUTTI_REALTIME_GRANTED:
  default:
    return NULL;
  }
}
