/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc-check.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"

/* Receiving: RTP leaves webrtcbin behind rtpsession (tutti-transport-session.c), told apart by
 * SSRC. A consumer that goes leaves its m-line as it is; a later one takes it over under the same
 * mid. */

typedef struct {
  TuttiConsumer base;
  TuttiRtpFunc func; /* until the tap has it */
  gpointer func_data;
  GDestroyNotify func_destroy;
} PendingConsumer;

void
tutti_consumer_free (TuttiConsumer *consumer)
{
  PendingConsumer *pending = (PendingConsumer *) consumer;

  /* The first one owns what both of them call with. */
  if (consumer->rtx_tap != NULL) {
    tutti_tap_close (consumer->rtx_tap);
    tutti_tap_unref (consumer->rtx_tap);
  }
  if (consumer->tap != NULL) {
    tutti_tap_close (consumer->tap);
    tutti_tap_unref (consumer->tap);
  }
  if (pending->func_destroy != NULL)
    pending->func_destroy (pending->func_data);
  g_free (consumer->id);
  g_free (pending);
}

/* -- webrtcbin's side -- */

static GstPadProbeReturn
drop (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  return GST_PAD_PROBE_DROP;
}

/* There should be none, since nothing passes rtpsession; if there is, it must not stop the bundle.
 */
static void
on_pad_added (GstElement *webrtc, GstPad *pad, gpointer data)
{
  if (GST_PAD_IS_SRC (pad))
    gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST, drop, NULL,
                       NULL);
}

void
tutti_transport_watch_receive (TuttiTransport *self)
{
  g_signal_connect (self->webrtc, "pad-added", G_CALLBACK (on_pad_added), NULL);
}

/* -- the steps of consume -- */

static void
on_local_set (TuttiTransport *self, const GstStructure *reply)
{
  tutti_transport_finish_current (self);
}

static void
on_server (TuttiTransport *self, const GstStructure *reply)
{
  tutti_transport_set_local (self, on_local_set);
}

static void
on_answer (TuttiTransport *self, const GstStructure *reply)
{
  g_autofree char *answer = tutti_transport_take_local (self, reply, "answer");

  if (answer != NULL)
    tutti_transport_ensure_server (self, answer, on_server);
}

static void
on_offer_set (TuttiTransport *self, const GstStructure *reply)
{
  tutti_transport_call (self, "create-answer", NULL, on_answer);
}

void
tutti_transport_start_consume (TuttiTransport *self)
{
  g_autofree char *offer = NULL;
  gboolean is_needed = FALSE;

  for (guint i = 0; i < self->current->len; i++) {
    TuttiOperation *operation = g_ptr_array_index (self->current, i);

    /* Left before it was its turn. */
    if (operation->consumer->is_stopped)
      continue;
    operation->consumer->index =
        tutti_remote_sdp_add_receive (self->remote, tutti_ortc_get_kind (operation->rtp_parameters),
                                      operation->rtp_parameters, NULL, operation->consumer->id);
    g_assert (operation->consumer->index != G_MAXUINT);
    is_needed = TRUE;
  }
  if (!is_needed) {
    tutti_transport_finish_current (self);
    return;
  }
  offer = tutti_remote_sdp_to_string (self->remote);
  tutti_transport_set_description (self, FALSE, GST_WEBRTC_SDP_TYPE_OFFER, offer, on_offer_set);
}

/* The m-line stays as it is until somebody new takes it. */
void
tutti_transport_drop_consumer (TuttiTransport *self, TuttiConsumer *consumer)
{
  if (consumer->index != G_MAXUINT) {
    tutti_remote_sdp_release (self->remote, consumer->index);
    self->departed++;
  }
  if (consumer->tap != NULL)
    tutti_transport_shared_remove_tap (self->shared, consumer->tap);
  if (consumer->rtx_tap != NULL)
    tutti_transport_shared_remove_tap (self->shared, consumer->rtx_tap);
  g_hash_table_remove (self->consumers, consumer->id);
}

void
tutti_transport_complete_consume (TuttiTransport *self, TuttiOperation *operation)
{
  TuttiConsumer *consumer = g_steal_pointer (&operation->consumer);
  PendingConsumer *pending = (PendingConsumer *) consumer;

  if (consumer->is_stopped ||
      g_cancellable_is_cancelled (g_task_get_cancellable (operation->task))) {
    tutti_transport_drop_consumer (self, consumer);
    g_task_return_new_error_literal (operation->task, G_IO_ERROR, G_IO_ERROR_CANCELLED,
                                     _ ("The stream was stopped before it began."));
    return;
  }
  if (consumer->rtx_ssrc != 0)
    consumer->rtx_tap = tutti_transport_shared_add_tap (self->shared, consumer->rtx_ssrc,
                                                        pending->func, pending->func_data, NULL);
  consumer->tap =
      tutti_transport_shared_add_tap (self->shared, consumer->ssrc, pending->func,
                                      pending->func_data, g_steal_pointer (&pending->func_destroy));
  g_task_return_boolean (operation->task, TRUE);
}

/* -- API -- */

static gboolean
check_new_consumer (TuttiTransport *self,
                    const char *consumer_id,
                    JsonObject *rtp_parameters,
                    guint32 *ssrc,
                    guint32 *rtx_ssrc,
                    GError **error)
{
  GHashTableIter iter;
  JsonObject *encoding;
  gpointer value;

  if (tutti_transport_is_over (self)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CLOSED, _ ("The connection is closed."));
    return FALSE;
  }
  if (!tutti_ortc_check_rtp_parameters (rtp_parameters, error) ||
      !tutti_ortc_check_listed (rtp_parameters, error))
    return FALSE;
  if (*consumer_id == '\0' || g_hash_table_contains (self->consumers, consumer_id))
    return tutti_check_fail ("consumerId", error);
  encoding =
      json_array_get_object_element (json_object_get_array_member (rtp_parameters, "encodings"), 0);
  *ssrc = (guint32) json_object_get_int_member (encoding, "ssrc");
  *rtx_ssrc = tutti_check_has (encoding, "rtx")
                  ? (guint32) json_object_get_int_member (
                        json_object_get_object_member (encoding, "rtx"), "ssrc")
                  : 0;
  g_hash_table_iter_init (&iter, self->consumers);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const TuttiConsumer *other = value;

    if (other->ssrc == *ssrc || other->rtx_ssrc == *ssrc ||
        (*rtx_ssrc != 0 && (other->ssrc == *rtx_ssrc || other->rtx_ssrc == *rtx_ssrc)))
      return tutti_check_fail ("ssrc", error);
  }
  return TRUE;
}

void
tutti_transport_consume_async (TuttiTransport *self,
                               const char *consumer_id,
                               JsonObject *rtp_parameters,
                               TuttiRtpFunc func,
                               gpointer func_data,
                               GDestroyNotify func_destroy,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  TuttiOperation *operation;
  PendingConsumer *consumer;
  GError *error = NULL;
  guint32 ssrc = 0, rtx_ssrc = 0;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self) && self->direction == TUTTI_DIRECTION_RECEIVE);
  g_return_if_fail (consumer_id != NULL && rtp_parameters != NULL && func != NULL);
  g_return_if_fail (self->connect_func != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  g_task_set_source_tag (task, tutti_transport_consume_async);
  if (!check_new_consumer (self, consumer_id, rtp_parameters, &ssrc, &rtx_ssrc, &error)) {
    if (func_destroy != NULL)
      func_destroy (func_data);
    g_task_return_error (task, error);
    return;
  }
  consumer = g_new0 (PendingConsumer, 1);
  consumer->base = (TuttiConsumer) {
    .id = g_strdup (consumer_id),
    .ssrc = ssrc,
    .rtx_ssrc = rtx_ssrc,
    .index = G_MAXUINT,
  };
  consumer->func = func;
  consumer->func_data = func_data;
  consumer->func_destroy = func_destroy;
  g_hash_table_insert (self->consumers, consumer->base.id, consumer);

  operation = g_new0 (TuttiOperation, 1);
  operation->task = g_steal_pointer (&task);
  operation->consumer = &consumer->base;
  operation->rtp_parameters = tutti_ortc_copy_object (rtp_parameters);
  tutti_transport_enqueue (self, operation);
}

gboolean
tutti_transport_consume_finish (TuttiTransport *self, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), FALSE);

  return g_task_propagate_boolean (G_TASK (result), error);
}

void
tutti_transport_stop_consuming (TuttiTransport *self, const char *consumer_id)
{
  TuttiConsumer *consumer;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self) && consumer_id != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  consumer = g_hash_table_lookup (self->consumers, consumer_id);
  if (consumer == NULL)
    return;
  if (consumer->tap != NULL)
    tutti_transport_drop_consumer (self, consumer);
  else
    /* Its negotiation is under way or to come; it ends in tutti_transport_complete_consume(). */
    consumer->is_stopped = TRUE;
}
