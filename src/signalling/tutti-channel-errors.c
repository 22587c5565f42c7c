/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-channel-errors.h"

#include <libsoup/soup.h>
#include <string.h>

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-room-json.h"

#define CLOSE_FOR_GOOD   4000
#define CLOSE_COME_BACK  4001
#define CLOSE_RESTARTING 1012

/* libsoup has no name for it. */
#define HTTP_TOO_MANY_REQUESTS 429

#define MAX_REASON 200

static GError *
literal (TuttiError code, const char *message)
{
  return g_error_new_literal (TUTTI_ERROR, code, message);
}

/* Close code 4000: the room says "do not come back", so that none of these may be one that we
 * would try again. */
static GError *
from_final_reason (const char *reason)
{
  if (g_str_equal (reason, "left"))
    return g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, _ ("You left the room."));
  if (g_str_equal (reason, "replaced"))
    return literal (TUTTI_ERROR_REPLACED, _ ("You joined this room from somewhere else, so that "
                                             "this connection was ended."));
  if (g_str_equal (reason, "removed"))
    return literal (TUTTI_ERROR_REMOVED, _ ("You were removed from the room."));
  if (g_str_equal (reason, "room-locked"))
    return literal (TUTTI_ERROR_LOCKED, _ ("The room is locked: nobody new comes in at the "
                                           "moment."));
  if (g_str_equal (reason, "join-timeout"))
    /* A busy computer, or a slow line: the next try may well be quick enough. */
    return literal (TUTTI_ERROR_TIMEOUT, _ ("The room closed the door because joining took too "
                                            "long."));
  if (g_str_equal (reason, "protocol-error"))
    return literal (TUTTI_ERROR_PROTOCOL, _ ("The room could not understand what Tutti sent."));
  if (*reason == '\0')
    return literal (TUTTI_ERROR_REFUSED, _ ("The room ended the connection."));

  return g_error_new (TUTTI_ERROR, TUTTI_ERROR_REFUSED, _ ("The room ended the connection: %s."),
                      reason);
}

/**
 * tutti_channel_error_from_close:
 * @code: WebSocket close code that the room sent; 0 when it sent none
 * @reason: (nullable): its text
 */
GError *
tutti_channel_error_from_close (guint code, const char *reason)
{
  g_autofree char *clean = tutti_text_clean (reason, MAX_REASON);

  if (code == CLOSE_FOR_GOOD)
    return from_final_reason (clean);
  if (code == CLOSE_COME_BACK && g_str_equal (clean, "media-lost"))
    return literal (TUTTI_ERROR_DISCONNECTED, _ ("The room no longer received your sound."));
  if (code == CLOSE_RESTARTING && g_str_equal (clean, "worker-died"))
    return literal (TUTTI_ERROR_RESTARTING, _ ("The room's media server stopped, and the room is "
                                               "being opened again on another."));
  if (code == CLOSE_RESTARTING)
    return literal (TUTTI_ERROR_RESTARTING, _ ("The room is being restarted."));
  if (code == SOUP_WEBSOCKET_CLOSE_TOO_BIG || code == SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR ||
      code == SOUP_WEBSOCKET_CLOSE_BAD_DATA)
    return literal (TUTTI_ERROR_PROTOCOL, _ ("The room could not understand what Tutti sent."));

  return literal (TUTTI_ERROR_DISCONNECTED, _ ("The connection to the room was lost."));
}

/**
 * tutti_channel_error_from_stream:
 * @error: what libsoup found wrong with an open WebSocket
 */
GError *
tutti_channel_error_from_stream (const GError *error)
{
  if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_TOO_BIG))
    return literal (TUTTI_ERROR_PROTOCOL, _ ("The room sent a message that is too large."));
  if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_PROTOCOL_ERROR) ||
      g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_BAD_DATA))
    return literal (TUTTI_ERROR_PROTOCOL, _ ("The room sent something that Tutti cannot "
                                             "understand."));
  /* libsoup's code for a keep-alive that nobody answered. */
  if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_CLOSE_POLICY_VIOLATION))
    return literal (TUTTI_ERROR_DISCONNECTED, _ ("The room does not answer any more."));

  return literal (TUTTI_ERROR_DISCONNECTED, _ ("The connection to the room was lost."));
}

GError *
tutti_channel_error_certificate (const char *host, gboolean pinned)
{
  if (pinned)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE,
                        _ ("The computer at %s is not the one that the room link names: its "
                           "certificate is another."),
                        host);

  return g_error_new (TUTTI_ERROR, TUTTI_ERROR_CERTIFICATE,
                      _ ("The computer at %s cannot prove who it is: no authority vouches for its "
                         "certificate."),
                      host);
}

static GError *
from_http_status (const char *host, guint status, const char *http_reason)
{
  g_autofree char *reason = tutti_text_clean (http_reason, MAX_REASON);

  if (status == SOUP_STATUS_SERVICE_UNAVAILABLE || status == HTTP_TOO_MANY_REQUESTS)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE,
                        _ ("%s takes no connections at the moment (%u %s)."), host, status, reason);

  return g_error_new (TUTTI_ERROR, TUTTI_ERROR_REFUSED, _ ("%s refused the connection (%u %s)."),
                      host, status, reason);
}

/**
 * tutti_channel_error_from_refusal:
 * @code: (nullable): the header `Tutti-Refusal` of an answer to the WebSocket handshake
 *
 * Returns: (nullable) (transfer full): why the invitation in the link lets nobody in
 */
GError *
tutti_channel_error_from_refusal (const char *code)
{
  static const struct {
    const char *code;
    const char *sentence;
  } refusals[] = {
    { "invite-missing", N_ ("This room is entered by invitation, and the link holds none.") },
    { "invite-invalid", N_ ("The invitation in the link is not one of this room's. Perhaps a part "
                            "of the link was lost.") },
    { "invite-expired", N_ ("The invitation in the link has expired.") },
    { "invite-revoked", N_ ("The invitation in the link was taken back.") },
    { "invite-other-room", N_ ("The invitation in the link is for another room.") },
    { "peer-taken", N_ ("The room takes somebody else for you.") },
  };

  if (g_strcmp0 (code, "room-locked") == 0)
    return from_final_reason (code);
  for (guint i = 0; code && i < G_N_ELEMENTS (refusals); i++)
    if (g_str_equal (code, refusals[i].code))
      return literal (TUTTI_ERROR_REFUSED, _ (refusals[i].sentence));

  return NULL;
}

/**
 * tutti_channel_error_from_connect:
 * @host: whom we tried to reach
 * @http_status: of the answer to the WebSocket handshake, 0 when there was none
 * @http_reason: (nullable): its reason phrase
 * @error: libsoup's
 */
GError *
tutti_channel_error_from_connect (const char *host,
                                  guint http_status,
                                  const char *http_reason,
                                  const GError *error)
{
  if (http_status >= 200)
    return from_http_status (host, http_status, http_reason);

  if (g_error_matches (error, G_TLS_ERROR, G_TLS_ERROR_BAD_CERTIFICATE))
    return tutti_channel_error_certificate (host, FALSE);
  if (g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND) ||
      g_error_matches (error, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE))
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE,
                        _ ("No computer named %s can be found."), host);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED))
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE,
                        _ ("There is no room at %s: nothing answers there."), host);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT))
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE, _ ("%s did not answer in time."),
                        host);
  if (error->domain == SOUP_WEBSOCKET_ERROR || error->domain == G_TLS_ERROR)
    return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE,
                        _ ("What answers at %s is not a Tutti room (%s)."), host, error->message);

  return g_error_new (TUTTI_ERROR, TUTTI_ERROR_UNREACHABLE, _ ("%s cannot be reached (%s)."), host,
                      error->message);
}

/**
 * tutti_channel_error_from_response:
 * @code: `errorCode` of a refusing response
 * @reason: (nullable): `errorReason`
 */
GError *
tutti_channel_error_from_response (int code, const char *reason)
{
  g_autofree char *clean = tutti_text_clean (reason, MAX_REASON);
  TuttiError error;

  if (code == 503 && strstr (clean, "full"))
    return literal (TUTTI_ERROR_ROOM_FULL, _ ("The room is full."));

  switch (code) {
  case 503:
    error = TUTTI_ERROR_DISCONNECTED;
    break;
  case 400:
    error = TUTTI_ERROR_PROTOCOL;
    break;
  case 429:
  case 500:
    error = TUTTI_ERROR_FAILED;
    break;
  default:
    error = TUTTI_ERROR_REFUSED;
    break;
  }

  if (*clean == '\0')
    return g_error_new (TUTTI_ERROR, error, _ ("The room refused (%d)."), code);

  /* A reason that is a sentence already keeps its full stop. */
  return g_error_new (TUTTI_ERROR, error,
                      g_str_has_suffix (clean, ".") ? _ ("The room refused: %s")
                                                    : _ ("The room refused: %s."),
                      clean);
}
