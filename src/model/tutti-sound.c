/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include "tutti-own-strip-private.h"
#include "tutti-thread.h"

#define GAIN_RANGE_DB   24.0
#define OUTPUT_MAX_DB   12.0
#define CLICK_MIN_DB    (-60.0)
#define CLICK_MAX_DB    12.0
#define CLICK_GAIN_DB   (-12.0)
#define DEFAULT_QUANTUM 64
#define DEFAULT_FADE_IN 1000

static GParamSpec *properties[TUTTI_SOUND_PROP_FEEDBACK_COUNT + 1];
static guint offered_signal;

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

void
tutti_sound_offer (TuttiSound *self, TuttiDevice *device)
{
  g_signal_emit (self, offered_signal, 0, device);
}

static void
set_output_gain (TuttiSound *self, double gain_db)
{
  if (G_APPROX_VALUE (self->output_gain, gain_db, 1e-9))
    return;

  self->output_gain = gain_db;
  tutti_audio_engine_set_output_gain (self->engine, (float) gain_db);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_OUTPUT_GAIN);
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

/* Four of our properties are the main strip's. */
static const char *
main_strip_property (TuttiSoundProperty property)
{
  switch ((int) property) {
  case TUTTI_SOUND_PROP_INPUT_MODE:
    return "input-mode";
  case TUTTI_SOUND_PROP_INPUT_GAIN:
    return "gain-db";
  case TUTTI_SOUND_PROP_MUTED:
    return "muted";
  case TUTTI_SOUND_PROP_MONITOR:
  default:
    return "monitor";
  }
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
  case TUTTI_SOUND_PROP_INPUT_GAIN:
  case TUTTI_SOUND_PROP_MUTED:
  case TUTTI_SOUND_PROP_MONITOR:
    g_object_get_property (G_OBJECT (tutti_sound_get_main_strip (self)), main_strip_property (id),
                           value);
    break;
  case TUTTI_SOUND_PROP_OUTPUT_GAIN:
    g_value_set_double (value, self->output_gain);
    break;
  case TUTTI_SOUND_PROP_FADE_IN:
    g_value_set_uint (value, self->fade_in);
    break;
  case TUTTI_SOUND_PROP_QUANTUM:
    g_value_set_uint (value, self->quantum.wanted);
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
    g_value_set_double (value, tutti_sound_get_local_latency (self));
    break;
  case TUTTI_SOUND_PROP_OWN_STRIPS:
    g_value_set_object (value, self->own_strips);
    break;
  case TUTTI_SOUND_PROP_ADAPT_QUANTUM:
    g_value_set_boolean (value, self->adapt_quantum);
    break;
  case TUTTI_SOUND_PROP_QUANTUM_REASON:
    g_value_set_string (value, self->quantum_reason);
    break;
  case TUTTI_SOUND_PROP_XRUNS:
    g_value_set_uint (value, self->xruns);
    break;
  case TUTTI_SOUND_PROP_REALTIME_REASON:
    g_value_set_string (value, self->realtime_reason);
    break;
  case TUTTI_SOUND_PROP_STEMS:
    g_value_set_boolean (value, self->stems);
    break;
  case TUTTI_SOUND_PROP_CLICK_GAIN:
    g_value_set_double (value, self->click.gain_db);
    break;
  case TUTTI_SOUND_PROP_CLICK_AUDIBLE:
    g_value_set_boolean (value, self->click.audible);
    break;
  case TUTTI_SOUND_PROP_FEEDBACK_GUARD:
    g_value_set_boolean (value, self->feedback_guard);
    break;
  case TUTTI_SOUND_PROP_FEEDBACK_DB:
    g_value_set_double (value, self->feedback_db);
    break;
  case TUTTI_SOUND_PROP_FEEDBACK_COUNT:
    g_value_set_uint (value, self->feedback_count);
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
  case TUTTI_SOUND_PROP_INPUT_GAIN:
  case TUTTI_SOUND_PROP_MUTED:
  case TUTTI_SOUND_PROP_MONITOR:
    g_object_set_property (G_OBJECT (tutti_sound_get_main_strip (self)), main_strip_property (id),
                           value);
    break;
  case TUTTI_SOUND_PROP_OUTPUT_GAIN:
    set_output_gain (self, g_value_get_double (value));
    break;
  case TUTTI_SOUND_PROP_FADE_IN:
    set_fade_in (self, g_value_get_uint (value));
    break;
  case TUTTI_SOUND_PROP_QUANTUM:
    tutti_sound_set_quantum (self, g_value_get_uint (value));
    break;
  case TUTTI_SOUND_PROP_ADAPT_QUANTUM:
    tutti_sound_set_adapt_quantum (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_STEMS:
    tutti_sound_set_stems (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_CLICK_GAIN:
    tutti_sound_set_click_gain (self, g_value_get_double (value));
    break;
  case TUTTI_SOUND_PROP_CLICK_AUDIBLE:
    tutti_sound_set_click_audible (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_FEEDBACK_GUARD:
    tutti_sound_set_feedback_guard (self, g_value_get_boolean (value));
    break;
  case TUTTI_SOUND_PROP_RUNNING:
  case TUTTI_SOUND_PROP_ERROR:
  case TUTTI_SOUND_PROP_ACTIVE_INPUT:
  case TUTTI_SOUND_PROP_ACTIVE_OUTPUT:
  case TUTTI_SOUND_PROP_GRANTED_QUANTUM:
  case TUTTI_SOUND_PROP_RATE:
  case TUTTI_SOUND_PROP_REALTIME:
  case TUTTI_SOUND_PROP_LOCAL_LATENCY_MS:
  case TUTTI_SOUND_PROP_OWN_STRIPS:
  case TUTTI_SOUND_PROP_QUANTUM_REASON:
  case TUTTI_SOUND_PROP_XRUNS:
  case TUTTI_SOUND_PROP_REALTIME_REASON:
  case TUTTI_SOUND_PROP_FEEDBACK_DB:
  case TUTTI_SOUND_PROP_FEEDBACK_COUNT:
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
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (self->own_strips)); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (G_LIST_MODEL (self->own_strips), i);

    tutti_own_strip_detach (strip);
  }
  g_clear_object (&self->own_strips);
  g_clear_pointer (&self->stem_list, g_ptr_array_unref);
  g_clear_pointer (&self->engine, tutti_audio_engine_free);
  g_clear_pointer (&self->source, tutti_audio_source_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->sides); i++) {
    g_clear_pointer (&self->sides[i].wanted, g_free);
    g_clear_pointer (&self->sides[i].gone, g_free);
    g_clear_object (&self->sides[i].active);
  }
  g_clear_object (&self->registry);
  g_clear_error (&self->error);
  g_clear_pointer (&self->quantum_reason, g_free);
  g_clear_pointer (&self->realtime_reason, g_free);

  G_OBJECT_CLASS (tutti_sound_parent_class)->finalize (object);
}

#define RO (G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)
#define RW (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY)

static void
define_devices_and_strips (void)
{
  properties[TUTTI_SOUND_PROP_RUNNING] = g_param_spec_boolean ("running", NULL, NULL, FALSE, RO);
  properties[TUTTI_SOUND_PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, RO);
  properties[TUTTI_SOUND_PROP_INPUT_DEVICE] =
      g_param_spec_string ("input-device", NULL, NULL, NULL, RW);
  properties[TUTTI_SOUND_PROP_OUTPUT_DEVICE] =
      g_param_spec_string ("output-device", NULL, NULL, NULL, RW);
  properties[TUTTI_SOUND_PROP_ACTIVE_INPUT] =
      g_param_spec_object ("active-input", NULL, NULL, TUTTI_TYPE_DEVICE, RO);
  properties[TUTTI_SOUND_PROP_ACTIVE_OUTPUT] =
      g_param_spec_object ("active-output", NULL, NULL, TUTTI_TYPE_DEVICE, RO);
  properties[TUTTI_SOUND_PROP_INPUT_MODE] = g_param_spec_enum (
      "input-mode", NULL, NULL, TUTTI_TYPE_INPUT_MODE, TUTTI_INPUT_MODE_LEFT, RW);
  properties[TUTTI_SOUND_PROP_INPUT_GAIN] =
      g_param_spec_double ("input-gain", NULL, NULL, -GAIN_RANGE_DB, GAIN_RANGE_DB, 0, RW);
  properties[TUTTI_SOUND_PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, RW);
  properties[TUTTI_SOUND_PROP_MONITOR] = g_param_spec_boolean ("monitor", NULL, NULL, FALSE, RW);
  properties[TUTTI_SOUND_PROP_OWN_STRIPS] =
      g_param_spec_object ("own-strips", NULL, NULL, G_TYPE_LIST_MODEL, RO);
}

static void
define_graph (void)
{
  properties[TUTTI_SOUND_PROP_QUANTUM] =
      g_param_spec_uint ("quantum", NULL, NULL, 16, TUTTI_MAX_QUANTUM, DEFAULT_QUANTUM, RW);
  properties[TUTTI_SOUND_PROP_GRANTED_QUANTUM] =
      g_param_spec_uint ("granted-quantum", NULL, NULL, 0, G_MAXUINT, 0, RO);
  properties[TUTTI_SOUND_PROP_QUANTUM_REASON] =
      g_param_spec_string ("quantum-reason", NULL, NULL, NULL, RO);
  properties[TUTTI_SOUND_PROP_ADAPT_QUANTUM] =
      g_param_spec_boolean ("adapt-quantum", NULL, NULL, TRUE, RW);
  properties[TUTTI_SOUND_PROP_XRUNS] = g_param_spec_uint ("xruns", NULL, NULL, 0, G_MAXUINT, 0, RO);
  properties[TUTTI_SOUND_PROP_RATE] = g_param_spec_uint ("rate", NULL, NULL, 0, G_MAXUINT, 0, RO);
  properties[TUTTI_SOUND_PROP_REALTIME] = g_param_spec_boolean ("realtime", NULL, NULL, FALSE, RO);
  properties[TUTTI_SOUND_PROP_REALTIME_REASON] =
      g_param_spec_string ("realtime-reason", NULL, NULL, NULL, RO);
  properties[TUTTI_SOUND_PROP_LOCAL_LATENCY_MS] =
      g_param_spec_double ("local-latency-ms", NULL, NULL, 0, G_MAXDOUBLE, 0, RO);
}

static void
define_mix (void)
{
  properties[TUTTI_SOUND_PROP_OUTPUT_GAIN] =
      g_param_spec_double ("output-gain", NULL, NULL, TUTTI_SILENCE_DB, OUTPUT_MAX_DB, 0, RW);
  properties[TUTTI_SOUND_PROP_FADE_IN] =
      g_param_spec_uint ("fade-in", NULL, NULL, 0, 60000, DEFAULT_FADE_IN, RW);
  properties[TUTTI_SOUND_PROP_STEMS] = g_param_spec_boolean ("stems", NULL, NULL, FALSE, RW);
  properties[TUTTI_SOUND_PROP_CLICK_GAIN] =
      g_param_spec_double ("click-gain", NULL, NULL, CLICK_MIN_DB, CLICK_MAX_DB, CLICK_GAIN_DB, RW);
  properties[TUTTI_SOUND_PROP_CLICK_AUDIBLE] =
      g_param_spec_boolean ("click-audible", NULL, NULL, FALSE, RW);
  properties[TUTTI_SOUND_PROP_FEEDBACK_GUARD] =
      g_param_spec_boolean ("feedback-guard", NULL, NULL, TRUE, RW);
  properties[TUTTI_SOUND_PROP_FEEDBACK_DB] =
      g_param_spec_double ("feedback-db", NULL, NULL, -G_MAXDOUBLE, 0, 0, RO);
  properties[TUTTI_SOUND_PROP_FEEDBACK_COUNT] =
      g_param_spec_uint ("feedback-count", NULL, NULL, 0, G_MAXUINT, 0, RO);
}

static void
tutti_sound_class_init (TuttiSoundClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = tutti_sound_get_property;
  object_class->set_property = tutti_sound_set_property;
  object_class->finalize = tutti_sound_finalize;
  define_devices_and_strips ();
  define_graph ();
  define_mix ();
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
  offered_signal = g_signal_new ("device-offered", TUTTI_TYPE_SOUND, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 1, TUTTI_TYPE_DEVICE);
}

static void
tutti_sound_init (TuttiSound *self)
{
  self->sides[TUTTI_DEVICE_INPUT].device = TRUE;
  self->sides[TUTTI_DEVICE_OUTPUT].device = TRUE;
  self->adapt_quantum = TRUE;
  tutti_quantum_init (&self->quantum, DEFAULT_QUANTUM, g_get_monotonic_time ());
  self->registry = tutti_device_registry_new ();
  tutti_sound_follow_devices (self);

  self->engine = tutti_audio_engine_new ();
  self->fade_in = DEFAULT_FADE_IN;
  tutti_audio_engine_set_fade_in (self->engine, self->fade_in);
  self->click.gain_db = CLICK_GAIN_DB;
  tutti_sound_init_mix (self);
  tutti_sound_init_strips (self);
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

GListModel *
tutti_sound_get_cameras (TuttiSound *self)
{
  return tutti_device_registry_get_cameras (self->registry);
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
