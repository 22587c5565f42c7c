/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-thread.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

static gpointer
ask_from_thread (gpointer user_data)
{
  return GINT_TO_POINTER (tutti_thread_is_main ());
}

static void
test_main (void)
{
  g_autoptr (GThread) thread = NULL;

  g_assert_true (tutti_thread_is_main ());
  tutti_thread_init_main ();
  TUTTI_ASSERT_MAIN_THREAD ();

  thread = g_thread_new ("other", ask_from_thread, NULL);
  g_assert_false (GPOINTER_TO_INT (g_thread_join (g_steal_pointer (&thread))));
}

static void
test_assertion (void)
{
  if (g_test_subprocess ()) {
    g_thread_join (g_thread_new ("other", (GThreadFunc) tutti_thread_init_main, NULL));
    return;
  }

  g_test_trap_subprocess (NULL, 0, G_TEST_SUBPROCESS_DEFAULT);
  g_test_trap_assert_failed ();
}

static gpointer
make_realtime (gpointer user_data)
{
  gboolean granted = tutti_thread_make_realtime (10);
  int policy = sched_getscheduler (0);

  /* What it says must be what the kernel says. */
  if (granted)
    g_assert_true ((policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO ||
                   (policy & ~SCHED_RESET_ON_FORK) == SCHED_RR);
  else
    g_assert_cmpint (policy, ==, SCHED_OTHER);

  g_test_message ("real-time %s", granted ? "granted" : "not granted");
  return NULL;
}

static void
test_realtime (void)
{
  gint64 begin = g_get_monotonic_time ();

  g_thread_join (g_thread_new ("rt", make_realtime, NULL));
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_OTHER);
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 5 * G_USEC_PER_SEC);
}

/* -- as a user whom the kernel does not let -- */

static gpointer
ask_and_check (gpointer wanted)
{
  gboolean granted = tutti_thread_make_realtime (10);
  guint n, without;
  TuttiRealtime state = tutti_thread_check_realtime (&n, &without);
  g_autofree char *reason = tutti_thread_describe_realtime (state);

  g_test_message ("state %d: %s", state, reason ? reason : "granted");
  g_assert_cmpint (state, ==, GPOINTER_TO_INT (wanted));
  g_assert_cmpint (granted, ==, state == TUTTI_REALTIME_GRANTED);
  g_assert_cmpint (reason == NULL, ==, granted);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (without, ==, granted ? 0 : 1);
  if (granted) {
    const struct sched_param none = { 0 };

    /* What a broker gave it can take away. */
    g_assert_cmpint (sched_getscheduler (0) & ~SCHED_RESET_ON_FORK, ==, SCHED_RR);
    g_assert_no_errno (sched_setscheduler (0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none));
    g_assert_cmpint (tutti_thread_check_realtime (NULL, NULL), ==, TUTTI_REALTIME_TAKEN_AWAY);
    tutti_thread_make_ordinary ();
    g_assert_cmpint (tutti_thread_check_realtime (&n, NULL), ==, TUTTI_REALTIME_GRANTED);
    g_assert_cmpuint (n, ==, 0);
  }
  return NULL;
}

static void
ask_as_nobody (TuttiRealtime wanted)
{
  const struct rlimit none = { 0, 0 };
  guint n;

  g_assert_no_errno (setrlimit (RLIMIT_RTPRIO, &none));
  g_assert_no_errno (setresgid (65534, 65534, 65534));
  g_assert_no_errno (setresuid (65534, 65534, 65534));
  g_thread_join (g_thread_new ("rt", ask_and_check, GINT_TO_POINTER (wanted)));
  /* A thread that has ended is not missing anything. */
  g_assert_cmpint (tutti_thread_check_realtime (&n, NULL), ==, TUTTI_REALTIME_GRANTED);
  g_assert_cmpuint (n, ==, 0);
}

static void
trap_as_nobody (void)
{
  if (getuid () != 0) {
    g_test_skip ("Only root can become somebody else.");
    return;
  }
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_nobody_grants (void)
{
  if (!g_test_subprocess ()) {
    trap_as_nobody ();
    return;
  }
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  ask_as_nobody (TUTTI_REALTIME_NOBODY_GRANTS);
}

/* -- a broker of the test's own, which is root and can really grant -- */

typedef struct {
  gboolean refuse;
  GSubprocess *daemon;
  GDBusConnection *bus;
  GMainContext *context;
  GMainLoop *loop;
  GThread *thread;
  char *dir;
  char *address;
  guint asked;
} Broker;

static const char broker_xml[] = "<node><interface name='org.freedesktop.RealtimeKit1'>"
                                 "<method name='MakeThreadRealtime'><arg type='t' direction='in'/>"
                                 "<arg type='u' direction='in'/></method>"
                                 "<property name='RTTimeUSecMax' type='x' access='read'/>"
                                 "<property name='MaxRealtimePriority' type='i' access='read'/>"
                                 "</interface></node>";

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
  struct sched_param param = { 0 };
  guint64 tid;
  guint priority;

  g_variant_get (parameters, "(tu)", &tid, &priority);
  broker->asked++;
  g_assert_cmpuint (priority, ==, 5); /* 10 was wanted, 5 is the most */
  param.sched_priority = (int) priority;
  if (broker->refuse)
    g_dbus_method_invocation_return_error (invocation, G_DBUS_ERROR, G_DBUS_ERROR_ACCESS_DENIED,
                                           "Too many threads");
  else if (sched_setscheduler ((pid_t) tid, SCHED_RR | SCHED_RESET_ON_FORK, &param) != 0)
    g_error ("The test's broker cannot grant: %s", g_strerror (errno));
  else
    g_dbus_method_invocation_return_value (invocation, NULL);
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
                                                 : g_variant_new_int32 (5);
}

static const GDBusInterfaceVTable broker_vtable = { on_call, on_get, NULL, { 0 } };

static gpointer
broker_run (gpointer user_data)
{
  Broker *broker = user_data;
  g_autoptr (GDBusNodeInfo) info = g_dbus_node_info_new_for_xml (broker_xml, NULL);
  g_autoptr (GVariant) reply = NULL;
  g_autoptr (GError) error = NULL;
  guint id;

  g_main_context_push_thread_default (broker->context);
  id =
      g_dbus_connection_register_object (broker->bus, "/org/freedesktop/RealtimeKit1",
                                         info->interfaces[0], &broker_vtable, broker, NULL, &error);
  g_assert_no_error (error);
  reply = g_dbus_connection_call_sync (broker->bus, "org.freedesktop.DBus", "/org/freedesktop/DBus",
                                       "org.freedesktop.DBus", "RequestName",
                                       g_variant_new ("(su)", "org.freedesktop.RealtimeKit1", 4),
                                       NULL, G_DBUS_CALL_FLAGS_NONE, -1, NULL, &error);
  g_assert_no_error (error);
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
broker_start (Broker *broker)
{
  g_autoptr (GSubprocessLauncher) launcher =
      g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_autofree char *conf = NULL, *text = NULL;
  g_autoptr (GError) error = NULL;

  broker->dir = g_dir_make_tmp ("tutti-bus-XXXXXX", &error);
  g_assert_no_error (error);
  g_assert_no_errno (g_chmod (broker->dir, 0755));
  conf = g_build_filename (broker->dir, "bus.conf", NULL);
  broker->address = g_strdup_printf ("unix:path=%s/bus", broker->dir);
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
  broker->bus = wait_for_bus (broker->address);
  broker->context = g_main_context_new ();
  broker->loop = g_main_loop_new (broker->context, FALSE);
  broker->thread = g_thread_new ("broker", broker_run, broker);
}

static void
broker_stop (Broker *broker)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", broker->dir);

  g_main_loop_quit (broker->loop);
  g_thread_join (broker->thread);
  g_dbus_connection_close_sync (broker->bus, NULL, NULL);
  g_clear_object (&broker->bus);
  g_main_loop_unref (broker->loop);
  g_main_context_unref (broker->context);
  g_subprocess_force_exit (broker->daemon);
  g_subprocess_wait (broker->daemon, NULL, NULL);
  g_clear_object (&broker->daemon);
  g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  g_free (broker->dir);
  g_free (broker->address);
}

static void
test_broker (gconstpointer data)
{
  Broker broker = { .refuse = GPOINTER_TO_INT (data) };
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");

  if (g_test_subprocess ()) {
    g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
    ask_as_nobody (broker.refuse ? TUTTI_REALTIME_REFUSED : TUTTI_REALTIME_GRANTED);
    return;
  }
  if (getuid () != 0 || program == NULL) {
    g_test_skip ("Needs root and a dbus-daemon.");
    return;
  }

  broker_start (&broker);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", broker.address, TRUE);
  trap_as_nobody ();
  g_unsetenv ("DBUS_SYSTEM_BUS_ADDRESS");
  broker_stop (&broker);
  g_assert_cmpuint (broker.asked, ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_test_add_func ("/thread/main", test_main);
  g_test_add_func ("/thread/assertion", test_assertion);
  g_test_add_func ("/thread/realtime", test_realtime);
  g_test_add_func ("/thread/nobody-grants", test_nobody_grants);
  g_test_add_data_func ("/thread/broker/grants", GINT_TO_POINTER (FALSE), test_broker);
  g_test_add_data_func ("/thread/broker/refuses", GINT_TO_POINTER (TRUE), test_broker);
  return g_test_run ();
}
