/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-participant-private.h"

#include "tutti-clock.h"
#include "tutti-strip-private.h"
#include "tutti-thread.h"

#define HEARD_NS  (7 * TUTTI_NSEC_PER_SEC) /* three reports */
#define MAX_HEARD 16                       /* producers that one person can have */

/* What this person said of one of our producers. */
typedef struct {
  TuttiHeard *heard;
  gint64 time_ns;
} Heard;

struct _TuttiParticipant {
  GObject parent_instance;

  char *peer_id;
  char *display_name;
  char *instrument;
  TuttiRole role;
  gboolean isolated;
  gboolean in_spotlight;
  char *leave_reason;
  GListStore *strips; /* owned, of TuttiStrip */
  GPtrArray *heard;   /* owned, of Heard */
  double heard_delay_ms;
  double heard_error_ms;
  double heard_loss;
  double heard_concealed;
};

typedef enum {
  PROP_PEER_ID = 1,
  PROP_DISPLAY_NAME,
  PROP_INSTRUMENT,
  PROP_STRIPS,
  PROP_HEARD_DELAY_MS,
  PROP_HEARD_ERROR_MS,
  PROP_HEARD_LOSS,
  PROP_HEARD_CONCEALED,
  PROP_ROLE,
  PROP_ISOLATED,
  PROP_IN_SPOTLIGHT,
} TuttiParticipantProperty;

static GParamSpec *properties[PROP_IN_SPOTLIGHT + 1];

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
  case PROP_HEARD_DELAY_MS:
    g_value_set_double (value, self->heard_delay_ms);
    break;
  case PROP_HEARD_ERROR_MS:
    g_value_set_double (value, self->heard_error_ms);
    break;
  case PROP_HEARD_LOSS:
    g_value_set_double (value, self->heard_loss);
    break;
  case PROP_HEARD_CONCEALED:
    g_value_set_double (value, self->heard_concealed);
    break;
  case PROP_ROLE:
    g_value_set_enum (value, (int) self->role);
    break;
  case PROP_ISOLATED:
    g_value_set_boolean (value, self->isolated);
    break;
  case PROP_IN_SPOTLIGHT:
    g_value_set_boolean (value, self->in_spotlight);
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
  g_clear_pointer (&self->leave_reason, g_free);
  g_clear_pointer (&self->instrument, g_free);
  g_clear_object (&self->strips);
  g_clear_pointer (&self->heard, g_ptr_array_unref);

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
  properties[PROP_HEARD_DELAY_MS] =
      g_param_spec_double ("heard-delay-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_HEARD_ERROR_MS] =
      g_param_spec_double ("heard-error-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_HEARD_LOSS] = g_param_spec_double ("heard-loss", NULL, NULL, -1, 100, -1, ro);
  properties[PROP_HEARD_CONCEALED] =
      g_param_spec_double ("heard-concealed", NULL, NULL, -1, 100, -1, ro);
  properties[PROP_ROLE] =
      g_param_spec_enum ("role", NULL, NULL, TUTTI_TYPE_ROLE, TUTTI_ROLE_MUSICIAN, ro);
  properties[PROP_ISOLATED] = g_param_spec_boolean ("isolated", NULL, NULL, FALSE, ro);
  properties[PROP_IN_SPOTLIGHT] = g_param_spec_boolean ("in-spotlight", NULL, NULL, FALSE, ro);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
heard_free (gpointer data)
{
  Heard *heard = data;

  tutti_heard_free (heard->heard);
  g_free (heard);
}

static void
tutti_participant_init (TuttiParticipant *self)
{
  self->strips = g_list_store_new (TUTTI_TYPE_STRIP);
  self->heard = g_ptr_array_new_with_free_func (heard_free);
  self->heard_delay_ms = self->heard_error_ms = -1;
  self->heard_loss = self->heard_concealed = -1;
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

void
tutti_participant_set_leave_reason (TuttiParticipant *self, const char *reason)
{
  g_set_str (&self->leave_reason, reason);
}

void
tutti_participant_set_role (TuttiParticipant *self, TuttiRole role)
{
  if (self->role == role)
    return;

  self->role = role;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ROLE]);
}

static void
set_flag (TuttiParticipant *self,
          gboolean *field,
          gboolean value,
          TuttiParticipantProperty property)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tutti_participant_set_isolated (TuttiParticipant *self, gboolean isolated)
{
  set_flag (self, &self->isolated, isolated, PROP_ISOLATED);
}

void
tutti_participant_set_in_spotlight (TuttiParticipant *self, gboolean in_spotlight)
{
  set_flag (self, &self->in_spotlight, in_spotlight, PROP_IN_SPOTLIGHT);
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

/* -- how this person hears us -- */

static void
set_double (TuttiParticipant *self, double *field, double value, TuttiParticipantProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Of all our strips: the latest one's delay, the worst one's losses. */
static void
update_heard (TuttiParticipant *self)
{
  double delay = -1, error = -1, loss = -1, concealed = -1;

  for (guint i = 0; i < self->heard->len; i++) {
    const TuttiHeard *heard = ((Heard *) g_ptr_array_index (self->heard, i))->heard;

    loss = MAX (loss, heard->loss_percent);
    concealed = MAX (concealed, heard->concealed_percent);
    if (heard->delay_known && MAX (heard->delay_ms, 0) > delay) {
      delay = MAX (heard->delay_ms, 0);
      error = heard->error_ms;
    }
  }

  set_double (self, &self->heard_delay_ms, delay, PROP_HEARD_DELAY_MS);
  set_double (self, &self->heard_error_ms, error, PROP_HEARD_ERROR_MS);
  set_double (self, &self->heard_loss, loss, PROP_HEARD_LOSS);
  set_double (self, &self->heard_concealed, concealed, PROP_HEARD_CONCEALED);
}

static void
forget_heard (TuttiParticipant *self, const char *producer_id, gint64 before_ns)
{
  guint i = self->heard->len;

  while (i-- > 0) {
    const Heard *heard = g_ptr_array_index (self->heard, i);

    if (heard->time_ns < before_ns || g_strcmp0 (heard->heard->producer_id, producer_id) == 0)
      g_ptr_array_remove_index (self->heard, i);
  }
}

void
tutti_participant_take_heard (TuttiParticipant *self, const TuttiHeard *info)
{
  Heard *heard = g_new0 (Heard, 1);

  heard->heard = tutti_heard_copy (info);
  heard->time_ns = tutti_clock_now_ns ();
  forget_heard (self, info->producer_id, heard->time_ns - HEARD_NS);
  if (self->heard->len >= MAX_HEARD)
    g_ptr_array_remove_index (self->heard, 0);
  g_ptr_array_add (self->heard, heard);
  update_heard (self);
}

/* Once a second: what is old is not shown any more. */
void
tutti_participant_tick (TuttiParticipant *self)
{
  forget_heard (self, NULL, tutti_clock_now_ns () - HEARD_NS);
  update_heard (self);
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

TuttiRole
tutti_participant_get_role (TuttiParticipant *self)
{
  return self->role;
}

gboolean
tutti_participant_is_isolated (TuttiParticipant *self)
{
  return self->isolated;
}

GListModel *
tutti_participant_get_strips (TuttiParticipant *self)
{
  return G_LIST_MODEL (self->strips);
}

const char *
tutti_participant_get_leave_reason (TuttiParticipant *self)
{
  return self->leave_reason;
}
