/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <stdatomic.h>
#include <string.h>

G_BEGIN_DECLS

#define TUTTI_SEQLOCK_WORDS 40

/**
 * TuttiSeqlock:
 *
 * A small struct handed from one writer, who never waits, to readers, who try again when they met
 * a write. The words are atomics, so that no access is a race in the sense of C11.
 */
typedef struct {
  _Atomic guint32 sequence;
  _Atomic guint64 words[TUTTI_SEQLOCK_WORDS];
} TuttiSeqlock;

static inline void
tutti_seqlock_write (TuttiSeqlock *self, const void *data, gsize size)
{
  guint64 words[TUTTI_SEQLOCK_WORDS] = { 0 };
  guint32 sequence = atomic_load_explicit (&self->sequence, memory_order_relaxed);
  gsize n = (size + 7) / 8;

  memcpy (words, data, size);
  atomic_store_explicit (&self->sequence, sequence + 1, memory_order_relaxed);
  /* Release on each word keeps it after the odd number; free on x86, cheap on ARM. */
  for (gsize i = 0; i < n; i++)
    atomic_store_explicit (&self->words[i], words[i], memory_order_release);
  atomic_store_explicit (&self->sequence, sequence + 2, memory_order_release);
}

static inline void
tutti_seqlock_read (TuttiSeqlock *self, void *data, gsize size)
{
  guint64 words[TUTTI_SEQLOCK_WORDS];
  gsize n = (size + 7) / 8;
  guint32 before, after;

  do {
    before = atomic_load_explicit (&self->sequence, memory_order_acquire);
    for (gsize i = 0; i < n; i++)
      words[i] = atomic_load_explicit (&self->words[i], memory_order_acquire);
    after = atomic_load_explicit (&self->sequence, memory_order_relaxed);
  } while (before != after || (before & 1) != 0);
  memcpy (data, words, size);
}

G_END_DECLS
