/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-participant.h"
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_STRIP_VIEW (tutti_strip_view_get_type ())
G_DECLARE_FINAL_TYPE (TuttiStripView, tutti_strip_view, TUTTI, STRIP_VIEW, AdwBin)

GtkWidget *
tutti_strip_view_new (TuttiSession *session, TuttiParticipant *participant, TuttiStrip *strip);
TuttiStrip *tutti_strip_view_get_strip (TuttiStripView *self);
void tutti_strip_view_tick (TuttiStripView *self, gint64 frame_time_us);

G_END_DECLS
