/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "meter-analysis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NOTCH         (METER_SINE_PERIOD / 2)
#define TEMPLATE      (METER_CHIRP_SAMPLES + NOTCH)
#define MIN_SCORE     0.4
#define MIN_STRENGTH  1e-3 /* about −60 dB */
#define WEAK          0.3
#define HOP           (METER_SINE_PERIOD / 4)
#define WINDOW_HOPS   4
#define PHASE_JUMP    0.6 /* rad, of a sine of METER_SINE_PERIOD: 10 samples */
#define MERGE_SAMPLES 240
#define CHIRP_MARGIN  240
#define MISS_NS       G_GINT64_CONSTANT (10000000)

void
meter_make_chirp (float *chirp)
{
  const double from = 1500, to = 9000, seconds = METER_CHIRP_SAMPLES / (double) METER_RATE;

  for (int i = 0; i < METER_CHIRP_SAMPLES; i++) {
    double t = i / (double) METER_RATE;
    double phase = 2 * G_PI * (from * t + (to - from) * t * t / (2 * seconds));
    double window = 0.5 - 0.5 * cos (2 * G_PI * (i + 0.5) / METER_CHIRP_SAMPLES);

    chirp[i] = (float) (METER_CHIRP_PEAK * window * sin (phase));
  }
}

static gint64
sample_ns (const MeterRecording *recording, gsize index)
{
  gsize low = 0, high = recording->n_cycles;

  while (high - low > 1) {
    gsize middle = (low + high) / 2;

    if (recording->cycles[middle].offset <= index)
      low = middle;
    else
      high = middle;
  }

  return recording->cycles[low].ns +
         (gint64) (index - recording->cycles[low].offset) * 1000000000 / METER_RATE;
}

/* First sample at or after @ns. */
static gsize
sample_at (const MeterRecording *recording, gint64 ns)
{
  gsize low = 0, high = recording->n_samples;

  while (low < high) {
    gsize middle = (low + high) / 2;

    if (sample_ns (recording, middle) < ns)
      low = middle + 1;
    else
      high = middle;
  }

  return low;
}

/* A sample and the one half a period of the sine later: the sine cancels itself, so that chirps are
 * found in a channel that carries both. */
static float
without_sine (const float *samples, gsize index)
{
  return samples[index] + samples[index + NOTCH];
}

static void
make_template (double *template)
{
  float chirp[METER_CHIRP_SAMPLES + 2 * NOTCH] = { 0 };
  double energy = 0;

  meter_make_chirp (chirp + NOTCH);
  for (int i = 0; i < TEMPLATE; i++) {
    template[i] = without_sine (chirp, i);
    energy += template[i] * template[i];
  }
  for (int i = 0; i < TEMPLATE; i++)
    template[i] /= sqrt (energy);
}

/* Looks for the chirp in the @range samples from @begin. Returns how strong it is there, 0 for not
 * at all. */
static double
find_chirp (const MeterRecording *recording,
            const double *template,
            gsize begin,
            gsize range,
            gsize *where)
{
  double best = 0;

  for (gsize i = begin; i < begin + range && i + TEMPLATE + NOTCH < recording->n_samples; i++) {
    double sum = 0, energy = 1e-9;

    for (int j = 0; j < TEMPLATE; j++) {
      double x = without_sine (recording->clicks, i + j);

      sum += x * template[j];
      energy += x * x;
    }
    /* Weighted by how alike it is: loud music of another shape is not taken for a chirp. */
    if (fabs (sum) / sqrt (energy) > MIN_SCORE && fabs (sum) > best) {
      best = fabs (sum);
      *where = i + NOTCH; /* the template begins that much before the chirp */
    }
  }

  return best;
}

static int
compare_doubles (const void *a, const void *b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return one < other ? -1 : one > other;
}

static double
percentile (const double *sorted, guint n, double part)
{
  return sorted[MIN (n - 1, (guint) (part * n))];
}

/* What is much weaker than the others is not a chirp but a break in the sound that happens to look
 * like one, where the chirp itself was lost. */
static void
drop_weak (const double *strengths, gsize n_sent, gsize *found)
{
  g_autofree double *sorted = g_memdup2 (strengths, n_sent * sizeof (double));
  gsize n = 0;

  for (gsize i = 0; i < n_sent; i++) {
    if (strengths[i] > MIN_STRENGTH)
      sorted[n++] = strengths[i];
  }
  if (n > 0)
    qsort (sorted, n, sizeof (double), compare_doubles);
  for (gsize i = 0; i < n_sent; i++) {
    if (n == 0 || strengths[i] <= MAX (MIN_STRENGTH, sorted[n / 2] * WEAK))
      found[i] = 0;
  }
}

/* Fills @found with where each chirp came back (0: not at all). */
static void
measure_latency (const MeterRecording *recording,
                 const gint64 *sent_ns,
                 gsize n_sent,
                 double max_latency_ms,
                 gsize *found,
                 MeterResult *result)
{
  double *latencies = result->ways_ms = g_new (double, n_sent + 1);
  g_autofree double *strengths = g_new0 (double, n_sent + 1);
  gsize range = (gsize) (max_latency_ms * METER_RATE / 1000);
  double template[TEMPLATE];
  guint n = 0;

  result->came = g_new (MeterArrival, n_sent + 1);
  make_template (template);
  for (gsize i = 0; i < n_sent; i++) {
    gsize at = sample_at (recording, sent_ns[i]);
    gsize begin = at > NOTCH + 8 ? at - NOTCH - 8 : 0;

    /* Sent too near the end to have come back. */
    if (at + range + 2 * TEMPLATE >= recording->n_samples)
      break;
    result->sent++;
    strengths[i] = find_chirp (recording, template, begin, range, &found[i]);
  }
  drop_weak (strengths, n_sent, found);
  for (gsize i = 0; i < n_sent; i++) {
    if (found[i] == 0)
      continue;
    latencies[n] = (sample_ns (recording, found[i]) - sent_ns[i]) / 1e6;
    result->came[n] = (MeterArrival) { (gint64) sample_ns (recording, found[i]), latencies[n] };
    n++;
  }

  result->n = n;
  if (n == 0)
    return;

  qsort (latencies, n, sizeof (double), compare_doubles);
  result->min_ms = latencies[0];
  result->p50_ms = percentile (latencies, n, 0.50);
  result->p95_ms = percentile (latencies, n, 0.95);
  result->p99_ms = percentile (latencies, n, 0.99);
  result->max_ms = latencies[n - 1];
}

typedef struct {
  float level;
  float phase;
} Window;

/* Level and phase of the sine in each hop-spaced window of one period. */
static Window *
demodulate (const MeterRecording *recording, gsize n_windows)
{
  Window *windows = g_new (Window, n_windows);
  double cosine[METER_SINE_PERIOD], sine[METER_SINE_PERIOD];

  for (int i = 0; i < METER_SINE_PERIOD; i++) {
    cosine[i] = cos (2 * G_PI * i / METER_SINE_PERIOD);
    sine[i] = sin (2 * G_PI * i / METER_SINE_PERIOD);
  }
  for (gsize w = 0; w < n_windows; w++) {
    double re = 0, im = 0;

    for (gsize i = w * HOP; i < w * HOP + METER_SINE_PERIOD; i++) {
      re += recording->sine[i] * cosine[i % METER_SINE_PERIOD];
      im -= recording->sine[i] * sine[i % METER_SINE_PERIOD];
    }
    windows[w].level = (float) (hypot (re, im) * 2 / METER_SINE_PERIOD);
    windows[w].phase = (float) atan2 (im, re);
  }

  return windows;
}

static double
median_level (const Window *windows, gsize n)
{
  g_autofree double *levels = g_new (double, n);

  for (gsize i = 0; i < n; i++)
    levels[i] = windows[i].level;
  qsort (levels, n, sizeof (double), compare_doubles);

  return levels[n / 2];
}

static gboolean
is_own (const MeterMisses *misses, gint64 ns, gint64 after)
{
  for (gsize i = 0; i < misses->n; i++) {
    if (ns > misses->ns[i] - MISS_NS && ns < misses->ns[i] + after + MISS_NS)
      return TRUE;
  }

  return FALSE;
}

/* Marks the windows that a chirp in the same channel disturbs. */
static guint8 *
mark_chirps (const MeterRecording *recording, const gsize *found, gsize n_found, gsize n_windows)
{
  guint8 *skip = g_new0 (guint8, n_windows);

  for (gsize i = 0; i < n_found && recording->clicks == recording->sine; i++) {
    gsize begin = found[i] > CHIRP_MARGIN + METER_SINE_PERIOD
                      ? found[i] - CHIRP_MARGIN - METER_SINE_PERIOD
                      : 0;
    gsize end = found[i] + METER_CHIRP_SAMPLES + CHIRP_MARGIN;

    for (gsize w = begin / HOP; found[i] != 0 && w <= end / HOP && w < n_windows; w++)
      skip[w] = 1;
  }

  return skip;
}

static void
find_gaps (const MeterRecording *recording,
           const gsize *found,
           gsize n_sent,
           const MeterMisses *feed_misses,
           const MeterMisses *catch_misses,
           MeterResult *result)
{
  gsize n_windows = recording->n_samples > METER_SINE_PERIOD
                        ? (recording->n_samples - METER_SINE_PERIOD) / HOP
                        : 0;
  g_autofree Window *windows = demodulate (recording, n_windows);
  g_autofree guint8 *skip = mark_chirps (recording, found, n_sent, n_windows);
  gint64 way_ns = (gint64) (result->p99_ms * 1e6);
  double level = n_windows > 0 ? median_level (windows, n_windows) : 0;
  gsize last = 0, checked = 0;
  gboolean own = FALSE;

  result->has_sine = level > 0.001;
  for (gsize w = WINDOW_HOPS; w < n_windows && result->has_sine; w++) {
    gboolean low = windows[w].level < level / 2;
    double jump = fabs (remainder (windows[w].phase - windows[w - WINDOW_HOPS].phase, 2 * G_PI));
    gint64 ns;

    if (skip[w] || skip[w - WINDOW_HOPS])
      continue;
    checked++;
    if (!low && jump < PHASE_JUMP)
      continue;

    ns = sample_ns (recording, w * HOP);
    if (last == 0 || (w - last) * HOP > MERGE_SAMPLES) {
      own = is_own (catch_misses, ns, 0) || is_own (feed_misses, ns, way_ns);
      if (own)
        result->own_gaps++;
      else
        result->gaps++;
    }
    if (low && !own)
      result->gap_ms += HOP * 1000.0 / METER_RATE;
    last = w;
  }
  result->checked_s = checked * HOP / (double) METER_RATE;
}

/**
 * meter_analyse:
 * @sent_ns: CLOCK_MONOTONIC at which the graph took the first sample of each chirp
 * @max_latency_ms: a chirp that takes longer counts as not found
 */
void
meter_analyse (const MeterRecording *recording,
               const gint64 *sent_ns,
               gsize n_sent,
               const MeterMisses *feed_misses,
               const MeterMisses *catch_misses,
               double max_latency_ms,
               MeterResult *result)
{
  g_autofree gsize *found = g_new0 (gsize, n_sent + 1);

  memset (result, 0, sizeof *result);
  if (recording->n_cycles == 0)
    return;

  measure_latency (recording, sent_ns, n_sent, max_latency_ms, found, result);
  find_gaps (recording, found, n_sent, feed_misses, catch_misses, result);
}

/* Frees what a result holds, but keeps its numbers. */
void
meter_result_clear (MeterResult *result)
{
  g_clear_pointer (&result->ways_ms, g_free);
  g_clear_pointer (&result->came, g_free);
}
