/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-sound.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_OWN_STRIPS (tutti_own_strips_get_type ())
G_DECLARE_FINAL_TYPE (TuttiOwnStrips, tutti_own_strips, TUTTI, OWN_STRIPS, GObject)

TuttiOwnStrips *tutti_own_strips_new (GSettings *settings, TuttiSound *sound);

G_END_DECLS
