/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include "tutti-transport.h"

G_BEGIN_DECLS

/* The real mediasoup worker, driven by tests/oracle/sfu.mjs, as a test sees it. */
typedef struct _Sfu Sfu;

/* NULL when there is no Node or no worker here: the test is skipped. */
Sfu *sfu_new (void);
void sfu_free (Sfu *self);
JsonObject *sfu_get_capabilities (Sfu *self);
/* Asks and waits, main loop running. @data (transfer full) may be NULL. Fails the test on an error.
 */
JsonObject *sfu_call (Sfu *self, const char *method, JsonObject *data);
void sfu_do (Sfu *self, const char *method, const char *name, const char *value);
/* A transport on both sides; @parameters, if not NULL, gets the server's. */
TuttiTransport *sfu_make_transport (Sfu *self, TuttiDirection direction);
/* connectWebRtcTransport as TuttiTransportConnectFunc; user_data is the Sfu. */
void sfu_connect (TuttiTransport *transport, JsonObject *dtls_parameters, gpointer user_data);

/* Iterates the main context until *@flag or for @ms; TRUE when it was set. */
gboolean wait_until (gboolean (*condition) (gpointer data), gpointer data, guint ms);
void wait_ms (guint ms);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Sfu, sfu_free)

G_END_DECLS
