/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-roster.h"

#include <string.h>

#include "tutti-participant-private.h"
#include "tutti-strip-private.h"

#define MAX_REMEMBERED 1024 /* hostile rooms must not fill the memory with names */

struct _TuttiRoster {
  GListStore *participants; /* owned, of TuttiParticipant */
  GHashTable *by_id;        /* owned: "peer/strip" → TuttiStripSettings */
  GHashTable *by_name;      /* owned: "name/strip" → TuttiStripSettings */
  gboolean changed;         /* what is remembered by name, since it was last asked */
  TuttiRosterFunc func;
  gpointer user_data;
};

TuttiRoster *
tutti_roster_new (TuttiRosterFunc func, gpointer user_data)
{
  TuttiRoster *self = g_new0 (TuttiRoster, 1);

  self->participants = g_list_store_new (TUTTI_TYPE_PARTICIPANT);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->func = func;
  self->user_data = user_data;

  return self;
}

void
tutti_roster_free (TuttiRoster *self)
{
  g_clear_object (&self->participants);
  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->by_name, g_hash_table_unref);
  g_free (self);
}

GListModel *
tutti_roster_get_model (TuttiRoster *self)
{
  return G_LIST_MODEL (self->participants);
}

static TuttiParticipant *
nth (TuttiRoster *self, guint i)
{
  g_autoptr (TuttiParticipant) participant =
      g_list_model_get_item (G_LIST_MODEL (self->participants), i);

  return participant; /* the list holds it */
}

static gboolean
find_position (TuttiRoster *self, const char *peer_id, guint *position)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  for (guint i = 0; i < n; i++) {
    if (g_str_equal (tutti_participant_get_peer_id (nth (self, i)), peer_id)) {
      *position = i;
      return TRUE;
    }
  }

  return FALSE;
}

/**
 * tutti_roster_find:
 *
 * Returns: (transfer none) (nullable): that person
 */
TuttiParticipant *
tutti_roster_find (TuttiRoster *self, const char *peer_id)
{
  guint position;

  return find_position (self, peer_id, &position) ? nth (self, position) : NULL;
}

static gboolean
same_settings (const TuttiStripSettings *a, const TuttiStripSettings *b)
{
  return a->gain_db == b->gain_db && a->pan == b->pan && a->bias == b->bias &&
         a->muted == b->muted && a->solo == b->solo;
}

void
tutti_roster_set_remembered (TuttiRoster *self, const char *who, const TuttiStripSettings *settings)
{
  const TuttiStripSettings *known = g_hash_table_lookup (self->by_name, who);

  if (known && same_settings (known, settings))
    return;

  self->changed = TRUE;
  g_hash_table_replace (self->by_name, g_strdup (who), g_memdup2 (settings, sizeof *settings));
}

/* "PEER/STRIP" → "STRIP" */
static const char *
strip_part (const char *id)
{
  const char *slash = strchr (id, '/');

  return slash ? slash + 1 : id;
}

static void
remember (TuttiRoster *self, TuttiParticipant *participant, TuttiStrip *strip)
{
  TuttiStripSettings settings;
  const char *id = tutti_strip_get_id (strip);
  g_autofree char *name = NULL;

  tutti_strip_get_settings (strip, &settings);
  if (g_hash_table_size (self->by_id) >= MAX_REMEMBERED)
    g_hash_table_remove_all (self->by_id);
  if (g_hash_table_size (self->by_name) >= MAX_REMEMBERED)
    g_hash_table_remove_all (self->by_name);

  g_hash_table_replace (self->by_id, g_strdup (id), g_memdup2 (&settings, sizeof settings));
  name =
      g_strdup_printf ("%s/%s", tutti_participant_get_display_name (participant), strip_part (id));
  tutti_roster_set_remembered (self, name, &settings);
}

static void
recall (TuttiRoster *self, TuttiParticipant *participant, TuttiStrip *strip)
{
  const char *id = tutti_strip_get_id (strip);
  const TuttiStripSettings *settings = g_hash_table_lookup (self->by_id, id);

  if (settings) {
    tutti_strip_set_known (strip);
  } else {
    g_autofree char *name = g_strdup_printf (
        "%s/%s", tutti_participant_get_display_name (participant), strip_part (id));

    settings = g_hash_table_lookup (self->by_name, name);
  }
  if (settings)
    tutti_strip_set_settings (strip, settings);
}

/**
 * tutti_roster_add:
 *
 * Adds a person, or brings name, instrument and role of one who is there up to date.
 *
 * Returns: (transfer none): that person
 */
TuttiParticipant *
tutti_roster_add (TuttiRoster *self, const TuttiPeerInfo *info)
{
  TuttiParticipant *found = tutti_roster_find (self, info->peer_id);
  g_autoptr (TuttiParticipant) participant = NULL;

  if (found) {
    tutti_participant_set_display_name (found, info->display_name);
    tutti_participant_set_instrument (found, info->instrument);
    tutti_participant_set_role (found, info->role);
    return found;
  }

  participant = tutti_participant_new (info->peer_id, info->display_name, info->instrument);
  tutti_participant_set_role (participant, info->role);
  g_list_store_append (self->participants, participant);
  self->func (participant, TRUE, self->user_data);

  return participant;
}

static void
remove_at (TuttiRoster *self, guint position)
{
  g_autoptr (TuttiParticipant) participant = g_object_ref (nth (self, position));
  GListModel *strips = tutti_participant_get_strips (participant);

  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, i);

    remember (self, participant, strip);
  }
  g_list_store_remove (self->participants, position);
  self->func (participant, FALSE, self->user_data);
}

void
tutti_roster_remove (TuttiRoster *self, const char *peer_id)
{
  guint position;

  if (find_position (self, peer_id, &position))
    remove_at (self, position);
}

void
tutti_roster_rename (TuttiRoster *self, const char *peer_id, const char *display_name)
{
  TuttiParticipant *participant = tutti_roster_find (self, peer_id);

  if (participant)
    tutti_participant_set_display_name (participant, display_name);
}

static gboolean
is_listed (GPtrArray *peers, const char *peer_id)
{
  for (guint i = 0; i < peers->len; i++) {
    const TuttiPeerInfo *info = g_ptr_array_index (peers, i);

    if (g_str_equal (info->peer_id, peer_id))
      return TRUE;
  }

  return FALSE;
}

void
tutti_roster_reconcile (TuttiRoster *self, GPtrArray *peers)
{
  guint i = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  while (i-- > 0)
    if (!is_listed (peers, tutti_participant_get_peer_id (nth (self, i))))
      remove_at (self, i);

  for (guint j = 0; j < peers->len; j++)
    tutti_roster_add (self, g_ptr_array_index (peers, j));
}

void
tutti_roster_clear (TuttiRoster *self)
{
  guint i = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  while (i-- > 0)
    remove_at (self, i);
}

TuttiStrip *
tutti_roster_ensure_strip (TuttiRoster *self,
                           const char *peer_id,
                           const char *strip_id,
                           const char *label)
{
  TuttiParticipant *participant = tutti_roster_find (self, peer_id);
  g_autofree char *id = g_strdup_printf ("%s/%s", peer_id, strip_id);
  g_autoptr (TuttiStrip) strip = NULL;
  TuttiStrip *found;

  if (!participant)
    return NULL;

  found = tutti_participant_find_strip (participant, id);
  if (found) {
    tutti_strip_set_label (found, label);
    return found;
  }

  strip = tutti_strip_new (id, label);
  recall (self, participant, strip);
  tutti_participant_add_strip (participant, strip);

  return strip; /* the participant holds it */
}

void
tutti_roster_remove_strip (TuttiRoster *self, const char *peer_id, TuttiStrip *strip)
{
  TuttiParticipant *participant = tutti_roster_find (self, peer_id);

  if (!participant)
    return;

  remember (self, participant, strip);
  tutti_participant_remove_strip (participant, strip);
}

void
tutti_roster_prune (TuttiRoster *self, gint64 now_ns, gint64 age_ns)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  for (guint i = 0; i < n; i++) {
    TuttiParticipant *participant = nth (self, i);
    GListModel *strips = tutti_participant_get_strips (participant);
    guint j = g_list_model_get_n_items (strips);

    /* They are there, only not for us: a host has to find them. */
    if (tutti_participant_is_isolated (participant))
      continue;

    while (j-- > 0) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);
      gint64 since = tutti_strip_get_detached_since (strip);

      if (since > 0 && now_ns - since > age_ns)
        tutti_roster_remove_strip (self, tutti_participant_get_peer_id (participant), strip);
    }
  }
}

void
tutti_roster_foreach_strip (TuttiRoster *self, GFunc func, gpointer user_data)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  for (guint i = 0; i < n; i++) {
    GListModel *strips = tutti_participant_get_strips (nth (self, i));

    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);

      func (strip, user_data);
    }
  }
}

void
tutti_roster_tick (TuttiRoster *self, const TuttiRoomClock *clock, const TuttiPlaybackPath *path)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  for (guint i = 0; i < n; i++) {
    TuttiParticipant *participant = nth (self, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);

      tutti_strip_tick (strip, clock, path);
    }
    tutti_participant_tick (participant);
  }
}

void
tutti_roster_forget (TuttiRoster *self)
{
  g_hash_table_remove_all (self->by_id);
  g_hash_table_remove_all (self->by_name);
  self->changed = FALSE;
}

void
tutti_roster_remember_all (TuttiRoster *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->participants));

  for (guint i = 0; i < n; i++) {
    TuttiParticipant *participant = nth (self, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);

      remember (self, participant, strip);
    }
  }
}

gboolean
tutti_roster_take_changed (TuttiRoster *self)
{
  gboolean changed = self->changed;

  self->changed = FALSE;

  return changed;
}

void
tutti_roster_foreach_remembered (TuttiRoster *self, TuttiRememberedFunc func, gpointer user_data)
{
  GHashTableIter iter;
  gpointer who, settings;

  g_hash_table_iter_init (&iter, self->by_name);
  while (g_hash_table_iter_next (&iter, &who, &settings))
    func (who, settings, user_data);
}
