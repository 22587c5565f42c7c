/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-backoff.h"

guint
tutti_backoff_ms (guint attempt, double random)
{
  guint base = TUTTI_BACKOFF_FIRST_MS;

  for (guint i = 0; i < attempt && base < TUTTI_BACKOFF_LAST_MS; i++)
    base = MIN (base * 2, TUTTI_BACKOFF_LAST_MS);

  return (guint) (base * (0.8 + 0.4 * CLAMP (random, 0.0, 1.0)));
}
