/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-video-grid.h"

#include <math.h>

#include "tutti-i18n.h"
#include "tutti-video-tile.h"

#define GAP         6
#define ASPECT      (16.0 / 9)
#define LEAST       120 /* of a tile's height */
#define NATURAL     240
#define MAX_COLUMNS 4

struct _TuttiVideoGrid {
  GtkWidget parent_instance;

  TuttiSession *session;        /* owned */
  TuttiVideoTile *large;        /* borrowed; NULL: all are of one size */
  TuttiVideoTile *in_spotlight; /* borrowed: made large by a host */
};

G_DEFINE_FINAL_TYPE (TuttiVideoGrid, tutti_video_grid, GTK_TYPE_WIDGET)

/* -- layout -- */

static guint
count_shown (TuttiVideoGrid *self)
{
  guint n = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child;
       child = gtk_widget_get_next_sibling (child))
    n += gtk_widget_get_visible (child);
  return n;
}

/* As many columns as make the tiles largest. */
static guint
choose_columns (guint n, int width, int height)
{
  guint best = 1;
  double best_height = 0;

  for (guint columns = 1; columns <= MIN (n, MAX_COLUMNS); columns++) {
    guint rows = (n + columns - 1) / columns;
    double tile_width = (width - (columns - 1.0) * GAP) / columns;
    double tile_height = MIN ((height - (rows - 1.0) * GAP) / rows, tile_width / ASPECT);

    if (tile_height > best_height) {
      best_height = tile_height;
      best = columns;
    }
  }
  return best;
}

static GtkSizeRequestMode
tutti_video_grid_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
tutti_video_grid_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  guint n = MAX (1, count_shown (TUTTI_VIDEO_GRID (widget)));

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child))
    if (gtk_widget_get_visible (child))
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, NULL, NULL, NULL, NULL);
  if (orientation == GTK_ORIENTATION_HORIZONTAL) {
    *minimum = (int) (LEAST * ASPECT);
    *natural = (int) (NATURAL * ASPECT) * (int) MIN (n, MAX_COLUMNS);
    return;
  }
  if (for_size < 0)
    for_size = (int) (NATURAL * ASPECT) * (int) MIN (n, MAX_COLUMNS);
  {
    guint columns =
        MIN (n, CLAMP ((guint) (for_size / (LEAST * ASPECT * 1.4)), 1, (guint) MAX_COLUMNS));
    guint rows = (n + columns - 1) / columns;
    double tile = (for_size - (columns - 1.0) * GAP) / columns / ASPECT;

    /* No more than one row of large ones asks for: the strips want to be seen, too. */
    *minimum = MIN (NATURAL, (int) (rows * MIN (tile, LEAST) + (rows - 1) * GAP));
    *natural = MIN (NATURAL, (int) (rows * MIN (tile, NATURAL) + (rows - 1) * GAP));
    *natural = MAX (*minimum, *natural);
  }
}

static void
place (GtkWidget *child, double x, double y, double width, double height)
{
  const graphene_point_t at = GRAPHENE_POINT_INIT ((float) floor (x), (float) floor (y));

  gtk_widget_allocate (child, (int) width, (int) height, -1, gsk_transform_translate (NULL, &at));
}

static void
tutti_video_grid_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  guint n = count_shown (TUTTI_VIDEO_GRID (widget)), i = 0;
  guint columns, rows;
  double tile_width, tile_height;

  if (n == 0)
    return;
  columns = choose_columns (n, width, height);
  rows = (n + columns - 1) / columns;
  tile_width = (width - (columns - 1.0) * GAP) / columns;
  tile_height = MIN ((height - (rows - 1.0) * GAP) / rows, tile_width / ASPECT);
  tile_width = MIN (tile_width, tile_height * ASPECT);

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child;
       child = gtk_widget_get_next_sibling (child)) {
    guint row = i / columns, column = i % columns;
    guint in_row = row == rows - 1 ? n - row * columns : columns;
    double x0 = (width - in_row * tile_width - (in_row - 1.0) * GAP) / 2;
    double y0 = (height - rows * tile_height - (rows - 1.0) * GAP) / 2;

    if (!gtk_widget_get_visible (child))
      continue;
    if (rtl)
      column = in_row - 1 - column;
    place (child, x0 + column * (tile_width + GAP), y0 + row * (tile_height + GAP), tile_width,
           tile_height);
    i++;
  }
}

/* -- which are there -- */

/* Those that have no room are not mapped, and so not sent to us. */
static void
update_visible (TuttiVideoGrid *self)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child;
       child = gtk_widget_get_next_sibling (child))
    gtk_widget_set_visible (child, !self->large || child == GTK_WIDGET (self->large));
  gtk_widget_set_visible (GTK_WIDGET (self),
                          gtk_widget_get_first_child (GTK_WIDGET (self)) != NULL);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
toggled_cb (TuttiVideoGrid *self, GtkToggleButton *button)
{
  GtkWidget *tile = gtk_widget_get_ancestor (GTK_WIDGET (button), TUTTI_TYPE_VIDEO_TILE);

  if (gtk_toggle_button_get_active (button))
    self->large = TUTTI_VIDEO_TILE (tile);
  else if (self->large == TUTTI_VIDEO_TILE (tile))
    self->large = NULL;
  update_visible (self);
}

static GtkWidget *
find_tile (TuttiVideoGrid *self, TuttiVideo *video)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child;
       child = gtk_widget_get_next_sibling (child))
    if (tutti_video_tile_get_video (TUTTI_VIDEO_TILE (child)) == video)
      return child;
  return NULL;
}

static gboolean
is_there (GListModel *videos, TuttiVideo *video)
{
  for (guint i = 0; i < g_list_model_get_n_items (videos); i++) {
    g_autoptr (TuttiVideo) item = g_list_model_get_item (videos, i);

    if (item == video)
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_of (TuttiVideoGrid *self, TuttiVideo *video, const char *peer_id)
{
  TuttiParticipant *participant = tutti_video_get_participant (video);
  g_autofree char *own = NULL;

  if (tutti_video_get_kind (video) != TUTTI_VIDEO_CAMERA)
    return FALSE;
  if (participant)
    return g_strcmp0 (tutti_participant_get_peer_id (participant), peer_id) == 0;

  g_object_get (self->session, "peer-id", &own, NULL);
  return g_strcmp0 (own, peer_id) == 0;
}

static TuttiVideoTile *
find_of (TuttiVideoGrid *self, const char *peer_id)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child && peer_id;
       child = gtk_widget_get_next_sibling (child))
    if (is_of (self, tutti_video_tile_get_video (TUTTI_VIDEO_TILE (child)), peer_id))
      return TUTTI_VIDEO_TILE (child);
  return NULL;
}

/* Who is put there is seen large, until one makes another one large for oneself, and until the
 * spotlight goes. */
static void
follow_spotlight (TuttiVideoGrid *self)
{
  TuttiVideoTile *before = self->in_spotlight;
  g_autofree char *peer_id = NULL;

  g_object_get (self->session, "spotlight", &peer_id, NULL);
  self->in_spotlight = find_of (self, peer_id);
  if (self->in_spotlight == before)
    return;
  if (before)
    gtk_toggle_button_set_active (tutti_video_tile_get_button (before), FALSE);
  if (self->in_spotlight && self->large)
    gtk_toggle_button_set_active (tutti_video_tile_get_button (self->large), FALSE);
  if (self->in_spotlight)
    gtk_toggle_button_set_active (tutti_video_tile_get_button (self->in_spotlight), TRUE);
}

static void
sync_videos (TuttiVideoGrid *self)
{
  GListModel *videos = tutti_session_get_videos (self->session);
  GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self));
  GtkWidget *last = NULL;
  gboolean any_new = FALSE;

  while (child) {
    GtkWidget *next = gtk_widget_get_next_sibling (child);

    if (!is_there (videos, tutti_video_tile_get_video (TUTTI_VIDEO_TILE (child)))) {
      if (self->large == TUTTI_VIDEO_TILE (child))
        self->large = NULL;
      if (self->in_spotlight == TUTTI_VIDEO_TILE (child))
        self->in_spotlight = NULL;
      gtk_widget_unparent (child);
    }
    child = next;
  }
  for (guint i = 0; i < g_list_model_get_n_items (videos); i++) {
    g_autoptr (TuttiVideo) video = g_list_model_get_item (videos, i);
    GtkWidget *tile = find_tile (self, video);

    if (!tile) {
      tile = tutti_video_tile_new (video);
      any_new = TRUE;
      g_signal_connect_object (tutti_video_tile_get_button (TUTTI_VIDEO_TILE (tile)), "toggled",
                               G_CALLBACK (toggled_cb), self, G_CONNECT_SWAPPED);
    }
    gtk_widget_insert_after (tile, GTK_WIDGET (self), last);
    last = tile;
  }
  update_visible (self);
  if (any_new && !self->in_spotlight)
    follow_spotlight (self);
}

static void
tutti_video_grid_dispose (GObject *object)
{
  TuttiVideoGrid *self = TUTTI_VIDEO_GRID (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->session);
  G_OBJECT_CLASS (tutti_video_grid_parent_class)->dispose (object);
}

static void
tutti_video_grid_class_init (TuttiVideoGridClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_video_grid_dispose;
  widget_class->get_request_mode = tutti_video_grid_get_request_mode;
  widget_class->measure = tutti_video_grid_measure;
  widget_class->size_allocate = tutti_video_grid_size_allocate;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
tutti_video_grid_init (TuttiVideoGrid *self)
{
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Cameras and screens"), -1);
}

void
tutti_video_grid_set_session (TuttiVideoGrid *self, TuttiSession *session)
{
  g_return_if_fail (self->session == NULL);

  self->session = g_object_ref (session);
  g_signal_connect_object (session, "notify::spotlight", G_CALLBACK (follow_spotlight), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_session_get_videos (session), "items-changed",
                           G_CALLBACK (sync_videos), self, G_CONNECT_SWAPPED);
  sync_videos (self);
}
