/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The way of the sound to and from the room ("udp", "tcp", "relay" or %NULL: TuttiSession's
 * `send-path`, `receive-path` and `protocol`), for people. Static strings. Pure, any thread. */
const char *tutti_path_describe (const char *path);
/* (nullable): what a detour costs and what to do; %NULL where there is none. */
const char *tutti_path_advise (const char *path);

G_END_DECLS
