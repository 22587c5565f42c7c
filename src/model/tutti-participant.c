/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-participant-private.h"

#include "tutti-strip-private.h"
#include "tutti-thread.h"

struct _TuttiParticipant {
  GObject parent_instance;

  char *peer_id;
  char *display_name;
  char *instrument;
  GListStore *strips; /* owned, of TuttiStrip */
};

typedef enum {
  PROP_PEER_ID = 1,
  PROP_DISPLAY_NAME,
  PROP_INSTRUMENT,
  PROP_STRIPS,
} TuttiParticipantProperty;

static GParamSpec *properties[PROP_STRIPS + 1];

G_DEFINE_FINAL_TYPE (TuttiParticipant, tutti_participant, G_TYPE_OBJECT)

static void
tutti_participant_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiParticipant *self = TUTTI_PARTICIPANT (object);

  switch ((TuttiParticipantProperty) id) {
  case PROP_PEER_ID:
    g_value_set_string (value, self->peer_id);
    break;
  case PROP_DISPLAY_NAME:
    g_value_set_string (value, self->display_name);
    break;
  case PROP_INSTRUMENT:
    g_value_set_string (value, self->instrument);
    break;
  case PROP_STRIPS:
    g_value_set_object (value, self->strips);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_participant_finalize (GObject *object)
{
  TuttiParticipant *self = TUTTI_PARTICIPANT (object);

  g_clear_pointer (&self->peer_id, g_free);
  g_clear_pointer (&self->display_name, g_free);
  g_clear_pointer (&self->instrument, g_free);
  g_clear_object (&self->strips);

  G_OBJECT_CLASS (tutti_participant_parent_class)->finalize (object);
}

static void
tutti_participant_class_init (TuttiParticipantClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tutti_participant_get_property;
  object_class->finalize = tutti_participant_finalize;

  properties[PROP_PEER_ID] = g_param_spec_string ("peer-id", NULL, NULL, NULL, ro);
  properties[PROP_DISPLAY_NAME] = g_param_spec_string ("display-name", NULL, NULL, NULL, ro);
  properties[PROP_INSTRUMENT] = g_param_spec_string ("instrument", NULL, NULL, NULL, ro);
  properties[PROP_STRIPS] = g_param_spec_object ("strips", NULL, NULL, G_TYPE_LIST_MODEL, ro);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_participant_init (TuttiParticipant *self)
{
  self->strips = g_list_store_new (TUTTI_TYPE_STRIP);
}

TuttiParticipant *
tutti_participant_new (const char *peer_id, const char *display_name, const char *instrument)
{
  TuttiParticipant *self;

  TUTTI_ASSERT_MAIN_THREAD ();

  self = g_object_new (TUTTI_TYPE_PARTICIPANT, NULL);
  self->peer_id = g_strdup (peer_id);
  self->display_name = g_strdup (display_name ? display_name : "");
  self->instrument = g_strdup (instrument ? instrument : "");

  return self;
}

void
tutti_participant_set_display_name (TuttiParticipant *self, const char *display_name)
{
  if (g_set_str (&self->display_name, display_name ? display_name : ""))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DISPLAY_NAME]);
}

void
tutti_participant_set_instrument (TuttiParticipant *self, const char *instrument)
{
  if (g_set_str (&self->instrument, instrument ? instrument : ""))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INSTRUMENT]);
}

/**
 * tutti_participant_find_strip:
 *
 * Returns: (transfer none) (nullable): the strip with that id
 */
TuttiStrip *
tutti_participant_find_strip (TuttiParticipant *self, const char *id)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->strips));

  for (guint i = 0; i < n; i++) {
    g_autoptr (TuttiStrip) strip = g_list_model_get_item (G_LIST_MODEL (self->strips), i);

    if (g_str_equal (tutti_strip_get_id (strip), id))
      return strip;
  }

  return NULL;
}

void
tutti_participant_add_strip (TuttiParticipant *self, TuttiStrip *strip)
{
  g_list_store_append (self->strips, strip);
}

void
tutti_participant_remove_strip (TuttiParticipant *self, TuttiStrip *strip)
{
  guint position;

  if (g_list_store_find (self->strips, strip, &position))
    g_list_store_remove (self->strips, position);
}

const char *
tutti_participant_get_peer_id (TuttiParticipant *self)
{
  return self->peer_id;
}

const char *
tutti_participant_get_display_name (TuttiParticipant *self)
{
  return self->display_name;
}

const char *
tutti_participant_get_instrument (TuttiParticipant *self)
{
  return self->instrument;
}

GListModel *
tutti_participant_get_strips (TuttiParticipant *self)
{
  return G_LIST_MODEL (self->strips);
}
