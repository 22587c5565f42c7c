/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-participant.h"
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_DELAY_POPOVER (tutti_delay_popover_get_type ())
G_DECLARE_FINAL_TYPE (TuttiDelayPopover, tutti_delay_popover, TUTTI, DELAY_POPOVER, GtkPopover)

G_END_DECLS
