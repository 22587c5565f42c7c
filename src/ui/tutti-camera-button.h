/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-jam.h"

G_BEGIN_DECLS

/**
 * TuttiCameraButton: my camera on and off, and which one. Not there for who only listens. Main
 * thread.
 */
#define TUTTI_TYPE_CAMERA_BUTTON (tutti_camera_button_get_type ())
G_DECLARE_FINAL_TYPE (TuttiCameraButton, tutti_camera_button, TUTTI, CAMERA_BUTTON, AdwBin)

/* Once only. */
void tutti_camera_button_set_jam (TuttiCameraButton *self, TuttiJam *jam);

G_END_DECLS
