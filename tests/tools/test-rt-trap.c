/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The trap itself, and the engine in it: with remotes in all formats on bad lines, click, guard,
 * stems and changing formats, the real-time callback neither allocates nor locks nor calls the
 * system. Runs with librt-trap.so preloaded; the engine's process function is built with
 * -DTUTTI_RT_TRAP. */

#include <dlfcn.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tutti-audio-engine-private.h"
#include "tutti-clock.h"
#include "tutti-timer-driver.h"

#define PT 111
#define Q  64

static void (*rt_enter) (int event_fd);
static void (*rt_leave) (void);
static unsigned long (*rt_count) (void);
static int (*rt_traps_syscalls) (void);

/* What must be caught, and what must not. volatile: the compiler would leave unused memory out. */

static int event_fd;
static void *volatile memory;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static GMutex glib_mutex;

static void
violate_malloc (void)
{
  memory = malloc (17);
}

static void
violate_calloc (void)
{
  memory = calloc (3, 17);
}

static void
violate_realloc (void)
{
  memory = realloc (memory, 100);
}

static void
violate_free (void)
{
  free (memory);
}

static void
violate_aligned (void)
{
  memory = aligned_alloc (64, 128);
}

static void
violate_glib (void)
{
  memory = g_new0 (int, 5);
}

static void
violate_log (void)
{
  g_info ("hello");
}

static void
violate_mutex (void)
{
  pthread_mutex_lock (&mutex);
}

static void
violate_glib_mutex (void)
{
  g_mutex_lock (&glib_mutex);
}

static void
violate_gettid (void)
{
  syscall (SYS_gettid);
}

static void
violate_sleep (void)
{
  g_usleep (1);
}

static void
violate_open (void)
{
  if (open ("/dev/null", O_RDONLY) < 0)
    return;
}

static void
write_to (int fd, gsize size)
{
  guint64 numbers[2] = { 1, 1 };

  if (write (fd, numbers, size) < 0)
    return;
}

static void
violate_other_file (void)
{
  write_to (STDERR_FILENO, 8);
}

static void
violate_second_write (void)
{
  write_to (event_fd, 8);
  write_to (event_fd, 8);
}

static void
violate_long_write (void)
{
  write_to (event_fd, 16);
}

static void
allowed (void)
{
  write_to (event_fd, 8);
  for (guint i = 0; i < 1000; i++)
    tutti_clock_now_ns ();
}

static const struct {
  const char *name;
  void (*violate) (void);
  const char *said; /* NULL: allowed */
  gboolean is_syscall;
} violations[] = {
  { "allowed", allowed, NULL },
  { "malloc", violate_malloc, "*rt-trap: malloc in*" },
  { "calloc", violate_calloc, "*rt-trap: calloc in*" },
  { "realloc", violate_realloc, "*rt-trap: realloc in*" },
  { "free", violate_free, "*rt-trap: free in*" },
  { "aligned-alloc", violate_aligned, "*rt-trap: aligned_alloc in*" },
  { "g-new", violate_glib, "*rt-trap: *alloc in*" },
  { "log", violate_log, "*rt-trap: * in*" },
  { "mutex", violate_mutex, "*rt-trap: pthread_mutex_lock in*" },
  { "glib-mutex", violate_glib_mutex, "*rt-trap: g_mutex_lock in*" },
  { "gettid", violate_gettid, "*rt-trap: system call *", TRUE },
  { "sleep", violate_sleep, "*rt-trap: system call *", TRUE },
  { "open", violate_open, "*rt-trap: system call *", TRUE },
  { "other-file", violate_other_file, "*rt-trap: write in*" },
  { "second-write", violate_second_write, "*rt-trap: write in*" },
  { "long-write", violate_long_write, "*rt-trap: write in*" },
};

static void
test_violation (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);

  if (g_test_subprocess ()) {
    event_fd = eventfd (0, EFD_NONBLOCK);
    memory = malloc (10);
    /* Outside, everything goes. */
    free (malloc (10));
    rt_enter (event_fd);
    violations[i].violate ();
    rt_leave ();
    free (malloc (10));
    syscall (SYS_gettid);
    exit (0);
  }
  rt_enter (-1);
  rt_leave ();
  if (violations[i].is_syscall && !rt_traps_syscalls ()) {
    g_test_skip ("this kernel has no Syscall User Dispatch");
    return;
  }
  g_test_trap_subprocess (NULL, 20 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_DEFAULT);
  if (violations[i].said == NULL) {
    g_test_trap_assert_passed ();
    g_test_trap_assert_stderr ("*watched 1 callbacks*");
  } else {
    g_test_trap_assert_failed ();
    g_test_trap_assert_stderr (violations[i].said);
  }
}

/* A line for each stream, from the engine to itself: jitter, loss in bursts, packets that overtake
 * each other, copies that come twice. Its own thread delivers what is due. */
#define N_LINES  5
#define N_FLYING 512

typedef struct {
  gint64 due_ns; /* 0: free */
  gsize size;
  guint8 data[TUTTI_MAX_RTP_SIZE];
} Flying;

typedef struct {
  TuttiAudioRemote *remote; /* under mutex */
  Flying flying[N_FLYING];  /* under mutex */
  pthread_mutex_t mutex;
  guint32 seed;
  guint burst;
} Line;

static _Atomic gboolean stop;
static Line lines[N_LINES];

static guint32
dice (Line *line)
{
  return (line->seed = line->seed * 1664525u + 1013904223u) >> 8;
}

/* Engine's worker: what is lost is lost here. */
static void
line_send (const guint8 *rtp, gsize size, gpointer user_data)
{
  Line *line = user_data;
  gint64 delay_us = 500 + dice (line) % 3000 + (dice (line) % 100 == 0 ? 15000 : 0);

  pthread_mutex_lock (&line->mutex);
  if (line->burst > 0)
    line->burst--;
  else if (dice (line) % 60 == 0)
    line->burst = 1 + dice (line) % 6;
  for (guint i = 0; i < N_FLYING && line->burst == 0; i++)
    if (line->flying[i].due_ns == 0) {
      line->flying[i].due_ns = tutti_clock_now_ns () + delay_us * TUTTI_NSEC_PER_USEC;
      line->flying[i].size = size;
      memcpy (line->flying[i].data, rtp, size);
      break;
    }
  pthread_mutex_unlock (&line->mutex);
}

static void
line_deliver (Line *line)
{
  pthread_mutex_lock (&line->mutex);
  for (guint i = 0; i < N_FLYING; i++) {
    Flying *packet = &line->flying[i];
    gint64 now = tutti_clock_now_ns ();

    if (packet->due_ns == 0 || packet->due_ns > now)
      continue;
    if (line->remote != NULL) {
      tutti_audio_remote_receive (line->remote, 0, packet->data, packet->size, now);
      if (dice (line) % 50 == 0)
        tutti_audio_remote_receive (line->remote, 1, packet->data, packet->size, now);
    }
    packet->due_ns = 0;
  }
  pthread_mutex_unlock (&line->mutex);
}

static gpointer
deliver (gpointer data)
{
  while (!atomic_load (&stop)) {
    for (guint i = 0; i < N_LINES; i++)
      line_deliver (&lines[i]);
    g_usleep (300);
  }
  return NULL;
}

/* As a DAW's node would. */
static gpointer
read_stems (gpointer data)
{
  float left[Q], right[Q];
  float *planes[2] = { left, right };

  while (!atomic_load (&stop)) {
    for (guint i = 0; i < N_LINES; i++) {
      pthread_mutex_lock (&lines[i].mutex);
      if (lines[i].remote != NULL)
        tutti_audio_remote_read_stem (lines[i].remote, planes, Q);
      pthread_mutex_unlock (&lines[i].mutex);
    }
    g_usleep (1000);
  }
  return NULL;
}

static const TuttiAudioFormat formats[] = {
  { TUTTI_WIRE_RAW, 64, 1, 0, 24, TRUE, 2, 3 },
  { TUTTI_WIRE_TIGHT, 64, 1, 128000, 0, TRUE, 1, 2 },
  { TUTTI_WIRE_OPUS, 120, 1, 96000, 0, TRUE, 1, 1 },
  { TUTTI_WIRE_OPUS, 960, 1, 96000, 0, TRUE },
  { TUTTI_WIRE_RAW, 128, 1, 0, 16, TRUE, 1, 4 },
  { TUTTI_WIRE_TIGHT, 128, 1, 96000, 0, TRUE },
  { TUTTI_WIRE_OPUS, 240, 1, 64000, 0, TRUE, 2, 2 },
};

static const TuttiAudioFormat plain = { TUTTI_WIRE_OPUS, 240, 1, 96000 };

static const TuttiAudioFormat *
pick_format (guint i)
{
  const TuttiAudioFormat *format = &formats[i % G_N_ELEMENTS (formats)];

  return format->wire != TUTTI_WIRE_TIGHT || tutti_codec_has_tight () ? format : &formats[0];
}

static void
set_remote (TuttiAudioEngine *engine, guint i, const TuttiAudioFormat *format)
{
  TuttiAudioRemote *next = NULL, *old;
  g_autoptr (GError) error = NULL;

  if (format != NULL) {
    next = tutti_audio_engine_add_remote (engine, format, PT, &error);
    g_assert_no_error (error);
    tutti_audio_remote_set_stem (next, TRUE);
  }
  pthread_mutex_lock (&lines[i].mutex);
  old = lines[i].remote;
  lines[i].remote = next;
  pthread_mutex_unlock (&lines[i].mutex);
  if (old != NULL)
    tutti_audio_engine_remove_remote (engine, old);
}

/* Four framed streams that change format all the time, and a plain one. */
static void
start_streams (TuttiAudioEngine *engine)
{
  TuttiStripConfig config = { 0, 1, 1, -6 };

  for (guint i = 0; i < N_LINES; i++) {
    const TuttiAudioFormat *format = i < 4 ? pick_format (i) : &plain;

    pthread_mutex_init (&lines[i].mutex, NULL);
    lines[i].seed = i + 1;
    g_assert_cmpint (tutti_audio_engine_add_strip (engine, &config, NULL), ==, (int) i);
    tutti_audio_engine_set_strip_monitor (engine, i, i == 0);
    set_remote (engine, i, format);
    g_assert_true (tutti_audio_engine_send_strip (engine, i, 0, format, PT, i, line_send, &lines[i],
                                                  NULL, NULL));
  }
}

/* What a restless musician does, one thing in each round of 20 ms. */
static void
change_something (TuttiAudioEngine *engine, guint round)
{
  TuttiClick click = { 180, 4, tutti_clock_now_ns () + round, 1, TRUE, -20 };
  guint i = round % N_LINES;

  if (round % 7 == 0 && i < 4)
    tutti_audio_engine_change_format (engine, i, 0, pick_format (round / 7), NULL);
  if (round % 11 == 0)
    tutti_audio_engine_set_click (engine, round % 33 == 0 ? NULL : &click);
  if (round % 13 == 0)
    tutti_audio_remote_set_stem (lines[i].remote, round % 26 == 0);
  if (round % 17 == 0)
    tutti_audio_remote_set_bias (lines[i].remote, (float) (round % 5) / 4);
  if (round % 19 == 0)
    tutti_audio_engine_set_strip_muted (engine, i, round % 38 == 0);
  if (round % 23 == 0)
    set_remote (engine, i, i < 4 ? pick_format (round) : &plain);
  if (round % 29 == 0)
    tutti_audio_engine_set_source (
        engine, tutti_audio_source_parse (round % 58 == 0 ? "groove:120" : "tone:330:-1", NULL));
  if (round % 31 == 0)
    tutti_audio_engine_play (engine, tutti_audio_source_parse ("tone:660", NULL), -10, 4800);
  if (round % 37 == 0)
    tutti_audio_engine_set_output_gain (engine, round % 74 == 0 ? 12 : 0);
}

static void
print_stats (TuttiAudioEngine *engine)
{
  for (guint i = 0; i < N_LINES; i++) {
    TuttiRemoteStats stats = { 0 };

    tutti_audio_remote_get_stats (lines[i].remote, &stats);
    g_test_message ("line %u: %" G_GUINT64_FORMAT " received, %" G_GUINT64_FORMAT
                    " samples concealed, %" G_GUINT64_FORMAT " left out, %" G_GUINT64_FORMAT
                    " put in",
                    i, stats.received, stats.concealed_samples, stats.accelerated_samples,
                    stats.expanded_samples);
  }
}

static void
test_engine (void)
{
  TuttiAudioEngine *engine = tutti_audio_engine_new ();
  unsigned long before = rt_count ();
  g_autofree char *path = g_build_filename (g_get_tmp_dir (), "tutti-rt-trap.wav", NULL);
  TuttiTimerDriver *driver;
  GThread *threads[2];
  TuttiEngineStats stats;
  guint64 concealed = 0;

  start_streams (engine);
  tutti_audio_engine_set_source (engine, tutti_audio_source_parse ("groove:100", NULL));
  tutti_audio_engine_set_sink (engine, tutti_audio_sink_new_file (path, NULL));
  threads[0] = g_thread_new ("deliver", deliver, NULL);
  threads[1] = g_thread_new ("stems", read_stems, NULL);
  driver = tutti_timer_driver_new (engine, Q);
  for (guint round = 1; round < 400; round++) {
    TuttiRemoteStats remote = { 0 };

    g_usleep (20000);
    tutti_audio_remote_get_stats (lines[round % N_LINES].remote, &remote);
    concealed = MAX (concealed, remote.concealed_samples);
    change_something (engine, round);
  }
  print_stats (engine);
  tutti_timer_driver_free (driver);
  atomic_store (&stop, TRUE);
  for (guint i = 0; i < 2; i++)
    g_thread_join (threads[i]);
  tutti_audio_engine_get_stats (engine, &stats);
  g_test_message ("%lu callbacks watched, system calls %s; limiter %.1f dB, %u samples concealed",
                  rt_count () - before, rt_traps_syscalls () ? "too" : "not: old kernel",
                  stats.limiter_db, (guint) concealed);
  /* The trap was there, and what is dangerous was done in it. */
  g_assert_cmpuint (rt_count () - before, ==, stats.cycles);
  g_assert_cmpuint (stats.cycles, >, 5000);
  g_assert_cmpuint (concealed, >, 1000);
  tutti_audio_engine_free (engine);
  if (unlink (path) != 0)
    g_test_message ("nothing was recorded");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  *(void **) &rt_enter = dlsym (RTLD_DEFAULT, "tutti_rt_enter");
  *(void **) &rt_leave = dlsym (RTLD_DEFAULT, "tutti_rt_leave");
  *(void **) &rt_count = dlsym (RTLD_DEFAULT, "tutti_rt_count");
  *(void **) &rt_traps_syscalls = dlsym (RTLD_DEFAULT, "tutti_rt_traps_syscalls");
  if (rt_enter == NULL) {
    g_printerr ("librt-trap.so is not preloaded.\n");
    return 99;
  }
  for (guint i = 0; i < G_N_ELEMENTS (violations); i++) {
    g_autofree char *path = g_strdup_printf ("/rt-trap/catches/%s", violations[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_violation);
  }
  g_test_add_func ("/rt-trap/engine", test_engine);
  return g_test_run ();
}
