/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-report-private.h"

#include "cli-chat.h"
#include "cli-json.h"
#include "tutti-clock.h"
#include "tutti-error.h"
#include "tutti-i18n.h"

/* -- events -- */

const char *
cli_report_state_nick (TuttiSession *session)
{
  GEnumClass *klass = g_type_class_peek (TUTTI_TYPE_SESSION_STATE);

  return g_enum_get_value (klass, (int) tutti_session_get_state (session))->value_nick;
}

static void
report_joined (CliReport *self)
{
  g_autoptr (TuttiLink) link = NULL;
  g_autofree char *room = NULL, *peer_id = NULL, *protocol = NULL, *text = NULL;
  TuttiRole role;

  g_object_get (self->session, "link", &link, "room", &room, "peer-id", &peer_id, "protocol",
                &protocol, "role", &role, NULL);
  /* Without the invite: output ends up in logs. */
  g_clear_pointer (&link->invite, g_free);
  text = tutti_link_to_string (link);
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("joined");

    cli_json_add_string (builder, "room", room);
    cli_json_add_string (builder, "peer_id", peer_id);
    cli_json_add_string (builder, "protocol", protocol);
    cli_json_add_string (builder, "role", tutti_role_to_string (role));
    cli_json_add_string (builder, "link", text);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (_ ("In room “%s” over %s\n"), room, protocol ? protocol : "?");
  }
}

static void
state_cb (CliReport *self)
{
  const GError *error = tutti_session_get_error (self->session);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("state");

    cli_json_add_string (builder, "state", cli_report_state_nick (self->session));
    cli_json_add_error (builder, "error", error);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("[%s] %s\n", cli_report_state_nick (self->session), error ? error->message : "");
  }

  if (tutti_session_get_state (self->session) == TUTTI_SESSION_JOINED)
    report_joined (self);
}

static void
report_peer (CliReport *self, TuttiParticipant *participant, gboolean joined)
{
  const char *name = tutti_participant_get_display_name (participant);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin (joined ? "peer-joined" : "peer-left");

    cli_json_add_string (builder, "peer_id", tutti_participant_get_peer_id (participant));
    cli_json_add_string (builder, "name", name);
    if (joined) {
      cli_json_add_string (builder, "instrument", tutti_participant_get_instrument (participant));
      cli_json_add_string (builder, "role",
                           tutti_role_to_string (tutti_participant_get_role (participant)));
    } else {
      cli_json_add_string (builder, "reason", tutti_participant_get_leave_reason (participant));
    }
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (joined ? _ ("%s came\n") : _ ("%s left\n"), name);
  }
}

static void
peer_joined_cb (CliReport *self, TuttiParticipant *participant)
{
  report_peer (self, participant, TRUE);
}

static void
peer_left_cb (CliReport *self, TuttiParticipant *participant)
{
  report_peer (self, participant, FALSE);
}

static void
draining_cb (CliReport *self)
{
  gboolean draining;

  g_object_get (self->session, "draining", &draining, NULL);
  if (!draining)
    return;

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("draining");

    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (_ ("The room is about to be restarted; Tutti comes back by itself.\n"));
  }
}

/* -- what hosts do -- */

static void
controls_cb (CliReport *self)
{
  g_autofree char *spotlight = NULL, *with = NULL;
  gboolean locked;

  g_object_get (self->session, "locked", &locked, "spotlight", &spotlight, "isolated-with", &with,
                NULL);
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("controls");

    cli_json_add_boolean (builder, "locked", locked);
    cli_json_add_string (builder, "spotlight", spotlight);
    cli_json_add_boolean (builder, "isolated", with != NULL);
    cli_json_add_string (builder, "isolated_with", with);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s%s%s\n", locked ? _ ("The room is locked. ") : _ ("The room is open. "),
             with ? _ ("I am in a side room with: ") : "", with ? with : "");
  }
}

static void
role_changed_cb (CliReport *self, const char *peer_id, TuttiRole role, const char *by)
{
  g_autofree char *own = NULL;

  g_object_get (self->session, "peer-id", &own, NULL);
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("role");

    cli_json_add_string (builder, "peer_id", peer_id);
    cli_json_add_boolean (builder, "mine", g_str_equal (own, peer_id));
    cli_json_add_string (builder, "role", tutti_role_to_string (role));
    cli_json_add_string (builder, "by", by);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT && g_str_equal (own, peer_id)) {
    g_print (_ ("My role is now: %s\n"), tutti_role_to_string (role));
  }
}

static void
report_by (CliReport *self, const char *event, const char *text, const char *by)
{
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin (event);

    cli_json_add_string (builder, "by", by);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s: %s\n", text, by);
  }
}

static void
muted_cb (CliReport *self, const char *by)
{
  report_by (self, "muted", _ ("Muted by"), by);
}

static void
unmute_asked_cb (CliReport *self, const char *by)
{
  report_by (self, "unmute-asked", _ ("Asked to unmute by"), by);
}

static void
sound_error_cb (CliReport *self)
{
  const GError *error = tutti_sound_get_error (tutti_session_get_sound (self->session));

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("sound");

    cli_json_add_error (builder, "error", error);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("[sound] %s\n", error ? error->message : _ ("All is well."));
  }
}

static void
report_device (CliReport *self, const char *event, TuttiDeviceKind kind, TuttiDevice *device)
{
  const char *side = kind == TUTTI_DEVICE_INPUT ? "input" : "output";

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin (event);

    cli_json_add_string (builder, "kind", side);
    cli_json_add_string (builder, "name", device ? tutti_device_get_name (device) : NULL);
    cli_json_add_string (builder, "description",
                         device ? tutti_device_get_description (device) : NULL);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("[%s %s] %s\n", event, side,
             device ? tutti_device_get_description (device) : _ ("none"));
  }
}

static void
active_cb (CliReport *self, TuttiDeviceKind kind, const char *property)
{
  g_autoptr (TuttiDevice) device = NULL;

  g_object_get (tutti_session_get_sound (self->session), property, &device, NULL);
  report_device (self, "device", kind, device);
}

static void
active_input_cb (CliReport *self)
{
  active_cb (self, TUTTI_DEVICE_INPUT, "active-input");
}

static void
active_output_cb (CliReport *self)
{
  active_cb (self, TUTTI_DEVICE_OUTPUT, "active-output");
}

static void
device_offered_cb (CliReport *self, TuttiDevice *device)
{
  report_device (self, "device-offered", tutti_device_get_kind (device), device);
}

void
cli_report_left (CliReport *self)
{
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("left");

    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print (_ ("Left the room\n"));
  }
}

void
cli_report_error (CliReport *self, const GError *error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (self->format != CLI_FORMAT_JSON)
    return;

  builder = cli_json_begin ("error");
  cli_json_add_string (builder, "code", tutti_error_get_nick (error));
  cli_json_add_string (builder, "message", error->message);
  cli_json_add_string (builder, "advice", tutti_error_get_advice (error));
  cli_json_emit (builder);
}

void
cli_report_invite (CliReport *self, const TuttiInvite *invite)
{
  g_autoptr (TuttiLink) link = tutti_session_make_link (self->session, invite);
  g_autofree char *text = tutti_link_to_string (link);
  g_autofree char *web = tutti_link_to_web_string (link);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("invite");

    cli_json_add_string (builder, "id", invite->id);
    cli_json_add_string (builder, "role", tutti_role_to_string (invite->role));
    cli_json_add_string (builder, "name", invite->name);
    cli_json_add_string (builder, "link", text);
    cli_json_add_string (builder, "web_link", web);
    cli_json_add_int (builder, "created_at", invite->created_at);
    cli_json_add_int (builder, "expires_at", invite->expires_at);
    cli_json_add_boolean (builder, "revoked", invite->revoked);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s %s %s%s\n%s\n%s\n", invite->id, tutti_role_to_string (invite->role), invite->name,
             invite->revoked ? _ (" (taken back)") : "", text, web);
  }
}

void
cli_report_chat (CliReport *self, TuttiChatMessage *message)
{
  const char *name = tutti_chat_message_get_name (message);
  const char *text = tutti_chat_message_get_text (message);

  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("chat");

    cli_json_add_string (builder, "name", name);
    cli_json_add_string (builder, "text", text);
    cli_json_add_boolean (builder, "mine", tutti_chat_message_is_mine (message));
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s: %s\n", name, text);
  }
}

void
cli_report_control (CliReport *self, const char *command, gboolean ok, const char *message)
{
  if (self->format == CLI_FORMAT_JSON) {
    g_autoptr (JsonBuilder) builder = cli_json_begin ("control");

    cli_json_add_string (builder, "command", command);
    cli_json_add_boolean (builder, "ok", ok);
    if (message)
      cli_json_add_string (builder, "message", message);
    cli_json_emit (builder);
  } else if (self->format == CLI_FORMAT_TEXT) {
    g_print ("%s: %s\n", command, ok ? _ ("done") : message);
  }
}

static void
video_failed_cb (CliReport *self, const GError *error)
{
  g_autoptr (JsonBuilder) builder = NULL;

  if (self->format != CLI_FORMAT_JSON)
    return;
  builder = cli_json_begin ("video-failed");
  cli_json_add_error (builder, "error", error);
  cli_json_emit (builder);
}

CliReport *
cli_report_new (TuttiSession *session, CliFormat format)
{
  CliReport *self = g_new0 (CliReport, 1);

  self->session = g_object_ref (session);
  self->format = format;
  self->start_ns = self->stats_ns = tutti_clock_now_ns ();
  g_signal_connect_swapped (session, "notify::state", G_CALLBACK (state_cb), self);
  g_signal_connect_swapped (session, "notify::draining", G_CALLBACK (draining_cb), self);
  g_signal_connect_swapped (session, "notify::locked", G_CALLBACK (controls_cb), self);
  g_signal_connect_swapped (session, "notify::spotlight", G_CALLBACK (controls_cb), self);
  g_signal_connect_swapped (session, "notify::isolated-with", G_CALLBACK (controls_cb), self);
  g_signal_connect_swapped (session, "role-changed", G_CALLBACK (role_changed_cb), self);
  g_signal_connect_swapped (session, "muted", G_CALLBACK (muted_cb), self);
  g_signal_connect_swapped (session, "unmute-asked", G_CALLBACK (unmute_asked_cb), self);
  g_signal_connect_swapped (session, "peer-joined", G_CALLBACK (peer_joined_cb), self);
  g_signal_connect_swapped (session, "peer-left", G_CALLBACK (peer_left_cb), self);
  cli_chat_follow (session, self);
  g_signal_connect_swapped (tutti_session_get_sound (session), "notify::error",
                            G_CALLBACK (sound_error_cb), self);
  g_signal_connect_swapped (tutti_session_get_sound (session), "notify::active-input",
                            G_CALLBACK (active_input_cb), self);
  g_signal_connect_swapped (tutti_session_get_sound (session), "notify::active-output",
                            G_CALLBACK (active_output_cb), self);
  g_signal_connect_swapped (tutti_session_get_sound (session), "device-offered",
                            G_CALLBACK (device_offered_cb), self);
  g_signal_connect_swapped (session, "video-failed", G_CALLBACK (video_failed_cb), self);
  self->videos = cli_videos_new (session, format == CLI_FORMAT_JSON);

  return self;
}

void
cli_report_free (CliReport *self)
{
  g_clear_pointer (&self->videos, cli_videos_free);
  g_signal_handlers_disconnect_by_data (tutti_session_get_sound (self->session), self);
  g_signal_handlers_disconnect_by_data (tutti_session_get_chat (self->session), self);
  g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  g_free (self);
}
