/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <gtk/gtk.h>
#include "tutti-session.h"

G_BEGIN_DECLS

typedef void (*TuttiTellFunc) (GtkWidget *widget, const char *text);

/* Gives @widget the actions of a host in the group "host" (enabled while the session hosts):
 *  - `lock` (state bool): nobody new comes in
 *  - `gather`: nobody is in a side room any more
 *  - `mute`, `ask-unmute`, `isolate`, `release`, `spotlight`, `make-host`, `make-musician` and
 *    `remove` (parameter s: a peer id; `spotlight` also "": nobody)
 * @toast: what concerns the person at this window, or what went wrong; @notice: what others do.
 * Neither is called after @widget is disposed. */
void tutti_host_actions_install (GtkWidget *widget,
                                 TuttiSession *session,
                                 TuttiTellFunc toast,
                                 TuttiTellFunc notice);

G_END_DECLS
