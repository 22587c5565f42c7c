/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_STAGE_BANNERS (tutti_stage_banners_get_type ())
G_DECLARE_FINAL_TYPE (TuttiStageBanners, tutti_stage_banners, TUTTI, STAGE_BANNERS, AdwBin)

void tutti_stage_banners_set_jam (TuttiStageBanners *self, TuttiJam *jam);

G_END_DECLS
