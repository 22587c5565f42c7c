/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-private.h"

struct _TuttiDevice {
  GObject parent_instance;

  char *name;
  char *description;
  TuttiDeviceKind kind;
  guint channels;
  guint rate;
  gboolean bluetooth;
  gboolean is_default;
  gboolean newcomer;
  guint64 serial;
};

typedef enum {
  PROP_NAME = 1,
  PROP_DESCRIPTION,
  PROP_KIND,
  PROP_CHANNELS,
  PROP_RATE,
  PROP_BLUETOOTH,
  PROP_IS_DEFAULT,
  PROP_SERIAL,
} TuttiDeviceProperty;

static GParamSpec *properties[PROP_SERIAL + 1];

G_DEFINE_FINAL_TYPE (TuttiDevice, tutti_device, G_TYPE_OBJECT)

static void
tutti_device_finalize (GObject *object)
{
  TuttiDevice *self = TUTTI_DEVICE (object);

  g_free (self->name);
  g_free (self->description);

  G_OBJECT_CLASS (tutti_device_parent_class)->finalize (object);
}

static void
tutti_device_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiDevice *self = TUTTI_DEVICE (object);

  switch ((TuttiDeviceProperty) id) {
  case PROP_NAME:
    g_value_set_string (value, self->name);
    break;
  case PROP_DESCRIPTION:
    g_value_set_string (value, self->description);
    break;
  case PROP_KIND:
    g_value_set_int (value, self->kind);
    break;
  case PROP_CHANNELS:
    g_value_set_uint (value, self->channels);
    break;
  case PROP_RATE:
    g_value_set_uint (value, self->rate);
    break;
  case PROP_BLUETOOTH:
    g_value_set_boolean (value, self->bluetooth);
    break;
  case PROP_IS_DEFAULT:
    g_value_set_boolean (value, self->is_default);
    break;
  case PROP_SERIAL:
    g_value_set_uint64 (value, self->serial);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_device_class_init (TuttiDeviceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = tutti_device_finalize;
  object_class->get_property = tutti_device_get_property;

  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_DESCRIPTION] = g_param_spec_string ("description", NULL, NULL, NULL, flags);
  properties[PROP_KIND] = g_param_spec_int ("kind", NULL, NULL, TUTTI_DEVICE_INPUT,
                                            TUTTI_DEVICE_CAMERA, TUTTI_DEVICE_INPUT, flags);
  properties[PROP_CHANNELS] = g_param_spec_uint ("channels", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_RATE] = g_param_spec_uint ("rate", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_BLUETOOTH] = g_param_spec_boolean ("bluetooth", NULL, NULL, FALSE, flags);
  properties[PROP_IS_DEFAULT] = g_param_spec_boolean ("is-default", NULL, NULL, FALSE, flags);
  properties[PROP_SERIAL] = g_param_spec_uint64 ("serial", NULL, NULL, 0, G_MAXUINT64, 0, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_device_init (TuttiDevice *self)
{
}

TuttiDevice *
tutti_device_new (TuttiDeviceKind kind, const TuttiGraphNode *node, guint channels)
{
  TuttiDevice *self = g_object_new (TUTTI_TYPE_DEVICE, NULL);

  self->kind = kind;
  self->serial = node->serial;
  self->name = g_strdup (node->name);
  tutti_device_update (self, node, channels);

  return self;
}

static void
set_uint (TuttiDevice *self, guint *field, guint value, TuttiDeviceProperty property)
{
  if (*field == value)
    return;

  *field = value;
  g_object_notify_by_pspec (G_OBJECT (self), properties[property]);
}

gboolean
tutti_device_update (TuttiDevice *self, const TuttiGraphNode *node, guint channels)
{
  gboolean renamed;

  g_object_freeze_notify (G_OBJECT (self));
  renamed = g_set_str (&self->description, node->description);
  if (renamed)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DESCRIPTION]);
  set_uint (self, &self->channels, channels, PROP_CHANNELS);
  set_uint (self, &self->rate, node->rate, PROP_RATE);
  if (self->bluetooth != node->bluetooth) {
    self->bluetooth = node->bluetooth;
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BLUETOOTH]);
  }
  g_object_thaw_notify (G_OBJECT (self));

  return renamed;
}

void
tutti_device_set_default (TuttiDevice *self, gboolean is_default)
{
  if (self->is_default == is_default)
    return;

  self->is_default = is_default;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_IS_DEFAULT]);
}

void
tutti_device_set_newcomer (TuttiDevice *self, gboolean newcomer)
{
  self->newcomer = newcomer;
}

gboolean
tutti_device_is_newcomer (TuttiDevice *self)
{
  return self->newcomer;
}

guint64
tutti_device_get_serial (TuttiDevice *self)
{
  return self->serial;
}

/* By description, as a person reads it; two pieces of the same make by when they were plugged in.
 */
int
tutti_device_compare (gconstpointer a, gconstpointer b, gpointer user_data)
{
  const TuttiDevice *one = a, *other = b;
  int order = g_utf8_collate (one->description, other->description);

  if (order != 0)
    return order;

  return one->serial < other->serial ? -1 : one->serial > other->serial;
}

const char *
tutti_device_get_name (TuttiDevice *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE (self), NULL);

  return self->name;
}

const char *
tutti_device_get_description (TuttiDevice *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE (self), NULL);

  return self->description;
}

TuttiDeviceKind
tutti_device_get_kind (TuttiDevice *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE (self), TUTTI_DEVICE_INPUT);

  return self->kind;
}

guint
tutti_device_get_channels (TuttiDevice *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE (self), 0);

  return self->channels;
}

gboolean
tutti_device_get_is_default (TuttiDevice *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE (self), FALSE);

  return self->is_default;
}
