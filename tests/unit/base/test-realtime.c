/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "broker.h"
#include "tutti-thread.h"

/* Asking for real-time priority never takes longer than this, whoever hangs. */
#define AT_ONCE_US (50 * G_TIME_SPAN_MILLISECOND)
#define N_THREADS  8
#define NO_BUS     "unix:path=/nonexistent"

static gboolean
has_realtime (void)
{
  int policy = sched_getscheduler (0) & ~SCHED_RESET_ON_FORK;

  return policy == SCHED_FIFO || policy == SCHED_RR;
}

static gboolean
ask (void)
{
  gint64 begin = g_get_monotonic_time ();
  gboolean granted = tutti_thread_make_realtime (10);

  g_assert_cmpint (g_get_monotonic_time () - begin, <, AT_ONCE_US);
  return granted;
}

/* How many threads there are that ask brokers. */
static guint
count_askers (void)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc/self/task", 0, NULL);
  const char *tid;
  guint n = 0;

  while ((tid = g_dir_read_name (dir)) != NULL) {
    g_autofree char *path = g_build_filename ("/proc/self/task", tid, "comm", NULL);
    g_autofree char *comm = NULL;

    n += g_file_get_contents (path, &comm, NULL, NULL) && g_str_equal (comm, "tutti-realtime\n");
  }
  return n;
}

static gboolean
no_asker (gconstpointer data)
{
  return count_askers () == 0;
}

/* The message bus's threads bear the name of the one that starts them for a moment. */
static gboolean
one_asker (gconstpointer data)
{
  return count_askers () == 1;
}

static gboolean
is_answered (gconstpointer data)
{
  return tutti_thread_check_realtime (NULL, NULL) != TUTTI_REALTIME_ASKED;
}

static gboolean
has_file (gconstpointer path)
{
  return g_file_test (path, G_FILE_TEST_EXISTS);
}

static void
wait_for (gboolean (*condition) (gconstpointer), gconstpointer data)
{
  gint64 end = g_get_monotonic_time () + 9 * G_TIME_SPAN_SECOND;

  while (!condition (data)) {
    g_assert_cmpint (g_get_monotonic_time (), <, end);
    g_usleep (2000);
  }
}

/* -- as whoever runs the test -- */

static gpointer
make_realtime (gpointer user_data)
{
  gboolean granted = ask ();

  /* What it says must be what the kernel says. */
  if (granted)
    g_assert_true (has_realtime ());
  else
    wait_for (is_answered, NULL);
  g_test_message ("real-time %s", granted           ? "granted at once"
                                  : has_realtime () ? "granted"
                                                    : "not granted");
  g_assert_cmpint (has_realtime (), ==,
                   tutti_thread_check_realtime (NULL, NULL) == TUTTI_REALTIME_GRANTED);
  return NULL;
}

static void
test_realtime (void)
{
  g_thread_join (g_thread_new ("rt", make_realtime, NULL));
  g_assert_cmpint (sched_getscheduler (0), ==, SCHED_OTHER);
}

/* -- as a user whom the kernel does not let -- */

static void
become_nobody (void)
{
  const struct rlimit none = { 0, 0 };

  g_assert_no_errno (setrlimit (RLIMIT_RTPRIO, &none));
  if (getuid () != 0)
    return;
  g_assert_no_errno (setresgid (65534, 65534, 65534));
  g_assert_no_errno (setresuid (65534, 65534, 65534));
}

static void
assert_nobody_asks (void)
{
  guint n;

  g_assert_cmpint (tutti_thread_check_realtime (&n, NULL), ==, TUTTI_REALTIME_GRANTED);
  g_assert_cmpuint (n, ==, 0);
}

static void
assert_can_be_taken_away (void)
{
  const struct sched_param none = { 0 };
  guint n;

  g_assert_cmpint (sched_getscheduler (0) & ~SCHED_RESET_ON_FORK, ==, SCHED_RR);
  g_assert_no_errno (sched_setscheduler (0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none));
  g_assert_cmpint (tutti_thread_check_realtime (NULL, NULL), ==, TUTTI_REALTIME_TAKEN_AWAY);
  tutti_thread_make_ordinary ();
  g_assert_cmpint (tutti_thread_check_realtime (&n, NULL), ==, TUTTI_REALTIME_GRANTED);
  g_assert_cmpuint (n, ==, 0);
}

static gpointer
ask_and_check (gpointer wanted)
{
  g_autofree char *reason = NULL;
  gboolean granted;
  guint n, without;
  TuttiRealtime state;

  g_assert_false (ask ());
  wait_for (is_answered, NULL);
  wait_for (no_asker, NULL); /* the kernel knows of a grant before its answer is here */
  state = tutti_thread_check_realtime (&n, &without);
  reason = tutti_thread_describe_realtime (state);
  granted = state == TUTTI_REALTIME_GRANTED;

  g_test_message ("state %d: %s", state, reason ? reason : "granted");
  g_assert_cmpint (state, ==, GPOINTER_TO_INT (wanted));
  g_assert_cmpint (has_realtime (), ==, granted);
  g_assert_cmpint (reason == NULL, ==, granted);
  g_assert_cmpuint (n, ==, 1);
  g_assert_cmpuint (without, ==, granted ? 0 : 1);
  if (granted)
    assert_can_be_taken_away ();
  return NULL;
}

static void
ask_as_nobody (TuttiRealtime wanted)
{
  become_nobody ();
  for (guint i = 0; i < 2; i++) { /* the second is asked for by another thread than the first */
    g_thread_join (g_thread_new ("rt", ask_and_check, GINT_TO_POINTER (wanted)));
    /* A thread that has ended is not missing anything. */
    assert_nobody_asks ();
    wait_for (no_asker, NULL);
  }
}

static void
trap (void)
{
  g_test_trap_subprocess (NULL, 30 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
  g_test_trap_assert_passed ();
}

static void
test_nobody_grants (void)
{
  if (!g_test_subprocess ()) {
    trap ();
    return;
  }
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", NO_BUS, TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", NO_BUS, TRUE);
  ask_as_nobody (TUTTI_REALTIME_NOBODY_GRANTS);

  /* Nobody is asked for the main thread. */
  g_assert_false (ask ());
  g_assert_cmpint (tutti_thread_check_realtime (NULL, NULL), ==, TUTTI_REALTIME_NOBODY_GRANTS);
  g_assert_cmpuint (count_askers (), ==, 0);
  tutti_thread_make_ordinary ();
  assert_nobody_asks ();
}

/* -- with a broker; all that ask run in a process of their own -- */

static gboolean
can_run (gboolean needs_root)
{
  g_autofree char *program = g_find_program_in_path ("dbus-daemon");

  if (program != NULL && (getuid () == 0 || !needs_root))
    return TRUE;
  g_test_skip ("Needs a dbus-daemon, and root where something is to be granted.");
  return FALSE;
}

static void
run_with (Broker *broker)
{
  broker_start (broker);
  g_setenv ("DBUS_SYSTEM_BUS_ADDRESS", broker->is_portal ? NO_BUS : broker->address, TRUE);
  g_setenv ("DBUS_SESSION_BUS_ADDRESS", broker->is_portal ? broker->address : NO_BUS, TRUE);
  g_setenv ("TUTTI_TEST_BROKER", broker->dir, TRUE);
  trap ();
  broker_stop (broker);
}

typedef struct {
  BrokerMode mode;
  gboolean is_portal;
  TuttiRealtime wanted;
} Case;

static const Case cases[] = {
  { BROKER_GRANTS, FALSE, TUTTI_REALTIME_GRANTED },
  { BROKER_REFUSES, FALSE, TUTTI_REALTIME_REFUSED },
  { BROKER_GRANTS, TRUE, TUTTI_REALTIME_GRANTED },
  { BROKER_REFUSES, TRUE, TUTTI_REALTIME_REFUSED },
};

static void
test_answers (gconstpointer data)
{
  const Case *one = data;
  Broker broker = { .mode = one->mode, .is_portal = one->is_portal };

  if (g_test_subprocess ()) {
    ask_as_nobody (one->wanted);
    return;
  }
  if (!can_run (one->mode == BROKER_GRANTS))
    return;

  run_with (&broker);
  g_assert_cmpuint (broker.n_asked, ==, 2);
}

/* -- one that hangs -- */

static GMutex stay_lock; /* held as long as threads shall stay */

static gpointer
ask_and_stay (gpointer data)
{
  g_assert_false (ask ());
  g_mutex_lock (&stay_lock);
  g_mutex_unlock (&stay_lock);
  return NULL;
}

/* However many ask, each goes on at once, and all know after the time of one call. */
static void
ask_in_vain (void)
{
  gint64 begin = g_get_monotonic_time ();
  GThread *threads[N_THREADS];
  g_autofree char *reason = NULL;
  guint n = 0, without;

  become_nobody ();
  g_mutex_lock (&stay_lock);
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new ("rt", ask_and_stay, NULL);
  while (n < N_THREADS)
    g_assert_cmpint (tutti_thread_check_realtime (&n, &without), <=, TUTTI_REALTIME_ASKED);
  g_assert_cmpuint (without, ==, N_THREADS);
  wait_for (one_asker, NULL);
  g_assert_null (tutti_thread_describe_realtime (TUTTI_REALTIME_ASKED));

  wait_for (is_answered, NULL);
  g_assert_cmpint (tutti_thread_check_realtime (&n, &without), ==, TUTTI_REALTIME_NO_ANSWER);
  g_assert_cmpuint (n, ==, N_THREADS);
  g_assert_cmpuint (without, ==, N_THREADS);
  reason = tutti_thread_describe_realtime (TUTTI_REALTIME_NO_ANSWER);
  g_assert_nonnull (reason);
  g_assert_cmpint (g_get_monotonic_time () - begin, >, G_TIME_SPAN_SECOND); /* it was waited for */
  g_assert_cmpint (g_get_monotonic_time () - begin, <, 4 * G_TIME_SPAN_SECOND);
  wait_for (no_asker, NULL);

  g_mutex_unlock (&stay_lock);
  for (guint i = 0; i < N_THREADS; i++)
    g_thread_join (threads[i]);
  assert_nobody_asks ();
}

static void
test_hangs (gconstpointer is_portal)
{
  Broker broker = { .mode = BROKER_HANGS, .is_portal = GPOINTER_TO_INT (is_portal) };

  if (g_test_subprocess ())
    ask_in_vain ();
  else if (can_run (FALSE))
    run_with (&broker);
}

static gint64 exit_begin;

/* Registered before the first asking, so it comes after what that registered. */
static void
check_exit (void)
{
  gint64 took = g_get_monotonic_time () - exit_begin;

  if (took < G_TIME_SPAN_SECOND && count_askers () == 0)
    return;
  g_printerr ("%u askers left after %" G_GINT64_FORMAT " µs\n", count_askers (), took);
  _exit (1);
}

/* The end of a program waits for no broker, and leaves no thread behind. */
static void
test_exit (void)
{
  Broker broker = { .mode = BROKER_HANGS };

  if (!g_test_subprocess ()) {
    if (can_run (FALSE))
      run_with (&broker);
    return;
  }
  become_nobody ();
  atexit (check_exit);
  g_mutex_lock (&stay_lock); /* for good: the program ends while that thread lives */
  g_thread_unref (g_thread_new ("rt", ask_and_stay, NULL));
  g_usleep (100 * G_TIME_SPAN_MILLISECOND);
  wait_for (one_asker, NULL);
  exit_begin = g_get_monotonic_time ();
}

/* -- one that grants too late -- */

static void
let_go_on (void)
{
  g_autofree char *path = g_build_filename (g_getenv ("TUTTI_TEST_BROKER"), "go on", NULL);

  g_assert_true (g_file_set_contents (path, "", 0, NULL));
}

static gpointer
ask_and_leave (gpointer does_end)
{
  g_autofree char *path = g_build_filename (g_getenv ("TUTTI_TEST_BROKER"), "asked", NULL);

  g_assert_false (ask ());
  wait_for (has_file, path);
  if (does_end)
    return NULL;

  tutti_thread_make_ordinary ();
  assert_nobody_asks ();
  let_go_on ();
  wait_for (no_asker, NULL);
  g_assert_false (has_realtime ());
  return NULL;
}

static void
test_late (gconstpointer does_end)
{
  Broker broker = { .mode = BROKER_WAITS };

  if (g_test_subprocess ()) {
    become_nobody ();
    g_thread_join (g_thread_new ("rt", ask_and_leave, (gpointer) does_end));
    assert_nobody_asks ();
    if (does_end)
      let_go_on ();
    wait_for (no_asker, NULL);
    assert_nobody_asks ();
    return;
  }
  if (!can_run (TRUE))
    return;

  run_with (&broker);
  g_assert_cmpuint (broker.n_asked, ==, 1);
  g_assert_cmpuint (broker.n_granted, ==, does_end ? 0 : 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  g_test_add_func ("/realtime/asked", test_realtime);
  g_test_add_func ("/realtime/nobody-grants", test_nobody_grants);
  g_test_add_data_func ("/realtime/broker/grants", &cases[0], test_answers);
  g_test_add_data_func ("/realtime/broker/refuses", &cases[1], test_answers);
  g_test_add_data_func ("/realtime/broker/hangs", GINT_TO_POINTER (FALSE), test_hangs);
  g_test_add_data_func ("/realtime/portal/grants", &cases[2], test_answers);
  g_test_add_data_func ("/realtime/portal/refuses", &cases[3], test_answers);
  g_test_add_data_func ("/realtime/portal/hangs", GINT_TO_POINTER (TRUE), test_hangs);
  g_test_add_func ("/realtime/exit", test_exit);
  g_test_add_data_func ("/realtime/late/left", GINT_TO_POINTER (FALSE), test_late);
  g_test_add_data_func ("/realtime/late/ended", GINT_TO_POINTER (TRUE), test_late);
  return g_test_run ();
}
