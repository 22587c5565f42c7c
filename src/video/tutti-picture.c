/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-picture.h"

#include "tutti-clock.h"

#define RECENT 32 /* frames over which their rate is measured */

G_DEFINE_BOXED_TYPE (TuttiFrame, tutti_frame, tutti_frame_ref, tutti_frame_unref)

TuttiFrame *
tutti_frame_new (GBytes *bytes, guint width, guint height, gsize stride)
{
  TuttiFrame *self = g_atomic_rc_box_new (TuttiFrame);

  *self = (TuttiFrame) { bytes, width, height, stride };
  return self;
}

TuttiFrame *
tutti_frame_ref (TuttiFrame *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
frame_clear (gpointer data)
{
  g_bytes_unref (((TuttiFrame *) data)->bytes);
}

void
tutti_frame_unref (TuttiFrame *self)
{
  g_atomic_rc_box_release_full (self, frame_clear);
}

struct _TuttiPicture {
  GObject parent_instance;

  GMainContext *context; /* of `frame` */
  GMutex lock;           /* what follows; held for a few assignments */
  TuttiFrame *frame;
  gboolean is_told; /* `frame` is on its way */
  guint64 n_frames;
  gint64 times_ns[RECENT];
  gint64 first_ns;
  gint64 expected_ns;
};

enum { SIGNAL_FRAME, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiPicture, tutti_picture, G_TYPE_OBJECT)

static void
tutti_picture_finalize (GObject *object)
{
  TuttiPicture *self = TUTTI_PICTURE (object);

  g_clear_pointer (&self->frame, tutti_frame_unref);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->lock);
  G_OBJECT_CLASS (tutti_picture_parent_class)->finalize (object);
}

static void
tutti_picture_class_init (TuttiPictureClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tutti_picture_finalize;
  signals[SIGNAL_FRAME] = g_signal_new ("frame", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0,
                                        NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
tutti_picture_init (TuttiPicture *self)
{
  self->context = g_main_context_ref_thread_default ();
  g_mutex_init (&self->lock);
}

TuttiPicture *
tutti_picture_new (void)
{
  return g_object_new (TUTTI_TYPE_PICTURE, NULL);
}

static gboolean
tell (gpointer data)
{
  TuttiPicture *self = data;

  g_mutex_lock (&self->lock);
  self->is_told = FALSE;
  g_mutex_unlock (&self->lock);
  g_signal_emit (self, signals[SIGNAL_FRAME], 0);
  return G_SOURCE_REMOVE;
}

/* With the lock held. */
static void
tell_soon (TuttiPicture *self)
{
  g_autoptr (GSource) source = NULL;

  if (self->is_told)
    return;
  self->is_told = TRUE;
  source = g_idle_source_new ();
  g_source_set_priority (source, G_PRIORITY_DEFAULT);
  g_source_set_callback (source, tell, g_object_ref (self), g_object_unref);
  g_source_attach (source, self->context);
}

void
tutti_picture_put (TuttiPicture *self, TuttiFrame *frame)
{
  g_autoptr (TuttiFrame) before = NULL;
  gint64 now = tutti_clock_now_ns ();
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  before = g_steal_pointer (&self->frame);
  self->frame = frame;
  self->times_ns[self->n_frames++ % RECENT] = now;
  if (self->first_ns == 0)
    self->first_ns = now;
  tell_soon (self);
}

void
tutti_picture_expect (TuttiPicture *self, gboolean clear)
{
  g_autoptr (TuttiFrame) before = NULL;
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  self->first_ns = 0;
  self->expected_ns = tutti_clock_now_ns ();
  if (clear) {
    before = g_steal_pointer (&self->frame);
    tell_soon (self);
  }
}

TuttiFrame *
tutti_picture_dup_frame (TuttiPicture *self)
{
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  return self->frame ? tutti_frame_ref (self->frame) : NULL;
}

/* With the lock held. What is missing since counts, too: a picture that stands has no rate. */
static double
measure_fps (const TuttiPicture *self, gint64 now)
{
  guint64 n = MIN (self->n_frames, RECENT);
  gint64 oldest = n < 2 ? 0 : self->times_ns[(self->n_frames - n) % RECENT];
  gint64 newest = n < 2 ? 0 : self->times_ns[(self->n_frames - 1) % RECENT];

  if (newest <= oldest || now - newest > TUTTI_NSEC_PER_SEC)
    return 0;
  return (n - 1) * 1e9 / (newest - oldest);
}

void
tutti_picture_get_stats (TuttiPicture *self, TuttiPictureStats *stats)
{
  gint64 now = tutti_clock_now_ns ();
  G_MUTEX_AUTO_LOCK (&self->lock, locker);

  *stats = (TuttiPictureStats) {
    .frames = self->n_frames,
    .fps = measure_fps (self, now),
    .width = self->frame ? self->frame->width : 0,
    .height = self->frame ? self->frame->height : 0,
    .first_ns = self->first_ns,
    .expected_ns = self->expected_ns,
    .last_ns = self->n_frames > 0 ? self->times_ns[(self->n_frames - 1) % RECENT] : 0,
  };
}
