/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-page.h"

#include "tutti-device-row.h"
#include "tutti-fader.h"
#include "tutti-i18n.h"
#include "tutti-level-meter.h"
#include "tutti-own-strips-group.h"
#include "tutti-sound-checks.h"
#include "tutti-ui-format.h"

#define SILENT_DB (-60.0)
#define SILENT_US (3 * G_USEC_PER_SEC)

/**
 * TuttiSoundPage: is the sound of this computer fit to play? Works with and without a room: while
 * it is shown, the sound runs.
 *
 * Property: `latency` (double, ms, −1 unknown). Signal: `done`.
 */
struct _TuttiSoundPage {
  AdwNavigationPage parent_instance;

  /* Template */
  TuttiSoundChecks *checks;
  TuttiLevelMeter *meter;
  GtkLabel *peak_label;
  TuttiDeviceRow *input_row;
  TuttiDeviceRow *output_row;
  AdwComboRow *mode_row;
  AdwComboRow *quantum_row;
  AdwSwitchRow *monitor_row;
  AdwSwitchRow *guard_row;
  AdwSwitchRow *stems_row;
  TuttiOwnStripsGroup *own_strips;
  AdwSpinRow *channel_row;
  TuttiFader *input_fader;
  TuttiFader *send_fader;
  TuttiFader *output_fader;
  GtkButton *done_button;

  /* Owned */
  TuttiJam *jam;
  guint tick_id;
  gint64 last_text;
  gint64 last_heard;
  double latency;
  gboolean listening;
};

enum { PROP_LATENCY = 1, N_PROPS };
enum { DONE, N_SIGNALS };

static GParamSpec *props[N_PROPS];
static guint signals[N_SIGNALS];

static const guint quanta[] = { 32, 64, 128, 256, 512, 1024, 2048 };

G_DEFINE_FINAL_TYPE (TuttiSoundPage, tutti_sound_page, ADW_TYPE_NAVIGATION_PAGE)

static char *
format_db (TuttiSoundPage *self, double db)
{
  return tutti_format_db (db);
}

static char *
format_ms (TuttiSoundPage *self, double ms)
{
  return tutti_format_ms (ms > 0 ? ms : -1);
}

static void
test_cb (TuttiSoundPage *self)
{
  tutti_sound_play_test (tutti_jam_get_sound (self->jam));
}

static void
done_cb (TuttiSoundPage *self)
{
  g_signal_emit (self, signals[DONE], 0);
}

static gboolean
tick_cb (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  TuttiSoundPage *self = TUTTI_SOUND_PAGE (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);
  TuttiLevel level;

  tutti_sound_get_input_level (tutti_jam_get_sound (self->jam), &level);
  tutti_level_meter_push_level (self->meter, &level, now);
  if (MAX (level.peak_db[0], level.peak_db[1]) > SILENT_DB)
    self->last_heard = now;
  tutti_sound_checks_set_level (self->checks, tutti_level_meter_get_clipped (self->meter),
                                now - self->last_heard > SILENT_US);
  if (now - self->last_text > G_USEC_PER_SEC / 5) {
    g_autofree char *text = tutti_format_db (tutti_level_meter_get_peak_db (self->meter));

    gtk_label_set_text (self->peak_label, text);
    self->last_text = now;
  }
  return G_SOURCE_CONTINUE;
}

static void
set_listening (TuttiSoundPage *self, gboolean listening)
{
  if (self->listening == listening || !self->jam)
    return;
  self->listening = listening;
  tutti_jam_listen (self->jam, listening);
}

static void
tutti_sound_page_map (GtkWidget *widget)
{
  TuttiSoundPage *self = TUTTI_SOUND_PAGE (widget);

  GTK_WIDGET_CLASS (tutti_sound_page_parent_class)->map (widget);
  if (!self->jam)
    return;
  set_listening (self, TRUE);
  if (!self->tick_id)
    self->tick_id = gtk_widget_add_tick_callback (widget, tick_cb, NULL, NULL);
  self->last_heard = g_get_monotonic_time ();
  /* Not the checks above, which come and go. */
  gtk_widget_grab_focus (GTK_WIDGET (self->input_row));
}

static void
tutti_sound_page_unmap (GtkWidget *widget)
{
  TuttiSoundPage *self = TUTTI_SOUND_PAGE (widget);

  if (self->tick_id)
    gtk_widget_remove_tick_callback (widget, self->tick_id);
  self->tick_id = 0;
  set_listening (self, FALSE);
  GTK_WIDGET_CLASS (tutti_sound_page_parent_class)->unmap (widget);
}

static gboolean
quantum_to_index (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  guint index = 0;

  for (guint i = 0; i < G_N_ELEMENTS (quanta); i++)
    if (quanta[i] <= g_value_get_uint (from))
      index = i;
  g_value_set_uint (to, index);
  return TRUE;
}

static gboolean
index_to_quantum (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  guint index = g_value_get_uint (from);

  if (index >= G_N_ELEMENTS (quanta))
    return FALSE;
  g_value_set_uint (to, quanta[index]);
  return TRUE;
}

static gboolean
mode_to_index (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  g_value_set_uint (to, g_value_get_enum (from));
  return TRUE;
}

static gboolean
index_to_mode (GBinding *binding, const GValue *from, GValue *to, gpointer data)
{
  if (g_value_get_uint (from) > TUTTI_INPUT_MODE_STEREO)
    return FALSE;
  g_value_set_enum (to, g_value_get_uint (from));
  return TRUE;
}

static void
update_latency (TuttiSoundPage *self)
{
  TuttiSound *sound = tutti_jam_get_sound (self->jam);
  g_autofree char *reason = NULL;
  g_autofree char *granted_text = NULL;
  g_autofree char *subtitle = NULL;
  guint granted, rate;

  g_object_get (sound, "local-latency-ms", &self->latency, "granted-quantum", &granted, "rate",
                &rate, "quantum-reason", &reason, NULL);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_LATENCY]);
  if (granted && rate)
    granted_text = g_strdup_printf (_ ("Granted: %u samples at %.1f kHz"), granted, rate / 1000.0);
  else
    granted_text = g_strdup (_ ("Smaller is faster; larger crackles less"));
  subtitle = g_strjoin ("\n", granted_text, reason, NULL);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->quantum_row), subtitle);
}

static void
fill_quanta (TuttiSoundPage *self)
{
  g_autoptr (GtkStringList) list = gtk_string_list_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (quanta); i++) {
    g_autofree char *ms = tutti_format_ms (quanta[i] * 1000.0 / TUTTI_SAMPLE_RATE);

    /* Translators: a number of samples and how long they last, like “64 (1.3 ms)” */
    gtk_string_list_take (list, g_strdup_printf (_ ("%u (%s)"), quanta[i], ms));
  }
  adw_combo_row_set_model (self->quantum_row, G_LIST_MODEL (list));
}

/* With two channels, left and right say it all. */
static void
update_channels (TuttiSoundPage *self)
{
  g_autoptr (TuttiDevice) input = NULL;
  guint first;

  g_object_get (tutti_jam_get_sound (self->jam), "active-input", &input, NULL);
  g_object_get (tutti_sound_get_main_strip (tutti_jam_get_sound (self->jam)), "first-channel",
                &first, NULL);
  gtk_widget_set_visible (GTK_WIDGET (self->channel_row),
                          first > 0 || (input && tutti_device_get_channels (input) > 2));
}

static void
bind_sound (TuttiSoundPage *self, TuttiSound *sound)
{
  const GBindingFlags both = G_BINDING_BIDIRECTIONAL | G_BINDING_SYNC_CREATE;
  TuttiOwnStrip *strip = tutti_sound_get_main_strip (sound);

  g_object_set (self->input_row, "devices", tutti_sound_get_inputs (sound), NULL);
  g_object_set (self->output_row, "devices", tutti_sound_get_outputs (sound), NULL);
  g_object_bind_property (sound, "input-device", self->input_row, "device-name", both);
  g_object_bind_property (sound, "output-device", self->output_row, "device-name", both);
  g_object_bind_property (sound, "input-gain", self->input_fader, "position", both);
  g_object_bind_property (sound, "output-gain", self->output_fader, "position", both);
  g_object_bind_property (strip, "send-level", self->send_fader, "position", both);
  tutti_own_strips_bind_channel (strip, self->channel_row);
  g_object_bind_property (sound, "monitor", self->monitor_row, "active", both);
  g_object_bind_property (sound, "feedback-guard", self->guard_row, "active", both);
  g_object_bind_property (sound, "stems", self->stems_row, "active", both);
  g_object_bind_property_full (sound, "input-mode", self->mode_row, "selected", both, mode_to_index,
                               index_to_mode, NULL, NULL);
  g_object_bind_property_full (sound, "quantum", self->quantum_row, "selected", both,
                               quantum_to_index, index_to_quantum, NULL, NULL);
}

/**
 * tutti_sound_page_set_jam:
 * @jam: whose sound is checked; once only
 */
void
tutti_sound_page_set_jam (TuttiSoundPage *self, TuttiJam *jam)
{
  TuttiSound *sound = tutti_jam_get_sound (jam);

  g_return_if_fail (self->jam == NULL);

  self->jam = g_object_ref (jam);
  bind_sound (self, sound);
  tutti_sound_checks_set_sound (self->checks, sound);
  tutti_own_strips_group_set_sound (self->own_strips, sound);
  g_signal_connect_object (sound, "notify::active-input", G_CALLBACK (update_channels), self,
                           G_CONNECT_SWAPPED);
  update_channels (self);
  g_signal_connect_object (sound, "notify::local-latency-ms", G_CALLBACK (update_latency), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::granted-quantum", G_CALLBACK (update_latency), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::quantum-reason", G_CALLBACK (update_latency), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (sound, "notify::rate", G_CALLBACK (update_latency), self,
                           G_CONNECT_SWAPPED);
  update_latency (self);
}

/**
 * tutti_sound_page_set_done_label:
 * @label: what the button at the end does, with a mnemonic
 */
void
tutti_sound_page_set_done_label (TuttiSoundPage *self, const char *label)
{
  gtk_button_set_label (self->done_button, label);
}

static void
tutti_sound_page_get_property (GObject *object, guint property_id, GValue *value, GParamSpec *pspec)
{
  if (property_id == PROP_LATENCY)
    g_value_set_double (value, TUTTI_SOUND_PAGE (object)->latency);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property_id, pspec);
}

static void
tutti_sound_page_dispose (GObject *object)
{
  TuttiSoundPage *self = TUTTI_SOUND_PAGE (object);

  set_listening (self, FALSE);
  gtk_widget_dispose_template (GTK_WIDGET (self), TUTTI_TYPE_SOUND_PAGE);
  g_clear_object (&self->jam);

  G_OBJECT_CLASS (tutti_sound_page_parent_class)->dispose (object);
}

static void
bind_template (GtkWidgetClass *widget_class)
{
  gtk_widget_class_set_template_from_resource (widget_class,
                                               "/com/highloka/Tutti/tutti-sound-page.ui");
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, checks);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, meter);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, peak_label);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, input_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, output_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, mode_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, quantum_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, monitor_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, guard_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, stems_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, own_strips);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, channel_row);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, input_fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, send_fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, output_fader);
  gtk_widget_class_bind_template_child (widget_class, TuttiSoundPage, done_button);
  gtk_widget_class_bind_template_callback (widget_class, format_db);
  gtk_widget_class_bind_template_callback (widget_class, format_ms);
  gtk_widget_class_bind_template_callback (widget_class, test_cb);
  gtk_widget_class_bind_template_callback (widget_class, done_cb);
}

static void
tutti_sound_page_class_init (TuttiSoundPageClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = tutti_sound_page_get_property;
  object_class->dispose = tutti_sound_page_dispose;
  widget_class->map = tutti_sound_page_map;
  widget_class->unmap = tutti_sound_page_unmap;

  props[PROP_LATENCY] = g_param_spec_double ("latency", NULL, NULL, -1, G_MAXDOUBLE, -1,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);
  signals[DONE] = g_signal_new ("done", TUTTI_TYPE_SOUND_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                NULL, G_TYPE_NONE, 0);

  g_type_ensure (TUTTI_TYPE_SOUND_CHECKS);
  g_type_ensure (TUTTI_TYPE_DEVICE_ROW);
  g_type_ensure (TUTTI_TYPE_OWN_STRIPS_GROUP);
  g_type_ensure (TUTTI_TYPE_LEVEL_METER);
  g_type_ensure (TUTTI_TYPE_FADER);
  bind_template (widget_class);
}

static void
tutti_sound_page_init (TuttiSoundPage *self)
{
  self->latency = -1;
  gtk_widget_init_template (GTK_WIDGET (self));
  fill_quanta (self);
  tutti_fader_set_subject (self->input_fader, _ ("Your input gain"));
  tutti_fader_set_subject (self->send_fader, _ ("Level the others get"));
  tutti_fader_set_subject (self->output_fader, _ ("Volume of your headphones"));
}
