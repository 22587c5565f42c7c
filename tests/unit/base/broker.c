/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "broker.h"

#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>

#define MAX_PRIORITY 5

static const char xml[] = "<node><interface name='org.freedesktop.RealtimeKit1'>"
                          "<method name='MakeThreadRealtime'><arg type='t' direction='in'/>"
                          "<arg type='u' direction='in'/></method>"
                          "<property name='RTTimeUSecMax' type='x' access='read'/>"
                          "<property name='MaxRealtimePriority' type='i' access='read'/>"
                          "</interface><interface name='org.freedesktop.portal.Realtime'>"
                          "<method name='MakeThreadRealtimeWithPID'><arg type='t' direction='in'/>"
                          "<arg type='t' direction='in'/><arg type='u' direction='in'/></method>"
                          "<property name='RTTimeUSecMax' type='x' access='read'/>"
                          "<property name='MaxRealtimePriority' type='i' access='read'/>"
                          "</interface></node>";

static guint64
asked_thread (GDBusMethodInvocation *invocation, guint *priority)
{
  GVariant *parameters = g_dbus_method_invocation_get_parameters (invocation);
  guint64 pid, tid;

  if (g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(tu)")))
    g_variant_get (parameters, "(tu)", &tid, priority);
  else
    g_variant_get (parameters, "(ttu)", &pid, &tid, priority);

  return tid;
}

/* The invocation is used up. */
static void
grant (Broker *broker, GDBusMethodInvocation *invocation)
{
  guint priority;
  pid_t tid = (pid_t) asked_thread (invocation, &priority);
  struct sched_param param = { .sched_priority = (int) priority };

  if (sched_setscheduler (tid, SCHED_RR | SCHED_RESET_ON_FORK, &param) == 0) {
    broker->n_granted++;
    g_dbus_method_invocation_return_value (invocation, NULL);
  } else if (broker->mode == BROKER_WAITS && errno == ESRCH) {
    g_dbus_method_invocation_return_error (
        invocation, G_DBUS_ERROR, G_DBUS_ERROR_UNIX_PROCESS_ID_UNKNOWN, "That thread has ended");
  } else {
    g_error ("The test's broker cannot grant: %s", g_strerror (errno));
  }
}

typedef struct {
  Broker *broker;
  GDBusMethodInvocation *invocation;
} Waiting;

static gboolean
on_waiting (gpointer data)
{
  Waiting *waiting = data;
  g_autofree char *go_on = g_build_filename (waiting->broker->dir, "go on", NULL);

  if (!g_file_test (go_on, G_FILE_TEST_EXISTS))
    return G_SOURCE_CONTINUE;

  grant (waiting->broker, waiting->invocation);
  return G_SOURCE_REMOVE;
}

static void
wait_with (Broker *broker, GDBusMethodInvocation *invocation)
{
  g_autoptr (GSource) source = g_timeout_source_new (5);
  g_autofree char *asked = g_build_filename (broker->dir, "asked", NULL);
  Waiting *waiting = g_new (Waiting, 1);

  *waiting = (Waiting) { broker, invocation };
  g_source_set_callback (source, on_waiting, waiting, g_free);
  g_source_attach (source, broker->context);
  g_assert_true (g_file_set_contents (asked, "", 0, NULL));
}

static void
on_call (GDBusConnection *bus,
         const char *sender,
         const char *path,
         const char *interface,
         const char *method,
         GVariant *parameters,
         GDBusMethodInvocation *invocation,
         gpointer user_data)
{
  Broker *broker = user_data;
  guint priority;

  asked_thread (invocation, &priority);
  g_assert_cmpuint (priority, ==, MAX_PRIORITY); /* more was wanted */
  broker->n_asked++;
  if (broker->mode == BROKER_REFUSES)
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                           "Too many threads");
  else if (broker->mode == BROKER_WAITS)
    wait_with (broker, invocation);
  else
    grant (broker, invocation);
}

static GVariant *
on_get (GDBusConnection *bus,
        const char *sender,
        const char *path,
        const char *interface,
        const char *property,
        GError **error,
        gpointer user_data)
{
  return g_str_equal (property, "RTTimeUSecMax") ? g_variant_new_int64 (200000)
                                                 : g_variant_new_int32 (MAX_PRIORITY);
}

static const GDBusInterfaceVTable vtable = { on_call, on_get, NULL, { 0 } };

static gpointer
broker_run (gpointer user_data)
{
  Broker *broker = user_data;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (xml, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint id;

  g_main_context_push_thread_default (broker->context);
  id = g_dbus_connection_register_object (
      broker->bus,
      broker->is_portal ? "/org/freedesktop/portal/desktop" : "/org/freedesktop/RealtimeKit1",
      info->interfaces[broker->is_portal], &vtable, broker, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (
      broker->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
      "RequestName",
      g_variant_new (
          "(su)",
          broker->is_portal ? "org.freedesktop.portal.Desktop" : "org.freedesktop.RealtimeKit1", 4),
      NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
  g_async_queue_push (broker->ready, broker);
  if (broker->mode == BROKER_HANGS)
    g_async_queue_pop (broker->quit);
  else
    g_main_loop_run (broker->loop);
  g_dbus_connection_unregister_object (broker->bus, id);
  g_main_context_pop_thread_default (broker->context);
  return NULL;
}

static GDBusConnection *
wait_for_bus (const char *address)
{
  for (guint i = 0; i < 100; i++) {
    GDBusConnection *bus =
        g_dbus_connection_new_for_address_sync (address,
                                                G_DBUS_CONNECTION_FLAGS_AUTHENTICATION_CLIENT |
                                                    G_DBUS_CONNECTION_FLAGS_MESSAGE_BUS_CONNECTION,
                                                NULL, NULL, NULL);

    if (bus)
      return bus;
    g_usleep (50000);
  }
  g_error ("The test's bus does not answer");
}

static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static void
start_daemon (Broker *broker)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *conf = g_build_filename (broker->dir, "bus.conf", NULL);
  g_autofree char *text = NULL;
  g_autoptr (GError) error = NULL;

  text = g_strdup_printf ("<busconfig><type>system</type><listen>%s</listen>"
                          "<auth>EXTERNAL</auth><policy context='default'>"
                          "<allow user='*'/><allow own='*'/><allow send_type='*'/>"
                          "<allow receive_type='*'/></policy></busconfig>",
                          broker->address);
  g_assert_true (g_file_set_contents (conf, text, -1, &error));
  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  broker->daemon = g_subprocess_launcher_spawn (launcher, &error, "dbus-daemon", "--nofork",
                                                "--config-file", conf, NULL);
  g_assert_no_error (error);
}

void
broker_start (Broker *broker)
{
  g_autoptr (GError) error = NULL;

  broker->dir = g_dir_make_tmp ("tutti-bus-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (broker->dir, 0777));
  broker->address = g_strdup_printf ("unix:path=%s/bus", broker->dir);
  start_daemon (broker);
  broker->bus = wait_for_bus (broker->address);
  broker->ready = g_async_queue_new ();
  broker->quit = g_async_queue_new ();
  broker->context = g_main_context_new ();
  broker->loop = g_main_loop_new (broker->context, FALSE);
  broker->thread = g_thread_new ("broker", broker_run, broker);
  g_async_queue_pop (broker->ready); /* it has its name */
}

void
broker_stop (Broker *broker)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", broker->dir);

  g_async_queue_push (broker->quit, broker);
  g_main_loop_quit (broker->loop);
  g_thread_join (broker->thread);
  g_dbus_connection_close_sync (broker->bus, NULL, NULL);
  g_clear_object (&broker->bus);
  g_main_loop_unref (broker->loop);
  g_main_context_unref (broker->context);
  g_async_queue_unref (broker->ready);
  g_async_queue_unref (broker->quit);
  g_subprocess_force_exit (broker->daemon);
  g_subprocess_wait (broker->daemon, NULL, NULL);
  g_clear_object (&broker->daemon);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  g_free (broker->dir);
  g_free (broker->address);
}
