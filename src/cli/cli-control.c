/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "cli-control.h"

#include <gio/gunixinputstream.h>
#include <unistd.h>

#include "cli-chat.h"
#include "cli-decide.h"
#include "cli-invites.h"
#include "cli-video.h"
#include "tutti-i18n.h"

const char cli_control_help[] =
    "Commands on standard input with --control, one a line:\n"
    "  mute | unmute                my own strip\n"
    "  gain NAME DB                 another musician's fader, -100 to 12\n"
    "  pan NAME P                   -1 left to 1 right\n"
    "  solo NAME 0|1                hear only who is solo\n"
    "  remote-mute NAME 0|1         do not hear NAME\n"
    "  bias NAME B                  0 tight to 1 safe\n"
    "  input DEVICE | output DEVICE use another device (node name, default, or \"\" for none)\n"
    "  own-gain DB                  my own gain, -24 to 24\n"
    "  frame 2.5|5|10|20|plan       Opus of another length, or as the room plans; unheard\n"
    "  tempo BPM BEATS BARS 0|1     the room's metronome: beats a bar, bars of count-in, on\n"
    "  click 0|1                    whether I hear it\n"
    "  add-strip LABEL CHANNEL      one more stream of mine, from that channel (0 …) of the input\n"
    "  remove-strip ID              and away with it\n"
    "  label ID TEXT                how a strip of mine is called\n"
    "  strip-mute ID 0|1            mute one strip of mine\n"
    "  channels ID MODE CHANNEL     left, right, both or stereo, from that channel (0 …) of the "
    "input\n"
    "  send-level ID DB             what the others get of it, -100 to 12\n"
    "  invite ROLE DAYS NAME        a link for a host, musician or listener (hosts only)\n"
    "  invites                      the links there are\n"
    "  renew-invite ID DAYS         good for so long from now on\n"
    "  revoke-invite ID 0|1         take it back; 1: send away who came by it\n"
    "  chat TEXT                    write to everybody in the room\n"
    "  lock | unlock                whether nobody new comes in (hosts only, as what follows)\n"
    "  remove NAME                  send away, until invited anew\n"
    "  mute-there NAME              mute NAME for everybody; only NAME ends it\n"
    "  ask-unmute NAME              ask for that\n"
    "  isolate NAME NAMES           into a side room with these (a,b; \"\": with me)\n"
    "  unisolate NAME               and back\n"
    "  spotlight NAME|-             whom everybody sees large\n"
    "  role NAME ROLE               make NAME (\"\": me) a host, musician or listener\n"
    "  camera DEVICE                show a camera, or test, test:RRGGBB, or off\n"
    "  video NAME 0|1               whether I look at what NAME shows\n"
    "  rebuild                      new connections while the old ones play on\n"
    "  stats                        statistics now\n"
    "  leave                        leave the room and end\n"
    "NAME is a display name or a peer id; quote it as in a shell.\n";

typedef struct {
  TuttiSession *session;
  CliReport *report;
  CliLeaveFunc leave;
  gpointer user_data;
} Control;

typedef struct {
  const char *name;
  guint n_args;
  /* Returns NULL when done, else why not (static or interned). */
  const char *(*run) (Control *self, char **args);
} Command;

static gboolean
parse_number (const char *text, double min, double max, double *value)
{
  char *end = NULL;

  *value = g_ascii_strtod (text, &end);

  return end != text && *end == '\0' && *value >= min && *value <= max;
}

/* Sets a property on every strip of the musicians called @name. */
static const char *
set_on_strips (Control *self, const char *name, const char *property, const GValue *value)
{
  GListModel *participants = tutti_session_get_participants (self->session);
  gboolean found = FALSE;

  for (guint i = 0; i < g_list_model_get_n_items (participants); i++) {
    g_autoptr (TuttiParticipant) participant = g_list_model_get_item (participants, i);
    GListModel *strips = tutti_participant_get_strips (participant);

    if (g_strcmp0 (tutti_participant_get_display_name (participant), name) != 0 &&
        g_strcmp0 (tutti_participant_get_peer_id (participant), name) != 0)
      continue;
    for (guint j = 0; j < g_list_model_get_n_items (strips); j++) {
      g_autoptr (TuttiStrip) strip = g_list_model_get_item (strips, j);

      g_object_set_property (G_OBJECT (strip), property, value);
      found = TRUE;
    }
  }

  return found ? NULL : _ ("Nobody of that name plays here.");
}

static const char *
set_double (Control *self, char **args, const char *property, double min, double max)
{
  g_auto (GValue) value = G_VALUE_INIT;
  double number;

  if (!parse_number (args[1], min, max, &number))
    return _ ("The number is missing or out of range.");

  g_value_init (&value, G_TYPE_DOUBLE);
  g_value_set_double (&value, number);

  return set_on_strips (self, args[0], property, &value);
}

static const char *
set_boolean (Control *self, char **args, const char *property)
{
  g_auto (GValue) value = G_VALUE_INIT;

  if (!g_str_equal (args[1], "0") && !g_str_equal (args[1], "1"))
    return _ ("This has to be 0 or 1.");

  g_value_init (&value, G_TYPE_BOOLEAN);
  g_value_set_boolean (&value, args[1][0] == '1');

  return set_on_strips (self, args[0], property, &value);
}

static const char *
run_mute (Control *self, char **args)
{
  g_object_set (tutti_session_get_sound (self->session), "muted", TRUE, NULL);
  return NULL;
}

static const char *
run_unmute (Control *self, char **args)
{
  g_object_set (tutti_session_get_sound (self->session), "muted", FALSE, NULL);
  return NULL;
}

static const char *
run_gain (Control *self, char **args)
{
  return set_double (self, args, "gain-db", TUTTI_SILENCE_DB, 12);
}

static const char *
run_pan (Control *self, char **args)
{
  return set_double (self, args, "pan", -1, 1);
}

static const char *
run_bias (Control *self, char **args)
{
  return set_double (self, args, "bias", 0, 1);
}

static const char *
run_solo (Control *self, char **args)
{
  return set_boolean (self, args, "solo");
}

static const char *
run_remote_mute (Control *self, char **args)
{
  return set_boolean (self, args, "muted");
}

static const char *
choose_device (Control *self, const char *property, const char *name)
{
  g_object_set (tutti_session_get_sound (self->session), property,
                g_str_equal (name, "default") ? NULL : name, NULL);
  return NULL;
}

static const char *
run_input (Control *self, char **args)
{
  return choose_device (self, "input-device", args[0]);
}

static const char *
run_output (Control *self, char **args)
{
  return choose_device (self, "output-device", args[0]);
}

static const char *
run_own_gain (Control *self, char **args)
{
  double number;

  if (!parse_number (args[0], -24, 24, &number))
    return _ ("The number is missing or out of range.");

  g_object_set (tutti_session_get_sound (self->session), "input-gain", number, NULL);
  return NULL;
}

static const char *
run_frame (Control *self, char **args)
{
  double ms;

  if (g_str_equal (args[0], "plan")) {
    g_object_set (self->session, "frame-samples", 0, NULL);
    return NULL;
  }
  if (!parse_number (args[0], 2.5, 20, &ms) || (ms != 2.5 && ms != 5 && ms != 10 && ms != 20))
    return _ ("A frame is 2.5, 5, 10 or 20 ms long.");

  g_object_set (self->session, "frame-samples", (guint) (ms * 48), NULL);
  return NULL;
}

static const char *
run_tempo (Control *self, char **args)
{
  double bpm, beats, bars;

  if (!parse_number (args[0], TUTTI_TEMPO_MIN_BPM, TUTTI_TEMPO_MAX_BPM, &bpm) ||
      !parse_number (args[1], 1, TUTTI_TEMPO_MAX_BEATS, &beats) ||
      !parse_number (args[2], 0, TUTTI_TEMPO_MAX_COUNT_IN, &bars))
    return _ ("The number is missing or out of range.");
  if (!g_str_equal (args[3], "0") && !g_str_equal (args[3], "1"))
    return _ ("This has to be 0 or 1.");

  g_object_set (self->session, "bpm", bpm, "beats-per-bar", (guint) beats, "count-in", (guint) bars,
                "tempo-running", args[3][0] == '1', NULL);
  return NULL;
}

static const char *
run_click (Control *self, char **args)
{
  if (!g_str_equal (args[0], "0") && !g_str_equal (args[0], "1"))
    return _ ("This has to be 0 or 1.");

  g_object_set (tutti_session_get_sound (self->session), "click-audible", args[0][0] == '1', NULL);
  return NULL;
}

/* -- my own strips -- */

static const char *
run_add_strip (Control *self, char **args)
{
  TuttiSound *sound = tutti_session_get_sound (self->session);
  double channel;
  TuttiOwnStrip *strip;

  if (!parse_number (args[1], 0, 7, &channel))
    return _ ("The number is missing or out of range.");

  strip = tutti_sound_add_own_strip (sound, args[0], NULL);
  if (!strip)
    return _ ("There can be no more strips.");

  g_object_set (strip, "first-channel", (guint) channel, "input-mode", TUTTI_INPUT_MODE_LEFT, NULL);
  return NULL;
}

/* (transfer none) (nullable) */
static TuttiOwnStrip *
find_own (Control *self, const char *id)
{
  GListModel *strips = tutti_sound_get_own_strips (tutti_session_get_sound (self->session));

  for (guint i = 0; i < g_list_model_get_n_items (strips); i++) {
    g_autoptr (TuttiOwnStrip) strip = g_list_model_get_item (strips, i);

    if (g_str_equal (tutti_own_strip_get_id (strip), id))
      return strip;
  }

  return NULL;
}

static const char *
run_remove_strip (Control *self, char **args)
{
  TuttiOwnStrip *strip = find_own (self, args[0]);

  if (!strip || g_str_equal (args[0], TUTTI_OWN_STRIP_MAIN))
    return _ ("There is no such strip that could go.");

  tutti_sound_remove_own_strip (tutti_session_get_sound (self->session), strip);
  return NULL;
}

static const char *
run_label (Control *self, char **args)
{
  TuttiOwnStrip *strip = find_own (self, args[0]);

  if (!strip)
    return _ ("There is no such strip.");

  g_object_set (strip, "label", args[1], NULL);
  return NULL;
}

static const char *
run_strip_mute (Control *self, char **args)
{
  TuttiOwnStrip *strip = find_own (self, args[0]);

  if (!strip)
    return _ ("There is no such strip.");
  if (!g_str_equal (args[1], "0") && !g_str_equal (args[1], "1"))
    return _ ("This has to be 0 or 1.");

  g_object_set (strip, "muted", args[1][0] == '1', NULL);
  return NULL;
}

static const char *
run_channels (Control *self, char **args)
{
  TuttiOwnStrip *strip = find_own (self, args[0]);
  g_autoptr (GEnumClass) modes = g_type_class_ref (TUTTI_TYPE_INPUT_MODE);
  const GEnumValue *mode = g_enum_get_value_by_nick (modes, args[1]);
  double channel;

  if (!strip)
    return _ ("There is no such strip.");
  if (!mode)
    return _ ("This has to be left, right, both or stereo.");
  if (!parse_number (args[2], 0, 7, &channel))
    return _ ("The number is missing or out of range.");

  g_object_set (strip, "input-mode", mode->value, "first-channel", (guint) channel, NULL);
  return NULL;
}

static const char *
run_send_level (Control *self, char **args)
{
  TuttiOwnStrip *strip = find_own (self, args[0]);
  double level;

  if (!strip)
    return _ ("There is no such strip.");
  if (!parse_number (args[1], TUTTI_SILENCE_DB, 12, &level))
    return _ ("The number is missing or out of range.");

  g_object_set (strip, "send-level", level, NULL);
  return NULL;
}

static const char *
run_camera (Control *self, char **args)
{
  return cli_videos_show (self->session, args[0]);
}

static const char *
run_video (Control *self, char **args)
{
  if (!g_str_equal (args[1], "0") && !g_str_equal (args[1], "1"))
    return _ ("This has to be 0 or 1.");

  return cli_videos_set_shown (self->session, args[0], args[1][0] == '1');
}

static DexFuture *
rebuilt_cb (DexFuture *future, gpointer user_data)
{
  Control *self = user_data;
  g_autoptr (GError) error = NULL;
  gboolean ok = dex_future_get_value (future, &error) != NULL;

  cli_report_control (self->report, "rebuild", ok, error ? error->message : NULL);

  return dex_future_new_true ();
}

/* Answers when it is done, not when it is begun. */
static const char *
run_rebuild (Control *self, char **args)
{
  dex_future_disown (
      dex_future_finally (tutti_session_rebuild (self->session), rebuilt_cb, self, NULL));
  return "";
}

static const char *
run_invite (Control *self, char **args)
{
  return cli_invites_create (self->session, self->report, args);
}

static const char *
run_invites (Control *self, char **args)
{
  return cli_invites_list (self->session, self->report);
}

static const char *
run_renew_invite (Control *self, char **args)
{
  return cli_invites_renew (self->session, self->report, args);
}

static const char *
run_revoke_invite (Control *self, char **args)
{
  return cli_invites_revoke (self->session, self->report, args);
}

static const char *
run_chat (Control *self, char **args)
{
  return cli_chat_send (self->session, self->report, args);
}

static const char *
run_lock (Control *self, char **args)
{
  return cli_decide_lock (self->session, self->report, TRUE);
}

static const char *
run_unlock (Control *self, char **args)
{
  return cli_decide_lock (self->session, self->report, FALSE);
}

static const char *
run_remove (Control *self, char **args)
{
  return cli_decide_remove (self->session, self->report, args);
}

static const char *
run_mute_there (Control *self, char **args)
{
  return cli_decide_mute (self->session, self->report, args);
}

static const char *
run_ask_unmute (Control *self, char **args)
{
  return cli_decide_ask_unmute (self->session, self->report, args);
}

static const char *
run_isolate (Control *self, char **args)
{
  return cli_decide_isolate (self->session, self->report, args);
}

static const char *
run_unisolate (Control *self, char **args)
{
  return cli_decide_unisolate (self->session, self->report, args);
}

static const char *
run_spotlight (Control *self, char **args)
{
  return cli_decide_spotlight (self->session, self->report, args);
}

static const char *
run_role (Control *self, char **args)
{
  return cli_decide_role (self->session, self->report, args);
}

static const char *
run_stats (Control *self, char **args)
{
  cli_report_stats (self->report);
  return NULL;
}

static const char *
run_leave (Control *self, char **args)
{
  self->leave (self->user_data);
  return NULL;
}

static const Command commands[] = {
  { "mute", 0, run_mute },
  { "unmute", 0, run_unmute },
  { "gain", 2, run_gain },
  { "pan", 2, run_pan },
  { "solo", 2, run_solo },
  { "remote-mute", 2, run_remote_mute },
  { "bias", 2, run_bias },
  { "input", 1, run_input },
  { "output", 1, run_output },
  { "own-gain", 1, run_own_gain },
  { "frame", 1, run_frame },
  { "camera", 1, run_camera },
  { "video", 2, run_video },
  { "rebuild", 0, run_rebuild },
  { "tempo", 4, run_tempo },
  { "click", 1, run_click },
  { "add-strip", 2, run_add_strip },
  { "remove-strip", 1, run_remove_strip },
  { "label", 2, run_label },
  { "strip-mute", 2, run_strip_mute },
  { "channels", 3, run_channels },
  { "send-level", 2, run_send_level },
  { "invite", 3, run_invite },
  { "invites", 0, run_invites },
  { "renew-invite", 2, run_renew_invite },
  { "revoke-invite", 2, run_revoke_invite },
  { "chat", 1, run_chat },
  { "lock", 0, run_lock },
  { "unlock", 0, run_unlock },
  { "remove", 1, run_remove },
  { "mute-there", 1, run_mute_there },
  { "ask-unmute", 1, run_ask_unmute },
  { "isolate", 2, run_isolate },
  { "unisolate", 1, run_unisolate },
  { "spotlight", 1, run_spotlight },
  { "role", 2, run_role },
  { "stats", 0, run_stats },
  { "leave", 0, run_leave },
};

static void
run_line (Control *self, const char *line)
{
  g_auto (GStrv) argv = NULL;
  int argc = 0;

  if (!g_utf8_validate (line, -1, NULL) || !g_shell_parse_argv (line, &argc, &argv, NULL))
    return; /* an empty line, mostly */

  for (guint i = 0; i < G_N_ELEMENTS (commands); i++) {
    const char *problem;

    if (!g_str_equal (argv[0], commands[i].name))
      continue;

    problem = (guint) argc - 1 == commands[i].n_args
                  ? commands[i].run (self, argv + 1)
                  : _ ("This command takes another number of arguments.");
    if (!problem || *problem)
      cli_report_control (self->report, argv[0], problem == NULL, problem);
    return;
  }

  cli_report_control (self->report, argv[0], FALSE, _ ("There is no such command."));
}

static void
line_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Control *self = user_data;
  GDataInputStream *stream = G_DATA_INPUT_STREAM (source);
  g_autofree char *line = g_data_input_stream_read_line_finish (stream, result, NULL, NULL);

  if (!line)
    return;

  run_line (self, line);
  g_data_input_stream_read_line_async (stream, G_PRIORITY_DEFAULT, NULL, line_cb, self);
}

void
cli_control_start (TuttiSession *session, CliReport *report, CliLeaveFunc leave, gpointer user_data)
{
  static Control control; /* one stdin, one control */
  g_autoptr (GInputStream) input = g_unix_input_stream_new (STDIN_FILENO, FALSE);
  g_autoptr (GDataInputStream) lines = g_data_input_stream_new (input);

  control = (Control) { session, report, leave, user_data };
  g_data_input_stream_read_line_async (lines, G_PRIORITY_DEFAULT, NULL, line_cb, &control);
}
