/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiAudioSource:
 *
 * Sound that does not come from a device: a tone, clicks, a groove that Tutti synthesises, a file.
 * Everything is in memory before the first read, so that a real-time thread can read it.
 */
typedef struct _TuttiAudioSource TuttiAudioSource;

/**
 * tutti_audio_source_parse:
 * @spec: `tone:HZ[:DB]` (sine, default −12 dBFS), `click[:MS]` (default a click each 250 ms: a
 *   raised cosine of 48 samples that begins with the period, its peak of −6 dBFS 24 samples on),
 *   `groove[:BPM]` (drums and bass, default 96), `silence`, `file:PATH` or a PATH with a `/` or `.`
 *   in it (whatever libsndfile reads, any rate, looped)
 *
 * Returns: (nullable): a new source, or %NULL with @error set (unknown words say which there are)
 */
TuttiAudioSource *tutti_audio_source_parse (const char *spec, GError **error);
gboolean tutti_audio_source_spec_is_device (const char *spec);
TuttiAudioSource *tutti_audio_source_ref (TuttiAudioSource *self);
void tutti_audio_source_unref (TuttiAudioSource *self);
guint tutti_audio_source_get_channels (TuttiAudioSource *self);
/* Real-time safe. Fills n_frames samples of each of the source's planes. */
void tutti_audio_source_read (TuttiAudioSource *self, float *const *planes, guint n_frames);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiAudioSource, tutti_audio_source_unref)

G_END_DECLS
