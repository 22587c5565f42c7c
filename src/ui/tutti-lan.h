/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

char *tutti_lan_get_address (GError **error);
gboolean tutti_lan_is_loopback (const char *host);

G_END_DECLS
