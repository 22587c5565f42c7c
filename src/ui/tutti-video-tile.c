/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-tile.h"

#include "tutti-frame-paintable.h"
#include "tutti-i18n.h"

struct _TuttiVideoTile {
  AdwBin parent_instance;

  /* Template */
  GtkToggleButton *button;
  GtkPicture *picture;
  GtkWidget *screen_icon;
  GtkLabel *name_label;
  GtkWidget *waiting;

  /* Owned */
  TuttiVideo *video;
};

G_DEFINE_FINAL_TYPE (TuttiVideoTile, tutti_video_tile, ADW_TYPE_BIN)

static char *
get_tooltip (TuttiVideoTile *self, gboolean large)
{
  return g_strdup (large ? _ ("Show Everyone") : _ ("Show Large"));
}

static char *
describe (TuttiVideo *video)
{
  const char *name = tutti_video_get_name (video);

  if (tutti_video_is_own (video))
    return g_strdup (tutti_video_get_kind (video) == TUTTI_VIDEO_SCREEN ? _ ("Your screen")
                                                                        : _ ("Your camera"));
  return g_strdup_printf (tutti_video_get_kind (video) == TUTTI_VIDEO_SCREEN ? _ ("Screen of %s")
                                                                             : _ ("Camera of %s"),
                          name);
}

static void
update (TuttiVideoTile *self)
{
  g_autofree char *text = describe (self->video);

  gtk_label_set_text (self->name_label, tutti_video_get_name (self->video));
  gtk_widget_set_visible (self->waiting, !tutti_video_is_live (self->video));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  text, -1);
}

static void
tutti_video_tile_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (tutti_video_tile_parent_class)->map (widget);
  tutti_video_set_shown (TUTTI_VIDEO_TILE (widget)->video, TRUE);
}

static void
tutti_video_tile_unmap (GtkWidget *widget)
{
  tutti_video_set_shown (TUTTI_VIDEO_TILE (widget)->video, FALSE);
  GTK_WIDGET_CLASS (tutti_video_tile_parent_class)->unmap (widget);
}

static void
tutti_video_tile_finalize (GObject *object)
{
  g_clear_object (&TUTTI_VIDEO_TILE (object)->video);
  G_OBJECT_CLASS (tutti_video_tile_parent_class)->finalize (object);
}

static void
tutti_video_tile_class_init (TuttiVideoTileClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->finalize = tutti_video_tile_finalize;
  widget_class->map = tutti_video_tile_map;
  widget_class->unmap = tutti_video_tile_unmap;

  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-video-tile.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiVideoTile, button);
  gtk_widget_class_bind_template_child (widget_class, TuttiVideoTile, picture);
  gtk_widget_class_bind_template_child (widget_class, TuttiVideoTile, screen_icon);
  gtk_widget_class_bind_template_child (widget_class, TuttiVideoTile, name_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiVideoTile, waiting);
  gtk_widget_class_bind_template_callback (widget_class, get_tooltip);
}

static void
tutti_video_tile_init (TuttiVideoTile *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
tutti_video_tile_new (TuttiVideo *video)
{
  TuttiVideoTile *self = g_object_new (TUTTI_TYPE_VIDEO_TILE, NULL);
  gboolean screen = tutti_video_get_kind (video) == TUTTI_VIDEO_SCREEN;
  g_autoptr (GdkPaintable) paintable = tutti_frame_paintable_new (
      tutti_video_get_picture (video), tutti_video_is_own (video) && !screen);

  self->video = g_object_ref (video);
  gtk_picture_set_paintable (self->picture, paintable);
  gtk_widget_set_visible (self->screen_icon, screen);
  g_signal_connect_object (video, "notify::name", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (video, "notify::live", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

TuttiVideo *
tutti_video_tile_get_video (TuttiVideoTile *self)
{
  return self->video;
}

GtkToggleButton *
tutti_video_tile_get_button (TuttiVideoTile *self)
{
  return self->button;
}
