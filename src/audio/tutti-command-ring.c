/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-command-ring.h"

#define N_COMMANDS 256

void
tutti_command_ring_init (TuttiCommandRing *self)
{
  tutti_ring_init (&self->ring, N_COMMANDS * sizeof (TuttiCommand));
  self->sent = 0;
  atomic_init (&self->done, 0);
}

void
tutti_command_ring_clear (TuttiCommandRing *self)
{
  tutti_ring_clear (&self->ring);
}

guint64
tutti_command_ring_push (TuttiCommandRing *self, const TuttiCommand *command)
{
  if (!tutti_ring_write (&self->ring, command, sizeof *command))
    return 0;
  return ++self->sent;
}

gboolean
tutti_command_ring_is_done (const TuttiCommandRing *self, guint64 number)
{
  return atomic_load_explicit (&self->done, memory_order_acquire) >= number;
}

gboolean
tutti_command_ring_pop (TuttiCommandRing *self, TuttiCommand *command)
{
  return tutti_ring_read (&self->ring, command, sizeof *command);
}

void
tutti_command_ring_ack (TuttiCommandRing *self)
{
  atomic_fetch_add_explicit (&self->done, 1, memory_order_release);
}
