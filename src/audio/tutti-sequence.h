/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_SEQUENCE_WINDOW 256 /* packets, in which one may still come */

/**
 * TuttiSequence: which RTP packets of one source never came (RFC 3550 §A.1, with a window)
 */
typedef struct {
  guint64 seen[TUTTI_SEQUENCE_WINDOW / 64];
  guint32 source;
  guint16 newest;
  gboolean started;
} TuttiSequence;

/* Returns how many packets are now given up. Constant time but for the size of a jump. */
guint tutti_sequence_add (TuttiSequence *self, guint32 source, guint16 sequence);

G_END_DECLS
