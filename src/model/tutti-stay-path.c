/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-stay-private.h"

#include "tutti-error.h"
#include "tutti-i18n.h"
#include "tutti-thread.h"

/* The way to the room: Wi-Fi to cable, a VPN, a computer that slept. What still works is not
 * dropped, and what is dead is not waited for. */

#define ANSWER_MS                                                                                  \
  1500 /* several retransmissions of TCP on any line that music can be played on                   \
        */

/**
 * tutti_stay_dup_reason:
 *
 * Returns: (transfer full): what a person is told when @code ends a stay
 */
GError *
tutti_stay_dup_reason (TuttiError code)
{
  return g_error_new_literal (TUTTI_ERROR, code,
                              code == TUTTI_ERROR_ASLEEP ? _ ("This computer was asleep.")
                                                         : _ ("This computer's network changed."));
}

static void
end_with (TuttiStay *self, TuttiError code)
{
  g_autoptr (GError) error = tutti_stay_dup_reason (code);

  g_info ("stay ends: %s", error->message);
  tutti_stay_end (self, error);
}

static gboolean
answers (TuttiStay *self)
{
  return dex_await (dex_future_first (tutti_room_client_ping (self->client),
                                      dex_timeout_new_msec (ANSWER_MS), NULL),
                    NULL);
}

/* The sound moves to the way of the moment, unheard. */
static void
move (TuttiStay *self)
{
  if (!self->entered || !tutti_stay_can_rebuild (self))
    return;

  self->rebuild_optional = TRUE;
  dex_future_disown (tutti_stay_rebuild (self, TUTTI_STAY_SEND | TUTTI_STAY_RECEIVE));
}

static DexFuture *
verify_fiber (gpointer user_data)
{
  TuttiStay *self = user_data;
  gboolean ok = answers (self);

  self->verifying = FALSE;
  g_info ("the room %s", ok ? "answers" : "does not answer");
  if (self->closed || self->is_ended)
    return dex_future_new_true ();

  if (!ok)
    end_with (self, self->doubt);
  else if (self->way_changed)
    move (self);
  self->way_changed = FALSE;

  return dex_future_new_true ();
}

/**
 * tutti_stay_verify:
 * @doubt: why the connection may be dead
 *
 * Asks the room; where no answer comes within 1.5 s, the stay ends with @doubt.
 */
void
tutti_stay_verify (TuttiStay *self, TuttiError doubt)
{
  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->closed || self->is_ended || self->verifying)
    return;

  self->doubt = doubt;
  self->verifying = TRUE;
  dex_future_disown (dex_scheduler_spawn (NULL, TUTTI_STAY_FIBER_STACK, verify_fiber,
                                          tutti_stay_ref (self),
                                          (GDestroyNotify) tutti_stay_unref));
}

/**
 * tutti_stay_check_way:
 *
 * Compares the way to the room with the one there was. Four times a second, and when the network
 * tells of a change: where a second way comes beside the first, it does not. A few system calls.
 */
void
tutti_stay_check_way (TuttiStay *self)
{
  g_autofree char *way = NULL;
  gboolean gone, first = !self->way_known;

  TUTTI_ASSERT_MAIN_THREAD ();

  if (self->closed || self->is_ended || !tutti_room_client_is_open (self->client))
    return;

  way = tutti_room_client_get_route (self->client, &gone);
  if (gone) {
    end_with (self, TUTTI_ERROR_NETWORK_CHANGED);
    return;
  }
  /* Where there is no way at the moment, there is nothing to go over to. */
  if (!way || !g_set_str (&self->way, way))
    return;

  self->way_known = TRUE;
  if (first)
    return;
  g_info ("the way to the room is by %s now", way);
  self->way_changed = TRUE;
  tutti_stay_verify (self, TUTTI_ERROR_NETWORK_CHANGED);
}
