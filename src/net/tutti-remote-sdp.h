/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * TuttiRemoteSdp: the remote description we synthesise for webrtcbin out of mediasoup's parameters.
 * Pure. m-lines are only ever appended or reused under the same mid; never closed with port 0.
 */
typedef struct _TuttiRemoteSdp TuttiRemoteSdp;

TuttiRemoteSdp *tutti_remote_sdp_new (JsonObject *transport);
void tutti_remote_sdp_free (TuttiRemoteSdp *self);
guint tutti_remote_sdp_get_n_media (TuttiRemoteSdp *self);
/* Answer side: @rtp_parameters of `produce`. Returns the m-line's index. */
guint
tutti_remote_sdp_add_send (TuttiRemoteSdp *self, const char *kind, JsonObject *rtp_parameters);
/* Offer side: @rtp_parameters of a consumer. Takes a free m-line of that kind or appends one. */
guint tutti_remote_sdp_add_receive (TuttiRemoteSdp *self,
                                    const char *kind,
                                    JsonObject *rtp_parameters,
                                    const char *peer_id,
                                    const char *consumer_id);
/* Marks an m-line as reusable; the text does not change until it is reused. */
void tutti_remote_sdp_release (TuttiRemoteSdp *self, guint index);
char *tutti_remote_sdp_to_string (TuttiRemoteSdp *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiRemoteSdp, tutti_remote_sdp_free)

G_END_DECLS
