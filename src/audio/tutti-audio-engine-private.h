/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <pthread.h>

#include "tutti-audio-engine.h"
#include "tutti-codec.h"
#include "tutti-command-ring.h"
#include "tutti-limiter.h"
#include "tutti-meter.h"
#include "tutti-mixer.h"
#include "tutti-playout.h"

G_BEGIN_DECLS

#define TUTTI_N_SEQUENCES 8

/* What the real-time thread hands to the worker: this, then n_samples · channels floats,
 * interleaved. */
typedef struct {
  guint32 timestamp;
  guint16 n_samples;
  guint8 channels;
  guint8 silent; /* muted, and the ramp is over */
  gint64 cycle_ns;
} TuttiBlock;

/* An encoder and the frame that is being filled for it. Worker, under worker_lock. */
typedef struct {
  TuttiEncoder *encoder;
  float pcm[TUTTI_MAX_FRAME_SAMPLES * TUTTI_MAX_CHANNELS];
  guint filled;
  gboolean running;  /* next is valid: the stream goes on without a hole */
  guint32 next;      /* timestamp of the sample that is expected */
  guint32 timestamp; /* of pcm[0] */
  gint64 capture_ns; /* of pcm[0] */
} TuttiStripCoder;

typedef struct {
  TuttiStripCoder *coder; /* two destinations of one format share it */
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
} TuttiStripProgress;

typedef struct {
  /* Real-time thread */
  TuttiStripConfig config;
  TuttiRamp gain;
  TuttiRamp open; /* 0 when muted */
  TuttiRamp monitor;
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
  TuttiStripDestination destinations[TUTTI_N_DESTINATIONS];
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
  int event_fd;
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
  guint64 next_position;
  gint64 next_cycle_ns;
  gboolean has_position;
  gboolean wake;
  float source_planes[TUTTI_MAX_CHANNELS][TUTTI_MAX_QUANTUM];
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
void tutti_strip_keep_sequence (TuttiStrip *self, const TuttiStripDestination *destination);
guint16 tutti_strip_find_sequence (TuttiStrip *self, guint32 ssrc);

/* tutti-audio-remote.c */
void tutti_remote_free (TuttiAudioRemote *self);
void tutti_remote_install (TuttiAudioRemote *self);
/* Real-time thread: adds the stream to the mix. TRUE when the worker could decode ahead. */
gboolean tutti_remote_process (TuttiAudioRemote *self,
                               TuttiAudioEngine *engine,
                               gboolean any_solo,
                               guint n_samples,
                               gint64 cycle_ns);

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
