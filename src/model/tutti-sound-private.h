/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-level-tap.h"
#include "tutti-pw-node.h"
#include "tutti-pw-stem.h"
#include "tutti-quantum.h"
#include "tutti-sound.h"
#include "tutti-timer-driver.h"

G_BEGIN_DECLS

/* The strip of the engine that is my main one. */
#define TUTTI_SOUND_STRIP 0

typedef struct {
  gboolean device; /* else a source or sink, or nothing */
  char *wanted;    /* node.name; NULL: the default device */
  char *gone;      /* description of the device that was unplugged */
  TuttiDevice *active;
  guint switch_id;    /* a change of device is under way */
  gint64 switch_us;   /* since when its step is */
  gboolean switching; /* the old one is off, the new one not yet on */
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
  GListStore *own_strips;  /* of TuttiOwnStrip */
  GPtrArray *stem_list;    /* of TuttiSoundStem */
  gboolean stems;

  double output_gain;
  gboolean running;
  guint fade_in;
  GError *error;

  /* tutti-sound-quantum.c */
  TuttiQuantum quantum;
  gboolean adapt_quantum;
  gboolean force_quantum; /* asking was not enough */
  guint refused;          /* looks in a row at another quantum than was asked for */
  guint granted_quantum;
  guint rate;
  guint xruns;
  char *quantum_reason;
  gboolean realtime;
  char *realtime_reason;
  gint64 started_us;

  /* tutti-sound-mix.c */
  gboolean has_click;
  TuttiClick click;
  gboolean feedback_guard;
  double feedback_db;
  guint feedback_count;
  TuttiEngineStats engine_stats; /* what came since the last who asked */
  TuttiLevelTap output_tap;
  gint64 engine_read_ns;
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
  TUTTI_SOUND_PROP_OWN_STRIPS,
  TUTTI_SOUND_PROP_ADAPT_QUANTUM,
  TUTTI_SOUND_PROP_QUANTUM_REASON,
  TUTTI_SOUND_PROP_XRUNS,
  TUTTI_SOUND_PROP_REALTIME_REASON,
  TUTTI_SOUND_PROP_STEMS,
  TUTTI_SOUND_PROP_CLICK_GAIN,
  TUTTI_SOUND_PROP_CLICK_AUDIBLE,
  TUTTI_SOUND_PROP_FEEDBACK_GUARD,
  TUTTI_SOUND_PROP_FEEDBACK_DB,
  TUTTI_SOUND_PROP_FEEDBACK_COUNT,
} TuttiSoundProperty;

/* tutti-sound.c */
void tutti_sound_notify (TuttiSound *self, TuttiSoundProperty property);
void tutti_sound_take_error (TuttiSound *self, GError *error);
void tutti_sound_offer (TuttiSound *self, TuttiDevice *device);

/* tutti-sound-strips.c */
void tutti_sound_init_strips (TuttiSound *self);
/* The input is another one: each strip looks for its channels in it. */
void tutti_sound_configure_strips (TuttiSound *self);
void tutti_sound_set_stems (TuttiSound *self, gboolean stems);
/* The node came or is about to go. */
void tutti_sound_make_stems (TuttiSound *self);
void tutti_sound_drop_stems (TuttiSound *self);

/* tutti-sound-quantum.c */
void tutti_sound_set_quantum (TuttiSound *self, guint quantum);
void tutti_sound_set_adapt_quantum (TuttiSound *self, gboolean adapt);
/* Another driver: what was counted and granted holds no more. */
void tutti_sound_reset_graph (TuttiSound *self);
void tutti_sound_watch_graph (TuttiSound *self);
double tutti_sound_get_local_latency (TuttiSound *self);

/* tutti-sound-mix.c */
void tutti_sound_init_mix (TuttiSound *self);
void tutti_sound_read_engine (TuttiSound *self);
void tutti_sound_set_click_gain (TuttiSound *self, double gain_db);
void tutti_sound_set_click_audible (TuttiSound *self, gboolean audible);
void tutti_sound_set_feedback_guard (TuttiSound *self, gboolean guard);

/* tutti-sound-switch.c */
/* Links what is wanted now, without a click where another device serves. */
void tutti_sound_switch (TuttiSound *self, TuttiDeviceKind kind);
/* Whatever is under way is over: PipeWire or the sound goes. */
void tutti_sound_end_switch (TuttiSound *self, TuttiDeviceKind kind);

/* tutti-sound-graph.c */
void tutti_sound_follow_devices (TuttiSound *self);
void tutti_sound_link (TuttiSound *self, TuttiDeviceKind kind);
void tutti_sound_update (TuttiSound *self);
void tutti_sound_set_wanted (TuttiSound *self, TuttiDeviceKind kind, const char *name);

/* For the session and tutti-cli */
TuttiAudioEngine *tutti_sound_get_engine (TuttiSound *self);
guint tutti_sound_get_channels (TuttiSound *self);
gboolean tutti_sound_get_muted (TuttiSound *self);
/* How long before its cycle a sample was captured: the input device collects a quantum of them
 * before the graph sees them, and a graph of another rate is resampled; 0 without a device. */
gint64 tutti_sound_get_capture_ns (TuttiSound *self);
/* How much later than its cycle a sample is played, beyond the quantum: resampling; mostly 0. */
gint64 tutti_sound_get_playback_ns (TuttiSound *self);
/* The newest capture pair, without touching anybody's level. */
void tutti_sound_peek_own_stats (TuttiSound *self, TuttiStripStats *stats);

G_END_DECLS
