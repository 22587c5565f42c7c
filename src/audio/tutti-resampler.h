/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The interpolator looks this many samples back and (one more) ahead. */
#define TUTTI_RESAMPLER_HALF 8
#define TUTTI_RESAMPLER_TAPS (2 * TUTTI_RESAMPLER_HALF)

/* Fills the shared table of filters; call once before the first read (any thread, idempotent). */
void tutti_resampler_init (void);

/**
 * tutti_resampler_read:
 * @in: @in[0] is the sample at position 0; from @in[-7] to
 *   @in[floor (frac + (n_out - 1) · ratio) + 8] must be readable
 * @frac: where between @in[0] and @in[1] the first output sample lies, 0 ≤ @frac < 1
 * @ratio: input samples per output sample, close to 1
 *
 * Windowed-sinc interpolation with no delay but its look-ahead; no state. At @frac 0 and @ratio 1
 * it copies.
 */
void tutti_resampler_read (const float *in, double frac, double ratio, float *out, guint n_out);

G_END_DECLS
