/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sleep.h"

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include <glib/gstdio.h>

#include "tutti-i18n.h"
#include "tutti-thread.h"

#define LOGIN_NAME    "org.freedesktop.login1"
#define LOGIN_PATH    "/org/freedesktop/login1"
#define LOGIN_MANAGER "org.freedesktop.login1.Manager"

struct _TuttiSleep {
  TuttiSleepFunc func;
  gpointer user_data;
  GCancellable *cancellable; /* cancelled when we are gone */
  GDBusConnection *bus;      /* owned; NULL: none yet, or none at all */
  guint subscription;
  int lock; /* as long as it is open, sleep waits for us; −1: none */
};

static void
take_lock_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GUnixFDList) fds = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply = g_dbus_connection_call_with_unix_fd_list_finish (
      G_DBUS_CONNECTION (source), &fds, result, &error);
  TuttiSleep *self;
  gint32 handle;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return; /* and @user_data is gone */

  self = user_data;
  if (!reply) {
    g_info ("sleep does not wait for us: %s", error->message);
    return;
  }

  g_variant_get (reply, "(h)", &handle);
  g_clear_fd (&self->lock, NULL);
  self->lock = fds ? g_unix_fd_list_get (fds, handle, NULL) : -1;
}

static void
take_lock (TuttiSleep *self)
{
  g_dbus_connection_call_with_unix_fd_list (
      self->bus, LOGIN_NAME, LOGIN_PATH, LOGIN_MANAGER, "Inhibit",
      g_variant_new ("(ssss)", "sleep", TUTTI_APP_NAME, _ ("Tells the room that you are away."),
                     "delay"),
      G_VARIANT_TYPE ("(h)"), G_DBUS_CALL_FLAGS_NO_AUTO_START, -1, NULL, self->cancellable,
      take_lock_cb, self);
}

static void
sleep_cb (GDBusConnection *bus,
          const char *sender,
          const char *path,
          const char *interface,
          const char *signal,
          GVariant *parameters,
          gpointer user_data)
{
  TuttiSleep *self = user_data;
  gboolean asleep;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(b)")))
    return;

  g_variant_get (parameters, "(b)", &asleep);
  self->func (asleep, self->user_data);
  if (!asleep)
    take_lock (self);
}

static void
bus_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GDBusConnection) bus = g_bus_get_finish (result, &error);
  TuttiSleep *self;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self = user_data;
  if (!bus) {
    g_info ("nobody tells of sleep: %s", error->message);
    return;
  }

  self->bus = g_steal_pointer (&bus);
  self->subscription = g_dbus_connection_signal_subscribe (
      self->bus, LOGIN_NAME, LOGIN_MANAGER, "PrepareForSleep", LOGIN_PATH, NULL,
      G_DBUS_SIGNAL_FLAGS_NONE, sleep_cb, self, NULL);
  take_lock (self);
}

TuttiSleep *
tutti_sleep_new (TuttiSleepFunc func, gpointer user_data)
{
  TuttiSleep *self = g_new0 (TuttiSleep, 1);

  TUTTI_ASSERT_MAIN_THREAD ();

  self->func = func;
  self->user_data = user_data;
  self->cancellable = g_cancellable_new ();
  self->lock = -1;
  g_bus_get (G_BUS_TYPE_SYSTEM, self->cancellable, bus_cb, self);

  return self;
}

void
tutti_sleep_free (TuttiSleep *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->subscription != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, self->subscription);
  g_clear_object (&self->bus);
  g_clear_fd (&self->lock, NULL);
  g_free (self);
}

void
tutti_sleep_ready (TuttiSleep *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  g_clear_fd (&self->lock, NULL);
}
