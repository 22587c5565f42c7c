/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>
#include "tutti-audio-types.h"

G_BEGIN_DECLS

/* How many strips of their own one person may have. */
#define TUTTI_MAX_OWN_STRIPS 4

/* The id of the strip that is always there. */
#define TUTTI_OWN_STRIP_MAIN "main"

/**
 * TuttiInputMode: which channels of the input device a strip takes: with `first-channel` 0 its
 * first one, its second one, both, and so on
 */
typedef enum {
  TUTTI_INPUT_MODE_LEFT,
  TUTTI_INPUT_MODE_RIGHT,
  TUTTI_INPUT_MODE_BOTH, /* summed to mono */
  TUTTI_INPUT_MODE_STEREO,
} TuttiInputMode;

#define TUTTI_TYPE_INPUT_MODE (tutti_input_mode_get_type ())
GType tutti_input_mode_get_type (void) G_GNUC_CONST;

#define TUTTI_TYPE_OWN_STRIP (tutti_own_strip_get_type ())
G_DECLARE_FINAL_TYPE (TuttiOwnStrip, tutti_own_strip, TUTTI, OWN_STRIP, GObject)

/**
 * TuttiOwnStrip: one thing that I play or sing, sent to the room as a stream of its own. All strips
 * of a person are channels of the one input device. Made by tutti_sound_add_own_strip(); lives in
 * the list TuttiSound:own-strips. Main thread.
 *
 * Properties (all notify; all but `id`, `index` and `channels` can be set):
 * - `id` (string): its name in the room; `main` is always there
 * - `index` (uint): the engine's number
 * - `label` (string): for people; empty for the main one, which is called after the instrument
 * - `input-mode` (TuttiInputMode), `first-channel` (uint, 0 … 7): which channels of the device. A
 *   mono device serves left, right and stereo alike; channels that the device does not have are
 *   silence
 * - `channels` (uint): 1, or 2 where the mode is stereo: what is sent
 * - `gain-db` (double, −24 … +24): for everything, the meter included
 * - `send-level` (double, −100 … +12 dB): for what the others get alone, on top of `gain-db`
 * - `muted` (boolean): the others get silence; `monitor` (boolean): I hear myself, in the cycle in
 *   which it came, with no buffer added
 */
const char *tutti_own_strip_get_id (TuttiOwnStrip *self);
const char *tutti_own_strip_get_label (TuttiOwnStrip *self);
guint tutti_own_strip_get_index (TuttiOwnStrip *self);
guint tutti_own_strip_get_channels (TuttiOwnStrip *self);
gboolean tutti_own_strip_get_muted (TuttiOwnStrip *self);
/* Level after the gain, peak and RMS since the last call; one reader: the meter of a window, once
 * per frame. */
void tutti_own_strip_get_level (TuttiOwnStrip *self, TuttiLevel *level);
/* Statistics; `level` is since the last call of this function: one reader. */
void tutti_own_strip_get_stats (TuttiOwnStrip *self, TuttiStripStats *stats);
/* The newest capture pair, without touching anybody's level. */
void tutti_own_strip_peek_stats (TuttiOwnStrip *self, TuttiStripStats *stats);

G_END_DECLS
