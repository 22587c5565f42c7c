/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

/* What TuttiSound plays from and into. */

/* "device" and "device:NAME". */
static gboolean
take_device_spec (TuttiSoundSide *side, const char *spec)
{
  if (!g_str_equal (spec, "device") && !g_str_has_prefix (spec, "device:"))
    return FALSE;

  side->device = TRUE;
  g_set_str (&side->wanted, spec[strlen ("device")] == ':' ? spec + strlen ("device:") : NULL);

  return TRUE;
}

gboolean
tutti_sound_set_input_spec (TuttiSound *self, const char *spec, GError **error)
{
  TuttiSoundSide *side = &self->sides[TUTTI_DEVICE_INPUT];
  TuttiAudioSource *source = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (!self->running, FALSE);

  if (!take_device_spec (side, spec)) {
    source = tutti_audio_source_parse (spec, error);
    if (!source)
      return FALSE;
    side->device = FALSE;
  }

  g_clear_pointer (&self->source, tutti_audio_source_unref);
  self->source = source;
  tutti_audio_engine_set_source (self->engine, source ? tutti_audio_source_ref (source) : NULL);
  tutti_sound_configure_strips (self);

  return TRUE;
}

gboolean
tutti_sound_set_output_spec (TuttiSound *self, const char *spec, GError **error)
{
  TuttiSoundSide *side = &self->sides[TUTTI_DEVICE_OUTPUT];
  TuttiAudioSink *sink = NULL;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (!self->running, FALSE);

  if (g_str_equal (spec, "null")) {
    side->device = FALSE;
  } else if (g_str_has_prefix (spec, "file:") || strchr (spec, '/')) {
    sink = tutti_audio_sink_new_file (
        g_str_has_prefix (spec, "file:") ? spec + strlen ("file:") : spec, error);
    if (!sink)
      return FALSE;
    side->device = FALSE;
  } else if (!take_device_spec (side, spec)) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_FAILED,
                 _ ("“%s” is no output: it has to be “device”, “device:NAME”, “file:PATH” or "
                    "“null”."),
                 spec);
    return FALSE;
  }

  tutti_sound_close_output (self, NULL);
  self->sink = sink;
  tutti_audio_engine_set_sink (self->engine, sink ? tutti_audio_sink_ref (sink) : NULL);

  return TRUE;
}

gboolean
tutti_sound_close_output (TuttiSound *self, GError **error)
{
  g_autoptr (TuttiAudioSink) sink = g_steal_pointer (&self->sink);

  if (!sink)
    return TRUE;

  tutti_audio_engine_set_sink (self->engine, NULL);

  return tutti_audio_sink_close (sink, error);
}
