/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-path-text.h"

#include "tutti-i18n.h"

const char *
tutti_path_describe (const char *path)
{
  if (g_strcmp0 (path, "udp") == 0)
    return _ ("Direct, UDP");
  if (g_strcmp0 (path, "tcp") == 0)
    return _ ("Direct, TCP");
  if (g_strcmp0 (path, "relay") == 0)
    return _ ("Over a relay");
  return "–";
}

const char *
tutti_path_advise (const char *path)
{
  if (g_strcmp0 (path, "tcp") == 0)
    return _ ("The sound goes over TCP because this network blocks UDP: expect more delay and "
              "dropouts. Another network may be better.");
  if (g_strcmp0 (path, "relay") == 0)
    return _ ("The sound takes a detour over a relay because this network blocks the direct way: "
              "expect more delay. Another network may be better.");
  return NULL;
}
