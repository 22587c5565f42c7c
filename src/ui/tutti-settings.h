/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-session.h"

G_BEGIN_DECLS

void tutti_bind_settings (GSettings *settings, TuttiSound *sound, TuttiSession *session);

G_END_DECLS
