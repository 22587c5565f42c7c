/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-sound-private.h"

/* My strips, as they come, go and change. */

#define RELABEL_MS 1000 /* until somebody has typed a name */

static void
own_clear (gpointer data)
{
  TuttiOwn *own = data;

  g_clear_pointer (&own->id, g_free);
  g_clear_pointer (&own->label, g_free);
}

/**
 * tutti_stay_list_own:
 *
 * Returns: (transfer full) (element-type TuttiOwn): my strips, in order
 */
GArray *
tutti_stay_list_own (TuttiStay *self)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);
  GArray *list = g_array_new (FALSE, TRUE, sizeof (TuttiOwn));

  g_array_set_clear_func (list, own_clear);
  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);
    const char *label = tutti_own_strip_get_label (strip);
    TuttiOwn own = {
      .index = tutti_own_strip_get_index (strip),
      .id = g_strdup (tutti_own_strip_get_id (strip)),
      .label = g_strdup (label && *label ? label : self->config.instrument),
      .channels = tutti_own_strip_get_channels (strip),
      .muted = tutti_own_strip_get_muted (strip),
    };

    g_array_append_val (list, own);
  }

  return list;
}

/* The newest capture pair of a strip, without touching anybody's level. */
void
tutti_stay_peek_own (TuttiStay *self, const TuttiOwn *own, TuttiStripStats *stats)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  *stats = (TuttiStripStats) { 0 };
  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    if (tutti_own_strip_get_index (strip) == own->index)
      tutti_own_strip_peek_stats (strip, stats);
  }
}

/* -- strips that come, go and change -- */

static gboolean
is_output (TuttiOutput *output, const TuttiOwn *own)
{
  return output->own.index == own->index && g_str_equal (output->own.id, own->id);
}

static void
follow_mute (TuttiStay *self, TuttiOutput *output, const TuttiOwn *own)
{
  output->own.muted = own->muted;
  if (!output->producer_id || output->paused == own->muted)
    return;

  output->paused = own->muted;
  if (own->muted)
    tutti_room_client_pause_producer (self->client, output->producer_id);
  else
    tutti_room_client_resume_producer (self->client, output->producer_id);
}

/**
 * tutti_stay_follow_own:
 *
 * The engine is silent already where somebody is muted; this saves everybody's bandwidth and lets
 * the others see it. What is no more is not sent any longer.
 */
void
tutti_stay_follow_own (TuttiStay *self)
{
  g_autoptr (GArray) list = tutti_stay_list_own (self);

  for (guint i = 0; i < 2; i++) {
    GPtrArray *outputs = self->lanes[TUTTI_DIRECTION_SEND][i].outputs;

    for (guint j = 0; j < outputs->len; j++) {
      TuttiOutput *output = g_ptr_array_index (outputs, j);
      const TuttiOwn *own = NULL;

      for (guint k = 0; k < list->len && !own; k++)
        if (is_output (output, &g_array_index (list, TuttiOwn, k)))
          own = &g_array_index (list, TuttiOwn, k);

      if (own)
        follow_mute (self, output, own);
      else
        tutti_output_stop (output);
    }
  }
}

/* A producer cannot say anything new of itself: another takes over. */
static void
relabel_cb (gpointer user_data)
{
  TuttiStay *self = user_data;

  self->relabel_id = 0;
  if (tutti_stay_needs_rebuild (self) && tutti_stay_can_rebuild (self))
    dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_SEND));
}

/**
 * tutti_stay_needs_rebuild:
 *
 * Returns: whether a producer of ours says something of its strip that is no longer so
 */
gboolean
tutti_stay_needs_rebuild (TuttiStay *self)
{
  g_autoptr (GArray) list = tutti_stay_list_own (self);
  GPtrArray *outputs = tutti_stay_current_lane (self, TUTTI_DIRECTION_SEND)->outputs;

  for (guint i = 0; i < outputs->len; i++) {
    TuttiOutput *output = g_ptr_array_index (outputs, i);

    for (guint j = 0; j < list->len; j++) {
      const TuttiOwn *own = &g_array_index (list, TuttiOwn, j);

      if (is_output (output, own) && (g_strcmp0 (output->own.label, own->label) != 0 ||
                                      output->format.channels != own->channels))
        return TRUE;
    }
  }

  return FALSE;
}

static void
own_changed_cb (TuttiStay *self)
{
  tutti_stay_follow_own (self);
  if (self->entered && !self->relabel_id && tutti_stay_needs_rebuild (self))
    self->relabel_id = g_timeout_add_once (RELABEL_MS, relabel_cb, self);
}

static void
strip_changed_cb (TuttiOwnStrip *strip, GParamSpec *pspec, TuttiStay *self)
{
  own_changed_cb (self);
}

/* As many of those watched, from @position on; they are in the order of the list. */
static void
unwatch_strips (TuttiStay *self, guint position, guint n)
{
  for (guint i = position; i < position + n; i++)
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->watched, i), self);
  if (n > 0)
    g_ptr_array_remove_range (self->watched, position, n);
}

static void
watch_strips (TuttiStay *self, guint position, guint n)
{
  static const char *const signals[] = { "notify::muted", "notify::label", "notify::channels" };
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  for (guint i = position; i < position + n; i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    g_ptr_array_insert (self->watched, (int) i, g_object_ref (strip));
    for (guint j = 0; j < G_N_ELEMENTS (signals); j++)
      g_signal_connect (strip, signals[j], G_CALLBACK (strip_changed_cb), self);
  }
}

static void
strips_cb (GListModel *strips, guint position, guint removed, guint added, TuttiStay *self)
{
  /* Before this returns: the engine's strip goes right after. */
  own_changed_cb (self);
  unwatch_strips (self, position, removed);
  watch_strips (self, position, added);
  if (self->entered)
    dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_OUTPUTS));
}

void
tutti_stay_watch_own (TuttiStay *self)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  g_signal_connect (strips, "items-changed", G_CALLBACK (strips_cb), self);
  watch_strips (self, 0, g_list_model_get_n_items (strips));
  /* Changed while answers were on their way? */
  tutti_stay_follow_own (self);
}

void
tutti_stay_unwatch_own (TuttiStay *self)
{
  g_signal_handlers_disconnect_by_data (tutti_sound_get_own_strips (self->sound), self);
  unwatch_strips (self, 0, self->watched->len);
  g_clear_handle_id (&self->relabel_id, g_source_remove);
}
