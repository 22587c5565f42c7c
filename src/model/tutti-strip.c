/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-strip-private.h"

#include "tutti-clock.h"
#include "tutti-level-tap.h"
#include "tutti-thread.h"

#define QUALITY_WINDOW 10 /* ticks of 1 s */
#define GAIN_MAX_DB    12.0

typedef struct {
  guint64 concealed;
  guint64 played;
} QualitySample;

struct _TuttiStrip {
  GObject parent_instance;

  char *id;
  char *label;
  TuttiStripSettings settings;
  gboolean sender_muted;
  gboolean flowing;
  double delay_ms;
  double delay_error_ms;
  double quality;

  TuttiAudioRemote *remote; /* borrowed from the engine; NULL while nothing comes */
  guint lookahead_samples;
  gint64 detached_since;
  gint64 read_ns;
  TuttiRemoteStats stats;
  TuttiLevelTap level_tap;
  TuttiLevelTap stats_tap;

  TuttiCaptureClock capture;
  gboolean capture_known;
  guint64 last_received;
  QualitySample window[QUALITY_WINDOW];
  guint n_window;
  guint next_window;
};

typedef enum {
  PROP_ID = 1,
  PROP_LABEL,
  PROP_GAIN_DB,
  PROP_PAN,
  PROP_MUTED,
  PROP_SOLO,
  PROP_BIAS,
  PROP_SENDER_MUTED,
  PROP_FLOWING,
  PROP_DELAY_MS,
  PROP_DELAY_ERROR_MS,
  PROP_QUALITY,
} TuttiStripProperty;

static GParamSpec *properties[PROP_QUALITY + 1];

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

static void
set_double (TuttiStrip *self, double *field, double value, TuttiStripProperty property)
{
  if (G_APPROX_VALUE (*field, value, 1e-9))
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

static void
set_boolean (TuttiStrip *self, gboolean *field, gboolean value, TuttiStripProperty property)
{
  value = !!value;
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

/* Reads the engine and feeds both taps, so that no reader takes the others' peaks away. */
static void
refresh (TuttiStrip *self)
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
  case PROP_ID:
    g_value_set_string (value, self->id);
    break;
  case PROP_LABEL:
    g_value_set_string (value, self->label);
    break;
  case PROP_GAIN_DB:
    g_value_set_double (value, self->settings.gain_db);
    break;
  case PROP_PAN:
    g_value_set_double (value, self->settings.pan);
    break;
  case PROP_MUTED:
    g_value_set_boolean (value, self->settings.muted);
    break;
  case PROP_SOLO:
    g_value_set_boolean (value, self->settings.solo);
    break;
  case PROP_BIAS:
    g_value_set_double (value, self->settings.bias);
    break;
  case PROP_SENDER_MUTED:
    g_value_set_boolean (value, self->sender_muted);
    break;
  case PROP_FLOWING:
    g_value_set_boolean (value, self->flowing);
    break;
  case PROP_DELAY_MS:
    g_value_set_double (value, self->delay_ms);
    break;
  case PROP_DELAY_ERROR_MS:
    g_value_set_double (value, self->delay_error_ms);
    break;
  case PROP_QUALITY:
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
  case PROP_GAIN_DB:
    set_double (self, &self->settings.gain_db, g_value_get_double (value), PROP_GAIN_DB);
    break;
  case PROP_PAN:
    set_double (self, &self->settings.pan, g_value_get_double (value), PROP_PAN);
    break;
  case PROP_MUTED:
    set_boolean (self, &self->settings.muted, g_value_get_boolean (value), PROP_MUTED);
    break;
  case PROP_SOLO:
    set_boolean (self, &self->settings.solo, g_value_get_boolean (value), PROP_SOLO);
    break;
  case PROP_BIAS:
    set_double (self, &self->settings.bias, g_value_get_double (value), PROP_BIAS);
    break;
  case PROP_ID:
  case PROP_LABEL:
  case PROP_SENDER_MUTED:
  case PROP_FLOWING:
  case PROP_DELAY_MS:
  case PROP_DELAY_ERROR_MS:
  case PROP_QUALITY:
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

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, ro);
  properties[PROP_LABEL] = g_param_spec_string ("label", NULL, NULL, NULL, ro);
  properties[PROP_GAIN_DB] =
      g_param_spec_double ("gain-db", NULL, NULL, TUTTI_SILENCE_DB, GAIN_MAX_DB, 0, rw);
  properties[PROP_PAN] = g_param_spec_double ("pan", NULL, NULL, -1, 1, 0, rw);
  properties[PROP_MUTED] = g_param_spec_boolean ("muted", NULL, NULL, FALSE, rw);
  properties[PROP_SOLO] = g_param_spec_boolean ("solo", NULL, NULL, FALSE, rw);
  properties[PROP_BIAS] = g_param_spec_double ("bias", NULL, NULL, 0, 1, 0.5, rw);
  properties[PROP_SENDER_MUTED] = g_param_spec_boolean ("sender-muted", NULL, NULL, FALSE, ro);
  properties[PROP_FLOWING] = g_param_spec_boolean ("flowing", NULL, NULL, FALSE, ro);
  properties[PROP_DELAY_MS] = g_param_spec_double ("delay-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_DELAY_ERROR_MS] =
      g_param_spec_double ("delay-error-ms", NULL, NULL, -1, G_MAXDOUBLE, -1, ro);
  properties[PROP_QUALITY] = g_param_spec_double ("quality", NULL, NULL, 0, 1, 1, ro);
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
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LABEL]);
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
  self->lookahead_samples = lookahead_samples;
  self->read_ns = tutti_clock_now_ns ();
  self->last_received = 0;
  self->n_window = self->next_window = 0;
  self->capture_known = FALSE;
  apply_settings (self);
}

void
tutti_strip_detach (TuttiStrip *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->remote)
    return;

  refresh (self);
  self->remote = NULL;
  self->detached_since = tutti_clock_now_ns ();
  self->capture_known = FALSE;
  set_boolean (self, &self->flowing, FALSE, PROP_FLOWING);
  set_double (self, &self->delay_ms, -1, PROP_DELAY_MS);
  set_double (self, &self->delay_error_ms, -1, PROP_DELAY_ERROR_MS);
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

void
tutti_strip_set_sender_muted (TuttiStrip *self, gboolean sender_muted)
{
  set_boolean (self, &self->sender_muted, sender_muted, PROP_SENDER_MUTED);
}

void
tutti_strip_set_capture_clock (TuttiStrip *self, const TuttiCaptureClock *clock)
{
  self->capture = *clock;
  self->capture_known = TRUE;
}

static void
tick_quality (TuttiStrip *self)
{
  QualitySample now = { self->stats.concealed_samples, self->stats.played_samples };
  QualitySample oldest = { 0, 0 };
  guint64 played;

  if (self->n_window > 0)
    oldest = self->window[self->n_window < QUALITY_WINDOW ? 0 : self->next_window];

  played = now.played - oldest.played;
  set_double (self, &self->quality,
              played > 0 ? CLAMP (1.0 - (double) (now.concealed - oldest.concealed) / played, 0, 1)
                         : 1,
              PROP_QUALITY);

  self->window[self->next_window] = now;
  self->next_window = (self->next_window + 1) % QUALITY_WINDOW;
  self->n_window = MIN (self->n_window + 1, QUALITY_WINDOW);
}

static void
tick_delay (TuttiStrip *self, const TuttiRoomClock *clock)
{
  double delay = -1, error = -1;

  if (self->flowing && self->capture_known && self->stats.playback_ns > 0 && clock &&
      tutti_room_clock_is_known (clock)) {
    delay = tutti_delay_ms (&self->capture, self->stats.rtp_timestamp,
                            tutti_room_clock_to_room_us (clock, self->stats.playback_ns),
                            self->lookahead_samples);
    /* Ours and the sender's. The sender's is not told; it is taken to be as good as ours. */
    error = 2 * tutti_room_clock_get_error_ms (clock);

    /* The pair comes from another machine: what cannot be is not shown. */
    if (delay < -error || delay > 60000)
      delay = error = -1;
    else
      delay = MAX (delay, 0);
  }

  set_double (self, &self->delay_ms, delay, PROP_DELAY_MS);
  set_double (self, &self->delay_error_ms, error, PROP_DELAY_ERROR_MS);
}

void
tutti_strip_tick (TuttiStrip *self, const TuttiRoomClock *clock)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->remote)
    return;

  refresh (self);
  set_boolean (self, &self->flowing, self->stats.received > self->last_received, PROP_FLOWING);
  self->last_received = self->stats.received;
  tick_quality (self);
  tick_delay (self, clock);
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

  refresh (self);
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

  refresh (self);
  *stats = self->stats;
  tutti_level_tap_take (&self->stats_tap, &stats->level);
}
