/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What went wrong on a channel, in words for people. Pure; all return (transfer full). */

GError *tutti_channel_error_from_close (guint code, const char *reason);
GError *tutti_channel_error_from_stream (const GError *error);
GError *tutti_channel_error_from_connect (const char *host,
                                          guint http_status,
                                          const char *http_reason,
                                          const GError *error);
/* %NULL: a code that this version does not know. */
GError *tutti_channel_error_from_refusal (const char *code);
GError *tutti_channel_error_from_response (int code, const char *reason);
GError *tutti_channel_error_certificate (const char *host, gboolean pinned);

G_END_DECLS
