/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_STAGE_PAGE (tutti_stage_page_get_type ())
G_DECLARE_FINAL_TYPE (TuttiStagePage, tutti_stage_page, TUTTI, STAGE_PAGE, AdwNavigationPage)

void tutti_stage_page_set_jam (TuttiStagePage *self, TuttiJam *jam);
void tutti_stage_page_toggle_chat (TuttiStagePage *self);
void tutti_stage_page_notice (TuttiStagePage *self, const char *text);
void tutti_stage_page_toast (TuttiStagePage *self, AdwToast *toast);

G_END_DECLS
