/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-level-meter.h"

#include <adwaita.h>
#include <math.h>

#include "tutti-i18n.h"
#include "tutti-ui-format.h"

#define THICKNESS       8
#define RELEASE_DB_S    26.0 /* about what a broadcast peak meter falls */
#define HOLD_US         (3 * G_USEC_PER_SEC / 2)
#define CLIP_HOLD_US    (3 * G_USEC_PER_SEC)
#define CLIP_DB         (-0.1)
#define ANNOUNCE_US     (G_USEC_PER_SEC / 2)
#define WARNING_FROM_DB (-18.0)
#define DANGER_FROM_DB  (-6.0)

/**
 * TuttiLevelMeter: a level in dBFS on the scale of tutti_level_position(): a bar for the peak with
 * the RMS set into it, a line that holds the highest peak, red when the signal clips.
 *
 * GtkLevelBar cannot draw two values or hold a peak, hence a widget of our own. The owner pushes
 * levels once per frame from a tick callback; nothing is drawn when no pixel changes. Louder of
 * both channels. Property: `orientation`. Main thread.
 */
struct _TuttiLevelMeter {
  GtkWidget parent_instance;

  GtkOrientation orientation;
  double peak_db;
  double rms_db;
  double hold_db;
  gint64 hold_until;
  gint64 clip_until;
  gint64 last_frame;
  gint64 last_announce;
  gboolean clipped;
  int drawn[4];
};

enum { PROP_ORIENTATION = 1 };

static void
accessible_range_init (GtkAccessibleRangeInterface *iface)
{
  /* Read-only: without set_current_value() a screen reader may only look. */
}

G_DEFINE_FINAL_TYPE_WITH_CODE (TuttiLevelMeter,
                               tutti_level_meter,
                               GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_ORIENTABLE, NULL)
                                   G_IMPLEMENT_INTERFACE (GTK_TYPE_ACCESSIBLE_RANGE,
                                                          accessible_range_init))

static int
get_length (TuttiLevelMeter *self)
{
  return self->orientation == GTK_ORIENTATION_HORIZONTAL
             ? gtk_widget_get_width (GTK_WIDGET (self))
             : gtk_widget_get_height (GTK_WIDGET (self));
}

/* The part of the bar between two shares of its length; 0 is the bottom, or where the line starts
 */
static void
get_section (TuttiLevelMeter *self, double from, double to, graphene_rect_t *rect)
{
  float width = gtk_widget_get_width (GTK_WIDGET (self));
  float height = gtk_widget_get_height (GTK_WIDGET (self));

  if (self->orientation == GTK_ORIENTATION_VERTICAL)
    graphene_rect_init (rect, 0, height * (1 - to), width, height * (to - from));
  else if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    graphene_rect_init (rect, width * (1 - to), 0, width * (to - from), height);
  else
    graphene_rect_init (rect, width * from, 0, width * (to - from), height);
}

static void
get_zone_color (int zone, GdkRGBA *color)
{
  /* libadwaita's success, warning and error backgrounds; a little lighter on dark. */
  static const char *const light[] = { "#2ec27e", "#e5a50a", "#e01b24" };
  static const char *const dark[] = { "#33d17a", "#f5c211", "#ed333b" };
  gboolean is_dark = adw_style_manager_get_dark (adw_style_manager_get_default ());

  gdk_rgba_parse (color, is_dark ? dark[zone] : light[zone]);
}

static void
draw_bar (TuttiLevelMeter *self, GtkSnapshot *snapshot, double position, float alpha)
{
  double edges[] = { 0, tutti_level_position (WARNING_FROM_DB),
                     tutti_level_position (DANGER_FROM_DB), 1 };

  for (int zone = 0; zone < 3 && position > edges[zone]; zone++) {
    graphene_rect_t rect;
    GdkRGBA color;

    get_section (self, edges[zone], MIN (position, edges[zone + 1]), &rect);
    get_zone_color (zone, &color);
    color.alpha = alpha;
    gtk_snapshot_append_color (snapshot, &color, &rect);
  }
}

static void
draw_hold (TuttiLevelMeter *self, GtkSnapshot *snapshot)
{
  double position = tutti_level_position (self->hold_db);
  double thickness = 2.0 / MAX (get_length (self), 1);
  graphene_rect_t rect;
  GdkRGBA color;

  if (position <= thickness)
    return;
  get_section (self, position - thickness, position, &rect);
  get_zone_color (self->hold_db > DANGER_FROM_DB    ? 2
                  : self->hold_db > WARNING_FROM_DB ? 1
                                                    : 0,
                  &color);
  gtk_snapshot_append_color (snapshot, &color, &rect);
}

static void
tutti_level_meter_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TuttiLevelMeter *self = TUTTI_LEVEL_METER (widget);
  AdwStyleManager *style = adw_style_manager_get_default ();
  graphene_rect_t rect;
  GdkRGBA track;

  get_section (self, 0, 1, &rect);
  gtk_widget_get_color (widget, &track);
  track.alpha = adw_style_manager_get_high_contrast (style) ? 0.35f : 0.12f;

  /* No rounded ends: a clip that is no rectangle costs more than all the rest of a meter. */
  gtk_snapshot_append_color (snapshot, &track, &rect);
  draw_bar (self, snapshot, tutti_level_position (self->peak_db), 0.55f);
  draw_bar (self, snapshot, tutti_level_position (self->rms_db), 1.0f);
  draw_hold (self, snapshot);
  if (self->clipped) {
    GdkRGBA color;

    get_zone_color (2, &color);
    get_section (self, 1 - 6.0 / MAX (get_length (self), 6), 1, &rect);
    gtk_snapshot_append_color (snapshot, &color, &rect);
  }
}

static void
tutti_level_meter_measure (GtkWidget *widget,
                           GtkOrientation orientation,
                           int for_size,
                           int *minimum,
                           int *natural,
                           int *minimum_baseline,
                           int *natural_baseline)
{
  TuttiLevelMeter *self = TUTTI_LEVEL_METER (widget);

  *minimum = orientation == self->orientation ? 48 : THICKNESS;
  *natural = orientation == self->orientation ? 160 : THICKNESS;
}

static void
redraw_if_visible_change (TuttiLevelMeter *self)
{
  int length = get_length (self);
  int now[4] = { (int) (tutti_level_position (self->peak_db) * length),
                 (int) (tutti_level_position (self->rms_db) * length),
                 (int) (tutti_level_position (self->hold_db) * length), self->clipped };

  if (memcmp (now, self->drawn, sizeof now) == 0)
    return;
  memcpy (self->drawn, now, sizeof now);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
announce (TuttiLevelMeter *self, gint64 now)
{
  g_autofree char *text = NULL;

  /* A screen reader cannot follow 60 values a second, and each is a message on its bus. */
  if (now - self->last_announce < ANNOUNCE_US)
    return;
  self->last_announce = now;
  text = tutti_format_db_spoken (self->peak_db);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_NOW,
                                  MAX (self->peak_db, -70), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT,
                                  text, -1);
}

/**
 * tutti_level_meter_push_level:
 * @level: what was heard since the last call
 * @frame_time_us: the frame clock's time
 *
 * Rises at once, falls by 26 dB a second.
 */
void
tutti_level_meter_push_level (TuttiLevelMeter *self, const TuttiLevel *level, gint64 frame_time_us)
{
  double elapsed = self->last_frame ? (frame_time_us - self->last_frame) / 1e6 : 0;
  double fall = CLAMP (elapsed, 0, 10) * RELEASE_DB_S;
  double peak = MAX (level->peak_db[0], level->peak_db[1]);
  double rms = MAX (level->rms_db[0], level->rms_db[1]);

  self->last_frame = frame_time_us;
  self->peak_db = MAX (MAX (peak, self->peak_db - fall), TUTTI_SILENCE_DB);
  self->rms_db = MIN (MAX (MAX (rms, self->rms_db - fall), TUTTI_SILENCE_DB), self->peak_db);
  if (peak >= self->hold_db) {
    self->hold_db = peak;
    self->hold_until = frame_time_us + HOLD_US;
  } else if (frame_time_us > self->hold_until) {
    self->hold_db = MAX (self->hold_db - fall, self->peak_db);
  }
  if (peak >= CLIP_DB)
    self->clip_until = frame_time_us + CLIP_HOLD_US;
  self->clipped = frame_time_us < self->clip_until;
  redraw_if_visible_change (self);
  announce (self, frame_time_us);
}

/**
 * tutti_level_meter_clear:
 *
 * Falls to silence at once: the signal is gone, not merely quiet.
 */
void
tutti_level_meter_clear (TuttiLevelMeter *self)
{
  self->peak_db = self->rms_db = self->hold_db = TUTTI_SILENCE_DB;
  self->clip_until = self->hold_until = self->last_frame = 0;
  self->clipped = FALSE;
  redraw_if_visible_change (self);
}

/**
 * tutti_level_meter_get_peak_db:
 *
 * Returns: what the bar shows now, dBFS
 */
double
tutti_level_meter_get_peak_db (TuttiLevelMeter *self)
{
  return self->peak_db;
}

/**
 * tutti_level_meter_get_clipped:
 *
 * Returns: whether the signal reached full scale within the last 3 s
 */
gboolean
tutti_level_meter_get_clipped (TuttiLevelMeter *self)
{
  return self->clipped;
}

static void
tutti_level_meter_set_property (GObject *object,
                                guint property_id,
                                const GValue *value,
                                GParamSpec *pspec)
{
  TuttiLevelMeter *self = TUTTI_LEVEL_METER (object);

  if (property_id != PROP_ORIENTATION) {
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
    return;
  }
  if (self->orientation != (GtkOrientation) g_value_get_enum (value)) {
    self->orientation = (GtkOrientation) g_value_get_enum (value);
    gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_ORIENTATION,
                                    self->orientation, -1);
    gtk_widget_queue_resize (GTK_WIDGET (self));
    g_object_notify_by_pspec (object, pspec);
  }
}

static void
tutti_level_meter_get_property (GObject *object,
                                guint property_id,
                                GValue *value,
                                GParamSpec *pspec)
{
  if (property_id == PROP_ORIENTATION)
    g_value_set_enum (value, TUTTI_LEVEL_METER (object)->orientation);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_level_meter_class_init (TuttiLevelMeterClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_level_meter_set_property;
  object_class->get_property = tutti_level_meter_get_property;
  widget_class->snapshot = tutti_level_meter_snapshot;
  widget_class->measure = tutti_level_meter_measure;

  g_object_class_override_property (object_class, PROP_ORIENTATION, "orientation");
  gtk_widget_class_set_css_name (widget_class, "meter");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_METER);
}

static void
tutti_level_meter_init (TuttiLevelMeter *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();

  self->orientation = GTK_ORIENTATION_HORIZONTAL;
  self->peak_db = self->rms_db = self->hold_db = TUTTI_SILENCE_DB;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, -70.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, -70.0, -1);
  g_signal_connect_object (style, "notify::dark", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (style, "notify::high-contrast", G_CALLBACK (gtk_widget_queue_draw), self,
                           G_CONNECT_SWAPPED);
}
