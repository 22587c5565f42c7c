/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Private to the PipeWire node: its main-thread half (tutti-pw-node.c), its data-loop half
 * (tutti-pw-node-process.c) and its stems (tutti-pw-stem.c). */

#pragma once

#include <pipewire/filter.h>

#include "tutti-pw-edge.h"
#include "tutti-pw-node.h"
#include "tutti-pw-settings.h"
#include "tutti-pw-stem.h"

G_BEGIN_DECLS

#define TUTTI_PW_MAX_INPUTS  TUTTI_PW_EDGE_MAX_INPUTS
#define TUTTI_PW_MAX_OUTPUTS 2
#define TUTTI_PW_MAX_FRAMES  8192 /* PipeWire's own limit of a quantum */

typedef struct {
  gboolean has_position;
  gboolean late; /* the last cycle ended after its time */
  guint clock_id;
  guint64 next_position;
  guint64 clock_xrun;
} TuttiPwWatch;

struct _TuttiPwNode {
  GObject parent_instance;

  /* Set once, before the data loop sees them. */
  TuttiPwConnection *connection;
  struct pw_loop *loop;     /* the connection's, where `changed` wakes */
  TuttiAudioEngine *engine; /* borrowed: its owner closes us first */
  char *name;
  guint n_outputs;

  /* Main thread. Replaced only while the filter is not in the data loop. */
  struct pw_filter *filter;
  struct spa_hook filter_listener;
  struct spa_source *changed;
  guint n_inputs;
  void *inputs[TUTTI_PW_MAX_INPUTS];
  void *outputs[TUTTI_PW_MAX_OUTPUTS];
  GPtrArray *edges; /* of TuttiPwEdge: one for each rate that was seen since make_filter() */

  TuttiPwSettings *settings; /* NULL without a core */
  GPtrArray *stems;          /* of TuttiPwStem, borrowed */
  guint wanted_quantum;
  gboolean force;
  gboolean closed;
  guint rebuild_id;
  guint look_id;
  guint seen_cycles;

  /* Main thread: what the properties say. */
  guint node_id;
  guint quantum;
  guint rate;
  gboolean realtime;
  enum pw_filter_state state;
  GError *error;

  /* Data loop writes, main thread reads (atomic). */
  guint rt_quantum;
  guint rt_rate;
  int rt_tid;
  guint rt_xruns; /* main adds to it, too */
  guint rt_cycles;
  /* Main writes, data loop reads (atomic). */
  TuttiPwEdge *edge;

  /* Data loop, or main while there is no filter. */
  TuttiPwWatch watch;
  guint last_rate;
  TuttiPwStem *rt_stems[TUTTI_MAX_REMOTES];
  guint n_rt_stems;
  TuttiPwLine lines[TUTTI_PW_MAX_OUTPUTS];
  float played[TUTTI_PW_MAX_OUTPUTS][TUTTI_MAX_QUANTUM];
};

/* tutti-pw-node-graph.c */
void tutti_pw_node_graph_changed (void *data, uint64_t count);
void tutti_pw_node_settings_changed (gpointer user_data);
void tutti_pw_node_forget_graph (TuttiPwNode *self);

/* tutti-pw-node-process.c: the filter's process callback. */
void tutti_pw_node_process (void *data, struct spa_io_position *position);

/* tutti-pw-stem.c. Main thread: the graph's rate is known, or no longer so. */
void tutti_pw_stem_connect (TuttiPwStem *self);
void tutti_pw_stem_disconnect (TuttiPwStem *self);
/* Main thread, while nothing of the node is in the data loop. */
void tutti_pw_stem_forget_edges (TuttiPwStem *self);
/* Data loop, from the node's process callback: a cycle is begun, filled in parts and ended. @edge
 * is NULL where the graph runs at 48 kHz; @n_samples are at 48 kHz, all else is the graph's. */
void tutti_pw_stem_begin (TuttiPwStem *self, guint64 position, guint n_frames);
void tutti_pw_stem_fill (TuttiPwStem *self,
                         TuttiPwEdge *edge,
                         guint offset,
                         guint n_frames,
                         guint n_samples);
void tutti_pw_stem_end (TuttiPwStem *self);

G_END_DECLS
