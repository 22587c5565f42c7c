/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-settings.h"

#include "tutti-recent.h"

static gboolean
device_from_settings (GValue *value, GVariant *variant, gpointer data)
{
  const char *name = g_variant_get_string (variant, NULL);

  g_value_set_string (value, *name ? name : NULL);
  return TRUE;
}

static GVariant *
device_to_settings (const GValue *value, const GVariantType *type, gpointer data)
{
  const char *name = g_value_get_string (value);

  return g_variant_new_string (name ? name : "");
}

static gboolean
name_from_settings (GValue *value, GVariant *variant, gpointer data)
{
  g_value_take_string (value, tutti_recent_get_name (g_variant_get_string (variant, NULL)));
  return TRUE;
}

/**
 * tutti_bind_settings:
 * @settings: of the schema com.highloka.Tutti
 *
 * Binds what is kept to the properties of @sound (both ways) and @session, for as long as these
 * live.
 */
void
tutti_bind_settings (GSettings *settings, TuttiSound *sound, TuttiSession *session)
{
  static const char *const devices[] = { "input-device", "output-device" };
  static const char *const plain[] = { "input-mode", "input-gain", "output-gain",
                                       "monitor",    "quantum",    "click-audible",
                                       "click-gain", "stems",      "feedback-guard" };
  static const char *const of_strip[] = { "first-channel", "send-level" };
  static const char *const ours[] = { "instrument", "frame-samples", "bitrate" };

  for (guint i = 0; i < G_N_ELEMENTS (devices); i++)
    g_settings_bind_with_mapping (settings, devices[i], sound, devices[i], G_SETTINGS_BIND_DEFAULT,
                                  device_from_settings, device_to_settings, NULL, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (plain); i++)
    g_settings_bind (settings, plain[i], sound, plain[i], G_SETTINGS_BIND_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (of_strip); i++)
    g_settings_bind (settings, of_strip[i], tutti_sound_get_main_strip (sound), of_strip[i],
                     G_SETTINGS_BIND_DEFAULT);
  for (guint i = 0; i < G_N_ELEMENTS (ours); i++)
    g_settings_bind (settings, ours[i], session, ours[i], G_SETTINGS_BIND_GET);
  g_settings_bind_with_mapping (settings, "display-name", session, "display-name",
                                G_SETTINGS_BIND_GET, name_from_settings, NULL, NULL, NULL);
}
