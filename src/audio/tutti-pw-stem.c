/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pw-stem.h"

#include "tutti-pw-node-private.h"
#include "tutti-thread.h"

#include <pipewire/pipewire.h>
#include <spa/param/audio/format-utils.h>
#include <stdatomic.h>
#include <string.h>

#define N_CHANNELS 2
/* One is filled, one played; the third is for data loops that are not the same after all. */
#define N_SLOTS 3
#define NONE    G_MAXUINT64

/* What was played in one cycle. */
typedef struct {
  _Atomic guint64 position; /* of the cycle that passes it on; NONE: nothing is in it */
  guint n_frames;
  float planes[N_CHANNELS][TUTTI_PW_MAX_FRAMES];
} Slot;

struct _TuttiPwStem {
  /* Set once */
  TuttiPwNode *node; /* held: whoever closes it may free us later */
  TuttiAudioRemote *remote;
  char *name;
  char *description;

  /* Main thread */
  struct pw_stream *stream;
  struct spa_hook listener;

  /* Main writes, data loop reads (atomic): the graph's clock. */
  struct spa_io_position *clock;

  /* Data loop */
  guint slot; /* that is being filled */
  guint64 position;
  TuttiPwLine lines[N_CHANNELS];
  float played[N_CHANNELS][TUTTI_MAX_QUANTUM];
  Slot slots[N_SLOTS];
};

/* -- data loop -- */

void
tutti_pw_stem_begin (TuttiPwStem *self, guint64 position, guint n_frames)
{
  Slot *slot;

  self->slot = (self->slot + 1) % N_SLOTS;
  self->position = position;
  slot = &self->slots[self->slot];
  atomic_store_explicit (&slot->position, NONE, memory_order_relaxed);
  atomic_thread_fence (memory_order_release);
  slot->n_frames = n_frames;
}

void
tutti_pw_stem_fill (TuttiPwStem *self,
                    TuttiPwEdge *edge,
                    guint offset,
                    guint n_frames,
                    guint n_samples)
{
  Slot *slot = &self->slots[self->slot];
  float *played[N_CHANNELS] = { self->played[0], self->played[1] };

  if (n_samples > 0 && !tutti_audio_remote_read_stem (self->remote, played, n_samples)) {
    for (guint c = 0; c < N_CHANNELS; c++)
      memset (self->played[c], 0, n_samples * sizeof (float));
  }
  for (guint c = 0; c < N_CHANNELS; c++) {
    if (edge != NULL)
      tutti_pw_edge_play (edge, &self->lines[c], self->played[c], slot->planes[c] + offset);
    else
      memcpy (slot->planes[c] + offset, self->played[c], n_samples * sizeof (float));
  }
}

void
tutti_pw_stem_end (TuttiPwStem *self)
{
  atomic_store_explicit (&self->slots[self->slot].position, self->position, memory_order_release);
}

static const Slot *
find_slot (TuttiPwStem *self, guint64 position, guint n_frames)
{
  for (guint i = 0; i < N_SLOTS; i++) {
    Slot *slot = &self->slots[i];

    if (atomic_load_explicit (&slot->position, memory_order_acquire) == position &&
        slot->n_frames == n_frames)
      return slot;
  }
  return NULL;
}

static void
pass_on (TuttiPwStem *self, struct pw_buffer *buffer, const struct spa_io_clock *clock)
{
  guint n_frames = clock->duration;
  const Slot *slot = find_slot (self, clock->position, n_frames);

  for (guint c = 0; c < MIN (buffer->buffer->n_datas, N_CHANNELS); c++) {
    struct spa_data *data = &buffer->buffer->datas[c];
    guint n = MIN (n_frames, data->maxsize / sizeof (float));

    if (data->data == NULL)
      continue;
    if (slot != NULL)
      memcpy (data->data, slot->planes[c], n * sizeof (float));
    else
      memset (data->data, 0, n * sizeof (float));
    data->chunk->offset = 0;
    data->chunk->stride = sizeof (float);
    data->chunk->size = n * sizeof (float);
  }
}

static void
on_process (void *data)
{
  TuttiPwStem *self = data;
  struct spa_io_position *clock = g_atomic_pointer_get (&self->clock);
  struct pw_buffer *buffer = pw_stream_dequeue_buffer (self->stream);

  if (buffer == NULL)
    return;
  if (clock != NULL && clock->clock.duration <= TUTTI_PW_MAX_FRAMES)
    pass_on (self, buffer, &clock->clock);
  pw_stream_queue_buffer (self->stream, buffer);
}

static int
on_enter (struct spa_loop *loop,
          bool async,
          uint32_t seq,
          const void *data,
          size_t size,
          void *user_data)
{
  TuttiPwStem *self = user_data;

  if (self->node->n_rt_stems < G_N_ELEMENTS (self->node->rt_stems))
    self->node->rt_stems[self->node->n_rt_stems++] = self;
  return 0;
}

static int
on_leave (struct spa_loop *loop,
          bool async,
          uint32_t seq,
          const void *data,
          size_t size,
          void *user_data)
{
  TuttiPwStem *self = user_data;
  TuttiPwNode *node = self->node;

  for (guint i = 0; i < node->n_rt_stems; i++) {
    if (node->rt_stems[i] == self) {
      node->rt_stems[i] = node->rt_stems[--node->n_rt_stems];
      break;
    }
  }
  return 0;
}

/* -- main thread -- */

static int
on_nothing (struct spa_loop *loop,
            bool async,
            uint32_t seq,
            const void *data,
            size_t size,
            void *user_data)
{
  return 0;
}

/* The old area goes away after return: a cycle that may still read it is waited for. */
static void
on_io_changed (void *data, uint32_t id, void *area, uint32_t size)
{
  TuttiPwStem *self = data;
  gboolean had_clock = self->clock != NULL;

  if (id != SPA_IO_Position)
    return;

  g_atomic_pointer_set (&self->clock, area);
  if (had_clock)
    pw_loop_invoke (pw_stream_get_data_loop (self->stream), on_nothing, 0, NULL, 0, true, self);
}

static const struct pw_stream_events stream_events = {
  PW_VERSION_STREAM_EVENTS,
  .io_changed = on_io_changed,
  .process = on_process,
};

/* Runs in the data loop, before which this waits; without a filter nobody runs there. */
static void
invoke (TuttiPwStem *self, spa_invoke_func_t func)
{
  if (self->node->filter != NULL)
    pw_loop_invoke (pw_filter_get_data_loop (self->node->filter), func, 0, NULL, 0, true, self);
  else
    func (NULL, false, 0, NULL, 0, self);
}

static struct pw_properties *
stem_properties (TuttiPwStem *self)
{
  return pw_properties_new (PW_KEY_NODE_NAME, self->name, PW_KEY_NODE_DESCRIPTION,
                            self->description, PW_KEY_MEDIA_NAME, self->description,
                            PW_KEY_MEDIA_CLASS, "Stream/Output/Audio", PW_KEY_NODE_AUTOCONNECT,
                            "false", PW_KEY_NODE_GROUP, self->node->name, NULL);
}

/* Planar float at the graph's own rate, so that PipeWire has nothing to convert. */
static int
connect_stream (TuttiPwStem *self)
{
  guint8 buffer[1024];
  struct spa_pod_builder builder = SPA_POD_BUILDER_INIT (buffer, sizeof buffer);
  struct spa_audio_info_raw info = {
    .format = SPA_AUDIO_FORMAT_F32P,
    .rate = self->node->rate,
    .channels = N_CHANNELS,
    .position = { SPA_AUDIO_CHANNEL_FL, SPA_AUDIO_CHANNEL_FR },
  };
  const struct spa_pod *params[] = {
    spa_format_audio_raw_build (&builder, SPA_PARAM_EnumFormat, &info),
  };

  return pw_stream_connect (self->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY,
                            PW_STREAM_FLAG_RT_PROCESS | PW_STREAM_FLAG_MAP_BUFFERS, params,
                            G_N_ELEMENTS (params));
}

void
tutti_pw_stem_connect (TuttiPwStem *self)
{
  struct pw_core *core = tutti_pw_connection_get_core (self->node->connection);
  int res = 0;

  /* The node calls again when the graph's rate is known, and when it changes. */
  if (self->stream != NULL || core == NULL || self->node->rate == 0)
    return;

  self->stream = pw_stream_new (core, self->name, stem_properties (self));
  if (self->stream == NULL) {
    res = -errno;
  } else {
    pw_stream_add_listener (self->stream, &self->listener, &stream_events, self);
    res = connect_stream (self);
  }
  if (res >= 0)
    return;

  g_warning ("No PipeWire node for “%s”: %s", self->description, g_strerror (-res));
  tutti_pw_stem_disconnect (self);
}

void
tutti_pw_stem_disconnect (TuttiPwStem *self)
{
  if (self->stream == NULL)
    return;

  spa_hook_remove (&self->listener);
  g_clear_pointer (&self->stream, pw_stream_destroy);
  self->clock = NULL;
}

/* Edges may be freed now, and a later one may have the same address. */
void
tutti_pw_stem_forget_edges (TuttiPwStem *self)
{
  for (guint c = 0; c < N_CHANNELS; c++)
    self->lines[c].edge = NULL;
}

TuttiPwStem *
tutti_pw_stem_new (TuttiPwNode *node,
                   TuttiAudioRemote *remote,
                   const char *name,
                   const char *description)
{
  TuttiPwStem *self;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (TUTTI_IS_PW_NODE (node), NULL);
  g_return_val_if_fail (remote != NULL, NULL);

  self = g_new (TuttiPwStem, 1);
  /* Touched now, so that no first cycle faults pages in. */
  memset (self, 0, sizeof *self);
  self->node = g_object_ref (node);
  self->remote = remote;
  self->name = g_strdup (name);
  self->description = g_strdup (description);
  for (guint i = 0; i < N_SLOTS; i++)
    atomic_init (&self->slots[i].position, NONE);

  tutti_audio_remote_set_stem (remote, TRUE);
  g_ptr_array_add (node->stems, self);
  invoke (self, on_enter);
  tutti_pw_stem_connect (self);

  return self;
}

void
tutti_pw_stem_free (TuttiPwStem *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self == NULL)
    return;

  invoke (self, on_leave);
  tutti_pw_stem_disconnect (self);
  g_ptr_array_remove (self->node->stems, self);
  tutti_audio_remote_set_stem (self->remote, FALSE);
  g_object_unref (self->node);
  g_free (self->name);
  g_free (self->description);
  g_free (self);
}
