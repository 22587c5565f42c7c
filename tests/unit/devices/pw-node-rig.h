/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "pw-server.h"
#include "tutti-device-registry.h"
#include "tutti-pw-node.h"

G_BEGIN_DECLS

/**
 * PwNodeRig: a TuttiPwNode `tutti-test` (2 inputs, 2 outputs) between a microphone `vmic` and a
 * speaker `vspk`, both stereo; linked again whenever it has come back
 * @n_lost: how often the connection was lost; @core_at_lost: whether it still had its core then
 */
typedef struct {
  PwServer *server;
  TuttiPwConnection *connection;
  TuttiDeviceRegistry *registry;
  TuttiPwNode *node;
  guint n_lost;
  gboolean core_at_lost;
} PwNodeRig;

/* @engine: the node's; it stays the caller's. */
void pw_node_rig_start (PwNodeRig *rig, PwServer *server, TuttiAudioEngine *engine, guint quantum);
void pw_node_rig_stop (PwNodeRig *rig);
/* Whether both devices are. */
gboolean pw_node_rig_is_linked (PwNodeRig *rig);
gboolean pw_node_has_id (TuttiPwNode *node);
/* A connection of its own, that stands. */
TuttiPwConnection *pw_connect (void);

G_END_DECLS
