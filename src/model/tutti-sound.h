/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include "tutti-audio-types.h"
#include "tutti-device-registry.h"

G_BEGIN_DECLS

/**
 * TuttiInputMode: which channels of the input device are me
 */
typedef enum {
  TUTTI_INPUT_MODE_LEFT,
  TUTTI_INPUT_MODE_RIGHT,
  TUTTI_INPUT_MODE_BOTH, /* summed to mono */
  TUTTI_INPUT_MODE_STEREO,
} TuttiInputMode;

#define TUTTI_TYPE_INPUT_MODE (tutti_input_mode_get_type ())
GType tutti_input_mode_get_type (void) G_GNUC_CONST;

#define TUTTI_TYPE_SOUND (tutti_sound_get_type ())
G_DECLARE_FINAL_TYPE (TuttiSound, tutti_sound, TUTTI, SOUND, GObject)

/**
 * TuttiSound: the sound of this computer: PipeWire connection, engine, node, devices. Lives before,
 * during and after a room (the sound check uses it without one).
 *
 * Properties (all notify): `running` (bool), `error` (GError, NULL when all is well: no PipeWire,
 * no device, device gone), `input-device`, `output-device` (char *, wanted node.name, NULL =
 * default), `active-input`, `active-output` (TuttiDevice, what is linked now, nullable),
 * `input-mode` (enum), `input-gain` (double, dB, −24…+24), `muted` (bool), `monitor` (bool),
 * `output-gain` (double, dB), `quantum` (uint, wanted), `granted-quantum` (uint), `rate` (uint),
 * `realtime` (bool), `local-latency-ms` (double: capture quantum + playback quantum, 0 while not
 * running). When a wanted device is unplugged, the default one serves meanwhile and `error` says
 * so; it clears when the device is back or another one is chosen. Everything comes back by itself.
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
GListModel *tutti_sound_get_inputs (TuttiSound *self);
GListModel *tutti_sound_get_outputs (TuttiSound *self);
/* A short test sound on the output (about 1 s), mixed in, never sent to the room. */
void tutti_sound_play_test (TuttiSound *self);
const GError *tutti_sound_get_error (TuttiSound *self);

G_END_DECLS
