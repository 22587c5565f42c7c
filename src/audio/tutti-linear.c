/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-linear.h"

#include <string.h>

#include "tutti-vector.h"

#define LANES 4
/* What was not foretold is judged by its end: a sound that dies away must not get a loud one. */
#define RECENT 96
/* Of the energy: keeps the division sane where everything can be foretold. Closely spaced low notes
 * need it as small as this. */
#define LEAST 1e-12

static double
add_up (TuttiVector sums)
{
  double sum = 0;

  for (guint lane = 0; lane < LANES; lane++)
    sum += sums[lane];
  return sum;
}

static double
dot (const float *x, const float *y, guint n)
{
  TuttiVector first = { 0 }, second = { 0 };
  double rest = 0;
  guint i = 0;

  for (; i + 2 * LANES <= n; i += 2 * LANES) {
    first += *(const TuttiVector *) (x + i) * *(const TuttiVector *) (y + i);
    second += *(const TuttiVector *) (x + i + LANES) * *(const TuttiVector *) (y + i + LANES);
  }
  for (; i < n; i++)
    rest += x[i] * y[i];
  return add_up (first + second) + rest;
}

/* One stage of the lattice: forward and backward errors, each less what the other tells of it.
 * Returns the energy of both. */
static double
reflect (float *f, float *b, float k, guint n)
{
  TuttiVector first = { 0 }, second = { 0 };
  double rest = 0;
  guint i = 0;

  for (; i + LANES <= n; i += LANES) {
    TuttiVector x = *(TuttiVector *) (f + i), y = *(TuttiVector *) (b + i);
    TuttiVector u = x + k * y, v = y + k * x;

    *(TuttiVector *) (f + i) = u;
    *(TuttiVector *) (b + i) = v;
    first += u * u;
    second += v * v;
  }
  for (; i < n; i++) {
    float x = f[i], y = b[i];

    f[i] = x + k * y;
    b[i] = y + k * x;
    rest += f[i] * f[i] + b[i] * b[i];
  }
  return add_up (first + second) + rest;
}

/* The next order's coefficients out of this one's (Levinson's step). */
static void
grow (double *a, guint order, double k)
{
  for (guint i = 0; i <= (order + 1) / 2; i++) {
    double x = a[i], y = a[order + 1 - i];

    a[i] = x + k * y;
    a[order + 1 - i] = y + k * x;
  }
}

static double
burg (const float *past, guint length, double *a, guint order)
{
  float f[TUTTI_LINEAR_MAX_LENGTH], b[TUTTI_LINEAR_MAX_LENGTH];
  guint n_all = length - order, n_late = MIN (RECENT, n_all);
  double energy = 2 * dot (past, past, length), least = energy * LEAST + 1e-14, all, late;

  memcpy (f, past, length * sizeof (float));
  memcpy (b, past, length * sizeof (float));
  for (guint m = 0; m < order; m++) {
    guint n = length - m - 1;
    double k;

    /* From here on one sample fewer of each has a partner. */
    energy -= (double) f[m] * f[m] + (double) b[n] * b[n];
    k = -2 * dot (f + m + 1, b, n) / ((energy > 0 ? energy : 0) + least);
    k = CLAMP (k, -1, 1);
    grow (a, m, k);
    energy = reflect (f + m + 1, b, (float) k, n);
  }
  all = dot (f + order, f + order, n_all) / n_all;
  late = dot (f + length - n_late, f + length - n_late, n_late) / n_late;
  return MIN (all, late);
}

double
tutti_linear_train (TuttiLinear *self, const float *past, guint length, guint order, double damping)
{
  double a[TUTTI_LINEAR_MAX_ORDER + 1] = { 1 }, damped = 1;
  double unforeseen = burg (past, length, a, order);

  self->order = order;
  self->at = 0;
  for (guint i = 0; i < order; i++) {
    damped *= damping;
    self->coefficients[i] = -a[i + 1] * damped;
    self->last[i] = self->last[i + order] = past[length - 1 - i];
  }
  return unforeseen;
}
