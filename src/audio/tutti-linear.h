/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_LINEAR_MAX_ORDER  64
#define TUTTI_LINEAR_MAX_LENGTH 256

/**
 * TuttiLinear: linear prediction of a sequence from its last samples
 *
 * Real-time safe, one thread at a time.
 */
typedef struct {
  guint order;
  guint at;                                    /* of the newest in last */
  double coefficients[TUTTI_LINEAR_MAX_ORDER]; /* of the newest first */
  double last[2 * TUTTI_LINEAR_MAX_ORDER];     /* newest first, twice, so that it is one piece */
} TuttiLinear;

/**
 * tutti_linear_train:
 * @past: at least @order + 1 and at most TUTTI_LINEAR_MAX_LENGTH samples, oldest first
 * @order: even, at most TUTTI_LINEAR_MAX_ORDER
 * @damping: by what the poles are drawn towards the middle, 1: not at all
 *
 * Finds the coefficients with Burg's method (J. P. Burg, Maximum Entropy Spectral Analysis, 1975),
 * whose poles never lie outside the unit circle, and remembers the last samples.
 *
 * Returns: the mean square of what it could not foretell, of the last 96 samples if that is less
 */
double tutti_linear_train (TuttiLinear *self,
                           const float *past,
                           guint length,
                           guint order,
                           double damping);

/* The next sample: what is foretold, plus @innovation. */
static inline double
tutti_linear_next (TuttiLinear *self, double innovation)
{
  const double *last = self->last + self->at;
  double sums[2] = { innovation, 0 };

  for (guint i = 0; i < self->order; i += 2) {
    sums[0] += self->coefficients[i] * last[i];
    sums[1] += self->coefficients[i + 1] * last[i + 1];
  }
  sums[0] += sums[1];
  self->at = self->at == 0 ? self->order - 1 : self->at - 1;
  self->last[self->at] = self->last[self->at + self->order] = sums[0];
  return sums[0];
}

/* The last TUTTI_LINEAR_MAX_ORDER or fewer, newest first. */
static inline const double *
tutti_linear_get_last (const TuttiLinear *self)
{
  return self->last + self->at;
}

G_END_DECLS
