/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-channel.h"

#include <libsoup/soup.h>

#include "tutti-channel-errors.h"
#include "tutti-dial.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-protoo.h"
#include "tutti-socket-end.h"
#include "tutti-thread.h"

#define REQUEST_TIMEOUT_MS 10000
#define KEEPALIVE_S        5
#define PONG_TIMEOUT_S     10
/* Questions of the server that wait for our answer. */
#define MAX_OPEN_REQUESTS 512

typedef enum { STATE_NEW, STATE_OPENING, STATE_OPEN, STATE_CLOSED } State;

struct _TuttiChannel {
  GObject parent_instance;

  TuttiLink *link;
  char *peer_id;
  char *seat;

  State state;
  DexPromise *opening;
  GCancellable *connecting; /* cancelled when the connection is not wanted any more */
  SoupWebsocketConnection *socket;

  TuttiRequestTable *requests;
  GHashTable *open_requests; /* of gint64: the server's, not yet answered */
};

typedef enum { PROP_LINK = 1, PROP_PEER_ID } TuttiChannelProperty;

enum { SIGNAL_REQUEST, SIGNAL_NOTIFICATION, SIGNAL_CLOSED, N_SIGNALS };

static GParamSpec *properties[PROP_PEER_ID + 1];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiChannel, tutti_channel, G_TYPE_OBJECT)

/* -- the end -- */

/* @code: to say goodbye with; 0 where the connection is closing already. */
static void
drop_socket (TuttiChannel *self, gushort code)
{
  if (!self->socket)
    return;

  g_signal_handlers_disconnect_by_data (self->socket, self);
  tutti_socket_end (g_steal_pointer (&self->socket), code);
}

static void
end (TuttiChannel *self, gushort code, const GError *error)
{
  g_autoptr (TuttiChannel) guard = NULL;
  State state = self->state;

  if (state == STATE_CLOSED)
    return;

  guard = g_object_ref (self);
  self->state = STATE_CLOSED;
  g_cancellable_cancel (self->connecting);
  drop_socket (self, code);
  g_hash_table_remove_all (self->open_requests);

  if (state == STATE_OPENING) {
    g_autoptr (DexPromise) opening = g_steal_pointer (&self->opening);

    dex_promise_reject (opening, g_error_copy (error));
  }

  tutti_request_table_fail_all (self->requests, error);

  if (state == STATE_OPEN)
    g_signal_emit (self, signals[SIGNAL_CLOSED], 0, error);
}

/* -- what comes in -- */

static void
send_text (TuttiChannel *self, char *text)
{
  /* The socket may be closing before `closed` has come. */
  if (self->state == STATE_OPEN &&
      soup_websocket_connection_get_state (self->socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_text (self->socket, text);
  g_free (text);
}

static void
handle_request (TuttiChannel *self, TuttiProtooMessage *message)
{
  gint64 id = message->id;
  gboolean handled = FALSE;

  /* The same id twice: an answer would be ambiguous. */
  if (g_hash_table_contains (self->open_requests, &id)) {
    g_info ("request id %" G_GINT64_FORMAT " came twice", id);
    return;
  }

  if (g_hash_table_size (self->open_requests) >= MAX_OPEN_REQUESTS) {
    send_text (self, tutti_protoo_build_reject (id, 429, "too many open requests"));
    return;
  }

  g_hash_table_add (self->open_requests, g_memdup2 (&id, sizeof id));
  g_signal_emit (self, signals[SIGNAL_REQUEST], 0, id, message->method, message->data, &handled);

  if (!handled)
    tutti_channel_reject (self, id, 404, "no such method");
}

static void
handle_response (TuttiChannel *self, TuttiProtooMessage *message)
{
  g_autoptr (GError) error = NULL;

  if (!message->ok)
    error = tutti_channel_error_from_response (message->error_code, message->error_reason);

  if (!tutti_request_table_complete (self->requests, message->id,
                                     message->ok ? message->data : NULL, error))
    g_info ("an answer to no question (id %" G_GINT64_FORMAT ")", message->id);
}

static void
on_message (TuttiChannel *self, SoupWebsocketDataType type, GBytes *bytes)
{
  g_autoptr (TuttiChannel) guard = g_object_ref (self);
  g_autoptr (TuttiProtooMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    message = tutti_protoo_parse (text ? text : "", size, &error);
  else
    error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_PROTOCOL,
                                 _ ("The room sent something that Tutti cannot understand."));

  if (!message) {
    end (self, SOUP_WEBSOCKET_CLOSE_BAD_DATA, error);
    return;
  }

  switch (message->kind) {
  case TUTTI_PROTOO_REQUEST:
    handle_request (self, message);
    break;
  case TUTTI_PROTOO_RESPONSE:
    handle_response (self, message);
    break;
  case TUTTI_PROTOO_NOTIFICATION:
    g_signal_emit (self, signals[SIGNAL_NOTIFICATION], 0, message->method, message->data);
    break;
  default:
    g_assert_not_reached ();
  }
}

static void
on_socket_error (TuttiChannel *self, const GError *stream_error, SoupWebsocketConnection *socket)
{
  g_autoptr (GError) error = NULL;

  /* libsoup calls close codes like 1012, which it does not know, an error of the peer. */
  if (soup_websocket_connection_get_close_code (socket) != 0) {
    error = tutti_channel_error_from_close (soup_websocket_connection_get_close_code (socket),
                                            soup_websocket_connection_get_close_data (socket));
  } else {
    error = tutti_channel_error_from_stream (stream_error);
    /* Whoever breaks the rules gets no five seconds to say goodbye, in which they could go on. */
    tutti_socket_hang_up (socket);
  }

  g_info ("connection error: %s", stream_error->message);
  end (self, 0, error);
}

/* “closing” comes with the server's close frame, before the sockets are through with it. */
static void
on_socket_closing (TuttiChannel *self)
{
  g_autoptr (GError) error = NULL;

  error = tutti_channel_error_from_close (soup_websocket_connection_get_close_code (self->socket),
                                          soup_websocket_connection_get_close_data (self->socket));
  end (self, 0, error);
}

/* -- opening -- */

static void
take_socket (TuttiChannel *self, SoupWebsocketConnection *socket)
{
  g_autoptr (DexPromise) opening = g_steal_pointer (&self->opening);

  self->socket = g_object_ref (socket);
  soup_websocket_connection_set_keepalive_interval (socket, KEEPALIVE_S);
  soup_websocket_connection_set_keepalive_pong_timeout (socket, PONG_TIMEOUT_S);

  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "error", G_CALLBACK (on_socket_error), self);
  g_signal_connect_swapped (socket, "closing", G_CALLBACK (on_socket_closing), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (on_socket_closing), self);

  self->state = STATE_OPEN;
  dex_promise_resolve_boolean (opening, TRUE);
}

static void
on_dialled (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (TuttiChannel) self = user_data;
  g_autoptr (SoupWebsocketConnection) socket = NULL;
  g_autoptr (GError) error = NULL;

  socket = tutti_dial_finish (result, &error);

  if (self->state != STATE_OPENING)
    return;

  if (socket)
    take_socket (self, socket);
  else
    end (self, 0, error);
}

/**
 * tutti_channel_open:
 *
 * Connects, within 10 s. Call once.
 *
 * Returns: (transfer full): resolves to %TRUE when open; rejects with %TUTTI_ERROR_UNREACHABLE,
 *   %TUTTI_ERROR_CERTIFICATE, %TUTTI_ERROR_REFUSED, or %G_IO_ERROR_CANCELLED after
 *   tutti_channel_close()
 */
DexFuture *
tutti_channel_open (TuttiChannel *self)
{
  g_return_val_if_fail (TUTTI_IS_CHANNEL (self), NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->state != STATE_NEW)
    return dex_future_new_reject (G_IO_ERROR, G_IO_ERROR_CANCELLED, "%s",
                                  _ ("The connection to the room was closed."));

  self->state = STATE_OPENING;
  self->opening = dex_promise_new ();
  tutti_dial_async (self->link, self->peer_id, self->seat, self->connecting, on_dialled,
                    g_object_ref (self));

  return dex_ref (DEX_FUTURE (self->opening));
}

/* -- what goes out -- */

typedef struct {
  TuttiResponseFunc func;
  gpointer user_data;
} LateFailure;

static gboolean
fail_late (gpointer user_data)
{
  LateFailure *failure = user_data;
  g_autoptr (GError) error = NULL;

  error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_DISCONNECTED,
                               _ ("There is no connection to the room."));
  failure->func (NULL, error, failure->user_data);
  return G_SOURCE_REMOVE;
}

void
tutti_channel_ask (TuttiChannel *self,
                   const char *method,
                   JsonObject *data,
                   TuttiResponseFunc func,
                   gpointer user_data)
{
  gint64 id;

  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->state == STATE_OPEN) {
    id = tutti_request_table_add (self->requests, REQUEST_TIMEOUT_MS, method, func, user_data);
    send_text (self, tutti_protoo_build_request (id, method, data));
  } else {
    LateFailure *failure = g_new (LateFailure, 1);

    *failure = (LateFailure) { func, user_data };
    g_idle_add_full (G_PRIORITY_DEFAULT, fail_late, failure, g_free);
  }

  g_clear_pointer (&data, json_object_unref);
}

static void
resolve_request (JsonObject *data, const GError *error, gpointer user_data)
{
  g_autoptr (DexPromise) promise = user_data;

  if (error)
    dex_promise_reject (promise, g_error_copy (error));
  else
    dex_promise_resolve_boxed (promise, JSON_TYPE_OBJECT, json_object_ref (data));
}

DexFuture *
tutti_channel_request (TuttiChannel *self, const char *method, JsonObject *data)
{
  DexPromise *promise = dex_promise_new ();

  tutti_channel_ask (self, method, data, resolve_request, dex_ref (promise));
  return DEX_FUTURE (promise);
}

void
tutti_channel_notify (TuttiChannel *self, const char *method, JsonObject *data)
{
  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  send_text (self, tutti_protoo_build_notification (method, data));
  g_clear_pointer (&data, json_object_unref);
}

void
tutti_channel_accept (TuttiChannel *self, gint64 id, JsonObject *data)
{
  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  if (g_hash_table_remove (self->open_requests, &id))
    send_text (self, tutti_protoo_build_accept (id, data));
  g_clear_pointer (&data, json_object_unref);
}

void
tutti_channel_reject (TuttiChannel *self, gint64 id, int code, const char *reason)
{
  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  if (g_hash_table_remove (self->open_requests, &id))
    send_text (self, tutti_protoo_build_reject (id, code, reason));
}

gboolean
tutti_channel_is_open (TuttiChannel *self)
{
  g_return_val_if_fail (TUTTI_IS_CHANNEL (self), FALSE);

  return self->state == STATE_OPEN;
}

GSocketConnection *
tutti_channel_get_connection (TuttiChannel *self)
{
  GIOStream *stream;

  g_return_val_if_fail (TUTTI_IS_CHANNEL (self), NULL);

  stream = self->socket ? soup_websocket_connection_get_io_stream (self->socket) : NULL;

  return G_IS_SOCKET_CONNECTION (stream) ? G_SOCKET_CONNECTION (stream) : NULL;
}

void
tutti_channel_close (TuttiChannel *self)
{
  g_autoptr (GError) error = NULL;

  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED,
                               _ ("The connection to the room was closed."));
  end (self, SOUP_WEBSOCKET_CLOSE_NORMAL, error);
}

void
tutti_channel_abort (TuttiChannel *self, const GError *error)
{
  g_return_if_fail (TUTTI_IS_CHANNEL (self));
  g_return_if_fail (error != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  end (self, SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR, error);
}

/* -- the object -- */

static void
tutti_channel_dispose (GObject *object)
{
  TuttiChannel *self = TUTTI_CHANNEL (object);

  tutti_channel_close (self);

  G_OBJECT_CLASS (tutti_channel_parent_class)->dispose (object);
}

static void
tutti_channel_finalize (GObject *object)
{
  TuttiChannel *self = TUTTI_CHANNEL (object);

  g_clear_pointer (&self->link, tutti_link_free);
  g_free (self->peer_id);
  g_free (self->seat);
  g_clear_object (&self->connecting);
  g_clear_pointer (&self->requests, tutti_request_table_free);
  g_clear_pointer (&self->open_requests, g_hash_table_unref);

  G_OBJECT_CLASS (tutti_channel_parent_class)->finalize (object);
}

static void
tutti_channel_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  TuttiChannel *self = TUTTI_CHANNEL (object);

  switch ((TuttiChannelProperty) id) {
  case PROP_LINK:
    self->link = g_value_dup_boxed (value);
    break;
  case PROP_PEER_ID:
    self->peer_id = g_value_dup_string (value);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_channel_class_init (TuttiChannelClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = tutti_channel_dispose;
  object_class->finalize = tutti_channel_finalize;
  object_class->set_property = tutti_channel_set_property;

  properties[PROP_LINK] =
      g_param_spec_boxed ("link", NULL, NULL, TUTTI_TYPE_LINK,
                          G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_PEER_ID] =
      g_param_spec_string ("peer-id", NULL, NULL, NULL,
                           G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);

  signals[SIGNAL_REQUEST] =
      g_signal_new ("request", TUTTI_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0,
                    g_signal_accumulator_true_handled, NULL, NULL, G_TYPE_BOOLEAN, 3, G_TYPE_INT64,
                    G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT);
  signals[SIGNAL_NOTIFICATION] =
      g_signal_new ("notification", TUTTI_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                    G_TYPE_NONE, 2, G_TYPE_STRING | G_SIGNAL_TYPE_STATIC_SCOPE, JSON_TYPE_OBJECT);
  signals[SIGNAL_CLOSED] = g_signal_new ("closed", TUTTI_TYPE_CHANNEL, G_SIGNAL_RUN_LAST, 0, NULL,
                                         NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
tutti_channel_init (TuttiChannel *self)
{
  self->connecting = g_cancellable_new ();
  self->requests = tutti_request_table_new ();
  self->open_requests = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
}

TuttiChannel *
tutti_channel_new (const TuttiLink *link, const char *peer_id)
{
  g_return_val_if_fail (link != NULL && peer_id != NULL, NULL);

  return g_object_new (TUTTI_TYPE_CHANNEL, "link", link, "peer-id", peer_id, NULL);
}

void
tutti_channel_set_seat (TuttiChannel *self, const char *seat)
{
  g_return_if_fail (TUTTI_IS_CHANNEL (self));

  g_set_str (&self->seat, seat);
}
