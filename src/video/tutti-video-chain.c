/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-chain.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

gboolean
tutti_video_init (GError **error)
{
  g_autoptr (GError) local = NULL;

  if (gst_init_check (NULL, NULL, &local))
    return TRUE;
  g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO, _ ("GStreamer cannot be started: %s."),
               local != NULL ? local->message : "?");
  return FALSE;
}

GstElement *
tutti_video_add (GstBin *bin, const char *factory, GError **error)
{
  GstElement *element = gst_element_factory_make (factory, NULL);

  if (element == NULL) {
    g_set_error (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO,
                 _ ("Pictures cannot be sent or shown, because GStreamer's element “%s” is not "
                    "installed."),
                 factory);
    return NULL;
  }
  gst_bin_add (bin, element);
  return element;
}

GstElement *
tutti_video_add_caps (GstBin *bin, const char *text, GError **error)
{
  GstElement *element = tutti_video_add (bin, "capsfilter", error);
  g_autoptr (GstCaps) caps = gst_caps_from_string (text);

  if (element != NULL)
    g_object_set (element, "caps", caps, NULL);
  return element;
}

/* -- frames -- */

typedef struct {
  GstBuffer *buffer;
  GstMapInfo map;
} Mapped;

static void
mapped_free (gpointer data)
{
  Mapped *mapped = data;

  gst_buffer_unmap (mapped->buffer, &mapped->map);
  gst_buffer_unref (mapped->buffer);
  g_free (mapped);
}

/* Without a copy: the buffer lives as long as the frame. */
static TuttiFrame *
make_frame (GstSample *sample)
{
  GstBuffer *buffer = gst_sample_get_buffer (sample);
  const GstVideoMeta *meta = buffer != NULL ? gst_buffer_get_video_meta (buffer) : NULL;
  GstVideoInfo info;
  Mapped *mapped;
  gsize stride, size;

  if (buffer == NULL || !gst_video_info_from_caps (&info, gst_sample_get_caps (sample)))
    return NULL;
  stride = meta != NULL ? (gsize) meta->stride[0] : (gsize) GST_VIDEO_INFO_PLANE_STRIDE (&info, 0);
  size = stride * (gsize) (GST_VIDEO_INFO_HEIGHT (&info) - 1) +
         4 * (gsize) GST_VIDEO_INFO_WIDTH (&info);
  mapped = g_new0 (Mapped, 1);
  mapped->buffer = gst_buffer_ref (buffer);
  if (!gst_buffer_map (buffer, &mapped->map, GST_MAP_READ)) {
    gst_buffer_unref (buffer);
    g_free (mapped);
    return NULL;
  }
  if (mapped->map.size < size) {
    mapped_free (mapped);
    return NULL;
  }
  return tutti_frame_new (
      g_bytes_new_with_free_func (mapped->map.data, mapped->map.size, mapped_free, mapped),
      (guint) GST_VIDEO_INFO_WIDTH (&info), (guint) GST_VIDEO_INFO_HEIGHT (&info), stride);
}

/* Streaming thread. */
static GstFlowReturn
on_frame (GstAppSink *sink, gpointer data)
{
  g_autoptr (GstSample) sample = gst_app_sink_pull_sample (sink);
  TuttiFrame *frame = sample != NULL ? make_frame (sample) : NULL;

  if (frame != NULL)
    tutti_picture_put (data, frame);
  return GST_FLOW_OK;
}

GstElement *
tutti_video_add_picture (GstBin *bin, TuttiPicture *picture, GError **error)
{
  GstElement *convert = tutti_video_add (bin, "videoconvert", error);
  GstElement *caps = convert ? tutti_video_add_caps (bin, "video/x-raw,format=BGRx", error) : NULL;
  GstElement *sink = caps ? tutti_video_add (bin, "appsink", error) : NULL;
  GstAppSinkCallbacks callbacks = { .new_sample = on_frame };

  if (sink == NULL)
    return NULL;
  /* What comes is shown: nobody waits for a clock. */
  g_object_set (sink, "sync", FALSE, "async", FALSE, "max-buffers", 1u, "drop", TRUE, "qos", FALSE,
                NULL);
  gst_app_sink_set_callbacks (GST_APP_SINK (sink), &callbacks, g_object_ref (picture),
                              g_object_unref);
  gst_element_link_many (convert, caps, sink, NULL);
  return convert;
}

/* -- errors -- */

typedef struct {
  TuttiVideoErrorFunc func;
  gpointer user_data;
  GDestroyNotify destroy;
} Watch;

static void
watch_free (gpointer data)
{
  Watch *watch = data;

  if (watch->destroy != NULL)
    watch->destroy (watch->user_data);
  g_free (watch);
}

static GstBusSyncReply
on_message (GstBus *bus, GstMessage *message, gpointer data)
{
  Watch *watch = data;

  if (GST_MESSAGE_TYPE (message) == GST_MESSAGE_ERROR) {
    g_autoptr (GError) error = NULL;
    g_autofree char *debug = NULL;

    gst_message_parse_error (message, &error, &debug);
    g_debug ("%s: %s (%s)", GST_MESSAGE_SRC_NAME (message), error->message, debug);
    watch->func (error, watch->user_data);
  }
  gst_message_unref (message);
  return GST_BUS_DROP;
}

void
tutti_video_watch_bus (GstElement *pipeline,
                       TuttiVideoErrorFunc func,
                       gpointer user_data,
                       GDestroyNotify destroy)
{
  g_autoptr (GstBus) bus = gst_pipeline_get_bus (GST_PIPELINE (pipeline));
  Watch *watch = g_new (Watch, 1);

  *watch = (Watch) { func, user_data, destroy };
  gst_bus_set_sync_handler (bus, on_message, watch, watch_free);
}
