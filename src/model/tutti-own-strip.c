/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-own-strip-private.h"

#include "tutti-clock.h"
#include "tutti-level-tap.h"
#include "tutti-thread.h"

#define GAIN_RANGE_DB     24.0
#define SEND_MAX_DB       12.0
#define MAX_FIRST_CHANNEL 7

struct _TuttiOwnStrip {
  GObject parent_instance;

  TuttiAudioEngine *engine; /* NULL once detached */
  guint index;
  char *id;
  char *label;

  TuttiInputMode input_mode;
  guint first_channel;
  guint input_channels;
  double gain_db;
  double send_level;
  gboolean muted;
  gboolean monitor;

  TuttiStripStats stats;
  TuttiLevelTap level_tap; /* read by meters */
  TuttiLevelTap stats_tap; /* read by statistics */
  gint64 read_ns;
};

typedef enum {
  PROP_ID = 1,
  PROP_INDEX,
  PROP_LABEL,
  PROP_INPUT_MODE,
  PROP_FIRST_CHANNEL,
  PROP_CHANNELS,
  PROP_GAIN_DB,
  PROP_SEND_LEVEL,
  PROP_MUTED,
  PROP_MONITOR,
} TuttiOwnStripProperty;

static GParamSpec *properties[PROP_MONITOR + 1];

G_DEFINE_ENUM_TYPE (TuttiInputMode,
                    tutti_input_mode,
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_LEFT, "left"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_RIGHT, "right"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_BOTH, "both"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_STEREO, "stereo"))

G_DEFINE_FINAL_TYPE (TuttiOwnStrip, tutti_own_strip, G_TYPE_OBJECT)

/* A strip of two channels of which the device has only the first takes that one twice. */
static void
configure (TuttiOwnStrip *self)
{
  gboolean has_second = self->first_channel + 1 < self->input_channels;
  TuttiStripConfig config = {
    .first_channel = self->first_channel,
    .n_source_channels = 1,
    .channels = 1,
    .gain_db = (float) self->gain_db,
    .send_db = (float) self->send_level,
  };

  switch (self->input_mode) {
  case TUTTI_INPUT_MODE_RIGHT:
    config.first_channel += has_second ? 1 : 0;
    break;
  case TUTTI_INPUT_MODE_BOTH:
    config.n_source_channels = has_second ? 2 : 1;
    break;
  case TUTTI_INPUT_MODE_STEREO:
    config.n_source_channels = has_second ? 2 : 1;
    config.channels = 2;
    break;
  case TUTTI_INPUT_MODE_LEFT:
  default:
    break;
  }
  if (self->engine)
    tutti_audio_engine_configure_strip (self->engine, self->index, &config);
}

static void
set_input_mode (TuttiOwnStrip *self, TuttiInputMode mode)
{
  guint channels = tutti_own_strip_get_channels (self);

  if (self->input_mode == mode)
    return;

  self->input_mode = mode;
  configure (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_INPUT_MODE]);
  if (channels != tutti_own_strip_get_channels (self))
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHANNELS]);
}

static void
set_first_channel (TuttiOwnStrip *self, guint channel)
{
  if (self->first_channel == channel)
    return;

  self->first_channel = channel;
  configure (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FIRST_CHANNEL]);
}

static void
set_gain (TuttiOwnStrip *self, double *field, double value, TuttiOwnStripProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  configure (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_muted (TuttiOwnStrip *self, gboolean muted)
{
  if (self->muted == muted)
    return;

  self->muted = muted;
  if (self->engine)
    tutti_audio_engine_set_strip_muted (self->engine, self->index, muted);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MUTED]);
}

static void
set_monitor (TuttiOwnStrip *self, gboolean monitor)
{
  if (self->monitor == monitor)
    return;

  self->monitor = monitor;
  if (self->engine)
    tutti_audio_engine_set_strip_monitor (self->engine, self->index, monitor);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MONITOR]);
}

static void
tutti_own_strip_finalize (GObject *object)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);

  g_free (self->id);
  g_free (self->label);

  G_OBJECT_CLASS (tutti_own_strip_parent_class)->finalize (object);
}

static void
tutti_own_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);

  switch ((TuttiOwnStripProperty) id) {
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_INDEX:
    g_value_set_uint (value, self->index);
    break;
  case PROP_LABEL:
    g_value_set_string (value, self->label);
    break;
  case PROP_INPUT_MODE:
    g_value_set_enum (value, (int) self->input_mode);
    break;
  case PROP_FIRST_CHANNEL:
    g_value_set_uint (value, self->first_channel);
    break;
  case PROP_CHANNELS:
    g_value_set_uint (value, tutti_own_strip_get_channels (self));
    break;
  case PROP_GAIN_DB:
    g_value_set_double (value, self->gain_db);
    break;
  case PROP_SEND_LEVEL:
    g_value_set_double (value, self->send_level);
    break;
  case PROP_MUTED:
    g_value_set_boolean (value, self->muted);
    break;
  case PROP_MONITOR:
    g_value_set_boolean (value, self->monitor);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_own_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);
  const char *label;

  switch ((TuttiOwnStripProperty) id) {
  case PROP_LABEL:
    label = g_value_get_string (value);
    if (g_set_str (&self->label, label ? label : ""))
      g_object_notify_by_pspec (object, pspec);
    break;
  case PROP_INPUT_MODE:
    set_input_mode (self, (TuttiInputMode) g_value_get_enum (value));
    break;
  case PROP_FIRST_CHANNEL:
    set_first_channel (self, g_value_get_uint (value));
    break;
  case PROP_GAIN_DB:
    set_gain (self, &self->gain_db, g_value_get_double (value), PROP_GAIN_DB);
    break;
  case PROP_SEND_LEVEL:
    set_gain (self, &self->send_level, g_value_get_double (value), PROP_SEND_LEVEL);
    break;
  case PROP_MUTED:
    set_muted (self, g_value_get_boolean (value));
    break;
  case PROP_MONITOR:
    set_monitor (self, g_value_get_boolean (value));
    break;
  case PROP_ID:
  case PROP_INDEX:
  case PROP_CHANNELS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_own_strip_class_init (TuttiOwnStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->finalize = tutti_own_strip_finalize;
  object_class->get_property = tutti_own_strip_get_property;
  object_class->set_property = tutti_own_strip_set_property;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, ro);
  properties[PROP_INDEX] = g_param_spec_uint ("index", NULL, NULL, 0, TUTTI_MAX_STRIPS - 1, 0, ro);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, "", rw);
  properties[PROP_INPUT_MODE] = g_param_spec_enum ("input-mode", NULL, NULL, TUTTI_TYPE_INPUT_MODE,
                                                   TUTTI_INPUT_MODE_LEFT, rw);
  properties[PROP_FIRST_CHANNEL] =
      g_param_spec_uint ("first-channel", NULL, NULL, 0, MAX_FIRST_CHANNEL, 0, rw);
  properties[PROP_CHANNELS] =
      g_param_spec_uint ("channels", NULL, NULL, 1, TUTTI_MAX_CHANNELS, 1, ro);
  properties[PROP_GAIN_DB] =
      g_param_spec_double ("gain-db", NULL, NULL, -GAIN_RANGE_DB, GAIN_RANGE_DB, 0, rw);
  properties[PROP_SEND_LEVEL] =
      g_param_spec_double ("send-level", NULL, NULL, TUTTI_SILENCE_DB, SEND_MAX_DB, 0, rw);
  properties[PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, rw);
  properties[PROP_MONITOR] = g_param_spec_boolean ("monitor", NULL, NULL, FALSE, rw);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_own_strip_init (TuttiOwnStrip *self)
{
  self->input_channels = 2;
  self->read_ns = tutti_clock_now_ns ();
  tutti_level_tap_init (&self->level_tap);
  tutti_level_tap_init (&self->stats_tap);
}

TuttiOwnStrip *
tutti_own_strip_new (TuttiAudioEngine *engine, guint index, const char *id, const char *label)
{
  TuttiOwnStrip *self = g_object_new (TUTTI_TYPE_OWN_STRIP, NULL);

  self->engine = engine;
  self->index = index;
  self->id = g_strdup (id);
  self->label = g_strdup (label);

  return self;
}

void
tutti_own_strip_set_input_channels (TuttiOwnStrip *self, guint n_channels)
{
  self->input_channels = n_channels;
  configure (self);
}

void
tutti_own_strip_detach (TuttiOwnStrip *self)
{
  self->engine = NULL;
}

const char *
tutti_own_strip_get_id (TuttiOwnStrip *self)
{
  g_return_val_if_fail (TUTTI_IS_OWN_STRIP (self), NULL);

  return self->id;
}

const char *
tutti_own_strip_get_label (TuttiOwnStrip *self)
{
  g_return_val_if_fail (TUTTI_IS_OWN_STRIP (self), NULL);

  return self->label;
}

guint
tutti_own_strip_get_index (TuttiOwnStrip *self)
{
  g_return_val_if_fail (TUTTI_IS_OWN_STRIP (self), 0);

  return self->index;
}

guint
tutti_own_strip_get_channels (TuttiOwnStrip *self)
{
  g_return_val_if_fail (TUTTI_IS_OWN_STRIP (self), 1);

  return self->input_mode == TUTTI_INPUT_MODE_STEREO ? 2 : 1;
}

gboolean
tutti_own_strip_get_muted (TuttiOwnStrip *self)
{
  g_return_val_if_fail (TUTTI_IS_OWN_STRIP (self), FALSE);

  return self->muted;
}

static void
read_engine (TuttiOwnStrip *self)
{
  gint64 now = tutti_clock_now_ns ();
  double seconds = (double) (now - self->read_ns) / 1e9;

  TUTTI_ASSERT_MAIN_THREAD ();
  if (!self->engine)
    return;

  tutti_audio_engine_get_strip_stats (self->engine, self->index, &self->stats);
  tutti_level_tap_add (&self->level_tap, &self->stats.level, seconds);
  tutti_level_tap_add (&self->stats_tap, &self->stats.level, seconds);
  self->read_ns = now;
}

void
tutti_own_strip_get_level (TuttiOwnStrip *self, TuttiLevel *level)
{
  g_return_if_fail (TUTTI_IS_OWN_STRIP (self));

  read_engine (self);
  tutti_level_tap_take (&self->level_tap, level);
}

void
tutti_own_strip_get_stats (TuttiOwnStrip *self, TuttiStripStats *stats)
{
  g_return_if_fail (TUTTI_IS_OWN_STRIP (self));

  read_engine (self);
  *stats = self->stats;
  tutti_level_tap_take (&self->stats_tap, &stats->level);
}

void
tutti_own_strip_peek_stats (TuttiOwnStrip *self, TuttiStripStats *stats)
{
  g_return_if_fail (TUTTI_IS_OWN_STRIP (self));

  read_engine (self);
  *stats = self->stats;
}
