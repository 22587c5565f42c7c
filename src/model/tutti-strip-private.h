/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-delay.h"
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

void tutti_strip_set_sender_muted (TuttiStrip *self, gboolean sender_muted);
void tutti_strip_set_capture_clock (TuttiStrip *self, const TuttiCaptureClock *clock);
/* Once a second: flowing, quality, delay. @clock may be %NULL (no room clock). */
void tutti_strip_tick (TuttiStrip *self, const TuttiRoomClock *clock);

G_END_DECLS
