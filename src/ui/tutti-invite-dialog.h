/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "tutti-jam.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_INVITE_DIALOG (tutti_invite_dialog_get_type ())
G_DECLARE_FINAL_TYPE (TuttiInviteDialog, tutti_invite_dialog, TUTTI, INVITE_DIALOG, AdwDialog)

AdwDialog *tutti_invite_dialog_new (TuttiJam *jam);

G_END_DECLS
