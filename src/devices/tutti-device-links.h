/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-device-graph.h"

G_BEGIN_DECLS

/**
 * TuttiPortPair: two port ids that should be linked
 */
typedef struct {
  guint32 output;
  guint32 input;
} TuttiPortPair;

/**
 * TuttiDeviceLinks: the PipeWire links that we hold. They are ours: when we go, they go.
 *
 * A link that PipeWire refuses is tried again a second later (@retry is called); one that a person
 * takes away in a patch bay stays away until other ports are asked for or reset() is called.
 */
typedef struct _TuttiDeviceLinks TuttiDeviceLinks;

TuttiDeviceLinks *
tutti_device_links_new (struct pw_core *core, TuttiDeviceGraphFunc retry, gpointer user_data);
void tutti_device_links_free (TuttiDeviceLinks *self);
/* Makes the links in @pairs that are missing and ends those that are no longer in it. */
void tutti_device_links_set (TuttiDeviceLinks *self, const TuttiPortPair *pairs, guint n_pairs);
void tutti_device_links_reset (TuttiDeviceLinks *self);
/* Whether sound passes over all that are there; TRUE where there are none. */
gboolean tutti_device_links_are_active (TuttiDeviceLinks *self);
/* (nullable): why PipeWire refused one of them, in its words; NULL once all are active */
const char *tutti_device_links_get_problem (TuttiDeviceLinks *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiDeviceLinks, tutti_device_links_free)

G_END_DECLS
