/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the room says, checked and bounded. Boxed values; every string is valid UTF-8. */

#define TUTTI_FRAMED_VERSION 1

/* Bounds, in characters for texts that people write and in bytes for ids. Longer texts are cut,
 * longer ids make the message malformed. */
#define TUTTI_ROOM_MAX_ID    128
#define TUTTI_ROOM_MAX_NAME  64
#define TUTTI_ROOM_MAX_LABEL 64

typedef enum { TUTTI_MEDIA_AUDIO, TUTTI_MEDIA_VIDEO } TuttiMedia;

/**
 * TuttiRole: what somebody may do in a room
 * @TUTTI_ROLE_MUSICIAN: plays and hears; also where the room does not say
 * @TUTTI_ROLE_HOST: a musician who hands out invites
 * @TUTTI_ROLE_LISTENER: hears only
 */
typedef enum { TUTTI_ROLE_MUSICIAN, TUTTI_ROLE_HOST, TUTTI_ROLE_LISTENER } TuttiRole;

#define TUTTI_TYPE_ROLE (tutti_role_get_type ())
GType tutti_role_get_type (void) G_GNUC_CONST;
/* As on the wire. */
const char *tutti_role_to_string (TuttiRole role);
/* FALSE, and @role as it was, when @text (nullable) names none. */
gboolean tutti_role_from_string (const char *text, TuttiRole *role);

/**
 * TuttiPeerInfo:
 * @peer_id: stable id
 * @display_name: what people see: no control characters, never empty
 * @instrument: may be empty
 * @role: what they may do
 */
typedef struct {
  char *peer_id;
  char *display_name;
  char *instrument;
  TuttiRole role;
} TuttiPeerInfo;

#define TUTTI_TYPE_PEER_INFO (tutti_peer_info_get_type ())
GType tutti_peer_info_get_type (void) G_GNUC_CONST;
TuttiPeerInfo *tutti_peer_info_copy (const TuttiPeerInfo *self);
void tutti_peer_info_free (TuttiPeerInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiPeerInfo, tutti_peer_info_free)

/**
 * TuttiStreamInfo:
 * @source: "audio", "camera" or "screen", of which nothing else is told; "video" or "screensharing"
 *   of a plain demo client
 * @strip_id: which of the sender's strips; "main" when the sender does not say
 * @strip_label: may be empty
 * @wire: "opus" (RFC 7587) or "framed" (tutti-payload.h; or one that we do not know: then reject
 *   the consumer)
 * @version: framed: of the framing; 0 when the sender does not say
 * @frame_samples: opus: samples per channel and packet at 48 kHz
 * @channels: 1 or 2
 * @bitrate: opus: bit/s of payload
 *
 * What a producer's `appData` says about its stream; the same struct in both directions. From a
 * plain demo client, which says nothing: opus, 960, 2, 96000.
 */
typedef struct {
  char *source;
  char *strip_id;
  char *strip_label;
  char *wire;
  guint version;
  guint frame_samples;
  guint channels;
  guint bitrate;
} TuttiStreamInfo;

/**
 * TuttiConsumerInfo:
 * @consumer_id: mediasoup's
 * @producer_id: mediasoup's, of the sender
 * @peer_id: whose
 * @transport_id: which of our receive transports; %NULL when the server does not say
 * @media: audio or video
 * @rtp_parameters: as the server sent it: an object, but its inside is NOT checked here
 *   (tutti_ortc_check_rtp_parameters())
 * @stream: the producer's `appData`
 * @paused: the sender has paused (muted) it
 * @replaces_consumer_id: (nullable): the consumer that this one takes over from (receive rebuild)
 * @replaces_producer_id: (nullable): the producer whose successor this is (the sender's rebuild)
 */
typedef struct {
  char *consumer_id;
  char *producer_id;
  char *peer_id;
  char *transport_id;
  TuttiMedia media;
  JsonObject *rtp_parameters;
  TuttiStreamInfo stream;
  gboolean paused;
  char *replaces_consumer_id;
  char *replaces_producer_id;
} TuttiConsumerInfo;

#define TUTTI_TYPE_CONSUMER_INFO (tutti_consumer_info_get_type ())
GType tutti_consumer_info_get_type (void) G_GNUC_CONST;
TuttiConsumerInfo *tutti_consumer_info_copy (const TuttiConsumerInfo *self);
void tutti_consumer_info_free (TuttiConsumerInfo *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiConsumerInfo, tutti_consumer_info_free)

/**
 * TuttiRtpClock:
 * @peer_id: who says so
 * @producer_id: of which stream
 * @rtp_timestamp: a sample's RTP timestamp
 * @room_time_us: the room time at which that sample was captured, µs
 * @error_us: ± the sender's clock, µs; −1 when it does not say
 * @sent_us: the room time at which the packet with that timestamp went out, µs; −1 when the sender
 *   does not say
 */
typedef struct {
  char *peer_id;
  char *producer_id;
  guint32 rtp_timestamp;
  gint64 room_time_us;
  gint64 error_us;
  gint64 sent_us;
} TuttiRtpClock;

#define TUTTI_TYPE_RTP_CLOCK (tutti_rtp_clock_get_type ())
GType tutti_rtp_clock_get_type (void) G_GNUC_CONST;
TuttiRtpClock *tutti_rtp_clock_copy (const TuttiRtpClock *self);
void tutti_rtp_clock_free (TuttiRtpClock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRtpClock, tutti_rtp_clock_free)

/* Checked parsing; %NULL with %TUTTI_ERROR_PROTOCOL when malformed. */
TuttiPeerInfo *tutti_peer_info_from_json (JsonObject *object, GError **error);
TuttiConsumerInfo *tutti_consumer_info_from_json (JsonObject *object, GError **error);
TuttiRtpClock *tutti_rtp_clock_from_json (JsonObject *object, GError **error);
JsonObject *tutti_stream_info_to_json (const TuttiStreamInfo *self);

G_END_DECLS
