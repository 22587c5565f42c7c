/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "meter-graph.h"

#include <errno.h>
#include <gio/gio.h>
#include <pipewire/filter.h>
#include <pipewire/pipewire.h>
#include <signal.h>

struct _MeterGraph {
  MeterGraph *shared; /* whose loop this is, or NULL: our own */
  struct pw_main_loop *loop;
  struct pw_context *context;
  struct pw_core *core;
  struct spa_hook core_listener;
  struct pw_registry *registry;
  struct spa_hook registry_listener;
  struct spa_source *timer;

  GHashTable *nodes; /* id → name */
  GHashTable *ports; /* id → Port */
  GPtrArray *wishes; /* of Wish */
  int sync_seq;
  gboolean over; /* of the graph that has the loop: a daemon went away, or a signal came */
  gboolean waiting;
};

struct _MeterNode {
  struct pw_filter *filter;
  struct spa_hook listener;
  guint n_in, n_out;
  void *in[METER_MAX_PORTS], *out[METER_MAX_PORTS];
  MeterProcess process;
  gpointer user_data;
};

typedef struct {
  guint32 id, node_id, index;
  gboolean output;
} Port;

typedef struct {
  char *from, *to;
  gboolean made;
  GPtrArray *links; /* of struct pw_proxy */
} Wish;

static void
wish_free (Wish *wish)
{
  g_ptr_array_unref (wish->links);
  g_free (wish->from);
  g_free (wish->to);
  g_free (wish);
}

static int
compare_ports (gconstpointer a, gconstpointer b)
{
  const Port *one = *(Port *const *) a, *other = *(Port *const *) b;

  return one->index < other->index ? -1 : one->index > other->index;
}

static GPtrArray *
list_ports (MeterGraph *self, const char *node, gboolean output)
{
  GPtrArray *list = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->ports);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    Port *port = value;
    const char *name = g_hash_table_lookup (self->nodes, GUINT_TO_POINTER (port->node_id));

    if (port->output == output && g_strcmp0 (name, node) == 0)
      g_ptr_array_add (list, port);
  }
  g_ptr_array_sort (list, compare_ports);

  return list;
}

static void
make_link (MeterGraph *self, Wish *wish, const Port *from, const Port *to)
{
  struct pw_properties *props = pw_properties_new (PW_KEY_OBJECT_LINGER, "false", NULL);
  struct pw_proxy *proxy;

  pw_properties_setf (props, PW_KEY_LINK_OUTPUT_PORT, "%u", from->id);
  pw_properties_setf (props, PW_KEY_LINK_INPUT_PORT, "%u", to->id);
  proxy = pw_core_create_object (self->core, "link-factory", PW_TYPE_INTERFACE_Link,
                                 PW_VERSION_LINK, &props->dict, 0);
  pw_properties_free (props);
  if (proxy != NULL)
    g_ptr_array_add (wish->links, proxy);
}

/* One-port nodes take only the first channel, or give theirs to the first. */
static void
try_wish (MeterGraph *self, Wish *wish)
{
  g_autoptr (GPtrArray) from = list_ports (self, wish->from, TRUE);
  g_autoptr (GPtrArray) to = list_ports (self, wish->to, FALSE);

  if (wish->made || from->len == 0 || to->len == 0)
    return;

  for (guint i = 0; i < MIN (MIN (from->len, to->len), METER_MAX_PORTS); i++)
    make_link (self, wish, g_ptr_array_index (from, i), g_ptr_array_index (to, i));
  wish->made = TRUE;
}

static gboolean
all_made (MeterGraph *self)
{
  for (guint i = 0; i < self->wishes->len; i++) {
    if (!((Wish *) g_ptr_array_index (self->wishes, i))->made)
      return FALSE;
  }

  return TRUE;
}

static void
on_global (void *data,
           uint32_t id,
           uint32_t permissions,
           const char *type,
           uint32_t version,
           const struct spa_dict *props)
{
  MeterGraph *self = data;

  if (props != NULL && g_str_equal (type, PW_TYPE_INTERFACE_Node)) {
    const char *name = spa_dict_lookup (props, PW_KEY_NODE_NAME);

    if (name != NULL)
      g_hash_table_insert (self->nodes, GUINT_TO_POINTER (id), g_strdup (name));
  } else if (props != NULL && g_str_equal (type, PW_TYPE_INTERFACE_Port)) {
    const char *node = spa_dict_lookup (props, PW_KEY_NODE_ID);
    const char *index = spa_dict_lookup (props, PW_KEY_PORT_ID);
    const char *direction = spa_dict_lookup (props, PW_KEY_PORT_DIRECTION);
    Port *port;

    if (node == NULL || index == NULL || direction == NULL)
      return;
    port = g_new0 (Port, 1);
    port->id = id;
    port->node_id = atoi (node);
    port->index = atoi (index);
    port->output = g_str_equal (direction, "out");
    g_hash_table_insert (self->ports, GUINT_TO_POINTER (id), port);
  } else {
    return;
  }
  /* Linked when the server has said everything: never a node with half of its ports. */
  self->sync_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

static void
on_global_remove (void *data, uint32_t id)
{
  MeterGraph *self = data;

  g_hash_table_remove (self->nodes, GUINT_TO_POINTER (id));
  g_hash_table_remove (self->ports, GUINT_TO_POINTER (id));
}

static const struct pw_registry_events registry_events = {
  PW_VERSION_REGISTRY_EVENTS,
  .global = on_global,
  .global_remove = on_global_remove,
};

static void
on_core_done (void *data, uint32_t id, int seq)
{
  MeterGraph *self = data;

  if (id != PW_ID_CORE || seq != self->sync_seq)
    return;

  for (guint i = 0; i < self->wishes->len; i++)
    try_wish (self, g_ptr_array_index (self->wishes, i));
  if (self->waiting && all_made (self))
    pw_main_loop_quit (self->loop);
}

static void
on_core_error (void *data, uint32_t id, int seq, int res, const char *message)
{
  MeterGraph *self = data;

  if (id == PW_ID_CORE && res == -EPIPE) {
    (self->shared != NULL ? self->shared : self)->over = TRUE;
    pw_main_loop_quit (self->loop);
  }
}

static const struct pw_core_events core_events = {
  PW_VERSION_CORE_EVENTS,
  .done = on_core_done,
  .error = on_core_error,
};

static void
on_timer (void *data, uint64_t expirations)
{
  MeterGraph *self = data;

  pw_main_loop_quit (self->loop);
}

static void
on_signal (void *data, int number)
{
  MeterGraph *self = data;

  self->over = TRUE;
  pw_main_loop_quit (self->loop);
}

MeterGraph *
meter_graph_new (const char *remote, MeterGraph *shared, GError **error)
{
  MeterGraph *self = g_new0 (MeterGraph, 1);
  struct pw_loop *loop;

  self->shared = shared;
  self->loop = shared != NULL ? shared->loop : pw_main_loop_new (NULL);
  loop = pw_main_loop_get_loop (self->loop);
  self->context = pw_context_new (loop, NULL, 0);
  self->core = pw_context_connect (
      self->context, remote != NULL ? pw_properties_new (PW_KEY_REMOTE_NAME, remote, NULL) : NULL,
      0);
  self->nodes = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->ports = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->wishes = g_ptr_array_new_with_free_func ((GDestroyNotify) wish_free);
  if (self->core == NULL) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "PipeWire does not answer: %s",
                 g_strerror (errno));
    meter_graph_free (self);
    return NULL;
  }

  pw_core_add_listener (self->core, &self->core_listener, &core_events, self);
  self->registry = pw_core_get_registry (self->core, PW_VERSION_REGISTRY, 0);
  pw_registry_add_listener (self->registry, &self->registry_listener, &registry_events, self);
  if (shared != NULL)
    return self;

  self->timer = pw_loop_add_timer (loop, on_timer, self);
  pw_loop_add_signal (loop, SIGINT, on_signal, self);
  pw_loop_add_signal (loop, SIGTERM, on_signal, self);

  return self;
}

void
meter_graph_free (MeterGraph *self)
{
  /* The links before the core: what the server has ended is still ours to free. */
  g_ptr_array_unref (self->wishes);
  g_clear_pointer ((struct pw_proxy **) &self->registry, pw_proxy_destroy);
  if (self->core != NULL)
    pw_core_disconnect (self->core);
  g_hash_table_unref (self->nodes);
  g_hash_table_unref (self->ports);
  pw_context_destroy (self->context);
  if (self->shared == NULL)
    pw_main_loop_destroy (self->loop);
  g_free (self);
}

static void
on_process (void *data, struct spa_io_position *position)
{
  MeterNode *node = data;
  const float *in[METER_MAX_PORTS] = { NULL };
  float *out[METER_MAX_PORTS] = { NULL };

  for (guint i = 0; i < node->n_in; i++)
    in[i] = pw_filter_get_dsp_buffer (node->in[i], position->clock.duration);
  for (guint i = 0; i < node->n_out; i++)
    out[i] = pw_filter_get_dsp_buffer (node->out[i], position->clock.duration);
  node->process (node->user_data, position, in, out);
}

static const struct pw_filter_events filter_events = {
  PW_VERSION_FILTER_EVENTS,
  .process = on_process,
};

static void *
add_port (MeterNode *node, enum spa_direction direction, guint index)
{
  static const char *const names[METER_MAX_PORTS] = { "FL", "FR" };
  struct pw_properties *props =
      pw_properties_new (PW_KEY_FORMAT_DSP, "32 bit float mono audio", NULL);

  pw_properties_setf (props, PW_KEY_PORT_NAME, "%s_%s",
                      direction == PW_DIRECTION_INPUT ? "input" : "output", names[index]);

  return pw_filter_add_port (node->filter, direction, PW_FILTER_PORT_FLAG_MAP_BUFFERS, 8, props,
                             NULL, 0);
}

MeterNode *
meter_graph_add (MeterGraph *self,
                 const char *name,
                 const char *group,
                 guint quantum,
                 guint n_in,
                 guint n_out,
                 MeterProcess process,
                 gpointer user_data)
{
  MeterNode *node = g_new0 (MeterNode, 1);
  struct pw_properties *props = pw_properties_new (PW_KEY_NODE_NAME, name, PW_KEY_MEDIA_TYPE,
                                                   "Audio", PW_KEY_NODE_AUTOCONNECT, "false", NULL);

  pw_properties_setf (props, PW_KEY_NODE_LATENCY, "%u/48000", quantum);
  if (group != NULL)
    pw_properties_set (props, PW_KEY_NODE_GROUP, group);

  node->filter = pw_filter_new (self->core, name, props);
  node->process = process;
  node->user_data = user_data;
  pw_filter_add_listener (node->filter, &node->listener, &filter_events, node);
  for (node->n_in = 0; node->n_in < n_in; node->n_in++)
    node->in[node->n_in] = add_port (node, PW_DIRECTION_INPUT, node->n_in);
  for (node->n_out = 0; node->n_out < n_out; node->n_out++)
    node->out[node->n_out] = add_port (node, PW_DIRECTION_OUTPUT, node->n_out);
  pw_filter_connect (node->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0);

  return node;
}

void
meter_graph_remove (MeterGraph *self, MeterNode *node)
{
  pw_filter_destroy (node->filter);
  g_free (node);
}

void
meter_graph_link (MeterGraph *self, const char *from, const char *to)
{
  Wish *wish = g_new0 (Wish, 1);

  wish->from = g_strdup (from);
  wish->to = g_strdup (to);
  wish->links = g_ptr_array_new_with_free_func ((GDestroyNotify) pw_proxy_destroy);
  g_ptr_array_add (self->wishes, wish);
  self->sync_seq = pw_core_sync (self->core, PW_ID_CORE, 0);
}

gboolean
meter_graph_run (MeterGraph *self, double seconds)
{
  struct timespec value = { (time_t) seconds, (long) ((seconds - (time_t) seconds) * 1e9) };
  MeterGraph *owner = self->shared != NULL ? self->shared : self;

  if (owner->over)
    return FALSE;

  pw_loop_update_timer (pw_main_loop_get_loop (self->loop), owner->timer, &value, NULL, false);
  pw_main_loop_run (self->loop);

  return !owner->over;
}

gboolean
meter_graph_wait (MeterGraph *self, guint seconds, GError **error)
{
  gboolean well;

  self->waiting = TRUE;
  well = all_made (self) || meter_graph_run (self, seconds);
  self->waiting = FALSE;
  if (!well) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "Stopped while waiting for the devices");
    return FALSE;
  }

  for (guint i = 0; i < self->wishes->len; i++) {
    Wish *wish = g_ptr_array_index (self->wishes, i);

    if (wish->made)
      continue;
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                 "Cannot link %s (%u output ports) to %s (%u input ports)", wish->from,
                 meter_graph_count_ports (self, wish->from, TRUE), wish->to,
                 meter_graph_count_ports (self, wish->to, FALSE));
    return FALSE;
  }

  return TRUE;
}

guint
meter_graph_count_ports (MeterGraph *self, const char *node, gboolean output)
{
  g_autoptr (GPtrArray) ports = list_ports (self, node, output);

  return ports->len;
}
