/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The interpolator looks this many samples back and ahead: what is ahead has to be waited for. */
#define TUTTI_RESAMPLER_BACK  11
#define TUTTI_RESAMPLER_AHEAD 4
#define TUTTI_RESAMPLER_TAPS  (TUTTI_RESAMPLER_BACK + 1 + TUTTI_RESAMPLER_AHEAD)

/* Fills the shared table of filters; call once before the first read (any thread, idempotent). */
void tutti_resampler_init (void);

/**
 * tutti_resampler_read:
 * @in: @in[0] is the sample at position 0; from @in[-TUTTI_RESAMPLER_BACK] to
 *   @in[floor (frac + (n_out - 1) · ratio) + TUTTI_RESAMPLER_AHEAD] must be readable
 * @frac: where between @in[0] and @in[1] the first output sample lies, 0 ≤ @frac < 1
 * @ratio: input samples per output sample, close to 1
 *
 * Fractional-delay interpolation without state and with no delay but the short look-ahead. The
 * filters are the least-squares solution over 0 to 15.6 kHz (T. Laakso et al., Splitting the Unit
 * Delay, 1996, §3): errors are below −60 dB up to 15 kHz. At @frac 0 and @ratio 1 it copies.
 */
void tutti_resampler_read (const float *in, double frac, double ratio, float *out, guint n_out);

G_END_DECLS
