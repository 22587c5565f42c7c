/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Sound may be lost so often within so long before the quantum is raised, and it is not raised
 * beyond this by itself. */
#define TUTTI_QUANTUM_XRUNS       3
#define TUTTI_QUANTUM_WINDOW_S    10
#define TUTTI_QUANTUM_RAISED_MAX  256
#define TUTTI_QUANTUM_SETTLE_S    3
#define TUTTI_QUANTUM_CLEAN_S     600
#define TUTTI_QUANTUM_CLEAN_MAX_S 7200

/**
 * TuttiQuantum: which quantum is asked for, given what the person wants and how often sound is lost
 *
 * Twice as much after TUTTI_QUANTUM_XRUNS losses within TUTTI_QUANTUM_WINDOW_S; half as much (never
 * less than wanted) after TUTTI_QUANTUM_CLEAN_S without one. When that was too early, the next
 * time takes twice as long. What is lost in the first TUTTI_QUANTUM_SETTLE_S of a graph or a
 * quantum does not count: every graph stumbles when it starts. Plain value, pure; @now is in µs.
 */
typedef struct {
  guint wanted;
  guint asked;
  guint lost; /* within how long it was raised last: @lost times in @lost_us */
  gint64 lost_us;

  gint64 settled_us; /* from when on losses count */
  gint64 lowered_us; /* 0: not by itself */
  gint64 clean_us;   /* how long it has to be clean */
  gint64 last_us;    /* of the last loss, or of the last change */
  gint64 recent[TUTTI_QUANTUM_XRUNS];
  guint n_recent;
} TuttiQuantum;

void tutti_quantum_init (TuttiQuantum *self, guint wanted, gint64 now);
/* The graph is new, or runs another quantum. */
void tutti_quantum_settle (TuttiQuantum *self, gint64 now);
/* @lost: how often since the last call. Returns whether @asked has changed. */
gboolean tutti_quantum_update (TuttiQuantum *self, guint lost, gint64 now);

G_END_DECLS
