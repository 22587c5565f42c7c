/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-rate.h"

#define MS G_GINT64_CONSTANT (1000000)

#define INTERVAL_NS   (250 * MS)   /* one look at what came */
#define BASE_NS       (10000 * MS) /* the shortest way is that of the last two of these */
#define RTT_BASE_NS   (60000 * MS) /* the same of the sound's round trip: ways change */
#define QUEUE_HOLD_MS 20           /* a queue that is no reason to grow */
#define QUEUE_CUT_MS  45           /* one that has to go */
#define LOSS_HOLD     2.0          /* %, the same of losses */
#define LOSS_NEWS     0.4          /* how much one look counts: it is about a few packets only */
#define LOSS_CUT      10.0
#define CUT_PAUSE_NS  (500 * MS)  /* what a cut did is seen no earlier */
#define HOLD_NS       (2000 * MS) /* after a cut */
#define SOUND_HOLD_NS (5000 * MS) /* after one for the sound's sake */
#define SILENCE_NS    (2000 * MS) /* without feedback nobody knows what comes of it */
#define SOUND_LOSS    2.0         /* % */
#define SOUND_RTT_MS  40          /* above the shortest */
#define SOUND_TIMES   2           /* one report may be chance */
#define NEAR_GROWTH   1.02        /* the same near what was too much the last time */
#define NEAR          0.8
#define KNOWN_NS      (30000 * MS)
#define GROWTH        1.08 /* a second */
#define HEADROOM      1.5  /* beyond what arrived */
#define HEADROOM_BITS 50000

struct _TuttiRate {
  TuttiRateBounds bounds;
  double target;

  /* this interval */
  gint64 began_ns; /* 0: none yet */
  guint sent;
  guint lost;
  guint64 bytes;
  gint64 min_delay_ns; /* G_MAXINT64: nothing came */

  /* the shortest ways lately, each of another origin than zero */
  gint64 base_ns[2];
  gint64 base_since_ns;

  double queue_ms;
  double loss_percent;
  double capacity;  /* what arrived when there was too much; 0 unknown */
  double received;  /* bit/s; −1 unknown */
  gint64 heard_ns;  /* the last feedback; 0: none yet */
  gint64 first_ns;  /* the first update */
  gint64 cut_ns;    /* the last cut */
  gint64 hold_ns;   /* no growth until then */
  gint64 update_ns; /* the last update */

  double min_rtt_ms[2]; /* of this stretch of time and of the one before; −1 unknown */
  gint64 rtt_since_ns;
  guint sound_times;
};

TuttiRate *
tutti_rate_new (const TuttiRateBounds *bounds)
{
  TuttiRate *self = g_new0 (TuttiRate, 1);

  self->bounds = *bounds;
  self->target = bounds->start;
  self->min_delay_ns = self->base_ns[0] = self->base_ns[1] = G_MAXINT64;
  self->received = self->min_rtt_ms[0] = self->min_rtt_ms[1] = -1;
  return self;
}

void
tutti_rate_free (TuttiRate *self)
{
  g_free (self);
}

static void
bound (TuttiRate *self)
{
  self->target = CLAMP (self->target, self->bounds.min, MAX (self->bounds.min, self->bounds.max));
}

void
tutti_rate_set_max (TuttiRate *self, guint max)
{
  self->bounds.max = max;
  bound (self);
}

static void
cut (TuttiRate *self, double factor, gint64 hold_ns, gint64 now_ns)
{
  self->target *= factor;
  bound (self);
  self->cut_ns = now_ns;
  self->hold_ns = MAX (self->hold_ns, now_ns + hold_ns);
}

static gboolean
may_cut (const TuttiRate *self, gint64 now_ns)
{
  return self->cut_ns == 0 || now_ns - self->cut_ns >= CUT_PAUSE_NS;
}

void
tutti_rate_feedback (TuttiRate *self,
                     const TuttiPacketFeedback *packets,
                     guint n_packets,
                     gint64 now_ns)
{
  if (n_packets == 0)
    return;
  if (self->began_ns == 0)
    self->began_ns = now_ns;
  self->heard_ns = now_ns;
  for (guint i = 0; i < n_packets; i++) {
    self->sent++;
    if (packets[i].arrived_ns < 0) {
      self->lost++;
      continue;
    }
    self->bytes += packets[i].size;
    self->min_delay_ns = MIN (self->min_delay_ns, packets[i].arrived_ns - packets[i].sent_ns);
  }
}

/* The clocks of both ends run at other speeds: an old shortest way is worth nothing. */
static void
learn_base (TuttiRate *self, gint64 now_ns)
{
  if (self->base_since_ns == 0 || now_ns - self->base_since_ns > BASE_NS) {
    self->base_ns[1] = self->base_ns[0];
    self->base_ns[0] = self->min_delay_ns;
    self->base_since_ns = now_ns;
  }
  self->base_ns[0] = MIN (self->base_ns[0], self->min_delay_ns);
}

/* What the quickest packet of the interval waited, all of them did. */
static void
close_interval (TuttiRate *self, gint64 now_ns)
{
  double seconds = (now_ns - self->began_ns) / 1e9;

  if (self->min_delay_ns != G_MAXINT64) {
    learn_base (self, now_ns);
    self->queue_ms = (self->min_delay_ns - MIN (self->base_ns[0], self->base_ns[1])) / (double) MS;
  }
  if (self->sent > 0)
    self->loss_percent += LOSS_NEWS * (100.0 * self->lost / self->sent - self->loss_percent);
  if (seconds > 0) {
    double rate = self->bytes * 8 / seconds;

    self->received = self->received < 0 ? rate : 0.7 * self->received + 0.3 * rate;
  }
  self->began_ns = now_ns;
  self->sent = self->lost = 0;
  self->bytes = 0;
  self->min_delay_ns = G_MAXINT64;
}

static void
judge (TuttiRate *self, gint64 now_ns)
{
  if (self->queue_ms > QUEUE_HOLD_MS || self->loss_percent > LOSS_HOLD)
    self->hold_ns = MAX (self->hold_ns, now_ns + CUT_PAUSE_NS);
  if (!may_cut (self, now_ns))
    return;
  if (self->queue_ms > QUEUE_CUT_MS) {
    /* What arrives is what the line carries; less than that, and the queue empties. */
    if (self->received > 0) {
      self->capacity = self->received;
      self->target = MIN (self->target, self->received);
    }
    cut (self, 0.8, HOLD_NS, now_ns);
  } else if (self->loss_percent > LOSS_CUT) {
    cut (self, 1 - self->loss_percent / 200, HOLD_NS, now_ns);
  }
}

/* Returns the shortest round trip of late, ms. */
static double
learn_rtt (TuttiRate *self, double rtt_ms, gint64 now_ns)
{
  double *least = self->min_rtt_ms;

  if (self->rtt_since_ns == 0 || now_ns - self->rtt_since_ns > RTT_BASE_NS) {
    least[1] = least[0];
    least[0] = -1;
    self->rtt_since_ns = now_ns;
  }
  least[0] = least[0] < 0 ? rtt_ms : MIN (least[0], rtt_ms);
  return least[1] < 0 ? least[0] : MIN (least[0], least[1]);
}

void
tutti_rate_sound (TuttiRate *self, double loss_percent, double rtt_ms, gint64 now_ns)
{
  gboolean suffers = loss_percent > SOUND_LOSS;

  if (rtt_ms >= 0) {
    suffers |= rtt_ms > learn_rtt (self, rtt_ms, now_ns) + SOUND_RTT_MS;
  }
  self->sound_times = suffers ? self->sound_times + 1 : 0;
  if (suffers)
    self->hold_ns = MAX (self->hold_ns, now_ns + HOLD_NS);
  if (self->sound_times >= SOUND_TIMES && may_cut (self, now_ns))
    cut (self, 0.6, SOUND_HOLD_NS, now_ns);
}

static void
grow (TuttiRate *self, gint64 now_ns)
{
  double seconds = (now_ns - self->update_ns) / 1e9;
  double limit = self->received >= 0 ? self->received * HEADROOM + HEADROOM_BITS : 0;

  gboolean near = self->target > NEAR * self->capacity && self->capacity > 0 &&
                  now_ns - self->cut_ns < KNOWN_NS;
  double growth = near ? NEAR_GROWTH : GROWTH;

  if (self->update_ns == 0 || now_ns < self->hold_ns || self->target >= limit)
    return;
  self->target = MIN (self->target * (1 + (growth - 1) * CLAMP (seconds, 0, 1)), limit);
  bound (self);
}

guint
tutti_rate_update (TuttiRate *self, gint64 now_ns)
{
  gint64 last = self->heard_ns != 0 ? self->heard_ns : self->first_ns;

  if (self->first_ns == 0)
    self->first_ns = last = now_ns;
  if (self->began_ns != 0 && now_ns - self->began_ns >= INTERVAL_NS && self->sent > 0) {
    close_interval (self, now_ns);
    judge (self, now_ns);
  }
  if (now_ns - last > SILENCE_NS && (self->cut_ns == 0 || now_ns - self->cut_ns > SILENCE_NS))
    cut (self, 0.5, HOLD_NS, now_ns);
  grow (self, now_ns);
  self->update_ns = now_ns;
  return tutti_rate_get_target (self);
}

guint
tutti_rate_get_target (const TuttiRate *self)
{
  return (guint) self->target;
}

double
tutti_rate_get_queue_ms (const TuttiRate *self)
{
  return self->queue_ms;
}

double
tutti_rate_get_loss_percent (const TuttiRate *self)
{
  return self->loss_percent;
}
