/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-room-plan.h"

#include <math.h>

#include "tutti-room-json.h"

#define MAX_BITRATE  4000000
#define MAX_QUANTUM  8192
#define MAX_COPIES   2
#define MAX_DISTANCE 15
#define MAX_PACKETS  100000000
#define MIN_DELAY_MS (-1000)
#define MAX_DELAY_MS 60000

G_DEFINE_BOXED_TYPE (TuttiPlan, tutti_plan, tutti_plan_copy, tutti_plan_free)
G_DEFINE_BOXED_TYPE (TuttiHeard, tutti_heard, tutti_heard_copy, tutti_heard_free)
G_DEFINE_BOXED_TYPE (TuttiTempo, tutti_tempo, tutti_tempo_copy, tutti_tempo_free)

G_DEFINE_ENUM_TYPE (TuttiPlanLimit,
                    tutti_plan_limit,
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_NONE, "none"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_FORMATS, "formats"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_PACKETS, "packets"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_CLIENT, "client"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_UPLINK, "uplink"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_DOWNLINK, "downlink"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_TRIAL, "trial"),
                    G_DEFINE_ENUM_VALUE (TUTTI_PLAN_LIMIT_OTHER, "other"))

/* -- the plan -- */

TuttiPlan *
tutti_plan_copy (const TuttiPlan *self)
{
  TuttiPlan *copy = g_new0 (TuttiPlan, 1);

  *copy = *self;
  copy->wire = g_strdup (self->wire);
  copy->limit_peer_id = g_strdup (self->limit_peer_id);
  return copy;
}

void
tutti_plan_free (TuttiPlan *self)
{
  if (!self)
    return;

  g_free (self->wire);
  g_free (self->limit_peer_id);
  g_free (self);
}

/* Which frames a format has. */
static gboolean
is_frame (const char *wire, guint samples)
{
  if (g_str_equal (wire, "raw") || g_str_equal (wire, "tight"))
    return samples == 64 || samples == 128;

  return g_str_equal (wire, "opus") &&
         (samples == 120 || samples == 240 || samples == 480 || samples == 960);
}

static TuttiPlanLimit
read_limit (JsonObject *reason)
{
  const char *text = reason ? tutti_json_peek_string (reason, "limit") : NULL;
  g_autoptr (GEnumClass) klass = g_type_class_ref (TUTTI_TYPE_PLAN_LIMIT);
  GEnumValue *value = text ? g_enum_get_value_by_nick (klass, text) : NULL;

  return value ? (TuttiPlanLimit) value->value : TUTTI_PLAN_LIMIT_OTHER;
}

static gboolean
is_null (JsonObject *object, const char *key)
{
  JsonNode *node = json_object_get_member (object, key);

  return node && JSON_NODE_HOLDS_NULL (node);
}

static gboolean
read_standard (TuttiPlan *self, JsonObject *object, GError **error)
{
  JsonObject *standard = tutti_json_peek_object (object, "standard");

  if (!standard)
    return is_null (object, "standard") || tutti_json_fail (error, "standard");

  self->standard = TRUE;
  self->standard_frame_samples = tutti_json_peek_uint (standard, "frameSamples", 1, 960, 0);
  self->standard_bitrate = tutti_json_peek_uint (standard, "bitrate", 6000, 510000, 0);

  return (is_frame ("opus", self->standard_frame_samples) && self->standard_bitrate > 0) ||
         tutti_json_fail (error, "standard");
}

TuttiPlan *
tutti_plan_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiPlan) self = g_new0 (TuttiPlan, 1);
  JsonObject *reason = tutti_json_peek_object (object, "reason");
  gint64 bitrate, copies, distance;

  if (!tutti_json_read_int (object, "revision", 1, TUTTI_JSON_MAX_SAFE_INTEGER, &self->revision,
                            error) ||
      !tutti_json_read_int (object, "bitrate", 1, MAX_BITRATE, &bitrate, error) ||
      !tutti_json_read_int (object, "copies", 0, MAX_COPIES, &copies, error) ||
      !tutti_json_read_int (object, "distance", 0, MAX_DISTANCE, &distance, error) ||
      !read_standard (self, object, error))
    return NULL;

  self->bitrate = (guint) bitrate;
  self->copies = (guint) copies;
  self->distance = (guint) distance;
  self->wire = g_strdup (tutti_json_peek_string (object, "wire"));
  self->frame_samples = tutti_json_peek_uint (object, "frameSamples", 1, 960, 0);
  if (!self->wire || !is_frame (self->wire, self->frame_samples)) {
    tutti_json_fail (error, "wire");
    return NULL;
  }

  self->bits = tutti_json_peek_uint (object, "bits", 16, 24, 0);
  if (g_str_equal (self->wire, "raw") && self->bits != 16 && self->bits != 24) {
    tutti_json_fail (error, "bits");
    return NULL;
  }
  self->limit = read_limit (reason);
  if (reason &&
      !tutti_json_read_id (reason, "peerId", TUTTI_JSON_OPTIONAL, &self->limit_peer_id, error))
    return NULL;
  self->packets_per_second = tutti_json_peek_uint (object, "packetsPerSecond", 0, MAX_PACKETS, 0);
  self->budget = tutti_json_peek_uint (object, "budget", 0, MAX_PACKETS, 0);

  return g_steal_pointer (&self);
}

/* -- how we are heard -- */

TuttiHeard *
tutti_heard_copy (const TuttiHeard *self)
{
  TuttiHeard *copy = g_new0 (TuttiHeard, 1);

  *copy = *self;
  copy->peer_id = g_strdup (self->peer_id);
  copy->producer_id = g_strdup (self->producer_id);
  return copy;
}

void
tutti_heard_free (TuttiHeard *self)
{
  if (!self)
    return;

  g_free (self->peer_id);
  g_free (self->producer_id);
  g_free (self);
}

TuttiHeard *
tutti_heard_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiHeard) self = g_new0 (TuttiHeard, 1);

  if (!tutti_json_read_id (object, "peerId", TUTTI_JSON_REQUIRED, &self->peer_id, error) ||
      !tutti_json_read_id (object, "producerId", TUTTI_JSON_REQUIRED, &self->producer_id, error) ||
      !tutti_json_read_double (object, "lossPercent", 0, 100, &self->loss_percent, error) ||
      !tutti_json_read_double (object, "concealedPercent", 0, 100, &self->concealed_percent, error))
    return NULL;

  self->delay_known =
      tutti_json_read_double (object, "delayMs", MIN_DELAY_MS, MAX_DELAY_MS, &self->delay_ms,
                              NULL) &&
      tutti_json_read_double (object, "errorMs", 0, MAX_DELAY_MS, &self->error_ms, NULL);
  return g_steal_pointer (&self);
}

/* -- the metronome -- */

TuttiTempo *
tutti_tempo_copy (const TuttiTempo *self)
{
  TuttiTempo *copy = g_new0 (TuttiTempo, 1);

  *copy = *self;
  copy->by_peer_id = g_strdup (self->by_peer_id);
  return copy;
}

void
tutti_tempo_free (TuttiTempo *self)
{
  if (!self)
    return;

  g_free (self->by_peer_id);
  g_free (self);
}

TuttiTempo *
tutti_tempo_from_json (JsonObject *object, GError **error)
{
  g_autoptr (TuttiTempo) self = g_new0 (TuttiTempo, 1);
  gint64 beats, bars;

  if (!tutti_json_read_double (object, "bpm", TUTTI_TEMPO_MIN_BPM, TUTTI_TEMPO_MAX_BPM, &self->bpm,
                               error) ||
      !tutti_json_read_int (object, "beatsPerBar", 1, TUTTI_TEMPO_MAX_BEATS, &beats, error) ||
      !tutti_json_read_int (object, "countInBars", 0, TUTTI_TEMPO_MAX_COUNT_IN, &bars, error) ||
      !tutti_json_read_int (object, "originUs", -TUTTI_JSON_MAX_SAFE_INTEGER,
                            TUTTI_JSON_MAX_SAFE_INTEGER, &self->origin_us, error) ||
      !tutti_json_read_id (object, "byPeerId", TUTTI_JSON_REQUIRED, &self->by_peer_id, error))
    return NULL;

  self->beats_per_bar = (guint) beats;
  self->count_in_bars = (guint) bars;
  self->running = tutti_json_peek_true (object, "running");
  return g_steal_pointer (&self);
}

JsonObject *
tutti_tempo_to_json (const TuttiTempo *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "bpm", self->bpm);
  json_object_set_int_member (object, "beatsPerBar", self->beats_per_bar);
  json_object_set_boolean_member (object, "running", self->running);
  json_object_set_int_member (object, "countInBars", self->count_in_bars);
  return object;
}

/* -- our report -- */

/* Thousandths are more than anything here is known to. */
static void
set_number (JsonObject *object, const char *key, double value)
{
  json_object_set_double_member (object, key, round (value * 1000) / 1000);
}

static JsonObject *
stream_report_to_json (const TuttiStreamReport *self)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "producerId", self->producer_id);
  set_number (object, "lossPercent", CLAMP (self->loss_percent, 0, 100));
  set_number (object, "jitterMs", CLAMP (self->jitter_ms, 0, MAX_DELAY_MS));
  set_number (object, "concealedPercent", CLAMP (self->concealed_percent, 0, 100));
  if (self->delay_known) {
    set_number (object, "delayMs", CLAMP (self->delay_ms, MIN_DELAY_MS, MAX_DELAY_MS));
    set_number (object, "errorMs", CLAMP (self->error_ms, 0, MAX_DELAY_MS));
  }
  return object;
}

JsonObject *
tutti_link_report_to_json (const TuttiLinkReport *self)
{
  JsonObject *object = json_object_new ();
  JsonObject *up = json_object_new ();
  JsonArray *down = json_array_new ();

  for (guint i = 0; i < self->streams->len; i++)
    json_array_add_object_element (
        down, stream_report_to_json (&g_array_index (self->streams, TuttiStreamReport, i)));

  set_number (object, "rttMs", CLAMP (self->rtt_ms, 0, MAX_DELAY_MS));
  json_object_set_int_member (object, "quantum", CLAMP (self->quantum, 1, MAX_QUANTUM));
  set_number (up, "lossPercent", CLAMP (self->up_loss_percent, 0, 100));
  json_object_set_object_member (object, "up", up);
  json_object_set_array_member (object, "down", down);
  return object;
}
