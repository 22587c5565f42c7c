/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

#define TUTTI_PLAYOUT_LANES 2

/**
 * TuttiPlayout:
 *
 * The jitter buffer of one remote stream. Time comes in as an argument, so it behaves the same in
 * a test as on a stage.
 *
 * Every sample has a place: its RTP timestamp. The *delay* is the place of a graph cycle's
 * beginning, in samples of the graph, minus the timestamp of the first sample that it plays. A
 * packet is in time when its transit, counted up to the first graph cycle that can use it, is not
 * above the delay; so the target is what TuttiArrival says should be waited for, plus the frame's
 * length and the filter's look-ahead, 7 samples in all. Of several kinds of frames at once the
 * longest counts.
 *
 * The target rises at once and falls within about a second. The delay follows: by up to 0.5 %
 * slower or 0.3 % faster playing, which follows the drift of the clocks as well; from 2.5 ms on by
 * whole periods that are played twice or left out (tutti-stretch.h). What is not there when due is
 * concealed, as many samples as are missing (or the least that the codec can invent), and its
 * place passes: concealment never adds delay, but where the delay is short of the target, it comes
 * in between and makes good what is missing. When all that comes is late by more than jitter, the
 * road has become longer: it goes on from what came. After 60 ms of concealment the sound fades
 * out, and starts again when the target is filled.
 *
 * Of a framed stream (tutti-payload.h) frames of different kinds may overlap: the kind that is
 * playing goes on as long as there is some of it; the decoder of the next is given the frames
 * before its first. Copies take the place of what is missing, and count for the target as if they
 * were late packets.
 *
 * Threads: push() one thread per lane; process() the real-time thread; decode_ahead() the worker.
 * Decoder and frame store belong to whoever holds the lease, which both try to take and neither
 * waits for.
 */
typedef struct _TuttiPlayout TuttiPlayout;

TuttiPlayout *
tutti_playout_new (const TuttiAudioFormat *format, guint8 payload_type, GError **error);
void tutti_playout_free (TuttiPlayout *self);

/* Lane thread. FALSE when the lane is full: the packet is lost. */
gboolean tutti_playout_push (TuttiPlayout *self,
                             guint lane,
                             const guint8 *rtp,
                             gsize size,
                             gint64 arrival_ns);
/* Any thread: 0 tight … 1 safe. */
void tutti_playout_set_bias (TuttiPlayout *self, float bias);
/* Real-time thread: fills n_samples ≤ TUTTI_MAX_QUANTUM of each plane (as many as the format has
 * channels). TRUE when the worker could decode ahead. */
gboolean
tutti_playout_process (TuttiPlayout *self, float *const *planes, guint n_samples, gint64 cycle_ns);
/* Real-time thread, before process(): the graph left out so many samples since the last cycle.
 * Where nobody says so, the graph's clock does, a few cycles later. */
void tutti_playout_leave_out (TuttiPlayout *self, guint n_samples);
/* Real-time thread, before process(): the cycle begins so many samples before its time, because
 * another device has become the graph's driver. That long nothing is played, so that what comes
 * then is as late after its arrival as what came before. */
void tutti_playout_hold (TuttiPlayout *self, guint n_samples);
/* Real-time thread: TRUE from the first sample on that was ever played. */
gboolean tutti_playout_has_started (const TuttiPlayout *self);
/* Worker thread: decodes one frame. TRUE when there is more to do. */
gboolean tutti_playout_decode_ahead (TuttiPlayout *self);
/* Any thread. Leaves @stats->level alone. */
void tutti_playout_get_stats (TuttiPlayout *self, TuttiRemoteStats *stats);
/* Cycles in which the real-time thread had to bridge because the worker held the decoder. */
guint64 tutti_playout_get_misses (const TuttiPlayout *self);

/* For tests: hold the lease as the other thread would. */
gboolean tutti_playout_try_lease (TuttiPlayout *self);
void tutti_playout_release_lease (TuttiPlayout *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPlayout, tutti_playout_free)

G_END_DECLS
