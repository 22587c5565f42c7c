/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"

#include "tutti-protoo.h"

/* Through the same door as everything that comes over the wire: its bounds hold for all others. */
JsonObject *
fuzz_parse (const guint8 *data, gsize size)
{
  g_autoptr (GString) frame = g_string_new ("{\"notification\":true,\"method\":\"x\",\"data\":");
  g_autoptr (TuttiProtooMessage) message = NULL;

  g_string_append_len (frame, (const char *) data, (gssize) size);
  g_string_append_c (frame, '}');
  message = tutti_protoo_parse (frame->str, frame->len, NULL);

  return message ? json_object_ref (message->data) : NULL;
}
