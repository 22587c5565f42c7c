/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What goes wrong with a transport, through the real mediasoup worker; see test-transport.c. */

#include <gst/gst.h>

#include "musician.h"
#include "tutti-error.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"
#include "tutti-transport-private.h"

static TuttiTransport *
make_tampered (Sfu *sfu, TuttiDirection direction)
{
  g_autoptr (JsonObject) parameters = sfu_call (sfu, "createWebRtcTransport", NULL);
  JsonArray *list = json_object_get_array_member (
      json_object_get_object_member (parameters, "dtlsParameters"), "fingerprints");
  g_autoptr (GError) error = NULL;
  TuttiTransport *transport;

  for (guint i = 0; i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    g_autofree char *value = g_strdup (json_object_get_string_member (item, "value"));

    /* One digit. */
    value[0] = value[0] == 'A' ? 'B' : 'A';
    json_object_set_string_member (item, "value", value);
  }
  transport = tutti_transport_new (direction, parameters, &error);
  g_assert_no_error (error);
  tutti_transport_set_connect_func (transport, sfu_connect, sfu);
  return transport;
}

static gint64
get_int (Sfu *sfu, const char *method, const char *name, const char *id, const char *field)
{
  JsonObject *data = json_object_new ();
  g_autoptr (JsonObject) answer = NULL;

  json_object_set_string_member (data, name, id);
  answer = sfu_call (sfu, method, data);
  return json_object_get_int_member (answer, field);
}

static void
test_fingerprint_send (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = make_tampered (sfu, TUTTI_DIRECTION_SEND);
  Sender *sender = sender_new (sfu, send, 120);
  TuttiTransportStats stats;

  sender_start (sender, 400);
  g_assert_true (wait_state (send, TUTTI_TRANSPORT_FAILED, 8000));
  g_assert_error (tutti_transport_get_error (send), TUTTI_ERROR, TUTTI_ERROR_FINGERPRINT);
  wait_ms (500);
  sender_stop (sender);
  tutti_transport_get_stats (send, &stats);
  g_assert_cmpuint (stats.packets_sent, ==, 0);
  g_assert_cmpuint (stats.packets_dropped, ==, sender->n_pushed);
  g_assert_cmpint (get_int (sfu, "producerStats", "producerId", sender->producer_id, "packets"), ==,
                   0);
  g_assert_cmpint (get_int (sfu, "transportStats", "transportId", tutti_transport_get_id (send),
                            "rtpBytesReceived"),
                   ==, 0);
  sender_free (sender);
  finish (send);
  assert_idle ();
}

static void
test_fingerprint_receive (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = make_tampered (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *sender = sender_new (sfu, send, 120);
  Listener *listener;
  TuttiTransportStats stats;

  g_assert_true (wait_state (send, TUTTI_TRANSPORT_CONNECTED, 5000));
  sender_start (sender, 400);
  listener = listener_new (sfu, receive, sender->producer_id);
  g_assert_true (wait_state (receive, TUTTI_TRANSPORT_FAILED, 8000));
  g_assert_error (tutti_transport_get_error (receive), TUTTI_ERROR, TUTTI_ERROR_FINGERPRINT);
  wait_ms (500);
  tutti_transport_get_stats (receive, &stats);
  g_assert_cmpuint (listener_count (listener), ==, 0);
  g_assert_cmpuint (stats.packets_received, ==, 0);
  listener_free (listener);
  sender_free (sender);
  finish (send);
  finish (receive);
  assert_idle ();
}

/* The server gives only TCP: it works, and it is said. */
static void
test_tcp (void)
{
  NEED_SFU (sfu);
  JsonObject *data = json_object_new ();
  g_autoptr (JsonObject) parameters = NULL;
  g_autoptr (GError) error = NULL;
  TuttiTransport *send;
  Sender *sender;

  json_object_set_boolean_member (data, "udp", FALSE);
  parameters = sfu_call (sfu, "createWebRtcTransport", data);
  send = tutti_transport_new (TUTTI_DIRECTION_SEND, parameters, &error);
  g_assert_no_error (error);
  tutti_transport_set_connect_func (send, sfu_connect, sfu);
  sender = sender_new (sfu, send, 240);
  g_assert_true (wait_state (send, TUTTI_TRANSPORT_CONNECTED, 8000));
  g_assert_cmpstr (tutti_transport_get_protocol (send), ==, "tcp");
  sender_free (sender);
  finish (send);
  assert_idle ();
}

static void
on_ignored (GObject *source, GAsyncResult *result, gpointer data)
{
  tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result, NULL, NULL);
}

/* The server announces a name instead of an address; and a name that nobody knows. */
static void
test_host_name (void)
{
  NEED_SFU (sfu);
  const char *const names[] = { "localhost", "no-such-host.invalid" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    g_autoptr (JsonObject) parameters = sfu_call (sfu, "createWebRtcTransport", NULL);
    g_autoptr (JsonObject) codec =
        tutti_ortc_send_codec (sfu_get_capabilities (sfu), "audio/opus", 240, 1, NULL);
    JsonArray *list = json_object_get_array_member (parameters, "iceCandidates");
    g_autoptr (GError) error = NULL;
    TuttiTransport *send;

    for (guint k = 0; k < json_array_get_length (list); k++)
      json_object_set_string_member (json_array_get_object_element (list, k), "address", names[i]);
    send = tutti_transport_new (TUTTI_DIRECTION_SEND, parameters, &error);
    g_assert_no_error (error);
    tutti_transport_set_connect_func (send, sfu_connect, sfu);
    tutti_transport_produce_async (send, codec, NULL, NULL, on_ignored, NULL);
    g_assert_true (
        wait_state (send, i == 0 ? TUTTI_TRANSPORT_CONNECTED : TUTTI_TRANSPORT_FAILED, 12000));
    if (i == 0)
      g_assert_cmpstr (tutti_transport_get_protocol (send), ==, "udp");
    else
      g_assert_error (tutti_transport_get_error (send), TUTTI_ERROR, TUTTI_ERROR_TRANSPORT);
    tutti_transport_close (send);
    wait_ms (20);
    g_assert_finalize_object (send);
  }
  assert_idle ();
}

static void
test_server_closes (void)
{
  NEED_SFU (sfu);
  TuttiTransport *transports[2] = { sfu_make_transport (sfu, TUTTI_DIRECTION_SEND),
                                    sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE) };
  Sender *sender = sender_new (sfu, transports[0], 240);
  Listener *listener = listener_new (sfu, transports[1], sender->producer_id);

  sender_start (sender, 200);
  g_assert_true (listener_wait (listener, 20, 8000));
  for (guint i = 2; i-- > 0;) {
    gint64 start = g_get_monotonic_time ();

    sfu_do (sfu, "closeTransport", "transportId", tutti_transport_get_id (transports[i]));
    g_assert_true (wait_state (transports[i], TUTTI_TRANSPORT_FAILED, 40000));
    g_assert_error (tutti_transport_get_error (transports[i]), TUTTI_ERROR, TUTTI_ERROR_TRANSPORT);
    g_test_message ("noticed after %.1f ms: %s", (g_get_monotonic_time () - start) / 1e3,
                    tutti_transport_get_error (transports[i])->message);
  }
  listener_free (listener);
  sender_free (sender);
  finish (transports[0]);
  finish (transports[1]);
  assert_idle ();
}

static void
on_cancelled (GObject *source, GAsyncResult *result, gpointer data)
{
  GError **error = data;

  if (tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result, NULL, error) != NULL)
    g_assert_not_reached ();
}

static gboolean
is_set (gpointer data)
{
  return *(gpointer *) data != NULL;
}

/* Closed in the middle of everything: three operations wait, all end as cancelled. */
static void
test_close_while_busy (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (sfu), "audio/opus", 240, 1, NULL);
  GError *errors[3] = { NULL };

  for (guint i = 0; i < 3; i++)
    tutti_transport_produce_async (send, codec, NULL, NULL, on_cancelled, &errors[i]);
  tutti_transport_close (send);
  tutti_transport_close (send);
  for (guint i = 0; i < 3; i++) {
    g_assert_true (wait_until (is_set, &errors[i], 2000));
    g_assert_error (errors[i], G_IO_ERROR, G_IO_ERROR_CANCELLED);
    g_clear_error (&errors[i]);
  }
  g_assert_cmpint (tutti_transport_get_state (send), ==, TUTTI_TRANSPORT_CLOSED);
  tutti_transport_produce_async (send, codec, NULL, NULL, on_cancelled, &errors[0]);
  g_assert_true (wait_until (is_set, &errors[0], 2000));
  g_assert_error (errors[0], G_IO_ERROR, G_IO_ERROR_CLOSED);
  g_clear_error (&errors[0]);
  g_assert_finalize_object (send);
  assert_idle ();
}

typedef struct {
  TuttiTransport *transport;
  gboolean closes; /* on success */
  gboolean is_done;
  gboolean is_destroyed;
  GError *error;
} Answer;

static void
on_answer (GObject *source, GAsyncResult *result, gpointer data)
{
  Answer *answer = data;

  answer->is_done = TRUE;
  if (tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &answer->error) &&
      answer->closes)
    tutti_transport_close (answer->transport);
}

static void
on_answer_rtp (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer data)
{
}

static void
on_answer_destroyed (gpointer data)
{
  ((Answer *) data)->is_destroyed = TRUE;
}

static gboolean
is_answered (gpointer data)
{
  return ((Answer *) data)->is_done;
}

static JsonObject *
make_consumer (Sfu *sfu, const char *producer_id, TuttiTransport *transport)
{
  JsonObject *data = json_object_new ();

  json_object_set_string_member (data, "transportId", tutti_transport_get_id (transport));
  json_object_set_string_member (data, "producerId", producer_id);
  json_object_set_object_member (
      data, "rtpCapabilities", tutti_ortc_receive_capabilities (sfu_get_capabilities (sfu), FALSE));
  return sfu_call (sfu, "consume", data);
}

static void
ask (JsonObject *consumer, Answer *answer)
{
  tutti_transport_consume_async (
      answer->transport, json_object_get_string_member (consumer, "consumerId"),
      json_object_get_object_member (consumer, "rtpParameters"), on_answer_rtp, answer,
      on_answer_destroyed, NULL, on_answer, answer);
}

/* Closed from inside an answer: who shares that negotiation is told, too, that it came to nothing.
 */
static void
test_close_in_answer (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  TuttiTransport *receive = sfu_make_transport (sfu, TUTTI_DIRECTION_RECEIVE);
  Sender *sender = sender_new (sfu, send, 240);
  Answer answers[3] = { { .transport = receive }, { receive, TRUE }, { .transport = receive } };

  JsonObject *consumers[3];

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    consumers[i] = make_consumer (sfu, sender->producer_id, receive);
  /* The first negotiates alone, the other two wait for it and then share one. */
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++) {
    ask (consumers[i], &answers[i]);
    json_object_unref (consumers[i]);
  }
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    g_assert_true (wait_until (is_answered, &answers[i], 5000));
  g_assert_no_error (answers[0].error);
  g_assert_no_error (answers[1].error);
  g_assert_error (answers[2].error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_true (answers[2].is_destroyed);
  g_clear_error (&answers[2].error);
  sender_free (sender);
  finish (send);
  finish (receive);
  assert_idle ();
}

/* An error that an element reports never vanishes. */
static void
test_bus_error (void)
{
  NEED_SFU (sfu);
  TuttiTransport *send = sfu_make_transport (sfu, TUTTI_DIRECTION_SEND);
  g_autoptr (GError) reported =
      g_error_new_literal (GST_RESOURCE_ERROR, GST_RESOURCE_ERROR_WRITE, "socket gone");
  GstElement *webrtc = send->webrtc;

  gst_element_post_message (webrtc, gst_message_new_error (GST_OBJECT (webrtc), reported, NULL));
  g_assert_true (wait_state (send, TUTTI_TRANSPORT_FAILED, 1000));
  g_assert_error (tutti_transport_get_error (send), TUTTI_ERROR, TUTTI_ERROR_TRANSPORT);
  g_assert_nonnull (strstr (tutti_transport_get_error (send)->message, "socket gone"));
  finish (send);
  assert_idle ();
}

static void
ignore_connect (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data)
{
  /* The server never hears of it, so nobody answers ICE with the right key. */
  tutti_transport_connected (transport, NULL);
}

/* Nothing answers at the candidates: within some 10 s there is a sentence. */
static void
test_unreachable (void)
{
  NEED_SFU (sfu);
  g_autoptr (JsonObject) parameters = sfu_call (sfu, "createWebRtcTransport", NULL);
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (sfu), "audio/opus", 240, 1, NULL);
  g_autoptr (GError) error = NULL;
  gint64 start = g_get_monotonic_time ();
  TuttiTransport *send;

  sfu_do (sfu, "closeTransport", "transportId",
          json_object_get_string_member (parameters, "transportId"));
  send = tutti_transport_new (TUTTI_DIRECTION_SEND, parameters, &error);
  g_assert_no_error (error);
  tutti_transport_set_connect_func (send, ignore_connect, NULL);
  tutti_transport_produce_async (send, codec, NULL, NULL, on_ignored, NULL);
  g_assert_true (wait_state (send, TUTTI_TRANSPORT_FAILED, 12000));
  g_assert_error (tutti_transport_get_error (send), TUTTI_ERROR, TUTTI_ERROR_TRANSPORT);
  g_test_message ("after %.1f s: %s", (g_get_monotonic_time () - start) / 1e6,
                  tutti_transport_get_error (send)->message);
  finish (send);
  assert_idle ();
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;

  g_test_init (&argc, &argv, NULL);
  tutti_thread_init_main ();
  tutti_net_init (&error);
  g_assert_no_error (error);
  g_test_add_func ("/transport/fingerprint/send", test_fingerprint_send);
  g_test_add_func ("/transport/fingerprint/receive", test_fingerprint_receive);
  g_test_add_func ("/transport/tcp", test_tcp);
  g_test_add_func ("/transport/host-name", test_host_name);
  g_test_add_func ("/transport/server-closes", test_server_closes);
  g_test_add_func ("/transport/close-while-busy", test_close_while_busy);
  g_test_add_func ("/transport/close-in-answer", test_close_in_answer);
  g_test_add_func ("/transport/bus-error", test_bus_error);
  g_test_add_func ("/transport/unreachable", test_unreachable);
  return g_test_run ();
}
