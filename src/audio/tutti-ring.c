/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-ring.h"

#include <string.h>

void
tutti_ring_init (TuttiRing *self, gsize min_size)
{
  guint32 size = 64;

  g_assert (min_size <= (1u << 30));
  while (size < min_size)
    size *= 2;
  self->data = g_malloc (size);
  /* Touched now, so that the first write on a real-time thread faults no page in. */
  memset (self->data, 0, size);
  self->size = size;
  atomic_init (&self->write_index, 0);
  atomic_init (&self->read_index, 0);
}

void
tutti_ring_clear (TuttiRing *self)
{
  g_clear_pointer (&self->data, g_free);
  self->size = 0;
}

gsize
tutti_ring_write_space (const TuttiRing *self)
{
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_relaxed);
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_acquire);

  return self->size - (write - read);
}

gsize
tutti_ring_read_space (const TuttiRing *self)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_acquire);

  return write - read;
}

static void
copy_in (TuttiRing *self, guint32 index, const void *data, gsize size)
{
  guint32 at = index & (self->size - 1);
  gsize first = MIN (size, self->size - at);

  if (size == 0)
    return;
  memcpy (self->data + at, data, first);
  memcpy (self->data, (const guint8 *) data + first, size - first);
}

static void
copy_out (const TuttiRing *self, guint32 index, void *data, gsize size)
{
  guint32 at = index & (self->size - 1);
  gsize first = MIN (size, self->size - at);

  if (size == 0 || data == NULL)
    return;
  memcpy (data, self->data + at, first);
  memcpy ((guint8 *) data + first, self->data, size - first);
}

gboolean
tutti_ring_write2 (TuttiRing *self,
                   const void *head,
                   gsize head_size,
                   const void *body,
                   gsize body_size)
{
  guint32 write = atomic_load_explicit (&self->write_index, memory_order_relaxed);

  if (head_size + body_size > tutti_ring_write_space (self))
    return FALSE;
  copy_in (self, write, head, head_size);
  copy_in (self, write + head_size, body, body_size);
  atomic_store_explicit (&self->write_index, write + head_size + body_size, memory_order_release);
  return TRUE;
}

gboolean
tutti_ring_write (TuttiRing *self, const void *data, gsize size)
{
  return tutti_ring_write2 (self, data, size, NULL, 0);
}

gboolean
tutti_ring_peek (const TuttiRing *self, void *data, gsize size)
{
  if (size > tutti_ring_read_space (self))
    return FALSE;
  copy_out (self, atomic_load_explicit (&self->read_index, memory_order_relaxed), data, size);
  return TRUE;
}

gboolean
tutti_ring_read (TuttiRing *self, void *data, gsize size)
{
  guint32 read = atomic_load_explicit (&self->read_index, memory_order_relaxed);

  if (!tutti_ring_peek (self, data, size))
    return FALSE;
  atomic_store_explicit (&self->read_index, read + size, memory_order_release);
  return TRUE;
}
