/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What the node asks of the graph and what it is granted: quantum, rate, priority. Main thread. */

#include "tutti-pw-node-private.h"

#include <pipewire/pipewire.h>
#include <sched.h>

#include "tutti-thread.h"

#define LOOK_MS 500

static void
look_at_priority (TuttiPwNode *self)
{
  int tid = g_atomic_int_get (&self->rt_tid);
  int policy;
  gboolean realtime;

  if (tid == 0)
    return;

  policy = sched_getscheduler (tid);
  realtime = policy >= 0 && ((policy & ~SCHED_RESET_ON_FORK) == SCHED_FIFO ||
                             (policy & ~SCHED_RESET_ON_FORK) == SCHED_RR);
  if (realtime == self->realtime)
    return;

  self->realtime = realtime;
  g_object_notify (G_OBJECT (self), "realtime");
}

/* The node runs always, so a graph in which it does not is choked: nothing is heard at all, and
 * there is no next cycle that would see what was lost. */
static void
look_for_stall (TuttiPwNode *self)
{
  guint cycles = g_atomic_int_get (&self->rt_cycles);

  if (cycles == self->seen_cycles && self->state == PW_FILTER_STATE_STREAMING)
    g_atomic_int_inc (&self->rt_xruns);
  self->seen_cycles = cycles;
}

/* For as long as there is a data loop: RealtimeKit and the portal answer later than the first cycle
 * comes, and RealtimeKit takes away what it gave when the machine chokes. */
static gboolean
on_look (gpointer user_data)
{
  look_at_priority (user_data);
  look_for_stall (user_data);

  return G_SOURCE_CONTINUE;
}

/* node.latency in the graph's own samples: PipeWire rounds down to a power of two, and 64 at 48 kHz
 * are not quite 59 at 44.1. */
static void
ask_quantum (TuttiPwNode *self)
{
  g_autofree char *latency =
      g_strdup_printf ("%u/%u", self->wanted_quantum, self->rate ? self->rate : TUTTI_SAMPLE_RATE);
  g_autofree char *forced = g_strdup_printf ("%u", self->force ? self->wanted_quantum : 0);
  const struct spa_dict_item items[] = {
    { PW_KEY_NODE_LATENCY, latency },
    { PW_KEY_NODE_FORCE_QUANTUM, forced },
  };

  if (self->filter != NULL)
    pw_filter_update_properties (self->filter, NULL, &SPA_DICT_INIT (items, G_N_ELEMENTS (items)));
}

/* Only where the person's settings list 48 kHz: a device that cannot is not helped by it. */
static void
force_rate (TuttiPwNode *self)
{
  const struct spa_dict_item item = { PW_KEY_NODE_FORCE_RATE, "48000" };

  if (self->filter == NULL || self->rate == 0 || self->rate == TUTTI_SAMPLE_RATE ||
      self->settings == NULL || !tutti_pw_settings_allow_rate (self->settings, TUTTI_SAMPLE_RATE))
    return;

  pw_filter_update_properties (self->filter, NULL, &SPA_DICT_INIT (&item, 1));
}

/* Edges stay until the filter goes: the data loop may be in one. */
static TuttiPwEdge *
find_edge (TuttiPwNode *self)
{
  TuttiPwEdge *edge;

  for (guint i = 0; i < self->edges->len; i++) {
    edge = g_ptr_array_index (self->edges, i);
    if (tutti_pw_edge_get_rate (edge) == self->rate)
      return edge;
  }

  edge = tutti_pw_edge_new (self->rate);
  if (edge != NULL)
    g_ptr_array_add (self->edges, edge);
  return edge;
}

static void
set_rate (TuttiPwNode *self, guint rate)
{
  if (rate == self->rate)
    return;

  self->rate = rate;
  if (rate != 0 && rate != TUTTI_SAMPLE_RATE)
    g_atomic_pointer_set (&self->edge, find_edge (self));
  if (rate != 0)
    ask_quantum (self);
  force_rate (self);
  for (guint i = 0; i < self->stems->len; i++) {
    tutti_pw_stem_disconnect (g_ptr_array_index (self->stems, i));
    tutti_pw_stem_connect (g_ptr_array_index (self->stems, i));
  }
  g_object_notify (G_OBJECT (self), "rate");
}

void
tutti_pw_node_settings_changed (gpointer user_data)
{
  force_rate (user_data);
}

/* The data loop has seen another quantum, rate or thread. */
void
tutti_pw_node_graph_changed (void *data, uint64_t count)
{
  TuttiPwNode *self = data;
  guint quantum = g_atomic_int_get (&self->rt_quantum);

  g_object_freeze_notify (G_OBJECT (self));
  set_rate (self, g_atomic_int_get (&self->rt_rate));
  if (quantum != self->quantum) {
    self->quantum = quantum;
    g_object_notify (G_OBJECT (self), "quantum");
  }
  look_at_priority (self);
  if (self->look_id == 0)
    self->look_id = g_timeout_add (LOOK_MS, on_look, self);
  g_object_thaw_notify (G_OBJECT (self));
}

/* The data loop is not in here any more. */
void
tutti_pw_node_forget_graph (TuttiPwNode *self)
{
  self->rt_quantum = self->rt_rate = 0;
  self->rt_tid = 0;
  self->watch = (TuttiPwWatch) { 0 };
  self->last_rate = 0;
  self->rate = 0;
  self->edge = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (self->lines); i++)
    self->lines[i].edge = NULL;
  for (guint i = 0; i < self->stems->len; i++)
    tutti_pw_stem_forget_edges (g_ptr_array_index (self->stems, i));
  g_ptr_array_set_size (self->edges, 0);
}

/**
 * tutti_pw_node_set_quantum:
 * @quantum: samples at 48 kHz
 * @force: insist on it against other programs (node.force-quantum), rather than ask
 *
 * Takes effect at a later cycle; `quantum` says what the graph then really runs.
 */
void
tutti_pw_node_set_quantum (TuttiPwNode *self, guint quantum, gboolean force)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_PW_NODE (self));

  self->wanted_quantum = quantum;
  self->force = force;
  ask_quantum (self);
}

gboolean
tutti_pw_node_allows_quantum (TuttiPwNode *self, guint quantum)
{
  g_return_val_if_fail (TUTTI_IS_PW_NODE (self), FALSE);

  return self->settings != NULL && tutti_pw_settings_allow_quantum (self->settings, quantum);
}

guint
tutti_pw_node_get_xruns (TuttiPwNode *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_NODE (self), 0);

  return g_atomic_int_get (&self->rt_xruns);
}

gint64
tutti_pw_node_get_capture_ns (TuttiPwNode *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_NODE (self), 0);

  return self->edge != NULL && tutti_pw_edge_get_rate (self->edge) == self->rate
             ? tutti_pw_edge_get_capture_ns (self->edge)
             : 0;
}

gint64
tutti_pw_node_get_playback_ns (TuttiPwNode *self)
{
  g_return_val_if_fail (TUTTI_IS_PW_NODE (self), 0);

  return self->edge != NULL && tutti_pw_edge_get_rate (self->edge) == self->rate
             ? tutti_pw_edge_get_playback_ns (self->edge)
             : 0;
}
