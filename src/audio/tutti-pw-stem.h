/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-pw-node.h"

G_BEGIN_DECLS

/**
 * TuttiPwStem: one remote musician as a PipeWire node of its own (ports `output_FL`, `output_FR`),
 * before fader and pan, for a DAW or recorder to take.
 *
 * A playback stream that is never connected by itself, so it is heard nowhere twice and is nobody's
 * microphone; `pw-record --target NAME`, JACK programs and patch bays find it. Its sound is what
 * the node played one cycle before: exactly one quantum behind the headphones, and so are all
 * stems, which therefore lie on each other to the sample. Comes back with its node.
 */
typedef struct _TuttiPwStem TuttiPwStem;

/**
 * tutti_pw_stem_new:
 * @node: held; may be closed first
 * @remote: lives longer; its stem is switched on
 * @name: node.name, unique
 * @description: for people
 */
TuttiPwStem *tutti_pw_stem_new (TuttiPwNode *node,
                                TuttiAudioRemote *remote,
                                const char *name,
                                const char *description);
/* After return the remote is not read any more. */
void tutti_pw_stem_free (TuttiPwStem *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPwStem, tutti_pw_stem_free)

G_END_DECLS
