/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <stdatomic.h>

G_BEGIN_DECLS

#define TUTTI_CACHE_LINE 64

/**
 * TuttiRing:
 *
 * A lock-free ring of bytes for one writer and one reader thread. Indices run on for ever and are
 * masked on use, so that full and empty differ. Made and freed while neither thread uses it.
 */
typedef struct {
  guint8 *data;
  guint32 size;
  _Alignas (TUTTI_CACHE_LINE) _Atomic guint32 write_index;
  _Alignas (TUTTI_CACHE_LINE) _Atomic guint32 read_index;
} TuttiRing;

void tutti_ring_init (TuttiRing *self, gsize min_size);
void tutti_ring_clear (TuttiRing *self);
/* Writer: all of it or (FALSE) nothing. */
gsize tutti_ring_write_space (const TuttiRing *self);
gboolean tutti_ring_write (TuttiRing *self, const void *data, gsize size);
/* Writer: two parts that the reader sees at once or not at all, e.g. a header and its samples. */
gboolean tutti_ring_write2 (TuttiRing *self,
                            const void *head,
                            gsize head_size,
                            const void *body,
                            gsize body_size);
/* Reader: all of it or (FALSE) nothing. @data NULL skips. */
gsize tutti_ring_read_space (const TuttiRing *self);
gboolean tutti_ring_read (TuttiRing *self, void *data, gsize size);
gboolean tutti_ring_peek (const TuttiRing *self, void *data, gsize size);

G_END_DECLS
