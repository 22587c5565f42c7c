/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>
#include "tutti-audio-types.h"
#include "tutti-audio-source.h"
#include "tutti-audio-sink.h"

G_BEGIN_DECLS

/**
 * TuttiAudioEngine:
 *
 * The whole sound of one musician: strips (what I send), remotes (whom I hear), the mix. Plain C.
 * A driver (TuttiPwNode or TuttiTimerDriver) calls tutti_audio_engine_process() once a cycle on a
 * real-time thread; the engine's own worker thread encodes and decodes ahead. All other functions
 * belong to the main thread and reach the real-time side through a lock-free command ring. None
 * waits for it but those that take something away (remove, set_source, set_sink): up to two
 * cycles, and not at all where no driver has run for 100 ms.
 */
typedef struct _TuttiAudioEngine TuttiAudioEngine;
typedef struct _TuttiAudioRemote TuttiAudioRemote;

/**
 * TuttiAudioSendFunc:
 * @rtp: a whole RTP packet (RFC 3550), valid during the call
 * @size: bytes
 *
 * Called on the engine's worker thread for every encoded frame; must not block.
 */
typedef void (*TuttiAudioSendFunc) (const guint8 *rtp, gsize size, gpointer user_data);

/**
 * TuttiStripConfig:
 * @first_channel: index of the input channel that is our left (or only) one
 * @n_source_channels: 1, or 2 (@first_channel and the one after)
 * @channels: 1 (two sources are mixed as 0.5·(l+r)) or 2 (one source goes to both)
 * @gain_db: applied before meter, codec and monitor
 * @send_db: on top of it, for what is sent alone
 */
typedef struct {
  guint first_channel;
  guint n_source_channels;
  guint channels;
  float gain_db;
  float send_db;
} TuttiStripConfig;

/* What comes from the driver, and what goes to it */
typedef enum { TUTTI_ENGINE_INPUT, TUTTI_ENGINE_OUTPUT } TuttiEngineSide;
#define TUTTI_N_SIDES 2

TuttiAudioEngine *tutti_audio_engine_new (void);
void tutti_audio_engine_free (TuttiAudioEngine *self);

/* Driver side, real-time thread. @in: n_in planes (may hold NULLs = silence), @out: n_out planes
 * (NULLs allowed), n_frames ≤ TUTTI_MAX_QUANTUM samples each. @cycle_ns: CLOCK_MONOTONIC at the
 * cycle's start; @position: the graph's running sample position, a jump in it counts as xrun. More
 * than TUTTI_MAX_QUANTUM frames are processed in parts. At another @rate than TUTTI_SAMPLE_RATE
 * nothing is sent and silence is played. One driver at a time. */
void tutti_audio_engine_process (TuttiAudioEngine *self,
                                 const float *const *in,
                                 guint n_in,
                                 float *const *out,
                                 guint n_out,
                                 guint n_frames,
                                 guint rate,
                                 gint64 cycle_ns,
                                 guint64 position);

/* A source replaces what the driver captured, a sink gets a copy of what is played (both NULL to
 * stop; the engine takes the reference). */
void tutti_audio_engine_set_source (TuttiAudioEngine *self, TuttiAudioSource *source);
void tutti_audio_engine_set_sink (TuttiAudioEngine *self, TuttiAudioSink *sink);

/* Strips: index 0 … TUTTI_MAX_STRIPS-1, -1 when there is no room (@error set). */
int tutti_audio_engine_add_strip (TuttiAudioEngine *self,
                                  const TuttiStripConfig *config,
                                  GError **error);
void tutti_audio_engine_remove_strip (TuttiAudioEngine *self, guint strip);
void tutti_audio_engine_configure_strip (TuttiAudioEngine *self,
                                         guint strip,
                                         const TuttiStripConfig *config);
void tutti_audio_engine_set_strip_muted (TuttiAudioEngine *self, guint strip, gboolean muted);
void tutti_audio_engine_set_strip_monitor (TuttiAudioEngine *self, guint strip, gboolean monitor);
/* Starts (or, @func NULL, stops) encoding and sending; RTP timestamps and sequence numbers of an
 * SSRC go on over stops and format changes. Up to TUTTI_N_DESTINATIONS destinations at once (make
 * before break, and a second format for those who know only that): of one format both get the same
 * frames at the same timestamps, each with its own SSRC and sequence numbers. After return the old
 * @func is not running and never called again, and its @destroy was called. @func must not call
 * into the engine. A muted strip sends a tenth of a second of silence, then nothing; its timestamps
 * go on. */
gboolean tutti_audio_engine_send_strip (TuttiAudioEngine *self,
                                        guint strip,
                                        guint destination,
                                        const TuttiAudioFormat *format,
                                        guint8 payload_type,
                                        guint32 ssrc,
                                        TuttiAudioSendFunc func,
                                        gpointer user_data,
                                        GDestroyNotify destroy,
                                        GError **error);
/**
 * tutti_audio_engine_change_format:
 * @format: framed, of the channels that it had
 *
 * Goes over to another format on the same SSRC, heard without a gap: timestamps go on, and where
 * the new format is the slower one both are sent for a second, so that listeners can slow down
 * meanwhile. A change of copies, distance or bitrate alone takes effect with the next packet. FALSE
 * (and nothing changed) when nothing is sent there, or the format is none.
 */
gboolean tutti_audio_engine_change_format (TuttiAudioEngine *self,
                                           guint strip,
                                           guint destination,
                                           const TuttiAudioFormat *format,
                                           GError **error);
void
tutti_audio_engine_get_strip_stats (TuttiAudioEngine *self, guint strip, TuttiStripStats *stats);

/* Remotes */
TuttiAudioRemote *tutti_audio_engine_add_remote (TuttiAudioEngine *self,
                                                 const TuttiAudioFormat *format,
                                                 guint8 payload_type,
                                                 GError **error);
void tutti_audio_engine_remove_remote (TuttiAudioEngine *self, TuttiAudioRemote *remote);
/* Any one thread per lane (0 or 1), lock-free: copies the packet and returns. @arrival_ns:
 * CLOCK_MONOTONIC. Samples are placed by RTP timestamp, so the same stream may come over two lanes
 * (make before break): what is there already counts as duplicate. The caller sees to it that no
 * call is running when the remote is removed. */
void tutti_audio_remote_receive (TuttiAudioRemote *remote,
                                 guint lane,
                                 const guint8 *rtp,
                                 gsize size,
                                 gint64 arrival_ns);
void tutti_audio_remote_set_gain (TuttiAudioRemote *remote,
                                  float gain_db); /* ≤ TUTTI_SILENCE_DB: off; +12 at most */
void
tutti_audio_remote_set_pan (TuttiAudioRemote *remote,
                            float pan); /* -1 left … +1 right, constant power, 0 dB at centre */
void tutti_audio_remote_set_muted (TuttiAudioRemote *remote, gboolean muted);
void tutti_audio_remote_set_solo (TuttiAudioRemote *remote, gboolean solo);
void tutti_audio_remote_set_bias (TuttiAudioRemote *remote, float bias); /* 0 tight … 1 safe */
void tutti_audio_remote_get_stats (TuttiAudioRemote *remote, TuttiRemoteStats *stats);

/**
 * tutti_audio_engine_play:
 * @source: (transfer full): what to play, its first one or two channels
 * @gain_db: at which level, dB
 * @n_frames: for how many samples at 48 kHz; fades over 5 ms at both ends
 *
 * Mixes a sound of our own (the sound check's) into the output, after the faders and before the
 * output gain and the limiter. Never sent to the room. Replaces one that still plays. Main thread.
 */
void tutti_audio_engine_play (TuttiAudioEngine *self,
                              TuttiAudioSource *source,
                              float gain_db,
                              guint n_frames);

/* -- click: a metronome on a clock that everyone shares -- */

/**
 * TuttiClick:
 * @bpm: beats a minute, 20 … 400
 * @beats_per_bar: 1 … 16, the first is accented
 * @origin_ns: CLOCK_MONOTONIC of the first beat of a bar (count-in bars included)
 * @count_in_bars: these first bars sound even where @audible is FALSE
 * @audible: whether it sounds after them
 * @gain_db: how loud
 */
typedef struct {
  double bpm;
  guint beats_per_bar;
  gint64 origin_ns;
  guint count_in_bars;
  gboolean audible;
  float gain_db;
} TuttiClick;

/* Played into our own headphones, never sent; a beat sounds in the cycle that plays at its time,
 * to the sample. %NULL: off. Setting it anew with an @origin_ns that moved by less than 2 ms (the
 * clock was measured better) is followed without a double or missing beat. Main thread. */
void tutti_audio_engine_set_click (TuttiAudioEngine *self, const TuttiClick *click);

/* -- stems: what each remote sounds like, before fader and pan, for a recorder or DAW -- */

/* Real-time thread of a driver, or one other: takes what was played of @remote since the last call
 * into two planes of @n samples each (mono: both the same), zeros where there is less. FALSE (and
 * nothing written) where stems are off. Who reads more slowly than is played falls behind by at
 * most two of the longest quanta and then goes on with the newest. The caller sees to it that no
 * call is running when the remote is removed. */
gboolean tutti_audio_remote_read_stem (TuttiAudioRemote *remote, float *const *planes, guint n);
/* Main thread; off at first. The first read after it went on begins anew, with silence. */
void tutti_audio_remote_set_stem (TuttiAudioRemote *remote, gboolean enabled);

/* Mix */
/* Turns the output down by 12 dB for two seconds when it howls: when one frequency grows in our
 * input and output together for a third of a second (or drives the limiter), and what we are about
 * to play follows when we play it more softly for a moment (see TuttiFeedback). Shown as
 * TuttiEngineStats::feedback. On at first. Main thread. */
void tutti_audio_engine_set_feedback_guard (TuttiAudioEngine *self, gboolean enabled);
void tutti_audio_engine_set_output_gain (TuttiAudioEngine *self, float gain_db);
/* Before a device is changed for another: what comes from it (goes to it) fades to nothing within
 * 10 ms, and rises again once it is let through. The other side goes on untouched. What comes
 * from a source or goes to a sink is not concerned. Main thread. */
void tutti_audio_engine_shut (TuttiAudioEngine *self, TuttiEngineSide side, gboolean shut);
/* Whether that side's fade is over, so that its device may go unheard. */
gboolean tutti_audio_engine_is_quiet (TuttiAudioEngine *self, TuttiEngineSide side);
/* Remotes added from now on rise from silence to 6 dB below their fader over the first @ms that are
 * heard of them (default 1000; 0: at once, for tests and bots), and over four times @ms more to the
 * fader: nobody is startled, and there is time to turn a newcomer down. */
void tutti_audio_engine_set_fade_in (TuttiAudioEngine *self, guint ms);
guint tutti_audio_engine_get_fade_in (TuttiAudioEngine *self);
void tutti_audio_engine_get_stats (TuttiAudioEngine *self, TuttiEngineStats *stats);

G_END_DECLS
