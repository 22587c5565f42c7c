/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

/* How a channel lets go of its WebSocket. Main thread. */

void tutti_socket_end (SoupWebsocketConnection *socket, gushort code);
void tutti_socket_hang_up (SoupWebsocketConnection *socket);

G_END_DECLS
