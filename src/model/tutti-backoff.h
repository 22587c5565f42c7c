/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define TUTTI_BACKOFF_SECOND_MS 200
#define TUTTI_BACKOFF_EAGER_MS  1000
#define TUTTI_BACKOFF_LAST_MS   8000

/* How long to wait before the next attempt: at once, then 0.2, 0.3, 0.45, 0.7 s, and a second each
 * for as long as a service needs to start; then longer and longer, up to 8 s. Each ± 20 %, so that
 * a room full of people does not come back in the same instant. */

/**
 * tutti_backoff_ms:
 * @attempt: 0 for the first repetition
 * @random: 0…1, where in the ± 20 % the answer lies
 *
 * Returns: ms to wait. Pure.
 */
guint tutti_backoff_ms (guint attempt, double random);

G_END_DECLS
