/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* protoo 4 framing, pure: one JSON object per text frame. Any thread. */

#define TUTTI_PROTOO_MAX_SIZE   (256 * 1024)
#define TUTTI_PROTOO_MAX_DEPTH  32
#define TUTTI_PROTOO_MAX_METHOD 64
#define TUTTI_PROTOO_MAX_REASON 200

typedef enum {
  TUTTI_PROTOO_REQUEST,
  TUTTI_PROTOO_RESPONSE,
  TUTTI_PROTOO_NOTIFICATION,
} TuttiProtooKind;

/**
 * TuttiProtooMessage:
 * @kind: what it is
 * @id: of a request or response, 0 … 2⁵³
 * @method: of a request or notification: letters, digits, “-”, “_”, “.”, “:”
 * @ok: a response that grants
 * @error_code: of a response that refuses
 * @error_reason: of a response that refuses: cleaned, may be empty
 * @data: never %NULL (empty when absent)
 */
typedef struct {
  TuttiProtooKind kind;
  gint64 id;
  char *method;
  gboolean ok;
  int error_code;
  char *error_reason;
  JsonObject *data;
} TuttiProtooMessage;

TuttiProtooMessage *tutti_protoo_parse (const char *text, gsize size, GError **error);
void tutti_protoo_message_free (TuttiProtooMessage *self);
char *tutti_protoo_build_request (gint64 id, const char *method, JsonObject *data);
char *tutti_protoo_build_notification (const char *method, JsonObject *data);
char *tutti_protoo_build_accept (gint64 id, JsonObject *data);
char *tutti_protoo_build_reject (gint64 id, int code, const char *reason);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiProtooMessage, tutti_protoo_message_free)

G_END_DECLS
