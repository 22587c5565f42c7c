/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

/* Asks who is to come, where that makes a difference, and lets the person hand out links. */
void tutti_invite_flow_start (GtkWidget *parent, TuttiJam *jam);
/* Starts a room of ours again, so that others reach it, and then lets the person hand out links. */
void tutti_invite_flow_reopen (GtkWidget *parent, TuttiJam *jam, gboolean internet);

G_END_DECLS
