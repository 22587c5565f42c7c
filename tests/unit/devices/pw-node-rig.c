/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "pw-node-rig.h"

TuttiPwConnection *
pw_connect (void)
{
  TuttiPwConnection *connection = tutti_pw_connection_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (tutti_pw_connection_connect (connection, &error));
  g_assert_no_error (error);

  return connection;
}

gboolean
pw_node_has_id (TuttiPwNode *node)
{
  return pw_get_uint (node, "node-id") != 0;
}

gboolean
pw_node_rig_is_linked (PwNodeRig *rig)
{
  return tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_INPUT) != NULL &&
         tutti_device_registry_get_linked (rig->registry, TUTTI_DEVICE_OUTPUT) != NULL;
}

static void
on_node_id (PwNodeRig *rig)
{
  guint id = pw_get_uint (rig->node, "node-id");

  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_INPUT, "vmic");
  tutti_device_registry_link (rig->registry, id, TUTTI_DEVICE_OUTPUT, "vspk");
}

static void
on_lost (PwNodeRig *rig)
{
  rig->n_lost++;
  rig->core_at_lost = tutti_pw_connection_get_core (rig->connection) != NULL;
  tutti_device_registry_set_core (rig->registry, NULL, NULL);
}

static void
on_connected (PwNodeRig *rig)
{
  if (tutti_pw_connection_is_connected (rig->connection))
    tutti_device_registry_set_core (rig->registry, tutti_pw_connection_get_core (rig->connection),
                                    tutti_pw_connection_get_loop (rig->connection));
}

void
pw_node_rig_start (PwNodeRig *rig, PwServer *server, TuttiAudioEngine *engine, guint quantum)
{
  g_autoptr (GError) error = NULL;

  *rig = (PwNodeRig) { .server = server };
  pw_server_add_pair (server, "FL FR");
  rig->registry = tutti_device_registry_new ();
  rig->connection = tutti_pw_connection_new ();
  g_signal_connect_swapped (rig->connection, "lost", G_CALLBACK (on_lost), rig);
  g_signal_connect_swapped (rig->connection, "notify::connected", G_CALLBACK (on_connected), rig);
  g_assert_true (tutti_pw_connection_connect (rig->connection, &error));
  g_assert_no_error (error);
  rig->node = tutti_pw_node_new (rig->connection, engine, "tutti-test", 2, 2, quantum);
  g_signal_connect_swapped (rig->node, "notify::node-id", G_CALLBACK (on_node_id), rig);
}

void
pw_node_rig_stop (PwNodeRig *rig)
{
  tutti_pw_node_close (rig->node);
  g_assert_finalize_object (rig->node);
  tutti_device_registry_set_core (rig->registry, NULL, NULL);
  g_signal_handlers_disconnect_by_data (rig->connection, rig);
  g_assert_finalize_object (rig->connection);
  g_assert_finalize_object (rig->registry);
  pw_server_remove_pair (rig->server);
}
