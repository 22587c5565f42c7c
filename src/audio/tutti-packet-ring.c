/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-packet-ring.h"

#include <string.h>

/* In place of a size: the rest up to the end of the memory is not used. */
#define WRAP G_MAXUINT32

void
tutti_packet_ring_init (TuttiPacketRing *self, guint n_bytes)
{
  g_assert (n_bytes >= 4096 && (n_bytes & (n_bytes - 1)) == 0);
  self->bytes = g_malloc (n_bytes);
  /* So that the memory is there before a real-time thread needs it. */
  memset (self->bytes, 0, n_bytes);
  self->n_bytes = n_bytes;
  atomic_init (&self->dropped, 0);
  atomic_init (&self->write_index, 0);
  atomic_init (&self->read_index, 0);
}

void
tutti_packet_ring_clear (TuttiPacketRing *self)
{
  g_clear_pointer (&self->bytes, g_free);
}

static guint32
room_of (gsize size)
{
  /* A multiple of the header, so that a header always fits before the end. */
  return (guint32) ((sizeof (TuttiPacket) + size + sizeof (TuttiPacket) - 1) /
                    sizeof (TuttiPacket) * sizeof (TuttiPacket));
}

static TuttiPacket *
packet_at (TuttiPacketRing *self, guint32 index)
{
  return (TuttiPacket *) (void *) (self->bytes + (index & (self->n_bytes - 1)));
}

gboolean
tutti_packet_ring_push (TuttiPacketRing *self, const guint8 *data, gsize size, gint64 arrival_ns)
{
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_relaxed);
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_acquire);
  guint32 to_end = self->n_bytes - (write & (self->n_bytes - 1));
  guint32 room = room_of (MIN (size, TUTTI_MAX_RTP_SIZE));
  guint32 skip = to_end < room ? to_end : 0;
  TuttiPacket *packet;

  if (size > TUTTI_MAX_RTP_SIZE || self->n_bytes - (write - read) < skip + room) {
    atomic_fetch_add_explicit (&self->dropped, 1, memory_order_relaxed);
    return FALSE;
  }
  if (skip > 0)
    packet_at (self, write)->size = WRAP;
  packet = packet_at (self, write + skip);
  packet->arrival_ns = arrival_ns;
  packet->size = (guint32) size;
  if (size > 0)
    memcpy (packet->data, data, size);
  atomic_store_explicit (&self->write_index, write + skip + room, memory_order_release);
  return TRUE;
}

const TuttiPacket *
tutti_packet_ring_peek (TuttiPacketRing *self)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_acquire);

  if (write == read)
    return NULL;
  if (packet_at (self, read)->size == WRAP) {
    /* What was skipped is followed by a packet. */
    read += self->n_bytes - (read & (self->n_bytes - 1));
    atomic_store_explicit (&self->read_index, read, memory_order_release);
  }
  return packet_at (self, read);
}

void
tutti_packet_ring_pop (TuttiPacketRing *self)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);

  atomic_store_explicit (&self->read_index, read + room_of (packet_at (self, read)->size),
                         memory_order_release);
}
