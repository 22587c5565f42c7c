/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-picture.h"
#include "tutti-transport.h"
#include "tutti-video-source.h"

G_BEGIN_DECLS

/**
 * TuttiVideoSenderStats: @target: bit/s that the line is thought to carry; @sent_bytes and
 * @packets: of RTP; @queue_ms, @loss_percent: as the room's feedback has them
 */
typedef struct {
  guint target;
  TuttiVideoShape shape;
  guint64 packets;
  guint64 sent_bytes;
  guint64 key_frames_asked;
  double queue_ms;
  double loss_percent;
} TuttiVideoSenderStats;

/**
 * TuttiVideoSender: a source, seen by oneself, and sent as VP8 where there is a slot for it
 *
 * Its threads have ordinary priority, and packets go out evenly at not much more than the rate of
 * the picture: a key frame must not stand in front of sound. Main thread.
 *
 * Signal `error` (GError *): it is over; on the main thread, once.
 */
#define TUTTI_TYPE_VIDEO_SENDER (tutti_video_sender_get_type ())
G_DECLARE_FINAL_TYPE (TuttiVideoSender, tutti_video_sender, TUTTI, VIDEO_SENDER, GObject)

/* Starts at once. */
TuttiVideoSender *tutti_video_sender_new (const TuttiVideoSource *source, GError **error);
TuttiPicture *tutti_video_sender_get_picture (TuttiVideoSender *self);
/* @slot: (nullable): of a VP8 stream, valid until another call; %NULL: nothing is sent from now on.
 * No packet is on its way into the old one after return. */
void tutti_video_sender_set_slot (TuttiVideoSender *self, TuttiSendSlot *slot);
/* About once a second: see tutti_rate_sound() */
void tutti_video_sender_tell_sound (TuttiVideoSender *self, double loss_percent, double rtt_ms);
void tutti_video_sender_get_stats (TuttiVideoSender *self, TuttiVideoSenderStats *stats);
/* At once; idempotent. */
void tutti_video_sender_close (TuttiVideoSender *self);

G_END_DECLS
