/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-arrival.h"
#include "tutti-codec.h"
#include "tutti-frame-store.h"
#include "tutti-loss-ledger.h"
#include "tutti-packet-ring.h"
#include "tutti-playout.h"
#include "tutti-resampler.h"
#include "tutti-rtp.h"
#include "tutti-seqlock.h"

G_BEGIN_DECLS

#define TUTTI_PLAYOUT_PCM  8192 /* decoded samples kept, a power of two */
#define TUTTI_PLAYOUT_KEEP 8    /* samples behind the read position that the filter looks at */
#define TUTTI_PLAYOUT_MASK (TUTTI_PLAYOUT_PCM - 1)
/* What must be decoded beyond the last sample played: the filter looks ahead. */
#define TUTTI_PLAYOUT_AHEAD (TUTTI_RESAMPLER_HALF + 1)
#define TUTTI_PLAYOUT_JOIN  64 /* samples over which a seam is smoothed */

typedef enum {
  TUTTI_PLAYOUT_WAITING, /* silent until the target is filled */
  TUTTI_PLAYOUT_PLAYING,
} TuttiPlayoutState;

/**
 * TuttiPcm: decoded sound between the lease's holder, who appends, and the real-time thread, who
 * reads. Position `read + frac` is the next sample to play.
 */
typedef struct {
  float *samples[TUTTI_MAX_CHANNELS];
  guint channels;
  _Atomic guint32 write;
  _Atomic guint32 read;
} TuttiPcm;

struct _TuttiPlayout {
  TuttiPacketRing lanes[TUTTI_PLAYOUT_LANES];
  _Atomic int lease;
  _Atomic float bias;
  _Atomic guint64 misses;
  TuttiSeqlock published;
  guint channels;
  guint8 payload_type;

  /* Holder of the lease: decoding */
  TuttiDecoder *decoder;
  TuttiFrameStore store;
  TuttiPcm pcm; /* the write side */
  gint64 next;  /* timestamp of the sample to append next */
  guint frame;  /* samples of the last decoded frame */
  guint concealed_run;
  float envelope, envelope_target, envelope_step;
  float last_in[TUTTI_MAX_CHANNELS]; /* appended last */
  float seam[TUTTI_MAX_CHANNELS];    /* step that dies away over TUTTI_PLAYOUT_JOIN samples */
  guint seam_left;
  gboolean seam_ahead; /* what is appended next does not follow from what was before */
  float scratch[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  TuttiRemoteStats stats;

  /* Real-time thread, under the lease: arrivals and timing */
  TuttiArrival arrival;
  TuttiLossLedger ledger;
  struct {
    gboolean seen;
    guint16 sequence;
    guint16 duration;
    gint64 timestamp;
  } last[TUTTI_PLAYOUT_LANES];
  gboolean received_any;
  gboolean timeline; /* next is valid */
  gboolean has_target;
  gint64 newest;
  gint64 beginning; /* timestamp of the first sample played */
  gboolean jumping;
  guint32 jump_timestamp;
  double transit;  /* of the last packet, without the wait for a cycle */
  double jitter;   /* samples */
  double buffered; /* samples */
  double target;   /* samples */

  /* Real-time thread, lease or not */
  TuttiPlayoutState state;
  gboolean started;
  gint64 base_ns;
  double cycle;          /* this cycle's start in samples since base_ns */
  double expected_cycle; /* where it should have been; NAN at first */
  double frac;
  double ratio;
  double debt; /* samples to leave out: they were due while nobody listened */
  float last_out[TUTTI_MAX_CHANNELS];
  float join_from[TUTTI_MAX_CHANNELS];
  guint join_left;
  float window[TUTTI_MAX_QUANTUM + TUTTI_MAX_QUANTUM / 64 + 64];
};

/* tutti-playout-pcm.c */
void tutti_pcm_init (TuttiPcm *self, guint channels);
void tutti_pcm_clear (TuttiPcm *self);
guint32 tutti_pcm_filled (const TuttiPcm *self);
guint32 tutti_pcm_space (const TuttiPcm *self);
void tutti_pcm_silence (TuttiPcm *self, guint n_samples);
/* Real-time thread with the lease: keeps at most @n_samples, faded to nothing. */
void tutti_pcm_cut (TuttiPcm *self, guint n_samples);
void tutti_playout_append (TuttiPlayout *self, const float *pcm, guint n_samples);
void tutti_playout_read (TuttiPlayout *self, float *const *planes, guint n_samples, double ratio);
void tutti_playout_skip (TuttiPlayout *self, guint n_samples);
void tutti_playout_bridge (TuttiPlayout *self, float *const *planes, guint n_samples);

/* tutti-playout-arrival.c */
void tutti_playout_drain (TuttiPlayout *self, guint n_samples);
void tutti_playout_aim (TuttiPlayout *self, guint n_samples);

/* tutti-playout.c */
void tutti_playout_restart (TuttiPlayout *self);
void tutti_playout_missing (TuttiPlayout *self, gint64 from, gint64 to);

static inline double
tutti_playout_time (const TuttiPlayout *self, gint64 ns)
{
  return (double) (ns - self->base_ns) * (TUTTI_SAMPLE_RATE / 1e9);
}

/* How long after its place in the stream a sample is played, in samples. */
static inline double
tutti_playout_delay (const TuttiPlayout *self)
{
  return self->cycle - ((double) self->next - (tutti_pcm_filled (&self->pcm) - self->frac));
}

G_END_DECLS
