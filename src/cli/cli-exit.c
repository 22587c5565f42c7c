/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-exit.h"

#include <math.h>

#include "tutti-error.h"
#include "tutti-i18n.h"

static CliExit
exit_from_code (TuttiError code)
{
  switch (code) {
  case TUTTI_ERROR_BAD_LINK:
    return CLI_USAGE;
  case TUTTI_ERROR_UNREACHABLE:
  case TUTTI_ERROR_TIMEOUT:
  case TUTTI_ERROR_DISCONNECTED:
  case TUTTI_ERROR_RESTARTING:
  case TUTTI_ERROR_NETWORK_CHANGED:
  case TUTTI_ERROR_ASLEEP:
    return CLI_UNREACHABLE;
  case TUTTI_ERROR_REFUSED:
  case TUTTI_ERROR_REPLACED:
  case TUTTI_ERROR_REMOVED:
  case TUTTI_ERROR_ROOM_FULL:
  case TUTTI_ERROR_LOCKED:
    return CLI_REFUSED;
  case TUTTI_ERROR_NO_PIPEWIRE:
  case TUTTI_ERROR_NO_DEVICE:
  case TUTTI_ERROR_DEVICE_GONE:
  case TUTTI_ERROR_DEVICE_BUSY:
  case TUTTI_ERROR_FILE:
    return CLI_SOUND;
  case TUTTI_ERROR_FINGERPRINT:
  case TUTTI_ERROR_TRANSPORT:
  case TUTTI_ERROR_CODEC:
    return CLI_MEDIA;
  case TUTTI_ERROR_CERTIFICATE:
  case TUTTI_ERROR_PROTOCOL:
  case TUTTI_ERROR_VERSION:
    return CLI_PROTOCOL;
  case TUTTI_ERROR_SERVICE:
  case TUTTI_ERROR_VIDEO:
  case TUTTI_ERROR_FAILED:
  default:
    return CLI_FAILED;
  }
}

/**
 * cli_exit_from_error:
 * @was_in: whether the room was ever joined: a loss that could have healed is then %CLI_LOST
 */
CliExit
cli_exit_from_error (const GError *error, gboolean was_in)
{
  if (!error || error->domain != TUTTI_ERROR)
    return CLI_FAILED;
  if (was_in && !tutti_error_is_fatal (error))
    return CLI_LOST;

  return exit_from_code ((TuttiError) error->code);
}

/* Messages may quote foreign text: exactly one line is promised. */
static char *
one_line (const char *text)
{
  char *line = g_utf8_make_valid (text, -1);

  return g_strdelimit (line, "\r\n\t", ' ');
}

CliExit
cli_fail (const GError *error, gboolean was_in)
{
  g_autofree char *message = one_line (error ? error->message : _ ("Something failed."));

  g_printerr ("tutti-cli: %s %s\n", message, tutti_error_get_advice (error));

  return cli_exit_from_error (error, was_in);
}

CliExit
cli_usage (const char *format, ...)
{
  g_autofree char *message = NULL;
  g_autofree char *line = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);

  line = one_line (message);
  g_printerr ("tutti-cli: %s %s\n", line, _ ("See tutti-cli --help."));

  return CLI_USAGE;
}

gboolean
cli_parse_duration (const char *text, guint *ms)
{
  static const struct {
    const char *unit;
    double ms;
  } units[] = { { "ms", 1 }, { "s", 1000 }, { "", 1000 }, { "m", 60000 }, { "h", 3600000 } };
  char *end = NULL;
  double value = g_ascii_strtod (text, &end);

  if (end == text || !isfinite (value) || value < 0)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (units); i++) {
    if (g_str_equal (end, units[i].unit) && value * units[i].ms < G_MAXINT) {
      *ms = (guint) (value * units[i].ms);
      return TRUE;
    }
  }

  return FALSE;
}
