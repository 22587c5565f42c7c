/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-thread.h"

/* One device for another while people play: its side of the engine fades out, the links are made
 * anew, and it fades in when sound passes over them. The node stays, so the other side and all
 * streams on it go on. */

#define POLL_MS 5
/* The fade takes 10 ms, and a graph without a driver never comes to its end. */
#define FADE_US (100 * 1000)
/* A device that sleeps takes a moment to wake. One that never gives anything is not waited for. */
#define LINK_US (2 * G_USEC_PER_SEC)

typedef struct {
  TuttiSound *sound; /* borrowed: end_switch() comes before its end */
  TuttiDeviceKind kind;
} Switch;

static TuttiEngineSide
engine_side (TuttiDeviceKind kind)
{
  return kind == TUTTI_DEVICE_INPUT ? TUTTI_ENGINE_INPUT : TUTTI_ENGINE_OUTPUT;
}

static gboolean
poll_cb (gpointer user_data)
{
  Switch *data = user_data;
  TuttiSound *self = data->sound;
  TuttiSoundSide *side = &self->sides[data->kind];
  gint64 waited = g_get_monotonic_time () - side->switch_us;

  if (!side->switching) {
    if (waited < FADE_US && !tutti_audio_engine_is_quiet (self->engine, engine_side (data->kind)))
      return G_SOURCE_CONTINUE;
    side->switching = TRUE;
    side->switch_us = g_get_monotonic_time ();
    tutti_sound_link (self, data->kind);
    return G_SOURCE_CONTINUE;
  }

  if (waited < LINK_US && !tutti_device_registry_is_flowing (self->registry, data->kind))
    return G_SOURCE_CONTINUE;
  side->switch_id = 0;
  side->switching = FALSE;
  tutti_audio_engine_shut (self->engine, engine_side (data->kind), FALSE);
  tutti_sound_update (self);

  return G_SOURCE_REMOVE;
}

void
tutti_sound_switch (TuttiSound *self, TuttiDeviceKind kind)
{
  TuttiSoundSide *side = &self->sides[kind];
  Switch *data;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->node || !side->active) {
    tutti_sound_link (self, kind);
    return;
  }
  if (side->switch_id) {
    /* Chosen anew while it fades: what is linked then is the newest. Later: once more. */
    if (side->switching)
      tutti_sound_link (self, kind);
    return;
  }

  data = g_new (Switch, 1);
  data->sound = self;
  data->kind = kind;
  side->switching = FALSE;
  side->switch_us = g_get_monotonic_time ();
  tutti_audio_engine_shut (self->engine, engine_side (kind), TRUE);
  side->switch_id = g_timeout_add_full (G_PRIORITY_HIGH, POLL_MS, poll_cb, data, g_free);
}

void
tutti_sound_end_switch (TuttiSound *self, TuttiDeviceKind kind)
{
  TuttiSoundSide *side = &self->sides[kind];

  if (!side->switch_id)
    return;

  g_clear_handle_id (&side->switch_id, g_source_remove);
  side->switching = FALSE;
  tutti_audio_engine_shut (self->engine, engine_side (kind), FALSE);
}
