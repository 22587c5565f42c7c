/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-device-links.h"
#include "tutti-device-private.h"
#include "tutti-thread.h"

#define N_KINDS   TUTTI_N_DEVICE_KINDS
#define MAX_PAIRS 8

struct _TuttiDeviceRegistry {
  GObject parent_instance;

  /* Owned, NULL without a core. */
  TuttiDeviceGraph *graph;
  TuttiDeviceLinks *links[N_KINDS];

  GListStore *devices[N_KINDS]; /* of TuttiDevice */
  TuttiDevice *linked[N_KINDS]; /* (nullable): which one serves */

  guint32 node_id;
  gboolean wanted[N_KINDS];
  char *wanted_name[N_KINDS]; /* NULL: the default one */
  char *home[N_KINDS];        /* the one that served as the default and was unplugged */
  char *configured[N_KINDS];  /* what the person told the desktop, as of the last look */
  gboolean ready;
  gboolean asked; /* link() was called since the last look */
};

enum { SIGNAL_READY, SIGNAL_DEVICE_LOST, SIGNAL_DEVICE_ADDED, SIGNAL_LINKED_CHANGED, N_SIGNALS };

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (TuttiDeviceRegistry, tutti_device_registry, G_TYPE_OBJECT)

static TuttiDevice *
device_at (TuttiDeviceRegistry *self, TuttiDeviceKind kind, guint position)
{
  g_autoptr (TuttiDevice) device =
      g_list_model_get_item (G_LIST_MODEL (self->devices[kind]), position);

  return device; /* the list still holds it */
}

static TuttiDevice *
find_serial (TuttiDeviceRegistry *self, TuttiDeviceKind kind, guint64 serial)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->devices[kind]));

  for (guint i = 0; i < n; i++) {
    if (tutti_device_get_serial (device_at (self, kind, i)) == serial)
      return device_at (self, kind, i);
  }

  return NULL;
}

/* Without a session manager there is no default: then it is what that would choose, the device of
 * the highest priority. */
static TuttiDevice *
find_default (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  const char *name = tutti_device_graph_get_default (self->graph, kind);
  g_autoptr (GPtrArray) nodes = tutti_device_graph_list_nodes (self->graph);
  const TuttiGraphNode *best = NULL;
  TuttiDevice *named = NULL;

  if (name != NULL)
    named = tutti_device_registry_find (self, kind, name);
  if (named != NULL)
    return named;

  for (guint i = 0; i < nodes->len; i++) {
    const TuttiGraphNode *node = g_ptr_array_index (nodes, i);

    if (node->is[kind] && (best == NULL || node->priority > best->priority ||
                           (node->priority == best->priority && node->serial < best->serial)))
      best = node;
  }

  return best != NULL ? find_serial (self, kind, best->serial) : NULL;
}

static void
remove_gone (TuttiDeviceRegistry *self, TuttiDeviceKind kind, GPtrArray *lost)
{
  GListStore *store = self->devices[kind];

  for (guint i = g_list_model_get_n_items (G_LIST_MODEL (store)); i > 0; i--) {
    TuttiDevice *device = device_at (self, kind, i - 1);

    if (tutti_device_graph_find_serial (self->graph, tutti_device_get_serial (device)) != NULL)
      continue;
    if (device == self->linked[kind]) {
      g_ptr_array_add (lost, g_object_ref (device));
      if (self->wanted_name[kind] == NULL && self->home[kind] == NULL)
        g_set_str (&self->home[kind], tutti_device_get_name (device));
      g_clear_object (&self->linked[kind]);
    }
    g_list_store_remove (store, i - 1);
  }
}

/* Its ports say it: the node's properties often do not, and are one number for both directions. */
static guint
count_channels (TuttiDeviceRegistry *self, TuttiDeviceKind kind, const TuttiGraphNode *node)
{
  g_autoptr (GPtrArray) ports =
      tutti_device_graph_list_ports (self->graph, node->id, kind == TUTTI_DEVICE_INPUT);

  return ports->len;
}

static void
take_node (TuttiDeviceRegistry *self,
           TuttiDeviceKind kind,
           const TuttiGraphNode *node,
           GPtrArray *added)
{
  TuttiDevice *known = find_serial (self, kind, node->serial);
  guint channels = count_channels (self, kind, node);

  /* A new node has no ports until the session manager has set it up: before that it is of no use.
   * A camera is used by its name. */
  if (known == NULL && channels == 0 && kind != TUTTI_DEVICE_CAMERA)
    return;

  if (known == NULL) {
    g_autoptr (TuttiDevice) device = tutti_device_new (kind, node, channels);

    tutti_device_set_newcomer (device, self->ready);
    g_list_store_insert_sorted (self->devices[kind], device, tutti_device_compare, NULL);
    g_ptr_array_add (added, g_steal_pointer (&device));
  } else if (tutti_device_update (known, node, channels)) {
    g_list_store_sort (self->devices[kind], tutti_device_compare, NULL);
  }
}

static void
mark_default (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  TuttiDevice *chosen = find_default (self, kind);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->devices[kind]));

  for (guint i = 0; i < n; i++) {
    TuttiDevice *device = device_at (self, kind, i);

    tutti_device_set_default (device, device == chosen);
  }
}

/* The person has chosen another default in the desktop's settings: that is to be followed, wherever
 * it leads. */
static void
follow_configured (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  const char *name = tutti_device_graph_get_configured (self->graph, kind);
  TuttiDevice *device = name != NULL ? tutti_device_registry_find (self, kind, name) : NULL;

  if (!g_set_str (&self->configured[kind], name))
    return;

  g_clear_pointer (&self->home[kind], g_free);
  if (device != NULL)
    tutti_device_set_newcomer (device, FALSE);
}

/* The desktop makes many a device its default when it is plugged in. Nobody wants to lose the one
 * that they are playing on to it: it is kept, and so is the way back to it after it was away. */
static TuttiDevice *
choose_default (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  TuttiDevice *device = NULL, *serving = self->linked[kind];

  if (self->home[kind] != NULL)
    device = tutti_device_registry_find (self, kind, self->home[kind]);
  if (device != NULL)
    return device;

  device = find_default (self, kind);
  return device != NULL && serving != NULL && tutti_device_is_newcomer (device) ? serving : device;
}

static TuttiDevice *
choose (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  TuttiDevice *device = NULL;

  if (self->node_id == 0 || !self->wanted[kind])
    return NULL;
  if (self->wanted_name[kind] != NULL) {
    if (*self->wanted_name[kind] == '\0')
      return NULL;
    device = tutti_device_registry_find (self, kind, self->wanted_name[kind]);
  }

  return device != NULL ? device : choose_default (self, kind);
}

static const TuttiGraphPort *
find_channel (GPtrArray *ports, const char *channel)
{
  for (guint i = 0; channel != NULL && i < ports->len; i++) {
    const TuttiGraphPort *port = g_ptr_array_index (ports, i);

    if (g_strcmp0 (port->channel, channel) == 0)
      return port;
  }

  return NULL;
}

/* Capture: in order. */
static guint
pair_inputs (TuttiDeviceRegistry *self, guint32 device_id, TuttiPortPair *pairs)
{
  g_autoptr (GPtrArray) from = tutti_device_graph_list_ports (self->graph, device_id, TRUE);
  g_autoptr (GPtrArray) to = tutti_device_graph_list_ports (self->graph, self->node_id, FALSE);
  guint n = MIN (MIN (from->len, to->len), MAX_PAIRS);

  for (guint i = 0; i < n; i++) {
    pairs[i].output = ((TuttiGraphPort *) g_ptr_array_index (from, i))->id;
    pairs[i].input = ((TuttiGraphPort *) g_ptr_array_index (to, i))->id;
  }

  return n;
}

/* Playback: left to left and right to right where the device says which is which (a surround card
 * may not begin with them), in order where it does not; everything to the one port of a mono one.
 */
static guint
pair_outputs (TuttiDeviceRegistry *self, guint32 device_id, TuttiPortPair *pairs)
{
  g_autoptr (GPtrArray) from = tutti_device_graph_list_ports (self->graph, self->node_id, TRUE);
  g_autoptr (GPtrArray) to = tutti_device_graph_list_ports (self->graph, device_id, FALSE);
  guint n = MIN (from->len, MAX_PAIRS);

  if (to->len == 0)
    return 0;

  for (guint i = 0; i < n; i++) {
    const TuttiGraphPort *ours = g_ptr_array_index (from, i);
    const TuttiGraphPort *theirs = find_channel (to, ours->channel);

    if (theirs == NULL)
      theirs = g_ptr_array_index (to, MIN (i, to->len - 1));
    pairs[i].output = ours->id;
    pairs[i].input = theirs->id;
  }

  return n;
}

/* Returns whether another device serves than before. */
static gboolean
link_up (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  TuttiPortPair pairs[MAX_PAIRS];
  TuttiDevice *device = choose (self, kind);
  const TuttiGraphNode *node = NULL;
  guint n = 0;

  if (device != NULL)
    node = tutti_device_graph_find_serial (self->graph, tutti_device_get_serial (device));
  if (node != NULL)
    n = kind == TUTTI_DEVICE_INPUT ? pair_inputs (self, node->id, pairs)
                                   : pair_outputs (self, node->id, pairs);
  tutti_device_links_set (self->links[kind], pairs, n);

  if (n == 0)
    device = NULL;
  if (device != NULL) {
    tutti_device_set_newcomer (device, FALSE);
    if (g_strcmp0 (self->home[kind], tutti_device_get_name (device)) == 0)
      g_clear_pointer (&self->home[kind], g_free);
  }

  return g_set_object (&self->linked[kind], device);
}

static void
on_settled (gpointer user_data)
{
  g_autoptr (TuttiDeviceRegistry) self = g_object_ref (user_data);
  g_autoptr (GPtrArray) nodes = tutti_device_graph_list_nodes (self->graph);
  g_autoptr (GPtrArray) added = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) lost = g_ptr_array_new_with_free_func (g_object_unref);
  gboolean first = !self->ready, changed[N_KINDS];

  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++) {
    remove_gone (self, kind, lost);
    for (guint i = 0; i < nodes->len; i++) {
      const TuttiGraphNode *node = g_ptr_array_index (nodes, i);

      if (node->is[kind])
        take_node (self, kind, node, added);
    }
    mark_default (self, kind);
    follow_configured (self, kind);
    changed[kind] = link_up (self, kind);
  }
  self->ready = TRUE;
  self->asked = FALSE;

  /* Told last, when the lists and links are what they say. */
  for (guint i = 0; i < lost->len; i++)
    g_signal_emit (self, signals[SIGNAL_DEVICE_LOST], 0, g_ptr_array_index (lost, i));
  if (first)
    g_signal_emit (self, signals[SIGNAL_READY], 0);
  for (guint i = 0; i < added->len && !first; i++)
    g_signal_emit (self, signals[SIGNAL_DEVICE_ADDED], 0, g_ptr_array_index (added, i));
  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++) {
    if (changed[kind])
      g_signal_emit (self, signals[SIGNAL_LINKED_CHANGED], 0, kind);
  }
}

static void
on_retry (gpointer user_data)
{
  TuttiDeviceRegistry *self = user_data;

  tutti_device_graph_touch (self->graph);
}

static void
drop_core (TuttiDeviceRegistry *self)
{
  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++) {
    g_clear_pointer (&self->links[kind], tutti_device_links_free);
    g_clear_object (&self->linked[kind]);
    if (self->devices[kind] != NULL)
      g_list_store_remove_all (self->devices[kind]);
  }
  g_clear_pointer (&self->graph, tutti_device_graph_free);
  self->ready = self->asked = FALSE;
  /* Another daemon gives the old id to another node. */
  self->node_id = 0;
}

static void
tutti_device_registry_dispose (GObject *object)
{
  TuttiDeviceRegistry *self = TUTTI_DEVICE_REGISTRY (object);

  drop_core (self);
  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++) {
    g_clear_object (&self->devices[kind]);
    g_clear_pointer (&self->wanted_name[kind], g_free);
    g_clear_pointer (&self->home[kind], g_free);
    g_clear_pointer (&self->configured[kind], g_free);
  }

  G_OBJECT_CLASS (tutti_device_registry_parent_class)->dispose (object);
}

static void
tutti_device_registry_class_init (TuttiDeviceRegistryClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = tutti_device_registry_dispose;

  signals[SIGNAL_READY] =
      g_signal_new ("ready", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[SIGNAL_DEVICE_LOST] = g_signal_new ("device-lost", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                              NULL, G_TYPE_NONE, 1, TUTTI_TYPE_DEVICE);
  signals[SIGNAL_DEVICE_ADDED] = g_signal_new ("device-added", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                               NULL, NULL, G_TYPE_NONE, 1, TUTTI_TYPE_DEVICE);
  signals[SIGNAL_LINKED_CHANGED] = g_signal_new ("linked-changed", type, G_SIGNAL_RUN_LAST, 0, NULL,
                                                 NULL, NULL, G_TYPE_NONE, 1, G_TYPE_INT);
}

static void
tutti_device_registry_init (TuttiDeviceRegistry *self)
{
  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++)
    self->devices[kind] = g_list_store_new (TUTTI_TYPE_DEVICE);
}

TuttiDeviceRegistry *
tutti_device_registry_new (void)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  return g_object_new (TUTTI_TYPE_DEVICE_REGISTRY, NULL);
}

/**
 * tutti_device_registry_set_core:
 * @core: (nullable): borrowed
 * @loop: (nullable): the loop @core runs in
 *
 * What was wanted by tutti_device_registry_link() is remembered, but for the node's id: the node
 * gets another one on another core, and is linked when its owner says which.
 */
void
tutti_device_registry_set_core (TuttiDeviceRegistry *self,
                                struct pw_core *core,
                                struct pw_loop *loop)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_DEVICE_REGISTRY (self));

  drop_core (self);
  if (core == NULL)
    return;

  for (TuttiDeviceKind kind = 0; kind < N_KINDS; kind++)
    self->links[kind] = tutti_device_links_new (core, on_retry, self);
  self->graph = tutti_device_graph_new (core, on_settled, self);
}

gboolean
tutti_device_registry_is_ready (TuttiDeviceRegistry *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), FALSE);

  return self->ready;
}

/**
 * tutti_device_registry_get_inputs:
 *
 * Returns: (transfer none): the microphones and line inputs, sorted by description
 */
GListModel *
tutti_device_registry_get_inputs (TuttiDeviceRegistry *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return G_LIST_MODEL (self->devices[TUTTI_DEVICE_INPUT]);
}

/**
 * tutti_device_registry_get_outputs:
 *
 * Returns: (transfer none): the headphones and speakers, sorted by description
 */
GListModel *
tutti_device_registry_get_outputs (TuttiDeviceRegistry *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return G_LIST_MODEL (self->devices[TUTTI_DEVICE_OUTPUT]);
}

GListModel *
tutti_device_registry_get_cameras (TuttiDeviceRegistry *self)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return G_LIST_MODEL (self->devices[TUTTI_DEVICE_CAMERA]);
}

/**
 * tutti_device_registry_get_default:
 *
 * Returns: (transfer none) (nullable): what the desktop uses when nobody says otherwise
 */
TuttiDevice *
tutti_device_registry_get_default (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return self->graph != NULL ? find_default (self, kind) : NULL;
}

/**
 * tutti_device_registry_find:
 *
 * Returns: (transfer none) (nullable): the device of that node.name
 */
TuttiDevice *
tutti_device_registry_find (TuttiDeviceRegistry *self, TuttiDeviceKind kind, const char *name)
{
  guint n;

  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);
  g_return_val_if_fail (name != NULL, NULL);

  n = g_list_model_get_n_items (G_LIST_MODEL (self->devices[kind]));
  for (guint i = 0; i < n; i++) {
    if (g_str_equal (tutti_device_get_name (device_at (self, kind, i)), name))
      return device_at (self, kind, i);
  }

  return NULL;
}

void
tutti_device_registry_link (TuttiDeviceRegistry *self,
                            guint node_id,
                            TuttiDeviceKind kind,
                            const char *device_name)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_DEVICE_REGISTRY (self));

  self->node_id = node_id;
  if (node_id == 0) {
    for (TuttiDeviceKind each = 0; each < N_KINDS; each++) {
      self->wanted[each] = FALSE;
      g_clear_pointer (&self->home[each], g_free);
    }
  } else {
    self->wanted[kind] = TRUE;
    if (g_set_str (&self->wanted_name[kind], device_name))
      g_clear_pointer (&self->home[kind], g_free);
  }

  if (self->graph == NULL)
    return;

  for (TuttiDeviceKind each = 0; each < N_KINDS; each++)
    tutti_device_links_reset (self->links[each]);
  self->asked = TRUE;
  tutti_device_graph_touch (self->graph);
}

/**
 * tutti_device_registry_get_linked:
 *
 * Returns: (transfer none) (nullable): the device that serves now
 */
TuttiDevice *
tutti_device_registry_get_linked (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return self->linked[kind];
}

/**
 * tutti_device_registry_is_flowing:
 *
 * Returns: whether what tutti_device_registry_link() asked for is done: sound passes between our
 *   node and the device that serves, or none is to serve
 */
gboolean
tutti_device_registry_is_flowing (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), FALSE);

  return !self->asked && self->links[kind] != NULL &&
         (self->linked[kind] == NULL || tutti_device_links_are_active (self->links[kind]));
}

/**
 * tutti_device_registry_is_fallback:
 *
 * Returns: whether a device serves in place of another, which is away
 */
gboolean
tutti_device_registry_is_fallback (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), FALSE);

  if (self->linked[kind] == NULL)
    return FALSE;

  return self->home[kind] != NULL ||
         (self->wanted_name[kind] != NULL &&
          !g_str_equal (self->wanted_name[kind], tutti_device_get_name (self->linked[kind])));
}

/**
 * tutti_device_registry_get_problem:
 *
 * Returns: (nullable): why the device that serves gives or takes nothing (busy, most often), in
 *   PipeWire's words; it is tried again once a second
 */
const char *
tutti_device_registry_get_problem (TuttiDeviceRegistry *self, TuttiDeviceKind kind)
{
  g_return_val_if_fail (TUTTI_IS_DEVICE_REGISTRY (self), NULL);

  return self->links[kind] != NULL ? tutti_device_links_get_problem (self->links[kind]) : NULL;
}
