/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * TuttiTransportState:
 * @TUTTI_TRANSPORT_NEW: made, nothing negotiated
 * @TUTTI_TRANSPORT_CONNECTING: ICE and DTLS are under way; nothing is sent or heard
 * @TUTTI_TRANSPORT_CONNECTED: DTLS is up AND the remote certificate's SHA-256 was checked against
 *   dtlsParameters: only from here on do packets pass in either direction
 * @TUTTI_TRANSPORT_FAILED: over; see #TuttiTransport:error
 * @TUTTI_TRANSPORT_CLOSED: closed by us
 */
typedef enum {
  TUTTI_TRANSPORT_NEW,
  TUTTI_TRANSPORT_CONNECTING,
  TUTTI_TRANSPORT_CONNECTED,
  TUTTI_TRANSPORT_FAILED,
  TUTTI_TRANSPORT_CLOSED,
} TuttiTransportState;

typedef enum { TUTTI_DIRECTION_SEND, TUTTI_DIRECTION_RECEIVE } TuttiDirection;

#define TUTTI_TYPE_TRANSPORT (tutti_transport_get_type ())
G_DECLARE_FINAL_TYPE (TuttiTransport, tutti_transport, TUTTI, TRANSPORT, GObject)

/**
 * TuttiTransportConnectFunc:
 * @dtls_parameters: what `connectWebRtcTransport` wants: {role:"client", fingerprints:[…]}
 *
 * Called once on the main thread when the local DTLS parameters are known. The callee asks the
 * server and then calls tutti_transport_connected() (with the error if it failed).
 */
typedef void (*TuttiTransportConnectFunc) (TuttiTransport *self,
                                           JsonObject *dtls_parameters,
                                           gpointer user_data);

/**
 * TuttiRtpFunc:
 *
 * An RTP packet of one consumer (decrypted, after rtpsession; there is no jitter buffer), on a
 * streaming thread. @arrival_ns: CLOCK_MONOTONIC. Must not block. mediasoup adds a header
 * extension, so the payload does not begin at byte 12; the sequence numbers are the server's, the
 * timestamps the sender's.
 */
typedef void (*TuttiRtpFunc) (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data);

/**
 * TuttiTransportStats: @rtt_ms: round trip from RTCP, −1 unknown (when receiving, always). Lost: by
 * RTCP. Threads: this transport's alone; where @realtime_threads is less than @path_threads, sound
 * may stall under load, and the person should be told.
 */
typedef struct {
  guint64 packets_sent;
  guint64 packets_received;
  guint64 packets_dropped; /* offered for sending before CONNECTED */
  gint64 packets_lost;     /* as the other end reports for what we send */
  double loss_percent;     /* of what we sent in the server's last report interval (0.5 to 5 s),
                            * the worst stream; −1 unknown */
  double rtt_ms;
  guint m_lines;
  guint departed;         /* consumers that left an m-line behind (each keeps some 32 KB) */
  guint path_threads;     /* carry packets, or hold locks that packets need */
  guint realtime_threads; /* those of them that have real-time priority at this moment */
} TuttiTransportStats;

/**
 * tutti_transport_new:
 * @server_parameters: the answer of `createWebRtcTransport`: {transportId, iceParameters,
 *   iceCandidates, dtlsParameters, iceServers?}; checked
 *
 * One webrtcbin (max-bundle, one medium, one direction). Properties (notify on the main thread):
 * `state`, `error` (GError, boxed), `protocol` ("udp", "tcp", "relay": over a TURN server, or NULL
 * until selected), `id` (transportId). All functions: main thread, but tutti_send_slot_push().
 * The header names no GStreamer type on purpose.
 */
TuttiTransport *
tutti_transport_new (TuttiDirection direction, JsonObject *server_parameters, GError **error);
/* The same for pictures: none of its threads asks for real-time priority. */
TuttiTransport *tutti_transport_new_for_pictures (TuttiDirection direction,
                                                  JsonObject *server_parameters,
                                                  GError **error);
void tutti_transport_set_connect_func (TuttiTransport *self,
                                       TuttiTransportConnectFunc func,
                                       gpointer user_data);
void tutti_transport_connected (TuttiTransport *self, const GError *error);
TuttiTransportState tutti_transport_get_state (TuttiTransport *self);
const GError *tutti_transport_get_error (TuttiTransport *self);
const char *tutti_transport_get_id (TuttiTransport *self);
const char *tutti_transport_get_protocol (TuttiTransport *self);
void tutti_transport_get_stats (TuttiTransport *self, TuttiTransportStats *stats);
/* Stops everything at once; pending operations end with G_IO_ERROR_CANCELLED. Idempotent. */
void tutti_transport_close (TuttiTransport *self);

/* -- sending: one slot per strip, on a fixed m-line and SSRC that later produces reuse -- */

typedef struct _TuttiSendSlot TuttiSendSlot;

/**
 * tutti_transport_produce_async:
 * @codec: an entry of the router's rtpCapabilities.codecs, already completed by
 *   tutti_ortc_send_codec() (preferredPayloadType, clockRate, channels, parameters)
 * @header_extensions: the router's headerExtensions that we send for this kind
 *
 * Adds a slot (or takes a free one), negotiates, and finishes with the slot and the rtpParameters
 * for `produce` (transfer full). Several calls at once are queued. Finishes once webrtcbin has both
 * descriptions: DTLS may still be under way.
 */
void tutti_transport_produce_async (TuttiTransport *self,
                                    JsonObject *codec,
                                    JsonArray *header_extensions,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
TuttiSendSlot *tutti_transport_produce_finish (TuttiTransport *self,
                                               GAsyncResult *result,
                                               JsonObject **rtp_parameters,
                                               GError **error);
guint32 tutti_send_slot_get_ssrc (TuttiSendSlot *slot);
guint8 tutti_send_slot_get_payload_type (TuttiSendSlot *slot);
/* Any one thread, which should have real-time priority; encrypts and sends in it (about 50 µs) and
 * waits for nobody; drops (and counts) until CONNECTED. Sequence numbers are made to go on where
 * the pusher's begin anew. The slot lives as long as the transport, closed or not. */
void tutti_send_slot_push (TuttiSendSlot *slot, const guint8 *rtp, gsize size);

/**
 * TuttiPacketFeedback: what the room's transport-wide feedback tells of one packet of ours
 * @sent_ns: by our clock; @arrived_ns: by the room's, which has another origin; −1: it never came
 */
typedef struct {
  gint64 sent_ns;
  gint64 arrived_ns;
  guint size;
} TuttiPacketFeedback;

/**
 * TuttiSendSlotFuncs: what the room asks and tells of a slot's stream. Streaming threads; must not
 * block. @feedback is about every packet of the transport, not only the slot's.
 */
typedef struct {
  void (*key_frame) (gpointer user_data);
  void (*feedback) (const TuttiPacketFeedback *packets, guint n_packets, gpointer user_data);
} TuttiSendSlotFuncs;

/* @funcs: (nullable): static; after a call with %NULL has returned none is running. Main thread. */
void
tutti_send_slot_watch (TuttiSendSlot *slot, const TuttiSendSlotFuncs *funcs, gpointer user_data);
/* The id of the header extension into which each packet's transport-wide number is to be written;
 * 0: none. Packets must have it already, with any number: it is filled in on the way. */
guint tutti_send_slot_get_feedback_extension (TuttiSendSlot *slot);
/* Frees the slot for a later produce (no SDP). The pusher must have stopped. */
void tutti_transport_release_slot (TuttiTransport *self, TuttiSendSlot *slot);

/* -- receiving -- */

/**
 * tutti_transport_consume_async:
 * @consumer_id: mediasoup's
 * @rtp_parameters: of the `newConsumer` request; checked (only listed codecs, TUTTI_ERROR_CODEC
 * else)
 *
 * Finishes after set-local-description: only then may the `newConsumer` request be accepted.
 * @func is called from then on for each packet of the consumer's SSRC, once CONNECTED.
 */
void tutti_transport_consume_async (TuttiTransport *self,
                                    const char *consumer_id,
                                    JsonObject *rtp_parameters,
                                    TuttiRtpFunc func,
                                    gpointer func_data,
                                    GDestroyNotify func_destroy,
                                    GCancellable *cancellable,
                                    GAsyncReadyCallback callback,
                                    gpointer user_data);
gboolean
tutti_transport_consume_finish (TuttiTransport *self, GAsyncResult *result, GError **error);

/**
 * TuttiAsker: by which a receiver asks for packets again and for key frames, from any thread, also
 * after the transport went (then nothing happens)
 */
typedef struct _TuttiTransportShared TuttiAsker;

TuttiAsker *tutti_transport_dup_asker (TuttiTransport *self);
void tutti_asker_unref (TuttiAsker *self);
void tutti_asker_ask_key_frame (TuttiAsker *self, guint32 ssrc, guint8 payload_type);
void tutti_asker_ask_again (TuttiAsker *self, guint32 ssrc, guint16 seq);

/* After return @func is not running and never called again. No renegotiation: the m-line is kept
 * for a later consumer. Unknown ids are ignored. */
void tutti_transport_stop_consuming (TuttiTransport *self, const char *consumer_id);
/* TRUE when so many consumers have left (500) that a new transport should take over. */
gboolean tutti_transport_wants_rebuild (TuttiTransport *self);

/* Must be called once before any transport is made (gst_init, version and plugin checks). */
gboolean tutti_net_init (GError **error);
/* Waits until the threads and sockets of closed transports are gone: for the end of a program and
 * for tests. FALSE when some were still there after @timeout_ms. */
gboolean tutti_net_wait_idle (guint timeout_ms);
/* @pipeline: (transfer full): a GstElement, of which other folders make their own: taken down in a
 * thread of its own, for which the end of the program waits. Main thread. */
void tutti_net_reap_pipeline (gpointer pipeline);

G_END_DECLS
