/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-transport.h"

G_BEGIN_DECLS

/**
 * TuttiRate: how many bits a second a picture may take
 *
 * From what the room tells of the packets that arrived (transport-wide feedback), and from how our
 * own sound gets through: sound comes first, and a picture that stands in its way shrinks at once.
 * Starts low, grows slowly while nothing queues and nothing is lost, never far beyond what was seen
 * to arrive. Pure; any one thread at a time.
 */
typedef struct {
  guint start;
  guint min;
  guint max;
} TuttiRateBounds; /* bit/s */

typedef struct _TuttiRate TuttiRate;

TuttiRate *tutti_rate_new (const TuttiRateBounds *bounds);
void tutti_rate_free (TuttiRate *self);
void tutti_rate_set_max (TuttiRate *self, guint max);
/* @now_ns: of the clock by which @sent_ns is, or any other: it is only compared with itself. */
void tutti_rate_feedback (TuttiRate *self,
                          const TuttiPacketFeedback *packets,
                          guint n_packets,
                          gint64 now_ns);
/**
 * tutti_rate_sound:
 * @loss_percent: of our own sound on its way up; −1 unknown
 * @rtt_ms: of the sound's connection; −1 unknown
 *
 * About once a second.
 */
void tutti_rate_sound (TuttiRate *self, double loss_percent, double rtt_ms, gint64 now_ns);
/* Several times a second, while something is sent. Returns the new target, bit/s. */
guint tutti_rate_update (TuttiRate *self, gint64 now_ns);
guint tutti_rate_get_target (const TuttiRate *self);
/* For people and tests: how long packets stand in queues now, ms; what was lost lately, %. */
double tutti_rate_get_queue_ms (const TuttiRate *self);
double tutti_rate_get_loss_percent (const TuttiRate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRate, tutti_rate_free)

G_END_DECLS
