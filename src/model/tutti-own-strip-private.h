/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-audio-engine.h"
#include "tutti-own-strip.h"

G_BEGIN_DECLS

/* @engine is borrowed and lives longer; @index is a strip of it. */
TuttiOwnStrip *
tutti_own_strip_new (TuttiAudioEngine *engine, guint index, const char *id, const char *label);
/* How many channels the input has; the strip looks for its own in it. */
void tutti_own_strip_set_input_channels (TuttiOwnStrip *self, guint n_channels);
/* The engine's strip is about to go: from now on this is only what somebody still shows. */
void tutti_own_strip_detach (TuttiOwnStrip *self);

G_END_DECLS
