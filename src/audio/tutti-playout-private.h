/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-arrival.h"
#include "tutti-codec.h"
#include "tutti-conceal.h"
#include "tutti-frame-store.h"
#include "tutti-loss-ledger.h"
#include "tutti-packet-ring.h"
#include "tutti-payload.h"
#include "tutti-playout.h"
#include "tutti-resampler.h"
#include "tutti-rtp.h"
#include "tutti-seqlock.h"
#include "tutti-sequence.h"
#include "tutti-stretch.h"

G_BEGIN_DECLS

#define TUTTI_PLAYOUT_PCM  8192 /* decoded samples kept, a power of two */
#define TUTTI_PLAYOUT_KEEP 2048 /* of them behind the read position, to go back to */
#define TUTTI_PLAYOUT_MASK (TUTTI_PLAYOUT_PCM - 1)
/* What must be decoded beyond the last sample played: the filter looks ahead. */
#define TUTTI_PLAYOUT_AHEAD (TUTTI_RESAMPLER_AHEAD + 1)
#define TUTTI_PLAYOUT_JOIN  64 /* samples over which a bridge is left */
#define TUTTI_PLAYOUT_KINDS 4  /* how many kinds of frames at once are known */

typedef enum {
  TUTTI_PLAYOUT_WAITING, /* silent until the target is filled */
  TUTTI_PLAYOUT_PLAYING,
} TuttiPlayoutState;

/**
 * TuttiPcm: decoded sound between the lease's holder, who appends, and the real-time thread, who
 * reads. Position `read + frac` is the next sample to play. The reader may go back a little.
 */
typedef struct {
  float *samples[TUTTI_MAX_CHANNELS];
  guint channels;
  _Atomic guint32 write;
  _Atomic guint32 read;
} TuttiPcm;

/**
 * TuttiKind: what frames of a kind cost in time
 * @extra: samples from the first sample of a frame to when its last was captured
 * @seen: when the last one came
 */
typedef struct {
  guint8 kind;
  double extra;
  double seen;
} TuttiKind;

/* The fastest packet of half a second: when it came, counted from its timestamp on. */
typedef struct {
  gboolean valid;
  double transit;
  guint32 rtp_timestamp;
  gint64 arrival_ns;
} TuttiFastest;

struct _TuttiPlayout {
  TuttiPacketRing lanes[TUTTI_PLAYOUT_LANES];
  _Atomic int lease;
  _Atomic float bias;
  _Atomic guint64 misses;
  TuttiSeqlock published;
  guint channels;
  guint8 payload_type;

  /* Holder of the lease: decoding */
  TuttiDecoder *plain;    /* of a stream that is not framed */
  TuttiDecoderBank *bank; /* of one that is */
  TuttiDecoder *decoder;  /* Borrowed: what was decoded last */
  guint8 kind;
  TuttiFrameStore store;
  TuttiPcm pcm; /* the write side */
  gint64 next;  /* timestamp of the sample to append next */
  guint frame;  /* samples of the last decoded frame */
  guint concealed_run;
  float envelope, envelope_target, envelope_step;
  TuttiConcealer *joiner; /* knows what was appended */
  gboolean seam_ahead;    /* what is appended next does not follow from what was before */
  float scratch[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  TuttiRemoteStats stats;

  /* Real-time thread, under the lease: arrivals and timing */
  TuttiArrival arrival;
  TuttiLossLedger ledger;
  TuttiSequence sequences[TUTTI_PLAYOUT_LANES];
  struct {
    gboolean seen;
    guint16 sequence;
    guint16 duration;
    gint64 timestamp;
  } last[TUTTI_PLAYOUT_LANES];
  TuttiKind kinds[TUTTI_PLAYOUT_KINDS];
  guint n_kinds;
  TuttiFastest fastest[2]; /* this half second, the one before */
  double fastest_end;
  guint8 fastest_kind;
  gboolean received_any;
  gboolean timeline; /* next is valid */
  gboolean has_target;
  gint64 newest;
  gint64 first;     /* timestamp of the first packet that came */
  gint64 beginning; /* timestamp of the first sample played */
  gboolean jumping;
  guint32 jump_timestamp;
  double restarted;      /* when the sender last started anew */
  double transit;        /* of the last packet, without the wait for a cycle */
  double transit_last;   /* the same up to the packet's end */
  double jitter;         /* samples */
  double buffered;       /* samples */
  double target;         /* samples */
  double left_out;       /* when the graph last left out cycles */
  guint hold;            /* samples for which nothing is due yet */
  double late_since;     /* while sound is invented: since when things came that were too late */
  double late_shift;     /* and how late the first of them was */
  double settle_end;     /* until then the delay is not brought down */
  double stretch_next;   /* not stretched again before */
  double stretch_wanted; /* since when it is wanted; NAN: it is not */
  double drift;          /* the sender is this much slower, samples a second */
  double since_start;    /* samples played */

  /* Real-time thread, lease or not */
  TuttiPlayoutState state;
  gboolean started;
  gint64 base_ns;
  double cycle;    /* samples of the graph since base_ns, what it left out included */
  double lateness; /* of cycles behind their place in time: the least of the last few */
  guint late_cycles;
  double frac;
  double ratio;
  double debt; /* samples to leave out: they were due while nobody listened */
  float last_out[TUTTI_MAX_CHANNELS];
  float join_from[TUTTI_MAX_CHANNELS];
  guint join_left;
  guint32 furthest;  /* that was ever read */
  gint32 fade_shift; /* where the old sound goes on, from the read position */
  guint fade_left, fade_length;
  float fade_similarity;
  float faded[TUTTI_STRETCH_FADE];
  float window[TUTTI_MAX_QUANTUM + TUTTI_MAX_QUANTUM / 64 + 64];
  float sound[TUTTI_STRETCH_SOUND];
};

/* tutti-playout-pcm.c */
void tutti_pcm_init (TuttiPcm *self, guint channels);
void tutti_pcm_clear (TuttiPcm *self);
guint32 tutti_pcm_filled (const TuttiPcm *self);
guint32 tutti_pcm_space (const TuttiPcm *self);
void tutti_pcm_silence (TuttiPcm *self, guint n_samples);
/* Real-time thread with the lease: keeps at most @n_samples, faded to nothing. */
void tutti_pcm_cut (TuttiPcm *self, guint n_samples);
/* Lease's holder. Interleaved samples, through the envelope. */
void tutti_playout_append (TuttiPlayout *self, float *pcm, guint n_samples);

/* tutti-playout-read.c: real-time thread */
/* There must be enough decoded: tutti_playout_needed(). */
void tutti_playout_read (TuttiPlayout *self, float *const *planes, guint n_samples, double ratio);
void tutti_playout_skip (TuttiPlayout *self, guint n_samples);
void tutti_playout_bridge (TuttiPlayout *self, float *const *planes, guint n_samples);
/* Goes on @shift samples further (< 0: back), fading over @n_fade. */
void tutti_playout_move (TuttiPlayout *self, gint32 shift, guint n_fade, float similarity);
guint tutti_playout_get_past (const TuttiPlayout *self);
void tutti_playout_copy_sound (TuttiPlayout *self, guint past, guint n);

/* tutti-playout-arrival.c: real-time thread with the lease */
void tutti_playout_drain (TuttiPlayout *self, guint n_samples, gint64 cycle_ns);

/* tutti-playout-decode.c: lease's holder */
TuttiDecoder *tutti_playout_get_decoder (TuttiPlayout *self, guint8 kind);
gboolean tutti_playout_decode_next (TuttiPlayout *self);
/* Whether the frame that is next is here and worth to be decoded in another thread. */
gboolean tutti_playout_has_work (TuttiPlayout *self);
void tutti_playout_fill (TuttiPlayout *self, guint n_samples);
/* Everything was late, but nothing else came: goes on with that. */
void tutti_playout_follow_late (TuttiPlayout *self);
void tutti_playout_drop (TuttiPlayout *self, guint n);

/* tutti-playout-steer.c: real-time thread with the lease */
/* Where the delay should be. */
void tutti_playout_aim (TuttiPlayout *self, guint n_samples);
/* Brings it there. */
void tutti_playout_steer (TuttiPlayout *self, guint n_samples);

/* tutti-playout.c */
void tutti_playout_stop (TuttiPlayout *self);
void tutti_playout_restart (TuttiPlayout *self);

static inline double
tutti_playout_time (const TuttiPlayout *self, gint64 ns, gint64 cycle_ns)
{
  return self->cycle + (double) (ns - cycle_ns) * (TUTTI_SAMPLE_RATE / 1e9);
}

/* How long after its place in the stream a sample is played, in samples. */
static inline double
tutti_playout_delay (const TuttiPlayout *self)
{
  return self->cycle - ((double) self->next - (tutti_pcm_filled (&self->pcm) - self->frac));
}

static inline guint
tutti_playout_needed (const TuttiPlayout *self, guint n_samples)
{
  return (guint) (self->frac + n_samples * self->ratio) + TUTTI_PLAYOUT_AHEAD;
}

/* A kind in a byte, which says everything about it: 0 is not framed. */
static inline guint8
tutti_kind_make (const TuttiPayload *payload)
{
  return (guint8) (payload->wire << 6 | (payload->bits == 24) << 5 |
                   (payload->frame_samples % 120 == 0 ? 16 + payload->frame_samples / 120
                                                      : payload->frame_samples / 64));
}

static inline guint
tutti_kind_frame (guint8 kind)
{
  guint code = kind & 31;

  return code > 16 ? (code - 16) * 120 : code * 64;
}

static inline TuttiWireFormat
tutti_kind_wire (guint8 kind)
{
  return (TuttiWireFormat) (kind >> 6);
}

G_END_DECLS
