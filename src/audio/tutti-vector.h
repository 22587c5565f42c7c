/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include <string.h>

G_BEGIN_DECLS

/* Four floats at once, which every CPU that this runs on can do, aligned as a float is. */
typedef float TuttiVector __attribute__ ((vector_size (16), aligned (4)));

/* Σ a[i]·b[i]; @n: a multiple of 4. Real-time safe. */
static inline float
tutti_vector_dot (const float *a, const float *b, guint n)
{
  TuttiVector sum = { 0, 0, 0, 0 };

  for (guint i = 0; i < n; i += 4) {
    TuttiVector va, vb;

    memcpy (&va, a + i, sizeof va);
    memcpy (&vb, b + i, sizeof vb);
    sum += va * vb;
  }
  return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

G_END_DECLS
