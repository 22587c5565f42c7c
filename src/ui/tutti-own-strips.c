/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-own-strips.h"

#define KEY     "own-strips"
#define TYPE    "a(siuddb)"
#define SAVE_MS 500

/**
 * TuttiOwnStrips: keeps my further strips over the end of the program, and mutes them with the main
 * one: whoever mutes themselves wants to be silent with everything they have. Main thread.
 */
struct _TuttiOwnStrips {
  GObject parent_instance;

  GSettings *settings;
  TuttiSound *sound;
  guint save_id;
};

G_DEFINE_FINAL_TYPE (TuttiOwnStrips, tutti_own_strips, G_TYPE_OBJECT)

static void
save (TuttiOwnStrips *self)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);
  GVariantBuilder builder;

  g_variant_builder_init (&builder, G_VARIANT_TYPE (TYPE));
  for (guint i = 1; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);
    TuttiInputMode mode;
    guint first_channel;
    double gain, level;
    gboolean monitor;

    g_object_get (strip, "input-mode", &mode, "first-channel", &first_channel, "gain-db", &gain,
                  "send-level", &level, "monitor", &monitor, NULL);
    g_variant_builder_add (&builder, "(siuddb)", tutti_own_strip_get_label (strip), (int) mode,
                           first_channel, gain, level, monitor);
  }
  g_settings_set_value (self->settings, KEY, g_variant_builder_end (&builder));
}

static void
save_cb (gpointer data)
{
  TuttiOwnStrips *self = TUTTI_OWN_STRIPS (data);

  self->save_id = 0;
  save (self);
}

/* A fader that moves is one change, when it has stopped. */
static void
queue_save (TuttiOwnStrips *self)
{
  g_clear_handle_id (&self->save_id, g_source_remove);
  self->save_id = g_timeout_add_once (SAVE_MS, save_cb, self);
}

static void
watch (TuttiOwnStrips *self, guint from)
{
  GListModel *strips = tutti_sound_get_own_strips (self->sound);

  for (guint i = MAX (from, 1); i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    g_signal_handlers_disconnect_by_func (strip, queue_save, self);
    g_signal_connect_object (strip, "notify", G_CALLBACK (queue_save), self, G_CONNECT_SWAPPED);
    g_object_bind_property (self->sound, "muted", strip, "muted", G_BINDING_SYNC_CREATE);
  }
}

static void
strips_changed_cb (TuttiOwnStrips *self, guint position, guint removed, guint added)
{
  if (added)
    watch (self, position);
  queue_save (self);
}

static void
restore (TuttiOwnStrips *self)
{
  g_autoptr (GVariant) value = g_settings_get_value (self->settings, KEY);
  GVariantIter iter;
  const char *label;
  int mode;
  guint first_channel;
  double gain, level;
  gboolean monitor;

  g_variant_iter_init (&iter, value);
  while (g_variant_iter_next (&iter, "(&siuddb)", &label, &mode, &first_channel, &gain, &level,
                              &monitor)) {
    g_autoptr (GError) error = NULL;
    TuttiOwnStrip *strip = tutti_sound_add_own_strip (self->sound, label, &error);

    if (!strip) {
      g_message ("A strip was not restored: %s", error->message);
      break;
    }
    g_object_set (strip, "input-mode", CLAMP (mode, 0, (int) TUTTI_INPUT_MODE_STEREO),
                  "first-channel", MIN (first_channel, 7), "gain-db", CLAMP (gain, -24, 24),
                  "send-level", CLAMP (level, TUTTI_SILENCE_DB, 12), "monitor", monitor, NULL);
  }
}

/**
 * tutti_own_strips_new:
 * @settings: of the schema com.highloka.Tutti
 * @sound: gets the strips that it had last time
 */
TuttiOwnStrips *
tutti_own_strips_new (GSettings *settings, TuttiSound *sound)
{
  TuttiOwnStrips *self = g_object_new (TUTTI_TYPE_OWN_STRIPS, NULL);

  self->settings = g_object_ref (settings);
  self->sound = g_object_ref (sound);
  restore (self);
  watch (self, 1);
  g_signal_connect_object (tutti_sound_get_own_strips (sound), "items-changed",
                           G_CALLBACK (strips_changed_cb), self, G_CONNECT_SWAPPED);
  return self;
}

static void
tutti_own_strips_dispose (GObject *object)
{
  TuttiOwnStrips *self = TUTTI_OWN_STRIPS (object);

  if (self->save_id)
    save (self);
  g_clear_handle_id (&self->save_id, g_source_remove);
  g_clear_object (&self->settings);
  g_clear_object (&self->sound);

  G_OBJECT_CLASS (tutti_own_strips_parent_class)->dispose (object);
}

static void
tutti_own_strips_class_init (TuttiOwnStripsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = tutti_own_strips_dispose;
}

static void
tutti_own_strips_init (TuttiOwnStrips *self)
{
}
