/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* For tests that stand where the engine stands and have no remote; test-pw-engine has the real
 * ones. */

#include "tutti-audio-engine.h"

gboolean
tutti_audio_remote_read_stem (TuttiAudioRemote *remote, float *const *planes, guint n)
{
  return FALSE;
}

void
tutti_audio_remote_set_stem (TuttiAudioRemote *remote, gboolean enabled)
{
}
