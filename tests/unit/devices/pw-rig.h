/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "pw-peer.h"
#include "pw-server.h"
#include "tutti-sound-private.h"

#include <spa/utils/hook.h>

G_BEGIN_DECLS

/**
 * PwRig: a TuttiSound between a microphone `vmic` and a speaker `vspk`, and a peer, which is linked
 * to nothing yet
 */
typedef struct {
  PwServer *server;
  TuttiSound *sound;
  TuttiPwConnection *connection; /* the peer's */
  PwPeer *peer;
} PwRig;

/* @position: the microphone's channels. The quantum is not adapted. */
void pw_rig_start (PwRig *rig, PwServer *server, const char *position, guint quantum);
void pw_rig_stop (PwRig *rig);

/**
 * PwWire: what a program does that adds nothing: its input `in` is its output `out`
 * @burn_us: atomic: each cycle takes at least so long
 */
typedef struct {
  struct pw_filter *filter;
  struct spa_hook listener;
  void *in;
  void *out;
  guint burn_us;
} PwWire;

/* @force_quantum: what it insists on, 0: nothing */
PwWire *pw_wire_new (TuttiPwConnection *connection, const char *name, guint force_quantum);
void pw_wire_free (PwWire *self);

G_END_DECLS
