/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-checks.h"

#include "tutti-error.h"
#include "tutti-i18n.h"

/**
 * TuttiSoundChecks: what is wrong with the sound of this computer, each with a sentence and, where
 * there is one, a button that repairs it. Everything is read from TuttiSound; one line says so when
 * nothing is wrong. Main thread.
 */
struct _TuttiSoundChecks {
  AdwPreferencesGroup parent_instance;

  /* Owned */
  TuttiSound *sound;
  GPtrArray *rows; /* borrowed, children of the group */
  char *shown;
  gboolean clipped;
  gboolean silent;
  guint update_id;
};

typedef struct {
  const char *icon;
  char *title;
  char *advice;
  const char *repair_label;
  GCallback repair;
} Check;

G_DEFINE_FINAL_TYPE (TuttiSoundChecks, tutti_sound_checks, ADW_TYPE_PREFERENCES_GROUP)

static void
check_free (gpointer data)
{
  Check *check = data;

  g_free (check->title);
  g_free (check->advice);
  g_free (check);
}

static void
add_check (GPtrArray *checks,
           const char *title,
           const char *advice,
           const char *repair_label,
           GCallback repair)
{
  Check *check = g_new0 (Check, 1);

  check->icon = "dialog-warning-symbolic";
  check->title = g_strdup (title);
  check->advice = g_strdup (advice);
  check->repair_label = repair_label;
  check->repair = repair;
  g_ptr_array_add (checks, check);
}

static void
retry_cb (TuttiSoundChecks *self)
{
  g_autoptr (GError) error = NULL;

  /* What goes wrong shows in the sound's own `error`. */
  if (!tutti_sound_start (self->sound, &error))
    g_message ("Sound: %s", error->message);
}

static void
lower_gain_cb (TuttiSoundChecks *self)
{
  double gain;

  g_object_get (self->sound, "input-gain", &gain, NULL);
  g_object_set (self->sound, "input-gain", MAX (gain - 6, -24.0), NULL);
}

static void
larger_quantum_cb (TuttiSoundChecks *self)
{
  guint granted;

  g_object_get (self->sound, "granted-quantum", &granted, NULL);
  g_object_set (self->sound, "quantum", CLAMP (granted, 32, 2048), NULL);
}

static void
check_devices (TuttiSoundChecks *self, GPtrArray *checks)
{
  g_autoptr (TuttiDevice) output = NULL;
  gboolean bluetooth = FALSE;

  if (g_list_model_get_n_items (tutti_sound_get_inputs (self->sound)) == 0)
    add_check (checks, _ ("No microphone or line input was found."),
               _ ("Plug one in: it appears here by itself. You can join and listen without."), NULL,
               NULL);
  if (g_list_model_get_n_items (tutti_sound_get_outputs (self->sound)) == 0)
    add_check (checks, _ ("No headphones or speakers were found."),
               _ ("Plug in headphones: they appear here by themselves."), NULL, NULL);

  g_object_get (self->sound, "active-output", &output, NULL);
  if (output)
    g_object_get (output, "bluetooth", &bluetooth, NULL);
  if (bluetooth)
    add_check (checks, _ ("Bluetooth headphones add 50 to 250 ms of delay."),
               _ ("Playing in time is not possible with them. Use headphones with a cable."), NULL,
               NULL);
}

static void
check_timing (TuttiSoundChecks *self, GPtrArray *checks)
{
  g_autofree char *realtime_reason = NULL;
  g_autofree char *quantum_reason = NULL;
  guint rate, wanted, granted, howls;

  g_object_get (self->sound, "rate", &rate, "quantum", &wanted, "granted-quantum", &granted,
                "realtime-reason", &realtime_reason, "quantum-reason", &quantum_reason,
                "feedback-count", &howls, NULL);
  if (granted > 0 && realtime_reason)
    add_check (checks, _ ("The sound does not run with real-time priority, so it may crackle."),
               realtime_reason, NULL, NULL);
  if (howls > 0)
    add_check (checks, _ ("Your speakers howled, and were turned down for a moment."),
               _ ("Use headphones, or move the microphone away from the speakers."), NULL, NULL);
  if (rate > 0 && rate != TUTTI_SAMPLE_RATE) {
    g_autofree char *title = g_strdup_printf (
        _ ("The sound card runs at %.1f kHz, so the sound is converted."), rate / 1000.0);

    add_check (checks, title,
               _ ("This works, and costs a little delay. To save it, set PipeWire’s default rate, "
                  "or the sound card, to 48000 Hz."),
               NULL, NULL);
  }
  if (granted > wanted) {
    g_autofree char *title =
        g_strdup_printf (_ ("PipeWire gives blocks of %u samples where %u were asked for, "
                            "which costs delay."),
                         granted, wanted);

    add_check (checks, title,
               quantum_reason
                   ? quantum_reason
                   : _ ("Another program or PipeWire’s own settings insist on it: close other "
                        "sound programs, or accept the larger block."),
               _ ("_Accept"), G_CALLBACK (larger_quantum_cb));
  }
}

static void
check_level (TuttiSoundChecks *self, GPtrArray *checks)
{
  g_autoptr (TuttiDevice) input = NULL;
  double gain;

  g_object_get (self->sound, "active-input", &input, NULL);
  if (self->silent && input)
    add_check (checks, _ ("Nothing comes from your input yet."),
               _ ("Play something. If the level stays still, choose another input or channel."),
               NULL, NULL);
  if (!self->clipped)
    return;
  g_object_get (self->sound, "input-gain", &gain, NULL);
  add_check (checks, _ ("Your input is too loud and distorts."),
             gain > -24 ? _ ("Turn it down at the sound card first, then here.")
                        : _ ("Turn it down at the sound card."),
             gain > -24 ? _ ("_Lower by 6 dB") : NULL, G_CALLBACK (lower_gain_cb));
}

static GPtrArray *
find_problems (TuttiSoundChecks *self)
{
  GPtrArray *checks = g_ptr_array_new_with_free_func (check_free);
  const GError *error = tutti_sound_get_error (self->sound);
  gboolean running;

  g_object_get (self->sound, "running", &running, NULL);
  if (error)
    add_check (checks, error->message, tutti_error_get_advice (error), _ ("_Try Again"),
               G_CALLBACK (retry_cb));
  if (running && !g_error_matches (error, TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE)) {
    check_devices (self, checks);
    check_timing (self, checks);
    check_level (self, checks);
  }
  if (running && checks->len == 0) {
    add_check (checks, _ ("No problems found."), "", NULL, NULL);
    ((Check *) g_ptr_array_index (checks, 0))->icon = "object-select-symbolic";
  }
  return checks;
}

static GtkWidget *
create_row (TuttiSoundChecks *self, const Check *check)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *image = gtk_image_new_from_icon_name (check->icon);

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), check->title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), check->advice);
  gtk_widget_add_css_class (image, check->advice && *check->advice ? "warning" : "success");
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  if (check->repair_label) {
    GtkWidget *button = gtk_button_new_with_mnemonic (check->repair_label);

    gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
    g_signal_connect_object (button, "clicked", check->repair, self, G_CONNECT_SWAPPED);
    adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  }
  return row;
}

static void
show_checks (TuttiSoundChecks *self, GPtrArray *checks)
{
  g_autoptr (GString) key = g_string_new (NULL);

  for (guint i = 0; i < checks->len; i++) {
    const Check *check = g_ptr_array_index (checks, i);

    g_string_append_printf (key, "%s\n%s\n", check->title, check->advice ? check->advice : "");
  }
  /* Rows that stay are not rebuilt, or the focus would leave their buttons. */
  if (!g_set_str (&self->shown, key->str))
    return;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < checks->len; i++) {
    GtkWidget *row = create_row (self, g_ptr_array_index (checks, i));

    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
    g_ptr_array_add (self->rows, row);
  }
  gtk_widget_set_visible (GTK_WIDGET (self), checks->len > 0);
}

static void
update (gpointer data)
{
  TuttiSoundChecks *self = TUTTI_SOUND_CHECKS (data);
  g_autoptr (GPtrArray) checks = NULL;

  self->update_id = 0;
  if (!self->sound)
    return;
  checks = find_problems (self);
  show_checks (self, checks);
}

static void
queue_update (TuttiSoundChecks *self)
{
  /* Devices come in bursts, and what is wrong for a blink is not worth a row. */
  if (!self->update_id)
    self->update_id = g_timeout_add_once (150, update, self);
}

/**
 * tutti_sound_checks_set_sound:
 * @sound: what is checked; once only
 */
void
tutti_sound_checks_set_sound (TuttiSoundChecks *self, TuttiSound *sound)
{
  g_return_if_fail (self->sound == NULL);

  self->sound = g_object_ref (sound);
  g_signal_connect_object (sound, "notify", G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_sound_get_inputs (sound), "items-changed",
                           G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (tutti_sound_get_outputs (sound), "items-changed",
                           G_CALLBACK (queue_update), self, G_CONNECT_SWAPPED);
  queue_update (self);
}

/**
 * tutti_sound_checks_set_level:
 * @clipped: whether the input has reached full scale of late
 * @silent: whether nothing has come from the input of late
 */
void
tutti_sound_checks_set_level (TuttiSoundChecks *self, gboolean clipped, gboolean silent)
{
  if (self->clipped == clipped && self->silent == silent)
    return;
  self->clipped = clipped;
  self->silent = silent;
  queue_update (self);
}

static void
tutti_sound_checks_dispose (GObject *object)
{
  TuttiSoundChecks *self = TUTTI_SOUND_CHECKS (object);

  g_clear_handle_id (&self->update_id, g_source_remove);
  g_clear_object (&self->sound);

  G_OBJECT_CLASS (tutti_sound_checks_parent_class)->dispose (object);
}

static void
tutti_sound_checks_finalize (GObject *object)
{
  TuttiSoundChecks *self = TUTTI_SOUND_CHECKS (object);

  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_free (self->shown);

  G_OBJECT_CLASS (tutti_sound_checks_parent_class)->finalize (object);
}

static void
tutti_sound_checks_class_init (TuttiSoundChecksClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_sound_checks_dispose;
  G_OBJECT_CLASS (klass)->finalize = tutti_sound_checks_finalize;
}

static void
tutti_sound_checks_init (TuttiSoundChecks *self)
{
  self->rows = g_ptr_array_new ();
}
