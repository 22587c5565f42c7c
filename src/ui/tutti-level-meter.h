/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-audio-types.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_LEVEL_METER (tutti_level_meter_get_type ())
G_DECLARE_FINAL_TYPE (TuttiLevelMeter, tutti_level_meter, TUTTI, LEVEL_METER, GtkWidget)

void
tutti_level_meter_push_level (TuttiLevelMeter *self, const TuttiLevel *level, gint64 frame_time_us);
void tutti_level_meter_clear (TuttiLevelMeter *self);
double tutti_level_meter_get_peak_db (TuttiLevelMeter *self);
gboolean tutti_level_meter_get_clipped (TuttiLevelMeter *self);

G_END_DECLS
