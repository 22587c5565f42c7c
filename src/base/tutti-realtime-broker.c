/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-realtime-broker.h"

#include <sys/resource.h>
#include <unistd.h>

/* For one call. Brokers are started when they are first called, which takes a while. */
#define TIMEOUT_MS 2000

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

/*< private >
 * Contact: what we know of a broker once it was called
 */
typedef struct {
  gboolean is_known;
  GDBusConnection *bus; /* owned; NULL: no use asking, for @verdict */
  gint64 max_priority;
  TuttiRealtime verdict;
} Contact;

struct _TuttiBrokers {
  GCancellable *cancellable; /* owned */
  Contact contacts[G_N_ELEMENTS (brokers)];
};

TuttiBrokers *
tutti_brokers_new (GCancellable *cancellable)
{
  TuttiBrokers *self = g_new0 (TuttiBrokers, 1);

  self->cancellable = g_object_ref (cancellable);
  return self;
}

static void
hang_up (Contact *contact)
{
  if (contact->bus)
    g_dbus_connection_close_sync (contact->bus, NULL, NULL);
  g_clear_object (&contact->bus);
}

void
tutti_brokers_free (TuttiBrokers *self)
{
  for (size_t i = 0; i < G_N_ELEMENTS (brokers); i++)
    hang_up (&self->contacts[i]);
  g_object_unref (self->cancellable);
  g_free (self);
}

/* -- what an error means -- */

static gboolean
is_silent (const GError *error)
{
  return g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMEOUT) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_TIMED_OUT);
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
judge (const GError *error)
{
  if (is_silent (error))
    return TUTTI_REALTIME_NO_ANSWER;

  return is_absent (error) ? TUTTI_REALTIME_NOBODY_GRANTS : TUTTI_REALTIME_REFUSED;
}

/* -- calls -- */

/* A connection of its own: the shared one would end the process when the bus goes. */
static GDBusConnection *
open_bus (TuttiBrokers *self, GBusType type, GError **error)
{
  g_autofree char *address = g_dbus_address_get_for_bus_sync (type, self->cancellable, error);

  if (!address)
    return NULL;

  return g_dbus_connection_new_for_address_sync (address,
                                                 G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                     G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                 NULL, self->cancellable, error);
}

static gint64
get_number (TuttiBrokers *self,
            GDBusConnection *bus,
            const Broker *broker,
            const char *property,
            GError **error)
{
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GVariant) value = NULL;

  reply = g_dbus_connection_call_sync (
      bus, broker->name, broker->path, "org.freedesktop.DBus.Properties", "Get",
      g_variant_new ("(ss)", broker->interface, property), G_VARIANT_TYPE ("(v)"),
      G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, self->cancellable, error);
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

static void
give_up (Contact *contact, const Broker *broker, const GError *error)
{
  g_debug ("%s gives no real-time priority: %s", broker->name,
           error ? error->message : "it has no limits");
  contact->verdict = judge (error);
  hang_up (contact);
}

static void
get_to_know (TuttiBrokers *self, Contact *contact, const Broker *broker)
{
  g_autoptr (GError) error = NULL;
  gint64 max_us = -1;

  contact->is_known = TRUE;
  contact->bus = open_bus (self, broker->bus, &error);
  if (contact->bus)
    max_us = get_number (self, contact->bus, broker, "RTTimeUSecMax", &error);
  if (max_us > 0)
    contact->max_priority = get_number (self, contact->bus, broker, "MaxRealtimePriority", &error);
  if (contact->max_priority > 0)
    limit_realtime_cpu (max_us);
  else
    give_up (contact, broker, error);
}

static TuttiRealtime
ask_one (TuttiBrokers *self, Contact *contact, const Broker *broker, pid_t tid, guint priority)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = NULL;
  guint wanted;

  if (!contact->is_known)
    get_to_know (self, contact, broker);
  if (!contact->bus)
    return contact->verdict;

  wanted = (guint) MIN ((gint64) priority, contact->max_priority);
  reply = g_dbus_connection_call_sync (
      contact->bus, broker->name, broker->path, broker->interface,
      broker->is_portal ? "MakeThreadRealtimeWithPID" : "MakeThreadRealtime",
      broker->is_portal ? g_variant_new ("(ttu)", (guint64) getpid (), (guint64) tid, wanted)
                        : g_variant_new ("(tu)", (guint64) tid, wanted),
      NULL, G_DBUS_CALL_FLAGS_NONE, TIMEOUT_MS, self->cancellable, &error);
  if (reply)
    return TUTTI_REALTIME_GRANTED;

  if (is_silent (error))
    give_up (contact, broker, error);
  else
    g_debug ("%s gives no real-time priority: %s", broker->name, error->message);

  return judge (error);
}

TuttiRealtime
tutti_brokers_ask (TuttiBrokers *self, pid_t tid, guint priority)
{
  TuttiRealtime worst = TUTTI_REALTIME_NOBODY_GRANTS;

  for (size_t i = 0; i < G_N_ELEMENTS (brokers); i++) {
    TuttiRealtime answer = ask_one (self, &self->contacts[i], &brokers[i], tid, priority);

    if (answer == TUTTI_REALTIME_GRANTED)
      return answer;
    worst = MAX (worst, answer);
  }

  return worst;
}
