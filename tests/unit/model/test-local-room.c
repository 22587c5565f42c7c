/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <glib/gstdio.h>

#include "model-test.h"
#include "tutti-error.h"
#include "tutti-local-room.h"
#include "tutti-thread.h"

/* The life of the subprocess, with a shell script in the service's place: what the service itself
 * does is tested with the real one. */

#define FP    "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define READY "echo 'ready tutti://127.0.0.1:4501/?invite=own.er&fp=" FP "'; "

/* Writes the script that $TUTTI_ROOM_COMMAND runs; its arguments come after. */
static void
use_script (const char *script)
{
  g_autofree char *quoted = g_shell_quote (script);
  g_autofree char *command = g_strdup_printf ("sh -c %s tutti-room", quoted);

  g_setenv ("TUTTI_ROOM_COMMAND", command, TRUE);
}

static gboolean
is_running (gpointer room)
{
  gboolean running;

  g_object_get (room, "running", &running, NULL);

  return running;
}

static gboolean
is_set (gpointer flag)
{
  return *(guint *) flag > 0;
}

static TuttiLink *
start (TuttiLocalRoom *room, const char *name)
{
  g_autoptr (DexFuture) future = tutti_local_room_start (room, name);
  g_autoptr (GError) error = NULL;
  const GValue *value;

  g_assert_true (model_test_await (dex_ref (future), 5000, &error));
  value = dex_future_get_value (future, &error);
  g_assert_no_error (error);

  return g_value_dup_boxed (value);
}

static void
test_ready (void)
{
  TuttiLocalRoom *room = tutti_local_room_new ();
  g_autoptr (TuttiLink) link = NULL;
  g_autoptr (TuttiLink) other = NULL;

  use_script ("echo noise; " READY "cat > /dev/null");
  link = start (room, "jam");
  g_assert_cmpstr (link->host, ==, "127.0.0.1");
  g_assert_cmpuint (link->port, ==, 4501);
  g_assert_cmpstr (link->room, ==, "jam");
  g_assert_cmpstr (link->fingerprint, ==, FP);
  g_assert_true (is_running (room));

  /* A second room of the same service. */
  other = start (room, "second");
  g_assert_cmpstr (other->room, ==, "second");
  g_assert_cmpstr (other->invite, ==, "own.er");
  g_assert_cmpuint (other->port, ==, 4501);

  tutti_local_room_stop (room);
  g_assert_false (is_running (room));
  model_test_run_ms (200); /* the child's end is seen */
  g_assert_finalize_object (room);
}

static void
test_lifeline (void)
{
  g_autofree char *file = g_build_filename (g_get_tmp_dir (), "tutti-test-lifeline-XXXXXX", NULL);
  g_autofree char *script = NULL;
  int fd = g_mkstemp (file);
  TuttiLocalRoom *room = tutti_local_room_new ();
  g_autoptr (TuttiLink) link = NULL;

  /* Removes the file when its standard input ends, which is when we let go of it. */
  g_assert_true (g_close (fd, NULL));
  script = g_strdup_printf (READY "cat > /dev/null; rm '%s'", file);
  use_script (script);
  link = start (room, "jam");
  g_assert_true (g_file_test (file, G_FILE_TEST_EXISTS));
  tutti_local_room_stop (room);
  for (guint i = 0; i < 100 && g_file_test (file, G_FILE_TEST_EXISTS); i++)
    model_test_run_ms (20);
  g_assert_false (g_file_test (file, G_FILE_TEST_EXISTS));
  model_test_run_ms (200);
  g_assert_finalize_object (room);
}

static void
expect_failure (const char *needle)
{
  TuttiLocalRoom *room = tutti_local_room_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (model_test_await (tutti_local_room_start (room, "jam"), 5000, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE);
  g_assert_nonnull (strstr (error->message, needle));
  g_assert_false (is_running (room));
  model_test_run_ms (200); /* the readers let go */
  g_assert_finalize_object (room);
}

static void
test_fails (void)
{
  use_script ("echo 'tutti-room: The port is taken.' >&2; exit 3");
  expect_failure ("The port is taken.");
  use_script ("echo '{\"level\":\"fatal\",\"msg\":\"no worker\"}' >&2; exit 3");
  expect_failure ("no worker");
  use_script ("echo 'ready nonsense'; cat > /dev/null");
  expect_failure ("address");
  g_setenv ("TUTTI_ROOM_COMMAND", "/nonexistent/tutti-room", TRUE);
  expect_failure ("/nonexistent/tutti-room");
  g_setenv ("TUTTI_ROOM_COMMAND", "'unbalanced", TRUE);
  expect_failure ("TUTTI_ROOM_COMMAND");
}

static void
died_cb (TuttiLocalRoom *room, const GError *error, guint *died)
{
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_SERVICE);
  *died += 1;
}

static void
restarted_cb (TuttiLocalRoom *room, guint *restarted)
{
  *restarted += 1;
}

static void
test_restart (void)
{
  TuttiLocalRoom *room = tutti_local_room_new ();
  g_autoptr (TuttiLink) link = NULL;
  guint died = 0, restarted = 0;

  g_signal_connect (room, "died", G_CALLBACK (died_cb), &died);
  g_signal_connect (room, "restarted", G_CALLBACK (restarted_cb), &restarted);

  /* Dies at once the first time; started with the port it had, it stays. */
  use_script (READY "case \"$*\" in *'--port 4501'*) cat > /dev/null;; *) exit 9;; esac");
  link = start (room, "jam");
  g_assert_true (model_test_wait (is_set, &died, 5000));
  g_assert_true (model_test_wait (is_set, &restarted, 5000));
  g_assert_cmpuint (died, ==, 1);
  g_assert_true (is_running (room));

  tutti_local_room_stop (room);
  model_test_run_ms (200);
  g_assert_cmpuint (died, ==, 1);
  g_assert_finalize_object (room);
}

int
main (int argc, char **argv)
{
  tutti_thread_init_main ();
  dex_init ();
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/local-room/ready", test_ready);
  g_test_add_func ("/local-room/lifeline", test_lifeline);
  g_test_add_func ("/local-room/fails", test_fails);
  g_test_add_func ("/local-room/restart", test_restart);

  return g_test_run ();
}
