/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>

#include "tutti-link.h"
#include "tutti-room-clock.h"
#include "tutti-room-plan.h"
#include "tutti-room-types.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_ROOM_CLIENT (tutti_room_client_get_type ())
G_DECLARE_FINAL_TYPE (TuttiRoomClient, tutti_room_client, TUTTI, ROOM_CLIENT, GObject)

/**
 * TuttiTransportRole:
 * @TUTTI_TRANSPORT_ROLE_PRODUCER: we send on it
 * @TUTTI_TRANSPORT_ROLE_CONSUMER: we receive on it
 */
typedef enum { TUTTI_TRANSPORT_ROLE_PRODUCER, TUTTI_TRANSPORT_ROLE_CONSUMER } TuttiTransportRole;

/**
 * TuttiRoomClient:
 *
 * The room's dialect (docs/PROTOCOL.md), typed: one future per request, one function per
 * notification, and a checked struct for everything that the server says. It holds one
 * #TuttiChannel and keeps no picture of the room: that is the model's. One object per connection:
 * to reconnect make a new one. Main thread only.
 *
 * Every future rejects with TUTTI_ERROR (REFUSED with the server's reason (403, 404, 409,
 * 413), ROOM_FULL or DISCONNECTED for 503, FAILED for 429 and 500, PROTOCOL for 400 and when the
 * answer is malformed, TIMEOUT after 10 s, and the reason of `closed` when the
 * connection ends first) or with %G_IO_ERROR_CANCELLED after tutti_room_client_close().
 *
 * Properties (read-only):
 *  - `link` (TuttiLink, construct), `peer-id` (char *, construct)
 *  - `features` (GStrv): what the service announced; empty for a plain demo server
 *  - `is-demo` (gboolean): a plain mediasoup-demo server: one send and one receive transport for
 *    both media, standard Opus only, and a rebuild means a rejoin
 *  - `room-name`, `service-name`, `service-version` (char *, may be empty)
 *  - `max-players` (guint, 0 unknown)
 *  - `role` (TuttiRole): what we may do here
 * All are settled before tutti_room_client_open() resolves; only `role` may change after (and with
 * it what tutti_room_client_get_seat() gives).
 *
 * Signals (all strings and structs belong to the emission; copy what you keep):
 *  - `peer-joined` (TuttiPeerInfo *info)
 *  - `peer-left` (char *peer_id, char *reason): reason "left", "lost", "replaced",
 * "asleep" or "removed" (by a host)
 *  - `peer-renamed` (char *peer_id, char *display_name)
 *  - `new-consumer` (gint64 request_id, TuttiConsumerInfo *info): answer every one of them, later
 * if you like, with tutti_room_client_accept() (after the transport has its local description) or
 * tutti_room_client_reject()
 *  - `consumer-closed`, `consumer-paused`, `consumer-resumed` (char *consumer_id)
 *  - `transport-closed` (char *transport_id): one for pictures broke at the room's end
 *  - `rtp-clock` (TuttiRtpClock *clock)
 *  - `plan` (TuttiPlan *plan): what we are to send from now on (feature `plan`)
 *  - `heard` (TuttiHeard *heard): how somebody hears us (feature `link-report`)
 *  - `tempo` (TuttiTempo *tempo): the metronome, also right after joining (feature `tempo`)
 *  - `chat` (TuttiChatLine *line): somebody wrote; after joining also what was written before
 *    (feature `chat`)
 *  - `controls` (TuttiRoomControls *controls): what the hosts have set, also right after joining
 * where anything is (feature `controls`)
 *  - `role-changed` (TuttiRoleChange *change): somebody's, ours included
 *  - `muted` (char *peer_id): that host has muted us, until we resume a producer
 *  - `unmute-asked` (char *peer_id): that host would like to hear us
 *  - `draining` (guint seconds): the service ends within that time, and may come back after it
 *  - `clock-changed` (): tutti_room_client_get_clock() has a newer answer
 *  - `closed` (GError *error): once, after a tutti_room_client_open() that resolved; error is never
 *    NULL (tutti_error_is_fatal() says whether coming back makes sense; G_IO_ERROR_CANCELLED after
 *    tutti_room_client_close(), from inside that call). No signal comes after it.
 *
 * Connect them before tutti_room_client_join(): the server may send `new-consumer` right after its
 * answer, before a fiber that awaits the join runs again.
 */
TuttiRoomClient *tutti_room_client_new (const TuttiLink *link, const char *peer_id);
char *tutti_room_client_generate_peer_id (void);

/* Resolves to TRUE when the connection stands and the server's version is known
 * (TUTTI_ERROR_VERSION for a foreign major). Call once. */
DexFuture *tutti_room_client_open (TuttiRoomClient *self);
/* At once; pending futures reject with G_IO_ERROR_CANCELLED. Idempotent. To be polite,
 * await tutti_room_client_leave() first. */
void tutti_room_client_close (TuttiRoomClient *self);

/* Before join: the formats of which we can play framed streams, best first ("opus" alone, the
 * default: none of them), how many packets a second we can take, and how many samples our graph's
 * cycle has (0: not said). */
void tutti_room_client_set_formats (TuttiRoomClient *self,
                                    const char *const *formats,
                                    guint max_packets_per_second,
                                    guint quantum);
gboolean tutti_room_client_is_open (TuttiRoomClient *self);
gboolean tutti_room_client_is_demo (TuttiRoomClient *self);
gboolean tutti_room_client_has_feature (TuttiRoomClient *self, const char *feature);
const char *tutti_room_client_get_peer_id (TuttiRoomClient *self);
const TuttiLink *tutti_room_client_get_link (TuttiRoomClient *self);
TuttiRole tutti_room_client_get_role (TuttiRoomClient *self);
void tutti_room_client_set_seat (TuttiRoomClient *self, const char *seat);
const char *tutti_room_client_get_seat (TuttiRoomClient *self);
/* What this computer would send from now, if it made the connection anew. @gone: (out): the address
 * that it was made from is not ours any more. (transfer full) (nullable): no way, or not open. */
char *tutti_room_client_get_route (TuttiRoomClient *self, gboolean *gone);
const char *tutti_room_client_get_outside (TuttiRoomClient *self, guint *port);

/* -- requests -- */

/* → JsonObject (JSON_TYPE_OBJECT): the router's rtpCapabilities. In demo mode @media is not sent.
 */
DexFuture *tutti_room_client_get_router_rtp_capabilities (TuttiRoomClient *self, TuttiMedia media);
/* → JsonObject: {transportId, iceParameters, iceCandidates, dtlsParameters}, what
 * tutti_transport_new() takes; presence and types of these four are checked. */
DexFuture *tutti_room_client_create_web_rtc_transport (TuttiRoomClient *self,
                                                       TuttiTransportRole role,
                                                       TuttiMedia media,
                                                       gboolean force_tcp);
/* → TRUE. @dtls_parameters: transfer none */
DexFuture *tutti_room_client_connect_web_rtc_transport (TuttiRoomClient *self,
                                                        const char *transport_id,
                                                        JsonObject *dtls_parameters);
/* → GPtrArray (G_TYPE_PTR_ARRAY) of TuttiPeerInfo: who is there, without us. Starts the clock
 * questions when the room has the feature `clock`. @rtp_capabilities: transfer none */
DexFuture *tutti_room_client_join (TuttiRoomClient *self,
                                   const char *display_name,
                                   const char *instrument,
                                   JsonObject *rtp_capabilities);
/* → char *: the producerId. @rtp_parameters: transfer none; @replaces: nullable producerId (ignored
 * without the feature `rebuild`) */
DexFuture *tutti_room_client_produce (TuttiRoomClient *self,
                                      const char *transport_id,
                                      TuttiMedia media,
                                      JsonObject *rtp_parameters,
                                      const TuttiStreamInfo *stream,
                                      const char *replaces);
/* → TRUE; everybody, we too, then hear of it by `tempo` (feature `tempo`). @tempo: its origin and
 * person are the service's to say */
DexFuture *tutti_room_client_set_tempo (TuttiRoomClient *self, const TuttiTempo *tempo);
/* → TRUE when the service has begun to announce the moved consumers (feature `rebuild`). */
DexFuture *tutti_room_client_move_consumers (TuttiRoomClient *self,
                                             const char *from_transport_id,
                                             const char *to_transport_id);
/* → TRUE whatever the answer is: the service answers. */
DexFuture *tutti_room_client_ping (TuttiRoomClient *self);
/* → TRUE */
DexFuture *tutti_room_client_close_transport (TuttiRoomClient *self, const char *transport_id);
/* → TRUE when the room has let us go; also when the connection is gone already or the server does
 * not know the method, so that leaving never fails. Then close(). @reason: (nullable): "asleep" of
 * who comes back as soon as their computer is awake. */
DexFuture *tutti_room_client_leave (TuttiRoomClient *self, const char *reason);
/* → JsonArray (JSON_TYPE_ARRAY): mediasoup's statistics, as they are */
DexFuture *tutti_room_client_get_transport_stats (TuttiRoomClient *self, const char *transport_id);
DexFuture *tutti_room_client_get_producer_stats (TuttiRoomClient *self, const char *producer_id);
DexFuture *tutti_room_client_get_consumer_stats (TuttiRoomClient *self, const char *consumer_id);

/* -- answers to `new-consumer`; an id that is not (or no longer) open is ignored -- */

void tutti_room_client_accept (TuttiRoomClient *self, gint64 request_id);
/* @code: 400 malformed, 404 nothing for it, 409 wrong state, 500 our fault */
void
tutti_room_client_reject (TuttiRoomClient *self, gint64 request_id, int code, const char *reason);

/* -- notifications; nothing happens when the connection is gone -- */

void tutti_room_client_close_producer (TuttiRoomClient *self, const char *producer_id);
void tutti_room_client_pause_producer (TuttiRoomClient *self, const char *producer_id);
void tutti_room_client_resume_producer (TuttiRoomClient *self, const char *producer_id);
void tutti_room_client_pause_consumer (TuttiRoomClient *self, const char *consumer_id);
void tutti_room_client_resume_consumer (TuttiRoomClient *self, const char *consumer_id);
void tutti_room_client_change_display_name (TuttiRoomClient *self, const char *display_name);
/* Not sent without the feature `rtp-clock`; @clock's peer id is not told. */
void tutti_room_client_rtp_clock (TuttiRoomClient *self, const TuttiRtpClock *clock);
/* The plan of that revision is what we send from now on (feature `plan`). */
void tutti_room_client_plan_applied (TuttiRoomClient *self, gint64 revision);
/* Not sent without the feature `link-report`. */
void tutti_room_client_link_report (TuttiRoomClient *self, const TuttiLinkReport *report);

/* -- the room's clock -- */

/* The client itself asks (5 times at 100 ms after join, then every second) as long as the
 * connection stands; nothing to drive. Check tutti_room_clock_is_known(); it stays unknown without
 * the feature `clock`. Transfer none. */
const TuttiRoomClock *tutti_room_client_get_clock (TuttiRoomClient *self);

G_END_DECLS
