/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"
#include "tutti-ring.h"

G_BEGIN_DECLS

/**
 * TuttiStem: what was played of one remote, for one other real-time thread or a recorder
 *
 * A ring of stereo frames. The writer never waits: what does not fit is dropped. The reader gets
 * zeros for what is not there, and falls behind by no more than a few thousand samples: then it
 * goes on with the newest. Memory of zeros is a stem that is off.
 */
typedef struct {
  /* Main thread */
  gboolean made;
  /* Shared */
  TuttiRing ring;
  _Atomic guint32 round; /* odd: on; each time it goes on, reading begins anew */
  /* Reader */
  guint32 seen;
} TuttiStem;

/* Main thread */
void tutti_stem_set (TuttiStem *self, gboolean enabled);
void tutti_stem_clear (TuttiStem *self);
/* Writer. @left NULL: silence. */
void tutti_stem_write (TuttiStem *self, const float *left, const float *right, guint n_samples);
/* Reader. FALSE, and nothing written, when it is off. */
gboolean tutti_stem_read (TuttiStem *self, float *const *planes, guint n_samples);

G_END_DECLS
