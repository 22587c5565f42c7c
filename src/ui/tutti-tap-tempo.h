/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_TAP_TEMPO_MAX 8

/* TuttiTapTempo: the newest taps. Plain value, zero is none. */
typedef struct {
  gint64 taps_us[TUTTI_TAP_TEMPO_MAX];
  guint n;
} TuttiTapTempo;

double tutti_tap_tempo_tap (TuttiTapTempo *self, gint64 time_us);

G_END_DECLS
