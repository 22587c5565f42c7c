/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_SOUND_PAGE (tutti_sound_page_get_type ())
G_DECLARE_FINAL_TYPE (TuttiSoundPage, tutti_sound_page, TUTTI, SOUND_PAGE, AdwNavigationPage)

/* Signal `done`: the person is content (or skips). */
void tutti_sound_page_set_jam (TuttiSoundPage *self, TuttiJam *jam);
void tutti_sound_page_set_done_label (TuttiSoundPage *self, const char *label);

G_END_DECLS
