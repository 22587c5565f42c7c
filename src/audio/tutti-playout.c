/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-playout-private.h"

#include "tutti-clock.h"

#include <math.h>
#include <string.h>

/* Half a second of the shortest frames and more */
#define LANE_BYTES (128 * 1024)
/* More than that missed: start afresh. */
#define MAX_DEBT 4096
/* A cycle that begins late may only have been woken late; so many in a row were left out. */
#define LATE_CYCLES 4
#define VERY_LATE   4800
/* The graph's clock is followed within 256 cycles. */
#define CLOCK_RATE (1.0 / 256)

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

static gboolean
make_decoders (TuttiPlayout *self, const TuttiAudioFormat *format, GError **error)
{
  if (!format->framed) {
    self->plain = tutti_decoder_new (format, error);
    self->decoder = self->plain;
    return self->plain != NULL;
  }
  if (!tutti_audio_format_check (format, error))
    return FALSE;
  self->bank = tutti_decoder_bank_new (format->channels, error);
  return self->bank != NULL;
}

TuttiPlayout *
tutti_playout_new (const TuttiAudioFormat *format, guint8 payload_type, GError **error)
{
  g_autoptr (TuttiPlayout) self = g_new0 (TuttiPlayout, 1);

  if (!make_decoders (self, format, error))
    return NULL;
  tutti_resampler_init ();
  for (guint lane = 0; lane < TUTTI_PLAYOUT_LANES; lane++)
    tutti_packet_ring_init (&self->lanes[lane], LANE_BYTES);
  tutti_frame_store_init (&self->store);
  tutti_pcm_init (&self->pcm, format->channels);
  atomic_init (&self->bias, 0.5f);
  self->joiner = tutti_concealer_new (format->channels);
  self->channels = format->channels;
  self->payload_type = payload_type;
  self->frame = format->frame_samples;
  self->stretch_wanted = NAN;
  self->late_since = NAN;
  self->left_out = -INFINITY;
  self->cycle = NAN;
  self->restarted = NAN;
  self->ratio = 1;
  return g_steal_pointer (&self);
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
  tutti_concealer_free (self->joiner);
  tutti_decoder_free (self->plain);
  tutti_decoder_bank_free (self->bank);
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
tutti_playout_stop (TuttiPlayout *self)
{
  /* The filter must be able to run over the end of the fade. */
  tutti_pcm_silence (&self->pcm, TUTTI_RESAMPLER_TAPS);
  self->state = TUTTI_PLAYOUT_WAITING;
  self->envelope = 0;
  self->seam_ahead = FALSE;
  tutti_concealer_reset (self->joiner);
  self->concealed_run = 0;
  self->fade_left = 0;
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
  tutti_playout_stop (self);
  tutti_frame_store_empty (&self->store);
  tutti_arrival_reset (&self->arrival);
  tutti_loss_ledger_reset (&self->ledger);
  if (self->decoder != NULL)
    self->decoder->klass->reset (self->decoder);
  memset (self->last, 0, sizeof self->last);
  memset (self->fastest, 0, sizeof self->fastest);
  self->n_kinds = 0;
  self->received_any = FALSE;
  self->timeline = FALSE;
  self->has_target = FALSE;
  self->jumping = FALSE;
}

/* Real-time thread with the lease: up to @timestamp nothing came, or too late. */
static void
leave_behind (TuttiPlayout *self, gint64 timestamp)
{
  guint frame = MAX (self->frame, 1);

  if (self->timeline && timestamp > self->next)
    self->stats.lost += tutti_loss_ledger_missing (&self->ledger, self->next, timestamp, frame);
  self->next = MAX (self->next, timestamp);
}

/* Real-time thread with the lease: begins, sample-exact, when the oldest frame is as old as the
 * target says. */
static void
try_start (TuttiPlayout *self, guint n_samples)
{
  const TuttiFrame *head;
  double play = self->cycle - self->target;
  double lead, silence;

  while ((head = tutti_frame_store_nth (&self->store, 0)) != NULL &&
         head->timestamp + head->duration <= play) {
    leave_behind (self, head->timestamp + head->duration);
    tutti_playout_drop (self, 0);
  }
  if (head == NULL || (lead = head->timestamp - play) > n_samples + TUTTI_PLAYOUT_AHEAD)
    return;
  leave_behind (self, head->timestamp);
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
  self->stretch_wanted = NAN;
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
    tutti_playout_stop (self);
    return;
  }
  tutti_playout_fill (self, debt + needed);
  if (self->state != TUTTI_PLAYOUT_PLAYING)
    return;
  tutti_playout_skip (self, debt);
  self->debt -= debt;
}

static void
play (TuttiPlayout *self, float *const *planes, guint n_samples)
{
  if (self->state == TUTTI_PLAYOUT_PLAYING) {
    if (tutti_pcm_filled (&self->pcm) >= tutti_playout_needed (self, n_samples))
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

/* What was due in the cycles that were skipped is left out, or the delay would grow. */
void
tutti_playout_leave_out (TuttiPlayout *self, guint n_samples)
{
  if (isnan (self->cycle))
    return;
  self->cycle += n_samples;
  self->left_out = self->cycle;
  self->late_cycles = 0;
  if (self->state == TUTTI_PLAYOUT_PLAYING)
    self->debt += n_samples;
}

void
tutti_playout_hold (TuttiPlayout *self, guint n_samples)
{
  if (isnan (self->cycle))
    return;
  self->cycle -= n_samples;
  self->late_cycles = 0;
  self->hold += n_samples;
}

/* Returns how many samples of the cycle are over. */
static guint
play_held (TuttiPlayout *self, float *const *planes, guint n_samples)
{
  guint n = MIN (self->hold, n_samples);

  tutti_playout_bridge (self, planes, n);
  /* Time was set back for it: nothing was due. */
  self->debt -= n;
  self->hold -= n;
  self->cycle += n;
  return n;
}

/* Time is counted in samples of the graph, which is exact; its clock only says when cycles were
 * left out. */
static void
keep_time (TuttiPlayout *self, guint n_samples, gint64 cycle_ns)
{
  double late;

  if (isnan (self->cycle)) {
    self->base_ns = cycle_ns;
    self->cycle = 0;
  }
  late = (double) (cycle_ns - self->base_ns) * (TUTTI_SAMPLE_RATE / 1e9) - self->cycle;
  if (late > 0.75 * n_samples) {
    self->lateness = self->late_cycles == 0 ? late : MIN (self->lateness, late);
    self->late_cycles++;
    if (self->late_cycles >= LATE_CYCLES || late > VERY_LATE + n_samples)
      tutti_playout_leave_out (
          self, (guint) lround (late > VERY_LATE + n_samples ? late : self->lateness));
    return;
  }
  self->late_cycles = 0;
  self->base_ns += (gint64) (late * (late < -VERY_LATE ? 1 : CLOCK_RATE) * 1e9 / TUTTI_SAMPLE_RATE);
}

static void
publish (TuttiPlayout *self)
{
  const double ms = 1000.0 / TUTTI_SAMPLE_RATE;
  TuttiRemoteStats *stats = &self->stats;

  if (!tutti_arrival_is_empty (&self->arrival)) {
    const TuttiFastest *fastest = &self->fastest[0];

    if (self->fastest[1].valid && (!fastest->valid || self->fastest[1].transit < fastest->transit))
      fastest = &self->fastest[1];
    stats->target_ms = (self->target - tutti_arrival_minimum (&self->arrival) -
                        (self->n_kinds > 0 ? self->kinds[0].extra : 0)) *
                       ms;
    if (fastest->valid) {
      stats->arrival_rtp_timestamp = fastest->rtp_timestamp;
      stats->arrival_ns = fastest->arrival_ns;
    }
  }
  stats->buffered_ms = self->buffered * ms;
  stats->jitter_ms = self->jitter * ms;
  tutti_seqlock_write (&self->published, stats, sizeof *stats);
}

/* Real-time thread with the lease. */
static void
prepare (TuttiPlayout *self, guint n_samples, gint64 cycle_ns)
{
  tutti_playout_drain (self, n_samples, cycle_ns);
  tutti_playout_aim (self, n_samples);
  if (self->state == TUTTI_PLAYOUT_WAITING && self->has_target)
    try_start (self, n_samples);
  if (self->state != TUTTI_PLAYOUT_PLAYING)
    return;
  tutti_playout_follow_late (self);
  tutti_playout_steer (self, n_samples);
  pay_debt (self, tutti_playout_needed (self, n_samples));
  tutti_playout_fill (self, tutti_playout_needed (self, n_samples));
  if (self->state == TUTTI_PLAYOUT_PLAYING) {
    double first = (double) self->next - (tutti_pcm_filled (&self->pcm) - self->frac);

    self->stats.rtp_timestamp = (guint32) (gint64) llround (first);
    self->stats.playback_ns = cycle_ns;
    self->stats.played_samples += n_samples;
  }
}

static gboolean
process (TuttiPlayout *self, float *const *planes, guint n_samples, gint64 cycle_ns)
{
  gboolean leased = tutti_playout_try_lease (self);
  gboolean more = FALSE;

  keep_time (self, n_samples, cycle_ns);
  if (leased) {
    prepare (self, n_samples, cycle_ns);
    play (self, planes, n_samples);
    publish (self);
    more = self->state == TUTTI_PLAYOUT_PLAYING && tutti_playout_has_work (self);
    tutti_playout_release_lease (self);
  } else {
    if (self->state == TUTTI_PLAYOUT_PLAYING &&
        tutti_pcm_filled (&self->pcm) < tutti_playout_needed (self, n_samples))
      atomic_fetch_add_explicit (&self->misses, 1, memory_order_relaxed);
    play (self, planes, n_samples);
  }
  self->cycle += n_samples;
  return more;
}

gboolean
tutti_playout_process (TuttiPlayout *self, float *const *planes, guint n_samples, gint64 cycle_ns)
{
  float *rest[TUTTI_MAX_CHANNELS] = { NULL };
  guint held;

  if (self->hold == 0)
    return process (self, planes, n_samples, cycle_ns);

  held = play_held (self, planes, n_samples);
  if (held == n_samples)
    return FALSE;
  for (guint c = 0; c < self->channels; c++)
    rest[c] = planes[c] + held;
  return process (self, rest, n_samples - held,
                  cycle_ns + held * TUTTI_NSEC_PER_SEC / TUTTI_SAMPLE_RATE);
}

gboolean
tutti_playout_decode_ahead (TuttiPlayout *self)
{
  gboolean more = FALSE;

  if (!tutti_playout_try_lease (self))
    return FALSE;
  /* Without a timeline nothing was started; what is kept then waits for the start. */
  if (self->timeline && self->state == TUTTI_PLAYOUT_PLAYING &&
      tutti_pcm_space (&self->pcm) >= TUTTI_MAX_FRAME_SAMPLES && tutti_playout_has_work (self))
    more = tutti_playout_decode_next (self);
  tutti_playout_release_lease (self);
  return more;
}
