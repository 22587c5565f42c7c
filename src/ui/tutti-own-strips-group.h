/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-sound.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_OWN_STRIPS_GROUP (tutti_own_strips_group_get_type ())
G_DECLARE_FINAL_TYPE (TuttiOwnStripsGroup,
                      tutti_own_strips_group,
                      TUTTI,
                      OWN_STRIPS_GROUP,
                      AdwPreferencesGroup)

void tutti_own_strips_bind_channel (TuttiOwnStrip *strip, gpointer row);
void tutti_own_strips_group_set_sound (TuttiOwnStripsGroup *self, TuttiSound *sound);

G_END_DECLS
