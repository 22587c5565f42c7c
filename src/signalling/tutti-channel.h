/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <libdex.h>

#include "tutti-link.h"
#include "tutti-request-table.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_CHANNEL (tutti_channel_get_type ())
G_DECLARE_FINAL_TYPE (TuttiChannel, tutti_channel, TUTTI, CHANNEL, GObject)

/**
 * TuttiChannel:
 *
 * protoo framing over a WebSocket, always TLS: with the link's certificate pin, else with an
 * authority's word. One object per connection. Main thread.
 *
 * Signals:
 *  - `request` (gint64 id, char *method, JsonObject *data) → gboolean: TRUE when the handler has
 *    answered or will answer with accept/reject; refused with 404 otherwise
 *  - `notification` (char *method, JsonObject *data)
 *  - `closed` (GError *error): once, after an open() that resolved; error says why (never NULL,
 *    G_IO_ERROR_CANCELLED after close(), from inside that call). Nothing comes after it.
 */
TuttiChannel *tutti_channel_new (const TuttiLink *link, const char *peer_id);
/* Before open(). @seat: (nullable): what the room gave this peer when it was there before. */
void tutti_channel_set_seat (TuttiChannel *self, const char *seat);
/* Resolves to TRUE when open; rejects with UNREACHABLE, CERTIFICATE, REFUSED. Call once. */
DexFuture *tutti_channel_open (TuttiChannel *self);
/* Resolves to a JsonObject (JSON_TYPE_OBJECT boxed) or rejects with TUTTI_ERROR_REFUSED/TIMEOUT/….
 * @data: transfer full, nullable. Time-out 10 s. */
DexFuture *tutti_channel_request (TuttiChannel *self, const char *method, JsonObject *data);
/* The same without a future: @func is called synchronously when the answer arrives, for those
 * who measure time; never from inside this call. @data: transfer full, nullable. */
void tutti_channel_ask (TuttiChannel *self,
                        const char *method,
                        JsonObject *data,
                        TuttiResponseFunc func,
                        gpointer user_data);
/* @data: transfer full, nullable. Nothing happens when the channel is not open. */
void tutti_channel_notify (TuttiChannel *self, const char *method, JsonObject *data);
/* Ids that are not open (any more) are ignored. @data: transfer full, nullable. */
void tutti_channel_accept (TuttiChannel *self, gint64 id, JsonObject *data);
void tutti_channel_reject (TuttiChannel *self, gint64 id, int code, const char *reason);
gboolean tutti_channel_is_open (TuttiChannel *self);
/* (transfer none) (nullable): the connection's two ends, %NULL when there is none */
GSocketConnection *tutti_channel_get_connection (TuttiChannel *self);
/* At once; pending requests reject with G_IO_ERROR_CANCELLED. Idempotent. */
void tutti_channel_close (TuttiChannel *self);
/* As close(), but `closed` and the pending requests get @error. */
void tutti_channel_abort (TuttiChannel *self, const GError *error);

G_END_DECLS
