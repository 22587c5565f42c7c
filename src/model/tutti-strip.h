/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include "tutti-audio-types.h"
#include "tutti-delay.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_STRIP (tutti_strip_get_type ())
G_DECLARE_FINAL_TYPE (TuttiStrip, tutti_strip, TUTTI, STRIP, GObject)

/**
 * TuttiStrip: one stream of one remote musician in my mix.
 *
 * Properties: `id` (char *, stable over reconnects: peerId/strip id), `label` (char *),
 * `gain-db` (double rw, TUTTI_SILENCE_DB…+12), `pan` (double rw, −1…+1), `muted` (bool rw: by me),
 * `solo` (bool rw), `bias` (double rw, 0 tight…1 safe), `sender-muted` (bool ro: they muted
 * themselves), `flowing` (bool ro: packets came within the last second), `delay-ms` (double ro:
 * capture there → playback here, measured; −1 while unknown), `delay-error-ms` (double ro: ±),
 * `delay-stages` (TuttiDelayStages boxed ro: where that time goes, NULL while unknown),
 * `quality` (double ro, 0…1: share of the last 10 s that was not concealed).
 * Main thread.
 */
void tutti_strip_get_level (TuttiStrip *self, TuttiLevel *level);
void tutti_strip_get_stats (TuttiStrip *self, TuttiRemoteStats *stats);
gboolean tutti_strip_get_delay (TuttiStrip *self, double *delay_ms, double *error_ms);
guint tutti_strip_get_history (TuttiStrip *self, TuttiDelayPoint *points, guint n);

G_END_DECLS
