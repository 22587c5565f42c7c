/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#pragma once

#include <libdex.h>
#include "tutti-link.h"
#include "tutti-outside.h"

G_BEGIN_DECLS

#define TUTTI_TYPE_LOCAL_ROOM (tutti_local_room_get_type ())
G_DECLARE_FINAL_TYPE (TuttiLocalRoom, tutti_local_room, TUTTI, LOCAL_ROOM, GObject)

/**
 * TuttiLocalRoom: the room service as a subprocess (*Start a jam on this computer*). The command is
 * $TUTTI_ROOM_COMMAND (shell quoting) or the installed `tutti-room`; it prints `ready tutti://…` on
 * stdout. The process ends with us (its stdin is our pipe).
 *
 * A service that dies after it was ready comes back by itself on the same port, with the back-off
 * of a session, until tutti_local_room_stop(): sessions find it again under the same link. Property
 * `running` (bool: it is there and ready), `outside` (TuttiOutside boxed: what became of letting in
 * the internet, known before it is ready; NULL not asked for). Signals: `died` (GError *: it ended
 * unasked; the message holds its last words), `restarted` (). Main thread.
 */
TuttiLocalRoom *tutti_local_room_new (void);
/* Before start; %NULL and 0: the service's defaults (loopback, any free port). */
void tutti_local_room_set_address (TuttiLocalRoom *self,
                                   const char *listen,
                                   const char *announce,
                                   guint port);
/* Before start: the router is asked to let people in from the internet; see TuttiOutside. With it
 * the @announce of set_address() is an address outside, and the ports are always the same ones.
 * @helper: (nullable): https URL of a room service elsewhere that tries whether they get in */
void tutti_local_room_set_internet (TuttiLocalRoom *self, gboolean internet, const char *helper);
/* Resolves to a TuttiLink (boxed) with the given room name and the owner's own invite, which makes
 * a host and is nobody else's; rejects with TUTTI_ERROR_SERVICE. When it runs already, the link to
 * another room of the same service. */
DexFuture *tutti_local_room_start (TuttiLocalRoom *self, const char *room);
void tutti_local_room_stop (TuttiLocalRoom *self);

G_END_DECLS
