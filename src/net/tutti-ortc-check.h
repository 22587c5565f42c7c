/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*< private >
 * Reading foreign JSON, member by member. Every function names the member in its error
 * (TUTTI_ERROR_PROTOCOL) and returns FALSE when it is missing, of another type or out of range.
 * Strings come out borrowed. What passes here may be written into an SDP line as it is.
 */

#define TUTTI_ORTC_MAX_CANDIDATES 32

typedef enum {
  TUTTI_CHARSET_TOKEN,     /* RFC 4566 token */
  TUTTI_CHARSET_ICE,       /* RFC 8839 ice-char */
  TUTTI_CHARSET_HEX_COLON, /* hex digits and colons */
  TUTTI_CHARSET_URI,       /* visible ASCII, no blank */
  TUTTI_CHARSET_FMTP,      /* visible ASCII, no blank, no semicolon */
  TUTTI_CHARSET_TEXT,      /* UTF-8 without control characters */
} TuttiCharset;

gboolean tutti_charset_matches (TuttiCharset charset, const char *text);
gboolean tutti_check_fail (const char *what, GError **error);
gboolean tutti_check_string (JsonObject *object,
                             const char *name,
                             TuttiCharset charset,
                             gsize min,
                             gsize max,
                             const char **value,
                             GError **error);
gboolean tutti_check_uint (JsonObject *object,
                           const char *name,
                           guint64 min,
                           guint64 max,
                           guint64 *value,
                           GError **error);
gboolean
tutti_check_object (JsonObject *object, const char *name, JsonObject **value, GError **error);
gboolean tutti_check_array (JsonObject *object,
                            const char *name,
                            guint min,
                            guint max,
                            JsonArray **value,
                            GError **error);
gboolean tutti_check_item (JsonArray *array,
                           guint index,
                           const char *name,
                           JsonObject **value,
                           GError **error);
/* Whether the member is there and not null. */
gboolean tutti_check_has (JsonObject *object, const char *name);

/* The host of a candidate: an IP literal, else a host name. */
gboolean tutti_check_is_ip_literal (const char *text);
gboolean tutti_check_is_host_name (const char *text);
const char *tutti_ortc_candidate_address (JsonObject *candidate);
/* The SHA-256 fingerprint of checked transport parameters, upper case, with colons. */
char *tutti_ortc_sha256_fingerprint (JsonObject *transport);

#define TUTTI_ORTC_URI_TRANSPORT_CC                                                                \
  "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"

/* TRUE when all codecs are ones we decode; TUTTI_ERROR_CODEC else. Parameters must be checked. */
gboolean tutti_ortc_check_listed (JsonObject *rtp_parameters, GError **error);
/* "audio" or "video" of checked parameters. */
const char *tutti_ortc_get_kind (JsonObject *rtp_parameters);
gboolean tutti_ortc_receives_extension (const char *kind, const char *uri);
JsonObject *tutti_ortc_copy_object (JsonObject *object);

G_END_DECLS
