/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <pthread.h>

#include "tutti-audio-engine.h"
#include "tutti-click.h"
#include "tutti-codec.h"
#include "tutti-command-ring.h"
#include "tutti-feedback.h"
#include "tutti-gate.h"
#include "tutti-limiter.h"
#include "tutti-meter.h"
#include "tutti-mixer.h"
#include "tutti-playout.h"
#include "tutti-stem.h"

G_BEGIN_DECLS

#define TUTTI_N_SEQUENCES 8
/* Each destination's format, the one that it is leaving, and one that is about to come. */
#define TUTTI_N_CODERS (2 * TUTTI_N_DESTINATIONS + 1)
/* The oldest copy lies TUTTI_PAYLOAD_MAX_COPIES · 15 frames back; a power of two. */
#define TUTTI_CODED_FRAMES 32
/* Channels that a driver may bring. */
#define TUTTI_MAX_INPUTS (TUTTI_MAX_STRIPS * TUTTI_MAX_CHANNELS)
/* The most that Opus makes of a frame. */
#define TUTTI_MAX_FRAME_BYTES 1275

/* What the real-time thread hands to the worker: this, then n_samples · channels floats,
 * interleaved. */
typedef struct {
  guint32 timestamp;
  guint16 n_samples;
  guint8 channels;
  guint8 silent; /* muted, and the ramp is over */
  gint64 cycle_ns;
} TuttiBlock;

/* A coded frame that a later packet may repeat. */
typedef struct {
  guint32 timestamp;
  guint size;
  guint8 data[TUTTI_MAX_FRAME_BYTES];
} TuttiCodedFrame;

/* An encoder and the frame that is being filled for it. Worker, under worker_lock. */
typedef struct {
  TuttiEncoder *encoder;
  float pcm[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  guint filled;
  gboolean started;  /* it has met the newest block: what lay before is none of its business */
  gboolean running;  /* next is valid: the stream goes on without a hole */
  guint32 next;      /* timestamp of the sample that is expected */
  guint32 timestamp; /* of pcm[0] */
  gint64 capture_ns; /* of pcm[0] */
  guint32 n_coded;
  TuttiCodedFrame history[TUTTI_CODED_FRAMES]; /* the newest is n_coded − 1, modulo */
} TuttiStripCoder;

typedef struct {
  TuttiStripCoder *coder; /* two destinations of one format share it; NULL: not in use */
  /* The format that was there before, sent beside the new one until @until (once it is known) */
  TuttiStripCoder *leaving;
  gboolean has_until;
  guint32 until; /* timestamp: frames of @leaving that begin from there on are not sent */
  gboolean framed;
  guint copies;
  guint distance;
  guint8 payload_type;
  guint32 ssrc;
  guint16 sequence;
  TuttiAudioSendFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} TuttiStripDestination;

typedef struct {
  guint64 packets;
  guint32 rtp_timestamp;
  gint64 capture_ns;
  gint64 sent_ns;
} TuttiStripProgress;

typedef struct {
  /* Real-time thread */
  TuttiStripConfig config;
  TuttiRamp gain;
  TuttiRamp open; /* 0 when muted */
  TuttiRamp monitor;
  TuttiRamp send; /* on top, for what is sent */
  TuttiRamp turn; /* 0 while it turns to other channels */
  TuttiStripConfig next;
  gboolean turning;  /* to @next */
  gboolean played;   /* it was heard, so that it cannot just jump */
  guint32 timestamp; /* of the next sample */
  guint silent_run;

  /* Shared */
  TuttiRing blocks;
  TuttiMeter meter;
  TuttiSeqlock progress;
  _Atomic gboolean muted;
  _Atomic gboolean monitored;
  _Atomic gboolean active;
  _Atomic guint32 wake_at; /* the worker has nothing to do before this timestamp */
  _Atomic guint64 overruns;
  guint32 start; /* timestamp of the first sample ever: frames begin on multiples from here */

  /* Worker, under worker_lock; main changes them under it */
  TuttiStripCoder *coders[TUTTI_N_CODERS]; /* no holes; the quickest first */
  TuttiStripDestination destinations[TUTTI_N_DESTINATIONS];
  guint32 worked; /* timestamp up to which blocks were taken */
  TuttiStripProgress done;
  guint silent_sent;
  struct {
    guint32 ssrc;
    guint16 next;
    gboolean used;
  } sequences[TUTTI_N_SEQUENCES];
  guint next_sequence;
} TuttiStrip;

struct _TuttiAudioRemote {
  TuttiPlayout *playout;
  guint channels;
  guint index;
  TuttiFader fader; /* real-time thread */
  TuttiMeter meter;
  TuttiStem stem;
  _Atomic float gain;
  _Atomic float pan;
  _Atomic gboolean muted;
  _Atomic gboolean solo;
};

typedef struct _TuttiPlay TuttiPlay;

struct _TuttiAudioEngine {
  /* Main thread; strips and remotes are changed under worker_lock, which the worker reads under */
  TuttiStrip *strips[TUTTI_MAX_STRIPS];
  TuttiAudioRemote *remotes[TUTTI_MAX_REMOTES];
  TuttiAudioSource *source;
  TuttiAudioSink *sink;
  TuttiPlay *play;
  guint fade_in_ms;
  TuttiMeter output_meter;

  /* Shared */
  TuttiCommandRing commands;
  _Atomic int cycle_lease;      /* held by process(), or by main while no driver runs */
  _Atomic gint64 last_cycle_ns; /* CLOCK_MONOTONIC, 0: never */
  _Atomic float output_gain;
  _Atomic guint64 cycles;
  _Atomic guint64 xruns;
  _Atomic guint quantum;
  _Atomic guint rate;
  _Atomic gint64 cycle_max_ns;
  _Atomic float limiter_least;
  _Atomic guint64 howls;
  _Atomic float feedback_gain;
  _Atomic gboolean shut[TUTTI_N_SIDES];  /* main's wish */
  _Atomic gboolean quiet[TUTTI_N_SIDES]; /* as of the last cycle */
  int event_fd;
  _Atomic gboolean to_send; /* a strip's frame is complete, and the worker was woken for it */
  _Atomic gboolean quit;
  pthread_mutex_t worker_lock; /* main and worker; never taken by the real-time thread */
  GThread *worker;

  /* Real-time thread (holder of cycle_lease) */
  TuttiStrip *rt_strips[TUTTI_MAX_STRIPS];
  TuttiAudioRemote *rt_remotes[TUTTI_MAX_REMOTES];
  TuttiAudioSource *rt_source;
  TuttiAudioSink *rt_sink;
  TuttiPlay *rt_play;
  TuttiRamp output;
  TuttiLimiter limiter;
  TuttiClicker clicker;
  TuttiFeedback feedback;
  TuttiGate inputs[TUTTI_MAX_INPUTS];
  TuttiGate outputs[TUTTI_MAX_CHANNELS];
  gboolean limited; /* the limiter worked in the last cycle */
  guint64 next_position;
  gint64 next_cycle_ns;
  guint early; /* samples by which this cycle begins before its time */
  gboolean has_position;
  gboolean wake;
  float captured[TUTTI_MAX_QUANTUM]; /* what the open strips hear, for the feedback guard */
  float source_planes[TUTTI_MAX_CHANNELS][TUTTI_MAX_QUANTUM];
  float input_planes[TUTTI_MAX_INPUTS][TUTTI_MAX_QUANTUM];
  float planes[TUTTI_MAX_CHANNELS][TUTTI_MAX_QUANTUM];
  float mix[TUTTI_MAX_CHANNELS][TUTTI_MAX_QUANTUM];
  float block[TUTTI_MAX_CHANNELS * TUTTI_MAX_QUANTUM];
};

/* tutti-audio-engine.c */
void tutti_engine_command (TuttiAudioEngine *self, const TuttiCommand *command, gboolean wait);
void tutti_engine_lock_worker (TuttiAudioEngine *self);
void tutti_engine_unlock_worker (TuttiAudioEngine *self);

/* tutti-audio-strip.c */
void tutti_strip_free (TuttiStrip *self);
void tutti_strip_install (TuttiStrip *self);
void tutti_strip_turn (TuttiStrip *self, const TuttiStripConfig *config);
/* Real-time thread: sends @in on and adds what is monitored to the mix. */
void tutti_strip_process (TuttiStrip *self,
                          TuttiAudioEngine *engine,
                          const float *const *in,
                          guint n_in,
                          guint n_samples,
                          gint64 cycle_ns,
                          guint gap);
/* tutti-audio-strip-worker.c; worker thread, under worker_lock */
void tutti_strip_work (TuttiStrip *self);

/* tutti-audio-packet.c; worker thread, or main where there is no other, under worker_lock */
void tutti_strip_keep_sequence (TuttiStrip *self, const TuttiStripDestination *destination);
guint16 tutti_strip_find_sequence (TuttiStrip *self, guint32 ssrc);
/* Codes what @coder holds and sends it to whom it may concern. */
void tutti_strip_send_frame (TuttiStrip *self, TuttiStripCoder *coder);

/* tutti-audio-send.c */
void tutti_strip_coder_free (TuttiStripCoder *coder);

/* tutti-audio-remote.c */
void tutti_remote_free (TuttiAudioRemote *self);
void tutti_remote_install (TuttiAudioRemote *self);
/* Real-time thread: adds the stream to the mix; @gap: samples that the graph left out before. TRUE
 * when the worker could decode ahead. */
gboolean tutti_remote_process (TuttiAudioRemote *self,
                               TuttiAudioEngine *engine,
                               gboolean any_solo,
                               guint n_samples,
                               gint64 cycle_ns,
                               guint gap);

/* tutti-audio-play.c */
void tutti_play_free (TuttiPlay *self);
/* Real-time thread: adds the sound to the mix. */
void tutti_play_process (TuttiPlay *self, TuttiAudioEngine *engine, guint n_samples);

/* tutti-audio-worker.c */
void tutti_worker_start (TuttiAudioEngine *self);
void tutti_worker_stop (TuttiAudioEngine *self);

/* tutti-audio-process.c */
void tutti_engine_run_commands (TuttiAudioEngine *self);

G_END_DECLS
