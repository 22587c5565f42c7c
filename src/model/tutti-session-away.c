/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-session-private.h"

#include <time.h>

#include "tutti-clock.h"
#include "tutti-stay-private.h"

/* When this computer, and not the room, is why a stay ends: it sleeps, or its network changes. Then
 * nothing is waited for that a timeout would tell later. */

#define PAUSE_NS   (4 * TUTTI_NSEC_PER_SEC) /* no busy computer lets a tick wait for so long */
#define CUT_OFF_NS (75 * TUTTI_NSEC_PER_SEC / 10) /* the room's patience, by docs/PROTOCOL.md */

/* Unlike CLOCK_MONOTONIC, it goes on while the computer sleeps. */
static gint64
boot_time_ns (void)
{
  struct timespec now;

  clock_gettime (CLOCK_BOOTTIME, &now);

  return now.tv_sec * TUTTI_NSEC_PER_SEC + now.tv_nsec;
}

/**
 * tutti_session_was_paused:
 *
 * Returns: whether this program has not run for a while until just now, asleep or stopped
 */
gboolean
tutti_session_was_paused (TuttiSession *self)
{
  return self->ticked_ns > 0 && boot_time_ns () - self->ticked_ns > PAUSE_NS;
}

/* Come back at once, as if for the first time. */
static void
hurry (TuttiSession *self)
{
  self->hurry = TRUE;
  tutti_session_retry (self);
}

/**
 * tutti_session_notice_pause:
 *
 * Once a second. A connection that was not fed for longer than the room waits is dead, whatever the
 * kernel says about it; after a shorter pause the room is asked.
 */
void
tutti_session_notice_pause (TuttiSession *self)
{
  gint64 pause = self->ticked_ns > 0 ? boot_time_ns () - self->ticked_ns : 0;

  self->ticked_ns += pause;
  if (self->ticked_ns == 0)
    self->ticked_ns = boot_time_ns ();
  if (pause <= PAUSE_NS)
    return;

  g_info ("paused for %.1f s", (double) pause / TUTTI_NSEC_PER_SEC);
  self->resting = FALSE;
  if (!self->stay) {
    hurry (self);
  } else if (pause > CUT_OFF_NS) {
    g_autoptr (GError) error = tutti_stay_dup_reason (TUTTI_ERROR_ASLEEP);

    self->hurry = TRUE;
    tutti_stay_end (self->stay, error);
  } else {
    tutti_stay_verify (self->stay, TUTTI_ERROR_ASLEEP);
  }
}

static void
sleep_cb (gboolean asleep, gpointer user_data)
{
  TuttiSession *self = user_data;

  self->resting = asleep;
  if (!asleep) {
    hurry (self);
    return;
  }

  if (self->state == TUTTI_SESSION_JOINED && self->rest &&
      dex_future_is_pending (DEX_FUTURE (self->rest)))
    dex_promise_resolve_boolean (self->rest, TRUE); /* the fiber says good-bye, then is ready */
  else
    tutti_sleep_ready (self->sleep);
}

/**
 * tutti_session_network_changed:
 *
 * Addresses or routes of this computer may be others now.
 */
void
tutti_session_network_changed (TuttiSession *self)
{
  if (!self->stay) {
    hurry (self);
  } else if (self->state == TUTTI_SESSION_RECONNECTING && !tutti_stay_is_open (self->stay)) {
    /* An attempt that set out on the old way may wait for an answer for long. */
    g_autoptr (GError) error = tutti_stay_dup_reason (TUTTI_ERROR_NETWORK_CHANGED);

    self->hurry = TRUE;
    tutti_stay_end (self->stay, error);
  } else {
    tutti_stay_check_way (self->stay);
  }
}

/**
 * tutti_session_watch_sleep:
 *
 * From the first room on. Idempotent.
 */
void
tutti_session_watch_sleep (TuttiSession *self)
{
  if (!self->sleep)
    self->sleep = tutti_sleep_new (sleep_cb, self);
}
