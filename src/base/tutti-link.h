/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define TUTTI_LINK_DEFAULT_PORT 4443

#define TUTTI_TYPE_LINK (tutti_link_get_type ())

/**
 * TuttiLink:
 * @host: host name or IP literal, without brackets
 * @port: TCP port of the room service
 * @room: room name, 1 to 64 of `a-z 0-9 - _ .`
 * @invite: (nullable): invite token
 * @fingerprint: (nullable): SHA-256 of the server's TLS certificate (DER), 64 lower-case hex
 *   digits; %NULL means that an authority must vouch for the certificate
 *
 * A room link, `tutti://HOST[:PORT]/ROOM[?invite=TOKEN][&fp=SHA256]` or the same as `https://`.
 * Immutable.
 */
typedef struct {
  char *host;
  guint port;
  char *room;
  char *invite;
  char *fingerprint;
} TuttiLink;

GType tutti_link_get_type (void) G_GNUC_CONST;
TuttiLink *tutti_link_parse (const char *text, GError **error);
TuttiLink *tutti_link_new (const char *host,
                           guint port,
                           const char *room,
                           const char *invite,
                           const char *fingerprint);
TuttiLink *tutti_link_copy (const TuttiLink *self);
void tutti_link_free (TuttiLink *self);
char *tutti_link_to_string (const TuttiLink *self);
char *tutti_link_to_web_string (const TuttiLink *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (TuttiLink, tutti_link_free)

G_END_DECLS
