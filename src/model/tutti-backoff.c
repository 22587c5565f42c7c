/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-backoff.h"

#define FIRST_MS 100 /* at most */
#define EAGER    12  /* attempts */

guint
tutti_backoff_ms (guint attempt, double random)
{
  double at = CLAMP (random, 0.0, 1.0);
  double base = TUTTI_BACKOFF_SECOND_MS;

  if (attempt == 0)
    return (guint) (FIRST_MS * at);

  for (guint i = 1; i < attempt && base < TUTTI_BACKOFF_LAST_MS; i++)
    base = MIN (base * 1.5, i < EAGER ? TUTTI_BACKOFF_EAGER_MS : TUTTI_BACKOFF_LAST_MS);

  return (guint) (base * (0.8 + 0.4 * at));
}
