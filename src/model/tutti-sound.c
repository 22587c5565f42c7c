/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

#define GAIN_RANGE_DB   24.0
#define OUTPUT_MAX_DB   12.0
#define DEFAULT_QUANTUM 64
#define DEFAULT_FADE_IN 1000
#define TEST_SPEC       "groove:120"
#define TEST_GAIN_DB    (-12.0f)

static GParamSpec *properties[TUTTI_SOUND_PROP_LOCAL_LATENCY_MS + 1];

G_DEFINE_ENUM_TYPE (TuttiInputMode,
                    tutti_input_mode,
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_LEFT, "left"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_RIGHT, "right"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_BOTH, "both"),
                    G_DEFINE_ENUM_VALUE (TUTTI_INPUT_MODE_STEREO, "stereo"))

G_DEFINE_FINAL_TYPE (TuttiSound, tutti_sound, G_TYPE_OBJECT)

void
tutti_sound_notify (TuttiSound *self, TuttiSoundProperty property)
{
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/**
 * tutti_sound_take_error:
 * @error: (transfer full) (nullable): what is wrong now
 *
 * The one road for the sound's errors. Says nothing when nothing changed.
 */
void
tutti_sound_take_error (TuttiSound *self, GError *error)
{
  gboolean same =
      (!error && !self->error) ||
      (error && self->error && error->domain == self->error->domain &&
       error->code == self->error->code && g_str_equal (error->message, self->error->message));

  if (same) {
    g_clear_error (&error);
    return;
  }

  g_clear_error (&self->error);
  self->error = error;
  tutti_sound_notify (self, TUTTI_SOUND_PROP_ERROR);
}

/* How many channels the input really has: a mono device feeds only the first. */
static guint
input_channels (TuttiSound *self)
{
  TuttiSoundSide *side = &self->sides[TUTTI_DEVICE_INPUT];

  if (self->source)
    return tutti_audio_source_get_channels (self->source);
  if (side->active)
    return MAX (tutti_device_get_channels (side->active), 1);

  return 2;
}

static void
fill_strip_config (TuttiSound *self, TuttiStripConfig *config)
{
  gboolean mono = input_channels (self) < 2;

  *config = (TuttiStripConfig) {
    .n_source_channels = 1,
    .channels = 1,
    .gain_db = (float) self->input_gain,
  };

  switch (self->input_mode) {
  case TUTTI_INPUT_MODE_RIGHT:
    config->first_channel = mono ? 0 : 1;
    break;
  case TUTTI_INPUT_MODE_BOTH:
    config->n_source_channels = mono ? 1 : 2;
    break;
  case TUTTI_INPUT_MODE_STEREO:
    config->n_source_channels = mono ? 1 : 2;
    config->channels = 2;
    break;
  case TUTTI_INPUT_MODE_LEFT:
  default:
    break;
  }
}

void
tutti_sound_configure_strip (TuttiSound *self)
{
  TuttiStripConfig config;

  fill_strip_config (self, &config);
  tutti_audio_engine_configure_strip (self->engine, TUTTI_SOUND_STRIP, &config);
}

static double
local_latency_ms (TuttiSound *self)
{
  if (!self->running || self->rate == 0)
    return 0;

  return 2000.0 * self->granted_quantum / self->rate;
}

static void
set_input_mode (TuttiSound *self, TuttiInputMode mode)
{
  if (self->input_mode == mode)
    return;

  self->input_mode = mode;
  tutti_sound_configure_strip (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_INPUT_MODE);
}

static void
set_gain (TuttiSound *self, double *field, double value, TuttiSoundProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  if (property == TUTTI_SOUND_PROP_INPUT_GAIN)
    tutti_sound_configure_strip (self);
  else
    tutti_audio_engine_set_output_gain (self->engine, (float) value);
  tutti_sound_notify (self, property);
}

static void
set_muted (TuttiSound *self, gboolean muted)
{
  if (self->muted == muted)
    return;

  self->muted = muted;
  tutti_audio_engine_set_strip_muted (self->engine, TUTTI_SOUND_STRIP, muted);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_MUTED);
}

static void
set_monitor (TuttiSound *self, gboolean monitor)
{
  if (self->monitor == monitor)
    return;

  self->monitor = monitor;
  tutti_audio_engine_set_strip_monitor (self->engine, TUTTI_SOUND_STRIP, monitor);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_MONITOR);
}

static void
set_fade_in (TuttiSound *self, guint ms)
{
  if (self->fade_in == ms)
    return;

  self->fade_in = ms;
  tutti_audio_engine_set_fade_in (self->engine, ms);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_FADE_IN);
}

static void
set_quantum (TuttiSound *self, guint quantum)
{
  if (self->quantum == quantum)
    return;

  self->quantum = quantum;
  if (self->node)
    tutti_pw_node_set_quantum (self->node, quantum, FALSE);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_QUANTUM);
}

static void
tutti_sound_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiSound *self = TUTTI_SOUND (object);

  switch ((TuttiSoundProperty) id) {
  case TUTTI_SOUND_PROP_RUNNING:
    g_value_set_boolean (value, self->running);
    break;
  case TUTTI_SOUND_PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  case TUTTI_SOUND_PROP_INPUT_DEVICE:
    g_value_set_string (value, self->sides[TUTTI_DEVICE_INPUT].wanted);
    break;
  case TUTTI_SOUND_PROP_OUTPUT_DEVICE:
    g_value_set_string (value, self->sides[TUTTI_DEVICE_OUTPUT].wanted);
    break;
  case TUTTI_SOUND_PROP_ACTIVE_INPUT:
    g_value_set_object (value, self->sides[TUTTI_DEVICE_INPUT].active);
    break;
  case TUTTI_SOUND_PROP_ACTIVE_OUTPUT:
    g_value_set_object (value, self->sides[TUTTI_DEVICE_OUTPUT].active);
    break;
  case TUTTI_SOUND_PROP_INPUT_MODE:
    g_value_set_enum (value, (int) self->input_mode);
    break;
  case TUTTI_SOUND_PROP_INPUT_GAIN:
    g_value_set_double (value, self->input_gain);
    break;
  case TUTTI_SOUND_PROP_MUTED:
    g_value_set_boolean (value, self->muted);
    break;
  case TUTTI_SOUND_PROP_MONITOR:
    g_value_set_boolean (value, self->monitor);
    break;
  case TUTTI_SOUND_PROP_OUTPUT_GAIN:
    g_value_set_double (value, self->output_gain);
    break;
  case TUTTI_SOUND_PROP_FADE_IN:
    g_value_set_uint (value, self->fade_in);
    break;
  case TUTTI_SOUND_PROP_QUANTUM:
    g_value_set_uint (value, self->quantum);
    break;
  case TUTTI_SOUND_PROP_GRANTED_QUANTUM:
    g_value_set_uint (value, self->granted_quantum);
    break;
  case TUTTI_SOUND_PROP_RATE:
    g_value_set_uint (value, self->rate);
    break;
  case TUTTI_SOUND_PROP_REALTIME:
    g_value_set_boolean (value, self->realtime);
    break;
  case TUTTI_SOUND_PROP_LOCAL_LATENCY_MS:
    g_value_set_double (value, local_latency_ms (self));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_sound_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiSound *self = TUTTI_SOUND (object);

  switch ((TuttiSoundProperty) id) {
  case TUTTI_SOUND_PROP_INPUT_DEVICE:
    tutti_sound_set_wanted (self, TUTTI_DEVICE_INPUT, g_value_get_string (value));
    break;
  case TUTTI_SOUND_PROP_OUTPUT_DEVICE:
    tutti_sound_set_wanted (self, TUTTI_DEVICE_OUTPUT, g_value_get_string (value));
    break;
  case TUTTI_SOUND_PROP_INPUT_MODE:
    set_input_mode (self, (TuttiInputMode) g_value_get_enum (value));
    break;
  case TUTTI_SOUND_PROP_INPUT_GAIN:
    set_gain (self, &self->input_gain, g_value_get_double (value), TUTTI_SOUND_PROP_INPUT_GAIN);
    break;
  case TUTTI_SOUND_PROP_MUTED:
    set_muted (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_MONITOR:
    set_monitor (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_OUTPUT_GAIN:
    set_gain (self, &self->output_gain, g_value_get_double (value), TUTTI_SOUND_PROP_OUTPUT_GAIN);
    break;
  case TUTTI_SOUND_PROP_FADE_IN:
    set_fade_in (self, g_value_get_uint (value));
    break;
  case TUTTI_SOUND_PROP_QUANTUM:
    set_quantum (self, g_value_get_uint (value));
    break;
  case TUTTI_SOUND_PROP_RUNNING:
  case TUTTI_SOUND_PROP_ERROR:
  case TUTTI_SOUND_PROP_ACTIVE_INPUT:
  case TUTTI_SOUND_PROP_ACTIVE_OUTPUT:
  case TUTTI_SOUND_PROP_GRANTED_QUANTUM:
  case TUTTI_SOUND_PROP_RATE:
  case TUTTI_SOUND_PROP_REALTIME:
  case TUTTI_SOUND_PROP_LOCAL_LATENCY_MS:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_sound_finalize (GObject *object)
{
  TuttiSound *self = TUTTI_SOUND (object);

  tutti_sound_stop (self);
  tutti_sound_close_output (self, NULL);
  g_clear_pointer (&self->engine, tutti_audio_engine_free);
  g_clear_pointer (&self->source, tutti_audio_source_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++) {
    g_clear_pointer (&self->sides[i].wanted, g_free);
    g_clear_pointer (&self->sides[i].gone, g_free);
    g_clear_pointer (&self->sides[i].gone_name, g_free);
    g_clear_object (&self->sides[i].active);
  }
  g_clear_object (&self->registry);
  g_clear_error (&self->error);

  G_OBJECT_CLASS (tutti_sound_parent_class)->finalize (object);
}

static void
install_properties (GObjectClass *object_class)
{
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  properties[TUTTI_SOUND_PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, ro);
  properties[TUTTI_SOUND_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, ro);
  properties[TUTTI_SOUND_PROP_INPUT_DEVICE] =
      g_param_spec_string ("input-device", NULL, NULL, NULL, rw);
  properties[TUTTI_SOUND_PROP_OUTPUT_DEVICE] =
      g_param_spec_string ("output-device", NULL, NULL, NULL, rw);
  properties[TUTTI_SOUND_PROP_ACTIVE_INPUT] =
      g_param_spec_object ("active-input", NULL, NULL, TUTTI_TYPE_DEVICE, ro);
  properties[TUTTI_SOUND_PROP_ACTIVE_OUTPUT] =
      g_param_spec_object ("active-output", NULL, NULL, TUTTI_TYPE_DEVICE, ro);
  properties[TUTTI_SOUND_PROP_INPUT_MODE] = g_param_spec_enum (
      "input-mode", NULL, NULL, TUTTI_TYPE_INPUT_MODE, TUTTI_INPUT_MODE_LEFT, rw);
  properties[TUTTI_SOUND_PROP_INPUT_GAIN] =
      g_param_spec_double ("input-gain", NULL, NULL, -GAIN_RANGE_DB, GAIN_RANGE_DB, 0, rw);
  properties[TUTTI_SOUND_PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, rw);
  properties[TUTTI_SOUND_PROP_MONITOR] = g_param_spec_boolean ("monitor", NULL, NULL, FALSE, rw);
  properties[TUTTI_SOUND_PROP_OUTPUT_GAIN] =
      g_param_spec_double ("output-gain", NULL, NULL, TUTTI_SILENCE_DB, OUTPUT_MAX_DB, 0, rw);
  properties[TUTTI_SOUND_PROP_FADE_IN] =
      g_param_spec_uint ("fade-in", NULL, NULL, 0, 60000, DEFAULT_FADE_IN, rw);
  properties[TUTTI_SOUND_PROP_QUANTUM] =
      g_param_spec_uint ("quantum", NULL, NULL, 16, TUTTI_MAX_QUANTUM, DEFAULT_QUANTUM, rw);
  properties[TUTTI_SOUND_PROP_GRANTED_QUANTUM] =
      g_param_spec_uint ("granted-quantum", NULL, NULL, 0, G_MAXUINT, 0, ro);
  properties[TUTTI_SOUND_PROP_RATE] = g_param_spec_uint ("rate", NULL, NULL, 0, G_MAXUINT, 0, ro);
  properties[TUTTI_SOUND_PROP_REALTIME] = g_param_spec_boolean ("realtime", NULL, NULL, FALSE, ro);
  properties[TUTTI_SOUND_PROP_LOCAL_LATENCY_MS] =
      g_param_spec_double ("local-latency-ms", NULL, NULL, 0, G_MAXDOUBLE, 0, ro);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_sound_class_init (TuttiSoundClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tutti_sound_get_property;
  object_class->set_property = tutti_sound_set_property;
  object_class->finalize = tutti_sound_finalize;
  install_properties (object_class);
}

static void
tutti_sound_init (TuttiSound *self)
{
  TuttiStripConfig config = { .n_source_channels = 1, .channels = 1 };
  g_autoptr (GError) error = NULL;

  self->sides[TUTTI_DEVICE_INPUT].device = TRUE;
  self->sides[TUTTI_DEVICE_OUTPUT].device = TRUE;
  self->quantum = DEFAULT_QUANTUM;
  self->registry = tutti_device_registry_new ();
  tutti_sound_follow_devices (self);
  self->strip_read_ns = tutti_clock_now_ns ();
  tutti_level_tap_init (&self->input_tap);
  tutti_level_tap_init (&self->own_tap);

  self->engine = tutti_audio_engine_new ();
  self->fade_in = DEFAULT_FADE_IN;
  tutti_audio_engine_set_fade_in (self->engine, self->fade_in);
  if (tutti_audio_engine_add_strip (self->engine, &config, &error) != TUTTI_SOUND_STRIP)
    g_error ("A new engine has no room for its first strip: %s", error ? error->message : "?");
}

TuttiSound *
tutti_sound_new (void)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_SOUND, NULL);
}

GListModel *
tutti_sound_get_inputs (TuttiSound *self)
{
  return tutti_device_registry_get_inputs (self->registry);
}

GListModel *
tutti_sound_get_outputs (TuttiSound *self)
{
  return tutti_device_registry_get_outputs (self->registry);
}

void
tutti_sound_play_test (TuttiSound *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  g_autoptr (GError) error = NULL;
  TuttiAudioSource *source = tutti_audio_source_parse (TEST_SPEC, &error);

  if (source)
    tutti_audio_engine_play (self->engine, source, TEST_GAIN_DB, TUTTI_SAMPLE_RATE);
  else
    tutti_sound_take_error (self, g_steal_pointer (&error));
}

const GError *
tutti_sound_get_error (TuttiSound *self)
{
  return self->error;
}

TuttiAudioEngine *
tutti_sound_get_engine (TuttiSound *self)
{
  return self->engine;
}

guint
tutti_sound_get_channels (TuttiSound *self)
{
  return self->input_mode == TUTTI_INPUT_MODE_STEREO ? 2 : 1;
}

gboolean
tutti_sound_get_muted (TuttiSound *self)
{
  return self->muted;
}

gint64
tutti_sound_get_capture_ns (TuttiSound *self)
{
  if (!self->sides[TUTTI_DEVICE_INPUT].device || self->rate == 0)
    return 0;

  return self->granted_quantum * TUTTI_NSEC_PER_SEC / self->rate;
}
