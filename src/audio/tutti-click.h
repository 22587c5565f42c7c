/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"

G_BEGIN_DECLS

#define TUTTI_CLICK_SAMPLES 2400 /* a click has died away after 50 ms */
#define TUTTI_CLICK_VOICES  2

/**
 * TuttiClicker:
 *
 * The metronome. A beat belongs to the sample that plays at its time: beat k at origin + k · 60 s /
 * bpm, sample n of a cycle at the cycle's start + n / 48 kHz. Beats are counted, not compared with
 * a clock, so that a cycle which begins a little earlier or later than the last one ended can
 * neither double nor lose one.
 *
 * Made on the main thread; set() and process() belong to the real-time thread.
 */
typedef struct {
  float sounds[2][TUTTI_CLICK_SAMPLES]; /* plain, accent */
  gboolean on;
  gboolean lost; /* which beat comes next must be found out */
  TuttiClick click;
  float gain;
  gint64 next;      /* number of the beat that comes next */
  gint64 played_ns; /* when the last one was due, G_MININT64: there was none */
  struct {
    const float *sound; /* NULL: silent */
    guint position;
    float gain;
  } voices[TUTTI_CLICK_VOICES];
} TuttiClicker;

void tutti_clicker_init (TuttiClicker *self);
/* Real-time thread, before process(). %NULL: off. Numbers out of range are drawn into it. */
void tutti_clicker_set (TuttiClicker *self, const TuttiClick *click);
/* Real-time thread: adds to both planes. */
void tutti_clicker_process (TuttiClicker *self,
                            float *left,
                            float *right,
                            guint n_samples,
                            gint64 cycle_ns);

G_END_DECLS
