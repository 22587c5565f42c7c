/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

struct spa_io_position;

G_BEGIN_DECLS

#define METER_MAX_PORTS 2

/**
 * MeterGraph: a PipeWire connection that makes stereo nodes and links nodes by name. Its own main
 * loop, no GLib one, so that nothing else runs beside the measuring.
 */
typedef struct _MeterGraph MeterGraph;
typedef struct _MeterNode MeterNode;

/* Real-time thread. @in and @out: planes, NULL where nothing is linked (or arrived). */
typedef void (*MeterProcess) (gpointer user_data,
                              const struct spa_io_position *position,
                              const float *const *in,
                              float *const *out);

/* @remote: the daemon's name or socket, NULL for the usual one. @shared: a graph whose main loop
 * this one runs in, too, or NULL; it must live longer. */
MeterGraph *meter_graph_new (const char *remote, MeterGraph *shared, GError **error);
void meter_graph_free (MeterGraph *self);
MeterNode *meter_graph_add (MeterGraph *self,
                            const char *name,
                            const char *group,
                            guint quantum,
                            guint n_in,
                            guint n_out,
                            MeterProcess process,
                            gpointer user_data);
void meter_graph_remove (MeterGraph *self, MeterNode *node);
/* Keeps every output port of node @from linked to the input port of @to in the same place. */
void meter_graph_link (MeterGraph *self, const char *from, const char *to);
/* Runs until all links exist; says which nodes are missing when they do not come in time. */
gboolean meter_graph_wait (MeterGraph *self, guint seconds, GError **error);
/* Runs for so long. Returns %FALSE when a daemon went away, or on SIGINT or SIGTERM. */
gboolean meter_graph_run (MeterGraph *self, double seconds);
/* Number of audio ports that the node has in that direction, 0 when it is not there. */
guint meter_graph_count_ports (MeterGraph *self, const char *node, gboolean output);

G_END_DECLS
