/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>
#include <libdex.h>
#include <libsoup/soup.h>

#include "tutti-link.h"

G_BEGIN_DECLS

/**
 * RoomServer:
 *
 * A real WebSocket server over real TLS on a loopback port, in this process, whose every word is
 * scripted: for the answers that a healthy room service never gives. Behind it stands a small TCP
 * relay that can freeze or cut the line.
 */
typedef struct _RoomServer RoomServer;

/* A message from the client, as it came. */
typedef void (*RoomServerFunc) (RoomServer *self,
                                const char *text,
                                JsonObject *message,
                                gpointer user_data);

RoomServer *room_server_new (void);
void room_server_free (RoomServer *self);
TuttiLink *room_server_get_link (RoomServer *self, const char *fingerprint);
const char *room_server_get_fingerprint (RoomServer *self);
guint room_server_get_port (RoomServer *self);
/* Whether to say mediasoupVersion and roomWelcome to whoever connects. */
void room_server_set_greeting (RoomServer *self, const char *version, const char *welcome);
/* Refuse the WebSocket handshake with this HTTP status; 0 accepts. */
/* @code: (nullable): of the header Tutti-Refusal */
void room_server_set_refusal (RoomServer *self, guint status, const char *code);
void room_server_set_func (RoomServer *self, RoomServerFunc func, gpointer user_data);
void room_server_send (RoomServer *self, const char *text);
void room_server_send_raw (RoomServer *self, gconstpointer data, gsize size);
void room_server_send_binary (RoomServer *self, gconstpointer data, gsize size);
void room_server_answer (RoomServer *self, JsonObject *message, const char *data);
void room_server_refuse (RoomServer *self, JsonObject *message, int code, const char *reason);
void room_server_close (RoomServer *self, gushort code, const char *reason);
gboolean room_server_is_connected (RoomServer *self);
/* Headers and path of the last handshake. */
const char *room_server_get_header (RoomServer *self, const char *name);
const char *room_server_get_query (RoomServer *self);
guint room_server_get_n_handshakes (RoomServer *self);
/* The code that the client closed with, 0 none. */
guint room_server_get_close_code (RoomServer *self);

/* The line between: frozen, nothing moves any more and nobody is told; cut, both ends see it. */
void room_server_freeze_line (RoomServer *self);
void room_server_cut_line (RoomServer *self);

/* -- waiting, with a deadline that fails the test -- */

void spin_until (gboolean (*condition) (gpointer), gpointer user_data);
void spin_for_ms (guint ms);
const GValue *await (DexFuture *future, GError **error);
void await_ok (DexFuture *future);
void await_error (DexFuture *future, GQuark domain, int code);
JsonObject *parse_json (const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RoomServer, room_server_free)

G_END_DECLS
