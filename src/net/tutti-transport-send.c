/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-transport-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-ortc-check.h"
#include "tutti-ortc.h"
#include "tutti-thread.h"

/* Sending: a pad per slot, straight into webrtcbin. The RTP packets come whole from the audio
 * engine; nothing on the way touches their numbers. They are encrypted and sent in the pusher's own
 * thread: an appsrc's would have to be woken for each packet, which costs as much as all the rest
 * and 40 to 60 µs. */

#define MAX_RTP_BYTES 1400

/* What a slot's pad hears from downstream. The pad's own: it may outlive the slot. */
typedef struct {
  GMutex lock; /* held while a function runs */
  const TuttiSendSlotFuncs *funcs;
  gpointer user_data;
} SlotWatch;

#define WATCH_KEY "tutti-watch"

struct _TuttiSendSlot {
  TuttiTransportShared *shared;
  GstPad *pad; /* linked to webrtcbin's; belongs to no element */
  GstClock *clock;
  GstClockTime base_time; /* of the pipeline */
  guint32 ssrc;
  guint8 payload_type;
  guint feedback_extension; /* 0: none */
  guint index;              /* m-line */
  gboolean is_used;         /* main thread */
  char *mime_type;
  JsonObject *rtp_parameters; /* NULL until negotiated */

  /* The pushing thread's. */
  gboolean has_failed;
  gboolean has_sent;
  guint16 last_seq;   /* as sent; before that random, and never such that the count starts at 0,
                       * which mediasoup takes for a lost round of 65536 */
  guint16 seq_offset; /* from the pusher's numbers to ours */
};

void
tutti_send_slot_free (TuttiSendSlot *slot)
{
  if (slot->pad != NULL)
    tutti_send_slot_watch (slot, NULL, NULL);
  tutti_transport_shared_unref (slot->shared);
  if (slot->pad != NULL)
    gst_pad_set_active (slot->pad, FALSE);
  gst_clear_object (&slot->pad);
  gst_clear_object (&slot->clock);
  g_free (slot->mime_type);
  g_clear_pointer (&slot->rtp_parameters, json_object_unref);
  g_free (slot);
}

/* -- a new slot -- */

static void
set_codec_parameters (GstStructure *structure, JsonObject *parameters)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init (&iter, parameters);
  while (json_object_iter_next (&iter, &name, &node)) {
    g_autofree char *text = NULL;

    /* In caps, what becomes an fmtp line is text. */
    if (json_node_get_value_type (node) == G_TYPE_INT64)
      text = g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
    else
      text = json_node_dup_string (node);
    gst_structure_set (structure, name, G_TYPE_STRING, text, NULL);
  }
}

static void
set_extensions (GstStructure *structure, JsonArray *extensions)
{
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++) {
    JsonObject *item = json_array_get_object_element (extensions, i);
    g_autofree char *field = g_strdup_printf ("extmap-%" G_GINT64_FORMAT,
                                              json_object_get_int_member (item, "preferredId"));

    gst_structure_set (structure, field, G_TYPE_STRING, json_object_get_string_member (item, "uri"),
                       NULL);
  }
}

static void
set_feedback (GstStructure *structure, JsonArray *list)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++) {
    JsonObject *item = json_array_get_object_element (list, i);
    const char *parameter = json_object_get_string_member_with_default (item, "parameter", "");
    g_autofree char *field =
        g_strdup_printf ("rtcp-fb-%s%s%s", json_object_get_string_member (item, "type"),
                         *parameter != '\0' ? "-" : "", parameter);

    gst_structure_set (structure, field, G_TYPE_BOOLEAN, TRUE, NULL);
  }
}

static GstCaps *
make_caps (JsonObject *codec, JsonArray *extensions, guint32 ssrc)
{
  const char *mime_type = json_object_get_string_member (codec, "mimeType");
  gboolean is_audio = g_ascii_strncasecmp (mime_type, "audio/", 6) == 0;
  g_autofree char *name = g_ascii_strup (mime_type + 6, -1);
  GstStructure *structure;
  GstCaps *caps;

  structure = gst_structure_new (
      "application/x-rtp", "media", G_TYPE_STRING, is_audio ? "audio" : "video", "encoding-name",
      G_TYPE_STRING, name, "payload", G_TYPE_INT,
      (int) json_object_get_int_member (codec, "preferredPayloadType"), "clock-rate", G_TYPE_INT,
      (int) json_object_get_int_member (codec, "clockRate"), "ssrc", G_TYPE_UINT, ssrc, NULL);
  if (is_audio) {
    g_autofree char *channels = g_strdup_printf (
        "%" G_GINT64_FORMAT, json_object_get_int_member_with_default (codec, "channels", 1));

    gst_structure_set (structure, "encoding-params", G_TYPE_STRING, channels, NULL);
  }
  if (tutti_check_has (codec, "parameters"))
    set_codec_parameters (structure, json_object_get_object_member (codec, "parameters"));
  if (tutti_check_has (codec, "rtcpFeedback"))
    set_feedback (structure, json_object_get_array_member (codec, "rtcpFeedback"));
  set_extensions (structure, extensions);
  caps = gst_caps_new_full (structure, NULL);
  return caps;
}

/* Nobody else in this transport may have it; 0 is none. */
static guint32
choose_ssrc (TuttiTransport *self)
{
  for (;;) {
    guint32 ssrc = g_random_int ();
    gboolean is_taken = ssrc == 0;

    for (guint i = 0; i < self->slots->len; i++)
      is_taken |= ((TuttiSendSlot *) g_ptr_array_index (self->slots, i))->ssrc == ssrc;
    if (!is_taken)
      return ssrc;
  }
}

/* As a live source answers: without it nobody knows the pipeline's latency, and then no sender
 * reports are sent. */
static gboolean
on_query (GstPad *pad, GstObject *parent, GstQuery *query)
{
  if (GST_QUERY_TYPE (query) != GST_QUERY_LATENCY)
    return gst_pad_query_default (pad, parent, query);
  gst_query_set_latency (query, TRUE, 0, 0);
  return TRUE;
}

/* -- what comes back: streaming threads -- */

static void
watch_free (gpointer data)
{
  SlotWatch *watch = data;

  g_mutex_clear (&watch->lock);
  g_free (watch);
}

/* Packets that the feedback says nothing of yet come in a later one. */
static void
read_feedback (const GstStructure *structure, SlotWatch *watch)
{
  const GValue *value = gst_structure_get_value (structure, "packets");
  const GValueArray *list = value != NULL && g_str_equal (G_VALUE_TYPE_NAME (value), "GValueArray")
                                ? g_value_get_boxed (value)
                                : NULL;
  guint n = list != NULL ? list->n_values : 0;
  g_autofree TuttiPacketFeedback *packets = g_new (TuttiPacketFeedback, MAX (n, 1));
  guint n_packets = 0;

  for (guint i = 0; i < n; i++) {
    const GstStructure *item = g_value_get_boxed (&list->values[i]);
    guint64 local = GST_CLOCK_TIME_NONE, remote = GST_CLOCK_TIME_NONE;
    gboolean lost = FALSE;
    guint size = 0;

    if (item == NULL || !gst_structure_get_clock_time (item, "local-ts", &local) ||
        !GST_CLOCK_TIME_IS_VALID (local))
      continue;
    gst_structure_get_clock_time (item, "remote-ts", &remote);
    gst_structure_get_uint (item, "size", &size);
    gst_structure_get_boolean (item, "lost", &lost);
    lost |= !GST_CLOCK_TIME_IS_VALID (remote);
    packets[n_packets++] = (TuttiPacketFeedback) {
      .sent_ns = (gint64) local,
      .arrived_ns = lost ? -1 : (gint64) remote,
      .size = size,
    };
  }
  if (n_packets > 0)
    watch->funcs->feedback (packets, n_packets, watch->user_data);
}

static gboolean
on_event (GstPad *pad, GstObject *parent, GstEvent *event)
{
  const GstStructure *structure = gst_event_get_structure (event);
  SlotWatch *watch = g_object_get_data (G_OBJECT (pad), WATCH_KEY);

  if (structure != NULL && GST_EVENT_TYPE (event) == GST_EVENT_CUSTOM_UPSTREAM) {
    G_MUTEX_AUTO_LOCK (&watch->lock, locker);

    if (watch->funcs != NULL && gst_structure_has_name (structure, "GstForceKeyUnit"))
      watch->funcs->key_frame (watch->user_data);
    else if (watch->funcs != NULL && gst_structure_has_name (structure, "RTPTWCCPackets"))
      read_feedback (structure, watch);
  }
  gst_event_unref (event);
  return TRUE;
}

void
tutti_send_slot_watch (TuttiSendSlot *slot, const TuttiSendSlotFuncs *funcs, gpointer user_data)
{
  SlotWatch *watch = g_object_get_data (G_OBJECT (slot->pad), WATCH_KEY);
  G_MUTEX_AUTO_LOCK (&watch->lock, locker);

  watch->funcs = funcs;
  watch->user_data = user_data;
}

guint
tutti_send_slot_get_feedback_extension (TuttiSendSlot *slot)
{
  return slot->feedback_extension;
}

static GstPad *
make_pad (GstCaps *caps, guint32 ssrc)
{
  g_autofree char *id = g_strdup_printf ("tutti-%08x", ssrc);
  GstPad *pad = gst_object_ref_sink (gst_pad_new (id, GST_PAD_SRC));
  g_autoptr (GstEvent) start = gst_event_new_stream_start (id);
  g_autoptr (GstEvent) format = gst_event_new_caps (caps);
  g_autoptr (GstEvent) begin = NULL;
  GstSegment segment;

  SlotWatch *watch = g_new0 (SlotWatch, 1);

  g_mutex_init (&watch->lock);
  g_object_set_data_full (G_OBJECT (pad), WATCH_KEY, watch, watch_free);
  gst_segment_init (&segment, GST_FORMAT_TIME);
  begin = gst_event_new_segment (&segment);
  gst_pad_set_query_function (pad, on_query);
  gst_pad_set_event_function (pad, on_event);
  gst_pad_set_active (pad, TRUE);
  /* They go ahead of the first packet. */
  gst_pad_store_sticky_event (pad, start);
  gst_pad_store_sticky_event (pad, format);
  gst_pad_store_sticky_event (pad, begin);
  return pad;
}

static gboolean
link_slot (TuttiTransport *self, TuttiSendSlot *slot, GstCaps *caps)
{
  GstPadTemplate *template = gst_element_get_pad_template (self->webrtc, "sink_%u");
  g_autofree char *name = g_strdup_printf ("sink_%u", slot->index);
  g_autoptr (GstPad) sink = gst_element_request_pad (self->webrtc, template, name, caps);
  g_autoptr (GstWebRTCRTPTransceiver) transceiver = NULL;

  if (sink == NULL)
    return FALSE;
  g_object_get (sink, "transceiver", &transceiver, NULL);
  if (transceiver == NULL)
    return FALSE;
  /* A lost packet of a picture comes in time when it is sent again; one of a sound never. */
  g_object_set (transceiver, "direction", GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY,
                "codec-preferences", caps, "do-nack", self->shared->for_pictures, NULL);
  return gst_pad_link (slot->pad, sink) == GST_PAD_LINK_OK;
}

static guint
find_feedback_extension (JsonArray *extensions)
{
  for (guint i = 0; extensions != NULL && i < json_array_get_length (extensions); i++) {
    JsonObject *item = json_array_get_object_element (extensions, i);

    if (g_str_equal (json_object_get_string_member (item, "uri"), TUTTI_ORTC_URI_TRANSPORT_CC))
      return (guint) json_object_get_int_member (item, "preferredId");
  }
  return 0;
}

static TuttiSendSlot *
add_slot (TuttiTransport *self, TuttiOperation *operation)
{
  TuttiSendSlot *slot = g_new0 (TuttiSendSlot, 1);
  g_autoptr (GstCaps) caps = NULL;

  slot->ssrc = choose_ssrc (self);
  slot->payload_type =
      (guint8) json_object_get_int_member (operation->codec, "preferredPayloadType");
  slot->feedback_extension = find_feedback_extension (operation->extensions);
  slot->index = self->slots->len;
  slot->is_used = TRUE;
  slot->last_seq = (guint16) g_random_int_range (0, 1 << 15);
  slot->mime_type = g_strdup (json_object_get_string_member (operation->codec, "mimeType"));
  slot->shared = tutti_transport_shared_ref (self->shared);
  caps = make_caps (operation->codec, operation->extensions, slot->ssrc);
  slot->pad = make_pad (caps, slot->ssrc);
  slot->clock = gst_pipeline_get_clock (GST_PIPELINE (self->pipeline));
  g_ptr_array_add (self->slots, slot);
  return link_slot (self, slot, caps) ? slot : NULL;
}

static TuttiSendSlot *
find_free_slot (TuttiTransport *self, TuttiOperation *operation)
{
  for (guint i = 0; i < self->slots->len; i++) {
    TuttiSendSlot *slot = g_ptr_array_index (self->slots, i);

    if (!slot->is_used && slot->rtp_parameters != NULL &&
        slot->payload_type ==
            json_object_get_int_member (operation->codec, "preferredPayloadType") &&
        g_ascii_strcasecmp (slot->mime_type,
                            json_object_get_string_member (operation->codec, "mimeType")) == 0)
      return slot;
  }
  return NULL;
}

/* Same m-line, same SSRC, no SDP: only what the codec says of itself is new. */
static void
reuse_slot (TuttiSendSlot *slot, JsonObject *codec)
{
  JsonObject *own = json_array_get_object_element (
      json_object_get_array_member (slot->rtp_parameters, "codecs"), 0);

  slot->is_used = TRUE;
  if (tutti_check_has (codec, "parameters"))
    json_object_set_object_member (
        own, "parameters",
        tutti_ortc_copy_object (json_object_get_object_member (codec, "parameters")));
}

/* -- the steps of produce -- */

static void
on_answer_set (TuttiTransport *self, const GstStructure *reply)
{
  TuttiOperation *operation = g_ptr_array_index (self->current, 0);

  operation->slot->base_time = gst_element_get_base_time (self->pipeline);
  tutti_transport_finish_current (self);
}

/* Its payload type is webrtcbin's to choose: the room maps it. */
static JsonObject *
make_rtx_codec (JsonObject *codec)
{
  gint64 number = json_object_get_int_member (codec, "preferredPayloadType");
  JsonObject *rtx = json_object_new ();

  json_object_set_string_member (rtx, "mimeType", "video/rtx");
  json_object_set_int_member (rtx, "preferredPayloadType", number < 127 ? number + 1 : number - 1);
  json_object_set_int_member (rtx, "clockRate", json_object_get_int_member (codec, "clockRate"));
  return rtx;
}

static void
on_local_set (TuttiTransport *self, const GstStructure *reply)
{
  TuttiOperation *operation = g_ptr_array_index (self->current, 0);
  TuttiSendSlot *slot = operation->slot;
  g_autoptr (JsonObject) capabilities = json_object_new ();
  g_autofree char *offer = gst_sdp_message_as_text (self->local->sdp);
  g_autofree char *answer = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *codecs = json_array_new ();

  json_array_add_object_element (codecs, json_object_ref (operation->codec));
  if (self->shared->for_pictures)
    json_array_add_object_element (codecs, make_rtx_codec (operation->codec));
  json_object_set_array_member (capabilities, "codecs", codecs);
  slot->rtp_parameters = tutti_ortc_send_parameters (offer, slot->index, capabilities, &error);
  if (slot->rtp_parameters == NULL) {
    tutti_transport_fail (self, error);
    return;
  }
  if (tutti_remote_sdp_add_send (self->remote, tutti_ortc_get_kind (slot->rtp_parameters),
                                 slot->rtp_parameters) != slot->index) {
    tutti_transport_fail_with (self, TUTTI_ERROR_TRANSPORT,
                               _ ("The own media connection could not be described."));
    return;
  }
  answer = tutti_remote_sdp_to_string (self->remote);
  tutti_transport_set_description (self, FALSE, GST_WEBRTC_SDP_TYPE_ANSWER, answer, on_answer_set);
}

static void
on_server (TuttiTransport *self, const GstStructure *reply)
{
  tutti_transport_set_local (self, on_local_set);
}

static void
on_offer (TuttiTransport *self, const GstStructure *reply)
{
  g_autofree char *offer = tutti_transport_take_local (self, reply, "offer");

  if (offer != NULL)
    tutti_transport_ensure_server (self, offer, on_server);
}

void
tutti_transport_start_produce (TuttiTransport *self)
{
  TuttiOperation *operation = g_ptr_array_index (self->current, 0);

  operation->slot = find_free_slot (self, operation);
  if (operation->slot != NULL) {
    reuse_slot (operation->slot, operation->codec);
    tutti_transport_finish_current (self);
    return;
  }
  operation->slot = add_slot (self, operation);
  if (operation->slot == NULL) {
    tutti_transport_fail_with (self, TUTTI_ERROR_TRANSPORT,
                               _ ("The stream could not be added to the media connection."));
    return;
  }
  tutti_transport_call (self, "create-offer", NULL, on_offer);
}

void
tutti_transport_complete_produce (TuttiTransport *self, TuttiOperation *operation)
{
  if (g_task_return_error_if_cancelled (operation->task))
    operation->slot->is_used = FALSE;
  else
    g_task_return_pointer (operation->task, operation->slot, NULL);
}

/* -- API -- */

void
tutti_transport_produce_async (TuttiTransport *self,
                               JsonObject *codec,
                               JsonArray *header_extensions,
                               GCancellable *cancellable,
                               GAsyncReadyCallback callback,
                               gpointer user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);
  TuttiOperation *operation;

  g_return_if_fail (TUTTI_IS_TRANSPORT (self) && self->direction == TUTTI_DIRECTION_SEND);
  g_return_if_fail (codec != NULL && self->connect_func != NULL);
  TUTTI_ASSERT_MAIN_THREAD ();

  g_task_set_source_tag (task, tutti_transport_produce_async);
  if (tutti_transport_is_over (self)) {
    g_task_return_new_error_literal (task, G_IO_ERROR, G_IO_ERROR_CLOSED,
                                     _ ("The connection is closed."));
    return;
  }
  operation = g_new0 (TuttiOperation, 1);
  operation->task = g_steal_pointer (&task);
  operation->codec = tutti_ortc_copy_object (codec);
  if (header_extensions != NULL)
    operation->extensions = json_array_ref (header_extensions);
  tutti_transport_enqueue (self, operation);
}

TuttiSendSlot *
tutti_transport_produce_finish (TuttiTransport *self,
                                GAsyncResult *result,
                                JsonObject **rtp_parameters,
                                GError **error)
{
  TuttiSendSlot *slot;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  slot = g_task_propagate_pointer (G_TASK (result), error);
  if (rtp_parameters != NULL)
    *rtp_parameters = slot != NULL ? tutti_ortc_copy_object (slot->rtp_parameters) : NULL;
  return slot;
}

guint32
tutti_send_slot_get_ssrc (TuttiSendSlot *slot)
{
  return slot->ssrc;
}

guint8
tutti_send_slot_get_payload_type (TuttiSendSlot *slot)
{
  return slot->payload_type;
}

/* SRTP refuses numbers that it has seen on an SSRC, and with the refusal the whole transport breaks
 * down. So when the pusher begins anew, on a slot taken over or by itself, the count goes on here.
 */
static guint16
continue_count (TuttiSendSlot *slot, guint16 seq)
{
  guint16 own = seq + slot->seq_offset;

  if (!slot->has_sent || (gint16) (own - slot->last_seq) <= 0) {
    own = slot->last_seq + 1;
    slot->seq_offset = own - seq;
  }
  slot->has_sent = TRUE;
  slot->last_seq = own;
  return own;
}

/* What the pipeline cannot send it never will: say so once. When it is being taken down
 * (GST_FLOW_FLUSHING) there is nothing to say. */
static void
report_flow (TuttiSendSlot *slot, GstFlowReturn flow)
{
  if (flow == GST_FLOW_FLUSHING || slot->has_failed ||
      !tutti_transport_shared_is_open (slot->shared))
    return;
  slot->has_failed = TRUE;
  tutti_transport_shared_fail (slot->shared, g_error_new (TUTTI_ERROR, TUTTI_ERROR_TRANSPORT,
                                                          _ ("The media connection broke down: %s"),
                                                          gst_flow_get_name (flow)));
}

/**
 * tutti_send_slot_push:
 * @rtp: a whole RTP packet with the slot's SSRC and payload type, 12 to 1400 bytes; sequence
 *   numbers grow (gaps are kept); where they do not, they are made to
 *
 * Encrypts and sends in the calling thread (40 to 80 µs). The slot stays valid as long as its
 * transport; pushing to a closed one does no harm.
 */
void
tutti_send_slot_push (TuttiSendSlot *slot, const guint8 *rtp, gsize size)
{
  GstBuffer *buffer;
  GstFlowReturn flow;
  guint8 *copy;
  guint16 seq;

  if (!tutti_transport_shared_is_open (slot->shared) || size < 12 || size > MAX_RTP_BYTES) {
    __atomic_fetch_add (&slot->shared->packets_dropped, 1, __ATOMIC_RELAXED);
    return;
  }
  seq = continue_count (slot, (guint16) (rtp[2] << 8 | rtp[3]));
  copy = g_memdup2 (rtp, size);
  copy[2] = (guint8) (seq >> 8);
  copy[3] = (guint8) (seq & 0xff);
  buffer = gst_buffer_new_wrapped (copy, size);
  GST_BUFFER_PTS (buffer) = gst_clock_get_time (slot->clock) - slot->base_time;
  GST_BUFFER_DTS (buffer) = GST_BUFFER_PTS (buffer);
  flow = gst_pad_push (slot->pad, buffer);
  if (flow == GST_FLOW_OK)
    __atomic_fetch_add (&slot->shared->packets_sent, 1, __ATOMIC_RELAXED);
  else {
    __atomic_fetch_add (&slot->shared->packets_dropped, 1, __ATOMIC_RELAXED);
    report_flow (slot, flow);
  }
}

void
tutti_transport_release_slot (TuttiTransport *self, TuttiSendSlot *slot)
{
  g_return_if_fail (TUTTI_IS_TRANSPORT (self));
  TUTTI_ASSERT_MAIN_THREAD ();

  slot->is_used = FALSE;
}
