/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-pw-node-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-pw-port.h"
#include "tutti-thread.h"

#include <pipewire/pipewire.h>

#define REBUILD_MS 1000

typedef enum {
  PROP_NODE_ID = 1,
  PROP_QUANTUM,
  PROP_RATE,
  PROP_REALTIME,
  PROP_STATE,
  PROP_ERROR,
} TuttiPwNodeProperty;

static GParamSpec *properties[PROP_ERROR + 1];

G_DEFINE_FINAL_TYPE (TuttiPwNode, tutti_pw_node, G_TYPE_OBJECT)

static void make_filter (TuttiPwNode *self);

static void
set_node_id (TuttiPwNode *self, guint node_id)
{
  if (self->node_id == node_id)
    return;

  self->node_id = node_id;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_NODE_ID]);
}

static void
take_error (TuttiPwNode *self, GError *error)
{
  if (self->error == NULL && error == NULL)
    return;

  g_clear_error (&self->error);
  self->error = error;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ERROR]);
}

static void
set_state (TuttiPwNode *self, enum pw_filter_state state)
{
  if (self->state == state)
    return;

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

/* After return the process callback is over: pw_filter_destroy() takes the node out of the data
 * loop by a blocking call into it. */
static void
drop_filter (TuttiPwNode *self)
{
  g_clear_handle_id (&self->rebuild_id, g_source_remove);
  g_clear_handle_id (&self->look_id, g_source_remove);
  if (self->filter == NULL)
    return;

  for (guint i = 0; i < self->stems->len; i++)
    tutti_pw_stem_disconnect (g_ptr_array_index (self->stems, i));
  spa_hook_remove (&self->filter_listener);
  g_clear_pointer (&self->filter, pw_filter_destroy);
  pw_loop_destroy_source (self->loop, self->changed);
  self->changed = NULL;
  g_clear_pointer (&self->settings, tutti_pw_settings_free);
  tutti_pw_node_forget_graph (self);

  set_node_id (self, 0);
  set_state (self, PW_FILTER_STATE_UNCONNECTED);
}

static void
on_rebuild (gpointer user_data)
{
  TuttiPwNode *self = user_data;

  self->rebuild_id = 0;
  drop_filter (self);
  make_filter (self);
}

static void
on_state_changed (void *data,
                  enum pw_filter_state old,
                  enum pw_filter_state state,
                  const char *error)
{
  TuttiPwNode *self = data;

  g_object_freeze_notify (G_OBJECT (self));
  set_state (self, state);

  switch (state) {
  case PW_FILTER_STATE_PAUSED:
  case PW_FILTER_STATE_STREAMING:
    take_error (self, NULL);
    set_node_id (self, pw_filter_get_node_id (self->filter));
    break;
  case PW_FILTER_STATE_ERROR:
  case PW_FILTER_STATE_UNCONNECTED:
    set_node_id (self, 0);
    take_error (self, g_error_new (TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                                   _ ("PipeWire has ended Tutti's sound: %s."),
                                   error != NULL ? error : _ ("it gave no reason")));
    /* When the whole daemon went, `lost` comes first and takes this timer away. */
    if (self->rebuild_id == 0)
      self->rebuild_id = g_timeout_add_once (REBUILD_MS, on_rebuild, self);
    break;
  case PW_FILTER_STATE_CONNECTING:
    break;
  default:
    break;
  }
  g_object_thaw_notify (G_OBJECT (self));
}

static const struct pw_filter_events filter_events = {
  PW_VERSION_FILTER_EVENTS,
  .state_changed = on_state_changed,
  .process = tutti_pw_node_process,
};

static struct pw_properties *
node_properties (TuttiPwNode *self)
{
  struct pw_properties *props = pw_properties_new (
      PW_KEY_NODE_NAME, self->name, PW_KEY_NODE_DESCRIPTION, TUTTI_APP_NAME, PW_KEY_MEDIA_NAME,
      TUTTI_APP_NAME, PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Duplex",
      PW_KEY_MEDIA_ROLE, "Music", PW_KEY_NODE_AUTOCONNECT, "false",
      /* Runs (and so sends and receives) with one device only, or with none. */
      PW_KEY_NODE_ALWAYS_PROCESS, "true",
      /* Its stems run on the same driver. */
      PW_KEY_NODE_GROUP, self->name, PW_KEY_NODE_RATE, "1/48000", NULL);

  pw_properties_setf (props, PW_KEY_NODE_LATENCY, "%u/48000", self->wanted_quantum);
  if (self->force)
    pw_properties_setf (props, PW_KEY_NODE_FORCE_QUANTUM, "%u", self->wanted_quantum);

  return props;
}

static gboolean
add_ports (TuttiPwNode *self)
{
  static const char *const output_channels[TUTTI_PW_MAX_OUTPUTS] = { "FL", "FR" };

  for (guint i = 0; i < self->n_inputs; i++) {
    g_autofree char *name = g_strdup_printf ("input_%u", i + 1);

    self->inputs[i] = tutti_pw_port_add (self->filter, PW_DIRECTION_INPUT, name, NULL);
    if (self->inputs[i] == NULL)
      return FALSE;
  }

  for (guint i = 0; i < self->n_outputs; i++) {
    g_autofree char *name = g_strdup_printf ("output_%s", output_channels[i]);

    self->outputs[i] =
        tutti_pw_port_add (self->filter, PW_DIRECTION_OUTPUT, name, output_channels[i]);
    if (self->outputs[i] == NULL)
      return FALSE;
  }

  return TRUE;
}

static void
make_filter (TuttiPwNode *self)
{
  struct pw_core *core = tutti_pw_connection_get_core (self->connection);
  int res = 0;

  if (core == NULL || self->filter != NULL || self->closed)
    return;

  self->filter = pw_filter_new (core, self->name, node_properties (self));
  if (self->filter == NULL) {
    res = -errno;
  } else {
    self->changed = pw_loop_add_event (self->loop, tutti_pw_node_graph_changed, self);
    pw_filter_add_listener (self->filter, &self->filter_listener, &filter_events, self);
    if (!add_ports (self))
      res = -errno;
    else
      res = pw_filter_connect (self->filter, PW_FILTER_FLAG_RT_PROCESS, NULL, 0);
  }
  if (res >= 0) {
    self->settings = tutti_pw_settings_new (core, tutti_pw_node_settings_changed, self);
    return;
  }

  drop_filter (self);
  take_error (self, g_error_new (TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                                 _ ("Tutti's sound could not be added to PipeWire: %s."),
                                 g_strerror (-res)));
  self->rebuild_id = g_timeout_add_once (REBUILD_MS, on_rebuild, self);
}

static void
on_connected_changed (TuttiPwNode *self)
{
  if (tutti_pw_connection_is_connected (self->connection))
    make_filter (self);
}

static void
tutti_pw_node_dispose (GObject *object)
{
  TuttiPwNode *self = TUTTI_PW_NODE (object);

  if (self->connection != NULL)
    tutti_pw_node_close (self);
  g_clear_object (&self->connection);

  G_OBJECT_CLASS (tutti_pw_node_parent_class)->dispose (object);
}

static void
tutti_pw_node_finalize (GObject *object)
{
  TuttiPwNode *self = TUTTI_PW_NODE (object);

  g_free (self->name);
  g_clear_error (&self->error);
  g_ptr_array_unref (self->edges);
  g_ptr_array_unref (self->stems);

  G_OBJECT_CLASS (tutti_pw_node_parent_class)->finalize (object);
}

static void
tutti_pw_node_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  TuttiPwNode *self = TUTTI_PW_NODE (object);

  switch ((TuttiPwNodeProperty) id) {
  case PROP_NODE_ID:
    g_value_set_uint (value, self->node_id);
    break;
  case PROP_QUANTUM:
    g_value_set_uint (value, self->quantum);
    break;
  case PROP_RATE:
    g_value_set_uint (value, self->rate);
    break;
  case PROP_REALTIME:
    g_value_set_boolean (value, self->realtime);
    break;
  case PROP_STATE:
    g_value_set_static_string (value, pw_filter_state_as_string (self->state));
    break;
  case PROP_ERROR:
    g_value_set_boxed (value, self->error);
    break;
  default:
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
  }
}

static void
tutti_pw_node_class_init (TuttiPwNodeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  const GParamFlags flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->dispose = tutti_pw_node_dispose;
  object_class->finalize = tutti_pw_node_finalize;
  object_class->get_property = tutti_pw_node_get_property;

  properties[PROP_NODE_ID] = g_param_spec_uint ("node-id", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_QUANTUM] = g_param_spec_uint ("quantum", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_RATE] = g_param_spec_uint ("rate", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_REALTIME] = g_param_spec_boolean ("realtime", NULL, NULL, FALSE, flags);
  properties[PROP_STATE] = g_param_spec_string ("state", NULL, NULL, NULL, flags);
  properties[PROP_ERROR] = g_param_spec_boxed ("error", NULL, NULL, G_TYPE_ERROR, flags);
  g_object_class_install_properties (object_class, G_N_ELEMENTS (properties), properties);
}

static void
tutti_pw_node_init (TuttiPwNode *self)
{
  self->state = PW_FILTER_STATE_UNCONNECTED;
  self->edges = g_ptr_array_new_with_free_func ((GDestroyNotify) tutti_pw_edge_free);
  self->stems = g_ptr_array_new ();
}

/**
 * tutti_pw_node_new:
 * @engine: borrowed; must live until tutti_pw_node_close() or the last unref
 *
 * All devices linked to the node share its graph driver: when microphone and speaker are two
 * pieces of hardware, PipeWire lets one of them drive and resamples the other.
 *
 * Returns: (transfer full): the node; it shows up in the graph as soon as @connection is connected
 */
TuttiPwNode *
tutti_pw_node_new (TuttiPwConnection *connection,
                   TuttiAudioEngine *engine,
                   const char *name,
                   guint n_inputs,
                   guint n_outputs,
                   guint quantum)
{
  TuttiPwNode *self;

  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_val_if_fail (TUTTI_IS_PW_CONNECTION (connection), NULL);
  g_return_val_if_fail (engine != NULL, NULL);
  g_return_val_if_fail (n_inputs <= TUTTI_PW_MAX_INPUTS, NULL);
  g_return_val_if_fail (n_outputs == 0 || n_outputs == TUTTI_PW_MAX_OUTPUTS, NULL);

  self = g_object_new (TUTTI_TYPE_PW_NODE, NULL);
  self->connection = g_object_ref (connection);
  self->loop = tutti_pw_connection_get_loop (connection);
  self->engine = engine;
  self->name = g_strdup (name);
  self->n_inputs = n_inputs;
  self->n_outputs = n_outputs;
  self->wanted_quantum = quantum;

  g_signal_connect_object (connection, "lost", G_CALLBACK (drop_filter), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (connection, "notify::connected", G_CALLBACK (on_connected_changed), self,
                           G_CONNECT_SWAPPED);
  make_filter (self);

  return self;
}

void
tutti_pw_node_close (TuttiPwNode *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();
  g_return_if_fail (TUTTI_IS_PW_NODE (self));

  self->closed = TRUE;
  drop_filter (self);
}
