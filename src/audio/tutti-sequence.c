/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sequence.h"

#include <string.h>

#define WINDOW TUTTI_SEQUENCE_WINDOW
/* A longer jump is a sender that started anew (RFC 3550 §A.1: MAX_DROPOUT). */
#define MAX_JUMP 3000

static gboolean
test (const TuttiSequence *self, guint16 sequence)
{
  return (self->seen[sequence % WINDOW / 64] >> (sequence % 64) & 1) != 0;
}

static void
set (TuttiSequence *self, guint16 sequence, gboolean seen)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (sequence % 64);

  if (seen)
    self->seen[sequence % WINDOW / 64] |= bit;
  else
    self->seen[sequence % WINDOW / 64] &= ~bit;
}

guint
tutti_sequence_add (TuttiSequence *self, guint32 source, guint16 sequence)
{
  gint16 ahead = (gint16) (guint16) (sequence - self->newest);
  guint missing = 0;

  if (!self->started || source != self->source || ABS ((gint32) ahead) > MAX_JUMP) {
    /* What came before the first was not missed. */
    memset (self->seen, 0xff, sizeof self->seen);
    self->started = TRUE;
    self->source = source;
    self->newest = sequence;
    return 0;
  }
  if (ahead > WINDOW) {
    /* Of a long jump the middle was never in the window: it is only counted. */
    for (guint i = 0; i < G_N_ELEMENTS (self->seen); i++)
      for (guint64 unseen = ~self->seen[i]; unseen != 0; unseen &= unseen - 1)
        missing++;
    missing += (guint) ahead - WINDOW;
    memset (self->seen, 0, sizeof self->seen);
    self->newest = sequence;
    ahead = 0;
  }
  for (; ahead > 0; ahead--) {
    self->newest++;
    missing += test (self, self->newest) ? 0 : 1;
    set (self, self->newest, FALSE);
  }
  if (ahead > -WINDOW)
    set (self, sequence, TRUE);
  return missing;
}
