/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* impair: a network between network namespaces, in user space, where the kernel has no netem.
 *
 *   impair [--seed N] NAME,NAMESPACE_NEAR,NAMESPACE_FAR …
 *
 * For each leg it makes a TUN interface called NAME in both namespaces (files such as
 * /proc/PID/ns/net or /run/netns/X) and carries packets between the two. Giving the interfaces
 * addresses and routes is the caller's. Commands on standard input, one a line; each is answered by
 * one JSON line:
 *
 *   set NAME up|down|both delay=MS jitter=MS loss=% burst-loss=% burst-length=N rate=KBIT queue=MS
 *       reorder=0|1      (up: near → far; what is not named stays as it is)
 *   stats                counts of each direction, and by how much packets were handed on later
 * than they were due (µs, percentiles since the last time)
 *
 * "ready" is printed when the interfaces are there. Ends when standard input does. It runs with a
 * real-time priority above every musician's, and keeps the processor out of deep sleep: it is the
 * wire, and a wire has no wake-up time. */

#include "impair-line.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define MAX_LEGS      8
#define MAX_PACKETS   16384
#define PACKET_BYTES  2048
#define N_LATENESSES  200000
#define NS_PER_SEC    G_GINT64_CONSTANT (1000000000)
#define WIRE_PRIORITY 95

typedef struct {
  gint64 due;
  guint64 number; /* the order of those that are due together */
  guint line;
  gsize bytes;
  guint8 data[PACKET_BYTES];
} Packet;

typedef struct {
  char *name;
  int fd[2];          /* near, far */
  ImpairLine line[2]; /* up: from near to far, down */
} Leg;

typedef struct {
  Leg legs[MAX_LEGS];
  guint n_legs;
  Packet *packets;
  Packet *unused[MAX_PACKETS];
  guint n_unused;
  Packet *heap[MAX_PACKETS];
  guint n_heap;
  guint64 number;
  guint64 overflowed, refused;
  float *lateness; /* µs */
  guint n_lateness;
  char command[1024];
  gsize n_command;
} Impair;

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);

  return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

static gboolean
is_before (const Packet *one, const Packet *other)
{
  return one->due < other->due || (one->due == other->due && one->number < other->number);
}

static void
push (Impair *self, Packet *packet)
{
  guint i = self->n_heap++;

  while (i > 0 && is_before (packet, self->heap[(i - 1) / 2])) {
    self->heap[i] = self->heap[(i - 1) / 2];
    i = (i - 1) / 2;
  }
  self->heap[i] = packet;
}

static Packet *
pop (Impair *self)
{
  Packet *first = self->heap[0], *last = self->heap[--self->n_heap];
  guint i = 0;

  for (;;) {
    guint child = 2 * i + 1;

    if (child >= self->n_heap)
      break;
    if (child + 1 < self->n_heap && is_before (self->heap[child + 1], self->heap[child]))
      child++;
    if (!is_before (self->heap[child], last))
      break;
    self->heap[i] = self->heap[child];
    i = child;
  }
  self->heap[i] = last;

  return first;
}

static int
open_tun (const char *namespace, const char *name)
{
  struct ifreq request = { .ifr_flags = IFF_TUN | IFF_NO_PI };
  int own = open ("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
  int other = open (namespace, O_RDONLY | O_CLOEXEC);
  int fd = -1;

  g_strlcpy (request.ifr_name, name, IFNAMSIZ);
  if (own >= 0 && other >= 0 && setns (other, CLONE_NEWNET) == 0) {
    fd = open ("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd >= 0 && ioctl (fd, TUNSETIFF, &request) != 0) {
      int error = errno;

      close (fd);
      fd = -1;
      errno = error;
    }
    if (setns (own, CLONE_NEWNET) != 0)
      g_error ("setns: %s", g_strerror (errno));
  }
  if (fd < 0)
    g_printerr ("Cannot make %s in %s: %s.\n", name, namespace, g_strerror (errno));
  if (own >= 0)
    close (own);
  if (other >= 0)
    close (other);

  return fd;
}

static gboolean
add_leg (Impair *self, const char *text, guint64 seed)
{
  g_auto (GStrv) parts = g_strsplit (text, ",", -1);
  Leg *leg = &self->legs[self->n_legs];

  if (g_strv_length (parts) != 3 || self->n_legs == MAX_LEGS || strlen (parts[0]) >= IFNAMSIZ) {
    g_printerr ("%s: a leg is NAME,NAMESPACE,NAMESPACE, and there are at most %d.\n", text,
                MAX_LEGS);
    return FALSE;
  }

  leg->name = g_strdup (parts[0]);
  for (int i = 0; i < 2; i++) {
    impair_line_init (&leg->line[i], seed * 1000 + self->n_legs * 2 + i);
    leg->fd[i] = open_tun (parts[1 + i], parts[0]);
    if (leg->fd[i] < 0)
      return FALSE;
  }
  self->n_legs++;

  return TRUE;
}

static void
hand_on (Impair *self, Packet *packet)
{
  int fd = self->legs[packet->line / 2].fd[packet->line % 2 == 0];
  double late;

  if (write (fd, packet->data, packet->bytes) < 0)
    self->refused++;
  late = (now_ns () - packet->due) / 1e3;
  if (self->n_lateness < N_LATENESSES)
    self->lateness[self->n_lateness++] = (float) late;
  self->unused[self->n_unused++] = packet;
}

/* Everything that waits at one end of a leg. */
static void
take_in (Impair *self, guint line)
{
  Leg *leg = &self->legs[line / 2];

  while (self->n_unused > 0) {
    Packet *packet = self->unused[self->n_unused - 1];
    gssize bytes = read (leg->fd[line % 2], packet->data, PACKET_BYTES);
    gint64 now = now_ns ();

    if (bytes <= 0)
      return;
    if (!impair_line_admit (&leg->line[line % 2], now, bytes, &packet->due))
      continue;

    self->n_unused--;
    packet->number = self->number++;
    packet->bytes = bytes;
    packet->line = line;
    if (packet->due <= now && self->n_heap == 0)
      hand_on (self, packet);
    else
      push (self, packet);
  }
  self->overflowed++;
}

static int
compare_floats (const void *a, const void *b)
{
  float one = *(const float *) a, other = *(const float *) b;

  return one < other ? -1 : one > other;
}

static void
print_stats (Impair *self)
{
  static const char *const directions[] = { "up", "down" };
  static const double parts[] = { 0.5, 0.95, 0.99 };
  static const char *const names[] = { "p50", "p95", "p99" };
  guint n = self->n_lateness;

  qsort (self->lateness, n, sizeof (float), compare_floats);
  printf ("{\"lateness_us\":{\"n\":%u", n);
  for (guint i = 0; n > 0 && i < G_N_ELEMENTS (parts); i++)
    printf (",\"%s\":%.1f", names[i], self->lateness[(guint) (parts[i] * n)]);
  if (n > 0)
    printf (",\"max\":%.1f", self->lateness[n - 1]);
  printf ("},\"refused\":%" G_GUINT64_FORMAT ",\"overflowed\":%" G_GUINT64_FORMAT ",\"legs\":{",
          self->refused, self->overflowed);
  for (guint i = 0; i < self->n_legs; i++) {
    printf ("%s\"%s\":{", i > 0 ? "," : "", self->legs[i].name);
    for (guint d = 0; d < 2; d++) {
      const ImpairLine *line = &self->legs[i].line[d];

      printf ("%s\"%s\":{\"in\":%" G_GUINT64_FORMAT ",\"lost\":%" G_GUINT64_FORMAT
              ",\"dropped\":%" G_GUINT64_FORMAT "}",
              d > 0 ? "," : "", directions[d], line->n_in, line->n_lost, line->n_dropped);
    }
    printf ("}");
  }
  printf ("}}\n");
  self->n_lateness = 0;
}

static gboolean
set_lines (Impair *self, const char *name, const char *direction, const char *settings)
{
  gboolean up = !g_str_equal (direction, "down"), down = !g_str_equal (direction, "up");

  for (guint i = 0; i < self->n_legs; i++) {
    const gboolean wanted[] = { up, down };

    for (guint d = 0; d < 2 && g_str_equal (name, self->legs[i].name); d++) {
      g_autofree char *wrong =
          wanted[d] ? impair_settings_parse (&self->legs[i].line[d].settings, settings) : NULL;

      if (wrong != NULL) {
        printf ("{\"error\":\"not understood: %s\"}\n", wrong);
        return FALSE;
      }
    }
    if (g_str_equal (name, self->legs[i].name))
      return TRUE;
  }
  printf ("{\"error\":\"there is no such leg\"}\n");

  return FALSE;
}

static void
obey (Impair *self, const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 4);
  guint n = g_strv_length (words);

  if (n == 4 && g_str_equal (words[0], "set")) {
    if (set_lines (self, words[1], words[2], words[3]))
      printf ("{\"set\":\"%s\"}\n", words[1]);
  } else if (n == 1 && g_str_equal (words[0], "stats")) {
    print_stats (self);
  } else {
    printf ("{\"error\":\"not understood\"}\n");
  }
  fflush (stdout);
}

/* Returns %FALSE at the end of the input. */
static gboolean
take_commands (Impair *self)
{
  gssize n = read (STDIN_FILENO, self->command + self->n_command,
                   sizeof self->command - 1 - self->n_command);
  char *end;

  if (n <= 0)
    return n < 0 && (errno == EAGAIN || errno == EINTR);

  self->n_command += n;
  self->command[self->n_command] = '\0';
  while ((end = strchr (self->command, '\n')) != NULL) {
    *end = '\0';
    obey (self, self->command);
    self->n_command -= end + 1 - self->command;
    memmove (self->command, end + 1, self->n_command + 1);
  }
  if (self->n_command == sizeof self->command - 1)
    self->n_command = 0;

  return TRUE;
}

static void
carry (Impair *self)
{
  struct pollfd fds[2 * MAX_LEGS + 1] = { { .fd = STDIN_FILENO, .events = POLLIN } };

  for (guint i = 0; i < 2 * self->n_legs; i++)
    fds[1 + i] = (struct pollfd) { .fd = self->legs[i / 2].fd[i % 2], .events = POLLIN };

  for (;;) {
    struct timespec wait = { 0, 0 };
    gint64 now = now_ns ();

    while (self->n_heap > 0 && self->heap[0]->due <= now) {
      hand_on (self, pop (self));
      now = now_ns ();
    }
    if (self->n_heap > 0) {
      gint64 left = self->heap[0]->due - now;

      wait = (struct timespec) { left / NS_PER_SEC, left % NS_PER_SEC };
    }
    if (ppoll (fds, 1 + 2 * self->n_legs, self->n_heap > 0 ? &wait : NULL, NULL) < 0)
      continue;
    for (guint i = 0; i < 2 * self->n_legs; i++) {
      if (fds[1 + i].revents != 0)
        take_in (self, i);
    }
    if (fds[0].revents != 0 && !take_commands (self))
      return;
  }
}

static Impair *
impair_new (void)
{
  Impair *self = g_new0 (Impair, 1);

  self->packets = g_new0 (Packet, MAX_PACKETS);
  self->lateness = g_new0 (float, N_LATENESSES);
  for (guint i = 0; i < MAX_PACKETS; i++)
    self->unused[self->n_unused++] = &self->packets[i];

  return self;
}

static void
impair_free (Impair *self)
{
  for (guint i = 0; i < self->n_legs; i++) {
    close (self->legs[i].fd[0]);
    close (self->legs[i].fd[1]);
    g_free (self->legs[i].name);
  }
  g_free (self->packets);
  g_free (self->lateness);
  g_free (self);
}

static void
become_a_wire (void)
{
  const struct sched_param priority = { .sched_priority = WIRE_PRIORITY };
  const gint32 awake = 0;
  int fd = open ("/dev/cpu_dma_latency", O_WRONLY | O_CLOEXEC);

  /* It holds for as long as the descriptor is open. */
  if (fd < 0 || write (fd, &awake, sizeof awake) != sizeof awake)
    g_printerr ("The processor may sleep deeply: %s.\n", g_strerror (errno));
  prctl (PR_SET_TIMERSLACK, 1);
  if (mlockall (MCL_CURRENT | MCL_FUTURE) != 0)
    g_printerr ("Memory may be paged out: %s.\n", g_strerror (errno));
  if (sched_setscheduler (0, SCHED_FIFO, &priority) != 0)
    g_printerr ("No real-time priority: %s. Delays will be rough.\n", g_strerror (errno));
}

int
main (int argc, char **argv)
{
  Impair *self = impair_new ();
  gboolean well = argc > 1;
  guint64 seed = 1;

  for (int i = 1; i < argc && well; i++) {
    if (g_str_equal (argv[i], "--seed") && i + 1 < argc)
      seed = g_ascii_strtoull (argv[++i], NULL, 10);
    else
      well = add_leg (self, argv[i], seed);
  }
  if (!well || self->n_legs == 0) {
    if (argc < 2)
      g_printerr ("Usage: impair [--seed N] NAME,NAMESPACE_NEAR,NAMESPACE_FAR…\n");
    impair_free (self);
    return 1;
  }

  become_a_wire ();
  g_unix_set_fd_nonblocking (STDIN_FILENO, TRUE, NULL);
  puts ("ready");
  fflush (stdout);
  carry (self);
  impair_free (self);

  return 0;
}
