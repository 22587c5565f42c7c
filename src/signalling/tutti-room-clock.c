/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-clock.h"

#include <math.h>
#include <stdlib.h>

#include "tutti-clock.h"

/* Beyond these the numbers are foreign nonsense and the arithmetic below could overflow. */
#define MAX_TIME_NS (G_MAXINT64 / 4)
#define MAX_TIME_US (MAX_TIME_NS / TUTTI_NSEC_PER_USEC)

/* Crystals differ by less than 100 ppm; a clock that is just being set right adds to that. */
#define MAX_SKEW 300e-6
/* The estimate holds as long as answers come; further away than this it is not stretched. */
#define MAX_STRETCH_NS (600 * TUTTI_NSEC_PER_SEC)
#define SEARCH_STEPS   24
/* Older answers are forgotten: the speed of clocks changes with temperature and adjustment. */
#define MAX_AGE_NS (120 * TUTTI_NSEC_PER_SEC)
/* Of how many answers the quickest are taken for the offset. */
#define QUICKEST 8
/* The skew is the slope through so many pieces of the window; one that the answers do not show
 * clearly is taken for smaller: clocks mostly differ by no more than PRIOR_SKEW. */
#define PIECES         8
#define PRIOR_SKEW     60e-6
#define LEAST_NOISE_NS 20000.0
#define RECENT         16
#define JITTER_NS      TUTTI_NSEC_PER_MSEC

/* The answers around the newest one: small numbers, so that doubles are exact to the ns. */
typedef struct {
  struct {
    double t;            /* the middle of the question and the answer, after the reference: ns */
    double upper, lower; /* what the offset cannot exceed then, or fall below: ns */
  } bounds[TUTTI_ROOM_CLOCK_WINDOW];
  guint n;
  double span;
} Corridor;

void
tutti_room_clock_reset (TuttiRoomClock *self)
{
  *self = (TuttiRoomClock) { 0 };
}

static void
corridor_fill (Corridor *corridor, const TuttiRoomClock *self, gint64 reference, gint64 base)
{
  guint n = 0;

  corridor->span = 0;
  for (guint i = 0; i < self->n_samples; i++) {
    gint64 sent = self->samples[i].sent_ns, received = self->samples[i].received_ns;
    gint64 room = self->samples[i].room_ns;

    if (reference - received > MAX_AGE_NS)
      continue;
    /* Half of a round trip times any skew is some microseconds at most. */
    corridor->bounds[n].t = ((double) (sent - reference) + (double) (received - reference)) / 2;
    corridor->bounds[n].upper = (double) (room - sent - base);
    corridor->bounds[n].lower = (double) (room - received - base);
    n++;
    corridor->span = fmax (corridor->span, (double) (reference - sent));
  }
  corridor->n = n;
}

/* The lowest upper bound at time @t (ns after the reference) if the skew were @skew. */
static double
corridor_upper (const Corridor *corridor, double skew, double t)
{
  double least = INFINITY;

  for (guint i = 0; i < corridor->n; i++)
    least = fmin (least, corridor->bounds[i].upper + skew * (t - corridor->bounds[i].t));

  return least;
}

static double
corridor_lower (const Corridor *corridor, double skew, double t)
{
  double most = -INFINITY;

  for (guint i = 0; i < corridor->n; i++)
    most = fmax (most, corridor->bounds[i].lower + skew * (t - corridor->bounds[i].t));

  return most;
}

/* All of these are concave in the skew. */

static double
clearance (const Corridor *corridor, double skew)
{
  return corridor_upper (corridor, skew, 0) - corridor_lower (corridor, skew, 0);
}

static double
highest (const Corridor *corridor, double skew)
{
  return corridor_upper (corridor, skew, 0);
}

static double
deepest (const Corridor *corridor, double skew)
{
  return -corridor_lower (corridor, skew, 0);
}

/* Golden-section search would save half the calls; this runs once a second. */
static double
find_maximum (const Corridor *corridor,
              double (*function) (const Corridor *, double),
              double low,
              double high)
{
  for (guint i = 0; i < SEARCH_STEPS; i++) {
    double left = low + (high - low) / 3, right = high - (high - low) / 3;

    if (function (corridor, left) < function (corridor, right))
      low = left;
    else
      high = right;
  }

  return (low + high) / 2;
}

/* The steepest skew between @from, which the answers allow, and @to, that they allow. */
static double
find_limit (const Corridor *corridor, double from, double to)
{
  if (clearance (corridor, to) >= 0)
    return to;

  for (guint i = 0; i < SEARCH_STEPS; i++) {
    double middle = (from + to) / 2;

    if (clearance (corridor, middle) >= 0)
      from = middle;
    else
      to = middle;
  }

  return to;
}

static int
compare_doubles (gconstpointer a, gconstpointer b)
{
  double x = *(const double *) a, y = *(const double *) b;

  return x < y ? -1 : x > y;
}

static double
mean_of_least (double *values, guint n)
{
  guint count = MAX (n / QUICKEST, 1);
  double sum = 0;

  qsort (values, n, sizeof *values, compare_doubles);
  for (guint i = 0; i < count; i++)
    sum += values[i];

  return sum / count;
}

/* The offset at the reference, of what lies from @begin to @end (ns after the reference): between
 * the quickest of the questions and of the answers. FALSE where nothing does. */
static gboolean
find_middle (const Corridor *corridor, double skew, double begin, double end, double *middle)
{
  double upper[TUTTI_ROOM_CLOCK_WINDOW], lower[TUTTI_ROOM_CLOCK_WINDOW];
  guint n = 0;

  for (guint i = 0; i < corridor->n; i++) {
    double t = corridor->bounds[i].t;

    if (t < begin || t > end)
      continue;
    upper[n] = corridor->bounds[i].upper - skew * t;
    lower[n] = -(corridor->bounds[i].lower - skew * t);
    n++;
  }
  if (n > 0)
    *middle = (mean_of_least (upper, n) - mean_of_least (lower, n)) / 2;

  return n > 0;
}

/* How far single answers are off, roughly: a quarter of what the middle one took too long. */
static double
find_noise (const Corridor *corridor)
{
  double trips[TUTTI_ROOM_CLOCK_WINDOW];

  for (guint i = 0; i < corridor->n; i++)
    trips[i] = corridor->bounds[i].upper - corridor->bounds[i].lower;
  qsort (trips, corridor->n, sizeof *trips, compare_doubles);

  return fmax ((trips[corridor->n / 2] - trips[0]) / 4, LEAST_NOISE_NS);
}

/* The line through the middles of the pieces; @guess: about what it was before. */
static double
find_skew (const Corridor *corridor, double guess)
{
  double t[PIECES], middle[PIECES], mean_t = 0, mean = 0, xx = 0, xy = 0;
  double length = corridor->span / PIECES, noise = find_noise (corridor) / PRIOR_SKEW;
  guint n = 0;

  for (guint i = 0; i < PIECES; i++) {
    double begin = -corridor->span + i * length;

    if (!find_middle (corridor, guess, begin, begin + length, &middle[n]))
      continue;
    t[n] = begin + length / 2;
    mean_t += t[n];
    mean += middle[n];
    n++;
  }
  if (n < 2)
    return 0;

  for (guint i = 0; i < n; i++) {
    xx += (t[i] - mean_t / n) * (t[i] - mean_t / n);
    xy += (t[i] - mean_t / n) * (middle[i] - mean / n);
  }
  /* Answers without any time between them. */
  if (!(xx > 0))
    return 0;

  return (guess + xy / xx) * xx / (xx + noise * noise / MAX (corridor->n / (PIECES * QUICKEST), 1));
}

static void
estimate (TuttiRoomClock *self, gint64 reference, gint64 base)
{
  Corridor corridor;
  double skew, slow, fast, most, least, middle = 0;

  corridor_fill (&corridor, self, reference, base);

  /* The skews that the answers allow, and then the likeliest of them. */
  skew = find_maximum (&corridor, clearance, -MAX_SKEW, MAX_SKEW);
  slow = find_limit (&corridor, skew, -MAX_SKEW);
  fast = find_limit (&corridor, skew, MAX_SKEW);
  skew = CLAMP (find_skew (&corridor, self->skew), slow, fast);
  find_middle (&corridor, skew, -INFINITY, INFINITY, &middle);
  middle = CLAMP (middle, corridor_lower (&corridor, skew, 0), corridor_upper (&corridor, skew, 0));

  /* What any of them leaves possible. */
  most = highest (&corridor, find_maximum (&corridor, highest, slow, fast));
  least = -deepest (&corridor, find_maximum (&corridor, deepest, slow, fast));

  self->reference_ns = reference;
  self->offset_ns = base + llround (middle);
  self->skew = skew;
  /* Answers that contradict each other leave less than nothing: they are off by as much. */
  self->error_ns = llround (fmax (fabs (most - middle), fabs (middle - least)));
}

/* Suspended meanwhile, or a room that was started anew: what was known is worth nothing now. */
static gboolean
has_jumped (const TuttiRoomClock *self, gint64 sent, gint64 received, gint64 room)
{
  double since = fmax (0, (double) (received - self->reference_ns));
  double slack = self->error_ns + MAX_SKEW * since + TUTTI_NSEC_PER_MSEC;
  double offset = (double) self->offset_ns;

  return (double) (room - sent) < offset - slack || (double) (room - received) > offset + slack;
}

static gint64
get_rtt (const TuttiRoomClock *self, guint i)
{
  return self->samples[i].received_ns - self->samples[i].sent_ns;
}

/**
 * tutti_room_clock_is_jittery:
 *
 * Returns: whether most of the last answers took a millisecond longer than the quickest: then
 *   more of them are needed to know the offset well
 */
gboolean
tutti_room_clock_is_jittery (const TuttiRoomClock *self)
{
  guint n = MIN (self->n_samples, RECENT), slow = 0;

  for (guint k = 1; k <= n; k++) {
    guint i = (self->next + TUTTI_ROOM_CLOCK_WINDOW - k) % TUTTI_ROOM_CLOCK_WINDOW;

    if (get_rtt (self, i) > self->min_rtt_ns + JITTER_NS)
      slow++;
  }

  return n > 0 && slow > n / 2;
}

/**
 * tutti_room_clock_add:
 * @sent_ns: CLOCK_MONOTONIC when the question left
 * @received_ns: CLOCK_MONOTONIC when the answer was here
 * @room_time_us: what the room said, µs of its own clock
 *
 * Returns: %FALSE when the numbers make no sense (the room's time is foreign input) and were
 * ignored
 */
gboolean
tutti_room_clock_add (TuttiRoomClock *self, gint64 sent_ns, gint64 received_ns, gint64 room_time_us)
{
  gint64 room_ns;

  if (sent_ns < 0 || received_ns < sent_ns || received_ns > MAX_TIME_NS)
    return FALSE;
  if (room_time_us < 0 || room_time_us > MAX_TIME_US)
    return FALSE;

  room_ns = room_time_us * TUTTI_NSEC_PER_USEC;
  if (self->n_samples > 0 && has_jumped (self, sent_ns, received_ns, room_ns))
    tutti_room_clock_reset (self);

  self->samples[self->next].sent_ns = sent_ns;
  self->samples[self->next].received_ns = received_ns;
  self->samples[self->next].room_ns = room_ns;
  self->next = (self->next + 1) % TUTTI_ROOM_CLOCK_WINDOW;
  self->n_samples = MIN (self->n_samples + 1, TUTTI_ROOM_CLOCK_WINDOW);

  self->min_rtt_ns = G_MAXINT64;
  for (guint i = 0; i < self->n_samples; i++)
    if (received_ns - self->samples[i].received_ns <= MAX_AGE_NS)
      self->min_rtt_ns = MIN (self->min_rtt_ns, get_rtt (self, i));
  estimate (self, received_ns, room_ns - received_ns);

  return TRUE;
}

gboolean
tutti_room_clock_is_known (const TuttiRoomClock *self)
{
  return self->n_samples > 0;
}

/**
 * tutti_room_clock_get_rtt_ms:
 *
 * Returns: the smallest round trip of the window in ms, −1 while none is known
 */
double
tutti_room_clock_get_rtt_ms (const TuttiRoomClock *self)
{
  if (self->n_samples == 0)
    return -1.0;

  return self->min_rtt_ns / (double) TUTTI_NSEC_PER_MSEC;
}

/**
 * tutti_room_clock_get_error_ms:
 *
 * Returns: ± how far tutti_room_clock_to_room_us() may be off now, in ms, whatever the asymmetry of
 * the path and the skew of the clocks; −1 while nothing is known
 */
double
tutti_room_clock_get_error_ms (const TuttiRoomClock *self)
{
  if (self->n_samples == 0)
    return -1.0;

  return self->error_ns / (double) TUTTI_NSEC_PER_MSEC;
}

/**
 * tutti_room_clock_get_skew_ppm:
 *
 * Returns: by how many millionths the room's clock runs faster than ours
 */
double
tutti_room_clock_get_skew_ppm (const TuttiRoomClock *self)
{
  return self->skew * 1e6;
}

static gint64
offset_at (const TuttiRoomClock *self, gint64 local_ns)
{
  gint64 since = CLAMP (local_ns - self->reference_ns, -MAX_STRETCH_NS, MAX_STRETCH_NS);

  return self->offset_ns + llround (self->skew * (double) since);
}

/**
 * tutti_room_clock_get_offset_ns:
 *
 * Returns: room time − CLOCK_MONOTONIC at the newest answer, in ns. Only when
 * tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_get_offset_ns (const TuttiRoomClock *self)
{
  g_return_val_if_fail (self->n_samples > 0, 0);

  return self->offset_ns;
}

/**
 * tutti_room_clock_to_room_us:
 * @local_ns: CLOCK_MONOTONIC
 *
 * Returns: the room's time then, in µs. Only when tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_to_room_us (const TuttiRoomClock *self, gint64 local_ns)
{
  g_return_val_if_fail (self->n_samples > 0, 0);

  local_ns = CLAMP (local_ns, -MAX_TIME_NS, MAX_TIME_NS);

  return (local_ns + offset_at (self, local_ns) + TUTTI_NSEC_PER_USEC / 2) / TUTTI_NSEC_PER_USEC;
}

/**
 * tutti_room_clock_to_local_ns:
 * @room_us: room time, µs
 *
 * Returns: CLOCK_MONOTONIC then, in ns. Only when tutti_room_clock_is_known().
 */
gint64
tutti_room_clock_to_local_ns (const TuttiRoomClock *self, gint64 room_us)
{
  gint64 room_ns, local_ns;

  g_return_val_if_fail (self->n_samples > 0, 0);

  room_ns = CLAMP (room_us, -MAX_TIME_US, MAX_TIME_US) * TUTTI_NSEC_PER_USEC;
  /* The skew of the offset's own shift is below 0.1 ns per µs of it: one step is enough. */
  local_ns = room_ns - self->offset_ns;

  return room_ns - offset_at (self, local_ns);
}
