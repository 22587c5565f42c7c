/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-graph.h"

#include <pipewire/extensions/metadata.h>
#include <pipewire/pipewire.h>
#include <spa/utils/json.h>

/* A server that never stops changing is believed after so many round trips. */
#define MAX_REPEATS 8

/* pipewire-pulse shows this one when there is no real output. */
#define DUMMY_SINK "auto_null"

struct _TuttiDeviceGraph {
  struct pw_core *core; /* borrowed */
  struct spa_hook core_listener;
  struct pw_registry *registry;
  struct spa_hook registry_listener;
  struct pw_proxy *metadata;
  struct spa_hook metadata_listener;
  struct spa_hook metadata_proxy_listener;

  GHashTable *nodes; /* id → BoundNode */
  GHashTable *ports; /* id → TuttiGraphPort */
  char *defaults[TUTTI_N_DEVICE_KINDS];
  char *configured[TUTTI_N_DEVICE_KINDS];

  int sync_seq;   /* of the question under way */
  gboolean asked; /* one is under way */
  gboolean again; /* something came meanwhile */
  guint repeats;
  gboolean listed; /* the first listing is complete */

  TuttiDeviceGraphFunc settled;
  gpointer user_data;
};

typedef struct {
  TuttiGraphNode node; /* first: a BoundNode is a TuttiGraphNode */
  TuttiDeviceGraph *graph;
  struct pw_proxy *proxy;
  struct spa_hook listener;
  struct spa_hook proxy_listener;
} BoundNode;

static void
bound_node_free (BoundNode *bound)
{
  if (bound->proxy != NULL) {
    spa_hook_remove (&bound->listener);
    spa_hook_remove (&bound->proxy_listener);
    pw_proxy_destroy (bound->proxy);
  }
  g_free (bound->node.name);
  g_free (bound->node.description);
  g_free (bound);
}

static void
graph_port_free (TuttiGraphPort *port)
{
  g_free (port->channel);
  g_free (port);
}

static guint64
lookup_uint64 (const struct spa_dict *props, const char *key)
{
  const char *text = spa_dict_lookup (props, key);

  return text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;
}

static void
node_read_props (TuttiGraphNode *node, const struct spa_dict *props)
{
  const char *description = spa_dict_lookup (props, PW_KEY_NODE_DESCRIPTION);
  const char *api = spa_dict_lookup (props, PW_KEY_DEVICE_API);
  const char *rate = spa_dict_lookup (props, PW_KEY_AUDIO_RATE);

  if (description == NULL || *description == '\0')
    description = spa_dict_lookup (props, PW_KEY_NODE_NICK);
  if (description != NULL && *description != '\0')
    g_set_str (&node->description, description);
  else if (node->description == NULL)
    g_set_str (&node->description, node->name);

  node->bluetooth = g_strcmp0 (api, "bluez5") == 0 || g_str_has_prefix (node->name, "bluez_");
  node->priority = (int) lookup_uint64 (props, PW_KEY_PRIORITY_SESSION);
  if (rate != NULL)
    node->rate = lookup_uint64 (props, PW_KEY_AUDIO_RATE);
}

static void
on_node_info (void *data, const struct pw_node_info *info)
{
  BoundNode *bound = data;

  if ((info->change_mask & PW_NODE_CHANGE_MASK_PROPS) == 0 || info->props == NULL)
    return;

  node_read_props (&bound->node, info->props);
  tutti_device_graph_touch (bound->graph);
}

static const struct pw_node_events node_events = {
  PW_VERSION_NODE_EVENTS,
  .info = on_node_info,
};

static void
on_node_proxy_destroyed (void *data)
{
  BoundNode *bound = data;

  spa_hook_remove (&bound->listener);
  spa_hook_remove (&bound->proxy_listener);
  bound->proxy = NULL;
}

static const struct pw_proxy_events node_proxy_events = {
  PW_VERSION_PROXY_EVENTS,
  .destroy = on_node_proxy_destroyed,
};

static void
add_node (TuttiDeviceGraph *self, guint32 id, const struct spa_dict *props)
{
  const char *media_class = spa_dict_lookup (props, PW_KEY_MEDIA_CLASS);
  const char *name = spa_dict_lookup (props, PW_KEY_NODE_NAME);
  gboolean duplex = g_strcmp0 (media_class, "Audio/Duplex") == 0;
  BoundNode *bound;

  if (media_class == NULL || name == NULL || g_str_equal (name, DUMMY_SINK))
    return;
  if (!duplex && !g_str_equal (media_class, "Audio/Source") &&
      !g_str_equal (media_class, "Audio/Source/Virtual") &&
      !g_str_equal (media_class, "Audio/Sink") && !g_str_equal (media_class, "Video/Source"))
    return;

  bound = g_new0 (BoundNode, 1);
  bound->graph = self;
  bound->node.id = id;
  bound->node.serial = lookup_uint64 (props, PW_KEY_OBJECT_SERIAL);
  bound->node.name = g_strdup (name);
  bound->node.is[TUTTI_DEVICE_INPUT] = duplex || g_str_has_prefix (media_class, "Audio/Source");
  bound->node.is[TUTTI_DEVICE_OUTPUT] = duplex || g_str_equal (media_class, "Audio/Sink");
  bound->node.is[TUTTI_DEVICE_CAMERA] = g_str_equal (media_class, "Video/Source");
  node_read_props (&bound->node, props);

  bound->proxy = pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Node, PW_VERSION_NODE, 0);
  if (bound->proxy != NULL) {
    pw_proxy_add_listener (bound->proxy, &bound->proxy_listener, &node_proxy_events, bound);
    pw_node_add_listener ((struct pw_node *) bound->proxy, &bound->listener, &node_events, bound);
  }
  g_hash_table_insert (self->nodes, GUINT_TO_POINTER (id), bound);
}

static void
add_port (TuttiDeviceGraph *self, guint32 id, const struct spa_dict *props)
{
  const char *format = spa_dict_lookup (props, PW_KEY_FORMAT_DSP);
  const char *direction = spa_dict_lookup (props, PW_KEY_PORT_DIRECTION);
  TuttiGraphPort *port;

  if (direction == NULL || (format != NULL && strstr (format, "audio") == NULL))
    return;

  port = g_new0 (TuttiGraphPort, 1);
  port->id = id;
  port->node_id = lookup_uint64 (props, PW_KEY_NODE_ID);
  port->index = lookup_uint64 (props, PW_KEY_PORT_ID);
  port->output = g_str_equal (direction, "out");
  port->monitor = spa_atob (spa_dict_lookup (props, PW_KEY_PORT_MONITOR));
  port->channel = g_strdup (spa_dict_lookup (props, PW_KEY_AUDIO_CHANNEL));
  g_hash_table_insert (self->ports, GUINT_TO_POINTER (id), port);
}

static void
take_name (char **field, const char *value)
{
  char name[512];

  if (value != NULL &&
      spa_json_str_object_find (value, strlen (value), "name", name, sizeof name) > 0)
    g_set_str (field, name);
  else
    g_clear_pointer (field, g_free);
}

static void
forget_defaults (TuttiDeviceGraph *self)
{
  for (TuttiDeviceKind kind = 0; kind < TUTTI_N_DEVICE_KINDS; kind++) {
    g_clear_pointer (&self->defaults[kind], g_free);
    g_clear_pointer (&self->configured[kind], g_free);
  }
}

static int
on_metadata_property (void *data,
                      uint32_t subject,
                      const char *key,
                      const char *type,
                      const char *value)
{
  TuttiDeviceGraph *self = data;

  if (subject != PW_ID_CORE)
    return 0;

  /* No key: everything about the subject was taken away. */
  if (key == NULL)
    forget_defaults (self);
  else if (g_str_equal (key, "default.audio.source"))
    take_name (&self->defaults[TUTTI_DEVICE_INPUT], value);
  else if (g_str_equal (key, "default.audio.sink"))
    take_name (&self->defaults[TUTTI_DEVICE_OUTPUT], value);
  else if (g_str_equal (key, "default.video.source"))
    take_name (&self->defaults[TUTTI_DEVICE_CAMERA], value);
  else if (g_str_equal (key, "default.configured.audio.source"))
    take_name (&self->configured[TUTTI_DEVICE_INPUT], value);
  else if (g_str_equal (key, "default.configured.audio.sink"))
    take_name (&self->configured[TUTTI_DEVICE_OUTPUT], value);
  else if (g_str_equal (key, "default.configured.video.source"))
    take_name (&self->configured[TUTTI_DEVICE_CAMERA], value);
  tutti_device_graph_touch (self);

  return 0;
}

static const struct pw_metadata_events metadata_events = {
  PW_VERSION_METADATA_EVENTS,
  .property = on_metadata_property,
};

static void
drop_metadata (void *data)
{
  TuttiDeviceGraph *self = data;

  if (self->metadata == NULL)
    return;

  spa_hook_remove (&self->metadata_listener);
  spa_hook_remove (&self->metadata_proxy_listener);
  self->metadata = NULL;
  forget_defaults (self);
}

/* The session manager owns the metadata: when it restarts, the server removes ours first. */
static void
on_metadata_removed (void *data)
{
  TuttiDeviceGraph *self = data;
  struct pw_proxy *proxy = self->metadata;

  drop_metadata (self);
  pw_proxy_destroy (proxy);
  tutti_device_graph_touch (self);
}

static const struct pw_proxy_events metadata_proxy_events = {
  PW_VERSION_PROXY_EVENTS,
  .destroy = drop_metadata,
  .removed = on_metadata_removed,
};

static void
add_metadata (TuttiDeviceGraph *self, guint32 id, const struct spa_dict *props)
{
  if (self->metadata != NULL ||
      g_strcmp0 (spa_dict_lookup (props, "metadata.name"), "default") != 0)
    return;

  self->metadata =
      pw_registry_bind (self->registry, id, PW_TYPE_INTERFACE_Metadata, PW_VERSION_METADATA, 0);
  if (self->metadata == NULL)
    return;

  pw_proxy_add_listener (self->metadata, &self->metadata_proxy_listener, &metadata_proxy_events,
                         self);
  pw_metadata_add_listener ((struct pw_metadata *) self->metadata, &self->metadata_listener,
                            &metadata_events, self);
}

static void
on_global (void *data,
           uint32_t id,
           uint32_t permissions,
           const char *type,
           uint32_t version,
           const struct spa_dict *props)
{
  TuttiDeviceGraph *self = data;

  if (props == NULL)
    return;

  if (g_str_equal (type, PW_TYPE_INTERFACE_Node))
    add_node (self, id, props);
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Port))
    add_port (self, id, props);
  else if (g_str_equal (type, PW_TYPE_INTERFACE_Metadata))
    add_metadata (self, id, props);
  else
    return;

  tutti_device_graph_touch (self);
}

static void
on_global_remove (void *data, uint32_t id)
{
  TuttiDeviceGraph *self = data;

  if (g_hash_table_remove (self->nodes, GUINT_TO_POINTER (id)) |
      g_hash_table_remove (self->ports, GUINT_TO_POINTER (id)))
    tutti_device_graph_touch (self);
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

static void
on_core_done (void *data, uint32_t id, int seq)
{
  TuttiDeviceGraph *self = data;

  if (id != PW_ID_CORE || !self->asked || seq != self->sync_seq)
    return;

  self->asked = FALSE;
  /* What the first listing names is bound while it comes in: its contents need a second one. */
  if ((self->again || !self->listed) && self->repeats++ < MAX_REPEATS) {
    self->listed = TRUE;
    tutti_device_graph_touch (self);
    return;
  }

  self->listed = TRUE;
  self->repeats = 0;
  self->settled (self->user_data);
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
};

TuttiDeviceGraph *
tutti_device_graph_new (struct pw_core *core, TuttiDeviceGraphFunc settled, gpointer user_data)
{
  TuttiDeviceGraph *self = g_new0 (TuttiDeviceGraph, 1);

  self->core = core;
  self->settled = settled;
  self->user_data = user_data;
  self->nodes = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) bound_node_free);
  self->ports = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) graph_port_free);
  pw_core_add_listener (core, &self->core_listener, &core_events, self);
  self->registry = pw_core_get_registry (core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);
  tutti_device_graph_touch (self);

  return self;
}

void
tutti_device_graph_free (TuttiDeviceGraph *self)
{
  struct pw_proxy *metadata = self->metadata;

  drop_metadata (self);
  g_clear_pointer (&metadata, pw_proxy_destroy);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->ports);
  spa_hook_remove (&self->registry_listener);
  pw_proxy_destroy ((struct pw_proxy *) self->registry);
  spa_hook_remove (&self->core_listener);
  forget_defaults (self);
  g_free (self);
}

void
tutti_device_graph_touch (TuttiDeviceGraph *self)
{
  /* A batch ends when the server had nothing more to say for a whole round trip. */
  self->again = self->asked;
  if (self->asked)
    return;

  self->asked = TRUE;
  self->sync_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

GPtrArray *
tutti_device_graph_list_nodes (TuttiDeviceGraph *self)
{
  return g_hash_table_get_values_as_ptr_array (self->nodes);
}

const TuttiGraphNode *
tutti_device_graph_find_serial (TuttiDeviceGraph *self, guint64 serial)
{
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->nodes);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    TuttiGraphNode *node = value;

    if (node->serial == serial)
      return node;
  }

  return NULL;
}

static int
compare_ports (gconstpointer a, gconstpointer b)
{
  const TuttiGraphPort *one = *(TuttiGraphPort *const *) a, *other = *(TuttiGraphPort *const *) b;

  return one->index < other->index ? -1 : one->index > other->index;
}

GPtrArray *
tutti_device_graph_list_ports (TuttiDeviceGraph *self, guint32 node_id, gboolean output)
{
  GPtrArray *list = g_ptr_array_new ();
  const TuttiGraphNode *node = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (node_id));
  gboolean monitors =
      node != NULL && node->is[TUTTI_DEVICE_INPUT] && !node->is[TUTTI_DEVICE_OUTPUT];
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->ports);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    TuttiGraphPort *port = value;

    if (port->node_id == node_id && port->output == output && (monitors || !port->monitor))
      g_ptr_array_add (list, port);
  }
  g_ptr_array_sort (list, compare_ports);

  return list;
}

const char *
tutti_device_graph_get_default (TuttiDeviceGraph *self, TuttiDeviceKind kind)
{
  return self->defaults[kind];
}

const char *
tutti_device_graph_get_configured (TuttiDeviceGraph *self, TuttiDeviceKind kind)
{
  return self->configured[kind];
}
