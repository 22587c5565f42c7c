/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include "tutti-audio-engine.h"
#include "tutti-device-registry.h"
#include "tutti-own-strip.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_SOUND (tutti_sound_get_type ())
G_DECLARE_FINAL_TYPE (TuttiSound, tutti_sound, TUTTI, SOUND, GObject)

/**
 * TuttiSound: the sound of this computer: PipeWire connection, engine, node, devices. Lives before,
 * during and after a room (the sound check uses it without one).
 *
 * Properties (all notify; r: read only):
 * - `running` (bool, r), `error` (GError, r; NULL when all is well: no PipeWire, no device, device
 *   gone). When a device in use is unplugged, the default one serves meanwhile and `error` says so;
 *   it clears when the device is back or another one is chosen. Everything comes back by itself
 * - `input-device`, `output-device` (char *, wanted node.name, NULL = default), `active-input`,
 *   `active-output` (TuttiDevice, r, what is linked now, nullable)
 * - `own-strips` (GListModel of TuttiOwnStrip, r): 1 … TUTTI_MAX_OWN_STRIPS, the main one first.
 *   `input-mode` (enum), `input-gain` (double, dB, −24…+24), `muted` (bool) and `monitor` (bool)
 * are those of the main one
 * - `output-gain` (double, dB), `fade-in` (uint, ms)
 * - `quantum` (uint): what the person wants, 16 … TUTTI_MAX_QUANTUM; `granted-quantum` (uint, r):
 *   what the graph runs, samples at `rate`; `quantum-reason` (string, r): why that is another one,
 * a sentence, NULL where it is not. `adapt-quantum` (bool, default TRUE): when sound is lost again
 * and again, twice as much is asked for, up to 256; setting `quantum` goes back, and so do ten
 * clean minutes, step by step. FALSE: what was chosen stays (benches)
 * - `xruns` (uint, r): how often sound was lost so far
 * - `rate` (uint, r): of the graph, Hz; where it is not 48000, the sound is resampled
 * - `realtime` (bool, r): whether all threads in the path have real-time priority now;
 *   `realtime-reason` (string, r): why not, and what to do about it; NULL where nothing is wrong
 * - `local-latency-ms` (double, r): capture quantum + playback quantum + resampling, 0 while not
 *   running
 * - `stems` (bool, default FALSE): each remote musician is a PipeWire node of its own, see
 *   tutti_sound_add_stem(); not where no device is used
 * - `click-gain` (double, dB, −60…+12, default −12) and `click-audible` (bool, default FALSE: only
 *   the count-in sounds): how I hear the room's click, see tutti_sound_set_click()
 * - `feedback-guard` (bool, default TRUE): a howl turns the output down for two seconds;
 *   `feedback-db` (double, dB ≤ 0, r): by how much it is turned down now; `feedback-count` (uint,
 * r): howls so far
 *
 * Main thread.
 */
TuttiSound *tutti_sound_new (void);
/* "device", "device:NAME" or a TuttiAudioSource spec; likewise "device…", "file:PATH", "null" for
 * the output. With neither a device the timer driver runs and PipeWire is never touched. Before
 * start. */
gboolean tutti_sound_set_input_spec (TuttiSound *self, const char *spec, GError **error);
gboolean tutti_sound_set_output_spec (TuttiSound *self, const char *spec, GError **error);
/* Starts (idempotent). FALSE with @error when PipeWire is not there; it goes on trying by itself
 * and `error` clears when it comes. */
gboolean tutti_sound_start (TuttiSound *self, GError **error);
void tutti_sound_stop (TuttiSound *self);
/* Own level after gain, peak and RMS since the last call; once per frame of the UI. */
void tutti_sound_get_input_level (TuttiSound *self, TuttiLevel *level);
void tutti_sound_get_engine_stats (TuttiSound *self, TuttiEngineStats *stats);
/* Own strip's statistics; `level` is since the last call of this function: one reader. */
void tutti_sound_get_own_stats (TuttiSound *self, TuttiStripStats *stats);
/* Ends the output file; FALSE with @error when anything was not written. */
gboolean tutti_sound_close_output (TuttiSound *self, GError **error);
/* My strips. An added one plays nothing to anybody until the session sends it. Removing: the list's
 * `items-changed` comes first, and whoever sends the strip (tutti_audio_engine_send_strip()) has to
 * stop in its handler; then the engine's strip goes. The main one cannot be removed. */
GListModel *tutti_sound_get_own_strips (TuttiSound *self);
TuttiOwnStrip *tutti_sound_get_main_strip (TuttiSound *self);
/* @label: for people. Returns: (transfer none) (nullable): NULL with @error when there are as many
 * as there may be. */
TuttiOwnStrip *tutti_sound_add_own_strip (TuttiSound *self, const char *label, GError **error);
void tutti_sound_remove_own_strip (TuttiSound *self, TuttiOwnStrip *strip);
GListModel *tutti_sound_get_inputs (TuttiSound *self);
GListModel *tutti_sound_get_outputs (TuttiSound *self);
/* The same connection to PipeWire knows them. */
GListModel *tutti_sound_get_cameras (TuttiSound *self);
/* A short test sound on the output (about 1 s), mixed in, never sent to the room. */
void tutti_sound_play_test (TuttiSound *self);
/* The room's click, as the model knows it: bpm, beats, origin_ns and count_in_bars of @click count,
 * `audible` and `gain_db` come from the properties. NULL: none. To be called anew whenever the
 * clock was measured better. */
void tutti_sound_set_click (TuttiSound *self, const TuttiClick *click);

/**
 * TuttiSoundStem: a remote musician who is offered to DAWs while TuttiSound:stems is on: a node
 * “Tutti: NAME” (node.name tutti-stem-NAME) with two outputs, before my fader and pan, one quantum
 * behind my headphones. Nothing but recorders and patch bays takes it.
 */
typedef struct _TuttiSoundStem TuttiSoundStem;

/* @name: what people call them. Has to be removed before @remote is. */
TuttiSoundStem *tutti_sound_add_stem (TuttiSound *self, TuttiAudioRemote *remote, const char *name);
void tutti_sound_remove_stem (TuttiSound *self, TuttiSoundStem *stem);
const GError *tutti_sound_get_error (TuttiSound *self);

G_END_DECLS
