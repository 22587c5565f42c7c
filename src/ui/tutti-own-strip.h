/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_OWN_STRIP (tutti_own_strip_get_type ())
G_DECLARE_FINAL_TYPE (TuttiOwnStrip, tutti_own_strip, TUTTI, OWN_STRIP, AdwBin)

void tutti_own_strip_set_session (TuttiOwnStrip *self, TuttiSession *session);
void tutti_own_strip_tick (TuttiOwnStrip *self, gint64 frame_time_us);

G_END_DECLS
