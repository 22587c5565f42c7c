/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-video-receiver.h"
#include "tutti-video-sender.h"
#include "tutti-video.h"

G_BEGIN_DECLS

TuttiVideo *tutti_video_new_own (TuttiVideoKind kind, TuttiVideoSender *sender);
TuttiVideo *tutti_video_new (TuttiParticipant *participant, TuttiVideoKind kind);
TuttiVideoSender *tutti_video_get_sender (TuttiVideo *self);
/* @receiver: (nullable): where its packets go at the moment; %NULL: it does not come. */
void tutti_video_attach (TuttiVideo *self, TuttiVideoReceiver *receiver);
TuttiVideoReceiver *tutti_video_get_receiver (TuttiVideo *self);
void tutti_video_set_sender_paused (TuttiVideo *self, gboolean paused);
/* CLOCK_MONOTONIC; 0: it comes */
gint64 tutti_video_get_detached_ns (TuttiVideo *self);

G_END_DECLS
