/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-sound-private.h"

#include <unistd.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

/* The half of TuttiSound that starts and stops the driver of the engine and keeps the devices
 * linked: PipeWire connection → node → links, or the timer when no device is wanted. */

/* As many as a strip may choose from, whatever the device has: a node that gets more of them later
 * would have to be made anew, which is heard. */
#define INPUT_PORTS 8
#define TICK_MS     500

/* -- what is wrong -- */

static GError *
find_device_error (TuttiSound *self, TuttiDeviceKind kind)
{
  TuttiSoundSide *side = &self->sides[kind];
  gboolean input = kind == TUTTI_DEVICE_INPUT;

  if (!side->device || g_strcmp0 (side->wanted, "") == 0)
    return NULL;

  if (side->active && tutti_device_registry_get_problem (self->registry, kind))
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_DEVICE_BUSY,
                        input ? _ ("“%s” gives no sound: another program may be holding it.")
                              : _ ("“%s” takes no sound: another program may be holding it."),
                        tutti_device_get_description (side->active));
  if (side->gone && side->active)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_DEVICE_GONE,
                        _ ("“%s” was unplugged. “%s” is used until it is back."), side->gone,
                        tutti_device_get_description (side->active));
  if (side->gone && !side->active)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_DEVICE_GONE,
                        input ? _ ("“%s” was unplugged, so nobody can hear you.")
                              : _ ("“%s” was unplugged, so you cannot hear anybody."),
                        side->gone);

  if (!tutti_device_registry_is_ready (self->registry) || side->active)
    return NULL;
  if (g_list_model_get_n_items (input ? tutti_sound_get_inputs (self)
                                      : tutti_sound_get_outputs (self)) > 0)
    return NULL; /* its ports are about to show */

  return g_error_new_literal (
      TUTTI_ERROR, TUTTI_ERROR_NO_DEVICE,
      input ? _ ("There is no microphone or other input, so nobody can hear you.")
            : _ ("There are no headphones or other output, so you cannot hear anybody."));
}

static GError *
find_error (TuttiSound *self)
{
  g_autoptr (GError) node_error = NULL;
  GError *error;

  if (!self->connection)
    return NULL;

  if (!tutti_pw_connection_is_connected (self->connection)) {
    const GError *why = tutti_pw_connection_get_error (self->connection);

    return why ? g_error_copy (why)
               : g_error_new_literal (TUTTI_ERROR, TUTTI_ERROR_NO_PIPEWIRE,
                                      _ ("The sound service PipeWire does not answer."));
  }

  if (self->node)
    g_object_get (self->node, "error", &node_error, NULL);
  if (node_error)
    return g_steal_pointer (&node_error);

  error = find_device_error (self, TUTTI_DEVICE_INPUT);

  return error ? error : find_device_error (self, TUTTI_DEVICE_OUTPUT);
}

static void
set_active (TuttiSound *self, TuttiDeviceKind kind, TuttiDevice *device)
{
  TuttiSoundSide *side = &self->sides[kind];

  /* It is back, or the person has taken another one for good. */
  if (device && !tutti_device_registry_is_fallback (self->registry, kind)) {
    g_clear_pointer (&side->gone, g_free);
  }

  if (!g_set_object (&side->active, device))
    return;

  if (kind == TUTTI_DEVICE_INPUT)
    tutti_sound_configure_strips (self);
  tutti_sound_notify (self, kind == TUTTI_DEVICE_INPUT ? TUTTI_SOUND_PROP_ACTIVE_INPUT
                                                       : TUTTI_SOUND_PROP_ACTIVE_OUTPUT);
}

/**
 * tutti_sound_update:
 *
 * Looks at node, connection and devices and says what is true now. Called on each of their signals
 * and twice a second (links come about between signals).
 */
void
tutti_sound_update (TuttiSound *self)
{
  tutti_sound_watch_graph (self);
  for (guint kind = 0; kind < G_N_ELEMENTS (self->sides); kind++)
    set_active (self, kind,
                self->node && self->sides[kind].device
                    ? tutti_device_registry_get_linked (self->registry, kind)
                    : NULL);
  tutti_sound_take_error (self, find_error (self));
}

static gboolean
tick_cb (gpointer user_data)
{
  tutti_sound_update (user_data);
  tutti_sound_read_engine (user_data);

  return G_SOURCE_CONTINUE;
}

/* -- devices -- */

/* Cameras are in the same registry. */
static gboolean
is_sound (TuttiDevice *device)
{
  return tutti_device_get_kind (device) != TUTTI_DEVICE_CAMERA;
}

static void
device_lost_cb (TuttiDeviceRegistry *registry, TuttiDevice *device, TuttiSound *self)
{
  TuttiSoundSide *side;

  if (!is_sound (device))
    return;

  side = &self->sides[tutti_device_get_kind (device)];
  if (!side->device)
    return;

  g_set_str (&side->gone, tutti_device_get_description (device));
  tutti_sound_update (self);
}

/* Only what would really be a choice is offered: not what serves by now (the wanted one is back, or
 * there was none), and nothing to who plays from a file. */
static void
device_added_cb (TuttiDeviceRegistry *registry, TuttiDevice *device, TuttiSound *self)
{
  TuttiDeviceKind kind = tutti_device_get_kind (device);
  TuttiDevice *linked;

  if (!is_sound (device))
    return;

  linked = tutti_device_registry_get_linked (registry, kind);
  tutti_sound_update (self);
  if (self->sides[kind].device && linked && linked != device)
    tutti_sound_offer (self, device);
}

void
tutti_sound_follow_devices (TuttiSound *self)
{
  g_signal_connect_object (self->registry, "device-lost", G_CALLBACK (device_lost_cb), self,
                           G_CONNECT_DEFAULT);
  g_signal_connect_object (self->registry, "linked-changed", G_CALLBACK (tutti_sound_update), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->registry, "device-added", G_CALLBACK (device_added_cb), self,
                           G_CONNECT_DEFAULT);
  g_signal_connect_object (self->registry, "ready", G_CALLBACK (tutti_sound_update), self,
                           G_CONNECT_SWAPPED);
}

void
tutti_sound_link (TuttiSound *self, TuttiDeviceKind kind)
{
  TuttiSoundSide *side = &self->sides[kind];
  guint node_id = 0;

  if (!self->node)
    return;

  g_object_get (self->node, "node-id", &node_id, NULL);
  tutti_device_registry_link (self->registry, node_id, kind, side->device ? side->wanted : "");
}

/**
 * tutti_sound_set_wanted:
 * @name: (nullable): node.name, %NULL for the default device, "" for none
 */
void
tutti_sound_set_wanted (TuttiSound *self, TuttiDeviceKind kind, const char *name)
{
  TuttiSoundSide *side = &self->sides[kind];

  if (!g_set_str (&side->wanted, name))
    return;

  g_clear_pointer (&side->gone, g_free);
  tutti_sound_notify (self, kind == TUTTI_DEVICE_INPUT ? TUTTI_SOUND_PROP_INPUT_DEVICE
                                                       : TUTTI_SOUND_PROP_OUTPUT_DEVICE);
  tutti_sound_switch (self, kind);
  if (self->running)
    tutti_sound_update (self);
}

/* -- PipeWire -- */

static void
node_id_cb (TuttiSound *self)
{
  tutti_sound_link (self, TUTTI_DEVICE_INPUT);
  tutti_sound_link (self, TUTTI_DEVICE_OUTPUT);
  tutti_sound_update (self);
}

static void
connection_lost_cb (TuttiSound *self)
{
  tutti_sound_end_switch (self, TUTTI_DEVICE_INPUT);
  tutti_sound_end_switch (self, TUTTI_DEVICE_OUTPUT);
  tutti_device_registry_set_core (self->registry, NULL, NULL);
}

static void
connected_cb (TuttiSound *self)
{
  if (tutti_pw_connection_is_connected (self->connection))
    tutti_device_registry_set_core (self->registry, tutti_pw_connection_get_core (self->connection),
                                    tutti_pw_connection_get_loop (self->connection));
  tutti_sound_update (self);
}

static void
make_node (TuttiSound *self)
{
  g_autofree char *name = g_strdup_printf (TUTTI_APP_NAME "-%d", (int) getpid ());

  self->node =
      tutti_pw_node_new (self->connection, self->engine, name,
                         self->sides[TUTTI_DEVICE_INPUT].device ? INPUT_PORTS : 0,
                         self->sides[TUTTI_DEVICE_OUTPUT].device ? 2 : 0, self->quantum.asked);
  tutti_sound_make_stems (self);
  g_signal_connect_object (self->node, "notify::node-id", G_CALLBACK (node_id_cb), self,
                           G_CONNECT_SWAPPED);
  for (guint i = 0; i < 4; i++) {
    static const char *const names[] = { "notify::quantum", "notify::rate", "notify::realtime",
                                         "notify::error" };

    g_signal_connect_object (self->node, names[i], G_CALLBACK (tutti_sound_update), self,
                             G_CONNECT_SWAPPED);
  }
}

static gboolean
start_pipewire (TuttiSound *self, GError **error)
{
  gboolean connected;

  self->connection = tutti_pw_connection_new ();
  g_signal_connect_object (self->connection, "lost", G_CALLBACK (connection_lost_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::connected", G_CALLBACK (connected_cb), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (self->connection, "notify::error", G_CALLBACK (tutti_sound_update), self,
                           G_CONNECT_SWAPPED);

  connected = tutti_pw_connection_connect (self->connection, error);
  make_node (self);

  return connected;
}

gboolean
tutti_sound_start (TuttiSound *self, GError **error)
{
  gboolean ok = TRUE;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->running)
    return TRUE;

  self->running = TRUE;
  tutti_sound_reset_graph (self);
  if (self->sides[TUTTI_DEVICE_INPUT].device || self->sides[TUTTI_DEVICE_OUTPUT].device)
    ok = start_pipewire (self, error);
  else
    self->timer = tutti_timer_driver_new (self->engine, self->quantum.wanted);
  self->tick_id = g_timeout_add (TICK_MS, tick_cb, self);

  node_id_cb (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_RUNNING);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_LOCAL_LATENCY_MS);

  return ok;
}

void
tutti_sound_stop (TuttiSound *self)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (!self->running)
    return;

  g_clear_handle_id (&self->tick_id, g_source_remove);
  g_clear_pointer (&self->timer, tutti_timer_driver_free);
  for (TuttiDeviceKind kind = 0; kind < G_N_ELEMENTS (self->sides); kind++) {
    tutti_sound_end_switch (self, kind);
    g_clear_pointer (&self->sides[kind].gone, g_free);
  }

  tutti_device_registry_link (self->registry, 0, TUTTI_DEVICE_INPUT, "");
  tutti_device_registry_link (self->registry, 0, TUTTI_DEVICE_OUTPUT, "");
  tutti_device_registry_set_core (self->registry, NULL, NULL);
  if (self->node) {
    g_signal_handlers_disconnect_by_data (self->node, self);
    tutti_sound_drop_stems (self);
    tutti_pw_node_close (self->node);
    g_clear_object (&self->node);
  }
  if (self->connection) {
    g_signal_handlers_disconnect_by_data (self->connection, self);
    g_clear_object (&self->connection);
  }

  self->running = FALSE;
  tutti_sound_update (self);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_RUNNING);
  tutti_sound_notify (self, TUTTI_SOUND_PROP_LOCAL_LATENCY_MS);
}
