/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-participant.h"
#include "tutti-room-plan.h"

G_BEGIN_DECLS

TuttiParticipant *
tutti_participant_new (const char *peer_id, const char *display_name, const char *instrument);
void tutti_participant_set_display_name (TuttiParticipant *self, const char *display_name);
void tutti_participant_set_instrument (TuttiParticipant *self, const char *instrument);
void tutti_participant_set_role (TuttiParticipant *self, TuttiRole role);
void tutti_participant_set_isolated (TuttiParticipant *self, gboolean isolated);
void tutti_participant_set_in_spotlight (TuttiParticipant *self, gboolean in_spotlight);
void tutti_participant_set_leave_reason (TuttiParticipant *self, const char *reason);
TuttiStrip *tutti_participant_find_strip (TuttiParticipant *self, const char *id);
void tutti_participant_add_strip (TuttiParticipant *self, TuttiStrip *strip);
void tutti_participant_remove_strip (TuttiParticipant *self, TuttiStrip *strip);
void tutti_participant_take_heard (TuttiParticipant *self, const TuttiHeard *heard);
void tutti_participant_tick (TuttiParticipant *self);

G_END_DECLS
