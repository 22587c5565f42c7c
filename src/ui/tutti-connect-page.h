/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_CONNECT_PAGE (tutti_connect_page_get_type ())
G_DECLARE_FINAL_TYPE (TuttiConnectPage, tutti_connect_page, TUTTI, CONNECT_PAGE, AdwNavigationPage)

void tutti_connect_page_set_jam (TuttiConnectPage *self, TuttiJam *jam);

G_END_DECLS
