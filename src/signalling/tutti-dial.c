/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* The handshake is done here rather than by a SoupSession for three reasons: the certificate is
 * judged before a byte of ours leaves, the first message cannot come before somebody listens, and
 * every frame passes the guard. Everything after the handshake is libsoup's. */

#include "tutti-dial.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "tutti-channel-errors.h"
#include "tutti-error.h"
#include "tutti-frame-guard.h"
#include "tutti-i18n.h"
#include "tutti-protoo.h"
#include "tutti-thread.h"

#define TIMEOUT_MS   10000
#define MAX_RESPONSE 16384
#define KEY_SIZE     16
/* RFC 6455 §1.3 */
#define ACCEPT_GUID "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

typedef struct {
  TuttiLink *link;
  char *peer_id;
  char *seat;
  GCancellable *cancellable; /* ours; the caller's is chained to it */
  GCancellable *outer;
  gulong outer_id;
  guint timeout_id;
  GError *own_error; /* why we gave up, whatever GIO says about it */
  GIOStream *stream;
  GTlsConnection *tls;
  char *key;
  GString *request;
  GString *response;
  GSource *readable;
} Dial;

static void
dial_free (Dial *dial)
{
  g_clear_handle_id (&dial->timeout_id, g_source_remove);
  if (dial->outer)
    g_cancellable_disconnect (dial->outer, dial->outer_id);
  if (dial->readable)
    g_source_destroy (dial->readable);
  g_clear_pointer (&dial->readable, g_source_unref);
  if (dial->tls)
    g_signal_handlers_disconnect_by_data (dial->tls, dial);
  g_clear_object (&dial->tls);
  g_clear_object (&dial->stream);
  g_clear_object (&dial->cancellable);
  g_clear_object (&dial->outer);
  g_clear_error (&dial->own_error);
  g_clear_pointer (&dial->link, tutti_link_free);
  g_free (dial->peer_id);
  g_free (dial->seat);
  g_free (dial->key);
  g_string_free (dial->request, TRUE);
  g_string_free (dial->response, TRUE);
  g_free (dial);
}

/* Takes @task over. */
static void
fail (GTask *task, const GError *error)
{
  g_autoptr (GTask) owned = task;
  Dial *dial = g_task_get_task_data (task);

  g_info ("cannot connect: %s", error->message);

  if (dial->own_error)
    g_task_return_error (task, g_steal_pointer (&dial->own_error));
  else if (error->domain == TUTTI_ERROR ||
           g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_task_return_error (task, g_error_copy (error));
  else
    g_task_return_error (task, tutti_channel_error_from_connect (dial->link->host, 0, NULL, error));
}

static void
fail_not_a_room (GTask *task, const char *why)
{
  g_autoptr (GError) error =
      g_error_new_literal (SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET, why);

  fail (task, error);
}

static gboolean
on_timeout (gpointer user_data)
{
  Dial *dial = user_data;

  dial->timeout_id = 0;
  if (!dial->own_error)
    dial->own_error = g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE,
                                   _ ("%s did not answer in time."), dial->link->host);
  g_cancellable_cancel (dial->cancellable);
  return G_SOURCE_REMOVE;
}

static void
on_outer_cancelled (GCancellable *outer, gpointer user_data)
{
  g_cancellable_cancel (G_CANCELLABLE (user_data));
}

/* -- TLS -- */

static gboolean
matches_pin (Dial *dial, GTlsCertificate *certificate)
{
  g_autoptr (GByteArray) der = NULL;
  g_autofree char *digest = NULL;

  if (!certificate)
    return FALSE;

  g_object_get (certificate, "certificate", &der, NULL);
  if (!der)
    return FALSE;

  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der->data, der->len);
  return g_str_equal (digest, dial->link->fingerprint);
}

static gboolean
on_accept_certificate (Dial *dial, GTlsCertificate *certificate)
{
  gboolean pinned = dial->link->fingerprint != NULL;

  if (pinned && matches_pin (dial, certificate))
    return TRUE;

  if (!dial->own_error)
    dial->own_error = tutti_channel_error_certificate (dial->link->host, pinned);
  return FALSE;
}

static void
on_client_event (GSocketClient *client,
                 GSocketClientEvent event,
                 GSocketConnectable *connectable,
                 GIOStream *connection,
                 gpointer user_data)
{
  Dial *dial = user_data;

  if (event != G_SOCKET_CLIENT_TLS_HANDSHAKING)
    return;

  g_set_object (&dial->tls, G_TLS_CONNECTION (connection));
  g_signal_connect_swapped (connection, "accept-certificate", G_CALLBACK (on_accept_certificate),
                            dial);

  /* Without a database no certificate is known, so that we are asked about every one: with a pin
   * nothing but the pin counts, not even an authority's word. */
  if (dial->link->fingerprint)
    g_tls_connection_set_database (G_TLS_CONNECTION (connection), NULL);
}

/* -- the handshake -- */

static char *
dup_authority (const TuttiLink *link)
{
  gboolean is_ipv6 = strchr (link->host, ':') != NULL;

  return g_strdup_printf ("%s%s%s:%u", is_ipv6 ? "[" : "", link->host, is_ipv6 ? "]" : "",
                          link->port);
}

/* By what right we come in. */
static char *
dup_right (Dial *dial)
{
  GString *text = g_string_new (NULL);

  if (dial->link->invite) {
    g_string_append (text, "&invite=");
    g_string_append_uri_escaped (text, dial->link->invite, NULL, FALSE);
  }
  if (dial->seat) {
    g_string_append (text, "&seat=");
    g_string_append_uri_escaped (text, dial->seat, NULL, FALSE);
  }

  return g_string_free (text, FALSE);
}

static void
build_request (Dial *dial)
{
  g_autofree char *authority = dup_authority (dial->link);
  g_autofree char *room = g_uri_escape_string (dial->link->room, NULL, FALSE);
  g_autofree char *peer = g_uri_escape_string (dial->peer_id, NULL, FALSE);
  g_autofree char *right = dup_right (dial);
  guint32 random[KEY_SIZE / 4];

  for (guint i = 0; i < G_N_ELEMENTS (random); i++)
    random[i] = g_random_int ();
  dial->key = g_base64_encode ((const guint8 *) random, KEY_SIZE);

  g_string_append_printf (dial->request,
                          "GET /?roomId=%s&peerId=%s%s HTTP/1.1\r\n"
                          "Host: %s\r\n"
                          "Connection: Upgrade\r\n"
                          "Upgrade: websocket\r\n"
                          "Origin: https://%s\r\n"
                          "Sec-WebSocket-Version: 13\r\n"
                          "Sec-WebSocket-Key: %s\r\n"
                          "Sec-WebSocket-Protocol: protoo\r\n"
                          "User-Agent: " TUTTI_APP_NAME "/" TUTTI_VERSION "\r\n"
                          "\r\n",
                          room, peer, right, authority, authority, dial->key);
}

static gboolean
is_accepted (Dial *dial, SoupMessageHeaders *headers)
{
  const char *accept = soup_message_headers_get_one (headers, "Sec-WebSocket-Accept");
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA1);
  g_autofree char *expected = NULL;
  guint8 digest[20];
  gsize length = sizeof digest;

  g_checksum_update (checksum, (const guchar *) dial->key, -1);
  g_checksum_update (checksum, (const guchar *) ACCEPT_GUID, -1);
  g_checksum_get_digest (checksum, digest, &length);
  expected = g_base64_encode (digest, length);

  return accept && g_str_equal (accept, expected) &&
         soup_message_headers_header_equals (headers, "Upgrade", "websocket") &&
         soup_message_headers_header_contains (headers, "Connection", "upgrade") &&
         soup_message_headers_header_equals (headers, "Sec-WebSocket-Protocol", "protoo") &&
         !soup_message_headers_get_list (headers, "Sec-WebSocket-Extensions");
}

static SoupWebsocketConnection *
create_socket (Dial *dial)
{
  g_autoptr (GUri) uri = g_uri_build (G_URI_FLAGS_NONE, "wss", NULL, dial->link->host,
                                      dial->link->port, "/", NULL, NULL);
  SoupWebsocketConnection *socket;

  socket = soup_websocket_connection_new (
      dial->stream, uri, SOUP_WEBSOCKET_CONNECTION_CLIENT, NULL, "protoo",
      g_list_prepend (NULL, tutti_frame_guard_new (TUTTI_PROTOO_MAX_SIZE)));
  soup_websocket_connection_set_max_incoming_payload_size (socket, TUTTI_PROTOO_MAX_SIZE);
  return socket;
}

static void
handle_response (GTask *task)
{
  Dial *dial = g_task_get_task_data (task);
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_RESPONSE);
  g_autofree char *reason = NULL;
  guint status = 0;

  /* The parser wants the headers without the empty line. */
  if (!soup_headers_parse_response (dial->response->str, dial->response->len - 2, headers, NULL,
                                    &status, &reason)) {
    fail_not_a_room (task, "no HTTP");
  } else if (status != SOUP_STATUS_SWITCHING_PROTOCOLS) {
    g_autoptr (GError) error =
        tutti_channel_error_from_refusal (soup_message_headers_get_one (headers, "Tutti-Refusal"));

    if (!error)
      error = tutti_channel_error_from_connect (dial->link->host, status, reason, NULL);
    fail (task, error);
  } else if (!is_accepted (dial, headers)) {
    fail_not_a_room (task, "no protoo");
  } else {
    g_task_return_pointer (task, create_socket (dial), g_object_unref);
    g_object_unref (task);
  }

  soup_message_headers_unref (headers);
}

/* Byte for byte (TLS has buffered them): what comes after the empty line is not ours to read. */
static gboolean
on_readable (GObject *input, gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  gssize n_read;
  char byte;

  for (;;) {
    n_read = g_pollable_input_stream_read_nonblocking (G_POLLABLE_INPUT_STREAM (input), &byte, 1,
                                                       dial->cancellable, &error);
    if (n_read != 1)
      break;

    g_string_append_c (dial->response, byte);
    if (g_str_has_suffix (dial->response->str, "\r\n\r\n") || dial->response->len >= MAX_RESPONSE)
      break;
  }

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;

  g_clear_pointer (&dial->readable, g_source_unref);
  if (error)
    fail (task, error);
  else if (n_read == 0)
    fail_not_a_room (task, "it hung up");
  else if (dial->response->len >= MAX_RESPONSE)
    fail_not_a_room (task, "endless headers");
  else
    handle_response (task);

  return G_SOURCE_REMOVE;
}

static void
on_request_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  GInputStream *input = g_io_stream_get_input_stream (dial->stream);
  g_autoptr (GError) error = NULL;

  if (!g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, &error)) {
    fail (task, error);
    return;
  }

  dial->readable =
      g_pollable_input_stream_create_source (G_POLLABLE_INPUT_STREAM (input), dial->cancellable);
  g_source_set_callback (dial->readable, G_SOURCE_FUNC (on_readable), task, NULL);
  g_source_attach (dial->readable, NULL);
}

static void
on_connected (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Dial *dial = g_task_get_task_data (task);
  GSocketConnection *connection;
  g_autoptr (GError) error = NULL;

  g_signal_handlers_disconnect_by_data (source, dial);
  connection = g_socket_client_connect_to_host_finish (G_SOCKET_CLIENT (source), result, &error);
  if (!connection) {
    fail (task, error);
    return;
  }

  dial->stream = G_IO_STREAM (connection);
  g_socket_set_option (g_socket_connection_get_socket (connection), IPPROTO_TCP, TCP_NODELAY, 1,
                       NULL);

  /* The last word, whatever signals came on the way. */
  if (!dial->tls || (dial->link->fingerprint &&
                     !matches_pin (dial, g_tls_connection_get_peer_certificate (dial->tls)))) {
    error = tutti_channel_error_certificate (dial->link->host, TRUE);
    fail (task, error);
    return;
  }

  build_request (dial);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (dial->stream), dial->request->str,
                                   dial->request->len, G_PRIORITY_DEFAULT, dial->cancellable,
                                   on_request_sent, task);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  return address ? g_inet_address_get_is_loopback (address) : g_str_equal (host, "localhost");
}

/**
 * tutti_dial_async:
 * @link: where to
 * @peer_id: as whom
 * @seat: (nullable): what the room gave @peer_id when it was there before
 * @cancellable: (nullable): ends it early with %G_IO_ERROR_CANCELLED
 *
 * Always TLS. With a pin in @link only a certificate of that SHA-256 is good, without one only a
 * certificate that an authority vouches for.
 */
void
tutti_dial_async (const TuttiLink *link,
                  const char *peer_id,
                  const char *seat,
                  GCancellable *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer user_data)
{
  g_autoptr (GSocketClient) client = NULL;
  GTask *task;
  Dial *dial;

  TUTTI_ASSERT_MAIN_THREAD ();

  dial = g_new0 (Dial, 1);
  dial->link = tutti_link_copy (link);
  dial->peer_id = g_strdup (peer_id);
  dial->seat = g_strdup (seat);
  dial->request = g_string_new (NULL);
  dial->response = g_string_new (NULL);
  dial->cancellable = g_cancellable_new ();
  g_set_object (&dial->outer, cancellable);

  /* Without a cancellable: the task is to say why it ended, not only that it was cancelled. */
  task = g_task_new (NULL, NULL, callback, user_data);
  g_task_set_source_tag (task, tutti_dial_async);
  g_task_set_task_data (task, dial, (GDestroyNotify) dial_free);

  dial->timeout_id = g_timeout_add (TIMEOUT_MS, on_timeout, dial);
  if (dial->outer)
    dial->outer_id = g_cancellable_connect (dial->outer, G_CALLBACK (on_outer_cancelled),
                                            g_object_ref (dial->cancellable), g_object_unref);

  client = g_socket_client_new ();
  g_socket_client_set_tls (client, TRUE);
  g_socket_client_set_enable_proxy (client, !is_loopback (link->host));
  g_signal_connect (client, "event", G_CALLBACK (on_client_event), dial);
  g_socket_client_connect_to_host_async (client, link->host, link->port, dial->cancellable,
                                         on_connected, task);
}

/**
 * tutti_dial_finish:
 *
 * Returns: (transfer full): an open connection, or %NULL with %TUTTI_ERROR_UNREACHABLE,
 *   %TUTTI_ERROR_CERTIFICATE, %TUTTI_ERROR_REFUSED or %G_IO_ERROR_CANCELLED. It reads nothing
 *   before the main loop runs again: connect its signals at once.
 */
SoupWebsocketConnection *
tutti_dial_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
