/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-source-private.h"

#include <fcntl.h>
#include <gst/video/video.h>
#include <unistd.h>

#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-test-pattern.h"
#include "tutti-video-chain.h"

#define TEST_PREFIX "test"
#define BUSY_SUFFIX "+noise"
#define TEST_CAPS   "video/x-raw,format=I420,width=1280,height=720,framerate=30/1"
#define TEST_COLOUR 0x3584e4u

/* What a camera is asked for, best first: more than is ever sent costs its bus and us. */
#define CAMERA_CAPS                                                                                \
  "video/x-raw,width=[320,1280],height=[240,720],framerate=[20/1,60/1];"                           \
  "video/x-raw,width=[1,1920],height=[1,1080];video/x-raw"

TuttiVideoSource *
tutti_video_source_new (TuttiVideoKind kind, const char *device, int fd)
{
  TuttiVideoSource *self = g_new (TuttiVideoSource, 1);

  *self = (TuttiVideoSource) { kind, g_strdup (device), fd };
  return self;
}

TuttiVideoSource *
tutti_video_source_copy (const TuttiVideoSource *self)
{
  int fd = self->fd >= 0 ? fcntl (self->fd, F_DUPFD_CLOEXEC, 3) : -1;

  return tutti_video_source_new (self->kind, self->device, fd);
}

void
tutti_video_source_free (TuttiVideoSource *self)
{
  if (self->fd >= 0)
    close (self->fd);
  g_free (self->device);
  g_free (self);
}

gboolean
tutti_video_source_is_test (const TuttiVideoSource *self)
{
  return g_strcmp0 (self->device, TEST_PREFIX) == 0 ||
         (self->device != NULL && g_str_has_prefix (self->device, TEST_PREFIX ":"));
}

const char *
tutti_video_kind_to_string (TuttiVideoKind kind)
{
  return kind == TUTTI_VIDEO_SCREEN ? "screen" : "camera";
}

TuttiVideoKind
tutti_video_kind_from_string (const char *text)
{
  return g_strcmp0 (text, "screen") == 0 || g_strcmp0 (text, "screensharing") == 0
             ? TUTTI_VIDEO_SCREEN
             : TUTTI_VIDEO_CAMERA;
}

/* -- the test picture -- */

typedef struct {
  guint number; /* of the next frame */
  gboolean is_busy;
} TestPicture;

/* What no encoder makes small. Below the middle, where the colour is read. */
static void
draw_noise (GstVideoFrame *frame, guint32 seed)
{
  guint8 *luma = GST_VIDEO_FRAME_PLANE_DATA (frame, 0);
  int height = GST_VIDEO_FRAME_HEIGHT (frame), width = GST_VIDEO_FRAME_WIDTH (frame);
  guint32 state = seed * 2654435761u | 1;

  for (int y = height * 5 / 8; y < height; y++)
    for (int x = 0; x < width; x++) {
      state ^= state << 13;
      state ^= state >> 17;
      state ^= state << 5;
      luma[y * GST_VIDEO_FRAME_PLANE_STRIDE (frame, 0) + x] = (guint8) (96 + (state >> 27));
    }
}

static GstPadProbeReturn
draw (GstPad *pad, GstPadProbeInfo *info, gpointer data)
{
  TestPicture *test = data;
  GstBuffer *buffer = gst_buffer_make_writable (GST_PAD_PROBE_INFO_BUFFER (info));
  g_autoptr (GstCaps) caps = gst_pad_get_current_caps (pad);
  GstVideoFrame frame;
  GstVideoInfo video;

  GST_PAD_PROBE_INFO_DATA (info) = buffer;
  if (caps == NULL || !gst_video_info_from_caps (&video, caps) ||
      !gst_video_frame_map (&frame, &video, buffer, GST_MAP_WRITE))
    return GST_PAD_PROBE_OK;
  if (test->is_busy)
    draw_noise (&frame, test->number);
  tutti_pattern_draw (
      GST_VIDEO_FRAME_PLANE_DATA (&frame, 0), (guint) GST_VIDEO_FRAME_WIDTH (&frame),
      (guint) GST_VIDEO_FRAME_HEIGHT (&frame), (gsize) GST_VIDEO_FRAME_PLANE_STRIDE (&frame, 0),
      test->number++, tutti_clock_now_ns ());
  gst_video_frame_unmap (&frame);
  return GST_PAD_PROBE_OK;
}

static GstElement *
add_test (const TuttiVideoSource *self, GstBin *bin, GError **error)
{
  const char *colour = self->device + strlen (TEST_PREFIX);
  GstElement *source = tutti_video_add (bin, "videotestsrc", error);
  GstElement *caps = source ? tutti_video_add_caps (bin, TEST_CAPS, error) : NULL;
  g_autoptr (GstPad) pad = NULL;
  TestPicture *test;

  if (caps == NULL)
    return NULL;
  test = g_new0 (TestPicture, 1);
  test->is_busy = g_str_has_suffix (self->device, BUSY_SUFFIX);
  gst_util_set_object_arg (G_OBJECT (source), "pattern", "solid-color");
  g_object_set (source, "is-live", TRUE, "foreground-color",
                (guint) (0xff000000 |
                         (*colour == ':' ? g_ascii_strtoull (colour + 1, NULL, 16) : TEST_COLOUR)),
                NULL);
  gst_element_link (source, caps);
  pad = gst_element_get_static_pad (caps, "src");
  gst_pad_add_probe (pad, GST_PAD_PROBE_TYPE_BUFFER, draw, test, g_free);
  return caps;
}

/* -- PipeWire -- */

static GstElement *
add_pipewire (const TuttiVideoSource *self, GstBin *bin, GError **error)
{
  GstElement *source = tutti_video_add (bin, "pipewiresrc", error);
  GstElement *caps =
      source ? tutti_video_add_caps (
                   bin, self->kind == TUTTI_VIDEO_CAMERA ? CAMERA_CAPS : "video/x-raw", error)
             : NULL;

  if (caps == NULL)
    return NULL;
  g_object_set (source, "target-object", self->device, "do-timestamp", TRUE, NULL);
  if (self->fd >= 0) /* it closes that one */
    g_object_set (source, "fd", fcntl (self->fd, F_DUPFD_CLOEXEC, 3), NULL);
  /* A screen where nothing moves brings no frames; encoders and people want some. */
  if (self->kind == TUTTI_VIDEO_SCREEN)
    g_object_set (source, "keepalive-time", 500, NULL);
  gst_element_link (source, caps);
  return caps;
}

GstElement *
tutti_video_source_add (const TuttiVideoSource *self, GstBin *bin, GError **error)
{
  if (self->device == NULL || *self->device == '\0') {
    g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_VIDEO, _ ("There is no camera."));
    return NULL;
  }
  return tutti_video_source_is_test (self) ? add_test (self, bin, error)
                                           : add_pipewire (self, bin, error);
}
