/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pw-settings.h"

#include <pipewire/extensions/metadata.h>
#include <pipewire/pipewire.h>
#include <spa/utils/json.h>

#define MAX_RATES 32

struct _TuttiPwSettings {
  struct pw_registry *registry;
  struct spa_hook registry_listener;
  struct pw_proxy *metadata; /* NULL until it shows */
  struct spa_hook metadata_listener;
  struct spa_hook proxy_listener;

  guint min_quantum; /* 0: not known */
  guint max_quantum;
  guint forced_quantum; /* by the person, for everyone: 0 not */
  guint forced_rate;
  guint rates[MAX_RATES];
  guint n_rates;

  TuttiPwSettingsFunc changed;
  gpointer user_data;
};

static void
read_rates (TuttiPwSettings *self, const char *value)
{
  uint32_t rates[MAX_RATES];
  int n = spa_json_str_array_uint32 (value, strlen (value), rates, MAX_RATES);

  self->n_rates = MAX (n, 0);
  for (guint i = 0; i < self->n_rates; i++)
    self->rates[i] = rates[i];
}

static int
on_property (void *data, uint32_t subject, const char *key, const char *type, const char *value)
{
  TuttiPwSettings *self = data;
  const struct {
    const char *key;
    guint *field;
  } numbers[] = {
    { "clock.min-quantum", &self->min_quantum },
    { "clock.max-quantum", &self->max_quantum },
    { "clock.force-quantum", &self->forced_quantum },
    { "clock.force-rate", &self->forced_rate },
  };

  if (key == NULL || value == NULL)
    return 0;

  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    if (g_str_equal (key, numbers[i].key))
      *numbers[i].field = (guint) g_ascii_strtoull (value, NULL, 10);
  }
  if (g_str_equal (key, "clock.allowed-rates"))
    read_rates (self, value);
  self->changed (self->user_data);

  return 0;
}

static const struct pw_metadata_events metadata_events = {
  PW_VERSION_METADATA_EVENTS,
  .property = on_property,
};

static void
on_proxy_destroyed (void *data)
{
  TuttiPwSettings *self = data;

  spa_hook_remove (&self->metadata_listener);
  spa_hook_remove (&self->proxy_listener);
  self->metadata = NULL;
}

static const struct pw_proxy_events proxy_events = {
  PW_VERSION_PROXY_EVENTS,
  .destroy = on_proxy_destroyed,
};

static void
on_global (void *data,
           uint32_t id,
           uint32_t permissions,
           const char *type,
           uint32_t version,
           const struct spa_dict *props)
{
  TuttiPwSettings *self = data;
  const char *name;

  if (self->metadata != NULL || props == NULL || !g_str_equal (type, PW_TYPE_INTERFACE_Metadata))
    return;
  name = spa_dict_lookup (props, "metadata.name");
  if (g_strcmp0 (name, "settings") != 0)
    return;

  self->metadata = pw_registry_bind (self->registry, id, type, PW_VERSION_METADATA, 0);
  if (self->metadata == NULL)
    return;
  pw_proxy_add_listener (self->metadata, &self->proxy_listener, &proxy_events, self);
  pw_metadata_add_listener ((struct pw_metadata *) self->metadata, &self->metadata_listener,
                            &metadata_events, self);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
};

TuttiPwSettings *
tutti_pw_settings_new (struct pw_core *core, TuttiPwSettingsFunc changed, gpointer user_data)
{
  TuttiPwSettings *self = g_new0 (TuttiPwSettings, 1);

  self->changed = changed;
  self->user_data = user_data;
  self->registry = pw_core_get_registry (core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);

  return self;
}

void
tutti_pw_settings_free (TuttiPwSettings *self)
{
  if (self->metadata != NULL)
    pw_proxy_destroy (self->metadata);
  spa_hook_remove (&self->registry_listener);
  pw_proxy_destroy ((struct pw_proxy *) self->registry);
  g_free (self);
}

gboolean
tutti_pw_settings_allow_quantum (TuttiPwSettings *self, guint quantum)
{
  return self->forced_quantum == 0 && self->min_quantum != 0 && quantum >= self->min_quantum &&
         quantum <= self->max_quantum;
}

gboolean
tutti_pw_settings_allow_rate (TuttiPwSettings *self, guint rate)
{
  if (self->forced_rate != 0)
    return FALSE;
  for (guint i = 0; i < self->n_rates; i++) {
    if (self->rates[i] == rate)
      return TRUE;
  }

  return FALSE;
}
