/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-frame-paintable.h"

struct _TuttiFramePaintable {
  GObject parent_instance;

  TuttiPicture *picture; /* owned */
  GdkTexture *texture;   /* owned; of the newest frame, once it was drawn */
  gboolean mirrored;
  int width; /* of the newest frame; 0: there was none */
  int height;
};

static void paintable_init (GdkPaintableInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TuttiFramePaintable,
                               tutti_frame_paintable,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GDK_TYPE_PAINTABLE, paintable_init))

static void
frame_cb (TuttiFramePaintable *self)
{
  g_autoptr (TuttiFrame) frame = tutti_picture_dup_frame (self->picture);
  int width = frame ? (int) frame->width : 0, height = frame ? (int) frame->height : 0;
  gboolean other = width * self->height != height * self->width || self->width == 0;

  g_clear_object (&self->texture);
  self->width = width;
  self->height = height;
  if (other) /* another shape, and not only another size */
    gdk_paintable_invalidate_size (GDK_PAINTABLE (self));
  gdk_paintable_invalidate_contents (GDK_PAINTABLE (self));
}

static GdkTexture *
ensure_texture (TuttiFramePaintable *self)
{
  g_autoptr (TuttiFrame) frame = self->texture ? NULL : tutti_picture_dup_frame (self->picture);

  if (frame)
    self->texture = gdk_memory_texture_new ((int) frame->width, (int) frame->height,
                                            GDK_MEMORY_B8G8R8X8, frame->bytes, frame->stride);
  return self->texture;
}

static void
paintable_snapshot (GdkPaintable *paintable, GdkSnapshot *snapshot, double width, double height)
{
  TuttiFramePaintable *self = TUTTI_FRAME_PAINTABLE (paintable);
  GdkTexture *texture = ensure_texture (self);
  const graphene_rect_t area = GRAPHENE_RECT_INIT (0, 0, (float) width, (float) height);

  if (!texture)
    return;
  gtk_snapshot_save (snapshot);
  if (self->mirrored) {
    gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT ((float) width, 0));
    gtk_snapshot_scale (snapshot, -1, 1);
  }
  gtk_snapshot_append_texture (snapshot, texture, &area);
  gtk_snapshot_restore (snapshot);
}

static int
paintable_get_width (GdkPaintable *paintable)
{
  return TUTTI_FRAME_PAINTABLE (paintable)->width;
}

static int
paintable_get_height (GdkPaintable *paintable)
{
  return TUTTI_FRAME_PAINTABLE (paintable)->height;
}

static void
paintable_init (GdkPaintableInterface *iface)
{
  iface->snapshot = paintable_snapshot;
  iface->get_intrinsic_width = paintable_get_width;
  iface->get_intrinsic_height = paintable_get_height;
}

static void
tutti_frame_paintable_finalize (GObject *object)
{
  TuttiFramePaintable *self = TUTTI_FRAME_PAINTABLE (object);

  g_clear_object (&self->texture);
  g_clear_object (&self->picture);
  G_OBJECT_CLASS (tutti_frame_paintable_parent_class)->finalize (object);
}

static void
tutti_frame_paintable_class_init (TuttiFramePaintableClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = tutti_frame_paintable_finalize;
}

static void
tutti_frame_paintable_init (TuttiFramePaintable *self)
{
}

GdkPaintable *
tutti_frame_paintable_new (TuttiPicture *picture, gboolean mirrored)
{
  TuttiFramePaintable *self = g_object_new (TUTTI_TYPE_FRAME_PAINTABLE, NULL);

  self->picture = g_object_ref (picture);
  self->mirrored = mirrored;
  g_signal_connect_object (picture, "frame", G_CALLBACK (frame_cb), self, G_CONNECT_SWAPPED);
  frame_cb (self);
  return GDK_PAINTABLE (self);
}
