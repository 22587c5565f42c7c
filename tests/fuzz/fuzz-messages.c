/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include <string.h>

#include "fuzz.h"
#include "tutti-room-chat.h"
#include "tutti-room-controls.h"
#include "tutti-room-invites.h"
#include "tutti-room-plan.h"
#include "tutti-room-types.h"

static void
check_text (const char *text)
{
  g_assert (text && g_utf8_validate (text, -1, NULL));
  g_assert (g_utf8_strlen (text, -1) <= TUTTI_ROOM_MAX_NAME);
}

static void
read_all (JsonObject *object)
{
  g_autoptr (TuttiPeerInfo) peer = tutti_peer_info_from_json (object, NULL);
  g_autoptr (TuttiConsumerInfo) consumer = tutti_consumer_info_from_json (object, NULL);
  g_autoptr (TuttiRtpClock) clock = tutti_rtp_clock_from_json (object, NULL);
  g_autoptr (TuttiPlan) plan = tutti_plan_from_json (object, NULL);
  g_autoptr (TuttiHeard) heard = tutti_heard_from_json (object, NULL);
  g_autoptr (TuttiTempo) tempo = tutti_tempo_from_json (object, NULL);
  g_autoptr (TuttiChatLine) line = tutti_chat_line_from_json (object, NULL);
  g_autoptr (TuttiInvite) invite = tutti_invite_from_json (object, NULL);
  g_autoptr (TuttiRoomControls) controls = tutti_room_controls_from_json (object, NULL);
  g_autoptr (TuttiRoleChange) change = tutti_role_change_from_json (object, NULL);

  if (peer) {
    check_text (peer->display_name);
    check_text (peer->instrument);
    g_assert (*peer->display_name);
  }
  if (consumer)
    check_text (consumer->stream.strip_label);
  if (tempo)
    g_assert (tempo->bpm >= TUTTI_TEMPO_MIN_BPM && tempo->bpm <= TUTTI_TEMPO_MAX_BPM);
  if (controls)
    g_assert (!controls->spotlight || strlen (controls->spotlight) <= TUTTI_ROOM_MAX_ID);
  if (change)
    g_assert (*change->peer_id);
  if (invite)
    check_text (invite->name);
  if (line) {
    check_text (line->display_name);
    g_assert (*line->text && g_utf8_validate (line->text, -1, NULL));
    g_assert (g_utf8_strlen (line->text, -1) <= TUTTI_CHAT_MAX_TEXT);
  }
}

/* The data of everything that a room says, read as each of its messages. */
int
LLVMFuzzerTestOneInput (const guint8 *data, gsize size)
{
  g_autoptr (JsonObject) object = fuzz_parse (data, size);

  if (object)
    read_all (object);

  return 0;
}
