/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "fuzz.h"
#include "tutti-protoo.h"

/* A frame of the WebSocket, and what we would answer to it. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (TuttiProtooMessage) message = tutti_protoo_parse ((const char *) data, size, &error);
  g_autofree char *answer = NULL;

  g_assert ((message != NULL) == (error == NULL));
  if (!message)
    return 0;

  g_assert (message->data != NULL);
  if (message->kind == TUTTI_PROTOO_REQUEST)
    answer = tutti_protoo_build_reject (message->id, 404, message->method);
  else if (message->kind == TUTTI_PROTOO_RESPONSE && !message->ok)
    g_assert (g_utf8_validate (message->error_reason, -1, NULL));
  else if (message->kind == TUTTI_PROTOO_NOTIFICATION)
    answer = tutti_protoo_build_notification (message->method, message->data);

  return 0;
}
