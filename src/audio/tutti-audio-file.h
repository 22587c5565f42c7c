/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * tutti_audio_file_load:
 * @channels: (out): 1 or 2 (of more, the first two are taken)
 * @n_samples: (out): samples per channel, at 48 kHz
 *
 * Reads a whole sound file of any rate and turns it into 48 kHz.
 *
 * Returns: (transfer full) (nullable): interleaved samples, or %NULL with @error set
 */
float *tutti_audio_file_load (const char *path, guint *channels, gsize *n_samples, GError **error);
/* Windowed sinc, flat to 20 kHz (at 44.1 and 48 kHz), stop band below −90 dB. */
float *tutti_audio_file_resample (const float *in,
                                  gsize n_in,
                                  guint channels,
                                  double from_rate,
                                  gsize *n_out);

G_END_DECLS
