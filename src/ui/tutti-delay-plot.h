/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-delay.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_DELAY_PLOT (tutti_delay_plot_get_type ())
G_DECLARE_FINAL_TYPE (TuttiDelayPlot, tutti_delay_plot, TUTTI, DELAY_PLOT, GtkWidget)

void tutti_delay_plot_set_points (TuttiDelayPlot *self,
                                  const TuttiDelayPoint *points,
                                  guint n,
                                  double error_ms,
                                  gint64 now_ns);

G_END_DECLS
