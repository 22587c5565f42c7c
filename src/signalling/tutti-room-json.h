/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Reading foreign JSON: json-glib's own getters complain loudly about a wrong type, these do not.
 */

#define TUTTI_JSON_MAX_SAFE_INTEGER (G_GINT64_CONSTANT (1) << 53)

typedef enum { TUTTI_JSON_REQUIRED, TUTTI_JSON_OPTIONAL } TuttiJsonPresence;

gboolean tutti_json_read_id (JsonObject *object,
                             const char *key,
                             TuttiJsonPresence presence,
                             char **id,
                             GError **error);
gboolean tutti_json_read_int (JsonObject *object,
                              const char *key,
                              gint64 min,
                              gint64 max,
                              gint64 *value,
                              GError **error);
gboolean tutti_json_read_double (JsonObject *object,
                                 const char *key,
                                 double min,
                                 double max,
                                 double *value,
                                 GError **error);
gboolean tutti_json_fail (GError **error, const char *key);
const char *tutti_json_peek_string (JsonObject *object, const char *key);
JsonObject *tutti_json_peek_object (JsonObject *object, const char *key);
JsonArray *tutti_json_peek_array (JsonObject *object, const char *key);
gboolean tutti_json_peek_true (JsonObject *object, const char *key);
guint
tutti_json_peek_uint (JsonObject *object, const char *key, guint min, guint max, guint fallback);
char *tutti_json_dup_text (JsonObject *object, const char *key, guint max_chars);
char *tutti_text_clean (const char *text, guint max_chars);
char *tutti_text_clean_lines (const char *text, guint max_chars);

G_END_DECLS
