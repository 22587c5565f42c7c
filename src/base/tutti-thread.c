/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"

#include <gio/gio.h>
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

/* One call to the broker; a thread that starts without real-time priority is better than one that
 * starts late. */
#define BROKER_TIMEOUT_MS 500

static GThread *main_thread; /* atomic; written once by tutti_thread_init_main() */

/**
 * tutti_thread_init_main:
 *
 * Declares the calling thread to be the main one. Called once, first thing in main(). A second call
 * from the same thread is allowed.
 */
void
tutti_thread_init_main (void)
{
  GThread *current = g_thread_self ();

  g_assert (g_atomic_pointer_get (&main_thread) == NULL ||
            g_atomic_pointer_get (&main_thread) == current);
  g_atomic_pointer_set (&main_thread, current);
}

/**
 * tutti_thread_is_main:
 *
 * Any thread.
 *
 * Returns: whether the calling thread is the one that called tutti_thread_init_main()
 */
gboolean
tutti_thread_is_main (void)
{
  return g_atomic_pointer_get (&main_thread) == g_thread_self ();
}

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
get_broker_number (GDBusConnection *bus, const Broker *broker, const char *property)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;

  reply = g_dbus_connection_call_sync (
      bus, broker->name, broker->path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", broker->interface, property), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, BROKER_TIMEOUT_MS, NULL, NULL);
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

static gboolean
ask_broker (const Broker *broker, guint priority)
{
  g_autofree char *address = NULL;
  g_autoptr (GDBusConnection) bus = NULL;
  g_autoptr (GVariant) reply = NULL;
  gint64 max_us, max_priority;

  /* A connection of its own: the shared one would end the process when the bus goes. */
  address = g_dbus_address_get_for_bus_sync (broker->bus, NULL, NULL);
  if (!address)
    return FALSE;

  bus = g_dbus_connection_new_for_address_sync (address,
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL, NULL, NULL);
  if (!bus)
    return FALSE;

  max_us = get_broker_number (bus, broker, "RTTimeUSecMax");
  max_priority = get_broker_number (bus, broker, "MaxRealtimePriority");

  if (max_us > 0 && max_priority > 0) {
    GVariant *args;
    guint wanted = MIN (priority, max_priority);

    limit_realtime_cpu (max_us);
    args = broker->is_portal
               ? g_variant_new ("(ttu)", (guint64) getpid (), (guint64) gettid (), wanted)
               : g_variant_new ("(tu)", (guint64) gettid (), wanted);
    reply = g_dbus_connection_call_sync (
        bus, broker->name, broker->path, broker->interface,
        broker->is_portal ? "MakeThreadRealtimeWithPID" : "MakeThreadRealtime", args, NULL,
        G_DBUS_CALL_FLAGS_NONE, BROKER_TIMEOUT_MS, NULL, NULL);
  }

  g_dbus_connection_close_sync (bus, NULL, NULL);
  return reply != NULL;
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

  g_return_val_if_fail (priority >= 1 && priority <= 99, FALSE);

  if (pthread_setschedparam (pthread_self (), SCHED_FIFO | SCHED_RESET_ON_FORK, &param) == 0)
    return TRUE;

  if (tutti_thread_is_main ())
    return FALSE;

  for (size_t i = 0; i < G_N_ELEMENTS (brokers); i++) {
    if (ask_broker (&brokers[i], priority))
      return TRUE;
  }

  return FALSE;
}
