/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* pw-camera: a camera without hardware.
 *
 *   pw-camera NAME [RRGGBB] [WIDTH HEIGHT FPS]
 *
 * A PipeWire node Video/Source that shows a test picture (tutti-test-pattern.h) of that colour.
 * Prints "ready" when it is there; ends, as if unplugged, with SIGTERM. */

#include <glib.h>
#include <pipewire/pipewire.h>
#include <signal.h>
#include <spa/param/buffers.h>
#include <spa/param/video/format-utils.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tutti-test-pattern.h"

typedef struct {
  struct pw_main_loop *loop;
  struct pw_stream *stream;
  struct spa_source *timer;
  guint32 width;
  guint32 height;
  guint32 fps;
  guint32 colour;
  guint32 number;
  guint8 *luma; /* of the pattern alone: 0 where there is none */
} Camera;

static gint64
now_ns (void)
{
  struct timespec ts;

  clock_gettime (CLOCK_MONOTONIC, &ts);

  return ts.tv_sec * G_GINT64_CONSTANT (1000000000) + ts.tv_nsec;
}

static void
draw (Camera *self, guint32 *pixels)
{
  gsize n = (gsize) self->width * self->height;

  memset (self->luma, 0, n);
  tutti_pattern_draw (self->luma, self->width, self->height, self->width, self->number++,
                      now_ns ());
  for (gsize i = 0; i < n; i++)
    pixels[i] = self->luma[i] == 0 ? self->colour : self->luma[i] > 128 ? 0xffffff : 0;
}

static void
process_cb (void *data)
{
  Camera *self = data;
  struct pw_buffer *buffer = pw_stream_dequeue_buffer (self->stream);
  struct spa_data *out;
  struct spa_meta_header *header;

  if (buffer == NULL)
    return;
  out = &buffer->buffer->datas[0];
  if (out->data != NULL) {
    draw (self, out->data);
    out->chunk->offset = 0;
    out->chunk->stride = (int32_t) self->width * 4;
    out->chunk->size = self->width * self->height * 4;
  }
  header = spa_buffer_find_meta_data (buffer->buffer, SPA_META_Header, sizeof *header);
  if (header != NULL) {
    header->pts = now_ns ();
    header->flags = 0;
    header->seq = self->number;
    header->dts_offset = 0;
  }
  pw_stream_queue_buffer (self->stream, buffer);
}

static void
tick_cb (void *data, uint64_t expirations)
{
  pw_stream_trigger_process (((Camera *) data)->stream);
}

static void
state_cb (void *data, enum pw_stream_state before, enum pw_stream_state state, const char *error)
{
  Camera *self = data;
  struct timespec first = { 0, 1 }, interval = { 0, 1000000000 / self->fps }, none = { 0, 0 };
  gboolean on = state == PW_STREAM_STATE_STREAMING;

  if (state == PW_STREAM_STATE_PAUSED && before == PW_STREAM_STATE_CONNECTING) {
    puts ("ready");
    fflush (stdout);
  }
  pw_loop_update_timer (pw_main_loop_get_loop (self->loop), self->timer, on ? &first : &none,
                        on ? &interval : &none, false);
}

static void
param_cb (void *data, uint32_t id, const struct spa_pod *param)
{
  Camera *self = data;
  uint8_t bytes[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (bytes, sizeof bytes);
  const struct spa_pod *params[2];

  if (param == NULL || id != SPA_PARAM_Format)
    return;
  params[0] = spa_pod_builder_add_object (
      &builder, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers, SPA_PARAM_BUFFERS_buffers,
      SPA_POD_CHOICE_RANGE_Int (4, 2, 8), SPA_PARAM_BUFFERS_blocks, SPA_POD_Int (1),
      SPA_PARAM_BUFFERS_size, SPA_POD_Int ((int32_t) (self->width * self->height * 4)),
      SPA_PARAM_BUFFERS_stride, SPA_POD_Int ((int32_t) self->width * 4));
  params[1] = spa_pod_builder_add_object (&builder, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
                                          SPA_PARAM_META_type, SPA_POD_Id (SPA_META_Header),
                                          SPA_PARAM_META_size,
                                          SPA_POD_Int (sizeof (struct spa_meta_header)));
  pw_stream_update_params (self->stream, params, 2);
}

static const struct pw_stream_events events = {
  PW_VERSION_STREAM_EVENTS,
  .process = process_cb,
  .state_changed = state_cb,
  .param_changed = param_cb,
};

static void
quit_cb (void *data, int number)
{
  pw_main_loop_quit (((Camera *) data)->loop);
}

static int
connect_stream (Camera *self)
{
  uint8_t bytes[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (bytes, sizeof bytes);
  const struct spa_pod *params[1];

  params[0] = spa_pod_builder_add_object (
      &builder, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat, SPA_FORMAT_mediaType,
      SPA_POD_Id (SPA_MEDIA_TYPE_video), SPA_FORMAT_mediaSubtype,
      SPA_POD_Id (SPA_MEDIA_SUBTYPE_raw), SPA_FORMAT_VIDEO_format,
      SPA_POD_Id (SPA_VIDEO_FORMAT_BGRx), SPA_FORMAT_VIDEO_size,
      SPA_POD_Rectangle (&SPA_RECTANGLE (self->width, self->height)), SPA_FORMAT_VIDEO_framerate,
      SPA_POD_Fraction (&SPA_FRACTION (self->fps, 1)));
  return pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                            PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_MAP_BUFFERS, params, 1);
}

int
main (int argc, char **argv)
{
  Camera self = { .width = 640, .height = 480, .fps = 30, .colour = 0x3584e4 };
  struct pw_loop *loop;
  int result;

  if (argc != 2 && argc != 3 && argc != 6) {
    fprintf (stderr, "usage: pw-camera NAME [RRGGBB] [WIDTH HEIGHT FPS]\n");
    return 2;
  }
  if (argc > 2)
    self.colour = (guint32) strtoul (argv[2], NULL, 16);
  if (argc == 6) {
    self.width = (guint32) atoi (argv[3]);
    self.height = (guint32) atoi (argv[4]);
    self.fps = (guint32) MAX (1, atoi (argv[5]));
  }
  self.luma = g_malloc ((gsize) self.width * self.height);

  pw_init (&argc, &argv);
  self.loop = pw_main_loop_new (NULL);
  loop = pw_main_loop_get_loop (self.loop);
  pw_loop_add_signal (loop, SIGINT, quit_cb, &self);
  pw_loop_add_signal (loop, SIGTERM, quit_cb, &self);
  self.timer = pw_loop_add_timer (loop, tick_cb, &self);
  self.stream = pw_stream_new_simple (
      loop, argv[1],
      pw_properties_new (PW_KEY_MEDIA_CLASS, "Video/Source", PW_KEY_MEDIA_ROLE, "Camera",
                         PW_KEY_NODE_NAME, argv[1], PW_KEY_NODE_DESCRIPTION, argv[1], NULL),
      &events, &self);
  result = connect_stream (&self);
  if (result < 0) {
    fprintf (stderr, "pw-camera: PipeWire does not take it: %s\n", strerror (-result));
    return 1;
  }
  pw_main_loop_run (self.loop);
  pw_stream_destroy (self.stream);
  pw_main_loop_destroy (self.loop);
  g_free (self.luma);
  return 0;
}
