/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

/* Who is at the other end, and whether they still are. webrtcbin before 1.28.5 does not compare the
 * DTLS certificate with the announced fingerprint, so we do, before a packet passes either way. */

#define PEM_BEGIN "-----BEGIN CERTIFICATE-----"
#define PEM_END   "-----END CERTIFICATE-----"

/*< private >
 * tutti_dtls_fingerprint:
 * @pem: (nullable): a certificate in PEM form
 *
 * Returns: (nullable): the SHA-256 of its DER form as "AB:CD:…"
 */
char *
tutti_dtls_fingerprint (const char *pem)
{
  const char *begin = pem != NULL ? strstr (pem, PEM_BEGIN) : NULL;
  const char *end = begin != NULL ? strstr (begin, PEM_END) : NULL;
  g_autofree char *text = NULL, *digest = NULL;
  g_autofree guchar *der = NULL;
  GString *result;
  gsize size = 0;

  if (end == NULL)
    return NULL;
  begin += strlen (PEM_BEGIN);
  text = g_strndup (begin, end - begin);
  der = g_base64_decode (text, &size);
  if (size == 0)
    return NULL;
  digest = g_compute_checksum_for_data (G_CHECKSUM_SHA256, der, size);
  result = g_string_sized_new (96);
  for (gsize i = 0; digest[i] != '\0'; i++) {
    if (i > 0 && i % 2 == 0)
      g_string_append_c (result, ':');
    g_string_append_c (result, g_ascii_toupper (digest[i]));
  }
  return g_string_free (result, FALSE);
}

/* The one DTLS transport of the bundle; webrtcbin's thread. */
static GstWebRTCDTLSTransport *
get_dtls_transport (GstElement *webrtc, TuttiTransportShared *shared)
{
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;
  g_autoptr (GstWebRTCRTPSender) sender = NULL;
  GstWebRTCDTLSTransport *transport = NULL;

  g_signal_emit_by_name (webrtc, "get-transceiver", 0, &transceiver);
  if (transceiver == NULL)
    return NULL;
  g_object_get (transceiver, "sender", &sender, NULL);
  g_object_get (sender, "transport", &transport, NULL);
  return transport;
}

static void
on_connected (TuttiTransport *self, gpointer data)
{
  if (self->disconnect_timeout != NULL) {
    g_source_destroy (self->disconnect_timeout);
    g_clear_pointer (&self->disconnect_timeout, g_source_unref);
  }
  tutti_transport_refresh_latency (self);
  tutti_transport_set_state (self, TUTTI_TRANSPORT_CONNECTED);
}

static void
lost (TuttiTransportShared *shared)
{
  tutti_transport_shared_fail (
      shared, g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                                   _ ("The room's media server closed the connection for sound.")));
}

static void
on_dtls_state (GObject *object, GParamSpec *pspec, gpointer data)
{
  GstWebRTCDTLSTransportState state;

  g_object_get (object, "state", &state, NULL);
  g_debug ("DTLS state %d", state);
  if (state == GST_WEBRTC_DTLS_TRANSPORT_STATE_CLOSED ||
      state == GST_WEBRTC_DTLS_TRANSPORT_STATE_FAILED)
    lost (data);
}

static void
check_certificate (GstElement *webrtc, TuttiTransportShared *shared)
{
  g_autoptr (GstWebRTCDTLSTransport) transport = get_dtls_transport (webrtc, shared);
  g_autofree char *pem = NULL, *fingerprint = NULL;

  if (transport != NULL)
    g_object_get (transport, "remote-certificate", &pem, NULL);
  fingerprint = tutti_dtls_fingerprint (pem);
  if (fingerprint == NULL || !g_str_equal (fingerprint, shared->fingerprint)) {
    tutti_transport_shared_fail (
        shared, g_error_new_literal (
                    TUTTI_ERROR, TUTTI_ERROR_FINGERPRINT,
                    _ ("The media server's certificate is not the one that the room announced; "
                       "somebody may be listening in, so no sound was sent.")));
    return;
  }
  if (g_object_get_data (G_OBJECT (transport), "tutti-watched") == NULL) {
    g_object_set_data (G_OBJECT (transport), "tutti-watched", GINT_TO_POINTER (1));
    g_signal_connect_data (transport, "notify::state", G_CALLBACK (on_dtls_state),
                           tutti_transport_shared_ref (shared),
                           tutti_transport_shared_closure_notify, 0);
  }
  tutti_transport_shared_post (shared, on_connected, NULL, NULL);
}

static gboolean
on_disconnect_timeout (gpointer data)
{
  TuttiTransport *self = data;

  g_clear_pointer (&self->disconnect_timeout, g_source_unref);
  tutti_transport_fail_with (self, TUTTI_ERROR_TRANSPORT,
                             _ ("The connection to the room's media server was lost."));
  return G_SOURCE_REMOVE;
}

/* May heal by itself within a moment. */
static void
on_disconnected (TuttiTransport *self, gpointer data)
{
  if (self->state != TUTTI_TRANSPORT_CONNECTED || self->disconnect_timeout != NULL)
    return;
  self->disconnect_timeout = g_timeout_source_new_seconds (TUTTI_TRANSPORT_DISCONNECT_SECONDS);
  g_source_set_callback (self->disconnect_timeout, on_disconnect_timeout, self, NULL);
  g_source_attach (self->disconnect_timeout, self->shared->context);
}

static void
on_connection_failed (TuttiTransport *self, gpointer data)
{
  tutti_transport_fail_with (
      self, TUTTI_ERROR_TRANSPORT,
      self->state == TUTTI_TRANSPORT_CONNECTED
          ? _ ("The connection to the room's media server was lost.")
          : _ ("Sound cannot flow, because the room's media server could not be reached."));
}

/* webrtcbin's thread. The state is read here: on the main thread it could mean waiting for a lock
 * that is held during a whole negotiation. */
static void
on_connection_state (GObject *webrtc, GParamSpec *pspec, gpointer data)
{
  GstWebRTCPeerConnectionState state;

  g_object_get (webrtc, "connection-state", &state, NULL);
  g_debug ("connection state %d", state);
  switch (state) {
  case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED:
    check_certificate (GST_ELEMENT (webrtc), data);
    break;
  case GST_WEBRTC_PEER_CONNECTION_STATE_DISCONNECTED:
    tutti_transport_shared_post (data, on_disconnected, NULL, NULL);
    break;
  case GST_WEBRTC_PEER_CONNECTION_STATE_FAILED:
    tutti_transport_shared_post (data, on_connection_failed, NULL, NULL);
    break;
  case GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED:
    lost (data);
    break;
  case GST_WEBRTC_PEER_CONNECTION_STATE_NEW:
  case GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTING:
  default:
    break;
  }
}

static void
on_ice_state (GObject *webrtc, GParamSpec *pspec, gpointer data)
{
  GstWebRTCICEConnectionState state;

  g_object_get (webrtc, "ice-connection-state", &state, NULL);
  g_debug ("ICE state %d", state);
  if (state == GST_WEBRTC_ICE_CONNECTION_STATE_FAILED)
    tutti_transport_shared_post (data, on_connection_failed, NULL, NULL);
  else if (state == GST_WEBRTC_ICE_CONNECTION_STATE_DISCONNECTED)
    tutti_transport_shared_post (data, on_disconnected, NULL, NULL);
}

void
tutti_transport_watch_connection (TuttiTransport *self)
{
  g_signal_connect_data (self->webrtc, "notify::connection-state", G_CALLBACK (on_connection_state),
                         tutti_transport_shared_ref (self->shared),
                         tutti_transport_shared_closure_notify, 0);
  g_signal_connect_data (self->webrtc, "notify::ice-connection-state", G_CALLBACK (on_ice_state),
                         tutti_transport_shared_ref (self->shared),
                         tutti_transport_shared_closure_notify, 0);
}
