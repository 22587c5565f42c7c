/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include "tutti-clock.h"

/* The metronome that everybody in the room hears in phase. Without a room, or in one that keeps no
 * tempo, it is only ours. */

#define START_NS (TUTTI_NSEC_PER_SEC / 2)

static void
notify_changes (TuttiSession *self, const TuttiTempo *before)
{
  if (self->tempo.bpm != before->bpm)
    tutti_session_notify (self, TUTTI_SESSION_PROP_BPM);
  if (self->tempo.beats_per_bar != before->beats_per_bar)
    tutti_session_notify (self, TUTTI_SESSION_PROP_BEATS_PER_BAR);
  if (self->tempo.count_in_bars != before->count_in_bars)
    tutti_session_notify (self, TUTTI_SESSION_PROP_COUNT_IN);
  if (self->tempo.running != before->running)
    tutti_session_notify (self, TUTTI_SESSION_PROP_TEMPO_RUNNING);
}

/* The room's word is the last; one that is on its way to it is not undone meanwhile. */
void
tutti_session_update_tempo (TuttiSession *self)
{
  const TuttiTempo *room = self->stay ? tutti_stay_get_tempo (self->stay) : NULL;
  TuttiTempo before = self->tempo;

  if (self->tempo_id || self->tempo_pending > 0)
    return;
  /* Back in a room that forgot it (the service was started anew): its clock is another one. */
  if (!room && self->tempo_is_room && self->stay && tutti_stay_has_tempo (self->stay)) {
    self->tempo_is_room = FALSE;
    self->tempo.running = FALSE;
    self->tempo_origin_ns = 0;
    notify_changes (self, &before);
    tutti_session_follow_click (self);
  }
  if (!room)
    return;

  self->tempo_is_room = TRUE;
  self->tempo = *room;
  self->tempo.by_peer_id = NULL;
  g_object_freeze_notify (G_OBJECT (self));
  notify_changes (self, &before);
  g_object_thaw_notify (G_OBJECT (self));
  tutti_session_follow_click (self);
}

/* Also once a second: what is known of the room's clock gets better, and clocks drift. */
void
tutti_session_follow_click (TuttiSession *self)
{
  const TuttiRoomClock *clock = self->stay ? tutti_stay_get_clock (self->stay) : NULL;
  TuttiClick click = {
    .bpm = self->tempo.bpm,
    .beats_per_bar = self->tempo.beats_per_bar,
    .count_in_bars = self->tempo.count_in_bars,
  };

  if (self->tempo_is_room && clock)
    self->tempo_origin_ns = tutti_room_clock_to_local_ns (clock, self->tempo.origin_us);

  click.origin_ns = self->tempo_origin_ns;
  tutti_sound_set_click (self->sound,
                         self->tempo.running && self->tempo_origin_ns != 0 ? &click : NULL);
}

static DexFuture *
told_cb (DexFuture *future, gpointer user_data)
{
  TuttiSession *self = user_data;
  g_autoptr (GError) error = NULL;

  if (!dex_future_get_value (future, &error))
    g_message ("The tempo was not set: %s", error->message);
  self->tempo_pending--;
  tutti_session_update_tempo (self);

  return dex_future_new_true ();
}

static gboolean
tell_cb (gpointer user_data)
{
  TuttiSession *self = user_data;

  self->tempo_id = 0;
  if (self->stay && tutti_stay_has_tempo (self->stay)) {
    self->tempo_pending++;
    dex_future_disown (dex_future_finally (tutti_stay_set_tempo (self->stay, &self->tempo), told_cb,
                                           g_object_ref (self), g_object_unref));
    return G_SOURCE_REMOVE;
  }

  self->tempo_is_room = FALSE;
  if (self->tempo_starts || self->tempo_origin_ns == 0)
    self->tempo_origin_ns = tutti_clock_now_ns () + START_NS;
  self->tempo_starts = FALSE;
  tutti_session_follow_click (self);

  return G_SOURCE_REMOVE;
}

/* Several properties set in one go are one change of tempo. */
static void
tell (TuttiSession *self)
{
  if (!self->tempo_id)
    self->tempo_id = g_idle_add (tell_cb, self);
}

static void
take_value (TuttiSession *self, TuttiSessionProperty property, const GValue *value)
{
  if (property == TUTTI_SESSION_PROP_BPM)
    self->tempo.bpm = g_value_get_double (value);
  else if (property == TUTTI_SESSION_PROP_BEATS_PER_BAR)
    self->tempo.beats_per_bar = g_value_get_uint (value);
  else if (property == TUTTI_SESSION_PROP_COUNT_IN)
    self->tempo.count_in_bars = g_value_get_uint (value);
  else if (property == TUTTI_SESSION_PROP_TEMPO_RUNNING)
    self->tempo.running = g_value_get_boolean (value);
}

void
tutti_session_set_tempo_property (TuttiSession *self,
                                  TuttiSessionProperty property,
                                  const GValue *value)
{
  TuttiTempo before = self->tempo;

  take_value (self, property, value);
  self->tempo_starts |= self->tempo.running && !before.running;
  notify_changes (self, &before);
  if (self->tempo.bpm != before.bpm || self->tempo.beats_per_bar != before.beats_per_bar ||
      self->tempo.count_in_bars != before.count_in_bars || self->tempo.running != before.running)
    tell (self);
}
