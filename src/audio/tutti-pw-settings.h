/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Private to the PipeWire node: what the person's PipeWire allows (its metadata `settings`). */

#pragma once

#include <glib.h>

struct pw_core;

G_BEGIN_DECLS

typedef struct _TuttiPwSettings TuttiPwSettings;
typedef void (*TuttiPwSettingsFunc) (gpointer user_data);

/* @changed: something is known, or is known to be another. Main thread; @core is borrowed and
 * outlives it. */
TuttiPwSettings *
tutti_pw_settings_new (struct pw_core *core, TuttiPwSettingsFunc changed, gpointer user_data);
void tutti_pw_settings_free (TuttiPwSettings *self);
/* Whether the graph may run that quantum; FALSE while nothing is known. */
gboolean tutti_pw_settings_allow_quantum (TuttiPwSettings *self, guint quantum);
/* Whether the graph may be switched to that rate; FALSE while nothing is known. */
gboolean tutti_pw_settings_allow_rate (TuttiPwSettings *self, guint rate);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPwSettings, tutti_pw_settings_free)

G_END_DECLS
