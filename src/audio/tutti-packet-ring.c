/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-packet-ring.h"

#include <string.h>

void
tutti_packet_ring_init (TuttiPacketRing *self, guint n_slots)
{
  g_assert (n_slots > 0 && (n_slots & (n_slots - 1)) == 0);
  self->slots = g_new (TuttiPacket, n_slots);
  memset (self->slots, 0, n_slots * sizeof *self->slots);
  self->n_slots = n_slots;
  atomic_init (&self->dropped, 0);
  atomic_init (&self->write_index, 0);
  atomic_init (&self->read_index, 0);
}

void
tutti_packet_ring_clear (TuttiPacketRing *self)
{
  g_clear_pointer (&self->slots, g_free);
}

gboolean
tutti_packet_ring_push (TuttiPacketRing *self, const guint8 *data, gsize size, gint64 arrival_ns)
{
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_relaxed);
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_acquire);
  TuttiPacket *slot;

  if (size > TUTTI_MAX_RTP_SIZE || write - read >= self->n_slots) {
    atomic_fetch_add_explicit (&self->dropped, 1, memory_order_relaxed);
    return FALSE;
  }
  slot = &self->slots[write & (self->n_slots - 1)];
  slot->arrival_ns = arrival_ns;
  slot->size = size;
  if (size > 0)
    memcpy (slot->data, data, size);
  atomic_store_explicit (&self->write_index, write + 1, memory_order_release);
  return TRUE;
}

const TuttiPacket *
tutti_packet_ring_peek (TuttiPacketRing *self)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_acquire);

  return write == read ? NULL : &self->slots[read & (self->n_slots - 1)];
}

void
tutti_packet_ring_pop (TuttiPacketRing *self)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);

  atomic_store_explicit (&self->read_index, read + 1, memory_order_release);
}
