/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_STRETCH_MIN   96   /* samples, 2 ms: less is done by resampling */
#define TUTTI_STRETCH_MAX   1152 /* 24 ms: a period of 42 Hz */
#define TUTTI_STRETCH_FADE  240  /* 5 ms */
#define TUTTI_STRETCH_PAST  240  /* samples before the fade that are compared, too */
#define TUTTI_STRETCH_SOUND (TUTTI_STRETCH_MAX + TUTTI_STRETCH_PAST + TUTTI_STRETCH_FADE)

/**
 * tutti_stretch_find:
 * @sound: a piece of sound
 * @at: the sample from which it would be left
 * @n_fade: samples of the fade, a multiple of 4
 * @to_past: go back (the sound gets longer) or ahead (it gets shorter)
 * @min, @max: by how much, in samples
 * @similarity: (out): normalised correlation of the sound around @at with itself that far away, 0
 *   … 1; 1 as well where there is silence
 *
 * Finds by how much a sound can be moved along itself without this being heard: by whole periods
 * of it. @sound must hold @at − PAST … @at + @n_fade and the same moved by @max. A search over a
 * quarter of the samples, then a fine one: bounded, no state, any thread.
 *
 * Returns: samples, 0 when there is nothing to choose from
 */
guint tutti_stretch_find (const float *sound,
                          guint at,
                          guint n_fade,
                          gboolean to_past,
                          guint min,
                          guint max,
                          float *similarity);
/* The weight of what is new at 0 … 1 of a fade, and of both together so that what is not alike does
 * not get quieter in the middle. */
void tutti_stretch_weigh (float x, float similarity, float *before, float *after);

G_END_DECLS
