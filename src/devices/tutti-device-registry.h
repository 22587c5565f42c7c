/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

struct pw_core;
struct pw_loop;

G_BEGIN_DECLS

typedef enum {
  TUTTI_DEVICE_INPUT,
  TUTTI_DEVICE_OUTPUT,
  TUTTI_DEVICE_CAMERA, /* listed only: nothing of ours is linked to it */
  TUTTI_N_DEVICE_KINDS,
} TuttiDeviceKind;

#define TUTTI_TYPE_DEVICE (tutti_device_get_type ())
G_DECLARE_FINAL_TYPE (TuttiDevice, tutti_device, TUTTI, DEVICE, GObject)

/* Read-only properties: `name` (node.name, stable over replugging), `description` (for people),
 * `kind`, `channels` (uint), `rate` (uint, Hz, 0 unknown), `bluetooth` (bool), `is-default` (bool),
 * `serial` (uint64). */
const char *tutti_device_get_name (TuttiDevice *self);
const char *tutti_device_get_description (TuttiDevice *self);
TuttiDeviceKind tutti_device_get_kind (TuttiDevice *self);
guint tutti_device_get_channels (TuttiDevice *self);
gboolean tutti_device_get_is_default (TuttiDevice *self);

#define TUTTI_TYPE_DEVICE_REGISTRY (tutti_device_registry_get_type ())
G_DECLARE_FINAL_TYPE (TuttiDeviceRegistry, tutti_device_registry, TUTTI, DEVICE_REGISTRY, GObject)

/**
 * TuttiDeviceRegistry: the devices PipeWire knows, as three live GListModels of TuttiDevice,
 * and the links between them and our node. Main thread; no thread of its own.
 *
 * @core is borrowed; set_core(NULL) before it dies, set_core(new) when it is back: the lists empty
 * and fill, the wanted links are made again once link() has said the node's new id (it has another
 * one on another core; the old one is forgotten with the old core).
 * Signals: `ready` (first listing complete), `device-lost` (TuttiDevice *: one of the linked ones
 * went away; emitted when the fallback is linked already), `device-added` (TuttiDevice *; not for
 * the first listing), `linked-changed` (int TuttiDeviceKind: get_linked() says something else now).
 */
TuttiDeviceRegistry *tutti_device_registry_new (void);
void tutti_device_registry_set_core (TuttiDeviceRegistry *self,
                                     struct pw_core *core,
                                     struct pw_loop *loop);
gboolean tutti_device_registry_is_ready (TuttiDeviceRegistry *self);
GListModel *tutti_device_registry_get_inputs (TuttiDeviceRegistry *self);
GListModel *tutti_device_registry_get_outputs (TuttiDeviceRegistry *self);
GListModel *tutti_device_registry_get_cameras (TuttiDeviceRegistry *self);
TuttiDevice *tutti_device_registry_get_default (TuttiDeviceRegistry *self, TuttiDeviceKind kind);
TuttiDevice *
tutti_device_registry_find (TuttiDeviceRegistry *self, TuttiDeviceKind kind, const char *name);
/**
 * tutti_device_registry_link:
 * @node_id: our node (TuttiPwNode:node-id); 0 forgets every link
 * @device_name: node.name of the wanted device, or %NULL for whatever is the default; "" for none
 *
 * Keeps the device's ports linked to ours: capture ports in order to input_1, input_2, … (a mono
 * device feeds only input_1); our output_FL/FR to the device's playback ports (a mono device gets
 * both). Links are made as soon as the ports show, and again when the device comes back. While a
 * wanted device is away the default one serves (get_linked() says which), unless none is wanted.
 *
 * The default is followed when a person changes it, but not to a device that was just plugged in:
 * the desktop would take the one away that is being played on. A default one that was unplugged
 * serves again when it is back.
 */
void tutti_device_registry_link (TuttiDeviceRegistry *self,
                                 guint node_id,
                                 TuttiDeviceKind kind,
                                 const char *device_name);
TuttiDevice *tutti_device_registry_get_linked (TuttiDeviceRegistry *self, TuttiDeviceKind kind);
gboolean tutti_device_registry_is_flowing (TuttiDeviceRegistry *self, TuttiDeviceKind kind);
gboolean tutti_device_registry_is_fallback (TuttiDeviceRegistry *self, TuttiDeviceKind kind);
const char *tutti_device_registry_get_problem (TuttiDeviceRegistry *self, TuttiDeviceKind kind);

G_END_DECLS
