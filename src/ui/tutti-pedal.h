/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>

#include "tutti-sound.h"

G_BEGIN_DECLS

/**
 * TuttiPedalMode:
 * @TUTTI_PEDAL_TOGGLE: each press mutes, or unmutes
 * @TUTTI_PEDAL_TALK: muted but while it is held
 * @TUTTI_PEDAL_COUGH: muted while it is held
 */
typedef enum {
  TUTTI_PEDAL_TOGGLE,
  TUTTI_PEDAL_TALK,
  TUTTI_PEDAL_COUGH,
} TuttiPedalMode;

typedef struct _TuttiPedal TuttiPedal;

TuttiPedal *tutti_pedal_new (AdwApplicationWindow *window, GSettings *settings, TuttiSound *sound);
void tutti_pedal_free (TuttiPedal *self);
void tutti_pedal_set_active (TuttiPedal *self, gboolean active);

gboolean tutti_pedal_is_on_the_way (guint keyval);
gboolean tutti_pedal_can_be (guint keyval);
char *tutti_pedal_dup_label (GSettings *settings);

G_END_DECLS
