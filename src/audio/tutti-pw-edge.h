/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

/**
 * TuttiPwEdge: the edge between a graph that runs at some other rate than 48 kHz and the engine,
 * which never does. Both directions are resampled by windowed-sinc filters in exact rational
 * steps (48 000 : 44 100 = 160 : 147), so nothing drifts, whatever the quantum; flat to 18 kHz,
 * with what lies beyond 24 kHz turned down by 70 dB. It adds under 1 ms for both directions
 * together (see get_capture_ns(), get_playback_ns()), not a quantum.
 *
 * Plain C, no PipeWire in it. Made and freed by the main thread; everything from capture() on
 * belongs to the data loop and neither allocates nor waits.
 */
typedef struct _TuttiPwEdge TuttiPwEdge;

/**
 * TuttiPwLine: what one output channel still remembers. All lines of an edge go in step: play()
 * for each, then advance() once.
 */
typedef struct {
  const TuttiPwEdge *edge; /* whose steps it follows; another one's memory is thrown away */
  float samples[TUTTI_MAX_QUANTUM + 1024];
} TuttiPwLine;

#define TUTTI_PW_EDGE_MAX_INPUTS 8

/**
 * tutti_pw_edge_new:
 * @rate: of the graph, Hz
 *
 * Returns: (nullable): %NULL for rates that no device has (8 kHz to 384 kHz, with a small enough
 *   ratio to 48 kHz)
 */
TuttiPwEdge *tutti_pw_edge_new (guint rate);
void tutti_pw_edge_free (TuttiPwEdge *self);
guint tutti_pw_edge_get_rate (const TuttiPwEdge *self);
/* How much later than without the edge a sample reaches the engine, and the device: the filters'
 * delay, ns. */
gint64 tutti_pw_edge_get_capture_ns (const TuttiPwEdge *self);
gint64 tutti_pw_edge_get_playback_ns (const TuttiPwEdge *self);
/* Samples of the graph that may be handed over in one go. */
guint tutti_pw_edge_get_max_frames (const TuttiPwEdge *self);

/**
 * tutti_pw_edge_capture:
 * @in: @n_in planes (at most TUTTI_PW_EDGE_MAX_INPUTS) of @n_frames samples; NULL: silence
 * @planes: (out): @n_in planes for the engine, valid until the next call; NULL where @in is
 * @position: the graph's, samples; @engine_position: (out): the same at 48 kHz, which goes on
 * without a jump as long as @position does
 *
 * Returns: how many samples at 48 kHz these @n_frames bring, 0 … TUTTI_MAX_QUANTUM
 */
guint tutti_pw_edge_capture (TuttiPwEdge *self,
                             const float *const *in,
                             guint n_in,
                             guint n_frames,
                             guint64 position,
                             const float **planes,
                             guint64 *engine_position);
/* @in: what the engine played, as many samples as capture() said; @out: as many as capture() got
 * (both may be NULL: silence, nobody listens). */
void tutti_pw_edge_play (TuttiPwEdge *self, TuttiPwLine *line, const float *in, float *out);
void tutti_pw_edge_advance (TuttiPwEdge *self);
/* The graph ran at another rate meanwhile: what is remembered of its position holds no more. */
void tutti_pw_edge_restart (TuttiPwEdge *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPwEdge, tutti_pw_edge_free)

G_END_DECLS
