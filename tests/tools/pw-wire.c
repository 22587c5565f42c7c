/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-wire: the least that a program can do, to measure others by.
 *
 *   pw-wire loop                  a bare pw_filter that copies its input to its output
 *   pw-wire PORT ADDRESS PORT     sends every cycle as one UDP packet of PCM, and plays what came
 * last; no buffer, no codec, no correction
 *
 * The node is called pw-wire and has two inputs and two outputs. Ends with SIGTERM. */

#include "meter-graph.h"

#include <arpa/inet.h>
#include <pipewire/pipewire.h>
#include <spa/node/io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_CYCLE 512

typedef struct {
  int fd; /* −1: a loop */
} Wire;

static void
play (float *const *out, const float (*samples)[MAX_CYCLE], guint n)
{
  for (guint i = 0; i < METER_MAX_PORTS; i++) {
    if (out[i] != NULL && samples != NULL)
      memcpy (out[i], samples[i], n * sizeof (float));
    else if (out[i] != NULL)
      memset (out[i], 0, n * sizeof (float));
  }
}

static void
process (gpointer user_data,
         const struct spa_io_position *position,
         const float *const *in,
         float *const *out)
{
  Wire *self = user_data;
  guint n = MIN (position->clock.duration, MAX_CYCLE);
  float block[METER_MAX_PORTS][MAX_CYCLE] = { 0 };
  gboolean came = self->fd < 0;

  for (guint i = 0; i < METER_MAX_PORTS; i++) {
    if (in[i] != NULL)
      memcpy (block[i], in[i], n * sizeof (float));
  }
  if (self->fd >= 0) {
    gsize plane = n * sizeof (float);
    guint8 packet[2 * MAX_CYCLE * sizeof (float)];

    memcpy (packet, block[0], plane);
    memcpy (packet + plane, block[1], plane);
    send (self->fd, packet, 2 * plane, MSG_DONTWAIT);
    while (recv (self->fd, packet, sizeof packet, MSG_DONTWAIT) == (gssize) (2 * plane)) {
      memcpy (block[0], packet, plane);
      memcpy (block[1], packet + plane, plane);
      came = TRUE;
    }
  }
  play (out, came ? (const float (*)[MAX_CYCLE]) block : NULL, n);
}

static int
open_socket (char **argv)
{
  struct sockaddr_in own = { .sin_family = AF_INET, .sin_port = htons (atoi (argv[1])) };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons (atoi (argv[3])) };
  int fd = socket (AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

  if (fd < 0 || inet_pton (AF_INET, argv[2], &to.sin_addr) != 1 ||
      bind (fd, (struct sockaddr *) &own, sizeof own) != 0 ||
      connect (fd, (struct sockaddr *) &to, sizeof to) != 0) {
    perror (argv[2]);
    exit (1);
  }

  return fd;
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  Wire wire = { -1 };
  MeterGraph *graph;
  MeterNode *node;

  if (argc == 4) {
    wire.fd = open_socket (argv);
  } else if (argc != 2 || !g_str_equal (argv[1], "loop")) {
    g_printerr ("Usage: pw-wire loop | pw-wire PORT ADDRESS PORT\n");
    return 2;
  }

  pw_init (NULL, NULL);
  graph = meter_graph_new (NULL, NULL, &error);
  if (graph == NULL) {
    g_printerr ("%s.\n", error->message);
    return 1;
  }
  node = meter_graph_add (graph, "pw-wire", NULL, 64, METER_MAX_PORTS, METER_MAX_PORTS, process,
                          &wire);
  while (meter_graph_run (graph, 3600))
    ;
  meter_graph_remove (graph, node);
  meter_graph_free (graph);

  return 0;
}
