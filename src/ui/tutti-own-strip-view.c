/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-own-strip-view.h"

#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-level-meter.h"
#include "tutti-ui-format.h"

/**
 * TuttiOwnStripView: what the others get of one of my strips: level after the gain, the gain,
 * monitoring.
 *
 * Properties: `session`, `strip` (construct only), `compact` as TuttiStripView has it, `title`
 * (string: my name, with the strip's label where it has one).
 */
struct _TuttiOwnStripView {
  AdwBin parent_instance;

  /* Template */
  AdwMultiLayoutView *layouts;
  TuttiLevelMeter *meter;
  TuttiFader *fader;
  GtkWidget *monitor;

  /* Owned */
  TuttiSession *session;
  TuttiOwnStrip *strip;
  char *title;
  gboolean compact;
};

enum { PROP_SESSION = 1, PROP_STRIP, PROP_COMPACT, PROP_TITLE, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiOwnStripView, tutti_own_strip_view, ADW_TYPE_BIN)

static char *
get_status (TuttiOwnStripView *self, gboolean muted)
{
  return g_strdup (muted ? _ ("You, muted") : _ ("You"));
}

static char *
format_db (TuttiOwnStripView *self, double db)
{
  return tutti_format_db (db);
}

static char *
format_ms (TuttiOwnStripView *self, double ms)
{
  return tutti_format_ms (ms > 0 ? ms : -1);
}

static void
set_compact (TuttiOwnStripView *self, gboolean compact)
{
  if (self->compact == compact)
    return;
  self->compact = compact;
  adw_multi_layout_view_set_layout_name (self->layouts, compact ? "row" : "console");
  gtk_orientable_set_orientation (GTK_ORIENTABLE (self->meter),
                                  compact ? GTK_ORIENTATION_HORIZONTAL : GTK_ORIENTATION_VERTICAL);
  g_object_set (self->fader, "vertical", !compact, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_COMPACT]);
}

static void
update_names (TuttiOwnStripView *self)
{
  const char *label = tutti_own_strip_get_label (self->strip);
  gboolean has_label = label && *label;
  g_autofree char *name = NULL;
  g_autofree char *gain = NULL;
  g_autofree char *level = NULL;
  g_autofree char *monitor = NULL;
  g_autofree char *group = NULL;

  g_object_get (self->session, "display-name", &name, NULL);
  gain = has_label ? g_strdup_printf (_ ("Your input gain, %s"), label)
                   : g_strdup (_ ("Your input gain"));
  level = has_label ? g_strdup_printf (_ ("Your level, %s"), label) : g_strdup (_ ("Your level"));
  monitor =
      has_label ? g_strdup_printf (_ ("Hear myself, %s"), label) : g_strdup (_ ("Hear Myself"));
  group = has_label ? g_strdup_printf (_ ("You, %s"), label) : g_strdup (_ ("You"));
  tutti_fader_set_subject (self->fader, gain);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->meter), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  level, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->monitor), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  monitor, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, group, -1);
  if (g_set_str (&self->title, has_label ? label : name))
    g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

/**
 * tutti_own_strip_view_new:
 * @session: mine
 * @strip: one of its sound's
 *
 * Returns: (transfer floating): a view of it
 */
GtkWidget *
tutti_own_strip_view_new (TuttiSession *session, TuttiOwnStrip *strip)
{
  return g_object_new (TUTTI_TYPE_OWN_STRIP_VIEW, "session", session, "strip", strip, NULL);
}

TuttiOwnStrip *
tutti_own_strip_view_get_strip (TuttiOwnStripView *self)
{
  return self->strip;
}

/**
 * tutti_own_strip_view_tick:
 * @frame_time_us: of the frame clock
 */
void
tutti_own_strip_view_tick (TuttiOwnStripView *self, gint64 frame_time_us)
{
  TuttiLevel level;

  tutti_own_strip_get_level (self->strip, &level);
  tutti_level_meter_push_level (self->meter, &level, frame_time_us);
}

static void
tutti_own_strip_view_set_property (GObject *object,
                                   guint property_id,
                                   const GValue *value,
                                   GParamSpec *pspec)
{
  TuttiOwnStripView *self = TUTTI_OWN_STRIP_VIEW (object);

  switch (property_id) {
  case PROP_SESSION:
    self->session = g_value_dup_object (value);
    break;
  case PROP_STRIP:
    self->strip = g_value_dup_object (value);
    break;
  case PROP_COMPACT:
    set_compact (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_own_strip_view_get_property (GObject *object,
                                   guint property_id,
                                   GValue *value,
                                   GParamSpec *pspec)
{
  TuttiOwnStripView *self = TUTTI_OWN_STRIP_VIEW (object);

  switch (property_id) {
  case PROP_SESSION:
    g_value_set_object (value, self->session);
    break;
  case PROP_STRIP:
    g_value_set_object (value, self->strip);
    break;
  case PROP_TITLE:
    g_value_set_string (value, self->title);
    break;
  case PROP_COMPACT:
    g_value_set_boolean (value, self->compact);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_own_strip_view_constructed (GObject *object)
{
  TuttiOwnStripView *self = TUTTI_OWN_STRIP_VIEW (object);
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

  G_OBJECT_CLASS (tutti_own_strip_view_parent_class)->constructed (object);

  g_object_bind_property (self->strip, "gain-db", self->fader, "position", both);
  g_object_bind_property (self->strip, "monitor", self->monitor, "active", both);
  g_signal_connect_object (self->strip, "notify::label", G_CALLBACK (update_names), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->session, "notify::display-name", G_CALLBACK (update_names), self,
                           G_CONNECT_SWAPPED);
  update_names (self);
}

static void
tutti_own_strip_view_dispose (GObject *object)
{
  TuttiOwnStripView *self = TUTTI_OWN_STRIP_VIEW (object);

  g_clear_object (&self->session);
  g_clear_object (&self->strip);

  G_OBJECT_CLASS (tutti_own_strip_view_parent_class)->dispose (object);
}

static void
tutti_own_strip_view_finalize (GObject *object)
{
  g_free (TUTTI_OWN_STRIP_VIEW (object)->title);

  G_OBJECT_CLASS (tutti_own_strip_view_parent_class)->finalize (object);
}

static void
tutti_own_strip_view_class_init (TuttiOwnStripViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_own_strip_view_set_property;
  object_class->get_property = tutti_own_strip_view_get_property;
  object_class->constructed = tutti_own_strip_view_constructed;
  object_class->dispose = tutti_own_strip_view_dispose;
  object_class->finalize = tutti_own_strip_view_finalize;

  props[PROP_SESSION] =
      g_param_spec_object ("session", NULL, NULL, TUTTI_TYPE_SESSION,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_STRIP] =
      g_param_spec_object ("strip", NULL, NULL, TUTTI_TYPE_OWN_STRIP,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_TITLE] =
      g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_LEVEL_METER);
  g_type_ensure (TUTTI_TYPE_FADER);
  g_type_ensure (TUTTI_TYPE_SOUND);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-own-strip-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStripView, layouts);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStripView, meter);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStripView, fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStripView, monitor);
  gtk_widget_class_bind_template_callback (widget_class, get_status);
  gtk_widget_class_bind_template_callback (widget_class, format_db);
  gtk_widget_class_bind_template_callback (widget_class, format_ms);
}

static void
tutti_own_strip_view_init (TuttiOwnStripView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_set (self->fader, "vertical", TRUE, NULL);
}
