/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-sound.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_SOUND_CHECKS (tutti_sound_checks_get_type ())
G_DECLARE_FINAL_TYPE (TuttiSoundChecks,
                      tutti_sound_checks,
                      TUTTI,
                      SOUND_CHECKS,
                      AdwPreferencesGroup)

void tutti_sound_checks_set_sound (TuttiSoundChecks *self, TuttiSound *sound);
void tutti_sound_checks_set_level (TuttiSoundChecks *self, gboolean clipped, gboolean silent);

G_END_DECLS
