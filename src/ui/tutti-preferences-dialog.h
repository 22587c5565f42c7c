/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_PREFERENCES_DIALOG (tutti_preferences_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPreferencesDialog,
                      tutti_preferences_dialog,
                      TUTTI,
                      PREFERENCES_DIALOG,
                      AdwPreferencesDialog)

AdwDialog *tutti_preferences_dialog_new (TuttiJam *jam);

G_END_DECLS
