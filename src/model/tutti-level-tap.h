/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-types.h"

G_BEGIN_DECLS

/**
 * TuttiLevelTap:
 *
 * The engine's meters say "since the last read", and there are several readers (a window at each
 * frame, statistics once a second). A tap per reader collects what all reads brought since its own
 * last take: the highest peak, and the RMS over the whole time. Plain value, main thread.
 */
typedef struct {
  float peak_db[TUTTI_MAX_CHANNELS];
  double energy[TUTTI_MAX_CHANNELS]; /* mean power × s */
  double seconds;
} TuttiLevelTap;

void tutti_level_tap_init (TuttiLevelTap *self);
void tutti_level_tap_add (TuttiLevelTap *self, const TuttiLevel *level, double seconds);
void tutti_level_tap_take (TuttiLevelTap *self, TuttiLevel *level);

G_END_DECLS
