/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-level-tap.h"
#include "tutti-pw-node.h"
#include "tutti-sound.h"
#include "tutti-timer-driver.h"

G_BEGIN_DECLS

/* The strip of the engine that is me. */
#define TUTTI_SOUND_STRIP 0

typedef struct {
  gboolean device; /* else a source or sink, or nothing */
  char *wanted;    /* node.name; NULL: the default device */
  char *gone;      /* description of the device that was unplugged */
  char *gone_name; /* its node.name */
  TuttiDevice *active;
} TuttiSoundSide;

struct _TuttiSound {
  GObject parent_instance;

  /* Owned, main thread */
  TuttiAudioEngine *engine;
  TuttiDeviceRegistry *registry; /* empty until PipeWire answers */
  TuttiPwConnection *connection; /* NULL when no device is wanted, or not started */
  TuttiPwNode *node;
  TuttiTimerDriver *timer;
  TuttiAudioSource *source;
  TuttiAudioSink *sink;
  guint tick_id;

  TuttiSoundSide sides[2]; /* by TuttiDeviceKind */
  TuttiInputMode input_mode;
  double input_gain;
  double output_gain;
  gboolean muted;
  gboolean monitor;
  gboolean running;
  gboolean realtime;
  guint fade_in;
  guint quantum;
  guint granted_quantum;
  guint rate;
  GError *error;

  TuttiStripStats strip_stats;
  TuttiLevelTap input_tap; /* read by meters */
  TuttiLevelTap own_tap;   /* read by statistics */
  gint64 strip_read_ns;
};

typedef enum {
  TUTTI_SOUND_PROP_RUNNING = 1,
  TUTTI_SOUND_PROP_ERROR,
  TUTTI_SOUND_PROP_INPUT_DEVICE,
  TUTTI_SOUND_PROP_OUTPUT_DEVICE,
  TUTTI_SOUND_PROP_ACTIVE_INPUT,
  TUTTI_SOUND_PROP_ACTIVE_OUTPUT,
  TUTTI_SOUND_PROP_INPUT_MODE,
  TUTTI_SOUND_PROP_INPUT_GAIN,
  TUTTI_SOUND_PROP_MUTED,
  TUTTI_SOUND_PROP_MONITOR,
  TUTTI_SOUND_PROP_OUTPUT_GAIN,
  TUTTI_SOUND_PROP_FADE_IN,
  TUTTI_SOUND_PROP_QUANTUM,
  TUTTI_SOUND_PROP_GRANTED_QUANTUM,
  TUTTI_SOUND_PROP_RATE,
  TUTTI_SOUND_PROP_REALTIME,
  TUTTI_SOUND_PROP_LOCAL_LATENCY_MS,
} TuttiSoundProperty;

/* tutti-sound.c */
void tutti_sound_notify (TuttiSound *self, TuttiSoundProperty property);
void tutti_sound_take_error (TuttiSound *self, GError *error);
void tutti_sound_configure_strip (TuttiSound *self);

/* tutti-sound-graph.c */
void tutti_sound_follow_devices (TuttiSound *self);
void tutti_sound_link (TuttiSound *self, TuttiDeviceKind kind);
void tutti_sound_update (TuttiSound *self);
void tutti_sound_set_wanted (TuttiSound *self, TuttiDeviceKind kind, const char *name);

/* For the session and tutti-cli */
TuttiAudioEngine *tutti_sound_get_engine (TuttiSound *self);
guint tutti_sound_get_channels (TuttiSound *self);
gboolean tutti_sound_get_muted (TuttiSound *self);
/* How long the input device collects samples before the graph sees them; 0 without a device. */
gint64 tutti_sound_get_capture_ns (TuttiSound *self);
/* The newest capture pair, without touching anybody's level. */
void tutti_sound_peek_own_stats (TuttiSound *self, TuttiStripStats *stats);

G_END_DECLS
