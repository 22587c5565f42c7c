/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiConcealer: invents what was lost of a stream of PCM
 *
 * Made and freed on the main thread; everything else is real-time safe (bounded, no allocation),
 * one thread at a time. Samples are interleaved floats at 48 kHz.
 */
typedef struct _TuttiConcealer TuttiConcealer;

TuttiConcealer *tutti_concealer_new (guint channels);
void tutti_concealer_free (TuttiConcealer *self);
/* Forgets what was heard: what comes next joins nothing. */
void tutti_concealer_reset (TuttiConcealer *self);
/* The next samples of the stream came: remembers them and, when samples before them were invented,
 * fades from those into them over 64 samples, in place. */
void tutti_concealer_join (TuttiConcealer *self, float *pcm, guint n_samples);
/* They did not come: goes on from what was heard. The first call after something real looks at the
 * last 28 ms (about 12 µs a channel), the others only go on. Gets quieter after 10 ms and ends in
 * silence after 100. */
void tutti_concealer_conceal (TuttiConcealer *self, float *pcm, guint n_samples);

/* For a codec whose frames overlap, instead of join(): the last @n_samples that were played; what
 * would be invented next, without playing it; then the next samples that came, with a fade over all
 * of them from @invented (or %NULL), in place. */
void tutti_concealer_get_last (const TuttiConcealer *self, float *pcm, guint n_samples);
void tutti_concealer_look_ahead (TuttiConcealer *self, float *pcm, guint n_samples);
void
tutti_concealer_hear (TuttiConcealer *self, const float *invented, float *pcm, guint n_samples);
/* Whether the last samples were invented. */
gboolean tutti_concealer_is_lost (const TuttiConcealer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiConcealer, tutti_concealer_free)

G_END_DECLS
