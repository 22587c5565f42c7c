/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-strip-private.h"

#include "tutti-clock.h"
#include "tutti-level-tap.h"
#include "tutti-thread.h"

#define GAIN_MAX_DB 12.0

static GParamSpec *properties[TUTTI_STRIP_PROP_QUALITY + 1];

G_DEFINE_FINAL_TYPE (TuttiStrip, tutti_strip, G_TYPE_OBJECT)

static void
silence (TuttiLevel *level)
{
  for (guint i = 0; i < TUTTI_MAX_CHANNELS; i++)
    level->peak_db[i] = level->rms_db[i] = TUTTI_SILENCE_DB;
}

static void
apply_settings (TuttiStrip *self)
{
  if (!self->remote)
    return;

  tutti_audio_remote_set_gain (self->remote, (float) self->settings.gain_db);
  tutti_audio_remote_set_pan (self->remote, (float) self->settings.pan);
  tutti_audio_remote_set_muted (self->remote, self->settings.muted);
  tutti_audio_remote_set_solo (self->remote, self->settings.solo);
  tutti_audio_remote_set_bias (self->remote, (float) self->settings.bias);
}

void
tutti_strip_set_double (TuttiStrip *self, double *field, double value, TuttiStripProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

void
tutti_strip_set_boolean (TuttiStrip *self,
                         gboolean *field,
                         gboolean value,
                         TuttiStripProperty property)
{
  value = !!value;
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Reads the engine and feeds both taps, so that no reader takes the others' peaks away. */
void
tutti_strip_refresh (TuttiStrip *self)
{
  gint64 now = tutti_clock_now_ns ();

  if (!self->remote)
    return;

  tutti_audio_remote_get_stats (self->remote, &self->stats);
  tutti_level_tap_add (&self->level_tap, &self->stats.level, (now - self->read_ns) / 1e9);
  tutti_level_tap_add (&self->stats_tap, &self->stats.level, (now - self->read_ns) / 1e9);
  self->read_ns = now;
}

static void
tutti_strip_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiStrip *self = TUTTI_STRIP (object);

  switch ((TuttiStripProperty) id) {
  case TUTTI_STRIP_PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case TUTTI_STRIP_PROP_LABEL:
    g_value_set_string (value, self->label);
    break;
  case TUTTI_STRIP_PROP_GAIN_DB:
    g_value_set_double (value, self->settings.gain_db);
    break;
  case TUTTI_STRIP_PROP_PAN:
    g_value_set_double (value, self->settings.pan);
    break;
  case TUTTI_STRIP_PROP_MUTED:
    g_value_set_boolean (value, self->settings.muted);
    break;
  case TUTTI_STRIP_PROP_SOLO:
    g_value_set_boolean (value, self->settings.solo);
    break;
  case TUTTI_STRIP_PROP_BIAS:
    g_value_set_double (value, self->settings.bias);
    break;
  case TUTTI_STRIP_PROP_SENDER_MUTED:
    g_value_set_boolean (value, self->sender_muted);
    break;
  case TUTTI_STRIP_PROP_FLOWING:
    g_value_set_boolean (value, self->flowing);
    break;
  case TUTTI_STRIP_PROP_DELAY_MS:
    g_value_set_double (value, self->delay_ms);
    break;
  case TUTTI_STRIP_PROP_DELAY_ERROR_MS:
    g_value_set_double (value, self->delay_error_ms);
    break;
  case TUTTI_STRIP_PROP_DELAY_STAGES:
    g_value_set_boxed (value, self->delay_ms >= 0 ? &self->stages : NULL);
    break;
  case TUTTI_STRIP_PROP_QUALITY:
    g_value_set_double (value, self->quality);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_strip_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiStrip *self = TUTTI_STRIP (object);

  switch ((TuttiStripProperty) id) {
  case TUTTI_STRIP_PROP_GAIN_DB:
    tutti_strip_set_double (self, &self->settings.gain_db, g_value_get_double (value),
                            TUTTI_STRIP_PROP_GAIN_DB);
    break;
  case TUTTI_STRIP_PROP_PAN:
    tutti_strip_set_double (self, &self->settings.pan, g_value_get_double (value),
                            TUTTI_STRIP_PROP_PAN);
    break;
  case TUTTI_STRIP_PROP_MUTED:
    tutti_strip_set_boolean (self, &self->settings.muted, g_value_get_boolean (value),
                             TUTTI_STRIP_PROP_MUTED);
    break;
  case TUTTI_STRIP_PROP_SOLO:
    tutti_strip_set_boolean (self, &self->settings.solo, g_value_get_boolean (value),
                             TUTTI_STRIP_PROP_SOLO);
    break;
  case TUTTI_STRIP_PROP_BIAS:
    tutti_strip_set_double (self, &self->settings.bias, g_value_get_double (value),
                            TUTTI_STRIP_PROP_BIAS);
    break;
  case TUTTI_STRIP_PROP_ID:
  case TUTTI_STRIP_PROP_LABEL:
  case TUTTI_STRIP_PROP_SENDER_MUTED:
  case TUTTI_STRIP_PROP_FLOWING:
  case TUTTI_STRIP_PROP_DELAY_MS:
  case TUTTI_STRIP_PROP_DELAY_ERROR_MS:
  case TUTTI_STRIP_PROP_DELAY_STAGES:
  case TUTTI_STRIP_PROP_QUALITY:
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    return;
  }

  apply_settings (self);
}

static void
tutti_strip_finalize (GObject *object)
{
  TuttiStrip *self = TUTTI_STRIP (object);

  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->label, g_free);

  G_OBJECT_CLASS (tutti_strip_parent_class)->finalize (object);
}

static void
tutti_strip_class_init (TuttiStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags ro = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;
  GParamFlags rw = G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY;

  object_class->get_property = tutti_strip_get_property;
  object_class->set_property = tutti_strip_set_property;
  object_class->finalize = tutti_strip_finalize;

  properties[TUTTI_STRIP_PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, ro);
  properties[TUTTI_STRIP_PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, ro);
  properties[TUTTI_STRIP_PROP_GAIN_DB] =
      g_param_spec_double ("gain-db", NULL, NULL, TUTTI_SILENCE_DB, GAIN_MAX_DB, 0, rw);
  properties[TUTTI_STRIP_PROP_PAN] = g_param_spec_double ("pan", NULL, NULL, -1, 1, 0, rw);
  properties[TUTTI_STRIP_PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, rw);
  properties[TUTTI_STRIP_PROP_SOLO] = g_param_spec_boolean ("solo", NULL, NULL, FALSE, rw);
  properties[TUTTI_STRIP_PROP_BIAS] = g_param_spec_double ("bias", NULL, NULL, 0, 1, 0.5, rw);
  properties[TUTTI_STRIP_PROP_SENDER_MUTED] =
      g_param_spec_boolean ("sender-muted", NULL, NULL, FALSE, ro);
  properties[TUTTI_STRIP_PROP_FLOWING] = g_param_spec_boolean ("flowing", NULL, NULL, FALSE, ro);
  properties[TUTTI_STRIP_PROP_DELAY_MS] =
      g_param_spec_double ("delay-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[TUTTI_STRIP_PROP_DELAY_ERROR_MS] =
      g_param_spec_double ("delay-error-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[TUTTI_STRIP_PROP_DELAY_STAGES] =
      g_param_spec_boxed ("delay-stages", NULL, NULL, TUTTI_TYPE_DELAY_STAGES, ro);
  properties[TUTTI_STRIP_PROP_QUALITY] = g_param_spec_double ("quality", NULL, NULL, 0, 1, 1, ro);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_strip_init (TuttiStrip *self)
{
  self->settings.bias = 0.5;
  self->delay_ms = self->delay_error_ms = -1;
  self->quality = 1;
  self->detached_since = tutti_clock_now_ns ();
  silence (&self->stats.level);
  tutti_level_tap_init (&self->level_tap);
  tutti_level_tap_init (&self->stats_tap);
}

TuttiStrip *
tutti_strip_new (const char *id, const char *label)
{
  TuttiStrip *self;

  TUTTI_ASSERT_MAIN_THREAD ();

  self = g_object_new (TUTTI_TYPE_STRIP, NULL);
  self->id = g_strdup (id);
  self->label = g_strdup (label ? label : "");

  return self;
}

const char *
tutti_strip_get_id (TuttiStrip *self)
{
  return self->id;
}

void
tutti_strip_set_label (TuttiStrip *self, const char *label)
{
  if (g_set_str (&self->label, label ? label : ""))
    g_object_notify_by_pspec (G_OBJECT (self), properties[TUTTI_STRIP_PROP_LABEL]);
}

void
tutti_strip_get_settings (TuttiStrip *self, TuttiStripSettings *settings)
{
  *settings = self->settings;
}

void
tutti_strip_set_settings (TuttiStrip *self, const TuttiStripSettings *settings)
{
  g_object_set (self, "gain-db", settings->gain_db, "pan", settings->pan, "bias", settings->bias,
                "muted", settings->muted, "solo", settings->solo, NULL);
}

/**
 * tutti_strip_attach:
 * @remote: (transfer none): plays this strip from now on
 * @lookahead_samples: by how much its decoder's output lags what was encoded
 */
void
tutti_strip_attach (TuttiStrip *self, TuttiAudioRemote *remote, guint lookahead_samples)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  self->remote = remote;
  self->known = TRUE;
  self->lookahead_samples = lookahead_samples;
  self->read_ns = tutti_clock_now_ns ();
  self->n_window = self->next_window = self->n_there = 0;
  self->capture_known = FALSE;
  apply_settings (self);
}

void
tutti_strip_detach (TuttiStrip *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->remote)
    return;

  tutti_strip_refresh (self);
  self->remote = NULL;
  self->detached_since = tutti_clock_now_ns ();
  self->capture_known = FALSE;
  tutti_strip_set_boolean (self, &self->flowing, FALSE, TUTTI_STRIP_PROP_FLOWING);
  tutti_strip_set_stages (self, NULL);
}

TuttiAudioRemote *
tutti_strip_get_remote (TuttiStrip *self)
{
  return self->remote;
}

/**
 * tutti_strip_get_detached_since:
 *
 * Returns: CLOCK_MONOTONIC in ns since when nothing plays this strip; 0 while something does
 */
gint64
tutti_strip_get_detached_since (TuttiStrip *self)
{
  return self->remote ? 0 : self->detached_since;
}

gboolean
tutti_strip_is_known (TuttiStrip *self)
{
  return self->known;
}

void
tutti_strip_set_known (TuttiStrip *self)
{
  self->known = TRUE;
}

void
tutti_strip_set_sender_muted (TuttiStrip *self, gboolean sender_muted)
{
  tutti_strip_set_boolean (self, &self->sender_muted, sender_muted, TUTTI_STRIP_PROP_SENDER_MUTED);
}

/* What is told of the network are its quickest packets: those that also left soonest after they
 * were captured. A pair is of any packet. */
static void
note_sending (TuttiStrip *self)
{
  gint64 least = self->capture.sent_us - self->capture.room_time_us;

  if (self->there_wire != self->stats.wire || self->there_frame != self->stats.frame_samples)
    self->n_there = 0;
  self->there_wire = self->stats.wire;
  self->there_frame = self->stats.frame_samples;

  self->there_us[self->n_there % TUTTI_STRIP_WINDOW] = least;
  self->n_there++;
  for (guint i = 0; i < MIN (self->n_there, TUTTI_STRIP_WINDOW); i++)
    least = MIN (least, self->there_us[i]);
  self->capture.sent_us = self->capture.room_time_us + least;
}

void
tutti_strip_set_capture_clock (TuttiStrip *self, const TuttiCaptureClock *clock)
{
  self->capture = *clock;
  self->capture_known = TRUE;
  if (clock->sent_us >= 0)
    note_sending (self);
}

/**
 * tutti_strip_get_level:
 * @level: (out): peak and RMS since the last call, before the fader
 *
 * For a meter: one reader.
 */
void
tutti_strip_get_level (TuttiStrip *self, TuttiLevel *level)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  tutti_strip_refresh (self);
  tutti_level_tap_take (&self->level_tap, level);
}

/**
 * tutti_strip_get_stats:
 * @stats: (out): the engine's numbers; `level` is since the last call of this function
 *
 * For statistics: one reader, which does not disturb the meter's.
 */
void
tutti_strip_get_stats (TuttiStrip *self, TuttiRemoteStats *stats)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  tutti_strip_refresh (self);
  *stats = self->stats;
  tutti_level_tap_take (&self->stats_tap, &stats->level);
}

const TuttiRemoteStats *
tutti_strip_peek_stats (TuttiStrip *self)
{
  tutti_strip_refresh (self);

  return &self->stats;
}

/**
 * tutti_strip_set_stages:
 * @stages: (nullable): %NULL: the delay is not known
 */
void
tutti_strip_set_stages (TuttiStrip *self, const TuttiDelayStages *stages)
{
  self->stages = stages ? *stages : (TuttiDelayStages) { 0 };
  tutti_strip_set_double (self, &self->delay_ms, stages ? MAX (stages->delay_ms, 0) : -1,
                          TUTTI_STRIP_PROP_DELAY_MS);
  tutti_strip_set_double (self, &self->delay_error_ms, stages ? stages->error_ms : -1,
                          TUTTI_STRIP_PROP_DELAY_ERROR_MS);
  g_object_notify_by_pspec (G_OBJECT (self), properties[TUTTI_STRIP_PROP_DELAY_STAGES]);
}

/**
 * tutti_strip_get_delay:
 * @delay_ms: (out): capture there → playback here
 * @error_ms: (out): ±
 *
 * Returns: whether it is known
 */
gboolean
tutti_strip_get_delay (TuttiStrip *self, double *delay_ms, double *error_ms)
{
  *delay_ms = self->stages.delay_ms;
  *error_ms = self->delay_error_ms;

  return self->delay_ms >= 0;
}

/**
 * tutti_strip_get_history:
 * @points: (out) (array length=n): the newest, oldest first
 *
 * A point a second, for the last minute.
 *
 * Returns: how many there are, at most @n
 */
guint
tutti_strip_get_history (TuttiStrip *self, TuttiDelayPoint *points, guint n)
{
  return tutti_delay_history_get (&self->history, points, n);
}
