/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

#define TUTTI_TYPE_FRAME_GUARD (tutti_frame_guard_get_type ())
G_DECLARE_FINAL_TYPE (TuttiFrameGuard,
                      tutti_frame_guard,
                      TUTTI,
                      FRAME_GUARD,
                      SoupWebsocketExtension)

/* Bounds the size of a message that comes in many frames: libsoup 3.6 bounds each frame only, so
 * that a message that never ends would fill the memory. It sits where extensions sit because that
 * is where frames pass by; it is never negotiated and changes nothing. */
SoupWebsocketExtension *tutti_frame_guard_new (gsize max_message_size);

G_END_DECLS
