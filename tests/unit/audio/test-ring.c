/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "tutti-command-ring.h"
#include "tutti-packet-ring.h"
#include "tutti-ring.h"
#include "tutti-seqlock.h"

static void
test_wrap (void)
{
  TuttiRing ring;
  guint8 in[48], out[48];

  tutti_ring_init (&ring, 100);
  g_assert_cmpuint (ring.size, ==, 128);
  g_assert_false (tutti_ring_read (&ring, out, 1));
  for (guint round = 0; round < 1000; round++) {
    gsize size = 1 + round % sizeof in;

    for (gsize i = 0; i < size; i++)
      in[i] = (guint8) (round + i);
    g_assert_true (tutti_ring_write (&ring, in, size));
    g_assert_cmpuint (tutti_ring_read_space (&ring), ==, size);
    g_assert_true (tutti_ring_peek (&ring, out, size));
    g_assert_cmpmem (in, size, out, size);
    memset (out, 0, sizeof out);
    g_assert_true (tutti_ring_read (&ring, out, size));
    g_assert_cmpmem (in, size, out, size);
  }
  tutti_ring_clear (&ring);
}

static void
test_full (void)
{
  TuttiRing ring;
  guint8 data[128] = { 1 };

  tutti_ring_init (&ring, 128);
  /* Also where the indices themselves wrap round. */
  atomic_store (&ring.write_index, G_MAXUINT32 - 10);
  atomic_store (&ring.read_index, G_MAXUINT32 - 10);
  g_assert_true (tutti_ring_write2 (&ring, data, 28, data, 100));
  g_assert_cmpuint (tutti_ring_write_space (&ring), ==, 0);
  g_assert_cmpuint (tutti_ring_read_space (&ring), ==, 128);
  g_assert_false (tutti_ring_write (&ring, data, 1));
  g_assert_true (tutti_ring_read (&ring, NULL, 100));
  g_assert_false (tutti_ring_write2 (&ring, data, 64, data, 64));
  g_assert_false (tutti_ring_read (&ring, data, 29));
  g_assert_true (tutti_ring_read (&ring, data, 28));
  tutti_ring_clear (&ring);
}

#define N_STRESS 200000

static gpointer
write_numbers (gpointer data)
{
  TuttiRing *ring = data;

  for (guint32 i = 0; i < N_STRESS; i++) {
    guint32 head[2] = { i, 1 + i % 7 };
    guint32 body[8];

    for (guint k = 0; k < head[1]; k++)
      body[k] = i * 31 + k;
    while (!tutti_ring_write2 (ring, head, sizeof head, body, head[1] * sizeof *body))
      g_thread_yield ();
  }
  return NULL;
}

static void
test_threads (void)
{
  TuttiRing ring;
  GThread *thread;

  tutti_ring_init (&ring, 256);
  thread = g_thread_new ("writer", write_numbers, &ring);
  for (guint32 i = 0; i < N_STRESS; i++) {
    guint32 head[2], body[8];

    while (!tutti_ring_read (&ring, head, sizeof head))
      g_thread_yield ();
    g_assert_cmpuint (head[0], ==, i);
    /* Head and body come together or not at all. */
    g_assert_true (tutti_ring_read (&ring, body, head[1] * sizeof *body));
    for (guint k = 0; k < head[1]; k++)
      g_assert_cmpuint (body[k], ==, i * 31 + k);
  }
  g_thread_join (thread);
  tutti_ring_clear (&ring);
}

static void
test_packets (void)
{
  TuttiPacketRing ring;
  guint8 data[TUTTI_MAX_RTP_SIZE + 1] = { 7 };
  const TuttiPacket *packet;

  tutti_packet_ring_init (&ring, 4096);
  g_assert_null (tutti_packet_ring_peek (&ring));
  /* Again and again, so that the end of the memory comes everywhere in a packet. */
  for (guint round = 0; round < 200; round++) {
    guint n = 0;

    while (tutti_packet_ring_push (&ring, data, 900 + round % 7 * 13 + n, n))
      n++;
    g_assert_cmpuint (n, >=, 3);
    g_assert_cmpuint (n, <=, 4);
    g_assert_cmpuint (atomic_load (&ring.dropped), ==, round + 1);
    for (guint i = 0; i < n; i++) {
      packet = tutti_packet_ring_peek (&ring);
      g_assert_nonnull (packet);
      g_assert_cmpuint (packet->size, ==, 900 + round % 7 * 13 + i);
      g_assert_cmpint (packet->arrival_ns, ==, i);
      g_assert_cmpuint (packet->data[0], ==, 7);
      tutti_packet_ring_pop (&ring);
    }
    g_assert_null (tutti_packet_ring_peek (&ring));
  }
  g_assert_true (tutti_packet_ring_push (&ring, data, TUTTI_MAX_RTP_SIZE, 0));
  g_assert_false (tutti_packet_ring_push (&ring, data, TUTTI_MAX_RTP_SIZE + 1, 0));
  g_assert_true (tutti_packet_ring_push (&ring, NULL, 0, 0));
  tutti_packet_ring_clear (&ring);
}

static gpointer
push_packets (gpointer data)
{
  TuttiPacketRing *ring = data;
  guint8 bytes[200];

  for (guint i = 0; i < 50000; i++) {
    gsize size = 1 + i % sizeof bytes;

    memset (bytes, (int) (i & 0xff), sizeof bytes);
    while (!tutti_packet_ring_push (ring, bytes, size, i))
      g_thread_yield ();
  }
  return NULL;
}

static void
test_packet_threads (void)
{
  TuttiPacketRing ring;
  GThread *thread;

  tutti_packet_ring_init (&ring, 4096);
  thread = g_thread_new ("pusher", push_packets, &ring);
  for (guint i = 0; i < 50000; i++) {
    const TuttiPacket *packet;

    while ((packet = tutti_packet_ring_peek (&ring)) == NULL)
      g_thread_yield ();
    g_assert_cmpint (packet->arrival_ns, ==, i);
    g_assert_cmpuint (packet->size, ==, 1 + i % 200);
    g_assert_cmpuint (packet->data[packet->size - 1], ==, i & 0xff);
    tutti_packet_ring_pop (&ring);
  }
  g_thread_join (thread);
  tutti_packet_ring_clear (&ring);
}

static void
test_commands (void)
{
  TuttiCommandRing ring;
  TuttiCommand command = { .type = TUTTI_COMMAND_REMOTE, .index = 5 };
  guint64 number, last = 0;

  tutti_command_ring_init (&ring);
  while ((number = tutti_command_ring_push (&ring, &command)) != 0)
    g_assert_cmpuint (number, ==, ++last);
  g_assert_cmpuint (last, >=, 64);
  for (guint64 i = 1; i <= last; i++) {
    g_assert_false (tutti_command_ring_is_done (&ring, i));
    g_assert_true (tutti_command_ring_pop (&ring, &command));
    g_assert_false (tutti_command_ring_is_done (&ring, i));
    tutti_command_ring_ack (&ring);
    g_assert_true (tutti_command_ring_is_done (&ring, i));
  }
  g_assert_false (tutti_command_ring_pop (&ring, &command));
  tutti_command_ring_clear (&ring);
}

typedef struct {
  TuttiSeqlock lock;
  _Atomic gboolean done;
} Shared;

static gpointer
write_triples (gpointer data)
{
  Shared *shared = data;

  for (guint64 i = 1; i <= 200000; i++) {
    guint64 triple[3] = { i, i * 3, ~i };

    tutti_seqlock_write (&shared->lock, triple, sizeof triple);
  }
  atomic_store (&shared->done, TRUE);
  return NULL;
}

static void
test_seqlock (void)
{
  Shared shared = { 0 };
  GThread *thread;
  guint64 last = 0;
  guint64 start[3] = { 0, 0, ~(guint64) 0 };

  tutti_seqlock_write (&shared.lock, start, sizeof start);
  thread = g_thread_new ("writer", write_triples, &shared);
  while (!atomic_load (&shared.done)) {
    guint64 triple[3];

    tutti_seqlock_read (&shared.lock, triple, sizeof triple);
    g_assert_cmpuint (triple[1], ==, triple[0] * 3);
    g_assert_cmpuint (triple[2], ==, ~triple[0]);
    g_assert_cmpuint (triple[0], >=, last);
    last = triple[0];
  }
  g_thread_join (thread);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ring/wrap", test_wrap);
  g_test_add_func ("/ring/full", test_full);
  g_test_add_func ("/ring/threads", test_threads);
  g_test_add_func ("/ring/packets", test_packets);
  g_test_add_func ("/ring/packet-threads", test_packet_threads);
  g_test_add_func ("/ring/commands", test_commands);
  g_test_add_func ("/ring/seqlock", test_seqlock);
  return g_test_run ();
}
