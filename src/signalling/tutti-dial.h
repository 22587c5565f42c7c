/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

#include "tutti-link.h"

G_BEGIN_DECLS

/* How a channel gets its WebSocket: name, TCP, TLS with our own idea of a good certificate, and the
 * handshake, within 10 s. Main thread. */

void tutti_dial_async (const TuttiLink *link,
                       const char *peer_id,
                       const char *seat,
                       GCancellable *cancellable,
                       GAsyncReadyCallback callback,
                       gpointer user_data);
SoupWebsocketConnection *tutti_dial_finish (GAsyncResult *result, GError **error);

G_END_DECLS
