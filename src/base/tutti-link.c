/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-link.h"

#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

#define MAX_LENGTH        2048
#define MAX_ROOM_LENGTH   64
#define MAX_HOST_LENGTH   253
#define FINGERPRINT_CHARS 64
#define HTTPS_PORT        443

G_DEFINE_BOXED_TYPE (TuttiLink, tutti_link, tutti_link_copy, tutti_link_free)

static gboolean
fail (GError **error, const char *message)
{
  g_set_error_literal (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK, message);
  return FALSE;
}

static gboolean
has_forbidden_chars (const char *text)
{
  for (const char *c = text; *c; c++) {
    if (g_ascii_iscntrl (*c) || *c == ' ')
      return TRUE;
  }

  return FALSE;
}

static char *
check_text (const char *text, GError **error)
{
  g_autofree char *trimmed = NULL;

  /* Bounded before anything walks over it twice. */
  if (strnlen (text, MAX_LENGTH * 2) >= MAX_LENGTH * 2 || !g_utf8_validate (text, -1, NULL)) {
    fail (error, _ ("This is not a room link: it is too long or not text."));
    return NULL;
  }

  trimmed = g_strstrip (g_strdup (text));

  if (*trimmed == '\0')
    fail (error, _ ("The room link is empty."));
  else if (strlen (trimmed) > MAX_LENGTH)
    fail (error, _ ("The room link is too long."));
  else if (has_forbidden_chars (trimmed))
    fail (error, _ ("The room link contains spaces or line breaks."));
  else if (strstr (trimmed, "%00"))
    fail (error, _ ("The room link contains characters that are not allowed."));
  else
    return g_steal_pointer (&trimmed);

  return NULL;
}

/* @others: what may be in it besides letters and digits. (GLib takes anything for the zone of an
 * IPv6 address, a slash and a blank, too.) */
static gboolean
has_bad_chars (const char *host, const char *others)
{
  for (const char *c = host; *c; c++) {
    if (!g_ascii_isalnum (*c) && !strchr (others, *c))
      return TRUE;
  }

  return FALSE;
}

static gboolean
read_host (TuttiLink *self, GUri *uri, GError **error)
{
  const char *host = g_uri_get_host (uri);

  if (g_uri_get_userinfo (uri))
    return fail (error, _ ("The room link contains a user name, which is not allowed."));
  if (!host || !*host)
    return fail (error, _ ("The room link names no host."));

  if (strlen (host) > MAX_HOST_LENGTH)
    return fail (error, _ ("The host name in the room link is too long."));
  if (has_bad_chars (host, g_hostname_is_ip_address (host) ? ":%-._" : "-._"))
    return fail (error, _ ("The host name in the room link is not valid."));

  self->host = g_ascii_strdown (host, -1);
  return TRUE;
}

static gboolean
read_port (TuttiLink *self, GUri *uri, GError **error)
{
  int port = g_uri_get_port (uri);

  if (port == 0 || port > 65535)
    return fail (error, _ ("The port in the room link is not a number from 1 to 65535."));

  if (port > 0)
    self->port = port;
  else if (g_str_equal (g_uri_get_scheme (uri), "https"))
    self->port = HTTPS_PORT;
  else
    self->port = TUTTI_LINK_DEFAULT_PORT;

  return TRUE;
}

static gboolean
read_room (TuttiLink *self, GUri *uri, GError **error)
{
  const char *path = g_uri_get_path (uri);
  g_autofree char *room = NULL;
  size_t length;

  if (*path == '/')
    path++;

  room = g_uri_unescape_string (path, NULL);
  length = room ? strlen (room) : 0;

  /* A trailing slash comes from browsers and chat programs. */
  if (length > 1 && room[length - 1] == '/')
    room[--length] = '\0';

  if (!room)
    return fail (error, _ ("The room name in the link is not valid."));
  /* Whoever tidies paths takes a lone dot or two away. */
  if (length == 0 || g_str_equal (room, ".") || g_str_equal (room, ".."))
    return fail (error, _ ("The room link names no room."));
  if (length > MAX_ROOM_LENGTH)
    return fail (error, _ ("The room name in the link is longer than 64 characters."));

  for (const char *c = room; *c; c++) {
    if (!g_ascii_islower (*c) && !g_ascii_isdigit (*c) && !strchr ("-_.", *c))
      return fail (error, _ ("The room name in the link may only contain the letters a to z, "
                             "digits, “-”, “_” and “.”."));
  }

  /* Browsers would find no room there: the service answers them itself. */
  if (g_str_equal (room, "healthz") || g_str_equal (room, "metrics"))
    return fail (error, _ ("No room can have the name that is in the link."));

  self->room = g_steal_pointer (&room);
  return TRUE;
}

static gboolean
set_fingerprint (TuttiLink *self, const char *value, GError **error)
{
  if (self->fingerprint)
    return fail (error, _ ("The room link contains two fingerprints."));

  if (strlen (value) != FINGERPRINT_CHARS ||
      strspn (value, "0123456789abcdefABCDEF") != FINGERPRINT_CHARS)
    return fail (error, _ ("The fingerprint in the room link is not 64 hexadecimal digits."));

  self->fingerprint = g_ascii_strdown (value, -1);
  return TRUE;
}

static gboolean
set_invite (TuttiLink *self, const char *value, GError **error)
{
  if (self->invite)
    return fail (error, _ ("The room link contains two invitations."));

  if (!*value || has_forbidden_chars (value) || !g_utf8_validate (value, -1, NULL))
    return fail (error, _ ("The invitation in the room link is not valid."));

  self->invite = g_strdup (value);
  return TRUE;
}

static gboolean
read_query (TuttiLink *self, GUri *uri, GError **error)
{
  const char *query = g_uri_get_query (uri);
  g_auto (GStrv) pairs = g_strsplit (query ? query : "", "&", -1);

  for (char **pair = pairs; *pair; pair++) {
    gboolean is_fp = g_str_has_prefix (*pair, "fp=");
    g_autofree char *value = NULL;

    /* Unknown keys belong to newer versions. */
    if (!is_fp && !g_str_has_prefix (*pair, "invite="))
      continue;

    value = g_uri_unescape_string (strchr (*pair, '=') + 1, NULL);
    if (!value)
      return fail (error, _ ("The part of the room link after “?” cannot be read."));
    if (!(is_fp ? set_fingerprint (self, value, error) : set_invite (self, value, error)))
      return FALSE;
  }

  return TRUE;
}

/* Handed on, it is spelled our way, which may be longer, and must be understood again. */
static gboolean
check_length (const TuttiLink *self, GError **error)
{
  g_autofree char *text = tutti_link_to_string (self);

  return strlen (text) <= MAX_LENGTH || fail (error, _ ("The room link is too long."));
}

/**
 * tutti_link_parse:
 * @text: what a person pasted or a program handed over; white space around it is ignored
 * @error: return location for a %TUTTI_ERROR_BAD_LINK that names what is wrong
 *
 * Reads `tutti://HOST[:PORT]/ROOM[?invite=TOKEN][&fp=SHA256]` or the same as `https://`. Without a
 * port, `tutti` means 4443 and `https` means 443. Unknown query keys and the fragment are ignored.
 * Any thread.
 *
 * Returns: (transfer full): a link, or %NULL with @error set
 */
TuttiLink *
tutti_link_parse (const char *text, GError **error)
{
  g_autoptr (TuttiLink) self = NULL;
  g_autoptr (GUri) uri = NULL;
  g_autofree char *trimmed = NULL;
  g_autoptr (GError) local_error = NULL;

  g_return_val_if_fail (text != NULL, NULL);

  if (!(trimmed = check_text (text, error)))
    return NULL;

  uri = g_uri_parse (trimmed, G_URI_FLAGS_ENCODED_QUERY | G_URI_FLAGS_ENCODED_PATH, &local_error);
  if (!uri) {
    if (g_error_matches (local_error, G_URI_ERROR, G_URI_ERROR_BAD_PORT))
      fail (error, _ ("The port in the room link is not a number from 1 to 65535."));
    else if (g_error_matches (local_error, G_URI_ERROR, G_URI_ERROR_BAD_HOST))
      fail (error, _ ("The host name in the room link is not valid."));
    else
      fail (error, _ ("This is not a room link: it must begin with tutti:// or https://."));
    return NULL;
  }

  if (!g_str_equal (g_uri_get_scheme (uri), "tutti") &&
      !g_str_equal (g_uri_get_scheme (uri), "https")) {
    fail (error, _ ("This is not a room link: it must begin with tutti:// or https://."));
    return NULL;
  }

  self = g_new0 (TuttiLink, 1);
  if (!read_host (self, uri, error) || !read_port (self, uri, error) ||
      !read_room (self, uri, error) || !read_query (self, uri, error) ||
      !check_length (self, error))
    return NULL;

  return g_steal_pointer (&self);
}

/**
 * tutti_link_new:
 * @host: host name or IP literal, without brackets
 * @port: TCP port, 0 for the default
 * @room: room name
 * @invite: (nullable): invite token
 * @fingerprint: (nullable): 64 hex digits
 *
 * Makes a link from trusted parts; nothing is checked. Any thread.
 *
 * Returns: (transfer full): a link
 */
TuttiLink *
tutti_link_new (const char *host,
                guint port,
                const char *room,
                const char *invite,
                const char *fingerprint)
{
  TuttiLink *self;

  g_return_val_if_fail (host != NULL && room != NULL && port <= 65535, NULL);

  self = g_new0 (TuttiLink, 1);
  self->host = g_strdup (host);
  self->port = port ? port : TUTTI_LINK_DEFAULT_PORT;
  self->room = g_strdup (room);
  self->invite = g_strdup (invite);
  self->fingerprint = fingerprint ? g_ascii_strdown (fingerprint, -1) : NULL;

  return self;
}

TuttiLink *
tutti_link_copy (const TuttiLink *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return tutti_link_new (self->host, self->port, self->room, self->invite, self->fingerprint);
}

void
tutti_link_free (TuttiLink *self)
{
  if (!self)
    return;

  g_free (self->host);
  g_free (self->room);
  g_free (self->invite);
  g_free (self->fingerprint);
  g_free (self);
}

static char *
write_link (const TuttiLink *self, const char *scheme, guint default_port, gboolean with_zone)
{
  GString *text = g_string_new (scheme);
  char separator = '?';

  g_string_append (text, "://");

  /* In an address the zone of a link-local IPv6 host is written with an escaped “%”. */
  if (strchr (self->host, ':')) {
    g_string_append_c (text, '[');
    for (const char *c = self->host; *c && (with_zone || *c != '%'); c++)
      g_string_append_printf (text, "%s", *c == '%' ? "%25" : (char[]) { *c, '\0' });
    g_string_append_c (text, ']');
  } else {
    g_string_append (text, self->host);
  }

  if (self->port != default_port)
    g_string_append_printf (text, ":%u", self->port);

  g_string_append_c (text, '/');
  g_string_append_uri_escaped (text, self->room, NULL, FALSE);

  if (self->invite) {
    g_string_append_printf (text, "%cinvite=", separator);
    g_string_append_uri_escaped (text, self->invite, NULL, FALSE);
    separator = '&';
  }
  if (self->fingerprint)
    g_string_append_printf (text, "%cfp=%s", separator, self->fingerprint);

  return g_string_free (text, FALSE);
}

/**
 * tutti_link_to_string:
 * @self: a link
 *
 * The inverse of tutti_link_parse(), always in the `tutti://` form. It holds the invite token: for
 * people to hand round, never for logs. Any thread.
 *
 * Returns: (transfer full): the text
 */
char *
tutti_link_to_string (const TuttiLink *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return write_link (self, "tutti", TUTTI_LINK_DEFAULT_PORT, TRUE);
}

/**
 * tutti_link_to_web_string:
 * @self: a link
 *
 * The same link as `https://`: a browser finds the room service's page for guests there, which
 * hands it on to the app where that is wanted. It holds the invite token, too. The zone of a
 * link-local address is left out: browsers know none. Any thread.
 *
 * Returns: (transfer full): the text
 */
char *
tutti_link_to_web_string (const TuttiLink *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return write_link (self, "https", HTTPS_PORT, FALSE);
}
