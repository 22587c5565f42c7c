/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SynthSound: sounds to listen to, 48 kHz, mono, the same in every run
 * @SYNTH_TONE: 440 Hz
 * @SYNTH_CHORD: three sines of no simple ratio
 * @SYNTH_PLUCK: plucked strings, a note every 0.25 s, two sounding at a time
 * @SYNTH_DRUM: kick, snare and closed cymbal
 * @SYNTH_VOICE: a glottal pulse with vibrato and breath through vowels
 * @SYNTH_ORGAN: sustained chords of many partials, slightly out of tune
 */
typedef enum {
  SYNTH_TONE,
  SYNTH_CHORD,
  SYNTH_PLUCK,
  SYNTH_DRUM,
  SYNTH_VOICE,
  SYNTH_ORGAN,
  SYNTH_N_SOUNDS
} SynthSound;

const char *synth_get_name (SynthSound sound);
/* Peaks between -12 and -3 dBFS. */
void synth_render (SynthSound sound, float *samples, gsize n_samples);

G_END_DECLS
