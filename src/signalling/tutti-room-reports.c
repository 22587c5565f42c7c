/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

/* What we tell the room of ourselves while we play. */

#include "tutti-room-client-private.h"

void
tutti_room_client_rtp_clock (TuttiRoomClient *self, const TuttiRtpClock *clock)
{
  JsonObject *data;

  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  if (!tutti_room_client_has_feature (self, "rtp-clock"))
    return;

  data = json_object_new ();
  json_object_set_string_member (data, "producerId", clock->producer_id);
  json_object_set_int_member (data, "rtpTimestamp", clock->rtp_timestamp);
  json_object_set_int_member (data, "roomTimeUs", clock->room_time_us);
  /* Services without it refuse what they do not know in this one message. */
  if (tutti_room_client_has_feature (self, "link-report")) {
    if (clock->error_us >= 0)
      json_object_set_int_member (data, "errorUs", clock->error_us);
    if (clock->sent_us >= 0)
      json_object_set_int_member (data, "sentUs", clock->sent_us);
  }
  tutti_channel_notify (tutti_room_client_get_channel (self), "rtpClock", data);
}

void
tutti_room_client_plan_applied (TuttiRoomClient *self, gint64 revision)
{
  JsonObject *data;

  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  data = json_object_new ();
  json_object_set_int_member (data, "revision", revision);
  tutti_channel_notify (tutti_room_client_get_channel (self), "planApplied", data);
}

void
tutti_room_client_link_report (TuttiRoomClient *self, const TuttiLinkReport *report)
{
  g_return_if_fail (TUTTI_IS_ROOM_CLIENT (self));

  if (tutti_room_client_has_feature (self, "link-report"))
    tutti_channel_notify (tutti_room_client_get_channel (self), "linkReport",
                          tutti_link_report_to_json (report));
}

DexFuture *
tutti_room_client_set_tempo (TuttiRoomClient *self, const TuttiTempo *tempo)
{
  g_return_val_if_fail (TUTTI_IS_ROOM_CLIENT (self), NULL);

  return dex_future_then (tutti_channel_request (tutti_room_client_get_channel (self), "setTempo",
                                                 tutti_tempo_to_json (tempo)),
                          tutti_room_client_ignore_answer, NULL, NULL);
}
