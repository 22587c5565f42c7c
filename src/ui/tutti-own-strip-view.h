/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_OWN_STRIP_VIEW (tutti_own_strip_view_get_type ())
G_DECLARE_FINAL_TYPE (TuttiOwnStripView, tutti_own_strip_view, TUTTI, OWN_STRIP_VIEW, AdwBin)

GtkWidget *tutti_own_strip_view_new (TuttiSession *session, TuttiOwnStrip *strip);
TuttiOwnStrip *tutti_own_strip_view_get_strip (TuttiOwnStripView *self);
void tutti_own_strip_view_tick (TuttiOwnStripView *self, gint64 frame_time_us);

G_END_DECLS
