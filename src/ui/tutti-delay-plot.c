/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-delay-plot.h"

#include <adwaita.h>
#include <math.h>

#include "tutti-delay-advice.h"
#include "tutti-i18n.h"

#define SPAN_NS    (TUTTI_DELAY_HISTORY * (gint64) 1000000000)
#define MIN_HEIGHT 84
#define MIN_WIDTH  160
#define GAP        4
#define N_LINES    2 /* over the ground line */
#define BREAK_NS   ((gint64) 2500000000)

/**
 * TuttiDelayPlot: the delay of one musician over the last minute: a line with its uncertainty as a
 * band, the wait for slow packets as a dotted line, and bars from the ground where sound had to be
 * made up. A screen reader gets the same in words.
 *
 * Time runs to the right in every language, as in all diagrams. Nothing is drawn but on
 * tutti_delay_plot_set_points(). Main thread.
 */
struct _TuttiDelayPlot {
  GtkWidget parent_instance;

  TuttiDelayPoint points[TUTTI_DELAY_HISTORY];
  guint n;
  double error_ms;
  gint64 now_ns;
};

G_DEFINE_FINAL_TYPE (TuttiDelayPlot, tutti_delay_plot, GTK_TYPE_WIDGET)

/* Where the curves are, and how many ms are at its top. */
typedef struct {
  graphene_rect_t area;
  double top_ms;
  gint64 now_ns;
} Frame;

static double
find_top (TuttiDelayPlot *self)
{
  static const double tops[] = { 10, 20, 40, 60, 100, 200, 400, 1000 };
  double highest = 0;

  for (guint i = 0; i < self->n; i++)
    highest =
        MAX (highest, MAX (self->points[i].delay_ms + self->error_ms, self->points[i].target_ms));
  for (guint i = 0; i < G_N_ELEMENTS (tops); i++)
    if (highest * 1.05 <= tops[i])
      return tops[i];
  return ceil (highest / 1000) * 1000;
}

static float
get_x (const Frame *frame, gint64 time_ns)
{
  double share = 1 - (double) (frame->now_ns - time_ns) / SPAN_NS;

  return frame->area.origin.x + frame->area.size.width * (float) CLAMP (share, 0.0, 1.0);
}

static float
get_y (const Frame *frame, double ms)
{
  double share = CLAMP (ms / frame->top_ms, 0.0, 1.0);

  return frame->area.origin.y + frame->area.size.height * (float) (1 - share);
}

static PangoLayout *
create_text (TuttiDelayPlot *self, const char *text)
{
  PangoLayout *layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  PangoAttrList *attributes = pango_attr_list_new ();

  pango_attr_list_insert (attributes, pango_attr_scale_new (0.82));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum"));
  pango_layout_set_attributes (layout, attributes);
  pango_attr_list_unref (attributes);
  return layout;
}

static void
draw_text (GtkSnapshot *snapshot, PangoLayout *layout, float x, float y, const GdkRGBA *color)
{
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (x, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);
}

static char *
format_mark (double ms)
{
  /* Translators: a mark on an axis, milliseconds */
  return g_strdup_printf (_ ("%.0f ms"), ms);
}

static void
lay_out (TuttiDelayPlot *self, Frame *frame)
{
  float width = gtk_widget_get_width (GTK_WIDGET (self));
  float height = gtk_widget_get_height (GTK_WIDGET (self));
  g_autofree char *mark = NULL;
  g_autoptr (PangoLayout) layout = NULL;
  int text_width, text_height;

  frame->top_ms = find_top (self);
  frame->now_ns = self->now_ns;
  mark = format_mark (frame->top_ms);
  layout = create_text (self, mark);
  pango_layout_get_pixel_size (layout, &text_width, &text_height);
  graphene_rect_init (&frame->area, text_width + GAP, text_height / 2.0f,
                      MAX (width - text_width - GAP, 1), MAX (height - 1.75f * text_height, 1));
}

static void
draw_axes (TuttiDelayPlot *self, GtkSnapshot *snapshot, const Frame *frame, const GdkRGBA *color)
{
  gboolean strong = adw_style_manager_get_high_contrast (adw_style_manager_get_default ());
  const graphene_rect_t *area = &frame->area;
  g_autoptr (PangoLayout) from = create_text (self, _ ("1 min ago"));
  g_autoptr (PangoLayout) to = create_text (self, _ ("now"));
  float bottom = area->origin.y + area->size.height;
  GdkRGBA line = *color;
  int width;

  line.alpha = strong ? 0.6f : 0.15f;
  for (int i = 0; i <= N_LINES; i++) {
    double ms = frame->top_ms * i / N_LINES;
    g_autofree char *mark = i ? format_mark (ms) : g_strdup ("0");
    g_autoptr (PangoLayout) layout = create_text (self, mark);
    int height;

    pango_layout_get_pixel_size (layout, &width, &height);
    gtk_snapshot_append_color (
        snapshot, &line,
        &GRAPHENE_RECT_INIT (area->origin.x, roundf (get_y (frame, ms)), area->size.width, 1));
    draw_text (snapshot, layout, area->origin.x - GAP - width, get_y (frame, ms) - height / 2.0f,
               color);
  }
  draw_text (snapshot, from, area->origin.x, bottom + 2, color);
  pango_layout_get_pixel_size (to, &width, NULL);
  draw_text (snapshot, to, area->origin.x + area->size.width - width, bottom + 2, color);
}

static double
get_delay (const TuttiDelayPoint *point)
{
  return point->delay_ms;
}

static double
get_target (const TuttiDelayPoint *point)
{
  return point->target_ms > 0 ? point->target_ms : -1;
}

/* A line through what is known; where a value is missing, it has a hole. */
static GskPath *
create_line (TuttiDelayPlot *self,
             const Frame *frame,
             double (*get_value) (const TuttiDelayPoint *point))
{
  GskPathBuilder *builder = gsk_path_builder_new ();
  gint64 before = 0;

  for (guint i = 0; i < self->n; i++) {
    double ms = get_value (&self->points[i]);
    gint64 time = self->points[i].time_ns;

    if (ms < 0)
      continue;
    if (before && time - before < BREAK_NS)
      gsk_path_builder_line_to (builder, get_x (frame, time), get_y (frame, ms));
    else
      gsk_path_builder_move_to (builder, get_x (frame, time), get_y (frame, ms));
    before = time;
  }
  return gsk_path_builder_free_to_path (builder);
}

static void
stroke (GtkSnapshot *snapshot, GskPath *path, float width, gboolean dotted, const GdkRGBA *color)
{
  GskStroke *stroke = gsk_stroke_new (width);
  const float dashes[] = { 2, 3 };

  gsk_stroke_set_line_join (stroke, GSK_LINE_JOIN_ROUND);
  if (dotted)
    gsk_stroke_set_dash (stroke, dashes, G_N_ELEMENTS (dashes));
  gtk_snapshot_append_stroke (snapshot, path, stroke, color);
  gsk_stroke_free (stroke);
}

static void
draw_uncertainty (TuttiDelayPlot *self,
                  GtkSnapshot *snapshot,
                  const Frame *frame,
                  const GdkRGBA *color)
{
  GdkRGBA band = *color;

  if (self->error_ms <= 0)
    return;
  band.alpha = 0.2f;
  for (guint i = 1; i < self->n; i++) {
    const TuttiDelayPoint *one = &self->points[i - 1], *two = &self->points[i];
    GskPathBuilder *builder;
    g_autoptr (GskPath) path = NULL;

    if (one->delay_ms < 0 || two->delay_ms < 0 || two->time_ns - one->time_ns >= BREAK_NS)
      continue;
    builder = gsk_path_builder_new ();
    gsk_path_builder_move_to (builder, get_x (frame, one->time_ns),
                              get_y (frame, one->delay_ms + self->error_ms));
    gsk_path_builder_line_to (builder, get_x (frame, two->time_ns),
                              get_y (frame, two->delay_ms + self->error_ms));
    gsk_path_builder_line_to (builder, get_x (frame, two->time_ns),
                              get_y (frame, two->delay_ms - self->error_ms));
    gsk_path_builder_line_to (builder, get_x (frame, one->time_ns),
                              get_y (frame, one->delay_ms - self->error_ms));
    gsk_path_builder_close (builder);
    path = gsk_path_builder_free_to_path (builder);
    gtk_snapshot_append_fill (snapshot, path, GSK_FILL_RULE_WINDING, &band);
  }
}

/* The more was made up, the higher; even the least can be seen. */
static void
draw_gaps (TuttiDelayPlot *self, GtkSnapshot *snapshot, const Frame *frame)
{
  gboolean dark = adw_style_manager_get_dark (adw_style_manager_get_default ());
  float bottom = frame->area.origin.y + frame->area.size.height;
  float width = MAX (frame->area.size.width / TUTTI_DELAY_HISTORY - 1, 2);
  GdkRGBA color;

  gdk_rgba_parse (&color, dark ? "#ff7b63" : "#c01c28");
  for (guint i = 0; i < self->n; i++) {
    double share = CLAMP (self->points[i].concealed_percent / 10, 0.0, 1.0);
    float height = 5 + (float) share * frame->area.size.height * 0.6f;

    if (self->points[i].concealed_percent > 0)
      gtk_snapshot_append_color (
          snapshot, &color,
          &GRAPHENE_RECT_INIT (get_x (frame, self->points[i].time_ns) - width, bottom - height,
                               width, height));
  }
}

static void
tutti_delay_plot_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  TuttiDelayPlot *self = TUTTI_DELAY_PLOT (widget);
  AdwStyleManager *style = adw_style_manager_get_default ();
  g_autoptr (GskPath) delay = NULL;
  g_autoptr (GskPath) target = NULL;
  GdkRGBA text, faint, accent;
  Frame frame;

  gtk_widget_get_color (widget, &text);
  adw_accent_color_to_standalone_rgba (adw_style_manager_get_accent_color (style),
                                       adw_style_manager_get_dark (style), &accent);
  faint = text;
  faint.alpha *= adw_style_manager_get_high_contrast (style) ? 1.0f : 0.7f;
  lay_out (self, &frame);
  draw_axes (self, snapshot, &frame, &faint);
  draw_gaps (self, snapshot, &frame);
  draw_uncertainty (self, snapshot, &frame, &accent);
  target = create_line (self, &frame, get_target);
  stroke (snapshot, target, 1.5f, TRUE, &faint);
  delay = create_line (self, &frame, get_delay);
  stroke (snapshot, delay, 2, FALSE, &accent);
}

static void
tutti_delay_plot_measure (GtkWidget *widget,
                          GtkOrientation orientation,
                          int for_size,
                          int *minimum,
                          int *natural,
                          int *minimum_baseline,
                          int *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : MIN_HEIGHT;
}

/**
 * tutti_delay_plot_set_points:
 * @points: oldest first, TUTTI_DELAY_HISTORY at most
 * @error_ms: ± of the delay; negative unknown
 * @now_ns: CLOCK_MONOTONIC, the right end
 */
void
tutti_delay_plot_set_points (TuttiDelayPlot *self,
                             const TuttiDelayPoint *points,
                             guint n,
                             double error_ms,
                             gint64 now_ns)
{
  g_autofree char *text = tutti_delay_summarise (points, n);

  self->n = MIN (n, TUTTI_DELAY_HISTORY);
  for (guint i = 0; i < self->n; i++)
    self->points[i] = points[i];
  self->error_ms = MAX (error_ms, 0.0);
  self->now_ns = now_ns;
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
tutti_delay_plot_class_init (TuttiDelayPlotClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = tutti_delay_plot_snapshot;
  widget_class->measure = tutti_delay_plot_measure;
  gtk_widget_class_set_css_name (widget_class, "plot");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
tutti_delay_plot_init (TuttiDelayPlot *self)
{
  AdwStyleManager *style = adw_style_manager_get_default ();
  static const char *const changes[] = { "notify::dark", "notify::high-contrast",
                                         "notify::accent-color" };

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ ("Delay over the last minute"), -1);
  for (guint i = 0; i < G_N_ELEMENTS (changes); i++)
    g_signal_connect_object (style, changes[i], G_CALLBACK (gtk_widget_queue_draw), self,
                             G_CONNECT_SWAPPED);
}
