/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * tutti_groove_new:
 * @bpm: beats a minute, 40 … 240
 * @n_samples: (out): samples per channel
 *
 * Synthesises eight bars of drums and bass in E minor that loop without a seam (what rings on at
 * the end rings into the beginning), 48 kHz, peak −8 dBFS. The same every time.
 *
 * Returns: (transfer full): interleaved stereo samples
 */
float *tutti_groove_new (double bpm, gsize *n_samples);

G_END_DECLS
