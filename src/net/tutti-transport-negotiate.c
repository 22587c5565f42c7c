/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"

/* One negotiation at a time, as a chain of steps. Each step asks webrtcbin for one thing; the
 * answer comes on webrtcbin's thread, which only posts it to the main thread, where the next step
 * runs. */

void
tutti_operation_free (TuttiOperation *self)
{
  g_clear_object (&self->task);
  g_clear_pointer (&self->codec, json_object_unref);
  g_clear_pointer (&self->extensions, json_array_unref);
  g_clear_pointer (&self->rtp_parameters, json_object_unref);
  g_free (self);
}

static void
complete (TuttiTransport *self, TuttiOperation *operation)
{
  if (self->direction == TUTTI_DIRECTION_SEND)
    tutti_transport_complete_produce (self, operation);
  else
    tutti_transport_complete_consume (self, operation);
}

void
tutti_transport_start_next (TuttiTransport *self)
{
  if (self->current != NULL || g_queue_is_empty (&self->operations) ||
      tutti_transport_is_over (self))
    return;
  if (self->state == TUTTI_TRANSPORT_NEW)
    tutti_transport_set_state (self, TUTTI_TRANSPORT_CONNECTING);
  /* Whoever was told of the state may have closed it. */
  if (tutti_transport_is_over (self))
    return;
  if (self->remote == NULL) {
    tutti_transport_resolve (self);
    return;
  }

  self->current = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_operation_free);
  if (self->direction == TUTTI_DIRECTION_SEND) {
    g_ptr_array_add (self->current, g_queue_pop_head (&self->operations));
    tutti_transport_start_produce (self);
  } else {
    /* All that wait at once: a room of sixteen costs one negotiation instead of fifteen. */
    while (!g_queue_is_empty (&self->operations))
      g_ptr_array_add (self->current, g_queue_pop_head (&self->operations));
    tutti_transport_start_consume (self);
  }
}

void
tutti_transport_enqueue (TuttiTransport *self, TuttiOperation *operation)
{
  g_queue_push_tail (&self->operations, operation);
  tutti_transport_start_next (self);
}

static void
cancel (TuttiTransport *self, TuttiOperation *operation, const GError *error)
{
  if (operation->consumer != NULL)
    tutti_transport_drop_consumer (self, g_steal_pointer (&operation->consumer));
  g_task_return_error (operation->task, g_error_copy (error));
}

/* Both descriptions are set: everyone who waited for this negotiation gets their answer. */
void
tutti_transport_finish_current (TuttiTransport *self)
{
  g_autoptr (GPtrArray) done = g_steal_pointer (&self->current);
  g_autoptr (GError) closed =
      g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("The connection was closed."));

  g_object_ref (self);
  g_clear_pointer (&self->local, gst_webrtc_session_description_free);
  tutti_transport_refresh_latency (self);
  for (guint i = 0; i < done->len; i++)
    /* Whoever got the answer before may have closed it. */
    if (tutti_transport_is_over (self))
      cancel (self, g_ptr_array_index (done, i), self->error != NULL ? self->error : closed);
    else
      complete (self, g_ptr_array_index (done, i));
  tutti_transport_start_next (self);
  g_object_unref (self);
}

void
tutti_transport_cancel_operations (TuttiTransport *self, const GError *error)
{
  g_autoptr (GPtrArray) all = g_steal_pointer (&self->current);

  if (all == NULL)
    all = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_operation_free);
  while (!g_queue_is_empty (&self->operations))
    g_ptr_array_add (all, g_queue_pop_head (&self->operations));
  self->after_connect = NULL;
  for (guint i = 0; i < all->len; i++)
    cancel (self, g_ptr_array_index (all, i), error);
}

/* -- steps -- */

typedef struct {
  TuttiTransportShared *shared;
  TuttiTransportStepFunc next;
} Call;

typedef struct {
  TuttiTransportStepFunc next;
  GstStructure *reply; /* NULL when there is nothing to say */
  GError *error;
} Reply;

static void
call_free (gpointer data)
{
  Call *call = data;

  tutti_transport_shared_unref (call->shared);
  g_free (call);
}

static void
reply_free (gpointer data)
{
  Reply *reply = data;

  g_clear_pointer (&reply->reply, gst_structure_free);
  g_clear_error (&reply->error);
  g_free (reply);
}

static void
on_reply (TuttiTransport *self, gpointer data)
{
  Reply *reply = data;
  g_autoptr (GError) error = NULL;

  if (reply->error == NULL) {
    reply->next (self, reply->reply);
    return;
  }
  error =
      g_error_new (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                   _ ("The media connection could not be agreed on: %s"), reply->error->message);
  tutti_transport_fail (self, error);
}

/* webrtcbin's thread. */
static void
on_promise (GstPromise *promise, gpointer data)
{
  Call *call = data;
  Reply *reply = g_new0 (Reply, 1);
  const GstStructure *structure = NULL;

  reply->next = call->next;
  if (gst_promise_wait (promise) == GST_PROMISE_RESULT_REPLIED)
    structure = gst_promise_get_reply (promise);
  else
    reply->error = g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT, "no reply");
  if (structure != NULL && gst_structure_has_field (structure, "error"))
    gst_structure_get (structure, "error", G_TYPE_ERROR, &reply->error, NULL);
  else if (structure != NULL)
    reply->reply = gst_structure_copy (structure);
  tutti_transport_shared_post (call->shared, on_reply, reply, reply_free);
}

void
tutti_transport_call (TuttiTransport *self,
                      const char *action,
                      gpointer argument,
                      TuttiTransportStepFunc next)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { tutti_transport_shared_ref (self->shared), next };
  tutti_transport_drop_call (self);
  self->call = gst_promise_new_with_change_func (on_promise, call, call_free);
  g_signal_emit_by_name (self->webrtc, action, argument, self->call);
}

/*< private >
 * tutti_transport_drop_call:
 *
 * webrtcbin forgets what it was asked when it is closed; a promise must not go without an answer.
 */
void
tutti_transport_drop_call (TuttiTransport *self)
{
  if (self->call == NULL)
    return;
  gst_promise_interrupt (self->call);
  g_clear_pointer (&self->call, gst_promise_unref);
}

void
tutti_transport_set_description (TuttiTransport *self,
                                 gboolean is_local,
                                 GstWebRTCSDPType type,
                                 const char *text,
                                 TuttiTransportStepFunc next)
{
  GstWebRTCSessionDescription *description;
  GstSDPMessage *message = NULL;

  if (gst_sdp_message_new_from_text (text, &message) != GST_SDP_OK) {
    g_clear_pointer (&message, gst_sdp_message_free);
    tutti_transport_fail_with (self, TUTTI_ERROR_PROTOCOL,
                               _ ("The room's media settings could not be understood."));
    return;
  }
  description = gst_webrtc_session_description_new (type, message);
  tutti_transport_call (self, is_local ? "set-local-description" : "set-remote-description",
                        description, next);
  gst_webrtc_session_description_free (description);
}

void
tutti_transport_set_local (TuttiTransport *self, TuttiTransportStepFunc next)
{
  tutti_transport_call (self, "set-local-description", self->local, next);
}

char *
tutti_transport_take_local (TuttiTransport *self, const GstStructure *reply, const char *field)
{
  g_clear_pointer (&self->local, gst_webrtc_session_description_free);
  if (reply != NULL)
    gst_structure_get (reply, field, GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &self->local, NULL);
  if (self->local == NULL) {
    tutti_transport_fail_with (self, TUTTI_ERROR_TRANSPORT,
                               _ ("The own media connection could not be described."));
    return NULL;
  }
  return gst_sdp_message_as_text (self->local->sdp);
}

/* -- the server's side -- */

void
tutti_transport_ensure_server (TuttiTransport *self,
                               const char *local_sdp,
                               TuttiTransportStepFunc next)
{
  g_autoptr (JsonObject) dtls_parameters = NULL;
  g_autoptr (GError) error = NULL;

  if (self->server == TUTTI_SERVER_CONNECTED) {
    next (self, NULL);
    return;
  }
  dtls_parameters = tutti_ortc_dtls_parameters (local_sdp, "client", &error);
  if (dtls_parameters == NULL) {
    tutti_transport_fail (self, error);
    return;
  }
  g_assert (self->server == TUTTI_SERVER_UNASKED && self->connect_func != NULL);
  self->server = TUTTI_SERVER_ASKED;
  self->after_connect = next;
  /* There is a certificate of ours now. */
  tutti_net_wait_at_exit ();
  self->connect_func (self, dtls_parameters, self->connect_data);
}

/**
 * tutti_transport_connected:
 * @error: (nullable): why the server did not accept `connectWebRtcTransport`
 *
 * The answer to the #TuttiTransportConnectFunc. Ignored when the transport is over or did not ask.
 */
void
tutti_transport_connected (TuttiTransport *self, const GError *error)
{
  TuttiTransportStepFunc next;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  if (tutti_transport_is_over (self) || self->server != TUTTI_SERVER_ASKED)
    return;
  if (error != NULL) {
    tutti_transport_fail (self, error);
    return;
  }
  self->server = TUTTI_SERVER_CONNECTED;
  next = g_steal_pointer (&self->after_connect);
  if (next != NULL)
    next (self, NULL);
}
