/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-clock-asker.h"

#include "tutti-clock.h"
#include "tutti-room-json.h"

#define BURST       5
#define BURST_MS    100
#define INTERVAL_MS 1000
#define JITTERY_MS  250 /* many answers average out what single ones are off by */

struct _TuttiClockAsker {
  grefcount ref_count; /* the owner's, and one for a question under way */
  TuttiChannel *channel;
  TuttiRoomClock clock;
  void (*changed) (gpointer user_data);
  gpointer user_data;
  gboolean running;
  guint timeout_id;
  guint n_questions;
  gint64 sent_ns; /* 0: no question is under way */
};

static void
unref (TuttiClockAsker *self)
{
  if (!g_ref_count_dec (&self->ref_count))
    return;

  g_object_unref (self->channel);
  g_free (self);
}

static void
on_answer (JsonObject *data, const GError *error, gpointer user_data)
{
  TuttiClockAsker *self = user_data;
  gint64 received_ns = tutti_clock_now_ns ();
  gint64 sent_ns = self->sent_ns;
  gint64 room_time_us;

  self->sent_ns = 0;

  if (self->running && !error &&
      tutti_json_read_int (data, "roomTimeUs", 0, TUTTI_JSON_MAX_SAFE_INTEGER, &room_time_us,
                           NULL) &&
      tutti_room_clock_add (&self->clock, sent_ns, received_ns, room_time_us))
    self->changed (self->user_data);

  unref (self);
}

static gboolean
on_timeout (gpointer user_data)
{
  TuttiClockAsker *self = user_data;
  guint interval;

  /* A question that hangs is not asked again behind itself: its answer would be no use. */
  if (self->sent_ns == 0) {
    g_ref_count_inc (&self->ref_count);
    self->sent_ns = tutti_clock_now_ns ();
    tutti_channel_ask (self->channel, "clock", NULL, on_answer, self);
    self->n_questions++;
  }

  interval = self->n_questions < BURST                    ? BURST_MS
             : tutti_room_clock_is_jittery (&self->clock) ? JITTERY_MS
                                                          : INTERVAL_MS;
  self->timeout_id = g_timeout_add (interval, on_timeout, self);
  return G_SOURCE_REMOVE;
}

TuttiClockAsker *
tutti_clock_asker_new (TuttiChannel *channel, void (*changed) (gpointer), gpointer user_data)
{
  TuttiClockAsker *self = g_new0 (TuttiClockAsker, 1);

  g_ref_count_init (&self->ref_count);
  self->channel = g_object_ref (channel);
  self->changed = changed;
  self->user_data = user_data;
  return self;
}

void
tutti_clock_asker_free (TuttiClockAsker *self)
{
  tutti_clock_asker_stop (self);
  unref (self);
}

void
tutti_clock_asker_start (TuttiClockAsker *self)
{
  if (self->running)
    return;

  self->running = TRUE;
  on_timeout (self);
}

void
tutti_clock_asker_stop (TuttiClockAsker *self)
{
  self->running = FALSE;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
}

const TuttiRoomClock *
tutti_clock_asker_get_clock (TuttiClockAsker *self)
{
  return &self->clock;
}
