/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* ORTC mapping, pure JSON → JSON; see docs/PROTOCOL.md. All returns are new references. */

/* Checks a router's rtpCapabilities as foreign input (types, ranges, sizes). */
gboolean tutti_ortc_check_capabilities (JsonObject *router_capabilities, GError **error);
gboolean tutti_ortc_check_rtp_parameters (JsonObject *rtp_parameters, GError **error);
gboolean tutti_ortc_check_transport (JsonObject *transport, GError **error);
/* The router's capabilities filtered by what we can decode: for `join`. */
JsonObject *tutti_ortc_receive_capabilities (JsonObject *router_capabilities, gboolean with_video);
/* The router's codec for @mime_type ("audio/opus"), completed for sending (frame in samples at 48
 * kHz → minptime, stereo, no in-band FEC, no nack), or NULL with TUTTI_ERROR_CODEC. */
JsonObject *tutti_ortc_send_codec (JsonObject *router_capabilities,
                                   const char *mime_type,
                                   guint frame_samples,
                                   guint channels,
                                   GError **error);
JsonArray *tutti_ortc_send_extensions (JsonObject *router_capabilities, const char *kind);

/* From a local SDP offer (webrtcbin's), media section @index → rtpParameters for `produce`. */
JsonObject *tutti_ortc_send_parameters (const char *offer,
                                        guint index,
                                        JsonObject *router_capabilities,
                                        GError **error);
/* From any local SDP → {role, fingerprints:[{algorithm,value}]}. */
JsonObject *tutti_ortc_dtls_parameters (const char *sdp, const char *role, GError **error);

G_END_DECLS
