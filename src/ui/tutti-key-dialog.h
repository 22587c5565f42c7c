/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define TUTTI_TYPE_KEY_DIALOG (tutti_key_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TuttiKeyDialog, tutti_key_dialog, TUTTI, KEY_DIALOG, AdwDialog)

AdwDialog *tutti_key_dialog_new (GSettings *settings);

G_END_DECLS
