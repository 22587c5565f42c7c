/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-frame-guard.h"

#define FIN           0x80
#define OPCODE        0x0f
#define FIRST_CONTROL 0x08

struct _TuttiFrameGuard {
  SoupWebsocketExtension parent_instance;

  gsize max_message_size;
  gsize size; /* of the message that is being put together */
};

G_DEFINE_FINAL_TYPE (TuttiFrameGuard, tutti_frame_guard, SOUP_TYPE_WEBSOCKET_EXTENSION)

/* @payload: transfer full, as the class wants it */
static GBytes *
tutti_frame_guard_process_incoming (SoupWebsocketExtension *extension,
                                    guint8 *header,
                                    GBytes *payload,
                                    GError **error)
{
  TuttiFrameGuard *self = TUTTI_FRAME_GUARD (extension);
  gsize size = g_bytes_get_size (payload);

  if ((header[0] & OPCODE) >= FIRST_CONTROL)
    return payload;

  /* Once too large, always too large: there is no way back into step. */
  if (size > self->max_message_size || self->size > self->max_message_size - size) {
    self->size = self->max_message_size;
    g_bytes_unref (payload);
    g_set_error_literal (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG,
                         "message too large");
    return NULL;
  }

  self->size = header[0] & FIN ? 0 : self->size + size;
  return payload;
}

static void
tutti_frame_guard_class_init (TuttiFrameGuardClass *klass)
{
  SoupWebsocketExtensionClass *extension_class = SOUP_WEBSOCKET_EXTENSION_CLASS (klass);

  extension_class->name = "x-tutti-frame-guard";
  extension_class->process_incoming_message = tutti_frame_guard_process_incoming;
}

static void
tutti_frame_guard_init (TuttiFrameGuard *self)
{
}

SoupWebsocketExtension *
tutti_frame_guard_new (gsize max_message_size)
{
  TuttiFrameGuard *self = g_object_new (TUTTI_TYPE_FRAME_GUARD, NULL);

  self->max_message_size = max_message_size;
  return SOUP_WEBSOCKET_EXTENSION (self);
}
