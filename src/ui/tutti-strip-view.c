/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-strip-view.h"

#include "tutti-delay-popover.h"
#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-level-meter.h"
#include "tutti-ui-format.h"

/**
 * TuttiStripView: one stream of another musician, as an upright console strip or, `compact`, as a
 * row with the same controls.
 *
 * Properties: `participant`, `strip` (construct only), `compact`, `title` (char *: whose strip it
 * is, with the strip's label when that musician has several).
 */
struct _TuttiStripView {
  AdwBin parent_instance;

  /* Template */
  AdwMultiLayoutView *layouts;
  TuttiLevelMeter *meter;
  TuttiFader *fader;
  GtkWidget *pan_box;
  TuttiFader *pan;
  GtkWidget *mute;
  GtkWidget *solo;
  GtkWidget *delay;
  TuttiDelayPopover *delay_popover;
  GtkMenuButton *host;

  /* Owned */
  TuttiParticipant *participant;
  TuttiStrip *strip;
  char *name;
  gboolean compact;
};

enum { PROP_PARTICIPANT = 1, PROP_STRIP, PROP_COMPACT, PROP_TITLE, N_PROPS };

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (TuttiStripView, tutti_strip_view, ADW_TYPE_BIN)

static char *
get_status (TuttiStripView *self,
            const char *instrument,
            TuttiRole role,
            gboolean isolated,
            gboolean in_spotlight,
            gboolean sender_muted,
            gboolean flowing)
{
  if (isolated)
    return g_strdup (_ ("Side room"));
  if (sender_muted)
    return g_strdup (_ ("Is muted"));
  if (!flowing)
    return g_strdup (_ ("No sound"));
  if (in_spotlight)
    return g_strdup (_ ("Spotlight"));
  if (role == TUTTI_ROLE_HOST && (!instrument || !*instrument))
    return g_strdup (_ ("Host"));
  return g_strdup (instrument ? instrument : "");
}

static gboolean
is_text (TuttiStripView *self, const char *text)
{
  return text && *text;
}

static char *
format_db (TuttiStripView *self, double db)
{
  return tutti_format_db (db);
}

static char *
format_ms (TuttiStripView *self, double ms)
{
  return tutti_format_ms (ms);
}

static char *
get_quality_icon (TuttiStripView *self, double quality, gboolean flowing)
{
  if (!flowing || quality < 0)
    return g_strdup ("network-cellular-signal-none-symbolic");
  if (quality >= 0.995)
    return g_strdup ("network-cellular-signal-excellent-symbolic");
  if (quality >= 0.98)
    return g_strdup ("network-cellular-signal-good-symbolic");
  if (quality >= 0.93)
    return g_strdup ("network-cellular-signal-ok-symbolic");
  return g_strdup ("network-cellular-signal-weak-symbolic");
}

static void
set_accessible_label (gpointer widget, const char *format, const char *name)
{
  g_autoptr (GString) label = g_string_new (format);

  g_string_replace (label, "%s", name, 1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label->str, -1);
}

static void
update_labels (TuttiStripView *self)
{
  g_autofree char *volume = g_strdup_printf (_ ("Volume of %s"), self->name);
  g_autofree char *pan = g_strdup_printf (_ ("Pan of %s"), self->name);

  tutti_fader_set_subject (self->fader, volume);
  tutti_fader_set_subject (self->pan, pan);
  set_accessible_label (self->meter, _ ("Level of %s"), self->name);
  set_accessible_label (self->mute, _ ("Mute %s"), self->name);
  set_accessible_label (self->solo, _ ("Solo %s"), self->name);
  set_accessible_label (self->host, _ ("Host controls for %s"), self->name);
  set_accessible_label (self, "%s", self->name);
  gtk_widget_set_tooltip_text (self->mute, _ ("Silence for you only"));
  gtk_widget_set_tooltip_text (self->solo, _ ("Hear only the soloed musicians"));
}

static void
update_delay_label (TuttiStripView *self)
{
  g_autofree char *label = g_strdup_printf (_ ("Delay of %s"), self->name);
  g_autofree char *text = NULL;
  double ms, error_ms;

  g_object_get (self->strip, "delay-ms", &ms, "delay-error-ms", &error_ms, NULL);
  text = ms < 0 ? g_strdup (_ ("Not measured yet")) : tutti_format_ms_error (ms, error_ms);
  /* A screen reader, like anybody, looks for it by a name that stays. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->delay), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  label, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_set_tooltip_text (self->delay, text);
}

static void
update_name (TuttiStripView *self)
{
  GListModel *strips = tutti_participant_get_strips (self->participant);
  const char *who = tutti_participant_get_display_name (self->participant);
  g_autofree char *label = NULL;
  g_autofree char *name = NULL;

  g_object_get (self->strip, "label", &label, NULL);
  if (!who || !*who)
    who = _ ("Someone");
  if (strips && g_list_model_get_n_items (strips) > 1 && label && *label)
    /* Translators: a musician and one of their inputs, like “Ana, voice” */
    name = g_strdup_printf (_ ("%s, %s"), who, label);
  else
    name = g_strdup (who);
  if (!g_set_str (&self->name, name))
    return;
  update_labels (self);
  update_delay_label (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_TITLE]);
}

static void
add_item (GMenu *menu, const char *label, const char *action, const char *peer_id)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, action, "s", peer_id);
  g_menu_append_item (menu, item);
}

/* What makes sense as things are. */
static void
update_host_menu (TuttiStripView *self)
{
  const char *id = tutti_participant_get_peer_id (self->participant);
  gboolean is_host = tutti_participant_get_role (self->participant) == TUTTI_ROLE_HOST;
  g_autoptr (GMenu) menu = g_menu_new ();
  g_autoptr (GMenu) sound = g_menu_new ();
  g_autoptr (GMenu) person = g_menu_new ();
  gboolean muted, isolated, in_spotlight;

  g_object_get (self->strip, "sender-muted", &muted, NULL);
  g_object_get (self->participant, "isolated", &isolated, "in-spotlight", &in_spotlight, NULL);
  if (muted)
    add_item (sound, _ ("_Ask to Unmute"), "host.ask-unmute", id);
  else
    add_item (sound, _ ("_Mute Them"), "host.mute", id);
  if (isolated)
    add_item (sound, _ ("_Bring Back From the Side Room"), "host.release", id);
  else if (!is_host)
    add_item (sound, _ ("Move to a _Side Room"), "host.isolate", id);
  if (in_spotlight)
    add_item (sound, _ ("End the S_potlight"), "host.spotlight", "");
  else
    add_item (sound, _ ("S_potlight"), "host.spotlight", id);
  if (is_host)
    add_item (person, _ ("Make _Musician"), "host.make-musician", id);
  else
    add_item (person, _ ("Make _Host"), "host.make-host", id);
  add_item (person, _ ("_Remove…"), "host.remove", id);
  g_menu_append_section (menu, NULL, G_MENU_MODEL (sound));
  g_menu_append_section (menu, NULL, G_MENU_MODEL (person));
  gtk_menu_button_set_menu_model (self->host, G_MENU_MODEL (menu));
}

static void
update_spotlight (TuttiStripView *self)
{
  gboolean in_spotlight;

  g_object_get (self->participant, "in-spotlight", &in_spotlight, NULL);
  if (in_spotlight)
    gtk_widget_add_css_class (GTK_WIDGET (self), "spotlight");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self), "spotlight");
}

static void
follow_host_menu (TuttiStripView *self)
{
  static const char *const of_participant[] = { "notify::role", "notify::isolated",
                                                "notify::in-spotlight" };

  for (guint i = 0; i < G_N_ELEMENTS (of_participant); i++)
    g_signal_connect_object (self->participant, of_participant[i], G_CALLBACK (update_host_menu),
                             self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->participant, "notify::in-spotlight", G_CALLBACK (update_spotlight),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "notify::sender-muted", G_CALLBACK (update_host_menu), self,
                           G_CONNECT_SWAPPED);
  update_host_menu (self);
  update_spotlight (self);
}

static void
set_compact (TuttiStripView *self, gboolean compact)
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
 * tutti_strip_view_new:
 * @session: ours, which has its part in the delay
 *
 * Returns: (transfer floating): a view of @strip, which is one of @participant's
 */
GtkWidget *
tutti_strip_view_new (TuttiSession *session, TuttiParticipant *participant, TuttiStrip *strip)
{
  TuttiStripView *self =
      g_object_new (TUTTI_TYPE_STRIP_VIEW, "participant", participant, "strip", strip, NULL);

  g_object_set (self->delay_popover, "participant", participant, "session", session, NULL);
  g_object_bind_property (session, "hosting", self->host, "visible", G_BINDING_SYNC_CREATE);
  return GTK_WIDGET (self);
}

TuttiStrip *
tutti_strip_view_get_strip (TuttiStripView *self)
{
  return self->strip;
}

/**
 * tutti_strip_view_tick:
 * @frame_time_us: of the frame clock
 *
 * Moves the meter; called once per frame by the stage while it can be seen.
 */
void
tutti_strip_view_tick (TuttiStripView *self, gint64 frame_time_us)
{
  TuttiLevel level;

  tutti_strip_get_level (self->strip, &level);
  tutti_level_meter_push_level (self->meter, &level, frame_time_us);
}

static void
tutti_strip_view_set_property (GObject *object,
                               guint property_id,
                               const GValue *value,
                               GParamSpec *pspec)
{
  TuttiStripView *self = TUTTI_STRIP_VIEW (object);

  switch (property_id) {
  case PROP_PARTICIPANT:
    self->participant = g_value_dup_object (value);
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
tutti_strip_view_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  TuttiStripView *self = TUTTI_STRIP_VIEW (object);

  switch (property_id) {
  case PROP_PARTICIPANT:
    g_value_set_object (value, self->participant);
    break;
  case PROP_STRIP:
    g_value_set_object (value, self->strip);
    break;
  case PROP_COMPACT:
    g_value_set_boolean (value, self->compact);
    break;
  case PROP_TITLE:
    g_value_set_string (value, self->name);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
  }
}

/* Blueprint binds both ways only where nothing has to be looked up in between. */
static void
bind_strip (TuttiStripView *self)
{
  const GBindingFlags flags = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;

  g_object_bind_property (self->strip, "gain-db", self->fader, "position", flags);
  g_object_bind_property (self->strip, "pan", self->pan, "position", flags);
  g_object_bind_property (self->strip, "muted", self->mute, "active", flags);
  g_object_bind_property (self->strip, "solo", self->solo, "active", flags);
}

static void
tutti_strip_view_constructed (GObject *object)
{
  TuttiStripView *self = TUTTI_STRIP_VIEW (object);

  G_OBJECT_CLASS (tutti_strip_view_parent_class)->constructed (object);

  bind_strip (self);
  g_object_set (self->fader, "vertical", TRUE, NULL);
  update_name (self);
  follow_host_menu (self);
  g_signal_connect_object (self->participant, "notify::display-name", G_CALLBACK (update_name),
                           self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_participant_get_strips (self->participant), "items-changed",
                           G_CALLBACK (update_name), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "notify::label", G_CALLBACK (update_name), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->strip, "notify::delay-ms", G_CALLBACK (update_delay_label), self,
                           G_CONNECT_SWAPPED);
}

static void
tutti_strip_view_dispose (GObject *object)
{
  TuttiStripView *self = TUTTI_STRIP_VIEW (object);

  g_clear_object (&self->participant);
  g_clear_object (&self->strip);

  G_OBJECT_CLASS (tutti_strip_view_parent_class)->dispose (object);
}

static void
tutti_strip_view_finalize (GObject *object)
{
  g_free (TUTTI_STRIP_VIEW (object)->name);

  G_OBJECT_CLASS (tutti_strip_view_parent_class)->finalize (object);
}

static void
tutti_strip_view_class_init (TuttiStripViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = tutti_strip_view_set_property;
  object_class->get_property = tutti_strip_view_get_property;
  object_class->constructed = tutti_strip_view_constructed;
  object_class->dispose = tutti_strip_view_dispose;
  object_class->finalize = tutti_strip_view_finalize;

  props[PROP_PARTICIPANT] =
      g_param_spec_object ("participant", NULL, NULL, TUTTI_TYPE_PARTICIPANT,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_STRIP] =
      g_param_spec_object ("strip", NULL, NULL, TUTTI_TYPE_STRIP,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_COMPACT] =
      g_param_spec_boolean ("compact", NULL, NULL, FALSE,
                            G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_TITLE] =
      g_param_spec_string ("title", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (TUTTI_TYPE_LEVEL_METER);
  g_type_ensure (TUTTI_TYPE_FADER);
  g_type_ensure (TUTTI_TYPE_DELAY_POPOVER);
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-strip-view.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, layouts);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, meter);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, pan);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, pan_box);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, mute);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, solo);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, delay);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, delay_popover);
  gtk_widget_class_bind_template_child (widget_class, TuttiStripView, host);
  gtk_widget_class_bind_template_callback (widget_class, get_status);
  gtk_widget_class_bind_template_callback (widget_class, is_text);
  gtk_widget_class_bind_template_callback (widget_class, format_db);
  gtk_widget_class_bind_template_callback (widget_class, format_ms);
  gtk_widget_class_bind_template_callback (widget_class, get_quality_icon);
}

static void
tutti_strip_view_init (TuttiStripView *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  /* Left is where the left ear is, whichever way the language is written. */
  gtk_widget_set_direction (self->pan_box, GTK_TEXT_DIR_LTR);
  gtk_widget_set_direction (GTK_WIDGET (self->pan), GTK_TEXT_DIR_LTR);
}
