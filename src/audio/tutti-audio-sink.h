/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * TuttiAudioSink:
 *
 * Writes what is played to a file (WAV or FLAC by extension, 2 channels, 48 kHz, 24 bit) from a
 * thread of its own; when the disk is late, samples are dropped and counted, nobody waits.
 */
typedef struct _TuttiAudioSink TuttiAudioSink;

TuttiAudioSink *tutti_audio_sink_new_file (const char *path, GError **error);
TuttiAudioSink *tutti_audio_sink_ref (TuttiAudioSink *self);
void tutti_audio_sink_unref (TuttiAudioSink *self);
/* Real-time safe. */
void tutti_audio_sink_write (TuttiAudioSink *self,
                             const float *left,
                             const float *right,
                             guint n_frames);
/* Flushes and closes; FALSE with @error when anything was not written. */
gboolean tutti_audio_sink_close (TuttiAudioSink *self, GError **error);
guint64 tutti_audio_sink_get_dropped (TuttiAudioSink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiAudioSink, tutti_audio_sink_unref)

G_END_DECLS
