/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-own-strip.h"

#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-level-meter.h"
#include "tutti-ui-format.h"

/**
 * TuttiOwnStrip: what the others get of me: level after the input gain, the gain, monitoring.
 *
 * Properties: `session`, `compact` as TuttiStripView has it.
 */
struct _TuttiOwnStrip {
  AdwBin parent_instance;

  /* Template */
  AdwMultiLayoutView *layouts;
  TuttiLevelMeter *meter;
  TuttiFader *fader;
  GtkWidget *monitor;

  /* Owned */
  TuttiSession *session;
  gboolean compact;
};

enum { PROP_SESSION = 1, PROP_COMPACT, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiOwnStrip, tutti_own_strip, ADW_TYPE_BIN)

static char *
get_status (TuttiOwnStrip *self, gboolean muted)
{
  return g_strdup (muted ? _ ("You, muted") : _ ("You"));
}

static char *
format_db (TuttiOwnStrip *self, double db)
{
  return tutti_format_db (db);
}

static char *
format_ms (TuttiOwnStrip *self, double ms)
{
  return tutti_format_ms (ms > 0 ? ms : -1);
}

static void
set_compact (TuttiOwnStrip *self, gboolean compact)
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

/**
 * tutti_own_strip_set_session:
 * @session: whose sound is shown; once only
 */
void
tutti_own_strip_set_session (TuttiOwnStrip *self, TuttiSession *session)
{
  TuttiSound *sound;

  if (!g_set_object (&self->session, session))
    return;
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SESSION]);
  if (!session)
    return;
  sound = tutti_session_get_sound (session);
  g_object_bind_property (sound, "input-gain", self->fader, "position",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
  g_object_bind_property (sound, "monitor", self->monitor, "active",
                          G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE);
}

/**
 * tutti_own_strip_tick:
 * @frame_time_us: of the frame clock
 */
void
tutti_own_strip_tick (TuttiOwnStrip *self, gint64 frame_time_us)
{
  TuttiLevel level;

  if (!self->session)
    return;
  tutti_sound_get_input_level (tutti_session_get_sound (self->session), &level);
  tutti_level_meter_push_level (self->meter, &level, frame_time_us);
}

static void
tutti_own_strip_set_property (GObject *object,
                              guint property_id,
                              const GValue *value,
                              GParamSpec *pspec)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);

  switch (property_id) {
  case PROP_SESSION:
    tutti_own_strip_set_session (self, g_value_get_object (value));
    break;
  case PROP_COMPACT:
    set_compact (self, g_value_get_boolean (value));
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_own_strip_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);

  switch (property_id) {
  case PROP_SESSION:
    g_value_set_object (value, self->session);
    break;
  case PROP_COMPACT:
    g_value_set_boolean (value, self->compact);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

static void
tutti_own_strip_dispose (GObject *object)
{
  TuttiOwnStrip *self = TUTTI_OWN_STRIP (object);

  g_clear_object (&self->session);

  G_OBJECT_CLASS (tutti_own_strip_parent_class)->dispose (object);
}

static void
tutti_own_strip_class_init (TuttiOwnStripClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_own_strip_set_property;
  object_class->get_property = tutti_own_strip_get_property;
  object_class->dispose = tutti_own_strip_dispose;

  props[PROP_SESSION] =
      g_param_spec_object ("session", NULL, NULL, TUTTI_TYPE_SESSION,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_LEVEL_METER);
  g_type_ensure (TUTTI_TYPE_FADER);
  g_type_ensure (TUTTI_TYPE_SOUND);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-own-strip.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStrip, layouts);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStrip, meter);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStrip, fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiOwnStrip, monitor);
  gtk_widget_class_bind_template_callback (widget_class, get_status);
  gtk_widget_class_bind_template_callback (widget_class, format_db);
  gtk_widget_class_bind_template_callback (widget_class, format_ms);
}

static void
tutti_own_strip_init (TuttiOwnStrip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_object_set (self->fader, "vertical", TRUE, NULL);
  tutti_fader_set_subject (self->fader, _ ("Your input gain"));
}
