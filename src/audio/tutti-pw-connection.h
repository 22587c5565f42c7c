/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

struct pw_core;
struct pw_loop;

G_BEGIN_DECLS

#define TUTTI_TYPE_PW_CONNECTION (tutti_pw_connection_get_type ())
G_DECLARE_FINAL_TYPE (TuttiPwConnection, tutti_pw_connection, TUTTI, PW_CONNECTION, GObject)

/**
 * TuttiPwConnection: one connection to the PipeWire daemon, its control loop run by the main
 * context. Property `connected` (notify on change); `error` (GError, why not connected, nullable).
 * When the daemon goes away it tries again with a back-off of 0.25 s … 4 s; get_core() is NULL
 * meanwhile, and everything made on the old core is void (signal `lost` is emitted before the old
 * core is destroyed, notify::connected after a new one is up). Main thread.
 */
TuttiPwConnection *tutti_pw_connection_new (void);
gboolean tutti_pw_connection_connect (TuttiPwConnection *self, GError **error);
gboolean tutti_pw_connection_is_connected (TuttiPwConnection *self);
struct pw_core *tutti_pw_connection_get_core (TuttiPwConnection *self);
struct pw_loop *tutti_pw_connection_get_loop (TuttiPwConnection *self);
const GError *tutti_pw_connection_get_error (TuttiPwConnection *self);

G_END_DECLS
