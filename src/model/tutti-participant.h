/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include "tutti-room-types.h"
#include "tutti-strip.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_PARTICIPANT (tutti_participant_get_type ())
G_DECLARE_FINAL_TYPE (TuttiParticipant, tutti_participant, TUTTI, PARTICIPANT, GObject)

/**
 * TuttiParticipant: another musician in the room. Properties: `peer-id`, `display-name`,
 * `instrument` (char *, may be empty), `role` (TuttiRole: a listener never has strips), `strips`
 * (GListModel of TuttiStrip), `isolated` (bool: a host moved them to a side room), `in-spotlight`
 * (bool: a host wants everybody to see them large); and how they hear me, as they say, −1 while
 * unknown: `heard-delay-ms` (double, capture here → playback there, of my latest strip),
 * `heard-error-ms` (±), `heard-loss`
 * (% of packets), `heard-concealed` (% of time). What I hear plus what they hear (delay-ms +
 * heard-delay-ms) is true even where the lines are not symmetric. Main thread.
 */
const char *tutti_participant_get_peer_id (TuttiParticipant *self);
const char *tutti_participant_get_display_name (TuttiParticipant *self);
const char *tutti_participant_get_instrument (TuttiParticipant *self);
TuttiRole tutti_participant_get_role (TuttiParticipant *self);
gboolean tutti_participant_is_isolated (TuttiParticipant *self);
/* Why they are gone: "left", "lost", "replaced" (by themselves: they are back in a moment),
 * "asleep" or "removed" (by a host); %NULL while they are there, and when we lost the room and not
 * they. */
const char *tutti_participant_get_leave_reason (TuttiParticipant *self);
GListModel *tutti_participant_get_strips (TuttiParticipant *self);

G_END_DECLS
