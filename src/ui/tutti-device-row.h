/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <adwaita.h>
#include "tutti-device-registry.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_DEVICE_ROW (tutti_device_row_get_type ())
G_DECLARE_FINAL_TYPE (TuttiDeviceRow, tutti_device_row, TUTTI, DEVICE_ROW, AdwComboRow)

G_END_DECLS
