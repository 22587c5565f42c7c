/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-pw-connection.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_PW_NODE (tutti_pw_node_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPwNode, tutti_pw_node, TUTTI, PW_NODE, GObject)

/**
 * TuttiPwNode: the duplex pw_filter node (ports `input_1`…`input_N`, `output_FL`, `output_FR`) that
 * drives an engine. Not autoconnected: src/devices links it. Comes back by itself when the
 * connection does. Properties: `node-id` (uint, 0 while there is none; PW global id), `quantum`
 * (granted, samples), `rate` (Hz of the graph), `realtime` (bool: the data loop has real-time
 * priority), `state` (string of pw_filter_state), `error`. Main thread; its process callback runs
 * on PipeWire's data loop.
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
/* Ends processing; after return the engine is no longer called. */
void tutti_pw_node_close (TuttiPwNode *self);

G_END_DECLS
