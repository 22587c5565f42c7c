/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include <math.h>
#include <string.h>

#define LANE_SLOTS 128
/* A musician hears half a percent only as a slightly warm tone; it makes up 5 ms in a second. */
#define MAX_CORRECTION 0.005
/* Correction per sample of error: a time constant of 0.4 s. */
#define CORRECTION 5e-5
/* The correction itself is smoothed over 50 ms. */
#define SMOOTHING 2400.0
/* Concealment is believable for 60 ms, then it fades out in 20. */
#define CONCEAL_SAMPLES 2880
#define FADE_OUT        (-1.0f / 960)
#define FADE_IN         (1.0f / 120)
/* More than that missed: start afresh. */
#define MAX_DEBT 4096

G_STATIC_ASSERT (sizeof (TuttiRemoteStats) <= TUTTI_SEQLOCK_WORDS * sizeof (guint64));

gboolean
tutti_playout_try_lease (TuttiPlayout *self)
{
  return atomic_exchange_explicit (&self->lease, 1, memory_order_acquire) == 0;
}

void
tutti_playout_release_lease (TuttiPlayout *self)
{
  atomic_store_explicit (&self->lease, 0, memory_order_release);
}

TuttiPlayout *
tutti_playout_new (const TuttiAudioFormat *format, guint8 payload_type, GError **error)
{
  TuttiDecoder *decoder = tutti_decoder_new (format, error);
  TuttiPlayout *self;

  if (decoder == NULL)
    return NULL;
  tutti_resampler_init ();
  self = g_new0 (TuttiPlayout, 1);
  for (guint lane = 0; lane < TUTTI_PLAYOUT_LANES; lane++)
    tutti_packet_ring_init (&self->lanes[lane], LANE_SLOTS);
  tutti_frame_store_init (&self->store);
  tutti_pcm_init (&self->pcm, format->channels);
  atomic_init (&self->bias, 0.5f);
  self->decoder = decoder;
  self->channels = format->channels;
  self->payload_type = payload_type;
  self->frame = format->frame_samples;
  self->expected_cycle = NAN;
  self->ratio = 1;
  return self;
}

void
tutti_playout_free (TuttiPlayout *self)
{
  if (self == NULL)
    return;
  for (guint lane = 0; lane < TUTTI_PLAYOUT_LANES; lane++)
    tutti_packet_ring_clear (&self->lanes[lane]);
  tutti_frame_store_clear (&self->store);
  tutti_pcm_clear (&self->pcm);
  tutti_decoder_free (self->decoder);
  g_free (self);
}

gboolean
tutti_playout_push (TuttiPlayout *self,
                    guint lane,
                    const guint8 *rtp,
                    gsize size,
                    gint64 arrival_ns)
{
  g_return_val_if_fail (lane < TUTTI_PLAYOUT_LANES, FALSE);

  return tutti_packet_ring_push (&self->lanes[lane], rtp, size, arrival_ns);
}

void
tutti_playout_set_bias (TuttiPlayout *self, float bias)
{
  atomic_store_explicit (&self->bias, bias >= 0 ? MIN (bias, 1) : 0, memory_order_relaxed);
}

void
tutti_playout_get_stats (TuttiPlayout *self, TuttiRemoteStats *stats)
{
  TuttiLevel level = stats->level;

  tutti_seqlock_read (&self->published, stats, sizeof *stats);
  stats->level = level;
}

guint64
tutti_playout_get_misses (const TuttiPlayout *self)
{
  return atomic_load_explicit (&self->misses, memory_order_relaxed);
}

gboolean
tutti_playout_has_started (const TuttiPlayout *self)
{
  return self->started;
}

void
tutti_playout_missing (TuttiPlayout *self, gint64 from, gint64 to)
{
  guint n_frames = MAX (1, (guint) ((to - from) / MAX (self->frame, 1)));

  self->stats.lost += tutti_loss_ledger_missing (&self->ledger, from, to, n_frames);
}

static void
stop (TuttiPlayout *self)
{
  /* The filter must be able to run over the end of the fade. */
  tutti_pcm_silence (&self->pcm, TUTTI_RESAMPLER_TAPS);
  self->state = TUTTI_PLAYOUT_WAITING;
  self->envelope = 0;
  self->seam_left = 0;
  self->seam_ahead = FALSE;
  self->concealed_run = 0;
  self->ratio = 1;
  self->debt = 0;
}

/*
 * tutti_playout_restart:
 *
 * Real-time thread with the lease: the sender started anew; what is known about it is void.
 */
void
tutti_playout_restart (TuttiPlayout *self)
{
  tutti_pcm_cut (&self->pcm, 2 * TUTTI_PLAYOUT_JOIN);
  stop (self);
  tutti_frame_store_empty (&self->store);
  tutti_arrival_reset (&self->arrival);
  tutti_loss_ledger_reset (&self->ledger);
  self->decoder->klass->reset (self->decoder);
  memset (self->last, 0, sizeof self->last);
  self->received_any = FALSE;
  self->timeline = FALSE;
  self->has_target = FALSE;
  self->jumping = FALSE;
}

/* Lease's holder: its place has passed while it waited. */
static void
drop_stale (TuttiPlayout *self, const TuttiFrame *head)
{
  self->stats.late++;
  tutti_loss_ledger_arrived (&self->ledger, head->timestamp);
  tutti_frame_store_pop (&self->store);
}

/* Lease's holder: appends the frame that is next, if it is here. */
static gboolean
decode_next (TuttiPlayout *self)
{
  const TuttiFrame *head;
  guint skip, n_samples;
  int n;

  while ((head = tutti_frame_store_head (&self->store)) != NULL &&
         head->timestamp + head->duration <= self->next)
    drop_stale (self, head);
  if (head == NULL || head->timestamp > self->next)
    return FALSE;

  n = self->decoder->klass->decode (self->decoder, head->payload, head->size, self->scratch,
                                    TUTTI_MAX_FRAME_SAMPLES);
  if (n < 0) {
    self->stats.malformed++;
    n = self->decoder->klass->conceal (self->decoder, self->scratch, head->duration);
  }
  if (n < 0) {
    n = head->duration;
    memset (self->scratch, 0, sizeof (float) * (guint) n * self->channels);
  }
  skip = (guint) MIN (self->next - head->timestamp, n);
  n_samples = (guint) n - skip;
  self->seam_ahead |= skip > 0;
  self->frame = (guint) n;
  self->envelope_target = 1;
  self->envelope_step = FADE_IN;
  self->concealed_run = 0;
  tutti_playout_append (self, self->scratch + skip * self->channels, n_samples);
  self->next += n_samples;
  tutti_frame_store_pop (&self->store);
  return TRUE;
}

/* Real-time thread with the lease: what is due is not here. */
static void
conceal (TuttiPlayout *self)
{
  const TuttiFrame *head = tutti_frame_store_head (&self->store);
  gboolean hold = self->target - tutti_playout_delay (self) >= 0.75 * self->frame;
  gint64 gap = head != NULL ? head->timestamp - self->next : G_MAXINT64;
  int n = self->decoder->klass->conceal (self->decoder, self->scratch, self->frame);
  guint n_samples;

  if (n < 0) {
    n = (int) self->frame;
    memset (self->scratch, 0, sizeof (float) * self->frame * self->channels);
  }
  n_samples = (guint) (hold ? n : MIN (n, gap));
  if (self->concealed_run >= CONCEAL_SAMPLES) {
    self->envelope_target = 0;
    self->envelope_step = FADE_OUT;
  }
  tutti_playout_append (self, self->scratch, n_samples);
  self->seam_ahead = n_samples < (guint) n;
  self->concealed_run += n_samples;
  self->stats.concealed_samples += n_samples;
  if (!hold) {
    tutti_playout_missing (self, self->next, self->next + n_samples);
    self->next += n_samples;
  }
  if (self->envelope == 0 && self->envelope_target == 0)
    stop (self);
}

static void
fill (TuttiPlayout *self, guint n_samples)
{
  while (self->state == TUTTI_PLAYOUT_PLAYING && tutti_pcm_filled (&self->pcm) < n_samples &&
         tutti_pcm_space (&self->pcm) >= TUTTI_MAX_FRAME_SAMPLES)
    if (!decode_next (self))
      conceal (self);
}

/* Real-time thread with the lease: begins, sample-exact, when the oldest frame is as old as the
 * target says. */
static void
try_start (TuttiPlayout *self, guint n_samples)
{
  const TuttiFrame *head;
  double play = self->cycle - self->target;
  double lead, silence;

  while ((head = tutti_frame_store_head (&self->store)) != NULL &&
         head->timestamp + head->duration <= play)
    drop_stale (self, head);
  if (head == NULL || (lead = head->timestamp - play) > n_samples + TUTTI_PLAYOUT_AHEAD)
    return;
  if (self->timeline && head->timestamp > self->next)
    tutti_playout_missing (self, self->next, head->timestamp);
  if (!self->timeline)
    self->beginning = head->timestamp;
  silence = floor (lead - (tutti_pcm_filled (&self->pcm) - self->frac));
  if (silence > 0)
    tutti_pcm_silence (&self->pcm, (guint) silence);
  self->next = head->timestamp;
  self->timeline = TRUE;
  self->state = TUTTI_PLAYOUT_PLAYING;
  self->envelope = 0;
  self->buffered = self->target - self->cycle + head->timestamp;
  self->started = TRUE;
}

/* Real-time thread with the lease: leaves out what was due while nobody listened. */
static void
pay_debt (TuttiPlayout *self, guint needed)
{
  guint debt = (guint) self->debt;

  if (debt == 0)
    return;
  if (debt > MAX_DEBT) {
    tutti_pcm_cut (&self->pcm, 2 * TUTTI_PLAYOUT_JOIN);
    stop (self);
    return;
  }
  fill (self, debt + needed);
  if (self->state != TUTTI_PLAYOUT_PLAYING)
    return;
  tutti_playout_skip (self, debt);
  self->debt -= debt;
}

static void
correct (TuttiPlayout *self, guint n_samples)
{
  double error = tutti_playout_delay (self) - self->debt - self->target;
  double want = 1 + CLAMP (error * CORRECTION, -MAX_CORRECTION, MAX_CORRECTION);

  self->ratio += (want - self->ratio) * MIN (1, n_samples / SMOOTHING);
}

static guint
needed (const TuttiPlayout *self, guint n_samples)
{
  return (guint) (self->frac + n_samples * self->ratio) + TUTTI_PLAYOUT_AHEAD;
}

static void
play (TuttiPlayout *self, float *const *planes, guint n_samples)
{
  if (self->state == TUTTI_PLAYOUT_PLAYING) {
    if (tutti_pcm_filled (&self->pcm) >= needed (self, n_samples))
      tutti_playout_read (self, planes, n_samples, self->ratio);
    else
      tutti_playout_bridge (self, planes, n_samples);
  } else {
    /* The end of a fade, if there is one, then nothing. */
    guint filled = tutti_pcm_filled (&self->pcm);
    guint n = filled > TUTTI_PLAYOUT_AHEAD ? MIN (filled - TUTTI_PLAYOUT_AHEAD, n_samples) : 0;

    if (n > 0)
      tutti_playout_read (self, planes, n, 1);
    for (guint c = 0; c < self->channels; c++) {
      memset (planes[c] + n, 0, (n_samples - n) * sizeof (float));
      self->last_out[c] = planes[c][n_samples - 1];
    }
  }
}

static void
keep_time (TuttiPlayout *self, guint n_samples, gint64 cycle_ns)
{
  double gap;

  if (isnan (self->expected_cycle)) {
    self->base_ns = cycle_ns;
    self->expected_cycle = 0;
  }
  self->cycle = tutti_playout_time (self, cycle_ns);
  gap = self->cycle - self->expected_cycle;
  /* The graph skipped cycles: what was due in them is left out, or the delay would grow. */
  if (gap > 0.75 * n_samples && self->state == TUTTI_PLAYOUT_PLAYING)
    self->debt += round (gap);
  self->expected_cycle = self->cycle + n_samples;
}

static void
publish (TuttiPlayout *self)
{
  const double ms = 1000.0 / TUTTI_SAMPLE_RATE;
  TuttiRemoteStats *stats = &self->stats;

  if (tutti_arrival_count (&self->arrival) > 0)
    stats->target_ms = (self->target - tutti_arrival_minimum (&self->arrival)) * ms;
  stats->buffered_ms = self->buffered * ms;
  stats->jitter_ms = self->jitter * ms;
  tutti_seqlock_write (&self->published, stats, sizeof *stats);
}

/* Real-time thread with the lease. */
static void
prepare (TuttiPlayout *self, guint n_samples, gint64 cycle_ns)
{
  tutti_playout_drain (self, n_samples);
  tutti_playout_aim (self, n_samples);
  if (self->state == TUTTI_PLAYOUT_WAITING && self->has_target)
    try_start (self, n_samples);
  if (self->state != TUTTI_PLAYOUT_PLAYING)
    return;
  correct (self, n_samples);
  pay_debt (self, needed (self, n_samples));
  fill (self, needed (self, n_samples));
  if (self->state == TUTTI_PLAYOUT_PLAYING) {
    double first = (double) self->next - (tutti_pcm_filled (&self->pcm) - self->frac);

    self->stats.rtp_timestamp = (guint32) (gint64) llround (first);
    self->stats.playback_ns = cycle_ns;
    self->stats.played_samples += n_samples;
  }
}

gboolean
tutti_playout_process (TuttiPlayout *self, float *const *planes, guint n_samples, gint64 cycle_ns)
{
  gboolean leased = tutti_playout_try_lease (self);
  gboolean more = FALSE;

  keep_time (self, n_samples, cycle_ns);
  if (leased) {
    const TuttiFrame *head;

    prepare (self, n_samples, cycle_ns);
    play (self, planes, n_samples);
    publish (self);
    head = tutti_frame_store_head (&self->store);
    more = self->state == TUTTI_PLAYOUT_PLAYING && head != NULL && head->timestamp <= self->next;
    tutti_playout_release_lease (self);
  } else {
    if (self->state == TUTTI_PLAYOUT_PLAYING &&
        tutti_pcm_filled (&self->pcm) < needed (self, n_samples))
      atomic_fetch_add_explicit (&self->misses, 1, memory_order_relaxed);
    play (self, planes, n_samples);
  }
  return more;
}

gboolean
tutti_playout_decode_ahead (TuttiPlayout *self)
{
  gboolean more = FALSE;

  if (!tutti_playout_try_lease (self))
    return FALSE;
  /* Without a timeline nothing was started; what is kept then waits for the start. */
  if (self->timeline && self->state == TUTTI_PLAYOUT_PLAYING &&
      tutti_pcm_space (&self->pcm) >= TUTTI_MAX_FRAME_SAMPLES)
    more = decode_next (self);
  tutti_playout_release_lease (self);
  return more;
}
