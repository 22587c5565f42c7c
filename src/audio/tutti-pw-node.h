/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-pw-connection.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_PW_NODE (tutti_pw_node_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPwNode, tutti_pw_node, TUTTI, PW_NODE, GObject)

typedef struct _TuttiPwStem TuttiPwStem; /* tutti-pw-stem.h */

/**
 * TuttiPwNode: the duplex pw_filter node (ports `input_1`…`input_N`, `output_FL`, `output_FR`) that
 * drives an engine. Not autoconnected: src/devices links it. Comes back by itself when the
 * connection does. The engine is always called at 48 kHz: it is what the node asks the graph for
 * (node.rate, and node.force-rate where PipeWire's settings allow that rate); where the graph runs
 * at another rate nevertheless, the node resamples (tutti-pw-edge.h). Properties: `node-id` (uint,
 * 0 while there is none; PW global id), `quantum` (granted, samples at `rate`), `rate` (Hz of the
 * graph), `realtime` (bool: the data loop has real-time priority, looked up at run time), `state`
 * (string of pw_filter_state), `error`. Main thread; its process callback runs on PipeWire's data
 * loop.
 *
 * @name: node.name (unique per process: clients add their pid)
 * @n_inputs: capture ports, 0 … 8; @n_outputs: 0 or 2
 * @quantum: requested samples (node.latency = quantum/48000), changed by set_quantum()
 */
TuttiPwNode *tutti_pw_node_new (TuttiPwConnection *connection,
                                TuttiAudioEngine *engine,
                                const char *name,
                                guint n_inputs,
                                guint n_outputs,
                                guint quantum);
void tutti_pw_node_set_quantum (TuttiPwNode *self, guint quantum, gboolean force);
/* Whether PipeWire's settings let the graph run that quantum, so that insisting on it is no
 * offence; FALSE where they cannot be read. */
gboolean tutti_pw_node_allows_quantum (TuttiPwNode *self, guint quantum);
/* Cycles so far in which sound was lost: our own came too late, or the graph or the device left
 * some out. */
guint tutti_pw_node_get_xruns (TuttiPwNode *self);
/* What resampling adds on either side, ns; 0 where the graph runs at 48 kHz. */
gint64 tutti_pw_node_get_capture_ns (TuttiPwNode *self);
gint64 tutti_pw_node_get_playback_ns (TuttiPwNode *self);
/* Ends processing; after return the engine is no longer called. */
void tutti_pw_node_close (TuttiPwNode *self);

G_END_DECLS
