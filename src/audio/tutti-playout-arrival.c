/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <math.h>

/* Packets further than this from the newest are another stream, if a second one agrees. */
#define JUMP TUTTI_SAMPLE_RATE
/* A sender that was silent for long goes on within this of where it should be. */
#define PAUSE_TOLERANCE (TUTTI_SAMPLE_RATE * 0.35)
/* 5 ms a second */
#define FALL 0.005

/* Returns FALSE when the packet cannot belong to the stream (yet). */
static gboolean
follow_jump (TuttiPlayout *self, const TuttiRtp *rtp, double arrival)
{
  /* Wide enough that the magnitude of any difference has a place. */
  gint64 delta = (gint32) (rtp->timestamp - (guint32) self->newest);
  double transit = arrival - (double) (self->newest + delta);

  if (!self->received_any) {
    self->received_any = TRUE;
    self->newest = rtp->timestamp;
    self->transit = arrival - (double) self->newest;
    return TRUE;
  }
  if (ABS (delta) <= JUMP || (delta > 0 && fabs (transit - self->transit) < PAUSE_TOLERANCE)) {
    self->jumping = FALSE;
    return TRUE;
  }
  /* One packet alone may be damaged or foreign; two that agree are a sender that started anew. */
  if (!self->jumping || ABS ((gint64) (gint32) (rtp->timestamp - self->jump_timestamp)) > JUMP) {
    self->jumping = TRUE;
    self->jump_timestamp = rtp->timestamp;
    return FALSE;
  }
  tutti_playout_restart (self);
  self->received_any = TRUE;
  self->newest = rtp->timestamp;
  self->transit = arrival - (double) self->newest;
  return TRUE;
}

/* A sender that pauses goes on with the next sequence number and a later timestamp. */
static void
follow_lane (TuttiPlayout *self, guint lane, const TuttiRtp *rtp, gint64 timestamp, guint duration)
{
  gint64 expected = self->last[lane].timestamp + self->last[lane].duration;

  if (self->last[lane].seen && rtp->sequence == (guint16) (self->last[lane].sequence + 1) &&
      timestamp > expected)
    tutti_loss_ledger_pause (&self->ledger, expected, timestamp);
  if (self->last[lane].seen && timestamp < self->last[lane].timestamp)
    return;
  self->last[lane].seen = TRUE;
  self->last[lane].sequence = rtp->sequence;
  self->last[lane].timestamp = timestamp;
  self->last[lane].duration = (guint16) duration;
}

static void
note_arrival (TuttiPlayout *self, gint64 timestamp, double arrival, guint n_samples)
{
  /* Had the graph missed cycles, that is no fault of the network. */
  double usable = MIN (self->cycle, arrival + n_samples);
  double transit = arrival - (double) timestamp;

  tutti_arrival_add (&self->arrival, usable - (double) timestamp, self->cycle);
  self->jitter += (fabs (transit - self->transit) - self->jitter) / 16;
  self->transit = transit;
  if (self->timeline) {
    double early = tutti_playout_delay (self) - (usable - (double) timestamp);

    self->buffered += (early - self->buffered) / 32;
  }
  self->stats.lost += tutti_loss_ledger_expire (&self->ledger, self->newest);
}

static void
store (TuttiPlayout *self,
       const TuttiRtp *rtp,
       gint64 timestamp,
       guint duration,
       double arrival,
       guint n_samples)
{
  TuttiFrameResult result;

  if (self->timeline && timestamp + duration <= self->next) {
    if (timestamp >= self->beginning && !tutti_loss_ledger_arrived (&self->ledger, timestamp)) {
      self->stats.duplicates++;
      return;
    }
    self->stats.late++;
    note_arrival (self, timestamp, arrival, n_samples);
    return;
  }
  result =
      tutti_frame_store_insert (&self->store, timestamp, duration, rtp->payload, rtp->payload_size);
  if (result == TUTTI_FRAME_DUPLICATE) {
    self->stats.duplicates++;
    return;
  }
  if (result == TUTTI_FRAME_REFUSED)
    return;
  if (timestamp < self->newest)
    self->stats.reordered++;
  note_arrival (self, timestamp, arrival, n_samples);
}

static void
place (TuttiPlayout *self, guint lane, const TuttiPacket *packet, guint n_samples)
{
  double arrival = tutti_playout_time (self, packet->arrival_ns);
  gint64 timestamp;
  guint duration;
  TuttiRtp rtp;

  self->stats.received++;
  if (!tutti_rtp_parse (packet->data, packet->size, &rtp) ||
      rtp.payload_type != self->payload_type ||
      (duration = self->decoder->klass->get_duration (self->decoder, rtp.payload,
                                                      rtp.payload_size)) == 0) {
    self->stats.malformed++;
    return;
  }
  if (!follow_jump (self, &rtp, arrival))
    return;
  timestamp = self->newest + (gint32) (rtp.timestamp - (guint32) self->newest);
  follow_lane (self, lane, &rtp, timestamp, duration);
  store (self, &rtp, timestamp, duration, arrival, n_samples);
  self->newest = MAX (self->newest, timestamp);
}

/*
 * tutti_playout_drain:
 *
 * Real-time thread with the lease: what came since the last cycle gets its place.
 */
void
tutti_playout_drain (TuttiPlayout *self, guint n_samples)
{
  for (guint lane = 0; lane < TUTTI_PLAYOUT_LANES; lane++) {
    const TuttiPacket *packet;
    guint budget = self->lanes[lane].n_slots;

    /* Bounded: a flood must not keep the cycle from ending. */
    while (budget-- > 0 && (packet = tutti_packet_ring_peek (&self->lanes[lane])) != NULL) {
      place (self, lane, packet, n_samples);
      tutti_packet_ring_pop (&self->lanes[lane]);
    }
  }
}

/*
 * tutti_playout_aim:
 *
 * Real-time thread with the lease: where the delay should be.
 */
void
tutti_playout_aim (TuttiPlayout *self, guint n_samples)
{
  float bias = atomic_load_explicit (&self->bias, memory_order_relaxed);
  double share = 0.02 * pow (0.025, bias);
  double quantile, spread, want;

  if (tutti_arrival_count (&self->arrival) == 0)
    return;
  quantile = tutti_arrival_quantile (&self->arrival, share);
  spread = quantile - tutti_arrival_minimum (&self->arrival);
  want = quantile + MAX (0, bias - 0.5) * 0.5 * spread + TUTTI_PLAYOUT_AHEAD + 8 + 16 * bias;

  if (!self->has_target) {
    /* One packet says nothing about jitter: half a frame until more is known. */
    self->target = want + self->frame / 2.0;
    self->has_target = TRUE;
  } else if (want >= self->target) {
    self->target = want;
  } else {
    self->target -= MIN (self->target - want, FALL * n_samples);
  }
}
