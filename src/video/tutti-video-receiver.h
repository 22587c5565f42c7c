/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-picture.h"
#include "tutti-transport.h"

G_BEGIN_DECLS

/**
 * TuttiVideoStream: how a picture's packets are told: by SSRC, those that are sent again by another
 * (0: none are)
 */
typedef struct {
  guint32 ssrc;
  guint32 rtx_ssrc;
  guint8 payload_type;
  guint8 rtx_payload_type;
} TuttiVideoStream;

/* From checked rtpParameters of a consumer of VP8 (tutti_transport_consume_async() takes nothing
 * else); pure. */
gboolean tutti_video_stream_read (TuttiVideoStream *self, JsonObject *rtp_parameters);

/**
 * TuttiVideoReceiver: packets in, frames out. What is missing is asked for again, by the NACK of
 * RTP, then by a key frame. Plain C, atomically counted.
 */
typedef struct _TuttiVideoReceiver TuttiVideoReceiver;

typedef struct {
  guint64 packets;
  guint64 refused; /* neither VP8 nor what was sent again, or a picture that is too large */
  guint64 asked_again;
  guint64 key_frames_asked;
} TuttiVideoReceiverStats;

/* Main thread. @asker: (transfer full) (nullable) */
TuttiVideoReceiver *tutti_video_receiver_new (const TuttiVideoStream *stream,
                                              TuttiPicture *picture,
                                              TuttiAsker *asker,
                                              GError **error);
TuttiVideoReceiver *tutti_video_receiver_ref (TuttiVideoReceiver *self);
void tutti_video_receiver_unref (TuttiVideoReceiver *self);
/* A TuttiRtpFunc; @user_data is the receiver. */
void
tutti_video_receiver_push (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data);
void tutti_video_receiver_get_stats (TuttiVideoReceiver *self, TuttiVideoReceiverStats *stats);
/* Main thread: takes the chain down. Idempotent. */
void tutti_video_receiver_close (TuttiVideoReceiver *self);

G_END_DECLS
