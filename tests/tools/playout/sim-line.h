/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "playout-sim.h"

/**
 * SimLine: a road for packets, to be a Sim's line
 *
 * Recorded lines are text: one packet a line in the order of sending, its arrival minus its
 * sending in ms (the zero does not matter) or `lost`; `#` begins a comment. They are played again
 * and again, one entry a packet, whatever the frames are.
 */
typedef struct _SimLine SimLine;

/* @name: one of sim_line_names(), or `file:PATH`. NULL and @error when there is none such. */
SimLine *sim_line_new (const char *name, guint seed, GError **error);
void sim_line_free (SimLine *self);
/* NULL-terminated */
const char *const *sim_line_names (void);
/* Makes it @sim's, as long as that runs. */
void sim_line_install (SimLine *self, Sim *sim);
/* Where the numbers come from */
const char *sim_line_get_source (const SimLine *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (SimLine, sim_line_free)
