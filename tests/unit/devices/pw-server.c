/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "pw-server.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>

#define WAIT_SECONDS 15

struct _PwServer {
  char *dir;
  char *socket;
  GSubprocess *pipewire;
  GSubprocess *wireplumber;
  guint rate;
};

static const char wireplumber_conf[] = "wireplumber.profiles = {\n"
                                       "  main = {\n"
                                       "    hardware.audio = disabled\n"
                                       "    hardware.bluetooth = disabled\n"
                                       "    hardware.video-capture = disabled\n"
                                       "    support.dbus = disabled\n"
                                       "    support.logind = disabled\n"
                                       "    support.reserve-device = disabled\n"
                                       "    support.portal-permissionstore = disabled\n"
                                       "    support.mpris = disabled\n"
                                       "  }\n"
                                       "}\n";

static void
write_conf (PwServer *self, const char *program, const char *text)
{
  g_autofree char *folder_name = g_strdup_printf ("%s.conf.d", program);
  g_autofree char *folder = g_build_filename (self->dir, "config", program, folder_name, NULL);
  g_autofree char *path = g_build_filename (folder, "10-test.conf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_no_errno (g_mkdir_with_parents (folder, 0700));
  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

static void
write_rate (PwServer *self, guint rate, const char *allowed)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf ("context.properties = {\n"
                          "  default.clock.rate = %u\n"
                          "  default.clock.allowed-rates = [ %s ]\n"
                          "  default.clock.quantum = 1024\n"
                          "  default.clock.min-quantum = 32\n"
                          "  default.clock.max-quantum = 2048\n"
                          "}\n",
                          rate, allowed);
  self->rate = rate;
  write_conf (self, "pipewire", text);
}

static void
set_dir (PwServer *self, const char *variable, const char *name)
{
  g_autofree char *path = g_build_filename (self->dir, name, NULL);

  g_assert_no_errno (g_mkdir_with_parents (path, 0700));
  g_setenv (variable, path, TRUE);
}

static void
die_with_parent (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

static GSubprocess *
spawn (PwServer *self, const char *program)
{
  g_autoptr (GSubprocessLauncher) launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_NONE);
  g_autofree char *log = g_strdup_printf ("%s/%s.log", self->dir, program);
  g_autoptr (GError) error = NULL;
  GSubprocess *process;

  g_subprocess_launcher_set_child_setup (launcher, die_with_parent, NULL, NULL);
  /* Their fatal warnings are not ours. */
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  g_subprocess_launcher_set_stdout_file_path (launcher, log);
  g_subprocess_launcher_set_flags (launcher, G_SUBPROCESS_FLAGS_STDERR_MERGE);
  process = g_subprocess_launcher_spawn (launcher, &error, program, NULL);
  g_assert_no_error (error);

  return process;
}

PwServer *
pw_server_new (void)
{
  PwServer *self;
  g_autofree char *program = g_find_program_in_path ("pipewire");
  g_autoptr (GError) error = NULL;

  if (program == NULL) {
    g_print ("1..0 # SKIP no pipewire on this machine\n");
    exit (77);
  }

  self = g_new0 (PwServer, 1);
  self->dir = g_dir_make_tmp ("tutti-pw-XXXXXX", &error);
  g_assert_no_error (error);
  self->socket = g_build_filename (self->dir, "pipewire-0", NULL);

  g_setenv ("XDG_RUNTIME_DIR", self->dir, TRUE);
  g_setenv ("HOME", self->dir, TRUE);
  set_dir (self, "XDG_CONFIG_HOME", "config");
  set_dir (self, "XDG_STATE_HOME", "state");
  set_dir (self, "XDG_CACHE_HOME", "cache");
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent", TRUE);
  g_unsetenv ("PIPEWIRE_REMOTE");
  g_unsetenv ("PIPEWIRE_RUNTIME_DIR");
  write_rate (self, 48000, "48000");
  write_conf (self, "wireplumber", wireplumber_conf);
  pw_server_start (self);

  return self;
}

static gboolean
wireplumber_is_up (PwServer *self)
{
  g_autofree char *output = NULL;
  int status = -1;

  /* Its metadata is there, and says so when asked. */
  return g_spawn_command_line_sync ("pw-metadata -n default", &output, NULL, &status, NULL) &&
         status == 0 && strstr (output, "Found \"default\"") != NULL;
}

static gboolean
socket_is_there (PwServer *self)
{
  return g_file_test (self->socket, G_FILE_TEST_EXISTS);
}

void
pw_server_start (PwServer *self)
{
  self->pipewire = spawn (self, "pipewire");
  WAIT_FOR (socket_is_there, self);
  self->wireplumber = spawn (self, "wireplumber");
  WAIT_FOR (wireplumber_is_up, self);
}

static void
end_process (GSubprocess **process)
{
  g_subprocess_force_exit (*process);
  g_subprocess_wait (*process, NULL, NULL);
  g_clear_object (process);
}

void
pw_server_kill (PwServer *self)
{
  end_process (&self->pipewire);
  end_process (&self->wireplumber);
  g_unlink (self->socket);
}

void
pw_server_set_rate (PwServer *self, guint rate, const char *allowed)
{
  pw_server_kill (self);
  write_rate (self, rate, allowed);
  pw_server_start (self);
}

void
pw_server_free (PwServer *self)
{
  g_autofree char *command = g_strdup_printf ("rm -rf '%s'", self->dir);

  pw_server_kill (self);
  if (g_getenv ("TUTTI_TEST_KEEP") == NULL)
    g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL);
  else
    g_printerr ("kept %s\n", self->dir);
  g_free (self->dir);
  g_free (self->socket);
  g_free (self);
}

typedef struct {
  GMainLoop *loop;
  GError *error;
} Run;

static void
on_run_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Run *run = user_data;

  g_subprocess_wait_check_finish (G_SUBPROCESS (source), result, &run->error);
  g_main_loop_quit (run->loop);
}

static void
run_tool (const char *command_line, GError **error)
{
  g_auto (GStrv) argv = NULL;
  g_autoptr (GSubprocessLauncher) launcher = NULL;
  g_autoptr (GSubprocess) process = NULL;
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  Run run = { loop, NULL };

  g_assert_true (g_shell_parse_argv (command_line, NULL, &argv, NULL));
  launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDOUT_SILENCE);
  g_subprocess_launcher_unsetenv (launcher, "G_DEBUG");
  process = g_subprocess_launcher_spawnv (launcher, (const char *const *) argv, &run.error);
  g_assert_no_error (run.error);
  /* Meanwhile our own nodes have to answer. */
  g_subprocess_wait_check_async (process, NULL, on_run_done, &run);
  g_main_loop_run (loop);
  if (run.error != NULL)
    g_propagate_error (error, run.error);
}

void
pw_server_run (PwServer *self, const char *command_line)
{
  g_autoptr (GError) error = NULL;

  run_tool (command_line, &error);
  if (error != NULL)
    g_error ("%s: %s", command_line, error->message);
}

gboolean
pw_server_try (PwServer *self, const char *command_line)
{
  g_autoptr (GError) error = NULL;

  run_tool (command_line, &error);
  return error == NULL;
}

void
pw_server_add_device (PwServer *self,
                      const char *name,
                      const char *description,
                      const char *media_class,
                      const char *position,
                      int priority)
{
  g_autofree char *command = g_strdup_printf (
      "pw-cli create-node adapter '{ factory.name=support.null-audio-sink node.name=%s "
      "node.description=\"%s\" media.class=%s object.linger=true audio.position=[%s] "
      "audio.rate=%u priority.session=%d priority.driver=%d }'",
      name, description, media_class, position, self->rate, priority, priority);

  pw_server_run (self, command);
}

void
pw_server_remove_device (PwServer *self, const char *name)
{
  g_autofree char *command = g_strdup_printf ("pw-cli destroy %s", name);

  pw_server_run (self, command);
}

void
pw_server_add_pair (PwServer *self, const char *position)
{
  pw_server_add_device (self, "vmic", "Microphone", "Audio/Source/Virtual", position, 1500);
  pw_server_add_device (self, "vspk", "Speaker", "Audio/Sink", "FL FR", 1500);
}

void
pw_server_remove_pair (PwServer *self)
{
  pw_server_remove_device (self, "vmic");
  pw_server_remove_device (self, "vspk");
}

static void
on_timeout (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

void
pw_wait_for (PwCondition condition, gpointer user_data, const char *what)
{
  gint64 end = g_get_monotonic_time () + WAIT_SECONDS * G_USEC_PER_SEC;

  while (!condition (user_data)) {
    if (g_get_monotonic_time () > end)
      g_error ("Waited %d s in vain for %s", WAIT_SECONDS, what);
    pw_run_for (10);
  }
}

void
pw_run_for (guint ms)
{
  gboolean over = FALSE;

  g_timeout_add_once (ms, on_timeout, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

guint
pw_get_uint (gpointer object, const char *property)
{
  guint value;

  g_object_get (object, property, &value, NULL);
  return value;
}

gboolean
pw_get_boolean (gpointer object, const char *property)
{
  gboolean value;

  g_object_get (object, property, &value, NULL);
  return value;
}

char *
pw_get_string (gpointer object, const char *property)
{
  char *value;

  g_object_get (object, property, &value, NULL);
  return value;
}
