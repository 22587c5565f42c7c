/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-receiver.h"

#include <gst/app/gstappsrc.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"
#include "tutti-video-chain.h"
#include "tutti-video-shape.h"

/* packets → what was sent again, put back → order → depayloader → decoder → picture */

#define LATENCY_MS  120               /* so long a missing packet is waited for */
#define MAX_WAITING (2 * 1024 * 1024) /* bytes, before the chain */

struct _TuttiVideoReceiver {
  TuttiVideoStream stream;
  TuttiAsker *asker;
  GMutex lock;          /* pipeline and source */
  GstElement *pipeline; /* NULL once closed */
  GstAppSrc *source;    /* borrowed from the pipeline */
  gboolean is_refusing; /* the decoder's thread: waits for a key frame of a size that it takes */

  guint64 packets; /* atomic, as what follows */
  guint64 refused;
  guint64 asked_again;
  guint64 key_frames_asked;
};

static JsonObject *
find_codec (JsonArray *codecs, const char *mime_type)
{
  for (guint i = 0; i < json_array_get_length (codecs); i++) {
    JsonObject *codec = json_array_get_object_element (codecs, i);

    if (g_ascii_strcasecmp (json_object_get_string_member (codec, "mimeType"), mime_type) == 0)
      return codec;
  }
  return NULL;
}

gboolean
tutti_video_stream_read (TuttiVideoStream *self, JsonObject *rtp_parameters)
{
  JsonArray *codecs = json_object_get_array_member (rtp_parameters, "codecs");
  JsonObject *encoding =
      json_array_get_object_element (json_object_get_array_member (rtp_parameters, "encodings"), 0);
  JsonObject *vp8 = find_codec (codecs, "video/VP8"), *rtx = find_codec (codecs, "video/rtx");

  if (vp8 == NULL)
    return FALSE;
  *self = (TuttiVideoStream) {
    .ssrc = (guint32) json_object_get_int_member (encoding, "ssrc"),
    .payload_type = (guint8) json_object_get_int_member (vp8, "payloadType"),
  };
  if (rtx != NULL && json_object_has_member (encoding, "rtx")) {
    self->rtx_ssrc = (guint32) json_object_get_int_member (
        json_object_get_object_member (encoding, "rtx"), "ssrc");
    self->rtx_payload_type = (guint8) json_object_get_int_member (rtx, "payloadType");
  }
  return TRUE;
}

/* -- life -- */

static void
receiver_clear (gpointer data)
{
  TuttiVideoReceiver *self = data;

  g_clear_pointer (&self->asker, tutti_asker_unref);
  g_mutex_clear (&self->lock);
}

TuttiVideoReceiver *
tutti_video_receiver_ref (TuttiVideoReceiver *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
tutti_video_receiver_unref (TuttiVideoReceiver *self)
{
  g_atomic_rc_box_release_full (self, receiver_clear);
}

static void
unref_data (gpointer data)
{
  tutti_video_receiver_unref (data);
}

/* -- asking: the chain's threads -- */

static void
ask_key_frame (TuttiVideoReceiver *self)
{
  __atomic_fetch_add (&self->key_frames_asked, 1, __ATOMIC_RELAXED);
  if (self->asker != NULL)
    tutti_asker_ask_key_frame (self->asker, self->stream.ssrc, self->stream.payload_type);
}

static GstPadProbeReturn
on_asked (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  TuttiVideoReceiver *self = data;
  GstEvent *event = GST_PAD_PROBE_INFO_EVENT (info);
  const GstStructure *structure = gst_event_get_structure (event);
  guint seq;

  if (GST_EVENT_TYPE (event) != GST_EVENT_CUSTOM_UPSTREAM || structure == NULL)
    return GST_PAD_PROBE_OK;
  if (gst_structure_has_name (structure, "GstForceKeyUnit")) {
    ask_key_frame (self);
  } else if (gst_structure_has_name (structure, "GstRTPRetransmissionRequest") &&
             gst_structure_get_uint (structure, "seqnum", &seq)) {
    __atomic_fetch_add (&self->asked_again, 1, __ATOMIC_RELAXED);
    if (self->asker != NULL && self->stream.rtx_ssrc != 0)
      tutti_asker_ask_again (self->asker, self->stream.ssrc, (guint16) seq);
  }
  return GST_PAD_PROBE_OK;
}

/* A few bytes can ask for hundreds of megabytes: what is too large reaches no decoder. */
static GstPadProbeReturn
on_encoded (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  TuttiVideoReceiver *self = data;
  guint8 head[10];
  gsize size = gst_buffer_extract (GST_PAD_PROBE_INFO_BUFFER (info), 0, head, sizeof head);
  guint width, height;

  if (tutti_vp8_read_key_frame (head, size, &width, &height))
    self->is_refusing = width == 0 || height == 0 || MAX (width, height) > TUTTI_VIDEO_MAX_WIDTH ||
                        MIN (width, height) > TUTTI_VIDEO_MAX_HEIGHT;
  if (!self->is_refusing)
    return GST_PAD_PROBE_OK;
  __atomic_fetch_add (&self->refused, 1, __ATOMIC_RELAXED);
  return GST_PAD_PROBE_DROP;
}

/* A damaged stream is no reason to give up: the next key frame mends it. */
static void
on_bus_error (const GError *error, gpointer data)
{
  g_message ("A picture cannot be shown: %s", error->message);
}

/* -- the chain -- */

static void
set_up_source (TuttiVideoReceiver *self)
{
  g_autoptr (GstCaps) caps = gst_caps_new_simple (
      "application/x-rtp", "media", G_TYPE_STRING, "video", "encoding-name", G_TYPE_STRING, "VP8",
      "clock-rate", G_TYPE_INT, 90000, "payload", G_TYPE_INT, (int) self->stream.payload_type,
      "ssrc", G_TYPE_UINT, self->stream.ssrc, NULL);
  g_autoptr (GstPad) pad = gst_element_get_static_pad (GST_ELEMENT (self->source), "src");

  g_object_set (self->source, "caps", caps, "is-live", TRUE, "do-timestamp", TRUE, "max-bytes",
                (guint64) MAX_WAITING, "block", FALSE, NULL);
  gst_util_set_object_arg (G_OBJECT (self->source), "format", "time");
  gst_util_set_object_arg (G_OBJECT (self->source), "leaky-type", "downstream");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_EVENT_UPSTREAM, on_asked,
                     tutti_video_receiver_ref (self), unref_data);
}

static void
set_up_again (TuttiVideoReceiver *self, GstElement *again)
{
  g_autofree char *payload_type = g_strdup_printf ("%u", self->stream.payload_type);
  g_autofree char *ssrc = g_strdup_printf ("%u", self->stream.ssrc);
  g_autoptr (GstStructure) types =
      gst_structure_new ("application/x-rtp-pt-map", payload_type, G_TYPE_UINT,
                         (guint) self->stream.rtx_payload_type, NULL);
  g_autoptr (GstStructure) ssrcs = gst_structure_new ("application/x-rtp-ssrc-map", ssrc,
                                                      G_TYPE_UINT, self->stream.rtx_ssrc, NULL);

  if (self->stream.rtx_ssrc != 0)
    g_object_set (again, "payload-type-map", types, "ssrc-map", ssrcs, NULL);
}

static gboolean
build (TuttiVideoReceiver *self, TuttiPicture *picture, GError **error)
{
  GstBin *bin = GST_BIN (self->pipeline);
  GstElement *source, *again, *order, *depay, *decoder, *show;
  g_autoptr (GstPad) pad = NULL;

  if (!(source = tutti_video_add (bin, "appsrc", error)) ||
      !(again = tutti_video_add (bin, "rtprtxreceive", error)) ||
      !(order = tutti_video_add (bin, "rtpjitterbuffer", error)) ||
      !(depay = tutti_video_add (bin, "rtpvp8depay", error)) ||
      !(decoder = tutti_video_add (bin, "vp8dec", error)) ||
      !(show = tutti_video_add_picture (bin, picture, error)))
    return FALSE;
  self->source = GST_APP_SRC (source);
  set_up_source (self);
  set_up_again (self, again);
  g_object_set (order, "latency", (guint) LATENCY_MS, "do-retransmission",
                self->stream.rtx_ssrc != 0, "do-lost", TRUE, "rtx-next-seqnum", FALSE, NULL);
  g_object_set (depay, "request-keyframe", TRUE, "wait-for-keyframe", TRUE, NULL);
  g_object_set (decoder, "threads", 1u, "qos", FALSE, NULL);
  pad = gst_element_get_static_pad (depay, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, on_encoded, tutti_video_receiver_ref (self),
                     unref_data);
  return gst_element_link_many (source, again, order, depay, decoder, show, NULL);
}

TuttiVideoReceiver *
tutti_video_receiver_new (const TuttiVideoStream *stream,
                          TuttiPicture *picture,
                          TuttiAsker *asker,
                          GError **error)
{
  TuttiVideoReceiver *self;

  TUTTI_ASSERT_MAIN_THREAD ();

  self = g_atomic_rc_box_new0 (TuttiVideoReceiver);
  self->stream = *stream;
  self->asker = asker;
  g_mutex_init (&self->lock);
  if (tutti_video_init (error)) {
    self->pipeline = gst_object_ref_sink (gst_pipeline_new ("tutti-video-receive"));
    tutti_video_watch_bus (self->pipeline, on_bus_error, NULL, NULL);
    if (build (self, picture, error) &&
        gst_element_set_state (self->pipeline, GST_STATE_PLAYING) != GST_STATE_CHANGE_FAILURE)
      return self;
  }
  if (error != NULL && *error == NULL)
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO,
                         _ ("A picture cannot be shown on this computer."));
  tutti_video_receiver_close (self);
  tutti_video_receiver_unref (self);
  return NULL;
}

/* Caps are ours, and nothing else gets in: see set_up_source(). */
static gboolean
is_ours (const TuttiVideoReceiver *self, const guint8 *rtp, gsize size)
{
  guint8 payload_type = size >= 12 ? rtp[1] & 0x7f : 0;

  return payload_type != 0 && (payload_type == self->stream.payload_type ||
                               payload_type == self->stream.rtx_payload_type);
}

void
tutti_video_receiver_push (const guint8 *rtp, gsize size, gint64 arrival_ns, gpointer user_data)
{
  TuttiVideoReceiver *self = user_data;
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  if (self->pipeline == NULL)
    return;
  if (!is_ours (self, rtp, size)) {
    __atomic_fetch_add (&self->refused, 1, __ATOMIC_RELAXED);
    return;
  }
  __atomic_fetch_add (&self->packets, 1, __ATOMIC_RELAXED);
  gst_app_src_push_buffer (self->source, gst_buffer_new_memdup (rtp, size));
}

void
tutti_video_receiver_get_stats (TuttiVideoReceiver *self, TuttiVideoReceiverStats *stats)
{
  *stats = (TuttiVideoReceiverStats) {
    .packets = __atomic_load_n (&self->packets, __ATOMIC_RELAXED),
    .refused = __atomic_load_n (&self->refused, __ATOMIC_RELAXED),
    .asked_again = __atomic_load_n (&self->asked_again, __ATOMIC_RELAXED),
    .key_frames_asked = __atomic_load_n (&self->key_frames_asked, __ATOMIC_RELAXED),
  };
}

void
tutti_video_receiver_close (TuttiVideoReceiver *self)
{
  GstElement *pipeline;

  g_mutex_lock (&self->lock);
  pipeline = g_steal_pointer (&self->pipeline);
  self->source = NULL;
  g_mutex_unlock (&self->lock);
  if (pipeline != NULL)
    tutti_net_reap_pipeline (pipeline);
}
