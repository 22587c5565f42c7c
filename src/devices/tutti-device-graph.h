/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-device-registry.h"

G_BEGIN_DECLS

/**
 * TuttiGraphNode: a sound device as PipeWire shows it
 * @id: global id, reused after the node is gone; @serial: never reused
 * @is: which kinds it serves (a duplex node two)
 * @priority: priority.session, the higher the rather the default
 */
typedef struct {
  guint32 id;
  guint64 serial;
  char *name;
  char *description;
  gboolean is[TUTTI_N_DEVICE_KINDS];
  int priority;
  guint rate;
  gboolean bluetooth;
} TuttiGraphNode;

/**
 * TuttiGraphPort: an audio port of any node
 * @index: port.id, its place among the node's ports of that direction
 * @monitor: an output port that repeats what a sink plays
 * @channel: (nullable): audio.channel
 */
typedef struct {
  guint32 id;
  guint32 node_id;
  guint index;
  gboolean output;
  gboolean monitor;
  char *channel;
} TuttiGraphPort;

/**
 * TuttiDeviceGraph: PipeWire's registry, as far as sound devices go. Tells of changes in batches:
 * @settled is called once the server has said everything about what it began to say, so that a
 * device is never seen with half of its ports.
 */
typedef struct _TuttiDeviceGraph TuttiDeviceGraph;

typedef void (*TuttiDeviceGraphFunc) (gpointer user_data);

TuttiDeviceGraph *
tutti_device_graph_new (struct pw_core *core, TuttiDeviceGraphFunc settled, gpointer user_data);
void tutti_device_graph_free (TuttiDeviceGraph *self);
/* Asks for a call of @settled, after everything that is under way. */
void tutti_device_graph_touch (TuttiDeviceGraph *self);
GPtrArray *tutti_device_graph_list_nodes (TuttiDeviceGraph *self);
const TuttiGraphNode *tutti_device_graph_find_serial (TuttiDeviceGraph *self, guint64 serial);
/* Returns: (transfer container): TuttiGraphPorts of one direction, in order. Monitors are left out,
 * but for a virtual source's, whose capture ports are that. */
GPtrArray *tutti_device_graph_list_ports (TuttiDeviceGraph *self, guint32 node_id, gboolean output);
/* (nullable): what the session manager has made the default, and what the person told it to */
const char *tutti_device_graph_get_default (TuttiDeviceGraph *self, TuttiDeviceKind kind);
const char *tutti_device_graph_get_configured (TuttiDeviceGraph *self, TuttiDeviceKind kind);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDeviceGraph, tutti_device_graph_free)

G_END_DECLS
