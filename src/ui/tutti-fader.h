/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * TuttiFaderKind:
 * @TUTTI_FADER_GAIN: decibels; spoken as such
 * @TUTTI_FADER_PAN: −1 left … +1 right
 */
typedef enum { TUTTI_FADER_GAIN, TUTTI_FADER_PAN } TuttiFaderKind;

#define TUTTI_TYPE_FADER_KIND (tutti_fader_kind_get_type ())
GType tutti_fader_kind_get_type (void) G_GNUC_CONST;

#define TUTTI_TYPE_FADER (tutti_fader_get_type ())
G_DECLARE_FINAL_TYPE (TuttiFader, tutti_fader, TUTTI, FADER, GtkScale)

void tutti_fader_set_subject (TuttiFader *self, const char *label);

G_END_DECLS
