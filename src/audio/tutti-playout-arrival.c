/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <math.h>

/* Packets further than this from the newest are another stream, if a second one agrees. */
#define JUMP TUTTI_SAMPLE_RATE
/* A sender that was silent for long goes on within this of where it should be. */
#define PAUSE_TOLERANCE (TUTTI_SAMPLE_RATE * 0.35)
/* Packets of a lane that are looked at in a cycle, 200 ms of the shortest. */
#define BUDGET 160
/* After the graph stood still: what was held up with it comes within 10 ms. */
#define AFTERMATH 480
/* No more of them once so many steps of searching were done, 0.1 ms: those of 200 ms that all come
 * late are 30 000. */
#define STEPS 60000
/* Half a second */
#define FASTEST_TIME (TUTTI_SAMPLE_RATE / 2)
/* A kind of which nothing came for so long is not sent any more. */
#define KIND_TIME 7200
/* What codecs need beyond a frame (RFC 7587 §4.2, opus_custom: the overlap). Where the timestamp
 * has it taken off, it lies between a frame's last sample and its capture. */
#define OPUS_LOOKAHEAD  120
#define TIGHT_LOOKAHEAD 64

/* Until so much was played the drift of the clocks is not known, 20 s. */
#define SETTLING (20.0 * TUTTI_SAMPLE_RATE)

/* A packet while it is given its place. */
typedef struct {
  TuttiRtp rtp;
  TuttiPayload payload;
  TuttiFrame frame;
  double arrival;
  double usable;
  gint64 arrival_ns;
  guint lane;
} Arrival;

static void
begin (TuttiPlayout *self, const TuttiRtp *rtp, double arrival)
{
  self->received_any = TRUE;
  self->newest = rtp->timestamp;
  self->first = self->newest;
  self->transit = arrival - (double) self->newest;
}

/* Returns FALSE when the packet cannot belong to the stream (yet). */
static gboolean
follow_jump (TuttiPlayout *self, const TuttiRtp *rtp, double arrival)
{
  /* Wide enough that the magnitude of any difference has a place. */
  gint64 delta = (gint32) (rtp->timestamp - (guint32) self->newest);
  double transit = arrival - (double) (self->newest + delta);

  if (!self->received_any) {
    begin (self, rtp, arrival);
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
  /* Once a cycle: it costs more than a packet may. */
  if (self->restarted == self->cycle)
    return FALSE;
  self->restarted = self->cycle;
  tutti_playout_restart (self);
  begin (self, rtp, arrival);
  return TRUE;
}

/* A sender that pauses goes on with the next sequence number and a later timestamp. */
static void
follow_lane (TuttiPlayout *self, const Arrival *a)
{
  gint64 timestamp = a->frame.timestamp;
  guint lane = a->lane;
  gint64 expected = self->last[lane].timestamp + self->last[lane].duration;

  self->stats.packets_missing +=
      tutti_sequence_add (&self->sequences[lane], a->rtp.ssrc, a->rtp.sequence);
  if (self->last[lane].seen && a->rtp.sequence == (guint16) (self->last[lane].sequence + 1) &&
      timestamp > expected)
    tutti_loss_ledger_pause (&self->ledger, expected, timestamp);
  if (self->last[lane].seen && timestamp < self->last[lane].timestamp)
    return;
  self->last[lane].seen = TRUE;
  self->last[lane].sequence = a->rtp.sequence;
  self->last[lane].timestamp = timestamp;
  self->last[lane].duration = a->frame.duration;
}

static double
extra_of (guint8 kind, guint duration)
{
  if (kind == 0 || tutti_kind_wire (kind) == TUTTI_WIRE_RAW)
    return duration;
  return duration + (tutti_kind_wire (kind) == TUTTI_WIRE_OPUS ? OPUS_LOOKAHEAD : TIGHT_LOOKAHEAD);
}

/* Keeps the slots of what came lately; the one that did not come for longest makes room. */
static void
follow_kind (TuttiPlayout *self, guint8 kind, guint duration)
{
  guint at = 0;

  for (guint i = 0; i < self->n_kinds; i++)
    if (i > 0 && self->cycle - self->kinds[i].seen > KIND_TIME)
      self->kinds[i--] = self->kinds[--self->n_kinds];
  while (at < self->n_kinds && self->kinds[at].kind != kind)
    at++;
  if (at == TUTTI_PLAYOUT_KINDS)
    for (guint i = at = 0; i < self->n_kinds; i++)
      at = self->kinds[i].seen < self->kinds[at].seen ? i : at;
  else if (at == self->n_kinds)
    self->n_kinds++;
  self->kinds[at].kind = kind;
  self->kinds[at].extra = extra_of (kind, duration);
  self->kinds[at].seen = self->cycle;
  if (at > 0) {
    TuttiKind newest = self->kinds[at];

    self->kinds[at] = self->kinds[0];
    self->kinds[0] = newest;
  }
}

static void
follow_fastest (TuttiPlayout *self, const Arrival *a)
{
  double transit = a->arrival - (double) a->frame.timestamp;

  if (a->frame.kind != self->fastest_kind)
    self->fastest[0].valid = self->fastest[1].valid = FALSE;
  self->fastest_kind = a->frame.kind;
  if (self->cycle >= self->fastest_end) {
    self->fastest[1] = self->fastest[0];
    self->fastest[0].valid = FALSE;
    self->fastest_end = self->cycle + FASTEST_TIME;
  }
  if (self->fastest[0].valid && self->fastest[0].transit <= transit)
    return;
  self->fastest[0].valid = TRUE;
  self->fastest[0].transit = transit;
  self->fastest[0].rtp_timestamp = a->rtp.timestamp;
  self->fastest[0].arrival_ns = a->arrival_ns;
}

/* When a frame can be used, counted from the capture of its last sample on. What came late while
 * the graph stood still itself could not have been played by anybody: to wait for it would help
 * nobody.
 */
static void
note_usable (TuttiPlayout *self, const Arrival *a, gint64 timestamp)
{
  double extra = extra_of (a->frame.kind, a->frame.duration);
  double transit = a->usable - ((double) timestamp + extra);

  if (self->cycle - self->left_out < AFTERMATH && self->arrival.asked)
    transit = MIN (transit, self->arrival.need);
  tutti_arrival_add (&self->arrival, transit, self->cycle);
}

static void
note_arrival (TuttiPlayout *self, const Arrival *a)
{
  double extra = extra_of (a->frame.kind, a->frame.duration);
  double transit = a->arrival - ((double) a->frame.timestamp + extra);

  follow_kind (self, a->frame.kind, a->frame.duration);
  follow_fastest (self, a);
  note_usable (self, a, a->frame.timestamp);
  if (self->stats.received > 1)
    self->jitter += (fabs (transit - self->transit_last) - self->jitter) / 16;
  self->transit_last = transit;
  self->transit = a->arrival - (double) a->frame.timestamp;
  if (self->timeline) {
    double early = tutti_playout_delay (self) - (a->usable - (double) a->frame.timestamp);

    self->buffered += (early - self->buffered) / 32;
  }
  self->stats.lost += tutti_loss_ledger_expire (&self->ledger, self->newest);
}

/* Its place has passed. Where sound was invented in that place, it may go on from there. */
static void
store_late (TuttiPlayout *self, const Arrival *a)
{
  if (a->frame.timestamp < self->beginning ||
      tutti_loss_ledger_arrived (&self->ledger, a->frame.timestamp,
                                 a->frame.timestamp + a->frame.duration)) {
    self->stats.late++;
    note_arrival (self, a);
    if (self->concealed_run > 0)
      tutti_frame_store_insert (&self->store, &a->frame, a->payload.frames[0]);
  } else if (a->frame.kind == self->kind) {
    self->stats.duplicates++;
  } else {
    /* Another kind of what was heard already: it only tells when its like come. */
    note_arrival (self, a);
    tutti_frame_store_insert (&self->store, &a->frame, a->payload.frames[0]);
  }
}

static void
store (TuttiPlayout *self, const Arrival *a)
{
  if (self->timeline && a->frame.timestamp + a->frame.duration <= self->next) {
    store_late (self, a);
    return;
  }
  switch (tutti_frame_store_insert (&self->store, &a->frame, a->payload.frames[0])) {
  case TUTTI_FRAME_DUPLICATE:
    self->stats.duplicates++;
    return;
  case TUTTI_FRAME_REFUSED:
    return;
  case TUTTI_FRAME_STORED:
  case TUTTI_FRAME_REORDERED:
  case TUTTI_FRAME_ORIGINAL:
  default:
    break;
  }
  if (a->frame.timestamp < self->newest &&
      (self->n_kinds == 0 || self->kinds[0].kind == a->frame.kind))
    self->stats.reordered++;
  note_arrival (self, a);
}

/* A copy counts where its original is missing: then it is as if that had come now. */
static void
store_copies (TuttiPlayout *self, const Arrival *a)
{
  for (guint k = 1; k <= a->payload.n_copies; k++) {
    TuttiFrame frame = {
      .kind = a->frame.kind, .duration = a->frame.duration, .size = a->frame.size, .is_copy = TRUE
    };

    frame.timestamp = a->frame.timestamp - (gint64) k * a->payload.distance * a->frame.duration;
    if (self->timeline && frame.timestamp + frame.duration <= self->next) {
      /* Too late, but had there been more time, it would not have been. */
      if (frame.timestamp >= self->beginning &&
          tutti_loss_ledger_is_missing (&self->ledger, frame.timestamp))
        note_usable (self, a, frame.timestamp);
      continue;
    }
    switch (tutti_frame_store_insert (&self->store, &frame, a->payload.frames[k])) {
    case TUTTI_FRAME_STORED:
    case TUTTI_FRAME_REORDERED:
      /* What was sent before we listened is nothing that had to be waited for. */
      if (frame.timestamp >= self->first)
        note_usable (self, a, frame.timestamp);
      break;
    case TUTTI_FRAME_DUPLICATE:
    case TUTTI_FRAME_ORIGINAL:
    case TUTTI_FRAME_REFUSED:
    default:
      break;
    }
  }
}

static gboolean
parse_framed (TuttiPlayout *self, Arrival *a)
{
  TuttiPayload *payload = &a->payload;
  TuttiDecoder *decoder;

  if (!tutti_payload_parse (payload, a->rtp.payload, a->rtp.payload_size) ||
      payload->channels != self->channels)
    return FALSE;
  decoder =
      tutti_decoder_bank_get (self->bank, payload->wire, payload->frame_samples, payload->bits);
  for (guint k = 0; decoder != NULL && k <= payload->n_copies; k++)
    if (decoder->klass->get_duration (decoder, payload->frames[k], payload->size) !=
        payload->frame_samples)
      return FALSE;
  a->frame.kind = tutti_kind_make (payload);
  a->frame.duration = (guint16) payload->frame_samples;
  return decoder != NULL;
}

static gboolean
parse (TuttiPlayout *self, const TuttiPacket *packet, Arrival *a)
{
  if (!tutti_rtp_parse (packet->data, packet->size, &a->rtp) ||
      a->rtp.payload_type != self->payload_type)
    return FALSE;
  if (self->bank != NULL) {
    if (!parse_framed (self, a))
      return FALSE;
  } else {
    guint duration =
        self->plain->klass->get_duration (self->plain, a->rtp.payload, a->rtp.payload_size);

    if (duration == 0)
      return FALSE;
    a->payload.n_copies = 0;
    a->payload.frames[0] = a->rtp.payload;
    a->payload.size = a->rtp.payload_size;
    a->frame.kind = 0;
    a->frame.duration = (guint16) duration;
  }
  a->frame.size = (guint16) a->payload.size;
  a->frame.is_copy = FALSE;
  return TRUE;
}

/* A packet that comes shortly before a cycle may come shortly after it next time; the more so, the
 * faster the clocks drift apart. */
static double
guard_of (const TuttiPlayout *self)
{
  float bias = atomic_load_explicit (&self->bias, memory_order_relaxed);
  double settling = self->since_start < SETTLING ? 12 : 0;

  return 2 + 12 * bias + settling + CLAMP (0.8 * self->drift, 0, 40);
}

static void
place (TuttiPlayout *self, guint lane, const TuttiPacket *packet, guint n_samples, gint64 cycle_ns)
{
  Arrival a = { .lane = lane, .arrival_ns = packet->arrival_ns };

  a.arrival = tutti_playout_time (self, packet->arrival_ns, cycle_ns);
  /* Had the graph missed cycles, that is no fault of the network. */
  a.usable = MIN (self->cycle, a.arrival + n_samples);
  if (self->cycle - a.arrival < MIN (guard_of (self), n_samples))
    a.usable += n_samples;
  self->stats.received++;
  if (!parse (self, packet, &a)) {
    self->stats.malformed++;
    return;
  }
  if (!follow_jump (self, &a.rtp, a.arrival))
    return;
  a.frame.timestamp = self->newest + (gint32) (a.rtp.timestamp - (guint32) self->newest);
  follow_lane (self, &a);
  store (self, &a);
  store_copies (self, &a);
  self->newest = MAX (self->newest, a.frame.timestamp);
}

static guint64
count_steps (const TuttiPlayout *self)
{
  return self->store.n_steps + self->ledger.n_steps;
}

/*
 * tutti_playout_drain:
 *
 * What came since the last cycle gets its place.
 */
void
tutti_playout_drain (TuttiPlayout *self, guint n_samples, gint64 cycle_ns)
{
  for (guint lane = 0; lane < TUTTI_PLAYOUT_LANES; lane++) {
    const TuttiPacket *packet;
    guint64 until = count_steps (self) + STEPS;
    guint budget = BUDGET;

    /* Bounded: a flood must not keep the cycle from ending. */
    while (budget-- > 0 && count_steps (self) < until &&
           (packet = tutti_packet_ring_peek (&self->lanes[lane])) != NULL) {
      place (self, lane, packet, n_samples, cycle_ns);
      tutti_packet_ring_pop (&self->lanes[lane]);
    }
  }
}
