/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stretch.h"

#include <math.h>
#include <string.h>

#include "tutti-vector.h"

#define PAST TUTTI_STRETCH_PAST
#define STEP 4
/* Mean square below which nobody hears a difference, −80 dBFS. */
#define SILENCE 1e-8f
#define NEARLY  0.98f

static float
similarity_of (const float *a, const float *b, float energy_a, guint n)
{
  float energy_b = tutti_vector_dot (b, b, n);

  return tutti_vector_dot (a, b, n) / sqrtf (energy_a * energy_b + 1e-20f);
}

/* Of the peaks that are nearly as high as the highest the one with the longest lag: fewer moves are
 * better than many. */
static guint
choose_peak (const float *values, guint n)
{
  guint best = 0;
  guint found;

  for (guint i = 1; i < n; i++)
    if (values[i] > values[best])
      best = i;
  found = best;
  for (guint i = best + 1; i < n; i++)
    if (values[i] > NEARLY * values[best] && values[i] >= values[i - 1] &&
        (i + 1 == n || values[i] > values[i + 1]))
      found = i;
  return found;
}

/* On sums of STEP samples. */
static guint
search_coarsely (const float *sound, guint at, guint n_fade, gboolean to_past, guint min, guint max)
{
  float thin[TUTTI_STRETCH_SOUND / STEP];
  float values[TUTTI_STRETCH_MAX / STEP + 1];
  guint length = (PAST + n_fade) / STEP / 4 * 4;
  guint before = PAST + (to_past ? max : 0);
  guint after = n_fade + (to_past ? 0 : max);
  guint n = (max - min) / STEP + 1;
  const float *first = sound + at - before;
  const float *from = thin + (before - PAST) / STEP;
  float energy;

  for (guint i = 0; i < (before + after) / STEP; i++)
    thin[i] = (first[STEP * i] + first[STEP * i + 1]) + (first[STEP * i + 2] + first[STEP * i + 3]);
  energy = tutti_vector_dot (from, from, length);
  for (guint i = 0; i < n; i++) {
    guint lag = min / STEP + i;

    values[i] = similarity_of (from, to_past ? from - lag : from + lag, energy, length);
  }
  return min + STEP * choose_peak (values, n);
}

static guint
search_finely (const float *from,
               guint length,
               gboolean to_past,
               guint low,
               guint high,
               float *similarity)
{
  float energy = tutti_vector_dot (from, from, length);
  guint found = low;

  *similarity = -1;
  for (guint lag = low; lag <= high; lag++) {
    float value = similarity_of (from, to_past ? from - lag : from + lag, energy, length);

    if (value > *similarity) {
      *similarity = value;
      found = lag;
    }
  }
  return found;
}

guint
tutti_stretch_find (const float *sound,
                    guint at,
                    guint n_fade,
                    gboolean to_past,
                    guint min,
                    guint max,
                    float *similarity)
{
  const float *from = sound + at - PAST;
  guint length = PAST + n_fade;
  guint lag;

  min = (min + STEP - 1) / STEP * STEP;
  max = max / STEP * STEP;
  *similarity = 0;
  if (min > max)
    return 0;
  if (tutti_vector_dot (from, from, length) < SILENCE * (float) length) {
    *similarity = 1;
    return max;
  }
  lag = search_coarsely (sound, at, n_fade, to_past, min, max);
  return search_finely (from, length, to_past, MAX (lag - STEP, min), MIN (lag + STEP, max),
                        similarity);
}

void
tutti_stretch_weigh (float x, float similarity, float *before, float *after)
{
  float s = x * x * (3 - 2 * x);
  float alike = MAX (similarity, 0);
  float gain = 1 / sqrtf (s * s + (1 - s) * (1 - s) + 2 * alike * s * (1 - s));

  *before = (1 - s) * gain;
  *after = s * gain;
}
