/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* udp-probe: how long packets take through a network, and which of them arrive.
 *
 *   udp-probe receive PORT SECONDS_OF_SILENCE
 *   udp-probe send ADDRESS PORT COUNT INTERVAL_US BYTES
 *
 * Both run with a real-time priority, on one machine: the time in each packet is CLOCK_MONOTONIC.
 * The receiver prints one JSON object: {"n":…,"reordered":…,"bytes":…,"ways_us":[…],"numbers":[…]}
 * in the order of arrival. */

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_SEC G_GINT64_CONSTANT (1000000000)
#define MAX_COUNT  1000000

typedef struct {
  gint64 sent_ns;
  gint64 number;
} Stamp;

static gint64
now_ns (void)
{
  struct timespec t;

  clock_gettime (CLOCK_MONOTONIC, &t);

  return t.tv_sec * NS_PER_SEC + t.tv_nsec;
}

static int
send_packets (int fd, char **argv)
{
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (atoi (argv[3])) };
  gint64 count = atoll (argv[4]), interval = atoll (argv[5]) * 1000;
  gsize bytes = CLAMP (atoi (argv[6]), (int) sizeof (Stamp), 1400);
  guint8 data[1400] = { 0 };
  gint64 begin = now_ns ();

  if (inet_pton (AF_INET, argv[2], &to.sin_addr) != 1)
    return 2;

  for (gint64 i = 0; i < count; i++) {
    gint64 at = begin + i * interval;
    struct timespec wake = { at / NS_PER_SEC, at % NS_PER_SEC };
    Stamp stamp;

    while (clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &wake, NULL) == EINTR)
      ;
    stamp = (Stamp) { now_ns (), i };
    memcpy (data, &stamp, sizeof stamp);
    if (sendto (fd, data, bytes, 0, (struct sockaddr *) &to, sizeof to) < 0 && errno != ENOBUFS) {
      perror ("sendto");
      return 1;
    }
  }

  return 0;
}

static void
print_packets (const Stamp *got, const gint64 *ways, guint n, guint64 bytes)
{
  guint reordered = 0;

  for (guint i = 1; i < n; i++)
    reordered += got[i].number < got[i - 1].number;
  printf ("{\"n\":%u,\"reordered\":%u,\"bytes\":%" G_GUINT64_FORMAT ",\"ways_us\":[", n, reordered,
          bytes);
  for (guint i = 0; i < n; i++)
    printf ("%s%.1f", i > 0 ? "," : "", ways[i] / 1e3);
  printf ("],\"numbers\":[");
  for (guint i = 0; i < n; i++)
    printf ("%s%" G_GINT64_FORMAT, i > 0 ? "," : "", got[i].number);
  printf ("]}\n");
}

static int
receive_packets (int fd, char **argv)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons (atoi (argv[2])) };
  struct timeval silence = { .tv_sec = atoi (argv[3]) };
  g_autofree Stamp *got = g_new0 (Stamp, MAX_COUNT);
  g_autofree gint64 *ways = g_new0 (gint64, MAX_COUNT);
  guint64 bytes = 0;
  guint n = 0;

  setsockopt (fd, SOL_SOCKET, SO_RCVTIMEO, &silence, sizeof silence);
  if (bind (fd, (struct sockaddr *) &own, sizeof own) != 0) {
    perror ("bind");
    return 1;
  }
  puts ("ready");
  fflush (stdout);

  while (n < MAX_COUNT) {
    guint8 data[1500];
    gssize size = recv (fd, data, sizeof data, 0);
    gint64 now = now_ns ();

    if (size < (gssize) sizeof (Stamp))
      break;
    memcpy (&got[n], data, sizeof (Stamp));
    ways[n] = now - got[n].sent_ns;
    bytes += size;
    n++;
  }
  print_packets (got, ways, n, bytes);

  return 0;
}

int
main (int argc, char **argv)
{
  const struct sched_param priority = { .sched_priority = 80 };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  int buffer = 1 << 20;

  mlockall (MCL_CURRENT);
  if (sched_setscheduler (0, SCHED_FIFO, &priority) != 0)
    g_printerr ("No real-time priority: %s.\n", g_strerror (errno));
  setsockopt (fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer);
  if (argc == 7 && g_str_equal (argv[1], "send"))
    return send_packets (fd, argv);
  if (argc == 4 && g_str_equal (argv[1], "receive"))
    return receive_packets (fd, argv);
  g_printerr (
      "Usage: udp-probe receive PORT SECONDS | send ADDRESS PORT COUNT INTERVAL_US BYTES\n");

  return 2;
}
