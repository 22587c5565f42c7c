/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_PLAN_POPOVER (tutti_plan_popover_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPlanPopover, tutti_plan_popover, TUTTI, PLAN_POPOVER, GtkPopover)

void tutti_plan_popover_set_session (TuttiPlanPopover *self, TuttiSession *session);

G_END_DECLS
