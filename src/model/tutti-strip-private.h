/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-delay.h"
#include "tutti-level-tap.h"
#include "tutti-room-clock.h"
#include "tutti-strip.h"

G_BEGIN_DECLS

/* What a person set on a strip: outlives the strip, so that somebody who comes back finds it. */
typedef struct {
  double gain_db;
  double pan;
  double bias;
  gboolean muted;
  gboolean solo;
} TuttiStripSettings;

#define TUTTI_STRIP_WINDOW 10 /* ticks of 1 s */

typedef struct {
  guint64 concealed;
  guint64 played;
  guint64 missing;
  guint64 received;
} TuttiQualitySample;

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
  gboolean known; /* was heard before in this session: who comes back does not rise from silence */
  gint64 read_ns;
  TuttiRemoteStats stats;
  TuttiLevelTap level_tap;
  TuttiLevelTap stats_tap;

  TuttiCaptureClock capture;
  gboolean capture_known;
  gint64 there_us[TUTTI_STRIP_WINDOW]; /* from capture to sending, by the last clock pairs */
  guint n_there;
  TuttiWireFormat there_wire;
  guint there_frame;
  TuttiDelayStages stages;
  TuttiDelayHistory history;
  TuttiQualitySample window[TUTTI_STRIP_WINDOW];
  guint n_window;
  guint next_window;
};

typedef enum {
  TUTTI_STRIP_PROP_ID = 1,
  TUTTI_STRIP_PROP_LABEL,
  TUTTI_STRIP_PROP_GAIN_DB,
  TUTTI_STRIP_PROP_PAN,
  TUTTI_STRIP_PROP_MUTED,
  TUTTI_STRIP_PROP_SOLO,
  TUTTI_STRIP_PROP_BIAS,
  TUTTI_STRIP_PROP_SENDER_MUTED,
  TUTTI_STRIP_PROP_FLOWING,
  TUTTI_STRIP_PROP_DELAY_MS,
  TUTTI_STRIP_PROP_DELAY_ERROR_MS,
  TUTTI_STRIP_PROP_DELAY_STAGES,
  TUTTI_STRIP_PROP_QUALITY,
} TuttiStripProperty;

TuttiStrip *tutti_strip_new (const char *id, const char *label);
const char *tutti_strip_get_id (TuttiStrip *self);
void tutti_strip_set_label (TuttiStrip *self, const char *label);
void tutti_strip_get_settings (TuttiStrip *self, TuttiStripSettings *settings);
void tutti_strip_set_settings (TuttiStrip *self, const TuttiStripSettings *settings);

/* The engine's half. Borrowed: detach before tutti_audio_engine_remove_remote(). Attaching applies
 * every setting; a detached strip keeps them, and reads as silent. */
void tutti_strip_attach (TuttiStrip *self, TuttiAudioRemote *remote, guint lookahead_samples);
void tutti_strip_detach (TuttiStrip *self);
TuttiAudioRemote *tutti_strip_get_remote (TuttiStrip *self);
gint64 tutti_strip_get_detached_since (TuttiStrip *self);
/* Whether something played this strip, or an earlier one of the same musician, in this session. */
gboolean tutti_strip_is_known (TuttiStrip *self);
void tutti_strip_set_known (TuttiStrip *self);

void tutti_strip_set_sender_muted (TuttiStrip *self, gboolean sender_muted);
void tutti_strip_set_capture_clock (TuttiStrip *self, const TuttiCaptureClock *clock);
/* The engine's newest numbers, without taking anybody's peaks. */
const TuttiRemoteStats *tutti_strip_peek_stats (TuttiStrip *self);

/* For tutti-strip-tick.c */
void tutti_strip_refresh (TuttiStrip *self);
void
tutti_strip_set_double (TuttiStrip *self, double *field, double value, TuttiStripProperty property);
void tutti_strip_set_boolean (TuttiStrip *self,
                              gboolean *field,
                              gboolean value,
                              TuttiStripProperty property);
void tutti_strip_set_stages (TuttiStrip *self, const TuttiDelayStages *stages);

/* tutti-strip-tick.c. Once a second: flowing, quality, delay, history. @clock may be %NULL (no room
 * clock). */
void
tutti_strip_tick (TuttiStrip *self, const TuttiRoomClock *clock, const TuttiPlaybackPath *path);

G_END_DECLS
