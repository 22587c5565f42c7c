/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* Which way packets go is asked of the kernel itself: it knows every address and every route, also
 * where nothing tells of them (no NetworkManager, a sandbox). Nothing is sent. */

/**
 * tutti_route_source:
 * @remote: where to
 *
 * Any thread.
 *
 * Returns: (transfer full) (nullable): the address that this computer would send from now; %NULL:
 *   there is no way
 */
char *tutti_route_source (GSocketAddress *remote);

/**
 * tutti_route_is_ours:
 * @local: an address that a connection of ours was made from
 *
 * Any thread.
 *
 * Returns: whether this computer still has it; a connection from one that is gone is dead
 */
gboolean tutti_route_is_ours (GSocketAddress *local);

G_END_DECLS
