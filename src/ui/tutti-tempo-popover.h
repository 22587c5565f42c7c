/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-session.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_TEMPO_POPOVER (tutti_tempo_popover_get_type ())
G_DECLARE_FINAL_TYPE (TuttiTempoPopover, tutti_tempo_popover, TUTTI, TEMPO_POPOVER, GtkPopover)

void tutti_tempo_popover_set_session (TuttiTempoPopover *self, TuttiSession *session);

G_END_DECLS
