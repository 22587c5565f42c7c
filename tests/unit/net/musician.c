/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "musician.h"

#include <string.h>

#include "tutti-clock.h"
#include "tutti-ortc.h"

#define PAYLOAD_BYTES 80

/* -- sending -- */

typedef struct {
  gboolean is_done;
  TuttiSendSlot *slot;
  JsonObject *rtp_parameters;
  GError *error;
} Produced;

static void
on_produced (GObject *source, GAsyncResult *result, gpointer data)
{
  Produced *produced = data;

  produced->slot = tutti_transport_produce_finish (TUTTI_TRANSPORT (source), result,
                                                   &produced->rtp_parameters, &produced->error);
  produced->is_done = TRUE;
}

Sender *
sender_new (Sfu *sfu, TuttiTransport *transport, guint frame_samples)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) codec =
      tutti_ortc_send_codec (sfu_get_capabilities (sfu), "audio/opus", frame_samples, 2, &error);
  g_autoptr (JsonArray) extensions =
      tutti_ortc_send_extensions (sfu_get_capabilities (sfu), "audio");
  g_autoptr (JsonObject) answer = NULL;
  Produced produced = { FALSE };
  JsonObject *data = json_object_new ();
  Sender *self = g_new0 (Sender, 1);

  g_assert_no_error (error);
  tutti_transport_produce_async (transport, codec, extensions, NULL, on_produced, &produced);
  while (!produced.is_done)
    g_main_context_iteration (NULL, TRUE);
  g_assert_no_error (produced.error);
  g_assert_nonnull (produced.slot);

  self->sfu = sfu;
  self->transport = g_object_ref (transport);
  self->slot = produced.slot;
  self->rtp_parameters = produced.rtp_parameters;
  json_object_set_string_member (data, "transportId", tutti_transport_get_id (transport));
  json_object_set_string_member (data, "kind", "audio");
  json_object_set_object_member (data, "rtpParameters", json_object_ref (produced.rtp_parameters));
  answer = sfu_call (sfu, "produce", data);
  self->producer_id = g_strdup (json_object_get_string_member (answer, "producerId"));
  return self;
}

/* The header of 12 bytes, then the time of sending, then bytes that follow from the number. */
static void
write_packet (Sender *self, guint8 *packet, guint16 seq)
{
  guint32 timestamp = g_htonl ((guint32) seq * 120);
  guint32 ssrc = g_htonl (tutti_send_slot_get_ssrc (self->slot));
  gint64 now = tutti_clock_now_ns ();

  packet[0] = 0x80;
  packet[1] = tutti_send_slot_get_payload_type (self->slot);
  packet[2] = seq >> 8;
  packet[3] = seq & 0xff;
  memcpy (packet + 4, &timestamp, 4);
  memcpy (packet + 8, &ssrc, 4);
  memcpy (packet + 12, &now, 8);
  for (guint i = 20; i < 12 + PAYLOAD_BYTES; i++)
    packet[i] = (guint8) (seq * 7 + i);
}

static gpointer
sender_thread (gpointer data)
{
  Sender *self = data;
  gint64 next = tutti_clock_now_ns ();
  guint8 packet[12 + PAYLOAD_BYTES];

  for (guint16 seq = 0; g_atomic_int_get (&self->is_running); seq++) {
    struct timespec until;

    write_packet (self, packet, seq);
    tutti_send_slot_push (self->slot, packet, sizeof packet);
    self->n_pushed++;
    next += TUTTI_NSEC_PER_SEC / self->per_second;
    until.tv_sec = next / TUTTI_NSEC_PER_SEC;
    until.tv_nsec = next % TUTTI_NSEC_PER_SEC;
    clock_nanosleep (CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
  }
  return NULL;
}

void
sender_start (Sender *self, guint per_second)
{
  self->per_second = per_second;
  g_atomic_int_set (&self->is_running, 1);
  self->thread = g_thread_new ("sender", sender_thread, self);
}

void
sender_stop (Sender *self)
{
  g_atomic_int_set (&self->is_running, 0);
  g_clear_pointer (&self->thread, g_thread_join);
}

void
sender_free (Sender *self)
{
  sender_stop (self);
  sfu_do (self->sfu, "closeProducer", "producerId", self->producer_id);
  tutti_transport_release_slot (self->transport, self->slot);
  g_object_unref (self->transport);
  json_object_unref (self->rtp_parameters);
  g_free (self->producer_id);
  g_free (self);
}

/* -- listening -- */

/* The payload, or NULL when the packet is not as it was sent. mediasoup adds a header extension. */
static const guint8 *
get_payload (Listener *self, const guint8 *rtp, gsize size)
{
  gsize header = 12;
  const guint8 *payload;
  guint32 ssrc;

  if (size < 16 || (rtp[0] & 0xef) != 0x80)
    return NULL;
  memcpy (&ssrc, rtp + 8, 4);
  if ((rtp[0] & 0x10) != 0)
    header += 4 + 4 * (gsize) (rtp[14] << 8 | rtp[15]);
  if (g_ntohl (ssrc) != self->ssrc || size != header + PAYLOAD_BYTES)
    return NULL;
  payload = rtp + header;
  for (guint i = 9; i < PAYLOAD_BYTES; i++)
    if ((guint8) (payload[i] - payload[8]) != (guint8) (i - 8))
      return NULL;
  return payload;
}

/* Streaming thread. */
static void
on_rtp (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data)
{
  Listener *self = user_data;
  guint16 seq = (guint16) (rtp[2] << 8 | rtp[3]);
  const guint8 *payload;
  double delay;
  gint64 sent;

  payload = get_payload (self, rtp, size);
  if (payload == NULL) {
    self->n_wrong++;
    return;
  }
  memcpy (&sent, payload, 8);
  delay = (arrival_ns - sent) / 1e6;
  self->delay_sum += delay;
  self->delay_max = MAX (self->delay_max, delay);
  if (!self->is_first) {
    gint16 step = (gint16) (seq - self->seq);

    if (step <= 0)
      self->n_wrong++;
    else
      self->n_missing += step - 1;
    self->longest_gap = MAX (self->longest_gap, arrival_ns - self->last_arrival);
  }
  self->is_first = FALSE;
  self->seq = seq;
  self->last_arrival = arrival_ns;
  __atomic_fetch_add (&self->n_packets, 1, __ATOMIC_RELEASE);
}

static void
on_destroyed (gpointer data)
{
  ((Listener *) data)->is_destroyed = TRUE;
}

static void
on_consumed (GObject *source, GAsyncResult *result, gpointer data)
{
  Listener *self = data;

  tutti_transport_consume_finish (TUTTI_TRANSPORT (source), result, &self->error);
  self->is_done = TRUE;
}

Listener *
listener_new (Sfu *sfu, TuttiTransport *transport, const char *producer_id)
{
  g_autoptr (JsonObject) answer = NULL;
  JsonObject *data = json_object_new (), *parameters;
  Listener *self = g_new0 (Listener, 1);

  json_object_set_string_member (data, "transportId", tutti_transport_get_id (transport));
  json_object_set_string_member (data, "producerId", producer_id);
  json_object_set_object_member (
      data, "rtpCapabilities", tutti_ortc_receive_capabilities (sfu_get_capabilities (sfu), FALSE));
  answer = sfu_call (sfu, "consume", data);
  parameters = json_object_get_object_member (answer, "rtpParameters");

  self->transport = g_object_ref (transport);
  self->consumer_id = g_strdup (json_object_get_string_member (answer, "consumerId"));
  self->ssrc = (guint32) json_object_get_int_member (
      json_array_get_object_element (json_object_get_array_member (parameters, "encodings"), 0),
      "ssrc");
  self->is_first = TRUE;
  tutti_transport_consume_async (transport, self->consumer_id, parameters, on_rtp, self,
                                 on_destroyed, NULL, on_consumed, self);
  while (!self->is_done)
    g_main_context_iteration (NULL, TRUE);
  if (self->error == NULL)
    sfu_do (sfu, "resumeConsumer", "consumerId", self->consumer_id);
  return self;
}

void
listener_stop (Listener *self, Sfu *sfu)
{
  guint64 n_packets;

  tutti_transport_stop_consuming (self->transport, self->consumer_id);
  /* Not one more after return, although the server still sends. */
  g_assert_true (self->is_destroyed);
  n_packets = listener_count (self);
  wait_ms (5);
  g_assert_cmpuint (listener_count (self), ==, n_packets);
  sfu_do (sfu, "closeConsumer", "consumerId", self->consumer_id);
}

void
listener_free (Listener *self)
{
  tutti_transport_stop_consuming (self->transport, self->consumer_id);
  g_assert_true (self->is_destroyed);
  g_object_unref (self->transport);
  g_clear_error (&self->error);
  g_free (self->consumer_id);
  g_free (self);
}

guint64
listener_count (Listener *self)
{
  return __atomic_load_n (&self->n_packets, __ATOMIC_ACQUIRE);
}

typedef struct {
  Listener *listener;
  guint64 n_packets;
} Wanted;

static gboolean
has_heard (gpointer data)
{
  Wanted *wanted = data;

  return listener_count (wanted->listener) >= wanted->n_packets;
}

gboolean
listener_wait (Listener *self, guint64 n_packets, guint ms)
{
  Wanted wanted = { self, n_packets };

  return wait_until (has_heard, &wanted, ms);
}

typedef struct {
  TuttiTransport *transport;
  TuttiTransportState state;
} WantedState;

static gboolean
has_state (gpointer data)
{
  WantedState *wanted = data;

  return tutti_transport_get_state (wanted->transport) == wanted->state;
}

gboolean
wait_state (TuttiTransport *transport, TuttiTransportState state, guint ms)
{
  WantedState wanted = { transport, state };

  return wait_until (has_state, &wanted, ms);
}

void
finish (TuttiTransport *transport)
{
  tutti_transport_close (transport);
  g_assert_finalize_object (transport);
}

void
assert_idle (void)
{
  /* What was posted to the main thread in the meantime holds on to the shared part. */
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_true (tutti_net_wait_idle (5000));
}
