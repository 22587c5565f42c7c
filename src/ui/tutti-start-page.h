/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-link.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_START_PAGE (tutti_start_page_get_type ())
G_DECLARE_FINAL_TYPE (TuttiStartPage, tutti_start_page, TUTTI, START_PAGE, AdwNavigationPage)

/* Signals: `join` (TuttiLink *), `start-jam`. */
void tutti_start_page_set_settings (TuttiStartPage *self, GSettings *settings);
void tutti_start_page_set_link (TuttiStartPage *self, const char *text);

G_END_DECLS
