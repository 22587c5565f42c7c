/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-device-graph.h"
#include "tutti-device-registry.h"

G_BEGIN_DECLS

TuttiDevice *tutti_device_new (TuttiDeviceKind kind, const TuttiGraphNode *node, guint channels);
/* Returns whether the description (by which lists are sorted) changed. */
gboolean tutti_device_update (TuttiDevice *self, const TuttiGraphNode *node, guint channels);
void tutti_device_set_default (TuttiDevice *self, gboolean is_default);
/* A newcomer was plugged in while another device served, and nobody has chosen it yet. */
void tutti_device_set_newcomer (TuttiDevice *self, gboolean newcomer);
gboolean tutti_device_is_newcomer (TuttiDevice *self);
guint64 tutti_device_get_serial (TuttiDevice *self);
int tutti_device_compare (gconstpointer a, gconstpointer b, gpointer user_data);

G_END_DECLS
