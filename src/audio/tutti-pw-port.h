/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* Private to the PipeWire node: ports of a pw_filter, and what they hold in a cycle. */

#pragma once

#include <glib.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>

G_BEGIN_DECLS

/* Main thread. @channel: (nullable): FL, FR … Returns NULL with errno set when it cannot. */
static inline void *
tutti_pw_port_add (struct pw_filter *filter,
                   enum spa_direction direction,
                   const char *name,
                   const char *channel)
{
  struct pw_properties *props = pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio",
                                                   PW_KEY_PORT_NAME, name, NULL);

  if (channel != NULL)
    pw_properties_set (props, PW_KEY_AUDIO_CHANNEL, channel);

  return pw_filter_add_port (filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, sizeof (gpointer),
                             props, NULL, 0);
}

/* Data loop. Returns the port's samples, or NULL when nothing (or too little) came this cycle. */
static inline const float *
tutti_pw_port_take_input (void *port, guint n_frames)
{
  struct pw_buffer *buffer = pw_filter_dequeue_buffer (port);
  const float *samples = NULL;
  struct spa_data *d;

  if (buffer == NULL)
    return NULL;

  d = &buffer->buffer->datas[0];
  if (d->data != NULL && d->chunk->size >= n_frames * sizeof (float) &&
      d->chunk->offset + d->chunk->size <= d->maxsize && !(d->chunk->flags & SPA_CHUNK_FLAG_EMPTY))
    samples = SPA_PTROFF (d->data, d->chunk->offset, const float);
  pw_filter_queue_buffer (port, buffer);

  return samples;
}

/* Data loop. Returns where to write, or NULL when nobody listens. */
static inline float *
tutti_pw_port_take_output (void *port, guint n_frames)
{
  struct pw_buffer *buffer = pw_filter_dequeue_buffer (port);
  float *samples = NULL;
  struct spa_data *d;

  if (buffer == NULL)
    return NULL;

  d = &buffer->buffer->datas[0];
  if (d->data != NULL && d->maxsize >= n_frames * sizeof (float)) {
    samples = d->data;
    d->chunk->offset = 0;
    d->chunk->size = n_frames * sizeof (float);
    d->chunk->stride = sizeof (float);
    d->chunk->flags = 0;
  }
  pw_filter_queue_buffer (port, buffer);

  return samples;
}

G_END_DECLS
