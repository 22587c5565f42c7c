/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "room-server.h"

#define DEADLINE_S 25

struct _RoomServer {
  SoupServer *server;
  SoupWebsocketConnection *socket;
  guint server_port;
  char *fingerprint;
  char *version;
  char *welcome;
  guint refusal;
  char *refusal_code;
  RoomServerFunc func;
  gpointer user_data;
  GHashTable *headers;
  char *query;
  guint n_handshakes;
  guint close_code;

  GSocketService *relay;
  guint relay_port;
  GPtrArray *lines; /* of GIOStream, both ends */
  GCancellable *freeze;
};

/* -- the relay -- */

static void
on_pumped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GIOStream) other = user_data;
  gboolean ok = g_output_stream_splice_finish (G_OUTPUT_STREAM (source), result, NULL) >= 0;

  /* One end is through: tell the other. A frozen line tells nobody. */
  if (ok && G_IS_SOCKET_CONNECTION (other))
    g_socket_shutdown (g_socket_connection_get_socket (G_SOCKET_CONNECTION (other)), FALSE, TRUE,
                       NULL);
}

static void
pump (RoomServer *self, GIOStream *from, GIOStream *to)
{
  g_output_stream_splice_async (g_io_stream_get_output_stream (to),
                                g_io_stream_get_input_stream (from), G_OUTPUT_STREAM_SPLICE_NONE,
                                G_PRIORITY_DEFAULT, self->freeze, on_pumped, g_object_ref (to));
}

static gboolean
on_incoming (RoomServer *self, GSocketConnection *near)
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_autoptr (GError) error = NULL;
  GSocketConnection *far;

  g_socket_client_set_enable_proxy (client, FALSE);
  far = g_socket_client_connect_to_host (client, "127.0.0.1", self->server_port, NULL, &error);
  g_assert_no_error (error);

  g_ptr_array_add (self->lines, g_object_ref (near));
  g_ptr_array_add (self->lines, far);
  pump (self, G_IO_STREAM (near), G_IO_STREAM (far));
  pump (self, G_IO_STREAM (far), G_IO_STREAM (near));
  return TRUE;
}

void
room_server_freeze_line (RoomServer *self)
{
  g_cancellable_cancel (self->freeze);
}

void
room_server_cut_line (RoomServer *self)
{
  for (guint i = 0; i < self->lines->len; i++) {
    GSocketConnection *line = g_ptr_array_index (self->lines, i);

    g_socket_shutdown (g_socket_connection_get_socket (line), TRUE, TRUE, NULL);
  }
}

/* -- the server -- */

static void
on_message (RoomServer *self, SoupWebsocketDataType type, GBytes *bytes)
{
  const char *text = g_bytes_get_data (bytes, NULL);
  g_autoptr (JsonObject) message = NULL;

  g_assert_cmpint (type, ==, SOUP_WEBSOCKET_DATA_TEXT);
  message = parse_json (text);
  if (self->func)
    self->func (self, text, message, self->user_data);
}

static void
on_closed (RoomServer *self)
{
  self->close_code = soup_websocket_connection_get_close_code (self->socket);
  g_signal_handlers_disconnect_by_data (self->socket, self);
  g_clear_object (&self->socket);
}

static void
on_websocket (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *socket,
              gpointer user_data)
{
  RoomServer *self = user_data;

  if (self->socket)
    g_signal_handlers_disconnect_by_data (self->socket, self);
  g_set_object (&self->socket, socket);
  soup_websocket_connection_set_max_incoming_payload_size (socket, 0);
  g_signal_connect_swapped (socket, "message", G_CALLBACK (on_message), self);
  g_signal_connect_swapped (socket, "closed", G_CALLBACK (on_closed), self);
  if (self->version)
    room_server_send (self, self->version);
  if (self->welcome)
    room_server_send (self, self->welcome);
}

static void
copy_header (const char *name, const char *value, gpointer user_data)
{
  g_hash_table_insert (user_data, g_ascii_strdown (name, -1), g_strdup (value));
}

static void
on_early (SoupServer *server,
          SoupServerMessage *message,
          const char *path,
          GHashTable *query,
          gpointer user_data)
{
  RoomServer *self = user_data;

  self->n_handshakes++;
  g_hash_table_remove_all (self->headers);
  soup_message_headers_foreach (soup_server_message_get_request_headers (message), copy_header,
                                self->headers);
  g_set_str (&self->query, g_uri_get_query (soup_server_message_get_uri (message)));
  if (self->refusal)
    soup_server_message_set_status (message, self->refusal, NULL);
  if (self->refusal_code)
    soup_message_headers_replace (soup_server_message_get_response_headers (message),
                                  "Tutti-Refusal", self->refusal_code);
}

static void
read_fingerprint (RoomServer *self, GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;

  g_object_get (certificate, "certificate", &der, NULL);
  self->fingerprint = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
}

RoomServer *
room_server_new (void)
{
  RoomServer *self = g_new0 (RoomServer, 1);
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "room-server.pem", NULL);
  g_autoptr (GTlsCertificate) certificate = NULL;
  g_autoptr (GError) error = NULL;
  GSList *uris;

  certificate = g_tls_certificate_new_from_file (path, &error);
  g_assert_no_error (error);
  read_fingerprint (self, certificate);

  self->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->server = soup_server_new (NULL, NULL);
  soup_server_set_tls_certificate (self->server, certificate);
  soup_server_add_early_handler (self->server, NULL, on_early, self, NULL);
  soup_server_add_websocket_handler (self->server, "/", NULL, (char *[]) { "protoo", NULL },
                                     on_websocket, self, NULL);
  soup_server_listen_local (self->server, 0,
                            SOUP_SERVER_LISTEN_HTTPS | SOUP_SERVER_LISTEN_IPV4_ONLY, &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->server_port = g_uri_get_port (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  self->freeze = g_cancellable_new ();
  self->lines = g_ptr_array_new_with_free_func (g_object_unref);
  self->relay = g_socket_service_new ();
  self->relay_port =
      g_socket_listener_add_any_inet_port (G_SOCKET_LISTENER (self->relay), NULL, &error);
  g_assert_no_error (error);
  g_signal_connect_swapped (self->relay, "incoming", G_CALLBACK (on_incoming), self);
  return self;
}

static gboolean
has_no_socket (gpointer user_data)
{
  return ((RoomServer *) user_data)->socket == NULL;
}

void
room_server_free (RoomServer *self)
{
  self->func = NULL;
  if (g_cancellable_is_cancelled (self->freeze))
    room_server_cut_line (self);
  /* Both ends say goodbye, so that a leak checker sees only what is really left over. */
  if (self->socket &&
      soup_websocket_connection_get_state (self->socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->socket, 1000, NULL);
  spin_until (has_no_socket, self);
  room_server_cut_line (self);
  spin_for_ms (50);

  g_socket_service_stop (self->relay);
  g_socket_listener_close (G_SOCKET_LISTENER (self->relay));
  g_object_unref (self->relay);
  soup_server_disconnect (self->server);
  g_object_unref (self->server);
  g_ptr_array_unref (self->lines);
  g_object_unref (self->freeze);
  g_hash_table_unref (self->headers);
  g_free (self->query);
  g_free (self->refusal_code);
  g_free (self->fingerprint);
  g_free (self->version);
  g_free (self->welcome);
  g_free (self);
}

TuttiLink *
room_server_get_link (RoomServer *self, const char *fingerprint)
{
  return tutti_link_new ("127.0.0.1", self->relay_port, "my-room", NULL, fingerprint);
}

const char *
room_server_get_fingerprint (RoomServer *self)
{
  return self->fingerprint;
}

guint
room_server_get_port (RoomServer *self)
{
  return self->relay_port;
}

void
room_server_set_greeting (RoomServer *self, const char *version, const char *welcome)
{
  g_set_str (&self->version, version);
  g_set_str (&self->welcome, welcome);
}

void
room_server_set_refusal (RoomServer *self, guint status, const char *code)
{
  self->refusal = status;
  g_set_str (&self->refusal_code, code);
}

void
room_server_set_func (RoomServer *self, RoomServerFunc func, gpointer user_data)
{
  self->func = func;
  self->user_data = user_data;
}

void
room_server_send (RoomServer *self, const char *text)
{
  g_assert_nonnull (self->socket);
  soup_websocket_connection_send_text (self->socket, text);
}

void
room_server_send_binary (RoomServer *self, gconstpointer data, gsize size)
{
  soup_websocket_connection_send_binary (self->socket, data, size);
}

/* Past the WebSocket's own framing, straight into TLS. */
void
room_server_send_raw (RoomServer *self, gconstpointer data, gsize size)
{
  GIOStream *stream = soup_websocket_connection_get_io_stream (self->socket);
  g_autoptr (GError) error = NULL;

  g_output_stream_write_all (g_io_stream_get_output_stream (stream), data, size, NULL, NULL,
                             &error);
  g_assert_no_error (error);
}

void
room_server_answer (RoomServer *self, JsonObject *message, const char *data)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf ("{\"response\":true,\"id\":%" G_GINT64_FORMAT ",\"ok\":true,\"data\":%s}",
                          json_object_get_int_member (message, "id"), data);
  room_server_send (self, text);
}

void
room_server_refuse (RoomServer *self, JsonObject *message, int code, const char *reason)
{
  g_autofree char *text = NULL;

  text = g_strdup_printf ("{\"response\":true,\"id\":%" G_GINT64_FORMAT
                          ",\"ok\":false,\"errorCode\":%d,\"errorReason\":\"%s\"}",
                          json_object_get_int_member (message, "id"), code, reason);
  room_server_send (self, text);
}

/* As a raw frame: libsoup itself sends no codes like 1012. */
void
room_server_close (RoomServer *self, gushort code, const char *reason)
{
  gsize length = strlen (reason);
  guint8 frame[128] = { 0x88, 2 + length, code >> 8, code & 0xff };

  memcpy (frame + 4, reason, length);
  room_server_send_raw (self, frame, 4 + length);
}

gboolean
room_server_is_connected (RoomServer *self)
{
  return self->socket != NULL;
}

const char *
room_server_get_header (RoomServer *self, const char *name)
{
  return g_hash_table_lookup (self->headers, name);
}

const char *
room_server_get_query (RoomServer *self)
{
  return self->query;
}

guint
room_server_get_n_handshakes (RoomServer *self)
{
  return self->n_handshakes;
}

guint
room_server_get_close_code (RoomServer *self)
{
  return self->close_code;
}

/* -- waiting -- */

static gboolean
wake_up (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

void
spin_until (gboolean (*condition) (gpointer), gpointer user_data)
{
  gint64 deadline = g_get_monotonic_time () + DEADLINE_S * G_USEC_PER_SEC;
  guint tick = g_timeout_add (20, wake_up, NULL);

  while (!condition (user_data)) {
    g_assert_cmpint (g_get_monotonic_time (), <, deadline);
    g_main_context_iteration (NULL, TRUE);
  }
  g_source_remove (tick);
}

static gboolean
is_over (gpointer user_data)
{
  return g_get_monotonic_time () >= *(gint64 *) user_data;
}

void
spin_for_ms (guint ms)
{
  gint64 end = g_get_monotonic_time () + ms * G_TIME_SPAN_MILLISECOND;

  spin_until (is_over, &end);
}

static gboolean
is_settled (gpointer user_data)
{
  return !dex_future_is_pending (user_data);
}

/* The value lives as long as the future, which the caller keeps. */
const GValue *
await (DexFuture *future, GError **error)
{
  g_assert_nonnull (future);
  spin_until (is_settled, future);
  return dex_future_get_value (future, error);
}

void
await_ok (DexFuture *future)
{
  g_autoptr (GError) error = NULL;

  await (future, &error);
  g_assert_no_error (error);
  dex_unref (future);
}

void
await_error (DexFuture *future, GQuark domain, int code)
{
  GError *error = NULL;

  g_assert_null (await (future, &error));
  g_test_message ("%s", error->message);
  g_assert_true (g_error_matches (error, domain, code));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_clear_error (&error);
  dex_unref (future);
}

JsonObject *
parse_json (const char *text)
{
  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  g_assert_true (node && JSON_NODE_HOLDS_OBJECT (node));
  return json_node_dup_object (node);
}
